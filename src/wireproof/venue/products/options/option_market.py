"""One option's market: its book with simulated quotes, what traded, and the statistics of that."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from itertools import count, takewhile
from typing import TYPE_CHECKING, NamedTuple

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.book import PriceBook
from wireproof.venue.market_data.candles import DAY, MINUTE, MONTH, Candle, Layer, Series, open_time
from wireproof.venue.products.options.option_instruments import QUANTITY_DIGITS, STEP
from wireproof.venue.products.options.option_records import OptionResting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from wireproof.venue.exchange.book import Level
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_records import OptionOrder

LEVELS = 20  # that the market maker quotes on each side
LEAST_QUOTED = Decimal(1)  # at a price, so that small orders are filled at once
HALF_SPREAD = Decimal("0.02")  # of the mark price, and at least a tick
TRADES_KEPT = 1_000
MOST_PAST_TRADES = 30
BLOCK_SHARE = 0.1  # of them
FIRST_TRADE = 2_323_857_420_768_529_130  # docs/exchange.md#options-numbers
FIRST_UPDATE = 42_800_000_000
LARGEST_JUMP = 5  # of an update's id: docs/exchange.md#options-streams
UPDATES_KEPT = 1_000


class OptionTrade(NamedTuple):
    """One trade. `number` is unique among all contracts, `trade_id` counts those of one; `sold` by the taker."""

    number: int
    trade_id: int
    price: Decimal
    quantity: Decimal
    sold: bool
    time: int
    block: bool = False

    @property
    def side(self) -> int:
        """Return 1 when the taker bought, -1 when it sold."""
        return -1 if self.sold else 1


class OptionDay(NamedTuple):
    """What traded in 24 hours: `trades` are none when nothing did."""

    trades: list[OptionTrade]
    volume: Decimal
    amount: Decimal


class Touch(NamedTuple):
    """The best bid and ask with their quantities; zeros where a side is empty."""

    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


class OptionMarket:
    """Book, trades and open interest of one contract.

    Args:
        contract: The option.
        mark: Its mark price when the market opens.
        rng: The seeded generator of quantities and of trades before the venue started.
        numbers: Where unique numbers of trades come from.
        now: The time, in milliseconds.
    """

    def __init__(self, contract: OptionContract, mark: Decimal, rng: Random, numbers: Iterator[int], now: int) -> None:
        self.contract = contract
        self.book: PriceBook[OptionResting] = PriceBook()
        self.trades: deque[OptionTrade] = deque(maxlen=TRADES_KEPT)
        self.update_id = FIRST_UPDATE + rng.randrange(100_000_000)
        self._updates: deque[int] = deque(maxlen=UPDATES_KEPT)
        self.updated = now
        self.open_interest = STEP * rng.randint(50, 50_000)
        self.blocks: list[OptionTrade] = []
        self._rng, self._numbers = rng, numbers
        self._trade_ids = count(1)
        self._series: Series | None = None
        self._day: tuple[tuple[int, int], OptionDay] | None = None  # and what it depends on
        self._before(mark, now)

    def _before(self, mark: Decimal, now: int) -> None:
        """Make up what traded in the hours before `now`, around the mark price."""
        number = self._rng.randint(1, MOST_PAST_TRADES)
        for at in sorted(now - self._rng.randrange(1, DAY) for _ in range(number)):
            price = mark * self._rng.randint(900, 1_100) / 1_000
            price = max(self.contract.on_tick(price), self.contract.underlying.tick)
            block = self._rng.random() < BLOCK_SHARE
            self.record(price, self._quantity(), sold=self._rng.random() < 0.5, now=at, block=block)

    def _quantity(self) -> Decimal:
        return STEP * self._rng.randint(1, 500)

    # trades

    def record(self, price: Decimal, quantity: Decimal, *, sold: bool, now: int, block: bool = False) -> OptionTrade:
        """Record a trade and return it."""
        trade = OptionTrade(next(self._numbers), next(self._trade_ids), price, quantity, sold, now, block)
        if block:
            self.blocks.append(trade)
        self.trades.append(trade)
        if self._series is not None:
            self._note(self._series, trade)
        return trade

    def _note(self, series: Series, trade: OptionTrade) -> None:
        price = int(trade.price.scaleb(self.contract.underlying.price_digits))
        quantity = int(trade.quantity.scaleb(QUANTITY_DIGITS))
        series.record(trade.time, price, quantity, price * quantity, trade.trade_id, bought=not trade.sold)

    def series(self, now: int) -> Series:
        """Return the candles, up to `now`: prices and quantities as integers in units of their last decimal."""
        if self._series is None:
            self._series = self._empty_series(self.trades[0])
            for trade in self.trades:
                self._note(self._series, trade)
        self._series.roll(now)
        return self._series

    def _empty_series(self, first: OptionTrade) -> Series:
        """Return candles up to the day of the first trade, flat since the first of the month, or of the week."""
        price, midnight = int(first.price.scaleb(self.contract.underlying.price_digits)), first.time // DAY * DAY
        start = min(open_time(interval, midnight) for interval in ("3d", "1w", MONTH))
        days = Layer.of(DAY, (Candle(at, price, price, price, price) for at in range(start, midnight, DAY)))
        series = Series(price, midnight)
        series.days = days
        return series

    def last_day(self, now: int) -> OptionDay:
        """Return what traded in the last 24 hours, to the minute."""
        moment = (self.trades[-1].trade_id, now // MINUTE)
        if self._day is None or self._day[0] != moment:
            self._day = moment, self._count_day(now)
        return self._day[1]

    def _count_day(self, now: int) -> OptionDay:
        found = [trade for trade in self.trades if trade.time > now - DAY]
        volume = sum((trade.quantity for trade in found), ZERO)
        return OptionDay(found, volume, sum((trade.quantity * trade.price for trade in found), ZERO))

    # the book

    def changed(self, now: int) -> None:
        """Record that the book changed at `now`."""
        self.update_id += self._rng.randint(1, LARGEST_JUMP)
        self.updated = now
        self._updates.append(self.update_id)

    def updates_after(self, number: int) -> tuple[int, int] | None:
        """Return the first and the last update after the one of `number`; None without any."""
        if self.update_id == number:
            return None
        later = list(takewhile(lambda one: one > number, reversed(self._updates)))
        return later[-1], self.update_id

    def inside(self, mark: Decimal) -> tuple[Decimal | None, Decimal]:
        """Return the market maker's best bid, if there is room for one, and its best ask."""
        half = max(mark * HALF_SPREAD, self.contract.underlying.tick / 2)
        bid = self.contract.on_tick(mark - half)
        ask = max(self.contract.on_tick(mark + half, up=True), self.contract.underlying.tick)
        return (bid if bid >= self.contract.price_bounds(mark)[0] else None), ask

    def quote(self, mark: Decimal, now: int) -> None:
        """Lay the market maker's quotes out afresh around a mark price; they must cross nothing."""
        self.book.bids.drop_quotes()
        self.book.asks.drop_quotes()
        lowest, highest = self.contract.price_bounds(mark)
        bid, ask = self.inside(mark)
        apart = max(self.contract.on_tick(mark / 50), self.contract.underlying.tick)
        for position in range(LEVELS):
            if bid is not None and bid - position * apart >= lowest:
                self.book.bids.add(OptionResting(bid - position * apart, self._quantity() + LEAST_QUOTED))
            if ask + position * apart <= highest:
                self.book.asks.add(OptionResting(ask + position * apart, self._quantity() + LEAST_QUOTED))
        self.changed(now)

    def outlined(self, mark: Decimal) -> Touch:
        """Return the best bid and ask that the market maker would quote at a mark price, alone in its book."""
        bid, ask = self.inside(mark)
        quantity = self.trades[-1].quantity + LEAST_QUOTED
        return Touch(bid or ZERO, quantity if bid else ZERO, ask, quantity)

    def touch(self) -> Touch:
        """Return the best bid and ask."""
        bids, asks = self.book.bids, self.book.asks
        return Touch(bids.best() or ZERO, bids.best_quantity(), asks.best() or ZERO, asks.best_quantity())

    def depth(self, limit: int) -> tuple[list[Level], list[Level]]:
        """Return the best `limit` bids and asks."""
        return self.book.bids.levels(limit), self.book.asks.levels(limit)

    def user_orders(self) -> list[OptionOrder]:
        """Return the orders of users that rest here."""
        sides = (self.book.bids, self.book.asks)
        return [resting.order for side in sides for resting in side.within(None) if resting.order is not None]

    def take(self, now: int) -> OptionTrade | None:
        """Let a simulated trader take some of the market maker's best quote; return the trade, if there was one.

        It leaves users' orders alone: only users decide what happens to those.
        """
        sold = self._rng.random() < 0.5
        front = (self.book.bids if sold else self.book.asks).front()
        if front is None or front.order is not None:
            return None
        quantity = min(self._quantity(), front.remaining / 2 // STEP * STEP)
        if not quantity:
            return None
        front.remaining -= quantity
        self.changed(now)
        return self.record(front.price, quantity, sold=sold, now=now)
