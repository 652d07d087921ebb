"""Accounts of options and what is theirs: positions, orders, fills, bills and exercises.

Options have a wallet of their own, in USDT, with cross margin and no netting with futures
(docs/exchange.md#options-margin).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, to_money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.products.options.option_instruments import OptionContract, Underlying

ASSET = "USDT"
OPENING_BALANCE = Decimal(10_000)
KEPT = 2_000  # closed orders, fills, bills and exercises of an account, of each
FIRST_BILL, FIRST_EXERCISE = 1_125_899_906_842_624_000, 1_125_899_906_842_624_042
OPEN_STATUSES = frozenset({"NEW", "PARTIALLY_FILLED"})
FEE_RATE = Decimal("0.00024")  # of the index price: docs/exchange.md#options-margin
FEE_CAP = Decimal("0.1")  # of the premium
DEFAULT_STP_MODE = "EXPIRE_MAKER"


def trade_fee(underlying: Underlying, index: Decimal, price: Decimal, quantity: Decimal) -> Decimal:
    """Return the fee of a trade: a share of the index, and at most a share of the premium."""
    return to_money(min(FEE_RATE * index * underlying.unit, FEE_CAP * price) * quantity)


@dataclass(slots=True)
class OptionRequest:
    """A limit order as asked for: `price` in USDT for one contract."""

    contract: OptionContract
    side: str
    quantity: Decimal
    price: Decimal
    time_in_force: str = "GTC"
    reduce_only: bool = False
    post_only: bool = False
    mmp: bool = False  # falls under the market maker protection
    stp: str = DEFAULT_STP_MODE
    client_id: str = ""

    @property
    def rests_only(self) -> bool:
        """Whether the order must not take what rests."""
        return self.post_only or self.time_in_force == "GTX"


class OptionResting:
    """Quantity that rests at a price; `order` is None when the market maker quotes it."""

    __slots__ = ("order", "price", "remaining")

    def __init__(self, price: Decimal, remaining: Decimal, order: OptionOrder | None = None) -> None:
        self.price, self.remaining, self.order = price, remaining, order


@dataclass(slots=True, eq=False, kw_only=True)
class OptionOrder(OptionRequest):
    """An order that the exchange took in; times in milliseconds, `fee` paid so far."""

    order_id: int
    account: OptionAccount
    created: int
    updated: int
    status: str = "NEW"
    executed: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    resting: OptionResting | None = None

    @property
    def remaining(self) -> Decimal:
        """Return the quantity that has not traded yet."""
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        """Whether something of the order can trade."""
        return self.status in OPEN_STATUSES

    @property
    def average_price(self) -> Decimal:
        """Return the mean price of the fills; zero without one."""
        return self.cost / self.executed if self.executed else ZERO


@dataclass(slots=True, eq=False)
class OptionPosition:
    """A position; `amount` is negative for what was written."""

    contract: OptionContract
    amount: Decimal = ZERO
    entry: Decimal = ZERO
    updated: int = 0

    def add(self, signed: Decimal, price: Decimal) -> Decimal:
        """Add a fill of `signed` quantity at `price`; return the profit that it realises, before its fee."""
        profit = ZERO
        opening = signed
        if self.amount and (self.amount > 0) != (signed > 0):
            closing = -signed if abs(signed) <= abs(self.amount) else self.amount
            profit = to_money(closing * (price - self.entry))
            self.amount -= closing
            opening = signed + closing
        if opening:
            self.entry = (self.amount * self.entry + opening * price) / (self.amount + opening)
            self.amount += opening
        if not self.amount:
            self.entry = ZERO
        return profit


@dataclass(frozen=True, slots=True)
class OptionFill:
    """One execution of one of the account's orders; `number` is unique, `trade_id` counts the contract's trades."""

    number: int
    trade_id: int
    order: OptionOrder
    price: Decimal
    quantity: Decimal
    fee: Decimal
    profit: Decimal
    maker: bool
    time: int


@dataclass(frozen=True, slots=True)
class Bill:
    """One change of the wallet: FEE, CONTRACT or TRANSFER; `symbol` is empty where no contract is concerned."""

    number: int
    kind: str
    amount: Decimal
    time: int
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Exercise:
    """What became of a position at its contract's expiry; `amount` received, negative when paid, before `fee`."""

    number: int
    contract: OptionContract
    price: Decimal
    quantity: Decimal
    amount: Decimal
    fee: Decimal
    long: bool
    time: int


class OptionAccount:
    """Wallet, positions, orders and history of one user of options.

    Args:
        name: What the venue calls the account, for all products.
        now: When the account was opened, in milliseconds.
    """

    def __init__(self, name: str, now: int) -> None:
        self.name = name
        self.wallet = ZERO
        self.positions: dict[str, OptionPosition] = {}
        self.open_orders: dict[int, OptionOrder] = {}
        self.closed_orders: dict[int, OptionOrder] = {}
        self.fills: deque[OptionFill] = deque(maxlen=KEPT)
        self.bills: deque[Bill] = deque(maxlen=KEPT)
        self.exercises: deque[Exercise] = deque(maxlen=KEPT)
        self.writes = True  # whether the account may write options (Long & Short Sell mode)
        self.maker = True  # whether it may use the market maker protection
        self.metals_agreed = False
        self._bill_numbers = count(FIRST_BILL)
        self.exercise_numbers = count(FIRST_EXERCISE)
        self.credit("TRANSFER", OPENING_BALANCE, now)

    def credit(self, kind: str, amount: Decimal, now: int, symbol: str = "") -> None:
        """Add `amount`, negative when paid, to the wallet, and write a bill; zero is not recorded."""
        if amount:
            self.wallet += amount
            self.bills.append(Bill(next(self._bill_numbers), kind, amount, now, symbol))

    def position(self, contract: OptionContract) -> OptionPosition:
        """Return a position, empty when there is none yet."""
        found = self.positions.get(contract.name)
        if found is None:
            found = self.positions[contract.name] = OptionPosition(contract)
        return found

    def amount(self, contract: OptionContract) -> Decimal:
        """Return how many contracts the account has, negative when it wrote them."""
        found = self.positions.get(contract.name)
        return ZERO if found is None else found.amount

    def held_positions(self, name: str | None = None) -> list[OptionPosition]:
        """Return the positions that are not empty, of one contract or of all."""
        return [one for one in self.positions.values() if one.amount and name in {None, one.contract.name}]

    def orders_on(self, underlying: Underlying) -> list[OptionOrder]:
        """Return the open orders on all contracts of an underlying."""
        return [order for order in self.open_orders.values() if order.contract.underlying is underlying]

    def orders_for(self, contract: OptionContract) -> list[OptionOrder]:
        """Return the open orders for a contract."""
        return [order for order in self.open_orders.values() if order.contract is contract]

    def archive(self, order: OptionOrder) -> None:
        """Move a finished order to the closed ones, of which the oldest is dropped."""
        self.open_orders.pop(order.order_id, None)
        self.closed_orders[order.order_id] = order
        if len(self.closed_orders) > KEPT:
            del self.closed_orders[next(iter(self.closed_orders))]

    def all_orders(self) -> Iterator[OptionOrder]:
        """Yield all orders, open and closed."""
        yield from self.closed_orders.values()
        yield from self.open_orders.values()

    def find_order(self, symbol: str, order_id: int | None, client_id: str | None) -> OptionOrder | None:
        """Return an order by its id, or else the latest with a client id."""
        if order_id is not None:
            order = self.open_orders.get(order_id) or self.closed_orders.get(order_id)
        else:
            order = next((one for one in reversed(list(self.all_orders())) if one.client_id == client_id), None)
        return order if order is not None and order.contract.name == symbol else None
