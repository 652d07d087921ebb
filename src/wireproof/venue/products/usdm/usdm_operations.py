"""What can be asked of USDⓈ-M's WebSocket API.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

from typing import Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol, constant_weight
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.usdm import account_views

Json = dict[str, Any]


def status_v1(call: Call) -> Json:
    """account.status."""
    return account_views.status_v1(call.account)


def status_v2(call: Call) -> Json:
    """v2/account.status."""
    return account_views.status_v2(call.account)


def balances(call: Call) -> list[Json]:
    """account.balance and v2/account.balance."""
    return account_views.balances(call.account)


def positions_v1(call: Call) -> list[Json]:
    """account.position."""
    return account_views.positions_v1(call.account, call.optional_symbol())


def positions_v2(call: Call) -> list[Json]:
    """v2/account.position."""
    return account_views.positions_v2(call.account, call.optional_symbol())


_ALGO_NEEDS = ("algoType", *ops.ORDER_NEEDS)
_SIGNED, _NONE = CallSecurity.SIGNED, CallSecurity.NONE

# By method with its version prefix, as the server completes it.
USDM_METHODS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("v1/depth", _NONE, ops.depth, ops.depth_weight, ("symbol",)),
        Operation("v1/ticker.price", _NONE, ops.ticker_price, by_symbol(1, 2)),
        Operation("v1/ticker.book", _NONE, ops.ticker_book, by_symbol(2, 5)),
        Operation("v1/order.place", _SIGNED, ops.place_order, constant_weight(0), ops.ORDER_NEEDS, orders=1),
        Operation(
            "v1/order.modify", _SIGNED, ops.modify_order, constant_weight(0), ("symbol", "side", "quantity"), orders=1
        ),
        Operation("v1/order.cancel", _SIGNED, ops.cancel_order, constant_weight(1), ("symbol",)),
        Operation("v1/order.status", _SIGNED, ops.query_order, constant_weight(1), ("symbol",)),
        Operation("v1/algoOrder.place", _SIGNED, ops.place_algo, constant_weight(0), _ALGO_NEEDS, orders=1),
        Operation("v1/algoOrder.cancel", _SIGNED, ops.cancel_algo, constant_weight(1)),
        Operation("v1/account.status", _SIGNED, status_v1, constant_weight(5)),
        Operation("v2/account.status", _SIGNED, status_v2, constant_weight(5)),
        Operation("v1/account.balance", _SIGNED, balances, constant_weight(5)),
        Operation("v2/account.balance", _SIGNED, balances, constant_weight(5)),
        Operation("v1/account.position", _SIGNED, positions_v1, constant_weight(5)),
        Operation("v2/account.position", _SIGNED, positions_v2, constant_weight(5)),
        *ops.USER_STREAM_METHODS,
    )
}
