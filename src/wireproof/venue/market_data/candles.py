"""Candles of every interval, built from minutes, hours and days that are built from trades.

All numbers are integers: prices and quantities in units of their last decimal, values in units that the series' owner
knows. So the candles of an interval are exactly what the finer ones add up to.
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.venue.base.turns import Turns

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY
MONDAY = 4 * DAY  # of the first week after the epoch, which began on a Thursday
MONTH = "1M"
INTERVALS: dict[str, int] = {
    "1m": MINUTE,
    "3m": 3 * MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "4h": 4 * HOUR,
    "6h": 6 * HOUR,
    "8h": 8 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": WEEK,
    MONTH: 31 * DAY,
}
# Times of the calendar's months; what clients ask for may lie outside, where a month is 31 days.
_CALENDAR = range(*(int(datetime(*day, tzinfo=UTC).timestamp()) * 1000 for day in ((1, 1, 1), (9999, 12, 31))))
# Rows per layer, and how many of the oldest go when there are more; layers go on starting at midnight.
KEPT = {MINUTE: (6_000, 1_440), HOUR: (3_000, 720), DAY: (4_000, 1_000)}


def open_time(interval: str, at: int) -> int:
    """Return when the candle of `interval` that covers `at` opened; weeks open on Monday, months on the first."""
    if interval == MONTH and at in _CALENDAR:
        day = datetime.fromtimestamp(at / 1000, UTC)
        return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp()) * 1000
    if interval == "1w":
        return (at - MONDAY) // WEEK * WEEK + MONDAY
    return at // INTERVALS[interval] * INTERVALS[interval]


def next_open(interval: str, opened: int) -> int:
    """Return when the candle after the one that `opened` opens."""
    return open_time(interval, opened + INTERVALS[interval]) if interval == MONTH else opened + INTERVALS[interval]


@dataclass(slots=True)
class Candle:
    """What traded in a span of time. `first_id` is the id of its first trade; ids are consecutive."""

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    value: int = 0
    count: int = 0
    taker_volume: int = 0  # bought by takers
    taker_value: int = 0
    first_id: int = -1

    @property
    def last_id(self) -> int:
        """Return the id of the last trade, -1 when there was none."""
        return self.first_id + self.count - 1 if self.count else -1

    def add(self, other: Candle) -> None:
        """Extend by the span that follows."""
        self.high, self.low, self.close = max(self.high, other.high), min(self.low, other.low), other.close
        self.volume += other.volume
        self.value += other.value
        if other.count and not self.count:
            self.first_id = other.first_id
        self.count += other.count
        self.taker_volume += other.taker_volume
        self.taker_value += other.taker_value


#: A candle's fields, in their order.
_COLUMNS = attrgetter(*(field.name for field in fields(Candle)))


def added(candles: Iterable[Candle], start: int) -> Candle | None:
    """Return what consecutive `candles` add up to, None for none."""
    found: Candle | None = None
    for candle in candles:
        if found is None:
            found = replace(candle, start=start)
        else:
            found.add(candle)
    return found


class Layer:
    """Consecutive candles of one length, held as columns: small, and summed at the speed of C.

    `columns` are those of the candles that are there already, in the order of a candle's fields.
    """

    def __init__(self, unit: int, columns: Iterable[Iterable[int]] = ((),) * len(fields(Candle))) -> None:
        self.unit = unit
        self.columns = [array("q", column) for column in columns]

    @classmethod
    def of(cls, unit: int, candles: Iterable[Candle]) -> Layer:
        """Return a layer of these candles."""
        made = cls(unit)
        for candle in candles:
            made.append(candle)
        return made

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def start(self) -> int:
        """Return when the oldest candle opened."""
        return self.columns[0][0]

    @property
    def end(self) -> int:
        """Return when the newest candle closed."""
        return self.columns[0][-1] + self.unit

    def __iter__(self) -> Iterator[Candle]:
        """Yield the candles, oldest first."""
        return map(Candle, *self.columns)

    def append(self, candle: Candle) -> None:
        """Append the next candle; the oldest ones go when there are too many."""
        for column, value in zip(self.columns, _COLUMNS(candle), strict=True):
            column.append(value)
        most, oldest = KEPT[self.unit]
        if len(self) > most:
            for column in self.columns:
                del column[:oldest]

    def extend(self, later: Layer) -> None:
        """Append the candles of another layer, which follow."""
        for column, more in zip(self.columns, later.columns, strict=True):
            column.extend(more)

    def totals(self, unit: int) -> Iterator[Candle]:
        """Yield what the candles of each whole span of `unit` milliseconds add up to, oldest first."""
        if not len(self):
            return
        start = self.start // unit * unit
        while start + unit <= self.end:
            yield self.total(*self.span(start, start + unit))
            start += unit

    def at(self, index: int) -> Candle:
        """Return one candle."""
        return Candle(*(column[index] for column in self.columns))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the indexes of the candles that lie wholly within [start, end)."""
        if not len(self):
            return 0, 0
        first = max(0, -((self.start - start) // self.unit))
        last = min(len(self), (end - self.start) // self.unit)
        return first, max(first, last)

    def total(self, first: int, last: int) -> Candle:
        """Return what the candles from `first` up to `last` add up to; there is at least one."""
        if last - first == 1:
            return self.at(first)
        start, opened, high, low, close, volume, value, count, taker_volume, taker_value, ids = self.columns
        first_id = next((ids[index] for index in range(first, last) if count[index]), -1)
        return Candle(
            start[first],
            opened[first],
            max(high[first:last]),
            min(low[first:last]),
            close[last - 1],
            sum(volume[first:last]),
            sum(value[first:last]),
            sum(count[first:last]),
            sum(taker_volume[first:last]),
            sum(taker_value[first:last]),
            first_id,
        )


class Past(NamedTuple):
    """Candles from before the venue started: days, then hours up to the next midnight, then minutes up to the start."""

    days: Layer
    hours: Layer
    minutes: Layer


class Series:
    """The candles of one price. `past` makes those of before the venue started in turns, once, when needed."""

    def __init__(self, price: int, now: int, past: Callable[[], Turns[Past]] | None = None) -> None:
        self.minutes, self.hours, self.days = Layer(MINUTE), Layer(HOUR), Layer(DAY)
        self.current = Candle(now // MINUTE * MINUTE, price, price, price, price)
        self._past = None if past is None else past()

    def record(
        self, now: int, price: int, volume: int = 0, value: int = 0, trade_id: int = -1, *, bought: bool = False
    ) -> None:
        """Record a trade, or one sample of a price."""
        self.roll(now)
        candle = self.current
        if not candle.count:
            candle.open = candle.high = candle.low = price
            candle.first_id = trade_id
        elif price > candle.high:
            candle.high = price
        elif price < candle.low:
            candle.low = price
        candle.close = price
        candle.count += 1
        candle.volume += volume
        candle.value += value
        if bought:
            candle.taker_volume += volume
            candle.taker_value += value

    def roll(self, now: int) -> None:
        """Close the minutes that are over; a minute without trades stands still at the last price."""
        while now >= self.current.start + MINUTE:
            closed = self.current
            self._close(closed)
            price = closed.close
            self.current = Candle(closed.start + MINUTE, price, price, price, price)

    def _close(self, minute: Candle) -> None:
        self.minutes.append(minute)
        end = minute.start + MINUTE
        if end % HOUR == 0:
            self._close_hour(self.minutes.total(*self._tail(self.minutes, end - HOUR)))

    def _close_hour(self, hour: Candle) -> None:
        self.hours.append(hour)
        end = hour.start + HOUR
        if end % DAY == 0:
            self.days.append(self.hours.total(*self._tail(self.hours, end - DAY)))

    @staticmethod
    def _tail(layer: Layer, start: int) -> tuple[int, int]:
        return max(0, (start - layer.start) // layer.unit), len(layer)

    def remember(self) -> None:
        """Put what was before the venue started in front of what it saw since; does so once."""
        for _ in self.remembering():
            pass

    def remembering(self) -> Turns[None]:
        """Do what `remember` does in turns, which several readers share."""
        while self._past is not None:
            try:
                next(self._past)
            except StopIteration as done:
                self._past = None
                self._put_in_front(done.value)
            yield

    def _put_in_front(self, past: Past) -> None:
        past.minutes.extend(self.minutes)
        for finer, coarser in ((past.minutes, past.hours), (past.hours, past.days)):
            for candle in finer.totals(coarser.unit):
                coarser.append(candle)
        self.days, self.hours, self.minutes = past

    # reading

    def between(self, start: int, end: int) -> Candle | None:
        """Return what [start, end) adds up to, None when none of it is recorded."""
        at = start
        parts: list[Candle] = []
        for layer in (self.days, self.hours, self.minutes):
            if at % layer.unit:
                continue
            first, last = layer.span(at, end)
            if last > first:
                parts.append(layer.total(first, last))
                at = layer.columns[0][last - 1] + layer.unit
        if at <= self.current.start < end:
            parts.append(self.current)
        return added(parts, start)

    def earliest(self, interval: str) -> int:
        """Return from when on candles of `interval` can be had."""
        unit = INTERVALS[interval]
        layers = [layer for layer in (self.days, self.hours, self.minutes) if layer.unit <= unit and len(layer)]
        return layers[0].start if layers else self.current.start

    def candle(self, interval: str, opened: int) -> Candle | None:
        """Return the candle of `interval` that `opened` at a time."""
        return self.between(opened, next_open(interval, opened))

    def candles(self, interval: str, limit: int, start: int | None, end: int | None) -> list[Candle]:
        """Return up to `limit` candles that opened in [start, end]: the first of them with a start, else the last."""
        found = list(islice(self.walk(interval, start, end), limit))
        return found[::-1] if start is None else found

    def walk(self, interval: str, start: int | None, end: int | None) -> Iterator[Candle]:
        """Yield the candles that opened in [start, end]: from the first on with a start, else from the last back."""
        earliest = self.earliest(interval)
        last = open_time(interval, self.current.start if end is None else min(end, self.current.start))
        at = last
        if start is not None:
            at = open_time(interval, max(start, earliest))
            if at < max(start, earliest):
                at = next_open(interval, at)
        while earliest <= at <= last:
            candle = self.candle(interval, at)
            if candle is not None:
                yield candle
            at = open_time(interval, at - 1) if start is None else next_open(interval, at)

    def price_at(self, at: int) -> int:
        """Return the price at a time: the closing one of the finest candle known that ended by then."""
        for layer in (self.minutes, self.hours, self.days):
            if len(layer) and at >= layer.start + layer.unit:
                return layer.columns[4][min(len(layer), (at - layer.start) // layer.unit) - 1]
        return self.days.columns[1][0] if len(self.days) else self.current.close
