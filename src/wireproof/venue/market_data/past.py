"""What a market did before the venue started, made up from its name: the same on every run, and ending at its price.

Minutes of the last days, hours of the two months before, days since the contract was listed; and single trades of the
last minutes, of which those minutes' candles are built.
"""

from __future__ import annotations

from bisect import bisect_left
from random import Random
from typing import TYPE_CHECKING

from wireproof.venue.base.turns import ROWS_A_TURN
from wireproof.venue.market_data.candles import DAY, HOUR, MINUTE, Layer, Past, Series
from wireproof.venue.market_data.tape import Trade

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.market_data.tape import Units

MINUTE_DAYS, HOUR_DAYS, MOST_DAYS = 3, 62, 3_000
TRADES = 600
LARGEST_PAUSE_MS = 3_000
TRADES_A_MINUTE = 45  # on average
SWING = {MINUTE: 0.0004, HOUR: 0.003, DAY: 0.02}  # how far the price goes in one candle, at most
PULL = 0.02  # of its distance from the start price that it goes back, so that it stays in sight
PRICES_A_TURN = 1_000
USUAL_NOTIONAL = 40_000  # of all trades in a minute, in quote


def past_trades(units: Units, price: int, last_id: int, now: int) -> list[Trade]:
    """Return the last trades before `now`, oldest first; the last one has id `last_id` and was at `price`."""
    rng = Random(f"trades of {units.symbol.name}")  # noqa: S311  # repeatable on purpose
    found: list[Trade] = []
    at, tick = now, units.price(units.symbol.tick)
    for position in range(TRADES):
        at -= rng.randint(1, LARGEST_PAUSE_MS)
        quantity = units.quantity(units.symbol.lots(rng.randint(50, 2_000), units.symbol.start_price))
        value = units.value(price, quantity)
        found.append(Trade(last_id - position, price, quantity, value, at, rng.random() < 0.5))
        price = max(tick * 10, price + rng.randint(-1, 1) * tick)
    cut = found[-1].time // MINUTE * MINUTE + MINUTE  # whole minutes only
    return [trade for trade in reversed(found) if trade.time >= cut]


def past_candles(units: Units, trades: list[Trade], now: int) -> Turns[Past]:
    """Return the candles before `now`, whose newest ones are those of `trades`."""
    yield
    rng = Random(f"candles of {units.symbol.name}")  # noqa: S311  # repeatable on purpose
    tail = Series(trades[0].price, trades[0].time)
    for trade in trades:
        tail.record(trade.time, trade.price, trade.quantity, trade.value, trade.id, bought=not trade.maker)
    tail.roll(now)
    first = tail.minutes.at(0)
    walk = _PriceWalk(rng, units, first.open, first.first_id)
    midnight = first.start // DAY * DAY
    first_minute, first_hour = midnight - MINUTE_DAYS * DAY, midnight - HOUR_DAYS * DAY
    first_day = max(units.symbol.onboarded // DAY * DAY, first_hour - MOST_DAYS * DAY)
    first_hour, first_minute = max(first_day, first_hour), max(first_day, first_minute)
    minutes = yield from walk.back(first.start, first_minute, MINUTE)
    minutes.extend(tail.minutes)
    hours = yield from walk.back(first_minute, first_hour, HOUR)
    days = yield from walk.back(first_hour, first_day, DAY)
    return Past(days, hours, minutes)


class _PriceWalk:
    """A price that walks back in time."""

    def __init__(self, rng: Random, units: Units, price: int, trade_id: int) -> None:
        self._rng, self._units, self._price, self._trade_id = rng, units, price, trade_id
        self._home = price
        self._tick = units.price(units.symbol.tick)
        self._lowest = units.price(units.symbol.min_price)
        self._usual = units.quantity(units.symbol.lots(USUAL_NOTIONAL, units.symbol.start_price))

    def back(self, end: int, start: int, unit: int) -> Turns[Layer]:
        """Return the candles of length `unit` from `start` to `end`; the next call goes on before."""
        random, tick, home, value = self._rng.random, self._tick, self._home, self._units.value
        swing, length = SWING[unit], unit // MINUTE
        usual, trades = self._usual * length, TRADES_A_MINUTE * length
        close, trade_id = self._price, self._trade_id
        rows = []
        for at in range(end - unit, start - 1, -unit):
            reach = close * swing
            opened = int(close + (home - close) * PULL * swing / SWING[DAY] + (random() - 0.5) * reach) // tick * tick
            opened = max(opened, self._lowest)
            above, below = (opened, close) if opened > close else (close, opened)
            high = (above + int(random() * reach / 2) // tick * tick) or tick
            low = below - int(random() * reach / 2) // tick * tick
            low = max(low, tick)
            count = int(trades * (0.5 + random()))
            volume = int(usual * (0.5 + random())) or 1
            bought = int(volume * (0.4 + random() / 5))
            middle = (high + low + opened + close) // 4
            trade_id = trade_id - count if trade_id > count else 0
            row = (at, opened, high, low, close, volume, value(middle, volume), count, bought, value(middle, bought))
            rows.append((*row, trade_id))
            close = opened
            if not len(rows) % ROWS_A_TURN:
                yield
        self._price, self._trade_id = close, trade_id
        rows.reverse()
        return Layer(unit, zip(*rows, strict=True)) if rows else Layer(unit)


def likened(source: Series, convert: Callable[[int], int], samples: int, until: int) -> Turns[Past]:
    """Return the past, up to `until`, of a price that follows another one: mark, index; `samples` a minute."""
    yield from source.remembering()

    def like(layer: Layer, before: int) -> Turns[Layer]:
        kept = bisect_left(layer.columns[0], before)
        starts, *prices = (column[:kept] for column in layer.columns[:5])
        found: list[list[int]] = []
        for column in prices:
            converted: list[int] = []
            for first in range(0, kept, PRICES_A_TURN):
                converted.extend(map(convert, column[first : first + PRICES_A_TURN]))
                yield
            found.append(converted)
        opened, high, low, close = found
        highest, lowest = (list(map(most, opened, high, low, close)) for most in (max, min))
        zero, counts = [0] * kept, [samples * layer.unit // MINUTE] * kept
        return Layer(layer.unit, (starts, opened, highest, lowest, close, zero, zero, counts, zero, zero, [-1] * kept))

    minutes = yield from like(source.minutes, until)
    hours = yield from like(source.hours, minutes.start if len(minutes) else until)
    days = yield from like(source.days, (hours if len(hours) else minutes).start)
    return Past(days, hours, minutes)
