"""Orders of the exchange itself."""

from __future__ import annotations

from decimal import Decimal

from wireproof.venue.exchange.exchange_orders import close_at

D = Decimal


def test_a_position_is_closed_outside_the_book(exchange):
    """At the price given, with the events of an order that fills; neither book nor last price move."""
    exchange.order(exchange.alice, "BUY", "0.03")
    market = exchange.engine.markets["BTCUSDT"]
    position = exchange.alice.position(market.symbol, "BOTH")
    before, book, seen = market.last_price, market.book.asks.levels(5), len(exchange.events)
    close_at(exchange.engine.orders, exchange.alice, position, D("0.01"), price=D(80_000), client_id="adl_autoclose")
    events = [event for _, event in exchange.events[seen:]]
    assert position.amount == D("0.02")
    assert [event["e"] for event in events] == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
    assert [event["o"]["x"] for event in events if "o" in event] == ["NEW", "TRADE"]
    assert (events[2]["o"]["c"], events[2]["o"]["X"], events[2]["o"]["L"]) == ("adl_autoclose", "FILLED", "80000")
    assert (market.last_price, market.book.asks.levels(5)) == (before, book)
    (closed,) = [order for order in exchange.alice.closed_orders.values() if order.forced]
    assert closed.client_id == "adl_autoclose"
