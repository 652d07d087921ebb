"""A generalised or exact path means the same values wherever it is read."""

from __future__ import annotations

from typing import Any

import pytest

from wireproof.drift.value_paths import contains, parent_of, values_at

DOCUMENT = {
    "a": [{"b": 1}, {"b": 2}, [3, 4], "text"],
    "x.y": {"c": 5},
    "m": {"k": {"v": 6}, "l": {"v": 7}},
    "*": 8,
    "0": 9,
    "t": "text",
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("", [DOCUMENT]),
        ("a[].b", [1, 2]),
        ("a[1].b", [2]),
        ("a[2][1]", [4]),
        ("a[2][]", [3, 4]),
        ("a[4]", []),
        ("a[9].b", []),
        ("a.b", []),
        ("a.*", []),
        ('["x.y"].c', [5]),
        ('["x.y"].*', [5]),
        ("m.*.v", [6, 7]),
        ("m.k.v", [6]),
        ("m[]", []),
        ("m[0]", []),
        ("[0]", []),
        ("0", [9]),
        ("*.c", [5]),
        ('["*"]', [8]),
        ("t.x", []),
        ("t[]", []),
        ("none", []),
    ],
)
def test_a_path_means_these_values(path: str, values: list[Any]) -> None:
    assert list(values_at(DOCUMENT, path)) == values


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("", ""),
        ("a", ""),
        ("*", ""),
        ("[]", ""),
        ('["x.y"]', ""),
        ("a.b", "a"),
        ("a[].b", "a[]"),
        ("a[][]", "a[]"),
        ("m.*", "m"),
        ('a["x.]y"]', "a"),
    ],
)
def test_the_parent_of_a_path_lacks_its_last_step(path: str, parent: str) -> None:
    assert parent_of(path) == parent


@pytest.mark.parametrize(
    ("body", "there"),
    [
        (b'{"a":{"b":null}}', True),
        ('{"a":{"b":0}}', True),
        (b'{"a":{}}', False),
        (b'{"a":', False),
        (b"", False),
        (None, False),
    ],
)
def test_an_answer_holds_a_path_when_any_value_stands_there(body: Any, there: bool) -> None:
    """`null` is a value; what cannot be read holds nothing."""
    assert contains(body, "a.b") is there
