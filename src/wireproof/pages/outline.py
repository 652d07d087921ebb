"""The generalised paths of an example and the kinds of value at each."""

from __future__ import annotations

import re
from typing import Any

from wireproof.contract.paths import walk

_DECIMAL = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def kind_of(value: Any) -> str:
    """Return the kind of a value: decimal, string, integer, number, boolean, null, object or array."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "decimal" if _DECIMAL.fullmatch(value) else "string"
        case dict():
            return "object"
    return "array"


def outline(document: Any) -> dict[str, set[str]]:
    """Return the kinds found at each generalised path (`result.symbols[].tickSize`; the document itself is ``)."""
    out: dict[str, set[str]] = {}
    for path, value in walk(document):
        out.setdefault(path, set()).add(kind_of(value))
    return out


def says_the_same(old: Any, new: Any) -> bool:
    """Whether a document says no more than another: the same JSON in whatever order of keys; `true` is not 1.

    A whole number in place of the same one with a fraction (27103 for 27103.0) says no more; the other way round, that
    there are fractions.
    """
    match old, new:
        case dict(), dict():
            return old.keys() == new.keys() and all(says_the_same(value, new[key]) for key, value in old.items())
        case list(), list():
            return len(old) == len(new) and all(map(says_the_same, old, new))
        case float(), int() if not isinstance(new, bool):
            return old == new
    return type(old) is type(new) and bool(old == new)


def values_at(document: Any, path: str) -> list[Any]:
    """Return every value of a document at a generalised path."""
    return [value for here, value in walk(document) if here == path]


def parent_of(path: str) -> str:
    """Return the path of the object or list that holds a path."""
    if path.endswith("[]"):
        return path[:-2]
    return path.rpartition(".")[0] if "." in path else ""


def holds(paths: set[str], path: str) -> bool:
    """Whether a refinement's path is one of `paths`; `*` stands for any key of an object with free keys."""
    if path in paths or path == "":
        return True
    if "*" not in path:
        return False
    pattern = re.compile(re.escape(path).replace(r"\*", r"[^.\[]+"))
    return any(pattern.fullmatch(known) for known in paths)
