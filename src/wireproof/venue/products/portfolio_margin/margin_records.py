"""Margin orders, their lists and trades, and the symbols that they are for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.filters import decimals
from wireproof.venue.exchange.records import OPEN

if TYPE_CHECKING:
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
AT_MARKET = frozenset({"MARKET", "STOP_LOSS", "TAKE_PROFIT"})
BORROWING = frozenset({"MARGIN_BUY", "AUTO_BORROW_REPAY"})
REPAYING = frozenset({"AUTO_REPAY", "AUTO_BORROW_REPAY"})
EXPIRE_MAKER = "EXPIRE_MAKER"


@dataclass(frozen=True, slots=True)
class MarginSymbol:
    """A pair of assets: prices in `quote` on the tick, quantities in `base` on the step."""

    name: str
    base: str
    quote: str
    tick: Decimal
    step: Decimal
    min_notional: Decimal = Decimal(5)
    max_quantity: Decimal = Decimal(9_000)
    max_price: Decimal = Decimal(1_000_000)

    @property
    def price_digits(self) -> int:
        """Return how many decimals prices have."""
        return decimals(self.tick)

    @property
    def quantity_digits(self) -> int:
        """Return how many decimals quantities have."""
        return decimals(self.step)


_TABLE = (
    ("BTC", "USDT", "0.01", "0.00001"),
    ("ETH", "USDT", "0.01", "0.0001"),
    ("BNB", "USDT", "0.01", "0.001"),
    ("SOL", "USDT", "0.01", "0.001"),
    ("XRP", "USDT", "0.0001", "0.1"),
    ("BTC", "USDC", "0.01", "0.00001"),
    ("ETH", "USDC", "0.01", "0.0001"),
)
MARGIN_SYMBOLS = {
    base + quote: MarginSymbol(base + quote, base, quote, Decimal(tick), Decimal(step))
    for base, quote, tick, step in _TABLE
}


@dataclass(slots=True, eq=False)
class Hold:
    """What is locked of an asset; the orders of a list share one. `rate` is how much of it a unit of base needs."""

    asset: str
    rate: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class MarginTrade:
    """One execution of a margin order; `fee` is in what was received."""

    number: int
    order: MarginOrder
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    time: int


@dataclass(frozen=True, slots=True)
class Prevented:
    """A match that self-trade prevention kept from happening."""

    number: int
    counterpart: MarginOrder
    price: Decimal
    quantity: Decimal


@dataclass(slots=True, eq=False, kw_only=True)
class MarginOrder:
    """An order of the cross margin account. Prices in quote, quantities in base, times in milliseconds."""

    portfolio: PortfolioAccount
    symbol: MarginSymbol
    order_id: int
    client_id: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal  # zero at the market
    stop_price: Decimal
    iceberg: Decimal
    stp: str
    side_effect: str
    repay_at_cancel: bool
    created: int
    updated: int
    hold: Hold | None = None
    status: str = "NEW"
    executed: Decimal = ZERO
    cost: Decimal = ZERO  # of all fills, in quote
    working: bool = False  # in the book: a stop is not before it triggers
    working_since: int = 0
    borrowed: Decimal = ZERO
    order_list: OrderList | None = None
    trades: list[MarginTrade] = field(default_factory=list)
    prevented: Prevented | None = None
    forced: bool = False  # by the exchange

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        """Return how much of it did not trade yet."""
        return self.quantity - self.executed

    @property
    def at_market(self) -> bool:
        """Whether it takes whatever price there is, once it works."""
        return self.type in AT_MARKET

    @property
    def pays(self) -> str:
        """Return the asset that it gives."""
        return self.symbol.quote if self.side == "BUY" else self.symbol.base

    @property
    def gets(self) -> str:
        """Return the asset that it receives."""
        return self.symbol.base if self.side == "BUY" else self.symbol.quote

    @property
    def rises_to_stop(self) -> bool:
        """Whether the price must rise to the stop: a loss to stop by buying, or a profit to take by selling."""
        return (self.side == "BUY") != self.type.startswith("TAKE_PROFIT")


@dataclass(slots=True, eq=False)
class OrderList:
    """Two orders of which one cancels the other (OCO): the stop first, then the limit."""

    number: int
    client_id: str
    portfolio: PortfolioAccount
    symbol: MarginSymbol
    time: int
    orders: list[MarginOrder] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether any of its orders is."""
        return any(order.is_open for order in self.orders)
