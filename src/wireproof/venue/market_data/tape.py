"""What traded in one market: single trades and aggregate trades, the latest of each.

Aggregate trades join trades of the same price, taker's side and tenth of a second.
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Compressed-Aggregate-Trades-List
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from wireproof.venue.exchange.instruments import Symbol

KEPT = 2_000  # trades, and aggregate trades, of one market
BUCKET_MS = 100
FIRST_AGGREGATE = 50_000_000
COIN_DIGITS = 8


class Units:
    """How a symbol's prices, quantities and values are counted in integers, and written."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.price_digits, self.qty_digits = symbol.price_digits, symbol.qty_digits
        self.value_digits = COIN_DIGITS if symbol.inverse else symbol.price_digits + symbol.qty_digits
        self._prices, self._quantities = 10**self.price_digits, 10**self.qty_digits
        # Coins in units of their last decimal per contract, at a price of one unit.
        self._inverse = symbol.contract_size * self._prices * 10**COIN_DIGITS

    def price(self, price: Decimal) -> int:
        """Return a price as an integer."""
        return int(price * self._prices)

    def quantity(self, quantity: Decimal) -> int:
        """Return a quantity as an integer."""
        return int(quantity * self._quantities)

    def value(self, price: int, quantity: int) -> int:
        """Return what `quantity` is worth at `price`: in quote, or in coin for an inverse contract."""
        return quantity * self._inverse // price if self._inverse else price * quantity

    def price_text(self, price: int) -> str:
        """Return a price as it is written."""
        return written(price, self.price_digits)

    def quantity_text(self, quantity: int) -> str:
        """Return a quantity as it is written."""
        return written(quantity, self.qty_digits)

    def value_text(self, value: int) -> str:
        """Return a value as it is written."""
        return written(value, self.value_digits)


def written(number: int, digits: int) -> str:
    """Return `number`, counted in units of its last decimal, with `digits` decimals."""
    if not digits:
        return str(number)
    sign = "-" if number < 0 else ""
    whole, part = divmod(abs(number), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


class Trade(NamedTuple):
    """One trade; `maker` is whether the buyer is the maker, `rpi` whether it filled an order for retail users."""

    id: int
    price: int
    quantity: int
    value: int
    time: int
    maker: bool
    rpi: bool = False

    @property
    def normal(self) -> int:
        """Return the quantity, none when an order for retail users was filled."""
        return 0 if self.rpi else self.quantity


class Aggregate(NamedTuple):
    """Trades of one price, taker's side and tenth of a second; `time` is that of the first.

    `normal` is the quantity without what was filled of orders for retail users.
    """

    id: int
    price: int
    quantity: int
    first: int
    last: int
    time: int
    maker: bool
    normal: int


def aggregated(trades: Iterable[Trade], next_id: int) -> list[Aggregate]:
    """Return consecutive `trades` joined to aggregates."""
    found: list[Aggregate] = []
    for trade in trades:
        newest = found[-1] if found else None
        if newest is not None and _joins(newest, trade):
            found[-1] = _joined(newest, trade)
        else:
            found.append(_alone(trade, next_id + len(found)))
    return found


def _joins(newest: Aggregate, trade: Trade) -> bool:
    same_bucket = newest.time // BUCKET_MS == trade.time // BUCKET_MS
    return same_bucket and newest.price == trade.price and newest.maker == trade.maker


def _joined(newest: Aggregate, trade: Trade) -> Aggregate:
    quantity, normal = newest.quantity + trade.quantity, newest.normal + trade.normal
    return newest._replace(quantity=quantity, normal=normal, last=trade.id)


def _alone(trade: Trade, number: int) -> Aggregate:
    return Aggregate(number, trade.price, trade.quantity, trade.id, trade.id, trade.time, trade.maker, trade.normal)


class Tape:
    """The latest trades and aggregates; an aggregate is among them once its tenth of a second is over."""

    def __init__(self) -> None:
        self.trades: deque[Trade] = deque(maxlen=KEPT)
        self.aggregates: deque[Aggregate] = deque(maxlen=KEPT)
        self._open: Aggregate | None = None
        self._next_id = FIRST_AGGREGATE

    def record(self, trade: Trade) -> None:
        """Record a trade."""
        self.trades.append(trade)
        newest = self._open
        if newest is not None and _joins(newest, trade):
            self._open = _joined(newest, trade)
            return
        self._close()
        self._open = _alone(trade, self._next_id)
        self._next_id += 1

    def close_due(self, now: int) -> None:
        """Close the aggregate whose tenth of a second is over."""
        if self._open is not None and now // BUCKET_MS > self._open.time // BUCKET_MS:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self.aggregates.append(self._open)
            self._open = None

    @property
    def newest(self) -> int:
        """Return the id of the newest aggregate; what is remembered later has lower ones."""
        return self.aggregates[-1].id if self.aggregates else FIRST_AGGREGATE - 1

    def trades_after(self, number: int) -> list[Trade]:
        """Return the trades with higher ids than `number`, oldest first."""
        return list(takewhile(lambda one: one.id > number, reversed(self.trades)))[::-1]

    def aggregates_after(self, number: int) -> list[Aggregate]:
        """Return the aggregates with higher ids than `number`, oldest first."""
        return list(takewhile(lambda one: one.id > number, reversed(self.aggregates)))[::-1]

    def remember(self, past: list[Trade]) -> None:
        """Put the trades of before the venue started in front."""
        before = aggregated(past, 0)
        moved = [one._replace(id=FIRST_AGGREGATE - len(before) + one.id) for one in before]
        self.trades = deque([*past, *self.trades], maxlen=KEPT)
        self.aggregates = deque([*moved, *self.aggregates], maxlen=KEPT)
