"""Funding: when, how much, and what is told."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.funding import INTERVAL_MS, funding_rate, is_perpetual, next_funding_time


def test_times_and_symbols():
    """00:00, 08:00 and 16:00 UTC; contracts that are delivered have none."""
    assert next_funding_time(INTERVAL_MS) == 2 * INTERVAL_MS
    assert next_funding_time(INTERVAL_MS - 1) == INTERVAL_MS
    assert [is_perpetual(name) for name in ("BTCUSDT", "BTCUSD_PERP", "BTCUSD_261225")] == [True, True, False]


def test_rate_follows_the_premium(exchange):
    """The interest rate while mark and index are close; the premium less the clamp beyond."""
    market = exchange.engine.markets["BTCUSDT"]
    market.own_index = market.mark_price
    assert funding_rate(market) == Decimal("0.00010000")
    market.mark_price = market.index_price * Decimal("1.01")
    assert funding_rate(market) == Decimal("0.00950000")


def test_cross_position_pays_with_a_balance_only(exchange):
    """Long pays when the rate is positive: income, wallet, and an event without positions; once per period."""
    exchange.order(exchange.alice, "BUY", "0.1")
    before = exchange.alice.wallets["USDT"]
    exchange.events.clear()
    exchange.clock.advance(INTERVAL_MS)
    exchange.engine.tick()
    exchange.engine.tick()
    (event,) = exchange.told(exchange.alice, "ACCOUNT_UPDATE")
    assert (event["a"]["m"], [row["a"] for row in event["a"]["B"]], event["a"]["P"]) == ("FUNDING_FEE", ["USDT"], [])
    assert event["a"]["S"] == "BTCUSDT"
    paid = exchange.alice.wallets["USDT"] - before
    assert paid < 0
    row = exchange.alice.income.rows[-1]
    assert (row.kind, row.amount, row.symbol) == ("FUNDING_FEE", paid, "BTCUSDT")
    assert len(exchange.engine.funding.history["BTCUSDT"]) == 1


def test_isolated_short_is_paid_into_its_own_wallet(exchange):
    """Its event has the position, too."""
    symbol = exchange.engine.markets["BTCUSDT"].symbol
    exchange.engine.settings.set_margin_type(exchange.alice, symbol, isolated=True)
    exchange.order(exchange.alice, "SELL", "0.1")
    position = exchange.alice.position(symbol, "BOTH")
    before = position.isolated_wallet
    exchange.events.clear()
    exchange.engine.funding.pay_funding()
    (event,) = exchange.told(exchange.alice, "ACCOUNT_UPDATE")
    assert [row["s"] for row in event["a"]["P"]] == ["BTCUSDT"]
    assert position.isolated_wallet > before
