"""One symbol's market: its book, its prices, and the seeded market maker that keeps it deep."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Protocol

from wireproof.venue.base.formats import SATOSHI
from wireproof.venue.exchange.book import Level, OrderBook, merged
from wireproof.venue.exchange.records import Resting

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Order

LEVELS = 40  # on each side, renewed every second
FAR_LEVELS = 960  # beyond them in the main markets, which stand until the price is set
DEEP = frozenset({"BTC", "ETH"})
FAR_SPAN = Decimal("0.03")  # from the best to the worst of them
SMALLEST_LEVEL, LARGEST_LEVEL = 20_000, 60_000  # notional at the best price, in quote
FAR_NOTIONAL = (100_000, 600_000)
DRIFT = Decimal("0.005")  # the maker's price stays this close to where it was last set
SPAN = Decimal("0.01")  # and its quotes reach this far from it
STEP = Decimal("0.0001")  # a move goes this far at most
FIRST_TRADE_ID = 500_000_000  # far enough up for years of trades before the venue started


class MarketObserver(Protocol):
    """What a market reports to."""

    def traded(self, trade_id: int, price: Decimal, quantity: Decimal, *, buyer_is_maker: bool, rpi: bool) -> None:
        """Take in a trade; `rpi` if it filled an order for retail users."""

    def book_changed(self) -> None:
        """Take in that the book changed, or is about to."""


class Market:
    """Book, last, mark and index price of one symbol.

    Args:
        symbol: the contract.
        rng: the seeded generator of every move and quantity.
        now_ms: when the market opened, in milliseconds.
        underlying: the market of a dated contract's perpetual, whose index it has; None for a perpetual.
    """

    def __init__(self, symbol: Symbol, rng: Random, now_ms: int, underlying: Market | None = None) -> None:
        self.symbol, self.underlying = symbol, underlying
        self.book = OrderBook()
        self.rpi_book = OrderBook()  # of orders that improve prices for retail users: no order of an API meets them
        self._rng = rng
        self.anchor = self.mid = symbol.start_price
        self.last_price = symbol.start_price
        self.last_quantity = symbol.step
        self.observer: MarketObserver | None = None
        self._far_laid: Decimal | None = None  # around which price
        self.trade_id = FIRST_TRADE_ID + rng.randrange(1_000_000)
        self.update_id = 10_000_000 + rng.randrange(1_000_000_000)
        self.updated = now_ms
        self.last_trade_time = now_ms
        self.mark_price = self.own_index = symbol.start_price
        self._price_marks()

    @property
    def index_price(self) -> Decimal:
        """Return the price of the underlying, in the quote asset."""
        return self.own_index if self.underlying is None else self.underlying.index_price

    def next_trade(
        self, price: Decimal, quantity: Decimal, *, buyer_is_maker: bool | None = None, rpi: bool = False
    ) -> int:
        """Record a trade and return its id; without `buyer_is_maker` the book says whose order rested."""
        self.trade_id += 1
        self.last_price, self.last_quantity = price, quantity
        if self.observer is not None:
            if buyer_is_maker is None:
                ask = self.book.asks.best()
                buyer_is_maker = ask is None or price < ask
            self.observer.traded(self.trade_id, price, quantity, buyer_is_maker=buyer_is_maker, rpi=rpi)
        return self.trade_id

    def changed(self, now: int) -> None:
        """Record that the book changed at `now`."""
        self.update_id += 1
        self.updated = now
        if self.observer is not None:
            self.observer.book_changed()

    def book_of(self, order: Order) -> OrderBook:
        """Return the book that an order rests in."""
        return self.rpi_book if order.improves else self.book

    @property
    def has_retail(self) -> bool:
        """Whether anything improves prices for retail users."""
        return self.rpi_book.bids.best() is not None or self.rpi_book.asks.best() is not None

    def depth(self, limit: int | None, *, rpi: bool = False) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks; with `rpi` the retail ones, too, but none that cross (documented)."""
        book, retail = self.book, self.rpi_book
        bids, asks = book.bids.levels(limit), book.asks.levels(limit)
        if not rpi or not self.has_retail:
            return bids, asks
        lowest = min((one for one in (book.asks.best(), retail.asks.best()) if one is not None), default=None)
        highest = max((one for one in (book.bids.best(), retail.bids.best()) if one is not None), default=None)
        more_bids = [one for one in retail.bids.levels() if lowest is None or one.price < lowest]
        more_asks = [one for one in retail.asks.levels() if highest is None or one.price > highest]
        return merged(bids, more_bids, limit, bids=True), merged(asks, more_asks, limit, bids=False)

    def move(self) -> None:
        """Let the market maker's price take one random step, staying near its anchor."""
        reach = self.mid * STEP
        target = self.mid + reach * self._rng.randint(-100, 100) / 100
        low, high = self.anchor * (1 - DRIFT), self.anchor * (1 + DRIFT)
        self.mid = self._on_tick(min(max(target, low), high))

    def set_price(self, price: Decimal) -> None:
        """Move the market maker's price, and what it stays near, to `price`."""
        self.anchor = self.mid = self._on_tick(price)

    def inside(self) -> tuple[Decimal, Decimal]:
        """Return the market maker's best bid and best ask."""
        return self.mid - self.symbol.tick, self.mid + self.symbol.tick

    def withdraw(self) -> None:
        """Withdraw the market maker's quotes: all of them when its price was set, else those near the market."""
        far = self._far_laid != self.anchor
        self.book.bids.drop_quotes(far=far)
        self.book.asks.drop_quotes(far=far)

    def quote(self, now: int) -> None:
        """Lay out the market maker's quotes afresh around its price; they must cross nothing (see Engine.requote)."""
        self.withdraw()
        if self._far_laid != self.anchor:
            self._far_laid = self.anchor
            if self.symbol.perpetual and self.symbol.base in DEEP:
                self._quote_far()
        tick = self.symbol.tick
        gap = max(1, int(self.mid * SPAN / LEVELS / tick)) * tick
        for position in range(LEVELS):
            notional = self._rng.randint(SMALLEST_LEVEL, LARGEST_LEVEL) * (5 + position) // 5
            quantity = self.symbol.lots(notional, self.mid)
            away = tick + position * gap
            if self.mid - away >= self.symbol.min_price:
                self.book.bids.add(Resting(self.mid - away, quantity))
            self.book.asks.add(Resting(self.mid + away, quantity))
        self._price_marks()
        self.changed(now)

    def _quote_far(self) -> None:
        """Lay out what nothing near the market can reach: further away than the price drifts and the quotes span."""
        symbol, anchor = self.symbol, self.anchor
        gap = max(1, int(anchor * FAR_SPAN / FAR_LEVELS / symbol.tick)) * symbol.tick
        first = anchor * (DRIFT + SPAN + STEP) // symbol.tick * symbol.tick + gap

        @cache
        def lots() -> list[Decimal]:
            rng = Random(f"{symbol.name} far")  # noqa: S311  # repeatable on purpose
            return [symbol.lots(rng.randint(*FAR_NOTIONAL), anchor) for _ in range(FAR_LEVELS)]

        def bids() -> list[Resting]:
            made = [Resting(anchor - first - number * gap, lot) for number, lot in enumerate(lots())]
            return [one for one in made if one.price >= symbol.min_price]

        def asks() -> list[Resting]:
            return [Resting(anchor + first + number * gap, lot) for number, lot in enumerate(reversed(lots()))]

        self.book.bids.add_far(anchor - first, bids)
        self.book.asks.add_far(anchor + first, asks)

    def print_trade(self, now: int) -> None:
        """Let two simulated traders trade at the touch, so that the last price follows the quotes."""
        bid, ask = self.inside()
        sold = self._rng.random() < 0.5
        self.next_trade(bid if sold else ask, self.symbol.step * self._rng.randint(1, 500), buyer_is_maker=sold)
        self.last_trade_time = now

    def take(self, rng: Random, now: int) -> bool:
        """Let a simulated trader take some of what the market maker quotes; return whether there was anything to take.

        It leaves users' orders alone: only users decide what happens to those.
        """
        sold = rng.random() < 0.5
        side = self.book.bids if sold else self.book.asks
        front = side.front()
        if front is None or front.order is not None:
            return False
        step = self.symbol.step
        quantity = min(self.symbol.lots(rng.randint(50, 2_000), self.mid), front.remaining / 2 // step * step)
        if not quantity:
            return False
        front.remaining -= quantity
        side.touched(front)
        self.next_trade(front.price, quantity, buyer_is_maker=sold)
        self.last_trade_time = now
        self.changed(now)
        return True

    def _on_tick(self, price: Decimal) -> Decimal:
        tick = self.symbol.tick
        return max(price // tick * tick, self.symbol.min_price + tick * 2)

    def _price_marks(self) -> None:
        noise = self.mid * Decimal(self._rng.randint(-1000, 1000)) / 100_000_000
        self.own_index = (self.mid + noise).quantize(SATOSHI)
        self.mark_price = ((self.mid + self.own_index) / 2).quantize(SATOSHI)
