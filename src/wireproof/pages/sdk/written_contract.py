"""A contract with some of the changes that an SDK tells, and the changes that people have to bring in.

An SDK decides parameters, weights, security and pace, and that a field went. It does not say what a new field looks
like unless it shows a value, nor of which kind a string is, so those are left to people.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.contract.model import Contract, Param, Request, Stream
from wireproof.contract.paths import is_within
from wireproof.pages.outline import parent_of, values_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.pages.changes import Change
    from wireproof.pages.sdk.store_comparison import ComparedContract

_FACTS = {"security": "security", "weight": "weight", "update speed": "update_speed"}
_OF_PARAM = {
    "parameter's type": ("type",),
    "parameter now mandatory": ("required",),
    "parameter now optional": ("required",),
    "parameter's values": ("enum", "unstated"),
    "parameter's default": ("default",),
    "parameter's range": ("minimum", "maximum"),
}


def with_changes(
    compared: ComparedContract, changes: Iterable[Change], source: str
) -> tuple[Contract, dict[Change, str]]:
    """Return the store's contract with `changes` of a comparison, and those that an SDK cannot decide, with the reason.

    `source` is what changed examples name as theirs.
    """
    contract = compared.old
    by_hand: dict[Change, str] = {}
    for change in changes:
        done = _changed(contract, compared, change, source)
        if isinstance(done, str):
            by_hand[change] = done
        else:
            contract = done
    return contract, by_hand


def _changed(contract: Contract, compared: ComparedContract, change: Change, source: str) -> Contract | str:
    said = compared.new
    match change.what:
        case "deprecated":
            return replace(contract, deprecated=True)
        case what if what in _FACTS and isinstance(contract.subject, Request | Stream):
            name = _FACTS[what]
            return replace(contract, subject=replace(contract.subject, **{name: getattr(said.subject, name)}))
        case what if what.startswith("parameter") and isinstance(contract.subject, Request | Stream):
            params = _with_param(contract.params, said.params, change.what, change.where.split("[]."))
            return replace(contract, subject=replace(contract.subject, params=params))
        case "field gone":
            return _without_field(contract, change.where, source)
        case "field added":
            if change.where not in compared.entry.shown:
                return "the SDK shows no value of it; take the example from its page"
            return _with_field(contract, change.where, compared.entry.shown[change.where], source)
    return "an SDK alone does not decide it; read its page"


def _with_param(old: tuple[Param, ...], said: tuple[Param, ...], what: str, where: list[str]) -> tuple[Param, ...]:
    name, *inside = where
    new = next((param for param in said if param.name == name), None)
    if inside:
        if new is None:
            return old
        return tuple(
            replace(param, items=_with_param(param.items, new.items, what, inside)) if param.name == name else param
            for param in old
        )
    if what == "parameter gone":
        return tuple(param for param in old if param.name != name)
    if new is None:
        return old
    if what == "parameter added":
        index = next((i for i, param in enumerate(old) if param.name in {"recvWindow", "timestamp"}), len(old))
        return (*old[:index], new, *old[index:])
    values = {key: getattr(new, key) for key in _OF_PARAM[what]}
    return tuple(replace(param, **values) if param.name == name else param for param in old)


def _without_field(contract: Contract, path: str, source: str) -> Contract:
    """Return a contract whose examples lack a field, and whose refinements do not speak of it."""
    examples = []
    for example in contract.examples:
        response = copy.deepcopy(example.response)
        holders = values_at(response, parent_of(path))
        name = path.rpartition(".")[2]
        touched = [holder.pop(name) for holder in holders if isinstance(holder, dict) and name in holder]
        said = tuple(one for one in example.conditional if not is_within(one, path))
        examples.append(replace(example, response=response, conditional=said, source=source) if touched else example)
    kept = tuple(one for one in contract.refinements if not is_within(one.path, path))
    return replace(contract, examples=tuple(examples), refinements=kept)


def _with_field(contract: Contract, path: str, value: object, source: str) -> Contract | str:
    examples, shown = [], False
    for example in contract.examples:
        response = copy.deepcopy(example.response)
        name = path.rpartition(".")[2]
        holders = [holder for holder in values_at(response, parent_of(path)) if isinstance(holder, dict)]
        for holder in holders:
            holder[name] = copy.deepcopy(value)
        shown = shown or bool(holders)
        examples.append(replace(example, response=response, source=source) if holders else example)
    return replace(contract, examples=tuple(examples)) if shown else "no example shows the object that it is in"
