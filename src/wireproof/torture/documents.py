"""JSON that can be changed in one place and stays as it was written everywhere else.

Numbers keep the digits they came with, and an object its order and its repeated keys.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class Object(list[list[Any]]):
    """An object: pairs of key and value, in order."""

    def value(self, key: str) -> Any:
        """Return the value of a key; None when there is none."""
        return next((value for name, value in self if name == key), None)

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return any(name == key for name, _ in self)


#: A step of a path that stands for every element of an array.
EACH = "[]"

#: Steps from the root of a document: keys, and EACH.
Path = tuple[str, ...]


def parse(text: str | bytes) -> Any:
    """Return a document; ValueError when it is no JSON."""
    return json.loads(
        text,
        object_pairs_hook=lambda pairs: Object([name, value] for name, value in pairs),
        parse_int=Number,
        parse_float=Number,
        parse_constant=Number,
    )


def write(node: Any) -> str:
    """Return a document as JSON without spaces."""
    if isinstance(node, Object):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{write(value)}" for name, value in node) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(write, node)) + "]"
    if isinstance(node, Number):
        return str(node)
    return json.dumps(node, ensure_ascii=False)


def type_of(node: Any) -> str:
    """Return the JSON type of a node: object, array, number, string, boolean or null."""
    match node:
        case Object():
            return "object"
        case list():
            return "array"
        case Number():
            return "number"
        case str():
            return "string"
        case bool():
            return "boolean"
    return "null"


def nodes(node: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every node of a document with its path, the root first."""
    yield at, node
    if isinstance(node, Object):
        for name, value in node:
            yield from nodes(value, (*at, name))
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value, (*at, EACH))


def places(node: Any, path: Path) -> list[tuple[Any, int]]:
    """Return where a path leads in a document: containers, and the position in each. The root has no place."""
    if not path:
        return []
    holders = [node]
    for step in path[:-1]:
        holders = [holder[at] if not isinstance(holder, Object) else holder[at][1] for holder, at in _at(holders, step)]
    return _at(holders, path[-1])


def _at(holders: list[Any], step: str) -> list[tuple[Any, int]]:
    found: list[tuple[Any, int]] = []
    for holder in holders:
        if isinstance(holder, Object):
            found += [(holder, at) for at, (name, _) in enumerate(holder) if name == step]
        elif isinstance(holder, list) and step == EACH:
            found += [(holder, at) for at in range(len(holder))]
    return found


def shown(path: Path) -> str:
    """Return a path as findings write it: `result.symbols[].tickSize`."""
    text = ""
    for step in path:
        text += step if step == EACH or not text else f".{step}"
    return text
