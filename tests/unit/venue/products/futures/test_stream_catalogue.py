"""What each stream carries: numbers that join, books that come out right, candles that close; and what stays silent."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from wireproof.venue.base.formats import fixed
from wireproof.venue.exchange import user_events
from wireproof.venue.products.futures.stream_catalogue import FUTURES_EVENTS


def test_events_that_are_said_to_be_sent_have_a_function_that_makes_them():
    """And no others are made."""
    made = set(re.findall(r'"e": "(\w+)"', Path(user_events.__file__).read_text("utf-8")))
    assert {name for name, is_sent in FUTURES_EVENTS.items() if is_sent} == made


def _apply(book: dict[str, dict[str, str]], event: Any) -> None:
    for side in "ba":
        for price, size in event[side]:
            if size == "0":
                book[side].pop(price, None)
            else:
                book[side][price] = size


def _snapshot(market) -> dict[str, dict[str, str]]:
    price, size = market.symbol.price_digits, market.symbol.qty_digits
    sides = {"b": market.book.bids, "a": market.book.asks}
    return {
        name: {fixed(one.price, price): fixed(one.quantity, size) for one in side.levels()}
        for name, side in sides.items()
    }


@pytest.mark.parametrize("name", ["btcusdt", "btcusd_perp"])
def test_depth_joins_the_snapshot_and_rebuilds_the_book(stage, name):
    """Documented: first event with U <= lastUpdateId <= u, then pu == u of the one before; the book comes out right."""
    exchange, market = stage.exchange, stage.exchange.engine.market(name.upper())
    wire = stage.reader(f"{name}@depth@100ms")
    stage.run(950)
    last, book = market.update_id, _snapshot(market)
    exchange.order(exchange.alice, "BUY", "0.0500")
    exchange.order(exchange.alice, "BUY", "0.0500", "80000.0")
    stage.run(5_000)
    exchange.engine.moves = False
    stage.run(200)
    events = [event for event in wire.events() if event["u"] >= last]

    assert events[0]["pu"] <= last
    for before, event in pairwise(events):
        assert event["pu"] == before["u"] == event["U"] - 1
    for event in events:
        _apply(book, event)
    assert book == _snapshot(market)


def test_partial_depth_has_the_best_levels(stage):
    """Five of each side, with the ids of a diff."""
    wire = stage.reader("ethusdt@depth5@100ms")
    stage.run(2_000)
    event = wire.events()[-1]

    assert (len(event["b"]), len(event["a"])) == (5, 5)
    assert event["b"][0] > event["b"][4]
    assert event["pu"] < event["U"] <= event["u"]


def test_a_subscriber_hears_nothing_of_before(stage):
    """Also when the past is made up only after it subscribed."""
    wire = stage.reader("btcusdt@aggTrade")
    began = stage.data.now()
    stage.data.feed("BTCUSDT")
    stage.run(1_000)

    assert all(event["T"] > began for event in wire.events())


def test_trades_come_on_the_undocumented_stream(stage):
    """<symbol>@trade, with X."""
    wire = stage.reader("btcusdt@trade")
    stage.run(1_000)

    assert {event["X"] for event in wire.events()} == {"MARKET"}


def test_all_market_marks_come_in_two_frames(stage):
    """One of each product (measured: two frames a second)."""
    wire = stage.reader("!markPrice@arr@1s")
    stage.run(1_000)
    events = wire.events()

    assert [{row["st"] for row in rows} for rows in events[:2]] == [{1}, {2}]
    linear, inverse = ([row for row in rows if row["T"] == 0] for rows in events[:2])
    assert {row["r"] for row in (*linear, *inverse)} == {""}
    assert {row["i"] for row in linear} == {""}
    assert "" not in {row["i"] for row in inverse}


def test_all_market_tickers_have_changed_symbols_only(stage):
    """Of both products; without trades there is no frame."""
    wire = stage.reader("!ticker@arr")
    stage.run(1_000)
    assert {row["st"] for row in wire.events()[0]} == {1, 2}

    stage.exchange.engine.moves = False
    exchange = stage.exchange
    stage.exchange.clock.advance(1_000)
    stage.hub.beat()
    wire.events()
    exchange.order(exchange.alice, "BUY", "0.0100")
    exchange.clock.advance(1_000)
    stage.hub.beat()
    exchange.clock.advance(1_000)
    stage.hub.beat()
    assert [[row["s"] for row in rows] for rows in wire.events()] == [["BTCUSDT"]]


@pytest.mark.parametrize(
    "name",
    [
        "BTCUSDT@aggTrade",
        "nopeusdt@aggTrade",
        "btcusdt@nothing",
        "btcusdt@kline_1s",
        "btcusdt@kline_1x",
        "btcusdt@depth@250ms",
        "btcusdt@forceOrder",
        "!forceOrder@arr",
        "!contractInfo",
        "!nothing",
        "nothing",
        "",
    ],
)
def test_what_means_nothing_or_does_not_happen_is_silent(stage, name):
    """Unknown names, and streams of rare things while they do not happen."""
    wire = stage.reader(name)
    stage.run(3_000, step=500)

    assert wire.events() == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("btcusdt@miniTicker", "24hrMiniTicker"),
        ("btcusdt_perpetual@continuousKline_1M", "continuous_kline"),
        ("btcusd_next_quarter@continuousKline_5m", "continuous_kline"),
        ("btcusd@indexPriceKline_1m", "indexPrice_kline"),
        ("btcusd_perp@markPriceKline_1m", "markPrice_kline"),
        ("btcusd@indexPrice@1s", "indexPriceUpdate"),
        ("!bookTicker", "bookTicker"),
        ("btcusd@assetIndex", "assetIndexUpdate"),
        ("btcusd_perp@bookTicker", "bookTicker"),
        ("币安人生usdt@depth20", "depthUpdate"),
        ("tradingSession", "EquityUpdate"),
    ],
)
def test_every_other_stream_speaks(stage, name, kind):
    """Its events carry their type."""
    wire = stage.reader(name)
    stage.run(6_000, step=500)

    assert wire.events()[0]["e"] == kind


@pytest.mark.parametrize("name", ["btcusd@markPrice@1s", "!assetIndex@arr", "!markPrice@arr", "!miniTicker@arr"])
def test_arrays_are_arrays(stage, name):
    """Of events; a pair's marks are of its perpetual and its dated contracts."""
    wire = stage.reader(name)
    stage.run(3_000, step=500)
    rows = wire.events()[0]

    assert len(rows) >= 3
    assert all("e" in row for row in rows)


def test_a_liquidation_is_told_once_a_second(stage):
    """To both force order streams; pair and product stand with the order, not beside it (measured)."""
    one, every = stage.reader("btcusdt@forceOrder"), stage.reader("!forceOrder@arr")
    exchange = stage.exchange
    exchange.order(exchange.alice, "BUY", "0.0100")
    order = next(iter(exchange.alice.closed_orders.values()))
    stage.exchange.engine.liquidator.liquidated.send(order)
    stage.exchange.engine.liquidator.liquidated.send(order)
    stage.run(2_000)

    (event,) = one.events()
    assert set(event) == {"e", "E", "o"}
    assert (event["o"]["s"], event["o"]["ps"], event["o"]["st"]) == ("BTCUSDT", "BTCUSDT", 1)
    assert every.events()[0]["o"] == event["o"]


def test_a_contract_that_is_settled_is_told_without_its_brackets(stage):
    """They come only when they change (documented)."""
    wire = stage.reader("!contractInfo")
    market = next(one for one in stage.exchange.engine.markets.values() if not one.symbol.perpetual)
    stage.exchange.engine.delivery.contract_changed.send(market)
    stage.hub.beat()
    (event,) = wire.events()
    assert (event["s"], "bks" in event) == (market.symbol.name, False)


def test_a_changed_contract_is_told(stage):
    """With its brackets, which join."""
    wire = stage.reader("!contractInfo")
    stage.data.announce("BTCUSDT")
    stage.hub.beat()
    (event,) = wire.events()

    assert event["s"] == "BTCUSDT"
    assert all(one["bnc"] == two["bnf"] for one, two in pairwise(event["bks"]))
    assert all(one["mi"] == two["ma"] + 1 for one, two in pairwise(event["bks"]))
