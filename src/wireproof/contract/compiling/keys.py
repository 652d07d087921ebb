"""No object names a key twice: how many keys a decoded document has, against how many its text names.

A decoder keeps the last of two values and says nothing. Counting is what finds it cheaply: outside strings there is one
colon for each key that the text names, so a text with as many colons as its document has keys repeats none. With more
of them, strings hold colons or a key is repeated, and the text is looked at key by key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from wireproof.contract.compiling.types import RawArray
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Positions, Variants

if TYPE_CHECKING:
    from wireproof.contract.shape import Node

# How many keys each decoded value of a column has, or what counts those of the whole column.
Count = int | Callable[[list[Any]], int]


class _RepeatedError(Exception):
    pass


def no_key_repeated(text: bytes) -> bool:
    """Whether each object of a JSON text names its keys once, the slow and certain way."""
    try:
        # Numbers are left alone: Python refuses integers of more than 4,300 digits.
        json.loads(text, object_pairs_hook=_all_once, parse_int=len, parse_float=len)
    except _RepeatedError:
        return False
    return True


def _all_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _RepeatedError


def counted(count: Count, documents: list[Any]) -> int:
    """Return how many keys decoded documents have."""
    return count * len(documents) if isinstance(count, int) else count(documents)


def count_of(node: Node) -> Count:
    """Return what counts the keys of values that were decoded into a node's type."""
    if node.anything:
        return _count_any
    if isinstance(node, RawArray):
        return 0
    found: list[tuple[tuple[type, ...], Count]] = []
    if node.object is not None:
        found.append(((dict, msgspec.Struct), _of_object(node.object)))
    if node.array is not None:
        found.append(((list, tuple, msgspec.Struct), _of_array(node.array)))
    if all(count == 0 for _, count in found):
        return 0
    if len(found) == 1 and not node.scalars and not node.nullable:
        return found[0][1]
    if len(found) > 1:
        return _count_any

    def count_each(values: list[Any]) -> int:
        return sum(counted(count, [v for v in values if isinstance(v, kinds)]) for kinds, count in found)

    return count_each


def _count_any(values: list[Any]) -> int:
    total, rest = 0, list(values)
    while rest:
        value = rest.pop()
        if isinstance(value, msgspec.Struct):
            fields = [inner for name in value.__struct_fields__ if (inner := getattr(value, name)) is not UNSET]
            config = value.__struct_config__
            total += 0 if config.array_like else len(fields) + (config.tag is not None)
            rest.extend(fields)
        elif isinstance(value, dict):
            total += len(value)
            rest.extend(value.values())
        elif isinstance(value, (list, tuple)):
            rest.extend(value)
    return total


def _of_object(shape: Fields | Map | Variants | Alternatives) -> Count:
    if isinstance(shape, Fields):
        return _of_fields(shape)
    if isinstance(shape, Map):
        inner = count_of(shape.value)
        return lambda maps: sum(map(len, maps)) + counted(inner, list(chain.from_iterable(m.values() for m in maps)))
    if isinstance(shape, Variants):
        return _of_variants(shape)
    merged = Fields({name: entry for part in shape.objects for name, entry in part.fields.items()})
    return _of_fields(merged, optional=True)


def _of_fields(shape: Fields, *, but: str | None = None, optional: bool = False) -> Count:
    """Return what counts the keys of compiled objects, whose attributes are numbered in the order of their fields."""
    fixed = 0 if but is None else 1
    always: list[tuple[Callable[[Any], Any], Count]] = []
    sometimes: list[tuple[Callable[[Any], Any], Count]] = []
    entries = [entry for name, entry in shape.fields.items() if name != but]
    for number, entry in enumerate(entries):
        get, inner = attrgetter(f"f{number}"), count_of(entry.node)
        if optional or not entry.required or entry.when is not None:
            sometimes.append((get, inner))
        elif isinstance(inner, int):
            fixed += 1 + inner
        else:
            fixed += 1
            always.append((get, inner))
    if not always and not sometimes:
        return fixed

    def count_fields(values: list[Any]) -> int:
        total = fixed * len(values)
        for get, inner in always:
            total += counted(inner, list(map(get, values)))
        for get, inner in sometimes:
            column = [value for value in map(get, values) if value is not UNSET]
            total += len(column) + counted(inner, column)
        return total

    return count_fields


def _of_variants(shape: Variants) -> Count:
    counts = {value: _of_fields(fields, but=shape.tag) for value, fields in shape.objects.items()}
    if len(counts) == 1:
        return next(iter(counts.values()))

    def count_variants(values: list[Any]) -> int:
        kinds: dict[type[msgspec.Struct], list[Any]] = {}
        for value in values:
            kinds.setdefault(type(value), []).append(value)
        total = 0
        for kind, found in kinds.items():
            total += counted(counts[str(kind.__struct_config__.tag)], found)
        return total

    return count_variants


def _of_array(shape: Elements | Positions) -> Count:
    if isinstance(shape, Positions):
        return 0 if all(count_of(node) == 0 for node in shape.nodes) else _count_any
    inner = 0 if shape.node is None else count_of(shape.node)
    if inner == 0:
        return 0
    return lambda arrays: counted(inner, arrays[0] if len(arrays) == 1 else list(chain.from_iterable(arrays)))
