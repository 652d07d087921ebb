"""What a dated change did to a contract that it is in: the edits that lead from before to since, made of what stands.

Where a change has a patch for the contract, the patch is all. Without one the contract tells most of it by itself: a
field that was added is shown. What it cannot tell stays unknown (`unpatched`), and is never made up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from wireproof.contract.edits import Edit, standing, table_of, without
from wireproof.contract.fields import path_pattern, rules_of, words_of
from wireproof.contract.paths import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.contract.edits import Document
    from wireproof.contract.model import Product

BORN = frozenset({"request-added", "stream-added", "event-added"})
RETIRED = frozenset({"request-retired", "stream-retired", "event-retired"})

#: What no contract says, so that a change of it needs no patch.
_UNSAID = frozenset({"behaviour"})
_SUBJECTS = ("request", "stream", "event")


def stated(change: DatedChange, contract_id: str) -> list[Edit]:
    """Return the edits of a change's patch that are about a contract."""
    return [edit for edit in change.patch if not edit.contracts or contract_id in edit.contracts]


def edits_of(document: Document, change: DatedChange, product: Product) -> list[Edit]:
    """Return what a change did to a contract that says what holds since, in the order in which it did it."""
    told = stated(change, document["id"])
    if any(not edit.unknown for edit in told):
        return told
    path = change.path
    match change.kind:
        case "field-added":
            return [*_added(document, path)]
        case "field-removed":
            return [*_removed(document, change)]
        case "field-type-changed":
            return [*_retyped(document, change)]
        case "param-added":
            return [*_param_added(document, path)]
        case "param-mandatory":
            return [*_mandatory(document, change)]
        case "enum-value-added" | "enum-value-removed":
            return [*_words(document, change, product)]
        case "limit-changed":
            return [*_limit(document, change)]
        case "weight-changed":
            return [*_weight(document, change)]
        case "host-moved":
            return [*_route(document, change)]
        case kind if kind in RETIRED and document.get("retired"):
            return [Edit(key="retired", after=document["retired"])]
    return []


def unpatched(document: Document, change: DatedChange, product: Product) -> str:
    """Return why a contract as it was before a change is not known; empty where it is, or where it says nothing."""
    told = stated(change, document["id"])
    if unknown := next((edit.unknown for edit in told if edit.unknown), ""):
        return unknown
    if told or is_unsaid(document, change):
        return ""
    if change.kind == "field-removed":
        return "nothing tells what the field held"
    if change.kind == "param-removed":
        return "nothing tells the parameter's type"
    return "" if edits_of(document, change, product) else "the contract does not tell what it said before"


def is_unsaid(document: Document, change: DatedChange) -> bool:
    """Whether nothing in a contract says what a change is about: how far a history goes back, a key of a map."""
    row = row_of(document, change.path)
    match change.kind:
        case "limit-changed":
            return row is None or row.get("maximum") == change.before
        case "param-mandatory":
            return all(row_of(document, name) is None for name in change.path.split(", "))
        case "field-removed":
            return any(True for _ in standing(document, change.path))  # an earlier form of its object has it
        case "field-added" | "param-added" | "enum-value-added" | "host-moved":
            return True  # what it brought is not there: a later change took it, or it is a key of a map
    return change.kind in _UNSAID | BORN


def row_of(document: Document, path: str) -> dict[str, Any] | None:
    """Return the row of a parameter by its path, `batchOrders[].side`; None where the table has none."""
    *tables, name = path.split("[].")
    return next((one for one in table_of(document, tables) if one["name"] == name), None)


def _added(document: Document, path: str) -> Iterator[Edit]:
    fields = [*standing(document, path)]
    yield from fields
    refinements = document.get("refinements", [])
    kept = [one for one in refinements if not is_within(one["path"], path)]
    if len(kept) != len(refinements):
        yield _whole("refinements", kept, refinements)
    if not fields:
        return
    for example in document.get("examples", ()):
        for key in ("conditional", "observed"):
            rows = example.get(key, [])
            left = [one for one in rows if not is_within(one if isinstance(one, str) else one["path"], path)]
            if len(left) != len(rows):
                yield _whole(f"examples.{example['name']}.{key}", left, rows)
    for subject in _SUBJECTS:
        for key in ("monotonic", "repeats"):
            rows = document.get(subject, {}).get(key, [])
            if isinstance(rows, dict):
                less: Any = {at: one for at, one in rows.items() if not is_within(at, path)}
            else:
                less = [
                    one for one in rows if not any(is_within(at, path) for at in (one["path"], *one.get("per", ())))
                ]
            if len(less) != len(rows):
                yield _whole(f"{subject}.{key}", less, rows)


def _removed(document: Document, change: DatedChange) -> Iterator[Edit]:
    """Yield that a field was there, of which nothing more is known, where an example shows its object."""
    parent = re.sub(r"(?:^|\.)[^.\[\]]+$", "", change.path)
    is_there = [edit for edit in standing(document, parent) if isinstance(edit.after, dict)] if parent else []
    shown = [one for one in document.get("examples", ()) if isinstance(one["response"], dict)]
    objects = is_there if parent else shown
    if not objects or any(True for _ in standing(document, change.path)):
        return
    rows = document.get("refinements", [])
    if any(path_pattern(row["path"]).fullmatch(change.path) for row in rows):
        return
    names = {name for edit in is_there for name in edit.examples} or {one["name"] for one in shown}
    every = {one["name"] for one in document["examples"]}
    only = {"examples": sorted(names)} if names != every else {}
    row = {"optional": True, "kind": "any", **only, "source": change.links[0]}
    yield Edit(refinement=change.path, before=row)


_KINDS = {
    "string": str,
    "integer": lambda value: int(value) if isinstance(value, str | int | float) else _refuse(),
    "number": lambda value: float(value) if isinstance(value, str | int | float) else _refuse(),
    "boolean": lambda value: value if isinstance(value, bool) else _refuse(),
}


def _refuse() -> Any:
    raise ValueError


def _retyped(document: Document, change: DatedChange) -> Iterator[Edit]:
    """Yield the same scalars as they are written in the earlier kind; nothing where a value cannot be."""
    before = str(change.before)
    if change.after == f"{before} or null":
        yield from _unrefined(document, change.path, "nullable")
        return
    turn = _KINDS.get(before)
    if turn is None:
        return
    shown = [*standing(document, change.path)]
    try:
        turned = [
            Edit(field=one.field, examples=one.examples, before=_turned(one.after, turn), after=one.after)
            for one in shown
        ]
    except ValueError:
        return
    yield from turned
    yield from _unrefined(document, change.path, "kind")


def _turned(value: Any, turn: Any) -> Any:
    if isinstance(value, bool):
        return turn("true" if value else "false") if turn is str else turn(value)
    if value is None or isinstance(value, dict | list):
        raise ValueError
    return turn(value)


def _unrefined(document: Document, path: str, key: str) -> Iterator[Edit]:
    """Yield that refinements of a path lacked a key; those that say nothing else were not there."""
    rows = document.get("refinements", [])
    changed = []
    for row in rows:
        if row["path"] == path and key in row:
            row = without(row, key)  # noqa: PLW2901
            if row.keys() <= {"path", "examples", "source"}:
                continue
        changed.append(row)
    if changed != rows:
        yield _whole("refinements", changed, rows)


def _param_added(document: Document, path: str) -> Iterator[Edit]:
    row = row_of(document, path)
    if row is None:
        return
    *tables, name = path.split("[].")
    rows = table_of(document, tables)
    place = rows.index(row)
    yield Edit(param=path, after=without(row, "name"), follows=rows[place - 1]["name"] if place else "")
    if tables:
        return
    for example in document.get("examples", ()):
        sent = (example.get("request") or {}).get("params")
        if isinstance(sent, dict) and name in sent:
            yield _whole(f"examples.{example['name']}.request.params", without(sent, name), sent)
    base = document.get("base", {})
    if name in base:
        yield _whole("base", without(base, name), base)
    weight = document.get("request", {}).get("weight", {})
    if any(rule["param"] == name for rule in weight.get("rules", ())):
        left = [rule for rule in weight["rules"] if rule["param"] != name]
        yield _whole("request.weight.rules", left, weight["rules"])
    rules = document.get("rejections", [])
    kept = [rule for rule in rules if rule.get("param") != name]
    if kept != rules:
        yield _whole("rejections", kept, rules)


def _mandatory(document: Document, change: DatedChange) -> Iterator[Edit]:
    is_mandatory = change.before == "mandatory"
    for name in change.path.split(", "):
        row = row_of(document, name)
        if row is not None and row.get("required", False) is not is_mandatory:
            yield Edit(
                param=name, before={"required": is_mandatory or None}, after={"required": not is_mandatory or None}
            )


def _words(document: Document, change: DatedChange, product: Product) -> Iterator[Edit]:
    is_added = change.kind == "enum-value-added"
    word = change.after if is_added else change.before

    row = row_of(document, change.path)

    def earlier(words: list[Any]) -> list[Any]:
        if is_added:
            return [one for one in words if str(one) != str(word)]
        is_closed = words or (row is not None and row["type"] == "ENUM")
        return [*words, word] if is_closed and all(str(one) != str(word) for one in words) else words

    if row is not None:
        said = row.get("enum", [])
        words = [*words_of(said, product)]
        then = earlier(words)
        if then != words:
            now = {"enum": said or None, "unstated": row.get("unstated")}
            is_open = "the page named no words then" if not then else None
            yield Edit(param=change.path, before={"enum": then or None, "unstated": is_open}, after=now)
            default = row.get("default")
            if is_added and default is not None and str(default) == str(word):
                yield Edit(param=change.path, before={"default": None}, after={"default": default})
        return
    yield from _words_of_field(document, change, product, word if is_added else None, earlier)


def _words_of_field(  # a contract, a change of it, and what that does to words
    document: Document, change: DatedChange, product: Product, came: Any, earlier: Any
) -> Iterator[Edit]:
    rows = document.get("refinements", [])
    own = [row for row in rows if row["path"] == change.path and (row.get("enum") or row.get("constant"))]
    changed = []
    for row in rows:
        for key in ("enum", "constant") if row in own else ():
            if row.get(key):
                words = [*words_of(row[key], product)]
                if (then := earlier(words)) != words and then:
                    row = {**row, key: then}  # noqa: PLW2901
        changed.append(row)
    showing = [name for one in standing(document, change.path) for name in one.examples]
    if not own and showing and (rule := rules_of(product, document["id"])(change.path)) is not None:
        only = {"examples": list(dict.fromkeys(showing))}
        only = {} if len(only["examples"]) == len(document["examples"]) else only
        for key, said in (("enum", rule.enum), ("constant", rule.constant)):
            words = [*words_of(said, product)]
            if words and (then := earlier(words)) != words and then:
                changed = [*rows, {"path": change.path, key: then, **only, "source": change.links[0]}]
    if changed == rows:
        return
    if came is not None:
        yield from _without_word(document, change.path, came)
    yield _whole("refinements", changed, rows)


def _without_word(document: Document, path: str, word: Any) -> Iterator[Edit]:
    """Yield that examples with a word at a path were not there, where others remain; of a list, its elements."""
    if path.endswith("[]"):
        for one in standing(document, path.removesuffix("[]")):
            if isinstance(one.after, list) and word in one.after:
                left = [value for value in one.after if value != word]
                yield Edit(field=one.field, examples=one.examples, before=left, after=one.after)
        return
    having = {name for one in standing(document, path) if one.after == word for name in one.examples}
    examples = document.get("examples", [])
    left = [one for one in examples if one["name"] not in having]
    if left and left != examples:
        yield _whole("examples", left, examples)


def _limit(document: Document, change: DatedChange) -> Iterator[Edit]:
    row = row_of(document, change.path)
    if row is None or not isinstance(change.before, int | float | None) or row.get("maximum") == change.before:
        return
    before: dict[str, Any] = {"maximum": change.before}
    if change.before is None:
        before["unstated"] = row.get("unstated") or "the page named no largest value then"
    yield Edit(param=change.path, before=before, after={key: row.get(key) for key in before})


def _weight(document: Document, change: DatedChange) -> Iterator[Edit]:
    weight = document.get("request", {}).get("weight")
    before = str(change.before)
    if weight is not None and before.isdigit() and change.path in {"", "weight"}:
        then = {**without(weight, "rules"), "ip": int(before)}
        if then != weight:
            yield _whole("request.weight", then, weight)


def _route(document: Document, change: DatedChange) -> Iterator[Edit]:
    for subject in ("stream", "event"):
        route = document.get(subject, {}).get("route")
        if route and change.before is not None and change.path == "path":
            yield Edit(key=f"{subject}.route", after=route)


def _whole(key: str, before: Any, after: Any) -> Edit:
    """Return that all of a key was something else; of what is empty then, that it was not there."""
    return Edit(key=key, before=before or UNSET, after=after)
