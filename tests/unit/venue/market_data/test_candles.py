"""Candles: boundaries of every interval, and that coarse ones are what fine ones add up to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from wireproof.venue.market_data.candles import (
    DAY,
    HOUR,
    INTERVALS,
    KEPT,
    MINUTE,
    Candle,
    Layer,
    Past,
    Series,
    next_open,
    open_time,
)

if TYPE_CHECKING:
    from wireproof.venue.base.turns import Turns

MIDNIGHT = 1_790_035_200_000  # Tuesday, 22 September 2026, 00:00 UTC


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("interval", "opened"),
    [
        ("1m", "2026-09-23T13:47:00"),
        ("3m", "2026-09-23T13:45:00"),
        ("15m", "2026-09-23T13:45:00"),
        ("4h", "2026-09-23T12:00:00"),
        ("8h", "2026-09-23T08:00:00"),
        ("1d", "2026-09-23T00:00:00"),
        ("1w", "2026-09-21T00:00:00"),
        ("1M", "2026-09-01T00:00:00"),
    ],
)
def test_candles_open_on_the_clock_weeks_on_monday_months_on_the_first(interval, opened):
    """13:47:13 of a Wednesday lies in these candles."""
    assert open_time(interval, at("2026-09-23T13:47:13")) == at(opened)


def test_a_month_is_as_long_as_it_is():
    """The candle after February's opens on the first of March."""
    assert next_open("1M", at("2026-02-01")) == at("2026-03-01")
    assert next_open("1M", at("2026-12-01")) == at("2027-01-01")


def test_a_candle_is_its_trades():
    """Open, high, low, close, sums and ids are those of the trades in the minute."""
    series = Series(100, MIDNIGHT)
    for position, (price, volume, bought) in enumerate([(101, 5, True), (99, 2, False), (103, 1, True)]):
        series.record(MIDNIGHT + position * 1000, price, volume, price * volume, 7 + position, bought=bought)

    candle = series.candle("1m", MIDNIGHT)

    assert candle == Candle(MIDNIGHT, 101, 103, 99, 103, 8, 806, 3, 6, 608, 7)
    assert candle.last_id == 9


def test_a_minute_without_trades_stands_still():
    """Its four prices are the last one, and nothing traded."""
    series = Series(100, MIDNIGHT)
    series.record(MIDNIGHT, 104, 1, 104, 1)
    series.roll(MIDNIGHT + 2 * MINUTE)

    assert series.candle("1m", MIDNIGHT + MINUTE) == Candle(MIDNIGHT + MINUTE, 104, 104, 104, 104)


@pytest.mark.parametrize("interval", ["3m", "30m", "1h", "2h", "1d"])
def test_a_coarse_candle_is_what_its_minutes_add_up_to(interval):
    """For every interval, over hours and days that closed and the one that goes on."""
    series = Series(1_000, MIDNIGHT)
    end = MIDNIGHT + DAY + 3 * HOUR + 17 * MINUTE
    for position, now in enumerate(range(MIDNIGHT, end, 20_000)):
        series.record(now, 1_000 + position * 7 % 101, 1 + position % 5, 3, position, bought=position % 3 == 0)

    for candle in series.candles(interval, 100, None, None):
        minutes = [
            one
            for one in series.candles("1m", 2_000, candle.start, None)
            if one.start < next_open(interval, candle.start)
        ]
        assert (candle.open, candle.close) == (minutes[0].open, minutes[-1].close)
        assert (candle.high, candle.low) == (max(one.high for one in minutes), min(one.low for one in minutes))
        assert (candle.volume, candle.count) == (sum(one.volume for one in minutes), sum(one.count for one in minutes))
        assert candle.taker_volume == sum(one.taker_volume for one in minutes)
        assert candle.first_id == minutes[0].first_id


def test_start_end_and_limit_choose_candles():
    """With a start the first ones come, without it the last ones."""
    series = Series(100, MIDNIGHT)
    series.roll(MIDNIGHT + 10 * MINUTE)
    starts = [MIDNIGHT + position * MINUTE for position in range(11)]

    assert [one.start for one in series.candles("1m", 3, None, None)] == starts[-3:]
    assert [one.start for one in series.candles("1m", 3, starts[2], None)] == starts[2:5]
    assert [one.start for one in series.candles("1m", 3, starts[2] + 1, None)] == starts[3:6]
    assert [one.start for one in series.candles("1m", 9, starts[2], starts[4])] == starts[2:5]
    assert [one.start for one in series.candles("1m", 2, None, starts[4] + 1)] == starts[3:5]
    assert series.candles("1m", 2, starts[-1] + MINUTE, None) == []


def test_the_past_goes_in_front_of_what_was_seen():
    """What is asked for first does not depend on when: the past comes before the minutes recorded meanwhile."""
    asked: list[int] = []

    def past() -> Turns[Past]:
        asked.append(1)
        yield
        days = [Candle(MIDNIGHT - 2 * DAY, 1, 9, 1, 5, count=2)]
        hours = [Candle(MIDNIGHT - DAY + hour * HOUR, 5, 6, 4, 5, count=1) for hour in range(24)]
        minutes = [Candle(MIDNIGHT + minute * MINUTE, 5, 8, 5, 5, count=1) for minute in range(30)]
        return Past(Layer.of(DAY, days), Layer.of(HOUR, hours), Layer.of(MINUTE, minutes))

    series = Series(5, MIDNIGHT + 30 * MINUTE, past)
    series.record(MIDNIGHT + 30 * MINUTE, 7, 1, 7, 100)
    series.roll(MIDNIGHT + HOUR)
    series.remember()
    series.remember()

    assert len(asked) == 1
    assert [one.count for one in series.candles("1d", 5, None, None)] == [2, 24, 31]
    assert series.candle("1h", MIDNIGHT) == Candle(MIDNIGHT, 5, 8, 5, 7, 1, 7, 31, 0, 0, -1)
    assert series.price_at(MIDNIGHT) == 5


def test_memory_is_bounded():
    """Old minutes go, and layers still begin at midnight."""
    series = Series(5, MIDNIGHT)
    series.roll(MIDNIGHT + 9 * DAY)

    assert len(series.minutes) <= KEPT[MINUTE][0]
    assert series.minutes.start % DAY == 0
    assert len(series.days) == 9


def test_every_documented_interval_is_there():
    """Fifteen of them; 1s is documented for streams but refused by the exchange."""
    assert " ".join(INTERVALS) == "1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M"


@pytest.mark.parametrize(
    "time", [-(2**63) - 1, 2**63, *(at(day) for day in ("0001-01-01", "9999-12-30", "9999-12-31"))]
)
@pytest.mark.parametrize("interval", INTERVALS)
def test_times_outside_of_the_calendar_have_candles_too(interval, time):
    """Clients may ask for any; the next one always opens later."""
    opened = open_time(interval, time)
    assert opened <= time
    assert next_open(interval, opened) > opened
