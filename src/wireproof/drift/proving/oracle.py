"""A second opinion: which findings a document must give, found the plainest way.

Value by value, from the top, without counts, columns, compiled types or DeepDiff. It shares no code with the
comparison, only the documented shape; `prove` holds the comparison against it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wireproof.contract.leaves import Scalar
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Field, Fields, Map, Node, Variants
from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

Named = tuple[str, Kind]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]*)?")


class Pairs(dict[str, Any]):
    """An object with all that its text names, a key that is named twice included."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def expected(node: Node, value: Any, path: str = "") -> set[Named]:
    """Return the paths and kinds of all differences between a value and what is documented for it."""
    return set(_of_value(node, value, path))


def expected_of_text(node: Node, text: str | bytes) -> set[Named]:
    """Return the same for a JSON text, which a document alone cannot stand for: it may name a key twice."""
    return expected(node, json.loads(text, object_pairs_hook=Pairs))


def _of_value(node: Node, value: Any, path: str) -> Iterator[Named]:
    if node.anything:
        yield from _named_twice(value, path)
        return
    if value is None and node.nullable:
        return
    if value is None:
        yield path, Kind.NULL_VALUE
    elif isinstance(value, dict) and node.object is not None:
        yield from _of_object(node.object, value, path)
    elif isinstance(value, list) and node.array is not None:
        yield from _of_array(node.array, value, path)
    elif isinstance(value, (dict, list)):
        yield path, Kind.TYPE_CHANGED
        yield from _named_twice(value, path)
    elif kind := _of_scalar(node, value):
        yield path, kind


def _of_scalar(node: Node, value: Any) -> Kind | None:
    kinds = node.scalars
    if isinstance(value, bool):
        fits = Scalar.BOOLEAN in kinds
    elif isinstance(value, float):
        fits = Scalar.NUMBER in kinds
    elif isinstance(value, int):
        fits = bool(kinds & {Scalar.INTEGER, Scalar.NUMBER, Scalar.TIMESTAMP})
    else:
        fits = bool(kinds & {Scalar.STRING, Scalar.DECIMAL, Scalar.EMPTY})
    if not fits:
        return Kind.TYPE_CHANGED
    if node.constants:
        return _of_constant(node, value)
    if isinstance(value, str):
        return _of_text(node, value)
    return _of_integer(node, value) if isinstance(value, int) and not isinstance(value, bool) else None


def _of_constant(node: Node, value: Any) -> Kind | None:
    for wanted in node.constants:
        same_type = type(wanted) is type(value)
        if isinstance(value, float) or (Scalar.NUMBER in node.scalars and isinstance(wanted, float)):
            same_type = not isinstance(value, (bool, str)) and not isinstance(wanted, (bool, str))
        if same_type and wanted == value:
            return None
    if node.role:
        return Kind.STATUS_CHANGED if node.role == "status" else Kind.ERROR_CODE_CHANGED
    return Kind.VALUE_CHANGED


def _of_text(node: Node, value: str) -> Kind | None:
    kinds = node.scalars
    if value == "" and Scalar.EMPTY in kinds:
        return None
    if Scalar.STRING in kinds:
        return Kind.UNDOCUMENTED_VALUE if node.enum and value not in node.enum else None
    if Scalar.DECIMAL not in kinds or not _NUMBER.fullmatch(value):
        return Kind.FORMAT_CHANGED
    return None if node.odd_decimals or _PLAIN.fullmatch(value) else Kind.UNDOCUMENTED_FORMAT


def _of_integer(node: Node, value: int) -> Kind | None:
    kinds = node.scalars
    if Scalar.NUMBER in kinds:
        return None
    if Scalar.INTEGER in kinds:
        return None if value.bit_length() < 64 or value == -(2**63) else Kind.FORMAT_CHANGED
    is_time = value == 0 or (len(str(value)) == 13 and value > 0) or value in node.placeholders
    return None if is_time else Kind.FORMAT_CHANGED


def _pairs(document: dict[str, Any]) -> list[tuple[str, Any]]:
    return document.pairs if isinstance(document, Pairs) else list(document.items())


def _twice(document: dict[str, Any]) -> list[str]:
    names = [name for name, _ in _pairs(document)]
    return [name for name in document if names.count(name) > 1]


def _named_twice(value: Any, path: str) -> Iterator[Named]:
    """Yield what is wrong in a value of which nothing is documented."""
    if isinstance(value, list):
        for item in value:
            yield from _named_twice(item, element(path))
    elif isinstance(value, dict):
        for name in _twice(value):
            yield child(path, name), Kind.REPEATED_KEY
        for name, item in _pairs(value):
            yield from _named_twice(item, child(path, name))


def _of_object(shape: Any, document: dict[str, Any], path: str) -> Iterator[Named]:
    if isinstance(shape, Map):
        below = f"{path}.*" if path else "*"
        if _twice(document):
            yield below, Kind.REPEATED_KEY
        for _, value in _pairs(document):
            yield from _of_value(shape.value, value, below)
        return
    for name in _twice(document):
        yield child(path, name), Kind.REPEATED_KEY
    if isinstance(shape, Variants):
        tag = next((value for name, value in _pairs(document) if name == shape.tag), None)
        if not isinstance(tag, str) or tag not in shape.objects:
            yield from _of_fields(_unknown_variant(shape), document, path, closed=False)
            return
        shape = shape.objects[tag]
    elif isinstance(shape, Alternatives):
        shape = max(shape.objects, key=lambda part: len(document.keys() & part.fields.keys()))
    yield from _of_fields(shape, document, path)


def _unknown_variant(shape: Variants) -> Fields:
    """Return what can be asked of an object of no known variant: its tag, and all that every variant says alike."""
    documented = tuple(shape.objects)
    tag = Node(scalars=frozenset({Scalar.STRING}))
    if shape.constant:
        tag.constants = documented
    else:
        tag.enum = documented
    fields = {shape.tag: Field(tag)}
    for part in shape.objects.values():
        for name, entry in part.fields.items():
            if name == shape.tag:
                continue
            alike = len(documented) > 1 and all(other.fields.get(name) == entry for other in shape.objects.values())
            fields[name] = entry if alike else Field(Node(anything=True), required=False)
    return Fields(fields)


def _of_fields(shape: Fields, document: dict[str, Any], path: str, *, closed: bool = True) -> Iterator[Named]:
    for name, entry in shape.fields.items():
        if name not in document and is_required(entry, document):
            yield child(path, name), Kind.MISSING_FIELD
    for name, value in _pairs(document):
        if name in shape.fields:
            yield from _of_value(shape.fields[name].node, value, child(path, name))
        else:
            if closed:
                yield child(path, name), Kind.UNDOCUMENTED_FIELD
            yield from _named_twice(value, child(path, name))


def is_required(entry: Field, document: dict[str, Any]) -> bool:
    """Whether a field must be in this object: its condition, if it has one, holds here."""
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
                yield from _named_twice(value, element(path))
            else:
                yield from _of_value(shape.node, value, element(path))
        return
    if len(array) < shape.required:
        yield path, Kind.LENGTH_CHANGED
    if len(array) > len(shape.nodes):
        yield element(path), Kind.UNDOCUMENTED_ELEMENT
        for value in array[len(shape.nodes) :]:
            yield from _named_twice(value, element(path))
    for node, value in zip(shape.nodes, array, strict=False):
        yield from _of_value(node, value, element(path))
