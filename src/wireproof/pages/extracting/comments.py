"""What inline comments of an example say about structure: values, conditions, fields that may be absent or null."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Refinement
from wireproof.pages.extracting.presence import presence_of
from wireproof.pages.outline import kind_of, parent_of, values_at
from wireproof.pages.reading.blocks import half_width

if TYPE_CHECKING:
    from wireproof.pages.reading.loose_json import Comment

_VALUE = r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*"
_MAY_BE_NULL = re.compile(r"(?:will be|may be|can be|shown as|or) null\b|可能为\s*null", re.IGNORECASE)
_MAY_BE_EMPTY = re.compile(
    r"\"\"\s*(?:will be|is) shown|(?:may|can|will) be (?:an )?empty(?: string)?\b|blank", re.IGNORECASE
)


def conditional_paths(document: Any, comments: list[Comment]) -> tuple[str, ...]:
    """Return the paths of the fields that comments call conditional: there only sometimes."""
    said = [comment for comment in comments if comment.on_field and comment.path]
    return tuple(dict.fromkeys(c.path for c in said if presence_of(c.text, _siblings(document, c.path)) is not None))


def refinements_of(document: Any, comments: list[Comment], source: str) -> list[Refinement]:
    """Return the refinements that comments on a document's fields state, as far as the document bears them out."""
    out: list[Refinement] = []
    for comment in comments:
        if not comment.on_field or not comment.path:
            continue
        values = values_at(document, comment.path)
        if not values:
            continue
        found = _refinement(document, comment.path, comment.text, values, source)
        if found is not None and found not in out:
            out.append(found)
    return out


def _refinement(document: Any, path: str, text: str, values: list[Any], source: str) -> Refinement | None:
    presence = presence_of(text, _siblings(document, path))
    if presence is not None:
        return Refinement(path=path, optional=presence.when is None, when=presence.when, source=source)
    if _MAY_BE_NULL.search(text):
        return Refinement(path=path, nullable=True, source=source)
    if _MAY_BE_EMPTY.search(text) and all(isinstance(value, str) for value in values):
        return Refinement(path=path, kind="string", source=source)
    enum = _enum(text, values)
    return Refinement(path=path, enum=enum, source=source) if enum else None


def _siblings(document: Any, path: str) -> list[dict[str, Any]]:
    """Return the objects that hold the field."""
    name = path.rpartition(".")[2]
    return [v for v in values_at(document, parent_of(path)) if isinstance(v, dict) and name in v]


def _enum(text: str, values: list[Any]) -> tuple[str, ...]:
    """Return the values that a comment lists, if the example's own value is one of them."""
    if not all(kind_of(value) == "string" and value for value in values):
        return ()
    text = half_width(text)
    for listed in (_quoted(text), _one_of(text), _chain(text), _alternatives(text)):
        if len(listed) > 1 and all(value in listed for value in values):
            return tuple(listed)
    return ()


def _quoted(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf"\"({_VALUE})\"", text)))


def _one_of(text: str) -> list[str]:
    found = re.search(r"(?:one of|enum|values?)\s*:?\s*(.+)", text, re.IGNORECASE)
    if not found:
        return []
    plain = re.sub(r"\([^)]*\)", "", found[1])
    parts = [part.strip(" .;\"'") for part in re.split(r"[,/|;]|\bor\b|\band\b", plain)]
    return list(dict.fromkeys(part for part in parts if re.fullmatch(_VALUE, part)))


def _chain(text: str) -> list[str]:
    """Read `PROCESS/ACCEPT_SUCCESS/SUCCESS/FAIL`."""
    found = re.search(r"[A-Z][A-Z_0-9]+(?:\s*/\s*[A-Z][A-Z_0-9]+)+", text)
    return [part.strip() for part in found[0].split("/")] if found else []


def _alternatives(text: str) -> list[str]:
    """Read `TAKER or MAKER` and `CALL long, PUT short`."""
    if found := re.fullmatch(r"\s*([A-Z][A-Z_]+)\s+or\s+([A-Z][A-Z_]+)\s*", text):
        return [found[1], found[2]]
    if found := re.search(r"\b([A-Z][A-Z_]+) [a-z]+,\s*([A-Z][A-Z_]+) [a-z]+", text):
        return [found[1], found[2]]
    return []
