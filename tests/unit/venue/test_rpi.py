"""Orders that improve prices for retail users (timeInForce RPI): who meets them, and who sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

D = Decimal
BID, INSIDE, ASK = "86249.9", "86250.0", "86250.1"  # the market maker's touch, and the tick between


def improve(exchange, side: str = "BUY", price: str = INSIDE, quantity: str = "0.01"):
    """Place one of alice's."""
    return exchange.order(exchange.alice, side, quantity, price, timeInForce="RPI")


def test_it_only_makes(exchange):
    """Post-only: -5022 when it would take from the book."""
    assert exchange.refuse_order(exchange.alice, timeInForce="RPI", price=ASK)[1] == -5022
    order = improve(exchange)
    assert (order["status"], order["timeInForce"]) == ("NEW", "RPI")


def test_no_order_of_the_api_meets_it(exchange):
    """Although it has the better price: the taker gets the market maker's."""
    order = improve(exchange)
    taken = exchange.order(exchange.bob, "SELL", "0.01")
    assert D(exchange.get("order.status", exchange.bob, symbol="BTCUSDT", orderId=taken["orderId"])["avgPrice"]) == D(
        BID
    )
    assert exchange.status_of(exchange.alice, order) == "NEW"
    exchange.order(exchange.bob, "SELL", "0.01", INSIDE)
    assert exchange.status_of(exchange.alice, order) == "NEW"


def test_the_public_book_does_not_show_it(exchange, ask):
    """Neither depth nor tickers; rpiDepth does, and adds it to what rests there already."""
    improve(exchange)
    at_bid = D(dict(ask("/fapi/v1/depth", symbol="BTCUSDT")["bids"])["86249.90"])
    improve(exchange, price=BID, quantity="0.02")
    assert ask("/fapi/v1/depth", symbol="BTCUSDT", limit=5)["bids"][0][0] == "86249.90"
    assert ask("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")["bidPrice"] == "86249.90"
    bids = ask("/fapi/v1/rpiDepth", symbol="BTCUSDT")["bids"]
    assert bids[0] == ["86250.00", "0.0100"]
    assert [bids[1][0], D(bids[1][1])] == ["86249.90", at_bid + D("0.02")]


def test_crossed_levels_are_hidden(exchange, ask):
    """Of two such orders at one price, neither is shown (documented)."""
    improve(exchange)
    improve(exchange, "SELL")
    shown = ask("/fapi/v1/rpiDepth", symbol="BTCUSDT")
    assert (shown["bids"][0][0], shown["asks"][0][0]) == ("86249.90", "86250.10")


def test_retail_users_fill_it_when_the_market_goes_there(exchange, ask):
    """As its maker, at its fee; the trade is marked, and not in aggTrade's nq."""
    order = improve(exchange)
    exchange.events.clear()
    exchange.engine.set_price("BTCUSDT", D(86_000))
    assert exchange.status_of(exchange.alice, order) == "FILLED"
    fill = exchange.told(exchange.alice, "ORDER_TRADE_UPDATE")[-1]["o"]
    assert (fill["f"], fill["m"], D(fill["L"]), D(fill["n"])) == ("RPI", True, D(INSIDE), D("0.04312500"))
    trades = ask("/fapi/v1/trades", symbol="BTCUSDT", limit=3)
    assert [(D(one["price"]), one["isBuyerMaker"]) for one in trades if one["isRPITrade"]] == [(D(INSIDE), True)]
    exchange.clock.advance(1_000)
    rows = ask("/fapi/v1/aggTrades", symbol="BTCUSDT", limit=5)
    assert [(row["q"], row["nq"]) for row in rows if D(row["p"]) == D(INSIDE)][-1] == ("0.0100", "0.0000")
    assert all(row["q"] == row["nq"] for row in rows if D(row["p"]) != D(INSIDE))


@pytest.mark.parametrize("act", ["cancel", "modify"])
def test_it_leaves_its_book(exchange, ask, act):
    """Cancelled, or moved by a modification."""
    order = improve(exchange)
    named = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    if act == "cancel":
        exchange.get("order.cancel", exchange.alice, **named)
    else:
        exchange.get("order.modify", exchange.alice, **named, side="BUY", quantity="0.01", price="86000.0")
    bids = dict(ask("/fapi/v1/rpiDepth", symbol="BTCUSDT")["bids"])
    assert "86250.00" not in bids
    book = exchange.engine.markets["BTCUSDT"].rpi_book
    assert book.bids.best() == (None if act == "cancel" else 86_000)


def test_only_the_stream_for_it_tells(stage):
    """`rpiDepth@500ms` has its level; the others' ids stay in line without an empty event."""
    stage.exchange.engine.moves = False
    retail, plain = stage.reader("btcusdt@rpiDepth@500ms"), stage.reader("btcusdt@depth@100ms")
    improve(stage.exchange)
    stage.exchange.clock.advance(1_000)
    stage.hub.beat()
    (event,) = retail.events()
    assert event["b"] == [["86250.00", "0.0100"]]
    assert plain.events() == []
    stage.exchange.order(stage.exchange.bob, "BUY", "0.01", BID)
    stage.exchange.clock.advance(1_000)
    stage.hub.beat()
    (event,) = plain.events()
    assert event["U"] == event["pu"] + 1
    assert event["u"] == stage.exchange.engine.markets["BTCUSDT"].update_id
    assert [price for price, _ in event["b"]] == ["86249.90"]
