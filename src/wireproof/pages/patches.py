"""What a contract said before an import changed it, so that the change can be undone: the patch of a dated change.

An import has both contracts. What the new one tells by itself (a field that was added is shown) needs no patch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.contract.edits import Edit, as_document, standing, table_of, without
from wireproof.contract.paths import is_below
from wireproof.contract.undoing import row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.contract.edits import Document
    from wireproof.contract.model import Contract

#: Keys of a contract that differences of its facts are about, by what a difference is called.
KEYS = {
    "security": "request.security",
    "weight": "request.weight",
    "name": "{subject}.name",
    "route": "{subject}.route",
    "update speed": "{subject}.update_speed",
}
#: Keys of a row of the table of parameters, likewise.
ROW_KEYS = {
    "parameter's type": ("type",),
    "parameter's default": ("default", "unstated"),
    "parameter's range": ("minimum", "maximum", "unstated"),
    "parameter's values": ("enum", "unstated"),
}


def patch_of(old: Contract, new: Contract, what: str, change: DatedChange) -> tuple[Edit, ...]:
    """Return the patch of a change between two contracts; `what` is what the difference is called."""
    before, since = as_document(old), as_document(new)
    if what == "field gone":
        return (*_field_gone(before, since, change.path), *_refined(before, since, change.path, below=True))
    if what == "type changed":
        return (*_retyped(before, since, change.path), *_refined(before, since, change.path))
    if what == "parameter gone":
        return tuple(_param_gone(before, since, change.path))
    if what in ROW_KEYS and change.kind not in {"enum-value-added", "enum-value-removed"}:
        return tuple(_row(before, since, change.path, ROW_KEYS[what]))
    if what in KEYS:
        subject = "stream" if "stream" in since else "event"
        return tuple(_key(before, since, KEYS[what].format(subject=subject)))
    return ()


def _field_gone(before: Document, since: Document, path: str) -> Iterator[Edit]:
    """Yield the last value of a field in each example that showed it, after the nearest key that is still there."""
    names = [example["name"] for example in since["examples"]]
    last: dict[str, Edit] = {}
    for one in standing(before, path):
        last.setdefault(one.examples[0], one)
    for name, one in last.items():
        if name in names:
            only = (name,) if len(names) > 1 else ()
            follows = _nearest(before, since, name, one.field or "")
            yield Edit(field=path, examples=only, before=one.after, follows=follows)


def _nearest(before: Document, since: Document, name: str, place: str) -> str:
    """Return the nearest key before a place of an example that the object has since as well; empty for none."""
    above, _, key = place.rpartition(".")
    keys = list(_object(before, name, above))
    kept = _object(since, name, above)
    return next((one for one in reversed(keys[: keys.index(key)] if key in keys else keys) if one in kept), "")


def _object(document: Document, name: str, path: str) -> dict[str, Any]:
    for one in standing(document, path):
        if one.examples == (name,) and isinstance(one.after, dict):
            return one.after
    return {}


def _retyped(before: Document, since: Document, path: str) -> Iterator[Edit]:
    was = {(one.examples, one.field): one.after for one in standing(before, path)}
    for one in standing(since, path):
        if (key := (one.examples, one.field)) in was and was[key] != one.after:
            yield Edit(field=one.field, examples=one.examples, before=was[key], after=one.after)


def _refined(before: Document, since: Document, path: str, *, below: bool = False) -> Iterator[Edit]:
    """Yield the refinements of a path, and of what is below it, that only one of two contracts has."""

    def rows(document: Document) -> list[dict[str, Any]]:
        held = document.get("refinements", [])
        return [row for row in held if row["path"] == path or (below and is_below(row["path"], path))]

    old, new = rows(before), rows(since)
    for row in old:
        if row not in new:
            yield Edit(refinement=row["path"], before=without(row, "path"))
    for row in new:
        if row not in old:
            yield Edit(refinement=row["path"], after=without(row, "path"))


def _param_gone(before: Document, since: Document, path: str) -> Iterator[Edit]:
    row = row_of(before, path)
    if row is None:
        return
    *tables, name = path.split("[].")
    names, kept = ([one["name"] for one in table_of(document, tables)] for document in (before, since))
    follows = next((one for one in reversed(names[: names.index(name)]) if one in kept), "")
    yield Edit(param=path, before=without(row, "name"), follows=follows)


def _row(before: Document, since: Document, path: str, keys: tuple[str, ...]) -> Iterator[Edit]:
    old, new = row_of(before, path), row_of(since, path)
    if old is None or new is None:
        return
    differing = [key for key in keys if old.get(key) != new.get(key)]
    if differing:
        was, told = ({key: row.get(key) for key in differing} for row in (old, new))
        yield Edit(param=path, before=was, after=told)


def _key(before: Document, since: Document, key: str) -> Iterator[Edit]:
    old, new = _at(before, key), _at(since, key)
    if old != new:
        sides = {name: value for name, value in (("before", old), ("after", new)) if value is not None}
        yield Edit(key=key, **sides)


def _at(document: Document, key: str) -> Any:
    value: Any = document
    for step in key.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
