"""Feeds: what trades shows everywhere, and the past fits the present."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from wireproof.venue.exchange.funding import INTERVAL_MS
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.market_data.candles import DAY, HOUR, MINUTE


@pytest.fixture
def data(exchange):
    return exchange.venue.market_data


def test_a_users_trade_is_on_the_tape_with_the_takers_side(exchange, data):
    """A market order that buys meets the market maker's ask, so the buyer is the taker."""
    feed = data.feed("BTCUSDT")
    exchange.order(exchange.alice, "BUY", "0.0100")
    exchange.order(exchange.alice, "SELL", "0.0200")

    bought, sold = list(feed.tape.trades)[-2:]
    assert (bought.maker, bought.quantity) == (False, 100)
    assert (sold.maker, sold.quantity) == (True, 200)
    assert sold.id == bought.id + 1 == feed.market.trade_id


def test_candles_equal_trades(exchange, data):
    """The candle of the current minute adds up to the trades in it."""
    feed = data.feed("ETHUSDT")
    exchange.engine.moves = True
    for _ in range(300):
        exchange.clock.advance(100)
        data.beat()
    candle = feed.trades.candle("1m", data.now() // MINUTE * MINUTE)
    trades = [one for one in feed.tape.trades if one.time >= candle.start]

    assert trades
    assert candle.volume == sum(one.quantity for one in trades)
    assert candle.value == sum(one.value for one in trades)
    assert candle.taker_volume == sum(one.quantity for one in trades if not one.maker)
    assert (candle.first_id, candle.last_id) == (trades[0].id, trades[-1].id)
    assert (candle.high, candle.low) == (max(one.price for one in trades), min(one.price for one in trades))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "DOGEUSDT", "BTCUSD_PERP"])
def test_the_past_ends_where_the_present_begins(exchange, data, symbol):
    """Trades, minutes, hours and days follow each other without a gap in time, price or id."""
    feed = data.feed(symbol)
    minutes = feed.trades.candles("1m", 1_500, None, None)
    hours = feed.trades.candles("1h", 1_000, None, None)
    days = feed.trades.candles("1d", 1_000, None, None)

    assert [two.start - one.start for one, two in pairwise(minutes)] == [MINUTE] * 1_499
    assert {two.start - one.start for one, two in pairwise(hours)} == {HOUR}
    assert {two.start - one.start for one, two in pairwise(days)} == {DAY}
    assert all(one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high for one in hours + days)
    assert all(one.last_id + 1 == two.first_id for one, two in pairwise(days[:-1]))
    assert feed.tape.trades[-1].id == feed.market.trade_id
    assert minutes[-1].close == feed.units.price(feed.market.last_price)


def test_trades_before_the_start_are_those_of_their_minutes(data):
    """The past's last minutes add up to the past's trades."""
    feed = data.feed("BTCUSDT")
    first = feed.tape.trades[0].time // MINUTE * MINUTE
    candle = feed.trades.between(first, data.now() // MINUTE * MINUTE)

    assert candle.count == len(feed.tape.trades)
    assert candle.volume == sum(one.quantity for one in feed.tape.trades)


def test_the_past_is_the_same_on_every_run(keys, exchange):
    """It depends on the symbol's name and the time only."""
    one = type(exchange)(keys).venue.market_data.feed("BTCUSDT")
    two = exchange.venue.market_data.feed("BTCUSDT")

    assert one.trades.candles("1d", 5, None, None)[:-1] == two.trades.candles("1d", 5, None, None)[:-1]


def test_24_hours_are_the_minutes_of_24_hours(exchange, data):
    """Sums, extremes and the number of trades, which is also the distance of the ids."""
    feed, now = data.feed("BTCUSDT"), data.now()
    exchange.order(exchange.alice, "BUY", "0.0100")
    day = feed.day(now)
    minutes = feed.trades.candles("1m", 1_500, now // MINUTE * MINUTE - DAY, None)

    assert day.candle.volume == sum(one.volume for one in minutes)
    assert day.candle.high == max(one.high for one in minutes)
    assert day.candle.count == day.candle.last_id - day.candle.first_id + 1
    assert day.change == day.candle.close - day.candle.open
    assert day.candle.low <= day.mean <= day.candle.high


def test_an_inverse_days_mean_price_is_contracts_worth_over_coins(data):
    """It lies between low and high as any mean."""
    day = data.feed("BTCUSD_PERP").day(data.now())

    assert day.candle.low <= day.mean <= day.candle.high


def test_marks_are_looked_at_every_second(exchange, data):
    """A minute of mark price has sixty looks, and the past claims as many."""
    feed = data.feed("BTCUSDT")
    exchange.clock.advance(MINUTE - data.now() % MINUTE)
    for _ in range(120):
        data.beat()
        exchange.clock.advance(500)
    data.beat()
    feed.marks.remember()

    assert {one.count for one in feed.marks.candles("1m", 10, None, None)[:-1]} >= {60}
    assert feed.marks.candles("1m", 2, None, None)[0].count == 60
    assert feed.marks.candles("1h", 5, None, None)[0].count == 3_600


def test_fundings_go_on_from_the_past_into_those_settled(exchange, data):
    """Every eight hours, the settled one last; contracts that are delivered have none."""
    feed = data.feed("BTCUSDT")
    exchange.clock.advance(INTERVAL_MS)
    exchange.engine.tick()
    rows = [feed.funding(at) for at in feed.funding_times(0, data.now())[-4:]]

    assert rows[-1] is exchange.engine.funding.history["BTCUSDT"][0]
    assert [one.time % INTERVAL_MS for one in rows[:-1]] == [0, 0, 0]
    assert rows[0].time == rows[2].time - 2 * INTERVAL_MS
    assert list(feed.funding_times(rows[0].time, rows[1].time)) == [rows[0].time, rows[1].time]
    dated = next(one for one in data.of(CM) if not one.symbol.perpetual)
    assert not dated.funding_times(0, data.now())
    assert dated.next_funding(data.now()) == 0


def test_open_interest_counts_what_users_hold(exchange, data):
    """On top of what strangers hold."""
    feed = data.feed("BTCUSDT")
    before = feed.open_interest(data.now(), users=True)
    exchange.order(exchange.alice, "BUY", "0.5000")

    assert feed.open_interest(data.now(), users=True) - before == feed.units.quantity(Decimal("0.5"))
