"""Orders, and how answers show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.account import Account
    from wireproof.venue.exchange.algo_orders import AlgoOrder
    from wireproof.venue.exchange.book import Resting
    from wireproof.venue.exchange.instruments import Symbol

OPEN = frozenset({"NEW", "PARTIALLY_FILLED"})
DAY_MS = 24 * 3_600_000
DEFAULT_STP = "EXPIRE_MAKER"  # docs/exchange.md#self-trade-prevention
KEPT_DAYS, KEPT_UNFILLED_DAYS = 90, 3  # documented for queries; orders that are open are always found


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as asked for."""

    symbol: Symbol
    side: str
    position_side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
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


@dataclass(slots=True, eq=False)
class Order:
    """One order. Prices in quote, quantities in base or contracts; times in milliseconds."""

    order_id: int
    account: Account
    symbol: Symbol
    client_id: str
    side: str
    position_side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal  # zero for MARKET
    reduce_only: bool
    close_position: bool
    price_match: str
    stp: str
    good_till: int
    working_type: str
    price_protect: bool
    created: int
    updated: int
    status: str = "NEW"
    executed: Decimal = ZERO
    cost: Decimal = ZERO  # what all fills were worth, in the margin asset
    modifications: int = 0
    modify_id: int | None = None  # that of the last modification, if its request gave one
    held: Decimal = ZERO  # notional that margin is held for
    resting: Resting | None = None
    forced: bool = False  # by the exchange
    algo: AlgoOrder | None = None  # the conditional order that this one came from

    @property
    def remaining(self) -> Decimal:
        """Return what is not executed yet."""
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        """Tell whether the order can still trade."""
        return self.status in OPEN

    def is_forgotten(self, now: int) -> bool:
        """Tell whether queries do not find the order any more: done for long, or never filled and not so long."""
        days = KEPT_DAYS if self.executed else KEPT_UNFILLED_DAYS
        return not self.is_open and self.created + days * DAY_MS < now

    @property
    def improves(self) -> bool:
        """Tell whether the order is there for retail users only (RPI)."""
        return self.time_in_force == "RPI"

    @property
    def average_price(self) -> Decimal:
        """Return the mean price of the fills; zero without one."""
        return self.symbol.mean_price(self.executed, self.cost) if self.executed else ZERO

    @property
    def reduces(self) -> bool:
        """Tell whether the order can only make a position smaller."""
        if self.position_side == "BOTH":
            return self.reduce_only
        return (self.position_side == "LONG") == (self.side == "SELL")

    def _common(self) -> dict[str, Any]:
        common = {
            "timeInForce": self.time_in_force,
            "type": self.type,
            "reduceOnly": self.reduce_only,
            "closePosition": self.close_position,
            "side": self.side,
            "positionSide": self.position_side,
            "stopPrice": fixed(ZERO, self.symbol.price_digits),
            "workingType": self.working_type,
            "priceProtect": self.price_protect,
            "origType": self.type,
            "priceMatch": self.price_match,
            "selfTradePreventionMode": self.stp,
        }
        return common if self.symbol.inverse else common | {"goodTillDate": self.good_till}

    def _pair(self) -> dict[str, str]:
        return {"pair": self.symbol.pair} if self.symbol.inverse else {}

    def placement_view(self, *, acknowledged: bool = False) -> dict[str, Any]:
        """Return the answer to place and cancel; COIN-M's has the pair and no goodTillDate (documented).

        No avgPrice and cumQuote or cumBase: gone from the wire since June 2026. With *acknowledged* (newOrderRespType
        ACK) the order is shown as it was before it met the book: docs/exchange.md#acknowledged-orders.
        """
        digits = self.symbol.qty_digits
        executed = fixed(ZERO if acknowledged else self.executed, digits)
        return {
            "orderId": self.order_id,
            "symbol": self.symbol.name,
            **self._pair(),
            "status": "NEW" if acknowledged else self.status,
            "clientOrderId": self.client_id,
            "price": fixed(self.price, self.symbol.price_digits),
            "origQty": fixed(self.quantity, digits),
            "executedQty": executed,
            "cumQty": executed,
            **self._common(),
            "updateTime": self.created if acknowledged else self.updated,
        }

    def modification_view(self, modify_id: int | None) -> dict[str, Any]:
        """Return the answer to modify; with a modifyId only when the request had one (documented)."""
        view = self.placement_view()
        names = ("orderId", "symbol", *self._pair(), "status", "clientOrderId")
        head = {name: view.pop(name) for name in names}
        return head | ({} if modify_id is None else {"modifyId": modify_id}) | view

    def query_view(self) -> dict[str, Any]:
        """Return the answer to a query, with avgPrice and time, without cumQty: docs/exchange.md#answers-to-orders."""
        price_digits, qty_digits = self.symbol.price_digits, self.symbol.qty_digits
        return {
            "orderId": self.order_id,
            "symbol": self.symbol.name,
            **self._pair(),
            "status": self.status,
            "clientOrderId": self.client_id,
            "price": fixed(self.price, price_digits),
            "avgPrice": fixed(self.average_price, price_digits + 3),
            "origQty": fixed(self.quantity, qty_digits),
            "executedQty": fixed(self.executed, qty_digits),
            **self._cumulated(),
            **self._common(),
            "time": self.created,
            "updateTime": self.updated,
        }

    def _cumulated(self) -> dict[str, str]:
        if self.symbol.inverse:
            return {"cumBase": money(self.cost)}
        return {"cumQuote": fixed(self.cost, self.symbol.price_digits + self.symbol.qty_digits)}

    def force_view(self) -> dict[str, Any]:
        """Return the entry of forceOrders, each product with its own fields (documented)."""
        view = self.history_view()
        for name in ("priceMatch", "selfTradePreventionMode"):
            del view[name]
        if not self.symbol.inverse:
            del view["priceProtect"], view["goodTillDate"]
        return view

    def history_view(self) -> dict[str, Any]:
        """Return the entry of lists of past orders: a query's, counted in both assets and with its pair (Aug 2026)."""
        view = self.query_view() | {"pair": self.symbol.pair}
        if not self.symbol.inverse:
            return view | {"cumBase": fixed(self.executed, self.symbol.qty_digits)}
        return view | {"cumQuote": str(self.executed * self.symbol.contract_size), "goodTillDate": self.good_till}
