"""A price-time order book: better prices first, at one price the earlier order first."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.records import Resting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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
    """Bids or asks. Keys are prices with the sign that puts the best one first.

    Quotes far from the market (`add_far`) are laid out when somebody first looks that far. They stay where they are
    while the near ones are renewed, and are counted only when something there changed: a deep book costs no more than
    a shallow one.
    """

    def __init__(self, *, bids: bool) -> None:
        self._bids = bids
        self._keys: list[Decimal] = []
        self._levels: dict[Decimal, dict[int, Rested]] = {}  # insertion order is time priority
        self._quotes: list[Rested] = []  # near ones, perhaps gone
        self._far_quotes: list[Rested] = []
        self._lay_far: Callable[[], list[Rested]] | None = None  # makes them, until that was done
        self._far_from: Decimal | None = None  # the first key that is far
        self._far: list[Level] | None = None  # as counted last

    def _key(self, price: Decimal) -> Decimal:
        return -price if self._bids else price

    def add(self, resting: Rested) -> None:
        """Put `resting` last in its price's queue."""
        if resting.order is None:
            self._quotes.append(resting)
        self._put(resting)

    def add_far(self, best: Decimal, lay: Callable[[], list[Rested]]) -> None:
        """Add the quotes that `lay` makes, from the price `best` on.

        All are worse than any that `add` will get of the market maker.
        """
        self._far_from, self._lay_far = self._key(best), lay

    def _look_far(self) -> None:
        """Lay out what is far from the market, before anything there is seen or joins it."""
        if self._lay_far is not None:
            lay, self._lay_far = self._lay_far, None
            self._far_quotes, self._far = lay(), None
            for one in self._far_quotes:
                self._levels.setdefault(self._key(one.price), {})[id(one)] = one
            self._keys = sorted(self._levels)

    def _put(self, resting: Rested) -> None:
        key = self._key(resting.price)
        if self._lay_far is not None and self._is_far(key):
            self._look_far()
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = {}
            insort(self._keys, key)
        level[id(resting)] = resting
        self._touch(key)

    def _is_far(self, key: Decimal) -> bool:
        return self._far_from is not None and key >= self._far_from

    def _touch(self, key: Decimal) -> None:
        if self._is_far(key):
            self._far = None

    def touched(self, resting: Rested) -> None:
        """Note that less of `resting` remains."""
        self._touch(self._key(resting.price))

    def remove(self, resting: Rested) -> None:
        """Take `resting` out."""
        key = self._key(resting.price)
        level = self._levels[key]
        del level[id(resting)]
        if not level:
            del self._levels[key]
            del self._keys[bisect_left(self._keys, key)]
        self._touch(key)

    def best(self) -> Decimal | None:
        """Return the best price, or None when the side is empty."""
        if not self._keys:
            self._look_far()
        return self._key(self._keys[0]) if self._keys else None

    def nth(self, position: int) -> Decimal | None:
        """Return the `position`-th best price, counted from one."""
        if len(self._keys) < position:
            self._look_far()
        return self._key(self._keys[position - 1]) if len(self._keys) >= position else None

    def front(self) -> Rested | None:
        """Return what is matched first."""
        return None if self.best() is None else next(iter(self._levels[self._keys[0]].values()))

    def best_quantity(self) -> Decimal:
        """Return the quantity at the best price."""
        return ZERO if self.best() is None else self._quantity(self._keys[0])

    def levels(self, limit: int | None = None) -> list[Level]:
        """Return the best `limit` levels, or all of them, best first."""
        near = self.near(limit)
        return near if len(near) == limit else (near + self.far())[:limit]

    def near(self, limit: int | None = None) -> list[Level]:
        """Return the best `limit` of the levels that are not far, or all of them, best first."""
        end = len(self._keys) if self._far_from is None else bisect_left(self._keys, self._far_from)
        return self._counted(self._keys[: end if limit is None else min(end, limit)])

    def far(self) -> list[Level]:
        """Return the levels far from the market, best first; the same list until one of them changes."""
        if self._far is None:
            self._look_far()
            start = len(self._keys) if self._far_from is None else bisect_left(self._keys, self._far_from)
            self._far = self._counted(self._keys[start:])
        return self._far

    def _counted(self, keys: list[Decimal]) -> list[Level]:
        return [Level(self._key(key), self._quantity(key)) for key in keys]

    def _quantity(self, key: Decimal) -> Decimal:
        level = self._levels[key]
        if len(level) == 1:
            return next(iter(level.values())).remaining
        return sum((resting.remaining for resting in level.values()), ZERO)

    def crosses(self, price: Decimal | None, best: Decimal) -> bool:
        """Whether an incoming order limited to `price` (None: no limit) matches at `best`."""
        return price is None or (best >= price if self._bids else best <= price)

    def within(self, price: Decimal | None) -> Iterator[Rested]:
        """Yield, in matching order, what an incoming order limited to `price` would meet."""
        if self._far_from is not None and self.crosses(price, self._key(self._far_from)):
            self._look_far()
        for key in self._keys:
            if not self.crosses(price, self._key(key)):
                return
            yield from self._levels[key].values()

    def drop_quotes(self, *, far: bool = True) -> None:
        """Remove everything that the market maker quotes; with `far` also what is far from the market."""
        gone, self._quotes = self._quotes, []
        if far:
            gone += self._far_quotes
            self._far_quotes, self._lay_far, self._far_from, self._far = [], None, None, None
        for one in gone:
            if id(one) in self._levels.get(self._key(one.price), ()):
                self.remove(one)


def merged(some: Iterable[Level], others: Iterable[Level], limit: int | None, *, bids: bool) -> list[Level]:
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
