"""Every mark that a contract gives has its row, every row is used, and rows say where a case is sent."""

from __future__ import annotations

import pytest

from wireproof.suite.vocabulary.marks import CASE_MARKS, inherited, why_excluded, why_sent_once


def test_every_mark_of_a_contract_has_a_row_and_every_row_is_used(store):
    assert {
        mark for contract in store.contracts.values() for case in contract.cases for mark in case.marks
    } == CASE_MARKS


@pytest.mark.parametrize(
    ("mark", "target", "accounts", "part"),
    [
        ("scarce", "testnet", 1, "too few of them in a month"),
        ("scarce", "local", 1, ""),
        ("not_on_testnet", "live", 1, ""),
        ("not_on_testnet", "testnet", 1, "does not serve it"),
        ("real_money", "live", 1, "never sent to live"),
        ("needs_counterparty", "local", 1, "a second account"),
        ("needs_counterparty", "local", 2, ""),
    ],
)
def test_a_mark_says_where_its_cases_are_left_out(mark, target, accounts, part):
    reason = why_excluded([mark], target, accounts)
    assert part in reason if part else not reason


def test_faults_share_some_marks_and_unknown_marks_are_left_to_the_check():
    assert inherited(["scarce", "venue_only", "no_such_mark", "real_money"]) == ("real_money", "scarce")
    assert why_sent_once(["scarce"])
    assert not why_sent_once(["venue_only", "no_such_mark"])
