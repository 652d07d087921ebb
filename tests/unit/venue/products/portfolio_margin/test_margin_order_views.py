"""How margin orders are shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from wireproof.venue.products.portfolio_margin import margin_order_views as show
from wireproof.venue.products.portfolio_margin.margin_records import MARGIN_SYMBOLS, MarginOrder, MarginTrade, OrderList


@pytest.fixture
def order():
    """Return an order that filled in part."""
    found = MarginOrder(
        portfolio=None,
        symbol=MARGIN_SYMBOLS["BTCUSDT"],
        order_id=7,
        client_id="mine",
        side="BUY",
        type="STOP_LOSS_LIMIT",
        time_in_force="GTC",
        quantity=Decimal(2),
        price=Decimal(80_000),
        stop_price=Decimal(81_000),
        iceberg=Decimal(1),
        stp="NONE",
        side_effect="MARGIN_BUY",
        repay_at_cancel=True,
        created=1,
        updated=2,
        status="PARTIALLY_FILLED",
        executed=Decimal(1),
        cost=Decimal(79_000),
        borrowed=Decimal("0.50"),
    )
    found.trades.append(
        MarginTrade(5, found, Decimal(79_000), Decimal(1), Decimal("0.001"), "BTC", maker=False, time=2)
    )
    return found


def test_an_acknowledged_order_is_shown_before_it_met_the_book(order):
    """RESULT shows what became of it, FULL its fills as well."""
    acknowledged, result, full = (show.placed_view(order, kind) for kind in ("ACK", "RESULT", "FULL"))
    assert acknowledged.keys() == result.keys() == full.keys()
    assert (acknowledged["status"], acknowledged["executedQty"]) == ("NEW", "0.00000000")
    assert (result["status"], result["executedQty"], result["fills"]) == ("PARTIALLY_FILLED", "1.00000000", [])
    assert full["fills"][0]["commission"] == "0.00100000"
    assert (full["marginBuyBorrowAmount"], full["marginBuyBorrowAsset"]) == ("0.5", "USDT")
    order.borrowed = Decimal(0)
    assert "marginBuyBorrowAmount" not in show.placed_view(order, "FULL")


def test_lists_show_stop_prices_of_stops_only(order):
    """And icebergs only where many orders are cancelled at once."""
    limit = replace(order, type="LIMIT_MAKER", order_id=8)
    both = OrderList(3, "pair", None, order.symbol, 1, [order, limit])
    order.order_list = limit.order_list = both
    placed = show.placed_list_view(both)
    assert [report.get("stopPrice") for report in placed["orderReports"]] == ["81000.00000000", None]
    assert (placed["listOrderStatus"], placed["marginBuyBorrowAmount"]) == ("EXECUTING", "0.5")
    order.status = limit.status = "CANCELED"
    ended = show.cancelled_list_view(both, "that")
    assert (ended["listStatusType"], ended["orderReports"][0]["clientOrderId"]) == ("ALL_DONE", "that")
    assert "icebergQty" not in ended["orderReports"][0]
    assert show.cancelled_list_view(both, "that", icebergs=True)["orderReports"][0]["icebergQty"] == "1.00000000"
