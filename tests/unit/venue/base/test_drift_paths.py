"""Paths into answers: as findings write them, and with numbers between dots."""

from __future__ import annotations

import pytest

from wireproof.venue.base.drift_paths import alter, copied, steps


@pytest.mark.parametrize(
    ("path", "value", "changed", "places"),
    [
        ("a", 2, {"a": 2, "rows": [{"x": 1}, {"x": 1}]}, 1),
        ("new", 2, {"a": 1, "rows": [{"x": 1}, {"x": 1}], "new": 2}, 1),
        ("rows[].x", 2, {"a": 1, "rows": [{"x": 2}, {"x": 2}]}, 2),
        ("rows[1].x", 2, {"a": 1, "rows": [{"x": 1}, {"x": 2}]}, 1),
        ("rows.1.x", 2, {"a": 1, "rows": [{"x": 1}, {"x": 2}]}, 1),
        ("rows[]", 2, {"a": 1, "rows": [2, 2]}, 2),
        ("rows[2].x", 2, {"a": 1, "rows": [{"x": 1}, {"x": 1}]}, 0),
        ("result.a", 2, {"a": 1, "rows": [{"x": 1}, {"x": 1}]}, 0),
        ("a.b", 2, {"a": 1, "rows": [{"x": 1}, {"x": 1}]}, 0),
        ("[].a", 2, {"a": 1, "rows": [{"x": 1}, {"x": 1}]}, 0),
    ],
)
def test_values_are_set(path, value, changed, places):
    document = {"a": 1, "rows": [{"x": 1}, {"x": 1}]}
    assert alter(document, path, value) == places
    assert document == changed


def test_places_are_removed():
    document = [{"x": 1}, {"y": 1}]
    assert alter(document, "[].x", None, remove=True) == 1
    assert alter(document, "[]", None, remove=True) == 2
    assert document == []


def test_a_path_needs_a_step():
    with pytest.raises(ValueError, match="A path such as"):
        steps("")


def test_a_copy_shares_nothing():
    document = {"a": [{"b": 1}], "c": (1, 2)}
    alter(copy := copied(document), "a[0].b", 2)
    assert (document["a"], copy) == ([{"b": 1}], {"a": [{"b": 2}], "c": [1, 2]})
