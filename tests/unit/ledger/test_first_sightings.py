"""When a target first showed a change, and what that makes of it: coming, early, in force, overdue."""

from __future__ import annotations

import pytest

from wireproof.contract.dated_changes import DatedChange
from wireproof.ledger.first_sightings import FirstSighting, first_sighting, first_sightings, state_of
from wireproof.ledger.model import ContractRecord, PlaceRecord, Sighting, TargetLedger

CONTRACT = "usdm/ws-api/order.place"
FIRST, CAME, LAST = "2026-11-01", "2026-11-10", "2026-11-20"
PLACES = {
    "result": PlaceRecord(documented=True, first=FIRST, last=LAST),
    "result.old": PlaceRecord(documented=True, first=FIRST, last=LAST),
    "result.new": PlaceRecord(first=CAME, last=LAST),
    "result.gone": PlaceRecord(documented=True, first=FIRST, last="2026-11-09", absent_first=CAME, absent_last=LAST),
    "result.kind": PlaceRecord(
        documented=True,
        first=FIRST,
        last=LAST,
        kinds={"integer": Sighting(first=FIRST, last=LAST), "decimal string": Sighting(first=CAME, last=LAST)},
        words={"HALT": Sighting(first=CAME, last=LAST)},
    ),
    "result.map": PlaceRecord(documented=True, first=FIRST, last=LAST),
    "result.map.*": PlaceRecord(documented=True, first=FIRST, last=LAST),
}
LEDGER = TargetLedger(
    target="testnet", contracts={CONTRACT: ContractRecord(answers=9, first=FIRST, last=LAST, places=PLACES)}
)


def change(kind, path="", **fields):
    given = {"announced": "2026-11-05", "in_force": "2026-11-15", "basis": "change-log", "links": ("https://e.org",)}
    return DatedChange(contracts=(CONTRACT,), kind=kind, path=path, **(given | fields))


@pytest.mark.parametrize(
    ("made", "day"),
    [
        (change("field-added", "result.new"), CAME),
        (change("field-added", "new"), CAME),
        (change("field-added", "none"), ""),
        (change("field-removed", "gone"), CAME),
        (change("field-removed", "old"), ""),
        (change("enum-value-added", "kind", after="HALT"), CAME),
        (change("enum-value-added", "kind", after="OPEN"), ""),
        (change("field-type-changed", "kind", before="integer", after="string"), CAME),
        (change("request-added"), FIRST),
        (change("behaviour", "new"), ""),
    ],
)
def test_the_first_sighting_of_each_kind(made, day):
    found = first_sighting(LEDGER, made)
    assert (found.day if found else "") == day


def test_what_was_there_on_the_first_night_is_no_news():
    assert first_sighting(LEDGER, change("field-added", "old")) == FirstSighting(FIRST, was_there=True)
    assert first_sighting(LEDGER, change("field-added", "new")) == FirstSighting(CAME, was_there=False)


def test_a_change_of_one_target_is_looked_for_there():
    ledgers = {"testnet": LEDGER, "live": LEDGER}
    assert set(first_sightings(ledgers, change("field-added", "new", environment="testnet"))) == {"testnet"}


@pytest.mark.parametrize(
    ("made", "day", "state"),
    [
        (change("field-added", "new"), "2026-11-14", "early"),
        (change("field-added", "old"), "2026-11-14", "coming"),
        (change("field-added", "none"), "2026-11-14", "coming"),
        (change("field-added", "new"), "2026-11-15", "in force"),
        (change("field-added", "none"), "2026-11-15", "overdue"),
        (change("field-added", "none", after="conditional"), "2026-11-15", "in force"),
        (change("field-added", "map.ANY"), "2026-11-15", "in force"),
        (change("field-added", "none.below"), "2026-11-15", "in force"),
        (change("field-removed", "old"), "2026-11-15", "overdue"),
        (change("field-removed", "gone"), "2026-11-15", "in force"),
        (change("enum-value-added", "kind", after="OPEN"), "2026-11-15", "in force"),
        (change("behaviour"), "2026-11-15", "in force"),
        (change("field-added", "new", basis="wire", seen="2026-11-02"), "2026-11-15", "unannounced"),
    ],
)
def test_a_change_stands_by_its_days_and_by_what_was_seen(made, day, state):
    assert state_of(made, {"testnet": LEDGER}, day) == state


def test_without_ledgers_nothing_is_early_or_overdue():
    assert state_of(change("field-added", "none"), {}, "2026-11-15") == "in force"
    assert state_of(change("field-added", "new"), {}, "2026-11-14") == "coming"
