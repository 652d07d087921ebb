"""When a target first showed a dated change, by its ledger: for `wireproof changes list`, the page and the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.drift.value_paths import parent_of
from wireproof.ledger.change_matching import kinds_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger

COMING, EARLY, IN_FORCE, OVERDUE, UNANNOUNCED = "coming", "early", "in force", "overdue", "unannounced"
STATES = (COMING, EARLY, IN_FORCE, OVERDUE, UNANNOUNCED)


class FirstSighting(Struct, frozen=True):
    """The first day on which a target showed a change; `was_there` when it did so on its first night already."""

    day: str
    was_there: bool


def first_sighting(ledger: TargetLedger, change: DatedChange) -> FirstSighting | None:
    """Return when a target first showed what holds since a change; None where it never did, or nothing shows that.

    Only fields, their kinds, their words, and contracts that came can be seen. A field that went is seen on the first
    day on which an answer was without it.
    """
    found = [
        FirstSighting(day, day == since)
        for contract in change.contracts
        if (record := ledger.contracts.get(contract)) is not None
        for day, since in _days(record, contract, change)
        if day
    ]
    return min(found, key=lambda one: (one.day, not one.was_there), default=None)


def first_sightings(ledgers: Mapping[str, TargetLedger], change: DatedChange) -> dict[str, FirstSighting]:
    """Return when each target first showed a change, by target; those that did not are left out."""
    wanted = {name: one for name, one in ledgers.items() if change.environment in {"", name}}
    seen = ((name, first_sighting(ledger, change)) for name, ledger in wanted.items())
    return {name: one for name, one in seen if one is not None}


def state_of(change: DatedChange, ledgers: Mapping[str, TargetLedger], day: str) -> str:
    """Return how a change stands on a day, one of `STATES`; no ledger makes none early or overdue.

    It is early when a target that had not shown it shows it before it is in force, and overdue when a target that
    could show it was looked at since, and never did.
    """
    if not change.documented:
        return UNANNOUNCED
    since = change.in_force or change.documented
    seen = first_sightings(ledgers, change)
    if day < since:
        return EARLY if any(one.day <= day and not one.was_there for one in seen.values()) else COMING
    late = (
        _does_not_show(record, contract, change, since)
        for name, ledger in ledgers.items()
        if name not in seen and change.environment in {"", name}
        for contract in change.contracts
        if (record := ledger.contracts.get(contract)) is not None and record.last >= since
    )
    return OVERDUE if any(late) else IN_FORCE


def _days(record: ContractRecord, contract: str, change: DatedChange) -> Iterator[tuple[str, str]]:
    """Yield days on which a contract showed a change, each with the day since when it could."""
    if change.kind in {"request-added", "stream-added", "event-added"}:
        yield record.first, record.first
    place = _place(record, contract, change.path)
    if place is None:
        return
    if change.kind == "field-added":
        yield place.first, record.first
    elif change.kind == "field-removed":
        yield place.absent_first, record.first
    elif change.kind == "enum-value-added" and str(change.after) in place.words:
        yield place.words[str(change.after)].first, record.first
    elif change.kind == "field-type-changed":
        new = kinds_named(str(change.after)) - kinds_named(str(change.before))
        yield from ((seen.first, record.first) for kind, seen in place.kinds.items() if kinds_named(kind) & new)


def _does_not_show(record: ContractRecord, contract: str, change: DatedChange, since: str) -> bool:
    """Whether answers since a day would show a field that came, or still show one that went. A word need not come."""
    place = _place(record, contract, change.path)
    if change.kind == "field-added":
        if change.after == "conditional":
            return False
        around = _place(record, contract, parent_of(change.path))
        if _place(record, contract, f"{parent_of(change.path)}.*".removeprefix(".")) is not None:
            return False  # one of free keys, which need not come
        if place is not None:
            return place.absent_last >= since
        return around is not None and around.last >= since
    return change.kind == "field-removed" and place is not None and place.last >= since


def _place(record: ContractRecord, contract: str, path: str) -> PlaceRecord | None:
    """Return what is known of a path, which on the WebSocket API may be said without `result`."""
    found = record.places.get(path)
    if found is None and "/ws-api/" in contract:
        found = record.places.get("result" + (path if path.startswith("[") else f".{path}" if path else ""))
    return found
