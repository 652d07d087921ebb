"""A shape in the language of JSON Schema."""

import pytest

from wireproof.contract.model import Refinement, When
from wireproof.contract.shape import ShapeBuilder
from wireproof.contract.shape_schema import DIALECT, json_schema


def schema(*shown, refinements=()):
    whole = json_schema(ShapeBuilder(refinements).build(list(shown)))
    assert whole.pop("$schema") == DIALECT
    return whole


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (True, {"type": "boolean"}),
        (1.5, {"type": "number"}),
        ("text", {"type": "string"}),
        ("1.0", {"type": "string", "pattern": "^-?[0-9]+\\.?[0-9]*$"}),
        ([], {"type": "array", "maxItems": 0}),
        ([True], {"type": "array", "items": {"type": "boolean"}}),
    ],
)
def test_leaves_and_arrays(shown, expected):
    assert schema({"a": shown})["properties"]["a"] == expected


def test_objects_are_closed_and_their_fields_required():
    assert schema({"a": True}) == {
        "type": "object",
        "properties": {"a": {"type": "boolean"}},
        "additionalProperties": False,
        "required": ["a"],
    }


def test_times_are_thirteen_digits_or_never():
    ranged, never = schema({"time": 1_790_000_000_000})["properties"]["time"]["anyOf"]
    assert (ranged["minimum"], ranged["maximum"]) == (10**12, 10**13 - 1)
    assert never == {"enum": [0]}


def test_refinements_are_said():
    refinements = (
        Refinement(path="side", enum=("BUY", "SELL"), source="x"),
        Refinement(path="note", nullable=True, optional=True, source="x"),
        Refinement(path="price", when=When(field="side", one_of=("BUY",)), source="x"),
    )
    whole = schema({"side": "BUY", "note": "text", "price": "1.0"}, refinements=refinements)
    assert whole["properties"]["side"] == {"enum": ["BUY", "SELL"]}
    assert whole["properties"]["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert whole["required"] == ["side"]
    [condition] = whole["allOf"]
    assert condition["then"] == {"required": ["price"]}


def test_a_title_is_kept():
    assert json_schema(ShapeBuilder().build([1]), title="T")["title"] == "T"
