"""Generalised paths: how fields and elements are written, and where a path ends that a server made long."""

import pytest

from wireproof.contract.paths import LONGEST_KEY, LONGEST_PATH, child, element, is_below, is_within


@pytest.mark.parametrize(
    ("path", "key", "shown"),
    [
        ("", "price", "price"),
        ("result", "price", "result.price"),
        ("symbols[]", "name", "symbols[].name"),
        ("result", "a.b", 'result["a.b"]'),
        ("", "", '[""]'),
        ("", "a b", '["a b"]'),
        ("", "*", '["*"]'),
        ("", "a\nb", '["a\\nb"]'),
    ],
)
def test_keys_with_characters_of_paths_are_quoted(path, key, shown):
    assert child(path, key) == shown


def test_elements_have_brackets():
    assert element("") == "[]"
    assert element(element("a")) == "a[][]"


def test_long_keys_are_told_apart_by_a_digest():
    first, second = (child("", "k" * LONGEST_KEY + end) for end in "ab")
    assert first != second
    assert max(len(first), len(second)) < LONGEST_KEY


def test_a_long_path_ends_once():
    path = "p" * (LONGEST_PATH + 1)
    assert child(path, "key") == f"{path}…"
    assert element(child(path, "key")) == f"{path}…"


def test_what_is_below_a_path_goes_on_after_a_whole_key():
    below = ("a.b", "a[]", 'a["b.c"]', "a[].b")
    assert all(is_below(path, "a") and is_within(path, "a") for path in below)
    assert is_within("a", "a")
    assert not is_below("a", "a")
    assert not any(is_within(path, "a") for path in ("ab", "", "b.a"))
