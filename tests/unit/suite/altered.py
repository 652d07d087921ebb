"""Alters an answer at one place and says what a comparison must then tell, for tests with altering proxies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

Steps = tuple[str | int, ...]


def leaves(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield the steps to each scalar of a document."""
    if isinstance(value, dict):
        for name in value:
            yield from leaves(value[name], (*steps, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from leaves(element, (*steps, index))
    else:
        yield steps, value


def at(document: Any, steps: Steps) -> Any:
    """Return what a document holds at some steps."""
    for step in steps:
        document = document[step]
    return document


def path_of(steps: Steps) -> str:
    """Return the generalised path: `result.symbols[].tickSize`; a key below a map with free keys is `*`."""
    path = re.sub(r"^\.", "", "".join("[]" if isinstance(step, int) else f".{step}" for step in steps))
    return re.sub(r"^(indicators)\.\w+", r"\1.*", path)


def documented(steps: Steps, example: Any) -> bool:
    """Whether the place exists in the documented example, with a value that says something."""
    try:
        return at(example, tuple(0 if isinstance(step, int) else step for step in steps)) is not None
    except (KeyError, IndexError, TypeError):
        return False


def rename(answer: Any, steps: Steps) -> set[tuple[str, Kind]]:
    """Give a field another name."""
    parent = at(answer, steps[:-1])
    parent[f"{steps[-1]}Renamed"] = parent.pop(steps[-1])
    return {(path_of(steps), Kind.MISSING_FIELD), (f"{path_of(steps)}Renamed", Kind.UNDOCUMENTED_FIELD)}


def null(answer: Any, steps: Steps) -> set[tuple[str, Kind]]:
    """Put null in the place of a value."""
    at(answer, steps[:-1])[steps[-1]] = None
    return {(path_of(steps), Kind.NULL_VALUE)}


def drop(answer: Any, steps: Steps) -> set[tuple[str, Kind]]:
    """Leave a field out."""
    del at(answer, steps[:-1])[steps[-1]]
    return {(path_of(steps), Kind.MISSING_FIELD)}


def add(answer: Any, steps: Steps) -> set[tuple[str, Kind]]:
    """Put a field beside another one."""
    at(answer, steps[:-1])["wireproofAdded"] = "1.5"
    return {(path_of((*steps[:-1], "wireproofAdded")), Kind.UNDOCUMENTED_FIELD)}
