"""A price-time order book: better prices first, at one price the earlier order first."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.records import Resting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal


class Rests(Protocol):
    """What can stand in a book: a quantity at a price; `order` is None when a market maker quotes it."""

    price: Decimal
    remaining: Decimal
    order: Any


Rested = TypeVar("Rested", bound=Rests)


class Level(NamedTuple):
    """What rests at one price."""

    price: Decimal
    quantity: Decimal


class PriceSide(Generic[Rested]):
    """Bids or asks. Keys are prices with the sign that puts the best one first."""

    def __init__(self, *, bids: bool) -> None:
        self._bids = bids
        self._keys: list[Decimal] = []
        self._levels: dict[Decimal, dict[int, Rested]] = {}  # insertion order is time priority

    def _key(self, price: Decimal) -> Decimal:
        return -price if self._bids else price

    def add(self, resting: Rested) -> None:
        """Put `resting` last in its price's queue."""
        key = self._key(resting.price)
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = {}
            insort(self._keys, key)
        level[id(resting)] = resting

    def remove(self, resting: Rested) -> None:
        """Take `resting` out."""
        key = self._key(resting.price)
        level = self._levels[key]
        del level[id(resting)]
        if not level:
            del self._levels[key]
            del self._keys[bisect_left(self._keys, key)]

    def best(self) -> Decimal | None:
        """Return the best price, or None when the side is empty."""
        return self._key(self._keys[0]) if self._keys else None

    def nth(self, position: int) -> Decimal | None:
        """Return the `position`-th best price, counted from one."""
        return self._key(self._keys[position - 1]) if len(self._keys) >= position else None

    def front(self) -> Rested | None:
        """Return what is matched first."""
        return next(iter(self._levels[self._keys[0]].values())) if self._keys else None

    def best_quantity(self) -> Decimal:
        """Return the quantity at the best price."""
        return self._quantity(self._keys[0]) if self._keys else ZERO

    def levels(self, limit: int | None = None) -> list[Level]:
        """Return the best `limit` levels, or all of them, best first."""
        return [Level(self._key(key), self._quantity(key)) for key in self._keys[:limit]]

    def _quantity(self, key: Decimal) -> Decimal:
        return sum((resting.remaining for resting in self._levels[key].values()), ZERO)

    def crosses(self, price: Decimal | None, best: Decimal) -> bool:
        """Whether an incoming order limited to `price` (None: no limit) matches at `best`."""
        return price is None or (best >= price if self._bids else best <= price)

    def within(self, price: Decimal | None) -> Iterator[Rested]:
        """Yield, in matching order, what an incoming order limited to `price` would meet."""
        for key in self._keys:
            if not self.crosses(price, self._key(key)):
                return
            yield from self._levels[key].values()

    def drop_quotes(self) -> None:
        """Remove everything that the market maker quotes."""
        for key in list(self._keys):
            kept = {mark: resting for mark, resting in self._levels[key].items() if resting.order is not None}
            if kept:
                self._levels[key] = kept
            else:
                del self._levels[key]
        self._keys = sorted(self._levels)


def merged(some: Iterable[Level], others: Iterable[Level], limit: int, *, bids: bool) -> list[Level]:
    """Return the levels of both, best first, those of one price added up."""
    found: dict[Decimal, Decimal] = {}
    for price, quantity in (*some, *others):
        found[price] = found.get(price, ZERO) + quantity
    return [Level(price, found[price]) for price in sorted(found, reverse=bids)[:limit]]


class PriceBook(Generic[Rested]):
    """Both sides of one symbol's book."""

    def __init__(self) -> None:
        self.bids: PriceSide[Rested] = PriceSide(bids=True)
        self.asks: PriceSide[Rested] = PriceSide(bids=False)

    def own(self, side: str) -> PriceSide[Rested]:
        """Return the side on which an order of `side` rests."""
        return self.bids if side == "BUY" else self.asks

    def opposite(self, side: str) -> PriceSide[Rested]:
        """Return the side that an order of `side` takes from."""
        return self.asks if side == "BUY" else self.bids


#: Books of futures.
BookSide = PriceSide[Resting]
OrderBook = PriceBook[Resting]
