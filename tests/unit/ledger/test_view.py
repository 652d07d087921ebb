"""The history of a contract's fields, in records and in lines."""

from __future__ import annotations

import pytest

from wireproof.errors import UsageError
from wireproof.ledger.joining import join
from wireproof.ledger.view import history_of, lines_of

FUNDING = "usdm/rest/GET.fapi.v1.fundingInfo"
INFO = "usdm/rest/GET.fapi.v1.exchangeInfo"
ROW = {"symbol": "A", "fundingIntervalHours": 8}


@pytest.fixture
def ledger(nights):
    rows = [ROW | {"fundingIntervalHours": None, "new": {"a": 1}}, {"symbol": "B"}]
    first = nights.ledger(nights.observed(FUNDING, [ROW]))
    return join(first, nights.ledger(nights.observed(FUNDING, rows), night=2))


def test_a_place_is_shown_with_what_is_below_it(ledger):
    history = history_of(ledger, FUNDING, "[].new")
    assert [place.path for place in history.places] == ["[].new", "[].new.a"]
    assert (history.answers, history.nights, history.first, history.last) == (2, 2, "2026-11-18", "2026-11-20")
    assert [place.path for place in history_of(ledger, FUNDING).places][:2] == ["", "[]"]


def test_what_is_shown_in_lines(ledger):
    assert lines_of(history_of(ledger, FUNDING, "[].fundingIntervalHours")) == [
        f"{FUNDING} on testnet: 2 answers on 2 nights, 2026-11-18 to 2026-11-20",
        "  [].fundingIntervalHours: 2 of 2 (2 of 3 objects), 2026-11-18 to 2026-11-20; absent 2026-11-20",
        "    integer: 1 answer, 2026-11-18 to 2026-11-18",
        "    null: 1 answer, 2026-11-20 to 2026-11-20",
    ]
    assert lines_of(history_of(ledger, FUNDING, "[].new"))[1] == (
        "  [].new (undocumented): 1 of 2 (1 of 3 objects), 2026-11-20 to 2026-11-20; absent 2026-11-18: object"
    )
    assert lines_of(history_of(ledger, FUNDING, "[].disclaimer"))[1] == (
        "  [].disclaimer: never, in 2 answers; absent 2026-11-18 to 2026-11-20"
    )


def test_words_that_no_contract_has_are_marked(nights):
    ledger = nights.ledger(nights.observed(INFO, {"rateLimits": [{"interval": "FORTNIGHT"}]}))
    lines = lines_of(history_of(ledger, INFO, "rateLimits[].interval"))
    assert lines[2:] == ["    string: 1 answer", "    FORTNIGHT (undocumented): 1 answer"]


@pytest.mark.parametrize(
    ("contract", "path", "said"),
    [
        ("usdm/rest/GET.fapi.v1.fundingInf", None, "Did you mean 'usdm/rest/GET.fapi.v1.fundingInfo'"),
        (FUNDING, "[].fundingInterval", "Did you mean '[].fundingIntervalHours'"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(ledger, contract, path, said):
    with pytest.raises(UsageError) as refused:
        history_of(ledger, contract, path)
    assert said in str(refused.value)
