"""Accounts and what is theirs: positions, orders, conditional orders and their history.

They know each other (an order its account, an account its orders), which is why they stand in one module. The margin
arithmetic over them is in `margin`, what can happen to an order in `order_flow`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.exchange.income import IncomeLedger
from wireproof.venue.exchange.instruments import CM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.exchange.instruments import Symbol

DEFAULT_LEVERAGE = 20
CLOSED_ORDERS_KEPT = 2_000
ASSETS = ("USDT", "USDC", "BTC")
# docs/exchange.md#new-accounts
OPENING_BALANCES = {"USDT": Decimal(5000), "USDC": Decimal(5000), "BTC": Decimal("0.01")}
OPENING_COINS = {"BTC": Decimal(1), "ETH": Decimal(10), "BNB": Decimal(100)}  # and 1000 of each other coin
LIMIT_TYPES = frozenset({"STOP", "TAKE_PROFIT"})  # conditional orders that become limit orders
OPEN = frozenset({"NEW", "PARTIALLY_FILLED"})
DAY_MS = 24 * 3_600_000
DEFAULT_STP = "EXPIRE_MAKER"  # docs/exchange.md#self-trade-prevention
KEPT_DAYS, KEPT_UNFILLED_DAYS = 90, 3  # documented for queries; orders that are open are always found
HISTORY_KEPT = 5_000  # executions, modifications and margin transfers of an account, of each


@dataclass(slots=True, eq=False)
class Position:
    """A position; `amount` is negative when short."""

    symbol: Symbol
    side: str  # BOTH, LONG or SHORT
    amount: Decimal = ZERO
    entry: Decimal = ZERO
    fees: Decimal = ZERO  # paid for what is open, in the margin asset
    realised: Decimal = ZERO  # accumulated, before fees
    isolated_wallet: Decimal = ZERO
    updated: int = 0

    @property
    def break_even(self) -> Decimal:
        """Return the price at which closing pays for the fees."""
        if not self.amount:
            return ZERO
        fees = -self.fees if self.symbol.inverse else self.fees
        return self.symbol.mean_price(self.amount, self.symbol.value(self.amount, self.entry) + fees)

    def unrealised(self, mark: Decimal) -> Decimal:
        """Return the profit at `mark`."""
        return self.symbol.profit(self.amount, self.entry, mark)

    def apply(self, signed: Decimal, price: Decimal, fee: Decimal, leverage: int, *, isolated: bool) -> Decimal:
        """Add a fill of `signed` quantity at `price`; return the profit that it realises, before `fee`."""
        symbol, profit, opening = self.symbol, ZERO, signed
        if self.amount and (self.amount > 0) != (signed > 0):
            closing = -signed if abs(signed) <= abs(self.amount) else self.amount
            share = closing / self.amount
            profit = to_money(symbol.profit(closing, self.entry, price))
            self.isolated_wallet = to_money(self.isolated_wallet * (1 - share))
            self.fees *= 1 - share
            self.amount -= closing
            opening = signed + closing
        if opening:
            total = self.amount + opening
            self.entry = symbol.mean_price(total, symbol.value(self.amount, self.entry) + symbol.value(opening, price))
            self.amount = total
            self.fees += fee
            if isolated:
                self.isolated_wallet += to_money(symbol.value(abs(opening), price) / leverage)
        if not self.amount:
            self.entry = self.fees = self.isolated_wallet = ZERO
        self.realised += profit
        return profit


class Resting:
    """Quantity that rests at a price; `order` is None when the market maker quotes it."""

    __slots__ = ("order", "price", "remaining")

    def __init__(self, price: Decimal, remaining: Decimal, order: Order | None = None) -> None:
        self.price, self.remaining, self.order = price, remaining, order


@dataclass(slots=True)
class OrderRequest:
    """An order as asked for. Prices in quote, quantities in base or contracts, times in milliseconds."""

    symbol: Symbol
    side: str
    position_side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal  # zero for MARKET
    reduce_only: bool = False
    close_position: bool = False
    price_match: str = "NONE"
    stp: str = DEFAULT_STP
    good_till: int = 0
    client_id: str = ""
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    forced: bool = False  # by the exchange

    @property
    def reduces(self) -> bool:
        """Whether the order can only make a position smaller."""
        if self.position_side == "BOTH":
            return self.reduce_only
        return (self.position_side == "LONG") == (self.side == "SELL")

    def terms(self) -> dict[str, Any]:
        """Return what was asked for, by field; of an order, what was asked for at first or by its modification."""
        return {name: getattr(self, name) for name in _TERMS}


_TERMS = tuple(field.name for field in fields(OrderRequest))


@dataclass(slots=True, eq=False, kw_only=True)
class Order(OrderRequest):
    """An order that the exchange took in."""

    order_id: int
    account: Account
    created: int
    updated: int
    status: str = "NEW"
    executed: Decimal = ZERO
    cost: Decimal = ZERO  # what all fills were worth, in the margin asset
    modifications: int = 0
    modify_id: int | None = None  # that of the last modification, if its request gave one
    held: Decimal = ZERO  # notional that margin is held for
    resting: Resting | None = None
    algo: AlgoOrder | None = None  # the conditional order that this one came from

    @property
    def remaining(self) -> Decimal:
        """Return what is not executed yet."""
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self.status in OPEN

    def is_forgotten(self, now: int) -> bool:
        """Whether queries no longer find the order: it was done long ago, or never filled and done some days ago."""
        days = KEPT_DAYS if self.executed else KEPT_UNFILLED_DAYS
        return not self.is_open and self.created + days * DAY_MS < now

    @property
    def original_type(self) -> str:
        """Return the type that it was placed with: of a conditional order, before the Algo service, that one's."""
        return self.algo.type if self.algo is not None and self.algo.order_id else self.type

    @property
    def trigger(self) -> Decimal:
        """Return the price that triggered it, where it was placed as a conditional order before the Algo service."""
        return self.algo.trigger_price if self.algo is not None and self.algo.order_id else ZERO

    @property
    def improves(self) -> bool:
        """Whether the order is there for retail users only (RPI)."""
        return self.time_in_force == "RPI"

    @property
    def average_price(self) -> Decimal:
        """Return the mean price of the fills; zero without one."""
        return self.symbol.mean_price(self.executed, self.cost) if self.executed else ZERO


@dataclass(slots=True, eq=False, kw_only=True)
class AlgoOrder(OrderRequest):
    """A conditional order: what it asks for once it triggers, and when that is."""

    algo_id: int
    account: Account
    trigger_price: Decimal
    activate_price: Decimal
    callback_rate: Decimal  # per cent
    created: int
    updated: int
    status: str = "NEW"
    triggered: int = 0
    active: bool = True  # a trailing order with an activation price starts inactive
    extreme: Decimal = ZERO  # best price since a trailing order became active
    order: Order | None = None
    order_id: int = 0  # of one that was placed as an order, before the Algo service; else none
    reject_reason: str = ""

    def as_order(self, status: str) -> Order:
        """Return the order that it was before the Algo service, for as long as it did not trigger."""
        return Order(
            **self.terms(),
            order_id=self.order_id,
            account=self.account,
            created=self.created,
            updated=self.updated,
            status=status,
            algo=self,
        )

    @property
    def trailing(self) -> bool:
        """Whether the trigger follows the price."""
        return self.type == "TRAILING_STOP_MARKET"

    @property
    def rises_to_trigger(self) -> bool:
        """Whether the price must rise to the trigger: a stop to buy, or a profit to take by selling."""
        return (self.side == "BUY") != self.type.startswith("TAKE_PROFIT")


@dataclass(frozen=True, slots=True)
class UserTrade:
    """One execution of one of the account's orders."""

    trade_id: int
    order: Order
    price: Decimal
    quantity: Decimal
    fee: Decimal
    profit: Decimal
    maker: bool
    time: int


@dataclass(frozen=True, slots=True)
class Amendment:
    """One modification of an order: price and quantity before and after; `count` is how many there were by then.

    `modify_id` is the id that its request gave it, if it gave one.
    """

    number: int
    order: Order
    time: int
    prices: tuple[Decimal, Decimal]
    quantities: tuple[Decimal, Decimal]
    count: int
    modify_id: int | None


@dataclass(frozen=True, slots=True)
class MarginChange:
    """Margin moved into (type 1) or out of (type 2) an isolated position."""

    symbol: Symbol
    position_side: str
    amount: Decimal
    adding: bool
    time: int


class AccountHistory:
    """What one account did, oldest first; the latest of each kind."""

    def __init__(self) -> None:
        self.trades: deque[UserTrade] = deque(maxlen=HISTORY_KEPT)
        self.amendments: deque[Amendment] = deque(maxlen=HISTORY_KEPT)
        self.margin_changes: deque[MarginChange] = deque(maxlen=HISTORY_KEPT)

    def amended(
        self,
        order: Order,
        now: int,
        prices: tuple[Decimal, Decimal],
        quantities: tuple[Decimal, Decimal],
        *,
        modify_id: int | None,
    ) -> None:
        """Record a modification that `order` has just counted."""
        last = self.amendments[-1].number if self.amendments else 5_000
        self.amendments.append(Amendment(last + 1, order, now, prices, quantities, order.modifications, modify_id))


class Collateral(Protocol):
    """What backs the futures of an account instead of their own wallets; amounts are in dollars."""

    def equity(self) -> Decimal:
        """Return what all of it is worth, unrealised profit included."""

    def available(self) -> Decimal:
        """Return what can still be used as margin."""

    def check_opening(self) -> None:
        """Raise `Refusal` where the account may only reduce its positions."""


class Account:
    """Balances, positions, orders and settings of one user.

    Wallets are kept per product and asset, and include what isolated positions have set aside; the cross wallet is what
    is left. USDⓈ-M's BTC is not COIN-M's BTC: the business unit says which of the two is meant.

    Args:
        name: what tests and the venue's controls call the account.
        alias: the account alias that answers and events show.
        key: the first API key.
        mark_price: returns the mark price of a symbol, now.
        now_ms: when the account was opened, in milliseconds.
        symbols: the contracts that are listed, of both products, by name.
    """

    def __init__(
        self,
        name: str,
        alias: str,
        key: ApiKey,
        mark_price: Callable[[str], Decimal],
        now_ms: int,
        *,
        symbols: Mapping[str, Symbol],
    ) -> None:
        self.name, self.alias, self.key = name, alias, key
        self.mark = mark_price
        self.symbols = symbols
        self.created = now_ms
        self.wallets = dict(OPENING_BALANCES)
        self.wallet_updated = dict.fromkeys(ASSETS, now_ms)
        self.coins = {coin: OPENING_COINS.get(coin, Decimal(1000)) for coin in COINS}
        self.coins_updated = dict.fromkeys(COINS, now_ms)
        self.hedge_mode = False
        self.multi_assets = False
        self.leverages: dict[str, int] = {}
        self.isolated: set[str] = set()
        self.positions: dict[tuple[str, str], Position] = {}
        self.open_orders: dict[int, Order] = {}
        self.open_by_client_id: dict[str, Order] = {}
        self.closed_orders: dict[int, Order] = {}
        self.algos: dict[int, AlgoOrder] = {}
        self.closed_algos: dict[int, AlgoOrder] = {}
        self.income = IncomeLedger()
        self.history = AccountHistory()
        self.countdowns: dict[str, int] = {}  # symbol -> when its orders are cancelled unless the countdown is renewed
        self.fee_burn = True
        self.collateral: Collateral | None = None
        # Notional of resting orders that could grow a position: (symbol, position side) -> [bids, asks].
        self._held: dict[tuple[str, str], list[Decimal]] = {}

    # settings

    def leverage(self, symbol: str) -> int:
        """Return the leverage of `symbol`."""
        return self.leverages.get(symbol, DEFAULT_LEVERAGE)

    def forget_settings(self, symbol: str) -> None:
        """Drop the settings of a symbol that is no longer listed."""
        self.leverages.pop(symbol, None)
        self.isolated.discard(symbol)
        self.countdowns.pop(symbol, None)

    def sides(self) -> tuple[str, ...]:
        """Return the position sides of the current mode."""
        return ("LONG", "SHORT") if self.hedge_mode else ("BOTH",)

    def wallets_of(self, unit: str) -> dict[str, Decimal]:
        """Return the wallets of a business unit, by asset."""
        return self.coins if unit == CM else self.wallets

    def credit(self, symbol: Symbol, amount: Decimal, now: int) -> None:
        """Add `amount`, negative when paid, to the wallet that holds the margin of `symbol`."""
        self.wallets_of(symbol.unit)[symbol.margin_asset] += amount
        (self.coins_updated if symbol.unit == CM else self.wallet_updated)[symbol.margin_asset] = now

    def position(self, symbol: Symbol, side: str) -> Position:
        """Return a position, empty when there is none yet."""
        key = (symbol.name, side)
        found = self.positions.get(key)
        if found is None:
            found = self.positions[key] = Position(symbol, side)
        return found

    def open_positions(self, symbol: str | None = None) -> Iterator[Position]:
        """Yield the positions that are not empty."""
        for position in self.positions.values():
            if position.amount and (symbol is None or position.symbol.name == symbol):
                yield position

    # orders

    def track(self, order: Order) -> None:
        """Keep an order that rests."""
        self.open_orders[order.order_id] = order
        self.open_by_client_id[order.client_id] = order

    def archive(self, order: Order) -> None:
        """Move a finished order to the closed ones, of which the oldest is dropped."""
        self.open_orders.pop(order.order_id, None)
        if self.open_by_client_id.get(order.client_id) is order:
            del self.open_by_client_id[order.client_id]
        self.closed_orders[order.order_id] = order
        if len(self.closed_orders) > CLOSED_ORDERS_KEPT:
            del self.closed_orders[next(iter(self.closed_orders))]

    def find_order(self, symbol: str, order_id: int | None, client_id: str | None) -> Order | None:
        """Return an order, open or closed, by its id or else by its client id (the latest with it)."""
        order: Order | None
        if order_id is not None:
            order = self.open_orders.get(order_id) or self.closed_orders.get(order_id)
        else:
            order = self.open_by_client_id.get(client_id or "") or next(
                (one for one in reversed(self.closed_orders.values()) if one.client_id == client_id), None
            )
        return order if order is not None and order.symbol.name == symbol else None

    def orders_of(self, symbol: str | None) -> list[Order]:
        """Return the open orders, of one symbol or of all."""
        return [order for order in self.open_orders.values() if symbol is None or order.symbol.name == symbol]

    # margin that orders hold

    def hold(self, order: Order) -> None:
        """Count what remains of `order` into its symbol's order notional."""
        self.release(order)
        if order.reduces:
            return
        order.held = to_money(order.symbol.value(order.remaining, order.price))  # rounded, so that releasing is exact
        self._held.setdefault((order.symbol.name, order.position_side), [ZERO, ZERO])[order.side == "SELL"] += (
            order.held
        )

    def release(self, order: Order) -> None:
        """Take `order` out of the order notional again."""
        if order.held:
            self._held[order.symbol.name, order.position_side][order.side == "SELL"] -= order.held
            order.held = ZERO

    def held(self, symbol: str, side: str) -> tuple[Decimal, Decimal]:
        """Return the notional of resting bids and asks."""
        bids, asks = self._held.get((symbol, side), (ZERO, ZERO))
        return bids, asks

    def held_keys(self) -> list[tuple[str, str]]:
        """Return every (symbol, position side) with resting orders that margin is held for."""
        return [key for key, held in self._held.items() if any(held)]
