"""Finds the values that a generalised path means in a document."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wireproof.drift.parse import Unparseable, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = re.compile(r"\[\]|\[(?P<position>[0-9]+)\]|\[(?P<quoted>\"(?:[^\"\\]|\\.)*\")\]|\.?(?P<plain>[^.\[\]]+)")

ANY_ELEMENT, ANY_KEY = object(), object()  # the steps `[]` and `*`


def steps(path: str) -> list[Any]:
    """Return a path's steps: a field name, an array position, ANY_ELEMENT for `[]`, ANY_KEY for `*`."""
    found: list[Any] = []
    for match in _STEP.finditer(path):
        if match["position"] is not None:
            found.append(int(match["position"]))
        elif match["quoted"] is not None:
            found.append(json.loads(match["quoted"]))
        elif match["plain"] is not None:
            found.append(ANY_KEY if match["plain"] == "*" else match["plain"])
        else:
            found.append(ANY_ELEMENT)
    return found


def parent_of(path: str) -> str:
    """Return the path without its last step; the document is its own parent."""
    matches = list(_STEP.finditer(path))
    return path[: matches[-1].start()] if matches else ""


def values_at(document: Any, path: str) -> Iterator[Any]:
    """Yield every value of a parsed document that a generalised or exact path means."""
    found = iter([document])
    for step in steps(path):
        found = _below(found, step)
    return found


def contains(body: bytes | str | None, path: str) -> bool:
    """Whether an answer holds any value at a generalised path."""
    if body is None:
        return False
    try:
        document = parse(body.encode() if isinstance(body, str) else body)
    except Unparseable:
        return False
    return next((True for _ in values_at(document, path)), False)


def _below(values: Iterator[Any], step: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            if step is ANY_ELEMENT:
                yield from value
            elif isinstance(step, int) and step < len(value):
                yield value[step]
        elif isinstance(value, dict):
            if step is ANY_KEY:
                yield from value.values()
            elif isinstance(step, str) and step in value:
                yield value[step]
