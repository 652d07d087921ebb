"""Turns what an import changes in the store into dated changes, so that `changes.json` keeps up with the contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from wireproof.contract.audit.dated import contradictions
from wireproof.contract.dated_changes import FILE, Changes, DatedChange, load_changes
from wireproof.pages.patches import patch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wireproof.contract.dated_changes import ChangeKind
    from wireproof.contract.edits import Edit
    from wireproof.contract.model import Contract, Product
    from wireproof.pages.changes import Change

_KINDS: dict[str, ChangeKind] = {
    "field gone": "field-removed",
    "field added": "field-added",
    "type changed": "field-type-changed",
    "parameter gone": "param-removed",
    "parameter added": "param-added",
    "parameter's range": "limit-changed",
    "weight": "weight-changed",
}
#: Differences without a kind of their own; a patch is what matters of them.
_SUBJECTS = frozenset({"security", "name", "route", "update speed", "parameter's type", "parameter's default"})
_DEPRECATION = {
    "deprecated": ("current", "marked deprecated"),
    "no longer deprecated": ("marked deprecated", "current"),
}
_GONE: dict[str, ChangeKind] = {"rest": "request-retired", "ws-api": "request-retired", "stream": "stream-retired"}
_NEW: dict[str, ChangeKind] = {"rest": "request-added", "ws-api": "request-added", "stream": "stream-added"}


def changes_file(  # what is listed, and as what
    folder: Path,
    changes: Iterable[Change],
    contracts: Mapping[str, Contract],
    product: Product,
    today: str,
    *,
    before: Mapping[str, Contract] | None = None,
    basis: Literal["comparison", "sdk"] = "comparison",
    kept: Mapping[Change, str] | None = None,
    without_contract: Mapping[str, str] | None = None,
) -> dict[Path, bytes]:
    """Return `changes.json` of the product in `folder` with what `contracts` say anew as of `today`, by its path.

    Nothing where the product keeps no such file, or where nothing is to be listed. What the contract shows elsewhere
    all the same, such as a field that only one of two examples lost, is no change of the contract. `before` are the
    contracts as they were, by id: what they said becomes the patch of a change. `kept` says of a
    change why the contract does not follow it yet, `without_contract` of an id why the store has no such contract; with
    basis `sdk`, `today` is the day of the release.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    known = load_changes(folder)
    new = [
        one
        for change in changes
        if change.contract in contracts
        for plain in _dated(change, contracts[change.contract], today)
        for one in (
            replace(
                plain,
                basis=basis,
                kept=(kept or {}).get(change, ""),
                patch=_patch(change, plain, (before or {}).get(change.contract), contracts, kept or {}),
            ),
        )
        if one.kind != "behaviour" or one.patch or change.what in _DEPRECATION
        if not any(contradictions(Changes(changes=(one,)), {change.contract: contracts[change.contract]}, product))
    ]
    new += [
        DatedChange(
            contracts=(name,),
            kind=_NEW.get(name.split("/")[1], "event-added"),
            announced=today,
            basis=basis,
            links=(product.docs_url,),
        )
        for name in without_contract or {}
        if name not in known.without_contract
    ]
    if not new:
        return {}
    left = {name: why for name, why in known.without_contract.items() if name not in contracts}
    left |= dict(without_contract or {})
    grown = replace(known, without_contract=left, changes=(*known.changes, *new))
    return {file: msgspec.json.format(msgspec.json.encode(grown), indent=2) + b"\n"}


def _patch(
    change: Change,
    dated: DatedChange,
    old: Contract | None,
    contracts: Mapping[str, Contract],
    kept: Mapping[Change, str],
) -> tuple[Edit, ...]:
    """Return what a contract said before a change that it follows; nothing where that is not known."""
    if old is None or change in kept:
        return ()
    return patch_of(old, contracts[change.contract], change.what, dated)


def _dated(change: Change, contract: Contract, today: str) -> Iterator[DatedChange]:
    def dated(kind: ChangeKind, before: str | None = None, after: str | None = None) -> DatedChange:
        return DatedChange(
            contracts=(contract.id,),
            kind=kind,
            path=change.where,
            before=before or None,
            after=after or None,
            announced=today,
            basis="comparison",
            links=(contract.docs_url,),
        )

    match change.what:
        case "new contract":
            yield dated(_NEW.get(contract.surface.value, "event-added"))
        case "contract gone":
            yield dated(_GONE.get(contract.surface.value, "event-retired"))
        case "parameter now mandatory":
            yield dated("param-mandatory", "optional", "mandatory")
        case "parameter now optional":
            yield dated("param-mandatory", "mandatory", "optional")
        case what if what in _DEPRECATION:
            yield dated("behaviour", *_DEPRECATION[what])
        case "parameter's values" if " → " in change.detail:  # from any to some, or back
            before, _, after = change.detail.partition(" → ")
            yield replace(dated("behaviour", before, after), note="values changed")
        case "parameter's values" | "field's values":
            for part in change.detail.split("; "):
                words, _, verb = part.rpartition(" ")
                for word in words.split(", ") if verb in {"came", "went"} else ():
                    yield dated("enum-value-added", after=word) if verb == "came" else dated("enum-value-removed", word)
        case what if what in _SUBJECTS:
            before, _, after = change.detail.partition(" → ")
            yield replace(dated("behaviour", before, after), path=change.where or what, note=f"{what} changed")
        case what if what in _KINDS:
            before, _, after = change.detail.partition(" → ") if " → " in change.detail else ("", "", "")
            yield dated(_KINDS[what], before, after)
