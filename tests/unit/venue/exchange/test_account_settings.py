"""Settings of an account: what is refused, what changes, what is published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal

D = Decimal


@pytest.fixture
def settings(exchange):
    """Return the desk that changes settings."""
    return exchange.engine.settings


@pytest.fixture
def btc(exchange):
    """Return BTCUSDT."""
    return exchange.engine.symbols["BTCUSDT"]


def refused(act, *args, **named):
    """Return the code with which something is refused."""
    with pytest.raises(Refusal) as refusal:
        act(*args, **named)
    return refusal.value.code


def test_leverage_is_bounded_by_the_symbol_and_by_the_position(exchange, settings, btc):
    """Between one and the highest; not so high that the position would be too large for it."""
    assert refused(settings.set_leverage, exchange.alice, btc, 0) == -4028
    assert refused(settings.set_leverage, exchange.alice, btc, btc.max_leverage + 1) == -4028
    exchange.alice.wallets["USDT"] = D(1_000_000)
    exchange.order(exchange.alice, "BUY", "5")
    assert refused(settings.set_leverage, exchange.alice, btc, 125) == -2027
    settings.set_leverage(exchange.alice, btc, 30)
    assert exchange.alice.leverage("BTCUSDT") == 30
    assert exchange.told(exchange.alice, "ACCOUNT_CONFIG_UPDATE")[-1]["ac"] == {"s": "BTCUSDT", "l": 30}


def test_leverage_of_an_isolated_position_only_rises(exchange, settings, btc):
    """-4161 for less of it."""
    settings.set_margin_type(exchange.alice, btc, isolated=True)
    exchange.order(exchange.alice, "BUY", "0.01")
    assert refused(settings.set_leverage, exchange.alice, btc, 10) == -4161
    settings.set_leverage(exchange.alice, btc, 21)


def test_margin_type_changes_without_orders_and_positions_only(exchange, settings, btc):
    """-4046 for no change, -4047 with an order, -4048 with a position."""
    assert refused(settings.set_margin_type, exchange.alice, btc, isolated=False) == -4046
    order = exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    assert refused(settings.set_margin_type, exchange.alice, btc, isolated=True) == -4047
    exchange.get("order.cancel", exchange.alice, symbol="BTCUSDT", orderId=order["orderId"])
    exchange.order(exchange.alice, "BUY", "0.01")
    assert refused(settings.set_margin_type, exchange.alice, btc, isolated=True) == -4048
    exchange.order(exchange.alice, "SELL", "0.01")
    settings.set_margin_type(exchange.alice, btc, isolated=True)
    assert exchange.alice.isolated == {"BTCUSDT"}


def test_margin_moves_into_an_isolated_position_and_out_again(exchange, settings, btc):
    """The wallet stays, the cross wallet does not; as much as is there, and never what the position needs."""
    move = settings.change_margin
    assert refused(move, exchange.alice, btc, "BOTH", D(0), adding=True) == -4055
    assert refused(move, exchange.alice, btc, "BOTH", D(1), adding=True) == -4049
    settings.set_margin_type(exchange.alice, btc, isolated=True)
    assert refused(move, exchange.alice, btc, "BOTH", D(1), adding=True) == -4054
    exchange.order(exchange.alice, "BUY", "0.01")
    position = exchange.alice.position(btc, "BOTH")
    before = position.isolated_wallet
    assert refused(move, exchange.alice, btc, "BOTH", D(1_000_000), adding=True) == -4050
    move(exchange.alice, btc, "BOTH", D(10), adding=True)
    assert position.isolated_wallet == before + 10
    assert refused(move, exchange.alice, btc, "BOTH", before, adding=False) == -4051
    move(exchange.alice, btc, "BOTH", D(5), adding=False)
    assert position.isolated_wallet == before + 5
    assert [(one.amount, one.adding) for one in exchange.alice.history.margin_changes] == [(10, True), (5, False)]
    assert exchange.told(exchange.alice, "ACCOUNT_UPDATE")[-1]["a"]["m"] == "MARGIN_TRANSFER"


def test_modes_change_once_and_with_nothing_open(exchange, settings, btc):
    """Each has its own codes for no change, orders and what does not go together."""
    assert refused(settings.set_position_mode, exchange.alice, hedge=False) == -4059
    assert refused(settings.set_multi_assets, exchange.alice, enabled=False) == -4171
    exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    assert refused(settings.set_position_mode, exchange.alice, hedge=True) == -4067
    assert refused(settings.set_multi_assets, exchange.alice, enabled=True) == -4170
    settings.set_margin_type(exchange.bob, btc, isolated=True)
    assert refused(settings.set_multi_assets, exchange.bob, enabled=True) == -4167
    settings.set_multi_assets(exchange.carol, enabled=True)
    assert refused(settings.set_margin_type, exchange.carol, btc, isolated=True) == -4168
