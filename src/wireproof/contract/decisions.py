"""What each string of a shape is decided to be."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Positions, Scalar, Variants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.shape import Node

_STRINGS = {Scalar.STRING, Scalar.DECIMAL, Scalar.EMPTY}


class Decision(StrEnum):
    """What a string is decided to be; all but UNDECIDED settle it."""

    CONSTANT = "constant"  # one of the documented values; any other is breaking
    ENUMERATION = "enumeration"  # one of the documented words; any other is risky
    VARIANT = "variant"  # tells the variants of its object apart
    DECIMAL = "decimal"  # a number, or where documented the empty string
    TEXT = "text"  # free, and what it holds is named
    UNDECIDED = "undecided"


def decisions(node: Node, path: str = "") -> Iterator[tuple[str, Decision]]:
    """Yield the generalised path and the decision of every string leaf of a shape, in the order of the example.

    Positions of a tuple stand at `[]`, values of free keys at `*`. A path that several variants or positions share
    comes once for each. What is only shown as null, or allowed to be anything, is no string leaf.
    """
    if node.anything:
        return
    if decision := _of_leaf(node):
        yield path, decision
    if isinstance(node.object, Fields):
        yield from _of_fields(node.object, path)
    elif isinstance(node.object, Map):
        yield from decisions(node.object.value, f"{path}.*" if path else "*")
    elif isinstance(node.object, Variants):
        yield child(path, node.object.tag), Decision.CONSTANT if node.object.constant else Decision.VARIANT
        for part in node.object.objects.values():
            yield from _of_fields(part, path, but=node.object.tag)
    elif isinstance(node.object, Alternatives):
        for part in node.object.objects:
            yield from _of_fields(part, path)
    if isinstance(node.array, Positions):
        for position in node.array.nodes:
            yield from decisions(position, element(path))
    elif isinstance(node.array, Elements) and node.array.node is not None:
        yield from decisions(node.array.node, element(path))


def _of_fields(shape: Fields, path: str, but: str | None = None) -> Iterator[tuple[str, Decision]]:
    for name, entry in shape.fields.items():
        if name != but:
            yield from decisions(entry.node, child(path, name))


def _of_leaf(node: Node) -> Decision | None:
    if any(isinstance(value, str) for value in node.constants):
        return Decision.CONSTANT
    if not node.scalars & _STRINGS:
        return None
    if node.enum:
        return Decision.ENUMERATION
    if Scalar.DECIMAL in node.scalars:
        return Decision.DECIMAL
    return Decision.TEXT if node.text else Decision.UNDECIDED
