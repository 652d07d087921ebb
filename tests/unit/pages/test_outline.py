"""Paths and kinds of examples."""

from __future__ import annotations

from wireproof.pages.outline import holds, kind_of, outline, parent_of, values_at

DOCUMENT = {"a": [{"b": "1.0"}, {"b": None, "c": True}], "d": 1.5}


def test_kinds():
    values = (None, True, 1, 1.5, "1.5", "x", {}, [])
    kinds = ["null", "boolean", "integer", "number", "decimal", "string", "object", "array"]
    assert [kind_of(value) for value in values] == kinds


def test_an_outline_has_the_kinds_of_each_generalised_path():
    assert outline(DOCUMENT) == {
        "": {"object"},
        "a": {"array"},
        "a[]": {"object"},
        "a[].b": {"decimal", "null"},
        "a[].c": {"boolean"},
        "d": {"number"},
    }


def test_values_of_a_path():
    assert values_at(DOCUMENT, "a[].b") == ["1.0", None]


def test_parents():
    assert [parent_of(p) for p in ("a[].b", "a[]", "a", "")] == ["a[]", "a", "", ""]


def test_a_star_stands_for_any_key():
    assert holds({"x.BTC.y"}, "x.*.y")
    assert not holds({"x.BTC.z"}, "x.*.y")
    assert holds(set(), "")
