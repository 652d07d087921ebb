"""Margin calls and liquidation on a scripted price move."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange.liquidation import OPENING_FUND, bankruptcy_price

#: Where an isolated position of twentyfold leverage, bought at about 86250, is called and not liquidated yet.
CALLED = 82325


def isolate(exchange, account):
    exchange.engine.settings.set_margin_type(account, exchange.engine.markets["BTCUSDT"].symbol, isolated=True)


def fall_to(exchange, price):
    exchange.engine.set_price("BTCUSDT", Decimal(price))


@pytest.fixture
def long(exchange):
    """Return an exchange whose first account is long 1 BTC at about 86250 with a wallet of about 5000."""
    exchange.order(exchange.alice, "BUY", "1")
    exchange.events.clear()
    return exchange


def test_one_margin_call_per_crossing(long):
    """At eighty per cent, once; again only after the margin was healthy in between."""
    fall_to(long, 81680)
    (event,) = long.told(long.alice, "MARGIN_CALL")
    assert list(event) == ["e", "E", "cw", "p"]
    (row,) = event["p"]
    assert {name: row[name] for name in ("s", "ps", "pa", "mt", "iw")} == {
        "s": "BTCUSDT",
        "ps": "BOTH",
        "pa": "1",
        "mt": "CROSSED",
        "iw": "0",
    }
    assert Decimal(row["up"]) < 0 < Decimal(row["mm"])
    fall_to(long, 81660)
    assert len(long.told(long.alice, "MARGIN_CALL")) == 1
    fall_to(long, 86000)
    fall_to(long, 81680)
    assert len(long.told(long.alice, "MARGIN_CALL")) == 2
    assert long.position(long.alice)["positionAmt"] == "1.0000"


def test_a_position_opened_after_one_that_was_called_is_called_itself(exchange):
    """The one before was closed while its margin was low; then the price went back."""
    isolate(exchange, exchange.alice)
    for calls in (1, 2):
        exchange.order(exchange.alice, "BUY", "0.1")
        fall_to(exchange, CALLED)
        assert len(exchange.told(exchange.alice, "MARGIN_CALL")) == calls
        exchange.order(exchange.alice, "SELL", "0.1")
        fall_to(exchange, 86250)


def test_liquidation_by_market(long):
    """A LIMIT IOC order with an autoclose- id closes the position; the fund takes its fee; who listens is told."""
    heard = []
    long.engine.liquidator.liquidated.subscribe(heard.append)
    resting = long.order(long.alice, "BUY", "0.002", "60000.0")
    fall_to(long, 81600)
    (order,) = heard
    assert order.client_id.startswith("autoclose-")
    assert (order.type, order.time_in_force, order.side, order.status) == ("LIMIT", "IOC", "SELL", "FILLED")
    assert long.status_of(long.alice, resting) == "CANCELED"
    assert long.position(long.alice)["positionAmt"] == "0.0000"
    assert Decimal(long.wallet(long.alice)) >= 0
    assert long.alice.income.rows[-1].kind == "INSURANCE_CLEAR"
    assert long.engine.liquidator.fund_of("USDT") > OPENING_FUND
    reasons = [event["a"]["m"] for event in long.told(long.alice, "ACCOUNT_UPDATE")]
    assert reasons[-1] == "INSURANCE_CLEAR"
    assert len(long.told(long.alice, "MARGIN_CALL")) == 1


def test_the_fund_takes_over_what_nobody_takes(long):
    """A fall beyond the margin: the order finds no counterparty; the account ends at about zero, never below."""
    fall_to(long, 70000)
    assert long.position(long.alice)["positionAmt"] == "0.0000"
    assert 0 <= Decimal(long.wallet(long.alice)) < 1
    order = next(one for one in long.alice.closed_orders.values() if one.client_id.startswith("autoclose-"))
    assert (order.status, order.executed) == ("EXPIRED", 0)


def test_isolated_position_falls_alone(exchange):
    """Its own margin is lost, the rest of the wallet and other positions are not."""
    isolate(exchange, exchange.alice)
    exchange.order(exchange.alice, "BUY", "0.1")
    exchange.order(exchange.alice, "BUY", "1", symbol="ETHUSDT")
    exchange.events.clear()
    fall_to(exchange, 82200)
    (event,) = exchange.told(exchange.alice, "MARGIN_CALL")
    assert "cw" not in event
    assert [row["mt"] for row in event["p"]] == ["ISOLATED"]
    assert exchange.position(exchange.alice)["positionAmt"] == "0.0000"
    assert [one.symbol.name for one in exchange.alice.open_positions()] == ["ETHUSDT"]
    assert Decimal(exchange.wallet(exchange.alice)) > 4500


def test_short_and_hedge_mode(exchange):
    """A short one falls when the price rises; its order buys, on its own position side."""
    exchange.go_hedge(exchange.alice)
    exchange.order(exchange.alice, "SELL", "1", positionSide="SHORT")
    fall_to(exchange, 90950)
    order = next(one for one in exchange.alice.closed_orders.values() if one.client_id.startswith("autoclose-"))
    assert (order.side, order.position_side) == ("BUY", "SHORT")
    assert not list(exchange.alice.open_positions())


def test_multi_assets_share_their_margin(long):
    """In multi-assets mode USDC and BTC carry the position, too."""
    long.engine.settings.set_multi_assets(long.alice, enabled=True)
    fall_to(long, 81600)
    assert long.told(long.alice, "MARGIN_CALL") == []
    assert long.position(long.alice)["positionAmt"] == "1.0000"
    fall_to(long, 75000)
    assert long.position(long.alice)["positionAmt"] == "0.0000"


def test_coin_margined(exchange):
    """Margin, event and fund are in coin; the event has the account's alias."""
    market = exchange.engine.markets["BTCUSD_PERP"]
    position = exchange.alice.position(market.symbol, "BOTH")
    position.apply(Decimal(8000), market.mark_price, Decimal(0), 20, isolated=False)
    exchange.engine.set_price("BTCUSD_PERP", market.mid * Decimal("0.905"))
    (event,) = exchange.told(exchange.alice, "MARGIN_CALL")
    assert list(event) == ["e", "E", "i", "cw", "p"]
    assert not position.amount
    assert exchange.alice.coins["BTC"] >= 0
    assert exchange.engine.liquidator.fund_of("BTC") != OPENING_FUND


def test_bankruptcy_price(exchange):
    """Where the margin is used up, rounded so that something is left."""
    linear = exchange.engine.markets["BTCUSDT"].symbol
    assert bankruptcy_price(linear, Decimal(1), Decimal(80000), Decimal("1000.05")) == Decimal("79000.0")
    assert bankruptcy_price(linear, Decimal(-1), Decimal(80000), Decimal("1000.05")) == Decimal("81000.0")
    inverse = exchange.engine.markets["BTCUSD_PERP"].symbol
    price = bankruptcy_price(inverse, Decimal(100), Decimal(80000), Decimal("0.01"))
    assert inverse.profit(Decimal(100), Decimal(80000), price) >= Decimal("-0.01")
    assert bankruptcy_price(inverse, Decimal(-1), Decimal(80000), Decimal(100)) == inverse.max_price
