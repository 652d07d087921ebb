"""REST: orders of USDⓈ-M and COIN-M, one by one; `batch_routes` has those for several at once.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, invalid_data, unknown_order
from wireproof.venue.base.turns import shown
from wireproof.venue.exchange import placement
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures import order_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.venue.base.params import Params
    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Order

    Scope = Callable[[Call], Callable[[Symbol], bool]]

Json = dict[str, Any]
DAY_MS = 24 * 3_600_000
LONGEST_SEARCH_MS = 7 * DAY_MS
LARGEST_LIMIT = 1000
CANCELLED_ALL = "The operation of cancel all open order is done."
LIQUIDATION, DELEVERAGING = "autoclose-", "adl_autoclose"  # how client ids of forced orders begin

_KEY, _SIGNED = CallSecurity.KEY, CallSecurity.SIGNED


def read_limit(params: Params, default: int, largest: int = LARGEST_LIMIT) -> int:
    """Return how many rows to show; -1130 outside 1 to `largest`."""
    limit = params.integer("limit")
    if limit is None:
        return default
    if not 1 <= limit <= largest:
        raise invalid_data("limit")
    return limit


def read_period(params: Params, now: int) -> tuple[int, int]:
    """Return the first and last time that a search covers, at most seven days; the last seven when none is given."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None:
        if start > end:
            raise Refusal(-1023, "Start time is greater than end time.")
        if end - start > LONGEST_SEARCH_MS:
            raise Refusal(-4165, "Maximum time interval is 7 days.")
    if start is None:
        start = (now if end is None else end) - LONGEST_SEARCH_MS
    return start, start + LONGEST_SEARCH_MS if end is None else end


def open_orders(call: Call) -> list[Json]:
    """Every open order, or those of one symbol."""
    symbol = call.optional_symbol(past=True)
    waiting = [] if call.holds("algo-service") else [algo for algo in call.account.algos.values() if algo.order_id]
    return [
        *(
            order_views.query_view(order)
            for order in call.account.orders_of(symbol)
            if call.product.lists(order.symbol)
        ),
        *(
            order_views.conditional_view(algo, queried=True)
            for algo in waiting
            if call.product.lists(algo.symbol) and symbol in {None, algo.symbol.name}
        ),
    ]


def open_order(call: Call) -> Json:
    """One open order; -2013 when it is done."""
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=False)
    if not order.is_open:
        raise unknown_order()
    return order_views.query_view(order)


def cancel_all(call: Call) -> Json:
    """Cancel a symbol's open orders."""
    name = call.market().symbol.name
    for order in call.account.orders_of(name):
        call.engine.orders.cancel(order)
    if not call.holds("algo-service"):
        call.engine.conditional_orders.cancel_all(call.account, name)
    return {"code": 200, "msg": CANCELLED_ALL}


def all_orders(read_scope: Scope, default: int, largest: int) -> Callable[[Call], Turns[list[Json]]]:
    """Return what lists orders, open or done, oldest first.

    From orderId on, else the latest of a period of up to seven days; `default` and `largest` are for the limit.
    """

    def run(call: Call) -> Turns[list[Json]]:
        return _orders(call, read_scope(call), read_limit(call.params, default, largest))

    return run


def _orders(call: Call, within: Callable[[Symbol], bool], limit: int) -> Turns[list[Json]]:
    first = call.params.integer("orderId")
    now = call.engine.clock.now_ms()
    start, end = read_period(call.params, now)

    def asked(order: Order) -> bool:
        if order.is_forgotten(now):
            return False
        return within(order.symbol) and (
            order.order_id >= first if first is not None else start <= order.created <= end
        )

    found = [order for order in _past_and_present(call) if asked(order)]
    return shown(found[:limit] if first is not None else found[-limit:], order_views.history_view)


def _past_and_present(call: Call) -> list[Order]:
    account = call.account
    return sorted((*account.closed_orders.values(), *account.open_orders.values()), key=lambda order: order.order_id)


def user_trades(read_scope: Scope, default: int) -> Callable[[Call], Turns[list[Json]]]:
    """Return what lists executions, oldest first; `default` is for the limit.

    From the trade fromId on, else the latest of a period of up to seven days.
    """

    def run(call: Call) -> Turns[list[Json]]:
        return _trades(call, read_scope(call), read_limit(call.params, default))

    return run


def _trades(call: Call, within: Callable[[Symbol], bool], limit: int) -> Turns[list[Json]]:
    params = call.params
    order_id, first = params.integer("orderId"), params.integer("fromId")
    if first is not None and ("startTime" in params or "endTime" in params):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    start, end = read_period(params, call.engine.clock.now_ms())
    found = [
        trade
        for trade in call.account.history.trades
        if within(trade.order.symbol)
        and order_id in {None, trade.order.order_id}
        and (trade.trade_id >= first if first is not None else start <= trade.time <= end)
    ]
    return shown(found[:limit] if first is not None else found[-limit:], order_views.user_trade_view)


def force_orders(call: Call) -> list[Json]:
    """Orders that closed positions of the account by force."""
    symbol = call.optional_symbol(past=True)
    kind = call.params.choice("autoCloseType", ("LIQUIDATION", "ADL"), invalid_data("autoCloseType"), "")
    limit = read_limit(call.params, 50, 100)
    start, end = read_period(call.params, call.engine.clock.now_ms())
    begins = {"LIQUIDATION": (LIQUIDATION,), "ADL": (DELEVERAGING,)}.get(kind, (LIQUIDATION, DELEVERAGING))
    found = [
        order_views.force_view(order)
        for order in _past_and_present(call)
        if order.forced
        and order.client_id.startswith(begins)
        and call.product.lists(order.symbol)
        and symbol in {None, order.symbol.name}
        and start <= order.created <= end
    ]
    return found[-limit:]


def amendments(call: Call) -> list[Json]:
    """How an order was modified, the latest first."""
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=False)
    limit = read_limit(call.params, 50, 100)
    start, end = read_period(call.params, call.engine.clock.now_ms())
    found = [
        order_views.amendment_view(one)
        for one in call.account.history.amendments
        if one.order is order and start <= one.time <= end
    ]
    return found[::-1][:limit]


def countdown(call: Call) -> Json:
    """Cancel a symbol's orders after a time unless called again; zero stops the clock."""
    symbol = call.market().symbol.name
    milliseconds = call.params.needed_integer("countdownTime")
    if milliseconds < 0:
        raise invalid_data("countdownTime")
    if milliseconds:
        call.account.countdowns[symbol] = call.engine.clock.now_ms() + milliseconds
    else:
        call.account.countdowns.pop(symbol, None)
    return {"symbol": symbol, "countdownTime": str(milliseconds)}


def modify_order(call: Call) -> Json:
    """Modify an order; REST's answer has the pair for both products.

    USDⓈ-M's took quantity and price at all times, or a price match.
    """
    if call.market().symbol.unit == UM and not call.holds("full-modifications"):
        call.params.need(("quantity",) if "priceMatch" in call.params else ("quantity", "price"))
    view = ops.modify_order(call)
    return {"orderId": view["orderId"], "symbol": view["symbol"], "pair": call.market().symbol.pair} | view


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    yield route("POST", f"{root}/v1/order", _SIGNED, ops.place_order, 0, *ops.ORDER_NEEDS, orders=1)
    yield route("GET", f"{root}/v1/order", _SIGNED, ops.query_order, 1, "symbol")
    yield route("DELETE", f"{root}/v1/order", _SIGNED, ops.cancel_order, 1, "symbol")
    yield route("GET", f"{root}/v1/openOrder", _SIGNED, open_order, 1, "symbol")
    yield route("DELETE", f"{root}/v1/allOpenOrders", _SIGNED, cancel_all, 1, "symbol")
    yield route("GET", f"{root}/v1/forceOrders", _SIGNED, force_orders, by_symbol(20, 50))
    yield route("GET", f"{root}/v1/orderAmendment", _SIGNED, amendments, 1, "symbol")
    yield route("POST", f"{root}/v1/countdownCancelAll", _SIGNED, countdown, 10, "symbol", "countdownTime")
    yield route("POST", f"{root}/v1/listenKey", _KEY, ops.start_stream, 1)
    yield route("PUT", f"{root}/v1/listenKey", _KEY, ops.ping_stream, 1)
    yield route("DELETE", f"{root}/v1/listenKey", _KEY, ops.stop_stream, 1)
