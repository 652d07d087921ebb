"""Keys that an object names more than once: which of the two values counts is the reader's luck."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Variants
from wireproof.drift.deviations import RepeatedKeys, items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.shape import Node


@dataclass(slots=True)
class Repeat:
    """One key of one object: its generalised path, its exact position, and how often it is named."""

    path: str
    sample: str
    times: int


def repeats(node: Node, document: Any) -> Iterator[Repeat]:
    """Yield each repeated key of a document, also where anything is allowed and in what is not documented."""
    rest: list[tuple[Node | None, Any, str, str]] = [(node, document, "", "")]
    while rest:
        shape, value, path, at = rest.pop()
        if isinstance(value, list):
            array = shape.array if shape is not None else None
            inner = array.node if isinstance(array, Elements) else None
            rest += [(inner, item, element(path), f"{at}[{i}]") for i, item in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            is_map = shape is not None and isinstance(shape.object, Map)
            pairs = list(items(value))
            paths = {name: (f"{path}.*" if path else "*") if is_map else child(path, name) for name, _ in pairs}
            if isinstance(value, RepeatedKeys):
                times = Counter(name for name, _ in pairs)
                for name in dict.fromkeys(name for name, _ in value.earlier):
                    yield Repeat(paths[name], child(at, name), times[name])
            rest += [
                (_below(shape, value, name), inner, paths[name], child(at, name)) for name, inner in reversed(pairs)
            ]


def _below(shape: Node | None, document: dict[str, Any], name: str) -> Node | None:
    """Return what is documented of a field, if anything is."""
    described = shape.object if shape is not None else None
    if isinstance(described, Map):
        return described.value
    parts: list[Fields] = []
    if isinstance(described, Fields):
        parts = [described]
    elif isinstance(described, Variants):
        tag = document.get(described.tag)
        parts = [described.objects[tag]] if isinstance(tag, str) and tag in described.objects else []
    elif isinstance(described, Alternatives):
        parts = described.objects
    return next((part.fields[name].node for part in parts if name in part.fields), None)
