"""The ledger of an account's income."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.income import KEPT, IncomeLedger
from wireproof.venue.exchange.instruments import CM, SYMBOLS, UM

D = Decimal


def test_nothing_is_recorded_for_zero():
    """A trade without profit has a commission only."""
    ledger = IncomeLedger()
    ledger.add(UM, "FUNDING_FEE", D(0), "USDT", 1)
    ledger.trade(SYMBOLS["BTCUSDT"], D(0), D("0.5"), trade_id=7, now=2)
    assert [(row.kind, row.amount, row.trade_id) for row in ledger.rows] == [("COMMISSION", D("-0.5"), "7")]


def test_rows_are_of_a_period_and_of_a_product():
    """Both ends count."""
    ledger = IncomeLedger()
    for time, unit in enumerate((UM, UM, CM, CM, UM)):
        ledger.add(unit, "REALIZED_PNL", D(1), "USDT", time)
    assert [row.time for row in ledger.between(0, 9, UM)] == [0, 1, 4]
    assert [row.time for row in ledger.between(3, 3, CM)] == [3]
    assert len({row.number for row in ledger.rows}) == 5


def test_the_oldest_rows_are_dropped():
    """So that an account cannot grow without end."""
    ledger = IncomeLedger()
    for time in range(KEPT + 1):
        ledger.add(UM, "TRANSFER", D(1), "USDT", time)
    assert (len(ledger.rows), ledger.rows[0].time) == (KEPT, 1)
