"""The markets of margin orders: a simulated maker quotes around the price of the perpetual contract of the same name.

Its quotes are renewed at once, so that they are never used up. Users' orders rest beside them, better prices first, at
one price the earlier order first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wireproof.venue.base.formats import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from wireproof.venue.exchange.market import Market
    from wireproof.venue.products.portfolio_margin.margin_records import MarginOrder, MarginSymbol

LEVELS = 20
SPREAD_OF_LEVELS = 5  # ticks, times the number of the level
WORTH_OF_LEVEL = 20_000  # in quote


class MarginQuote(NamedTuple):
    """What can be had at a price; `order` is None where the simulated maker quotes it."""

    price: Decimal
    quantity: Decimal
    order: MarginOrder | None


class MarginMarket:
    """One symbol's book and its last price."""

    def __init__(self, symbol: MarginSymbol, perpetual: Market) -> None:
        self.symbol, self._perpetual = symbol, perpetual
        self.resting: list[MarginOrder] = []
        self.last_price = self.mid
        self.trade_id = 28_457
        self.update_id = 10_000

    @property
    def mid(self) -> Decimal:
        """Return what the simulated maker quotes around."""
        tick = self.symbol.tick
        return self._perpetual.mid // tick * tick

    @property
    def index_price(self) -> Decimal:
        """Return the index price, that of the perpetual contract."""
        return self._perpetual.index_price

    def quotes(self, side: str) -> list[MarginQuote]:
        """Return what an order of `side` can take, best first."""
        sign = 1 if side == "BUY" else -1
        found = [MarginQuote(one.price, one.remaining, one) for one in self.resting if one.side != side]
        tick, step = self.symbol.tick, self.symbol.step
        for level in range(LEVELS):
            price = self.mid + sign * tick * (1 + level * SPREAD_OF_LEVELS)
            if price > 0:
                found.append(MarginQuote(price, max(step, WORTH_OF_LEVEL / price // step * step), None))
        return sorted(found, key=lambda one: (sign * one.price, one.order is None))

    def within(self, side: str, limit: Decimal | None) -> Iterator[MarginQuote]:
        """Yield what an order of `side` limited to a price meets; without a limit everything."""
        for quote in self.quotes(side):
            if limit is not None and (quote.price > limit if side == "BUY" else quote.price < limit):
                return
            yield quote

    def cost(self, side: str, quantity: Decimal) -> Decimal:
        """Return what a quantity costs or earns at the market, in quote; all that there is if it is not enough."""
        found = ZERO
        for quote in self.quotes(side):
            taken = min(quantity, quote.quantity)
            found, quantity = found + taken * quote.price, quantity - taken
            if not quantity:
                break
        return found

    def quantity_for(self, side: str, amount: Decimal) -> Decimal:
        """Return how much an amount of quote is enough for, on the step."""
        found, step = ZERO, self.symbol.step
        for quote in self.quotes(side):
            all_of_it = amount >= quote.quantity * quote.price
            taken = quote.quantity if all_of_it else amount / quote.price // step * step
            found, amount = found + taken, amount - taken * quote.price
            if taken < quote.quantity:
                break
        return found

    def next_trade(self, price: Decimal) -> int:
        """Record a trade and return its id."""
        self.trade_id += 1
        self.update_id += 1
        self.last_price = price
        return self.trade_id

    def follow(self) -> None:
        """Let the last price follow the quotes."""
        self.last_price = self.mid
        self.update_id += 1
