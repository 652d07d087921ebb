"""Margin orders and symbols."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.products.portfolio_margin.margin_records import MARGIN_SYMBOLS, MarginOrder, OrderList


def order(**changes):
    """Return an order to buy bitcoin, with `changes`."""
    sound = {
        "portfolio": None,
        "symbol": MARGIN_SYMBOLS["BTCUSDT"],
        "order_id": 1,
        "client_id": "a",
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "quantity": Decimal(2),
        "price": Decimal(80_000),
        "stop_price": Decimal(0),
        "iceberg": Decimal(0),
        "stp": "NONE",
        "side_effect": "NO_SIDE_EFFECT",
        "repay_at_cancel": True,
        "created": 0,
        "updated": 0,
    }
    return MarginOrder(**sound | changes)


def test_digits_follow_from_tick_and_step():
    """As exchange information writes them."""
    symbol = MARGIN_SYMBOLS["XRPUSDT"]
    assert (symbol.price_digits, symbol.quantity_digits) == (4, 1)


def test_what_an_order_pays_and_gets():
    """Quote for base, or the other way round."""
    assert (order().pays, order().gets) == ("USDT", "BTC")
    assert (order(side="SELL").pays, order(side="SELL").gets) == ("BTC", "USDT")
    assert order(executed=Decimal("0.5")).remaining == Decimal("1.5")


@pytest.mark.parametrize(
    ("side", "kind", "rises"),
    [
        ("BUY", "STOP_LOSS", True),
        ("SELL", "STOP_LOSS_LIMIT", False),
        ("BUY", "TAKE_PROFIT", False),
        ("SELL", "TAKE_PROFIT_LIMIT", True),
    ],
)
def test_which_way_the_price_must_go(side, kind, rises):
    """Losses are stopped in the one direction, profits taken in the other."""
    assert order(side=side, type=kind).rises_to_stop is rises
    assert order(type=kind).at_market is not kind.endswith("LIMIT")


def test_a_list_is_open_while_one_of_its_orders_is():
    one, other = order(status="EXPIRED"), order(status="PARTIALLY_FILLED")
    both = OrderList(1, "b", None, one.symbol, 0, [one, other])
    assert both.is_open
    other.status = "FILLED"
    assert not both.is_open
