"""What an account did: its executions, modifications and margin transfers, the latest of each kept.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List and neighbours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import fixed, money, trimmed, zero_or_money

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.orders import Order

KEPT = 5_000
USER_ADJUST = "USER_ADJUST"


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

    def view(self) -> dict[str, Any]:
        """Return the entry of userTrades, which both products show alike since Aug 2026."""
        symbol = self.order.symbol
        value = money(symbol.value(self.quantity, self.price))
        if symbol.inverse:
            base, quote = value, str(self.quantity * symbol.contract_size)
        else:
            base, quote = fixed(self.quantity, symbol.qty_digits), value
        return {
            "symbol": symbol.name,
            "id": self.trade_id,
            "orderId": self.order.order_id,
            "pair": symbol.pair,
            "side": self.order.side,
            "price": fixed(self.price, symbol.price_digits),
            "qty": fixed(self.quantity, symbol.qty_digits),
            "realizedPnl": zero_or_money(self.profit),
            "marginAsset": symbol.margin_asset,
            "baseQty": base,
            "quoteQty": quote,
            "commission": money(self.fee),
            "commissionAsset": symbol.margin_asset,
            "time": self.time,
            "positionSide": self.order.position_side,
            "buyer": self.order.side == "BUY",
            "maker": self.maker,
        }


@dataclass(frozen=True, slots=True)
class Amendment:
    """One modification of an order: price and quantity before and after; *count* is how many there were by then.

    *modify_id* is the id that its request gave it, if it gave one.
    """

    number: int
    order: Order
    time: int
    prices: tuple[Decimal, Decimal]
    quantities: tuple[Decimal, Decimal]
    count: int
    modify_id: int | None

    def view(self) -> dict[str, Any]:
        """Return the entry of orderAmendment."""
        return {
            "amendmentId": self.number,
            "symbol": self.order.symbol.name,
            "pair": self.order.symbol.pair,
            "orderId": self.order.order_id,
            "clientOrderId": self.order.client_id,
            "time": self.time,
            "amendment": {
                "price": {"before": trimmed(self.prices[0]), "after": trimmed(self.prices[1])},
                "origQty": {"before": trimmed(self.quantities[0]), "after": trimmed(self.quantities[1])},
                "count": self.count,
                **({} if self.modify_id is None else {"modifyId": self.modify_id}),
            },
        }


@dataclass(frozen=True, slots=True)
class MarginChange:
    """Margin moved into (type 1) or out of (type 2) an isolated position."""

    symbol: Symbol
    position_side: str
    amount: Decimal
    adding: bool
    time: int

    def view(self) -> dict[str, Any]:
        """Return the entry of positionMargin/history; COIN-M's has no deltaType (documented)."""
        return {
            "symbol": self.symbol.name,
            "type": 1 if self.adding else 2,
            **({} if self.symbol.inverse else {"deltaType": USER_ADJUST}),
            "amount": money(self.amount),
            "asset": self.symbol.margin_asset,
            "time": self.time,
            "positionSide": self.position_side,
        }


class History:
    """The records of one account, oldest first."""

    def __init__(self) -> None:
        self.trades: deque[UserTrade] = deque(maxlen=KEPT)
        self.amendments: deque[Amendment] = deque(maxlen=KEPT)
        self.margin_changes: deque[MarginChange] = deque(maxlen=KEPT)

    def amended(
        self,
        order: Order,
        now: int,
        prices: tuple[Decimal, Decimal],
        quantities: tuple[Decimal, Decimal],
        *,
        modify_id: int | None,
    ) -> None:
        """Note a modification that *order* has just counted."""
        last = self.amendments[-1].number if self.amendments else 5_000
        self.amendments.append(Amendment(last + 1, order, now, prices, quantities, order.modifications, modify_id))
