"""What messages of market streams hold."""

from __future__ import annotations

from itertools import pairwise

from wireproof.venue.market_data.candles import MINUTE


def test_aggregate_trades_are_consecutive_and_cover_every_trade(stage):
    """Ids rise by one; first and last trade ids join."""
    wire = stage.reader("btcusdt@aggTrade")
    stage.run(5_000)
    events = wire.events()

    assert len(events) > 20
    for before, event in pairwise(events):
        assert event["a"] == before["a"] + 1
        assert event["f"] == before["l"] + 1
    assert events[0]["nq"] == events[0]["q"]


def test_a_candle_grows_and_closes_once(stage):
    """`x` is false while it grows and true once, with the trades of the minute; REST has the same candle."""
    stage.run(MINUTE - stage.data.now() % MINUTE)
    wire = stage.reader("btcusdt@kline_1m")
    stage.run(MINUTE + 1_000, step=250)
    events = wire.events()
    closed = [event["k"] for event in events if event["k"]["x"]]
    feed = stage.data.feed("BTCUSDT")
    candle = feed.trades.candle("1m", closed[0]["t"])

    assert len(closed) == 1
    assert (closed[0]["n"], closed[0]["v"]) == (candle.count, feed.units.quantity_text(candle.volume))
    assert closed[0]["f"] + closed[0]["n"] - 1 == closed[0]["L"]
    counts = [event["k"]["n"] for event in events if event["k"]["t"] == closed[0]["t"]]
    assert counts == sorted(counts)


def test_a_mark_price_has_its_average_on_the_symbols_own_stream(stage):
    """Documented for USDⓈ-M, sent for COIN-M, too (measured); the stream of a pair is as documented."""
    own, pair = stage.reader("btcusd_perp@markPrice@1s"), stage.reader("btcusd@markPrice@1s")
    stage.run(1_000)

    assert {"ap" in event for event in own.events()} == {True}
    assert {"ap" in row for rows in pair.events() for row in rows} == {False}
