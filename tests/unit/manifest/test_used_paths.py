"""Where a finding lies to what is read."""

from __future__ import annotations

import pytest

from wireproof.manifest.used_paths import bare, lies


@pytest.mark.parametrize(
    ("found", "read", "where"),
    [
        ("a.b", "a.b", "at"),
        ("a", "a.b", "above"),
        ("", "a.b", "above"),
        ("", "", "at"),
        ("a.b", "a", None),
        ("a.b", "a.**", "below"),
        ("a.b", "**", "below"),
        ("a", "a.**", "at"),
        ("a.c", "a.b", None),
        ("ab", "a", None),
        ("[].a", "[].a", "at"),
        ("[][]", "[][4]", "at"),
        ("[][3]", "[][4]", None),
        ("[][3]", "[][]", "at"),
        ("*.a", "BTCUSDT.a", "at"),
        ("BTCUSDT.a", "*.a", "at"),
        ("[].a", "*.a", None),
        ('a["x.y"]', 'a["x.y"]', "at"),
        ('a["x.y"].z', "a.x.y.z", None),
        ("a[].b", "a[].**", "below"),
    ],
)
def test_a_path_is_at_above_or_below(found, read, where):
    assert lies(found, read) == where


def test_the_mark_is_no_part_of_a_path():
    assert [bare(one) for one in ("a.**", "**", "a", "[].**")] == ["a", "", "a", "[]"]
