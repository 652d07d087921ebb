"""Edits of contracts: what stood at a place before a change, and what stands there since, in the contract's own terms.

An edit is carried out on a contract as its file holds it (`as_document`), in both directions: what it puts there it can
take away again. What comes of it is decoded as every contract file is, so that it cannot say what a file may not say.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from wireproof.contract.contract_file import ContractFile, contract_in, file_form
from wireproof.contract.model import Param, Refinement
from wireproof.contract.names import contract_problem
from wireproof.errors import WireproofError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract

    #: A contract as its file holds it.
    Document = dict[str, Any]


class Edit(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What stood at one place of a contract before a change, and what stands there since; one left out is nothing.

    The place is exactly one of `field`, `param`, `refinement` and `key`. A row of a table that only one side has is
    whole; of one that both sides have, the keys that differ are said, with null for one that is not there. A field
    goes into each object that has the key which it `follows`.
    """

    contracts: tuple[str, ...] = ()  # the contracts that it is about; empty: all of the change
    examples: tuple[str, ...] = ()  # of a field: the examples that it is about; empty: all
    field: str | None = None  # a field of what examples answer, as a generalised path; empty: the whole answer
    param: str = ""  # a row of the table of parameters: `limit`, `batchOrders[].side`
    refinement: str | None = None  # the refinements of this generalised path
    key: str = ""  # any other key of a contract file, such as request.weight or stream.route
    follows: str | None = None  # after which key, or parameter, it stands; empty: before all, left out: after all
    before: Any | UnsetType = UNSET  # what stood there before
    after: Any | UnsetType = UNSET  # what stands there since
    unknown: str = ""  # why nobody can say what stood there
    already: str = ""  # why nothing changed there: which page said before what holds since
    source: str = ""  # where it can be read what stood there


_PLACES = ("field", "param", "refinement", "key")
_ROWS: dict[str, Any] = {"param": Param, "refinement": Refinement}
_TOKEN = re.compile(r'\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<index>\d*)\]|\.?(?P<key>[^.\[]+)')


def edit_problem(edit: Edit) -> str:
    """Return a sentence on the first thing that is wrong with an edit; empty when nothing is."""
    places = [name for name in _PLACES if getattr(edit, name) not in ("", None)]
    if edit.field == "" or edit.refinement == "":
        places.append("field" if edit.field == "" else "refinement")
    if len(places) != 1:
        return f"a patch names {' and '.join(places) or 'no place'}. Exactly one of {', '.join(_PLACES)} is needed."
    if edit.unknown or edit.already:
        reason = "'unknown' that nobody knows" if edit.unknown else "'already' that nothing changed"
        is_told = edit.before is not UNSET or (edit.unknown and edit.already)
        return f"a patch says what stood there, and in {reason}." if is_told else ""
    if edit.before is UNSET and edit.after is UNSET:
        return "a patch says neither what stood there before nor what stands there since, nor why in 'unknown'."
    if (row := _ROWS.get(places[0])) is not None:
        known = [one.encode_name for one in msgspec.structs.fields(row)]
        for side in (edit.before, edit.after):
            if side is not UNSET and not isinstance(side, dict):
                return f"a patch of a {places[0]} is no object."
            for name in side if isinstance(side, dict) else ():
                if name not in known:
                    return f"a patch of a {places[0]} has the key {name!r}. {did_you_mean(name, known)}"
    if edit.key:
        first, known = edit.key.split(".")[0], [one.encode_name for one in msgspec.structs.fields(ContractFile)]
        if first not in known:
            return f"a patch is about the key {first!r}. {did_you_mean(first, known)}"
    return ""


def as_document(contract: Contract) -> Document:
    """Return a contract as its file holds it, in plain objects and lists of its own."""
    document: Document = msgspec.json.decode(msgspec.json.encode(file_form(contract)))
    return document


def from_document(document: Document) -> Contract:
    """Return the contract that a document holds; WireproofError, when it is none."""
    try:
        contract = contract_in(msgspec.convert(document, ContractFile))
    except (msgspec.ValidationError, ValueError) as error:
        raise WireproofError(f"{document.get('id', 'a contract')}: a patch makes no contract of it: {error}.") from None
    if problem := contract_problem(contract):
        raise WireproofError(f"{contract.id}: a patch makes no contract of it: {problem}")
    return contract


def apply(document: Document, edit: Edit, *, back: bool) -> None:
    """Carry an edit out on a document: towards what stands since, or `back` to what stood before."""
    old, new = (edit.after, edit.before) if back else (edit.before, edit.after)
    if edit.unknown or (old is UNSET and new is UNSET):
        return
    if edit.field is not None:
        for example in document.get("examples", ()):
            if not edit.examples or example["name"] in edit.examples:
                _set_field(example, edit.field, new, edit.follows)
    elif edit.refinement is not None:
        _set_rows(document.setdefault("refinements", []), "path", edit.refinement, old, new, None)
    elif edit.param:
        *tables, name = edit.param.split("[].")
        rows = params_of(document)
        for table in tables:
            row = next((one for one in rows if one["name"] == table), None)
            rows = row.setdefault("items", []) if row is not None else []
        _set_rows(rows, "name", name, old, new, edit.follows)
    else:
        _set_key(document, edit.key.split("."), new)


def params_of(document: Document) -> list[dict[str, Any]]:
    """Return the table of parameters of a document, to be changed; a list of its own where it can have none."""
    subject = document.get("request") or document.get("stream")
    rows: list[dict[str, Any]] = subject.setdefault("params", []) if subject is not None else []
    return rows


def table_of(document: Document, tables: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of a document's table of parameters, or of the table inside the rows of these names."""
    rows = params_of(document)
    for table in tables:
        rows = next((one.get("items", []) for one in rows if one["name"] == table), [])
    return rows


def without(held: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object without a key."""
    return {key: value for key, value in held.items() if key != name}


def standing(document: Document, path: str) -> Iterator[Edit]:
    """Yield what stands at a generalised path of each example, place by place: edits that bring it in.

    Of a list's elements the places are told apart by their numbers, so that each gets back what it had.
    """
    for example in document.get("examples", ()):
        if not path:
            yield Edit(field="", examples=(example["name"],), after=example["response"])
        for parent, where, key in _places(example["response"], tokens(path)) if path else ():
            if isinstance(parent, dict) and key in parent:
                keys = list(parent)
                before = keys[keys.index(key) - 1] if keys.index(key) else ""
                place = _joined(where, key)
                yield Edit(field=place, examples=(example["name"],), after=parent[key], follows=before)
            elif isinstance(parent, list) and isinstance(key, int):
                yield Edit(field=_joined(where, key), examples=(example["name"],), after=parent[key])


def tokens(path: str) -> list[str | int | None]:
    """Return the steps of a path: keys, numbers of elements, and None for every element."""
    out: list[str | int | None] = []
    for found in _TOKEN.finditer(path):
        if found["quoted"] is not None:
            out.append(json.loads(f'"{found["quoted"]}"'))
        elif found["index"] is not None:
            out.append(int(found["index"]) if found["index"] else None)
        else:
            out.append(found["key"])
    return out


def _joined(where: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{where}[{key}]"
    if not re.fullmatch(r'[^.\[\]"]+', key):
        return f"{where}[{json.dumps(key)}]"
    return f"{where}.{key}" if where else key


def _places(value: Any, steps: list[str | int | None], where: str = "") -> Iterator[tuple[Any, str, str | int]]:
    """Yield each object or list that the last step leads out of, its path, and the key or number of that step."""
    step, *rest = steps
    if isinstance(step, str):
        if not isinstance(value, dict):
            return
        if not rest:
            yield value, where, step
        elif step in value:
            yield from _places(value[step], rest, _joined(where, step))
    elif isinstance(value, list):
        for number in range(len(value)) if step is None else [step] if step < len(value) else []:
            if not rest:
                yield value, where, number
            else:
                yield from _places(value[number], rest, _joined(where, number))


def _set_field(example: Document, path: str, new: Any, follows: str | None) -> None:
    if not path:
        if new is not UNSET:
            example["response"] = _copy(new)
        return
    for parent, _, key in list(_places(example["response"], tokens(path))):
        if isinstance(key, int):
            if new is not UNSET:
                parent[key] = _copy(new)
        elif new is UNSET:
            parent.pop(key, None)
        elif key in parent:
            parent[key] = _copy(new)
        elif not follows or follows in parent:
            _insert(parent, key, _copy(new), follows)


def _insert(parent: dict[str, Any], key: str, value: Any, follows: str | None) -> None:
    """Put a key into an object after another one; before all where that is empty, after all where there is none."""
    items = list(parent.items())
    index = len(items) if follows is None else 0 if not follows else list(parent).index(follows) + 1
    items.insert(index, (key, value))
    parent.clear()
    parent.update(items)


def _set_rows(  # noqa: PLR0917  # the rows, which of them, and what of them
    rows: list[dict[str, Any]], name: str, wanted: str, old: Any, new: Any, follows: str | None
) -> None:
    found = [row for row in rows if row[name] == wanted]
    if old is not UNSET and new is not UNSET:  # some keys of rows
        for row in found:
            for key, value in (dict.fromkeys(old) | new).items():
                if value is None:
                    row.pop(key, None)
                else:
                    row[key] = _copy(value)
    elif new is UNSET:
        told = dict(old, **{name: wanted})
        gone = [row for row in found if row == told] or found
        rows[:] = [row for row in rows if row not in gone]
    elif name == "path" or not found:
        names = [row[name] for row in rows]
        index = len(rows) if follows not in {*names, ""} else names.index(follows) + 1 if follows else 0
        rows.insert(index, {name: wanted, **_copy(new)})


def _set_key(document: Document, steps: list[str], new: Any) -> None:
    at: Any = document
    for step in steps[:-1]:
        at = next((one for one in at if one.get("name") == step), None) if isinstance(at, list) else at.get(step)
        if not isinstance(at, dict | list):
            return
    if isinstance(at, dict):
        if new is UNSET:
            at.pop(steps[-1], None)
        else:
            at[steps[-1]] = _copy(new)


def _copy(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
