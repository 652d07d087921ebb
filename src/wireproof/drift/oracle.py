"""A second opinion: which findings a document must give, found the plainest way.

Value by value, from the top, without counts, columns, compiled types or DeepDiff. It shares no code with the
comparison, only the documented shape; `prove` holds the comparison against it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.contract.shape import Alternatives, Elements, Field, Fields, Map, Node, Scalar, Variants
from wireproof.contract.shape_paths import child, element
from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

Named = tuple[str, Kind]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def expected(node: Node, value: Any, path: str = "") -> set[Named]:
    """Return the paths and kinds of all differences between a value and what is documented for it."""
    return set(_of_value(node, value, path))


def _of_value(node: Node, value: Any, path: str) -> Iterator[Named]:
    if node.anything or (value is None and node.nullable):
        return
    if value is None:
        yield path, Kind.NULL_VALUE
    elif isinstance(value, dict) and node.object is not None:
        yield from _of_object(node.object, value, path)
    elif isinstance(value, list) and node.array is not None:
        yield from _of_array(node.array, value, path)
    elif isinstance(value, (dict, list)):
        yield path, Kind.TYPE_CHANGED
    elif kind := _of_scalar(node, value):
        yield path, kind


def _of_scalar(node: Node, value: Any) -> Kind | None:
    kinds = node.scalars
    if isinstance(value, bool):
        return None if Scalar.BOOLEAN in kinds else Kind.TYPE_CHANGED
    if isinstance(value, float):
        return None if Scalar.NUMBER in kinds else Kind.TYPE_CHANGED
    if isinstance(value, int):
        return _of_integer(node, value)
    if Scalar.STRING in kinds:
        return Kind.UNDOCUMENTED_VALUE if node.enum and value not in node.enum else None
    if Scalar.DECIMAL in kinds:
        return None if _NUMBER.fullmatch(value) else Kind.FORMAT_CHANGED
    return Kind.TYPE_CHANGED


def _of_integer(node: Node, value: int) -> Kind | None:
    kinds = node.scalars
    if node.constants and value not in node.constants:
        return Kind.STATUS_CHANGED if node.role == "status" else Kind.ERROR_CODE_CHANGED
    if kinds & {Scalar.INTEGER, Scalar.NUMBER}:
        return None
    if Scalar.TIMESTAMP in kinds:
        return None if value == 0 or (len(str(value)) == 13 and value > 0) else Kind.FORMAT_CHANGED
    return Kind.TYPE_CHANGED


def _of_object(shape: Any, document: dict[str, Any], path: str) -> Iterator[Named]:
    if isinstance(shape, Map):
        for value in document.values():
            yield from _of_value(shape.value, value, f"{path}.*" if path else "*")
        return
    if isinstance(shape, Variants):
        tag = document.get(shape.tag)
        if not isinstance(tag, str) or tag not in shape.objects:
            if shape.tag not in document:
                yield child(path, shape.tag), Kind.MISSING_FIELD
            else:
                known = Node(scalars=frozenset({Scalar.STRING}), enum=tuple(shape.objects))
                yield from _of_value(known, tag, child(path, shape.tag))
            return
        shape = shape.objects[tag]
    elif isinstance(shape, Alternatives):
        shape = max(shape.objects, key=lambda part: len(document.keys() & part.fields.keys()))
    yield from _of_fields(shape, document, path)


def _of_fields(shape: Fields, document: dict[str, Any], path: str) -> Iterator[Named]:
    for name, entry in shape.fields.items():
        if name in document:
            yield from _of_value(entry.node, document[name], child(path, name))
        elif is_required(entry, document):
            yield child(path, name), Kind.MISSING_FIELD
    for name in document:
        if name not in shape.fields:
            yield child(path, name), Kind.UNDOCUMENTED_FIELD


def is_required(entry: Field, document: dict[str, Any]) -> bool:
    """Say whether a field must be in this object: its condition, if it has one, holds here."""
    if entry.when is None or not entry.required:
        return entry.required
    if entry.when.field not in document:
        return False
    value = document[entry.when.field]
    return any(wanted == value and type(wanted) is type(value) for wanted in entry.when.one_of)


def _of_array(shape: Any, array: list[Any], path: str) -> Iterator[Named]:
    if isinstance(shape, Elements):
        for value in array:
            if shape.node is None:
                yield element(path), Kind.UNDOCUMENTED_ELEMENT
            else:
                yield from _of_value(shape.node, value, element(path))
        return
    if len(array) < shape.required:
        yield path, Kind.LENGTH_CHANGED
    if len(array) > len(shape.nodes):
        yield element(path), Kind.UNDOCUMENTED_ELEMENT
    for node, value in zip(shape.nodes, array, strict=False):
        yield from _of_value(node, value, element(path))
