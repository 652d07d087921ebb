"""What a market did before the venue started, made up from its name: the same on every run, and ending at its price.

Minutes of the last days, hours of the two months before, days since the contract was listed; and single trades of the
last minutes, of which those minutes' candles are built.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from wireproof.venue.market_data.candles import DAY, HOUR, MINUTE, Candle, Past, Series
from wireproof.venue.market_data.tape import Trade

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.market_data.tape import Units

MINUTE_DAYS, HOUR_DAYS, MOST_DAYS = 3, 62, 3_000
TRADES = 600
LARGEST_PAUSE_MS = 3_000
TRADES_A_MINUTE = 45  # on average
SWING = {MINUTE: 0.0004, HOUR: 0.003, DAY: 0.02}  # how far the price goes in one candle, at most
PULL = 0.02  # of its distance from the start price that it goes back, so that it stays in sight
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


def past_candles(units: Units, trades: list[Trade], now: int) -> Past:
    """Return the candles before `now`, whose newest ones are those of `trades`."""
    rng = Random(f"candles of {units.symbol.name}")  # noqa: S311  # repeatable on purpose
    tail = Series(trades[0].price, trades[0].time)
    for trade in trades:
        tail.record(trade.time, trade.price, trade.quantity, trade.value, trade.id, bought=not trade.maker)
    tail.roll(now)
    minutes = [tail.minutes.at(index) for index in range(len(tail.minutes))]
    walk = _PriceWalk(rng, units, minutes[0].open, minutes[0].first_id)
    midnight = minutes[0].start // DAY * DAY
    first_minute, first_hour = midnight - MINUTE_DAYS * DAY, midnight - HOUR_DAYS * DAY
    first_day = max(units.symbol.onboarded // DAY * DAY, first_hour - MOST_DAYS * DAY)
    first_hour, first_minute = max(first_day, first_hour), max(first_day, first_minute)
    older = walk.back(minutes[0].start, first_minute, MINUTE)
    hours = walk.back(first_minute, first_hour, HOUR)
    return Past(walk.back(first_hour, first_day, DAY), hours, older + minutes)


class _PriceWalk:
    """A price that walks back in time."""

    def __init__(self, rng: Random, units: Units, price: int, trade_id: int) -> None:
        self._rng, self._units, self._price, self._trade_id = rng, units, price, trade_id
        self._home = price
        self._tick = units.price(units.symbol.tick)
        self._lowest = units.price(units.symbol.min_price)
        self._usual = units.quantity(units.symbol.lots(USUAL_NOTIONAL, units.symbol.start_price))

    def back(self, end: int, start: int, unit: int) -> list[Candle]:
        """Return the candles of length `unit` from `start` to `end`, oldest first; the next call goes on before."""
        found = [self._before(at, unit) for at in range(end - unit, start - 1, -unit)]
        return found[::-1]

    def _before(self, at: int, unit: int) -> Candle:
        random, close, tick = self._rng.random, self._price, self._tick
        reach = close * SWING[unit]
        pulled = close + (self._home - close) * PULL * SWING[unit] / SWING[DAY]
        opened = max(self._lowest, int(pulled + (random() - 0.5) * reach) // tick * tick)
        high = (max(opened, close) + int(random() * reach / 2) // tick * tick) or tick
        low = max(tick, min(opened, close) - int(random() * reach / 2) // tick * tick)
        length = unit // MINUTE
        count = int(TRADES_A_MINUTE * length * (0.5 + random()))
        volume = max(1, int(self._usual * length * (0.5 + random())))
        bought = int(volume * (0.4 + random() / 5))
        middle = (high + low + opened + close) // 4
        value, bought_value = self._units.value(middle, volume), self._units.value(middle, bought)
        self._price = opened
        self._trade_id = max(count, self._trade_id) - count
        return Candle(at, opened, high, low, close, volume, value, count, bought, bought_value, self._trade_id)


def likened(source: Series, convert: Callable[[int], int], samples: int, until: int) -> Past:
    """Return the past, up to `until`, of a price that follows another one: mark, index; `samples` a minute."""
    source.remember()

    def like(candle: Candle, length: int) -> Candle:
        four = [convert(one) for one in (candle.open, candle.high, candle.low, candle.close)]
        return Candle(candle.start, four[0], max(four), min(four), four[3], count=samples * length)

    days, hours, minutes = (
        [like(layer.at(index), layer.unit // MINUTE) for index in range(len(layer))]
        for layer in (source.days, source.hours, source.minutes)
    )
    first_minute = minutes[0].start if minutes else until
    first_hour = hours[0].start if hours else first_minute
    return Past(
        [day for day in days if day.start < first_hour],
        [hour for hour in hours if hour.start < first_minute],
        [minute for minute in minutes if minute.start < until],
    )
