"""Every cause that a contract names has its row, and every row is used and can be carried out."""

from __future__ import annotations

from wireproof.contract.model import Surface
from wireproof.suite.events.stream_life import PROVOCATIONS
from wireproof.suite.vocabulary.causes import CAUSES


def cases(store):
    """Return the cases that contract files name."""
    return [case for contract in store.contracts.values() for case in contract.cases]


def test_every_cause_of_a_contract_has_a_row_and_every_row_is_used(store):
    assert {case.watch.cause for case in cases(store) if case.watch is not None and case.watch.cause} == set(CAUSES)


def test_streams_name_only_causes_that_say_what_they_need(store):
    named = {
        case.watch.cause
        for contract in store.contracts.values()
        if contract.surface is Surface.STREAM
        for case in contract.cases
        if case.watch is not None and case.watch.cause
    }
    assert named == {name for name, kind in CAUSES.items() if kind.stream_needs is not None}


def test_every_cause_can_be_carried_out():
    """And `wireproof plan` knows what each sends: its row says so."""
    assert set(PROVOCATIONS) == set(CAUSES)
