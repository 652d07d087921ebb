"""Filters of a symbol, each with the value that just passes and the one that just does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import filters
from wireproof.venue.exchange.instruments import SYMBOLS

BTC, ADA = SYMBOLS["BTCUSDT"], SYMBOLS["ADAUSDT"]


def _code(check, *arguments, **named):
    try:
        check(*arguments, **named)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("symbol", "price", "code"),
    [
        (BTC, "60000.1", None),
        (BTC, "60000.10", None),
        (BTC, "60000.01", -4014),
        (BTC, "60000.001", -1111),
        (BTC, "0", -4001),
        (BTC, "-5", -4001),
        (BTC, "1.0", None),
        (BTC, "0.9", -4013),
        (ADA, "0.4001", None),
        (ADA, "0.40005", -4014),
        (ADA, "0.400001", -1111),
        (BTC, "1e29", -4002),
    ],
)
def test_price_filter(symbol, price, code):
    """Decimals first, then zero, bounds and tick."""
    assert _code(filters.check_price, symbol, Decimal(price)) == code


@pytest.mark.parametrize(
    ("symbol", "quantity", "market", "code"),
    [
        (BTC, "0.0001", False, None),
        (BTC, "0.00005", False, -1111),
        (BTC, "1000", False, None),
        (BTC, "1000.0001", False, -4005),
        (BTC, "100.0001", True, -4005),
        (BTC, "0", False, -4003),
        (ADA, "1", False, None),
        (ADA, "1.5", False, -1111),
    ],
)
def test_lot_size(symbol, quantity, market, code):
    """MARKET orders have a smaller maximum."""
    assert _code(filters.check_quantity, symbol, Decimal(quantity), market=market) == code


def test_step_coarser_than_its_decimals():
    """-4023 off the grid and -4004 below it, where a step is not a power of ten."""
    import dataclasses  # noqa: PLC0415

    coarse = dataclasses.replace(BTC, step=Decimal("0.0005"))
    assert _code(filters.check_quantity, coarse, Decimal("0.0007"), market=False) == -4023
    assert _code(filters.check_quantity, coarse, Decimal("0.0004"), market=False) == -4004


def test_percent_price_binds_one_side_each(exchange):
    """A bid may be as low as it likes, an offer as high; the texts name the limit."""
    market = exchange.engine.markets["BTCUSDT"]
    assert _code(filters.check_percent_price, market, "BUY", Decimal(10)) is None
    assert _code(filters.check_percent_price, market, "SELL", Decimal(500_000)) is None
    cap = market.mark_price * Decimal("1.1") // BTC.tick * BTC.tick
    assert _code(filters.check_percent_price, market, "BUY", cap) is None
    with pytest.raises(Refusal, match=r"Limit price can't be higher than \d+(\.\d)?\."):
        filters.check_percent_price(market, "BUY", cap + BTC.tick)


def test_notional_is_printed_without_decimals():
    """5.0 is shown as 5."""
    with pytest.raises(Refusal, match=r"no smaller than 5 \(unless you choose reduce only\)\."):
        filters.check_notional(ADA, Decimal("4.99"))
    filters.check_notional(ADA, Decimal(5))
