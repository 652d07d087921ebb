"""The store as of another day: what was documented then, or will be as far as it is announced.

Changes in force after the day are undone, newest first; of one day, the last listed first. Pending changes, which the
store does not say yet, are carried out when the day is not before theirs. What only the wire shows, and what holds in
one environment alone, was never in a contract, so nothing of it is undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.contract.cases_then import cases_then
from wireproof.contract.dated_changes import in_order, load_changes, part
from wireproof.contract.edits import apply, as_document, from_document
from wireproof.contract.store import Store, load_store
from wireproof.contract.undoing import BORN, RETIRED, edits_of, stated, unpatched
from wireproof.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.contract.edits import Document, Edit
    from wireproof.contract.model import Contract, Product


def store_as_of(store: Store, day: str) -> Store:
    """Return the store as of a day (ISO 8601), with what is left out of it in `left_out`.

    Raises UsageError for a day before the first change that is known, ContractFileError for changes that are not sound.
    """
    listed = {name: load_changes(store.folder / name, store.contracts).changes for name in store.products}
    refuse_before(day, (change for changes in listed.values() for change in changes))
    contracts, left_out = dict(store.contracts), dict[str, str]()
    for name, product in store.products.items():
        own = {one.id: one for one in store.contracts.values() if one.product == name}
        then, reasons = contracts_then(own, listed[name], product, day)
        contracts = {key: then.get(key, one) for key, one in contracts.items() if key not in own or key in then}
        left_out |= reasons
    made = Store(store.folder, store.products, contracts, store.overlay)
    made.outdated, made.day, made.left_out = list(store.outdated), day, left_out
    return made


def load_as_of(day: str | None) -> Store:
    """Return the default store as of a day (ISO 8601), or as its files are where none is named."""
    return load_store() if day is None else store_as_of(load_store(), day)


def refuse_before(day: str, changes: Iterable[DatedChange]) -> None:
    """Raise UsageError for a day before the oldest of some changes."""
    first = min((change.date for change in changes), default=day)
    if day < first:
        raise UsageError(f"Contracts are known since {first}, and --as-of {day} is before. Choose a later day.")


def contracts_then(
    contracts: dict[str, Contract], changes: Iterable[DatedChange], product: Product, day: str
) -> tuple[dict[str, Contract], dict[str, str]]:
    """Return the contracts of a product as of a day, and why some contracts and cases are left out, by id."""
    born: dict[str, DatedChange] = {}
    documents: dict[str, Document] = {}
    undone: dict[str, list[DatedChange]] = {}
    ordered, again = documented(changes), said_again(changes)
    for change in reversed(ordered):
        if change.date <= day or change.kept or change.pending:
            continue
        for contract_id in change.contracts:
            if contract_id not in contracts or contract_id in born or (contract_id, id(change)) in again:
                continue
            if change.kind in BORN:
                born[contract_id] = change
                continue
            if contract_id not in documents:
                documents[contract_id] = as_document(contracts[contract_id])
            undo(documents[contract_id], change, product)
            undone.setdefault(contract_id, []).append(change)
    for change in ordered:
        if change.pending and change.date <= day:
            for contract_id in change.contracts:
                if contract_id in contracts and contract_id not in born:
                    if contract_id not in documents:
                        documents[contract_id] = as_document(contracts[contract_id])
                    redo(documents[contract_id], change)
    reasons = {name: f"it came on {change.date}" for name, change in born.items()}
    out: dict[str, Contract] = {}
    for contract_id, contract in contracts.items():
        if contract_id in born:
            continue
        if contract_id not in documents:
            out[contract_id] = contract
            continue
        then = from_document(documents[contract_id])
        then = replace(then, revised=min(then.revised, day))
        then, left = cases_then(contract, then, undone.get(contract_id, ()), product)
        reasons |= {f"{contract_id}/{case}": why for case, why in left.items()}
        out[contract_id] = then
    return out, reasons


def documented(changes: Iterable[DatedChange]) -> list[DatedChange]:
    """Return the changes of what is documented everywhere, oldest first."""
    return [change for change in in_order(changes) if change.documented and not change.environment]


def said_again(changes: Iterable[DatedChange]) -> set[tuple[str, int]]:
    """Return which changes only say of a contract what the one before of the same part says, by contract and identity.

    An official SDK may add a word that the page had long since. Before it came the second time it was there already.
    """
    before: dict[tuple[str, ...], DatedChange] = {}
    again: set[tuple[str, int]] = set()
    for change in documented(changes):
        if change.kept or not change.kind.endswith(("-added", "-removed")):
            continue
        for contract_id in change.contracts:
            key = (contract_id, *part(change))
            if key in before and before[key].kind == change.kind:
                again.add((contract_id, id(change)))
            before[key] = change
    return again


def all_unpatched(store: Store) -> list[tuple[DatedChange, str, str]]:
    """Return each change of which a contract cannot be led back fully, oldest first: the change, the id, and why."""
    out: list[tuple[DatedChange, str, str]] = []
    for name, product in store.products.items():
        changes = load_changes(store.folder / name, store.contracts).changes
        documents = {one.id: as_document(one) for one in store.contracts.values() if one.product == name}
        again = said_again(changes)
        for change in reversed(documented(changes)):
            for contract_id in () if change.kept or change.pending else change.contracts:
                if contract_id not in documents or (contract_id, id(change)) in again:
                    continue
                if change.kind in BORN:
                    del documents[contract_id]
                    continue
                if why := unpatched(documents[contract_id], change, product):
                    out.append((change, contract_id, why))
                undo(documents[contract_id], change, product)
    return sorted(out, key=lambda one: one[0].date)


def undo(document: Document, change: DatedChange, product: Product) -> list[Edit]:
    """Turn a contract that says what holds since a change into the one before; return the edits that lead back."""
    edits = edits_of(document, change, product)
    for edit in reversed(edits):
        apply(document, edit, back=True)
    return edits


def redo(document: Document, change: DatedChange) -> None:
    """Turn a contract that says what held before a change into the one since, by its patch."""
    if change.kind in RETIRED:
        document["retired"] = change.date
    for edit in stated(change, document["id"]):
        apply(document, edit, back=False)
