"""What can be asked of COIN-M's WebSocket API; orders and listen keys are those of USDⓈ-M.

https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

from typing import Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, constant_weight
from wireproof.venue.products.coinm import coin_views
from wireproof.venue.products.futures import operations as ops

Json = dict[str, Any]
# COIN-M's WebSocket API documents neither in what it answers to an order; REST has both.
_NOT_SHOWN = ("priceMatch", "selfTradePreventionMode")


def _shown(view: Json) -> Json:
    return {name: value for name, value in view.items() if name not in _NOT_SHOWN}


def place_order(call: Call) -> Json:
    """order.place, answered with the fields of COIN-M."""
    return _shown(ops.place_order(call))


def modify_order(call: Call) -> Json:
    """order.modify; both quantity and price are needed: docs/exchange.md#modified-orders."""
    return _shown(ops.modify_order(call))


def cancel_order(call: Call) -> Json:
    """order.cancel, answered with the fields of COIN-M."""
    return _shown(ops.cancel_order(call))


def query_order(call: Call) -> Json:
    """order.status, which has cumQty where REST has none."""
    view = ops.query_order(call)
    return view | {"cumQty": view["executedQty"]}


def balances(call: Call) -> list[Json]:
    """account.balance."""
    return coin_views.balances(call.account)


def status(call: Call) -> Json:
    """account.status."""
    return coin_views.account(call.account)


def positions(call: Call) -> list[Json]:
    """account.position."""
    return coin_views.positions(call.account, *coin_views.read_filter(call))


_SIGNED = CallSecurity.SIGNED
_CHANGE = ("symbol", "side", "quantity", "price")

COIN_METHODS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("v1/order.place", _SIGNED, place_order, constant_weight(0), ops.ORDER_NEEDS, orders=1),
        Operation("v1/order.modify", _SIGNED, modify_order, constant_weight(1), _CHANGE, orders=1),
        Operation("v1/order.cancel", _SIGNED, cancel_order, constant_weight(1), ("symbol",)),
        Operation("v1/order.status", _SIGNED, query_order, constant_weight(1), ("symbol",)),
        Operation("v1/account.status", _SIGNED, status, constant_weight(5)),
        Operation("v1/account.balance", _SIGNED, balances, constant_weight(5)),
        Operation("v1/account.position", _SIGNED, positions, constant_weight(5)),
        *ops.USER_STREAM_METHODS,
    )
}
