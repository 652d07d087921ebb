"""REST: orders of USDⓈ-M and COIN-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.errors import Refusal, invalid_data
from wireproof.venue.operations import Call, Operation, Security
from wireproof.venue.routes import route

if TYPE_CHECKING:
    from wireproof.venue.orders import Order
    from wireproof.venue.params import Params

Json = dict[str, Any]
DAY_MS = 24 * 3_600_000
LONGEST_SEARCH_MS = 7 * DAY_MS
DEFAULT_LIMIT, LARGEST_LIMIT = 500, 1000

_SIGNED = Security.SIGNED


def read_limit(params: Params, default: int = DEFAULT_LIMIT, largest: int = LARGEST_LIMIT) -> int:
    """Return how many rows to show; -1130 outside 1 to *largest*."""
    limit = params.integer("limit")
    if limit is None:
        return default
    if not 1 <= limit <= largest:
        raise invalid_data("limit")
    return limit


def read_period(params: Params, now: int, longest: int = LONGEST_SEARCH_MS) -> tuple[int, int]:
    """Return the first and last time that a search covers; the *longest* period before now when none is given."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None:
        if start > end:
            raise Refusal(-1023, "Start time is greater than end time.")
        if end - start > longest:
            raise Refusal(-4165, "Invalid time interval, maximum search interval is 7 days")
    if start is None:
        start = (now if end is None else end) - longest
    return start, start + longest if end is None else end


def all_orders(call: Call) -> list[Json]:
    """Orders of a symbol, open or done: from orderId on, else of a period of up to seven days."""
    symbol = call.market().symbol
    limit = read_limit(call.params)
    first = call.params.integer("orderId")
    start, end = read_period(call.params, call.engine.clock.now_ms())

    def shown(order: Order) -> bool:
        if order.symbol is not symbol:
            return False
        return order.order_id >= first if first is not None else start <= order.created <= end

    account = call.account
    found = sorted(
        (order for orders in (account.closed_orders, account.open_orders) for order in orders.values() if shown(order)),
        key=lambda order: order.order_id,
    )
    return [order.history_view() for order in (found[:limit] if first is not None else found[-limit:])]


TRADE_ROUTES: tuple[Operation, ...] = (route("GET", "/fapi/v1/allOrders", _SIGNED, all_orders, 5, "symbol"),)
