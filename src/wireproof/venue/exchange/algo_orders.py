"""One conditional order, and how answers show it.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, exponent_when_small, fixed, trimmed

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.account import Account
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.orders import Order

LIMIT_TYPES = frozenset({"STOP", "TAKE_PROFIT"})


@dataclass(slots=True, eq=False)
class AlgoOrder:
    """One conditional order."""

    algo_id: int
    account: Account
    symbol: Symbol
    client_id: str
    type: str
    side: str
    position_side: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    trigger_price: Decimal
    working_type: str
    price_match: str
    close_position: bool
    price_protect: bool
    reduce_only: bool
    activate_price: Decimal
    callback_rate: Decimal
    stp: str
    good_till: int
    created: int
    updated: int
    status: str = "NEW"
    triggered: int = 0
    active: bool = True  # a trailing order with an activation price starts inactive
    extreme: Decimal = ZERO  # best price since a trailing order became active
    order: Order | None = None
    reject_reason: str = ""

    @property
    def trailing(self) -> bool:
        """Tell whether the trigger follows the price."""
        return self.type == "TRAILING_STOP_MARKET"

    @property
    def rises_to_trigger(self) -> bool:
        """Tell whether the price must rise to the trigger: a stop to buy, or a profit to take by selling."""
        return (self.side == "BUY") != self.type.startswith("TAKE_PROFIT")

    def view(self) -> dict[str, Any]:
        """Return the answer to algoOrder.place."""
        price_digits = self.symbol.price_digits
        view: dict[str, Any] = {
            "algoId": self.algo_id,
            "clientAlgoId": self.client_id,
            "algoType": "CONDITIONAL",
            "orderType": self.type,
            "symbol": self.symbol.name,
            "side": self.side,
            "positionSide": self.position_side,
            "timeInForce": self.time_in_force,
            "quantity": fixed(self.quantity, self.symbol.qty_digits),
            "algoStatus": self.status,
            "triggerPrice": fixed(self.trigger_price, price_digits),
            "price": fixed(self.price, price_digits),
            "icebergQuantity": None,
            "selfTradePreventionMode": self.stp,
            "workingType": self.working_type,
            "priceMatch": self.price_match,
            "closePosition": self.close_position,
            "priceProtect": self.price_protect,
            "reduceOnly": self.reduce_only,
        }
        if self.trailing:
            view["activatePrice"] = fixed(self.activate_price, price_digits)
            view["callbackRate"] = trimmed(self.callback_rate, at_least=1)
        return view | {
            "createTime": self.created,
            "updateTime": self.updated,
            "triggerTime": self.triggered,
            "goodTillDate": self.good_till,
        }

    def listed_view(self) -> dict[str, Any]:
        """Return the entry of openAlgoOrders; its small numbers: docs/exchange.md#lists-of-conditional-orders."""
        return self.view() | {
            "quantity": exponent_when_small(self.quantity, self.symbol.qty_digits),
            "actualOrderId": "",
            "isActivated": self.active,
        }

    def history_view(self) -> dict[str, Any]:
        """Return the entry of allAlgoOrders: no attached orders, see docs/exchange.md#lists-of-conditional-orders."""
        past = self.view() | self._turned_into() | {"isActivated": self.active}
        return {name: value for name, value in past.items() if name not in {"actualType", "actualQty"}}

    def query_view(self) -> dict[str, Any]:
        """Return the answer to GET algoOrder."""
        return self.view() | self._turned_into()

    def _turned_into(self) -> dict[str, Any]:
        """Return what became of it: its order's type once it triggered, its quantity once that filled (documented)."""
        order = self.order
        shown = {
            "actualOrderId": "" if order is None else str(order.order_id),
            "actualPrice": fixed(order.average_price if order else ZERO, self.symbol.price_digits + 3),
            "tpOrderType": "",
        }
        if order is not None:
            shown["actualType"] = "LIMIT" if self.type in LIMIT_TYPES else "MARKET"
            if order.executed:
                shown["actualQty"] = fixed(order.executed, self.symbol.qty_digits)
        return shown
