"""One document at a time: its decimals and timestamps are fetched by one call each, where its shape allows that.

Columns pay off over many values. A single event of a stream has a handful of them, always at the same places, and for
it the columns cost more than decoding.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from wireproof.contract.compiling.columns import DECIMAL_LINES, all_timestamps
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Positions, Scalar, Variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.contract.shape import Node

_PLAIN_DECIMALS = re.compile(DECIMAL_LINES).fullmatch
_FORMATS = (Scalar.DECIMAL, Scalar.TIMESTAMP)


def single_judge(node: Node) -> Callable[[Any], bool] | None:
    """Return what says whether the formats of a decoded document of this shape certainly hold; None where it cannot.

    It can where every decimal and timestamp is always there: none in an array, a map, a variant or an optional field.
    When it says no, the document has to be looked at in another way: a placeholder of the example may stand for a time.
    """
    places: dict[Scalar, list[str]] = {kind: [] for kind in _FORMATS}
    if node.object is None or not _note(node, "", places):
        return None
    decimals, stamps = (places[kind] for kind in _FORMATS)
    decimals_of, stamps_of = _fetch(decimals), _fetch(stamps)
    breaks = len(decimals) - 1

    def hold(document: Any) -> bool:
        if decimals:
            text = "\n".join(decimals_of(document))
            if text.count("\n") != breaks or _PLAIN_DECIMALS(text + "\n") is None:
                return False
        return not stamps or all_timestamps(stamps_of(document))

    return hold


def _fetch(names: list[str]) -> Callable[[Any], Any]:
    """Return what fetches these attributes of a value as a tuple."""
    get = attrgetter(*names) if names else tuple
    return get if len(names) != 1 else lambda value: (get(value),)


def _note(node: Node, at: str, places: dict[Scalar, list[str]]) -> bool:
    """Note the attributes at which decimals and timestamps stand; say whether they are always there."""
    if not _has_formats(node):
        return True
    if node.nullable or node.array is not None or len(node.scalars) + (node.object is not None) != 1:
        return False
    if node.object is None and _is_refused_by_value(node):
        return False
    if node.object is None:
        places[next(iter(node.scalars))].append(at)
        return not node.odd_decimals
    return isinstance(node.object, Fields) and all(
        # The attributes of a compiled object are numbered in the order of its fields.
        _note(entry.node, f"{at}.f{number}" if at else f"f{number}", places)
        and ((entry.required and entry.when is None) or not _has_formats(entry.node))
        for number, entry in enumerate(node.object.fields.values())
    )


def _has_formats(node: Node) -> bool:
    if node.anything:
        return False
    if any(kind in node.scalars for kind in _FORMATS) or _is_refused_by_value(node):
        return True
    return any(map(_has_formats, _below(node)))


def _is_refused_by_value(node: Node) -> bool:
    """Whether a node has constants or bounds that its msgspec type does not hold."""
    if node.constants:
        return bool(node.scalars & {Scalar.BOOLEAN, Scalar.NUMBER})
    return Scalar.INTEGER in node.scalars and isinstance(node.array, Positions)


def _below(node: Node) -> Iterable[Node]:
    """Yield the nodes one step below."""
    if isinstance(node.object, Fields):
        yield from (entry.node for entry in node.object.fields.values())
    elif isinstance(node.object, Map):
        yield node.object.value
    elif isinstance(node.object, (Variants, Alternatives)):
        parts = node.object.objects
        for part in parts.values() if isinstance(parts, dict) else parts:
            yield from (entry.node for entry in part.fields.values())
    if isinstance(node.array, Positions):
        yield from node.array.nodes
    elif isinstance(node.array, Elements) and node.array.node is not None:
        yield node.array.node
