"""On which line of a JSON file something stands: for errors about files that people write."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

import msgspec

if typing.TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = " \t\r\n"


def line_of_fault(text: str, kind: Any) -> int:
    """Return the line, from 1, of the innermost value in a document that is not of its `kind`, or of an unknown key."""
    return _line(text, _fault(text, _skip(text, 0), kind))


def line_of(text: str, *steps: str | int) -> int:
    """Return the line, from 1, of what `steps`, keys and positions, lead to in a document; of the last one found."""
    at = _skip(text, 0)
    for step in steps:
        at = next((value for name, _, value, _ in _members(text, at) if name == step), at)
    return _line(text, at)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _members(text: str, at: int) -> Iterator[tuple[str | int, int, int, int]]:
    """Yield of an object or array at a place: key or position, where that begins, where its value begins and ends."""
    if text[at] not in "{[":
        return
    is_object, number, decoder = text[at] == "{", 0, json.JSONDecoder(parse_int=str, parse_float=str)
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        name: str | int = number
        begins = at
        if is_object:
            name, after = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, after) + 1)
        _, ends = decoder.raw_decode(text, at)
        yield name, begins, at, ends
        number += 1
        at = _skip(text, ends)
        at = _skip(text, at + 1) if text[at] == "," else at


def _fault(text: str, at: int, kind: Any) -> int:
    options = typing.get_args(kind) if typing.get_origin(kind) in {typing.Union, types.UnionType} else (kind,)
    struct = next((one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)
    container = next((one for one in options if typing.get_origin(one) in {tuple, list, dict}), None)
    fields = {one.encode_name: one.type for one in msgspec.structs.fields(struct)} if struct is not None else {}
    for name, begins, value, ends in _members(text, at):
        if struct is not None:
            if name not in fields:
                return begins
            inner = fields[str(name)]
        elif container is not None:
            arguments = typing.get_args(container)
            inner = arguments[-1 if typing.get_origin(container) is dict else 0]
        else:
            return at
        try:
            msgspec.json.decode(text[value:ends].encode(), type=inner)
        except msgspec.ValidationError:
            return _fault(text, value, inner)
    return at
