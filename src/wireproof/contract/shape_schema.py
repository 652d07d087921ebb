"""Shape -> JSON Schema: the same contract in the language of other tools, and for a second judge.

Formats, constants and conditions are included. What JSON Schema cannot say is listed in `LIMITS`.
https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.leaves import EARLIEST_MS, GREATEST_INTEGER, LATEST_MS, LEAST_INTEGER
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Node, Positions, Scalar, Variants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.model import JsonScalar
    from wireproof.contract.shape import Field

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: What a JSON Schema validator accepts and wireproof does not, by name, with the reason.
LIMITS = {
    "whole number with a fraction": "JSON Schema calls 1.0 an integer; many clients do not",
    "repeated key": "JSON Schema judges a document whose keys are already merged",
}

_PLAIN_DECIMAL = r"^-?[0-9]+\.?[0-9]*$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def json_schema(node: Node, *, title: str = "") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the documents that conform to a shape."""
    heading = {"title": title} if title else {}
    return {"$schema": DIALECT, **heading, **node_schema(node)}


def node_schema(node: Node) -> dict[str, Any]:
    """Return the schema of a shape as a part of another document: without naming its dialect."""
    if node.anything:
        return {}
    parts = [*_scalars(node)]
    if node.object is not None:
        parts.append(_of_object(node.object))
    if node.array is not None:
        parts.append(_of_array(node.array))
    if node.nullable:
        parts.append({"type": "null"})
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _scalars(node: Node) -> Iterable[dict[str, Any]]:
    if node.constants:
        yield from map(_exactly, node.constants)
        return
    kinds = node.scalars
    if Scalar.BOOLEAN in kinds:
        yield {"type": "boolean"}
    if Scalar.NUMBER in kinds:
        yield {"type": "number"}
    elif Scalar.INTEGER in kinds:
        yield {"type": "integer", "minimum": LEAST_INTEGER, "maximum": GREATEST_INTEGER}
    elif Scalar.TIMESTAMP in kinds:
        yield {"type": "integer", "minimum": EARLIEST_MS, "maximum": LATEST_MS}
        yield {"enum": sorted({0, *node.placeholders})}
    if Scalar.STRING in kinds:
        words = [*node.enum, ""] if Scalar.EMPTY in kinds else list(node.enum)
        yield {"enum": list(dict.fromkeys(words))} if node.enum else {"type": "string"}
    elif Scalar.DECIMAL in kinds:
        yield {"type": "string", "pattern": _DECIMAL if node.odd_decimals else _PLAIN_DECIMAL}
    if Scalar.EMPTY in kinds and Scalar.STRING not in kinds:
        yield {"const": ""}


def _exactly(value: JsonScalar) -> dict[str, Any]:
    return {"const": value}


def _of_object(shape: Fields | Map | Variants | Alternatives) -> dict[str, Any]:
    if isinstance(shape, Map):
        return {"type": "object", "additionalProperties": node_schema(shape.value)}
    if isinstance(shape, Variants):
        return {
            "type": "object",
            "required": [shape.tag],
            "properties": {shape.tag: {"enum": list(shape.objects)}},
            "oneOf": [
                _of_fields(fields, {shape.tag: _exactly(value)}, required=[shape.tag])
                for value, fields in shape.objects.items()
            ],
        }
    if isinstance(shape, Alternatives):
        return {"anyOf": [_of_fields(part) for part in shape.objects]}
    return _of_fields(shape)


def _of_fields(shape: Fields, fixed: dict[str, Any] | None = None, required: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of a closed object; `fixed` holds the schemas of fields that are known already."""
    needed = dict.fromkeys(required)
    needed |= dict.fromkeys(name for name, entry in shape.fields.items() if entry.required and entry.when is None)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: node_schema(entry.node) for name, entry in shape.fields.items()} | (fixed or {}),
        "additionalProperties": False,
    }
    if needed:
        schema["required"] = list(needed)
    if conditions := [_condition(name, entry) for name, entry in shape.fields.items() if entry.when and entry.required]:
        schema["allOf"] = conditions
    return schema


def _condition(name: str, entry: Field) -> dict[str, Any]:
    """Return that a field is required where its sibling has one of the documented values."""
    assert entry.when is not None
    holds = {"required": [entry.when.field], "properties": {entry.when.field: {"enum": list(entry.when.one_of)}}}
    return {"if": holds, "then": {"required": [name]}}


def _of_array(shape: Elements | Positions) -> dict[str, Any]:
    if isinstance(shape, Positions):
        return {
            "type": "array",
            "prefixItems": [node_schema(node) for node in shape.nodes],
            "items": False,
            "minItems": shape.required,
        }
    if shape.node is None:
        return {"type": "array", "maxItems": 0}
    return {"type": "array", "items": node_schema(shape.node)}
