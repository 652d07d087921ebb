"""The symbols: filters that fit together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange.instruments import SYMBOLS


@pytest.mark.parametrize("name", SYMBOLS)
def test_filters_fit_together(name):
    """Start price on the tick, a quantity that reaches the least notional, brackets that join."""
    symbol = SYMBOLS[name]
    assert symbol.start_price % symbol.tick == 0
    assert symbol.min_price < symbol.start_price < symbol.max_price
    assert symbol.max_qty * symbol.start_price > symbol.min_notional
    floors = [bracket.floor for bracket in symbol.brackets[1:]]
    assert floors == [bracket.cap for bracket in symbol.brackets[:-1]]
    for bracket, following in zip(symbol.brackets, symbol.brackets[1:], strict=False):
        at = Decimal(bracket.cap)
        assert at * bracket.rate - bracket.cum == at * following.rate - following.cum


def test_leverage_and_notional():
    """More leverage, smaller cap."""
    btc = SYMBOLS["BTCUSDT"]
    assert (btc.max_leverage, btc.notional_cap(125), btc.notional_cap(20)) == (125, 300_000, 100_000_000)
    assert btc.maintenance(Decimal(-100_000)) == 400
