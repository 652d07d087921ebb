"""User-data events: what depends on the product, and what is there only sometimes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.records import AlgoOrder, OrderRequest

D = Decimal
NOW = 5
SYMBOLS_OF_BOTH = ["BTCUSDT", "BTCUSD_PERP"]


@pytest.fixture
def order_of(exchange):
    """Return what makes an order for a symbol."""

    def make(name):
        request = OrderRequest(exchange.engine.symbols[name], "BUY", "BOTH", "LIMIT", "GTC", D(1), D(60_000))
        return exchange.engine.orders.new_order(exchange.alice, request)

    return make


def test_order_update_has_fields_of_its_product(exchange, order_of):
    """COIN-M's has alias and margin asset, USDⓈ-M's has si, ss and gtd."""
    linear, inverse = (user_events.order_update(order_of(name), "NEW", NOW) for name in SYMBOLS_OF_BOTH)
    assert set(linear["o"]) - set(inverse["o"]) == {"si", "ss", "gtd"}
    assert set(inverse["o"]) - set(linear["o"]) == {"ma"}
    assert (inverse["i"], "i" in linear) == (exchange.alice.alias, False)


def test_only_amendments_repeat_the_modify_id(order_of):
    """As text, and only if the request gave one."""
    order = order_of("BTCUSDT")
    assert "M" not in user_events.order_update(order, "AMENDMENT", NOW)["o"]
    order.modify_id = 42
    assert user_events.order_update(order, "AMENDMENT", NOW)["o"]["M"] == "42"
    assert "M" not in user_events.order_update(order, "NEW", NOW)["o"]


def test_account_update_names_the_symbol_of_funding(exchange):
    """And COIN-M's has the alias, but no margin asset."""
    positions = [exchange.alice.position(exchange.engine.symbols[name], "BOTH") for name in SYMBOLS_OF_BOTH]
    linear, inverse = (
        user_events.account_update(
            exchange.alice, "FUNDING_FEE", [asset], [position], NOW, unit=position.symbol.unit, funded="X"
        )
        for asset, position in zip(("USDT", "BTC"), positions, strict=True)
    )
    assert linear["a"]["S"] == inverse["a"]["S"] == "X"
    assert ("ma" in linear["a"]["P"][0], "ma" in inverse["a"]["P"][0]) == (True, False)
    assert "S" not in user_events.account_update(exchange.alice, "ORDER", [], [], NOW)["a"]


def test_algo_update_says_more_once_it_triggered(exchange):
    """Then ap, aq, act and rm come; ia only for trailing orders."""
    algo = AlgoOrder(
        *(exchange.engine.symbols["BTCUSDT"], "SELL", "BOTH", "STOP_MARKET", "GTC", D(1), D(0)),
        algo_id=1,
        account=exchange.alice,
        trigger_price=D(80_000),
        activate_price=D(0),
        callback_rate=D(0),
        created=NOW,
        updated=NOW,
    )
    waiting = user_events.algo_update(algo, NOW)
    algo.triggered = NOW
    triggered = user_events.algo_update(algo, NOW, active=True)
    assert set(triggered["o"]) - set(waiting["o"]) == {"ap", "aq", "act", "rm", "ia"}


def test_margin_call_of_cross_positions_has_the_cross_wallet(exchange):
    """An isolated one's has not."""
    position = exchange.alice.position(exchange.engine.symbols["BTCUSD_PERP"], "BOTH")
    cross, isolated = (
        user_events.margin_call(exchange.alice, [position], NOW, isolated=isolated) for isolated in (False, True)
    )
    assert (cross["cw"], cross["i"], cross["p"][0]["mt"]) == ("1.00000000", exchange.alice.alias, "CROSSED")
    assert ("cw" in isolated, isolated["p"][0]["mt"]) == (False, "ISOLATED")
