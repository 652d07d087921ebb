"""REST: orders of USDⓈ-M and COIN-M, one by one; `batch_routes` has those for several at once.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api import operations as ops
from wireproof.venue.api.operations import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, invalid_data, neither, unknown_order
from wireproof.venue.exchange import placement
from wireproof.venue.products.coinm.coin_views import pair_of
from wireproof.venue.products.usdm import order_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Order

Json = dict[str, Any]
DAY_MS = 24 * 3_600_000
LONGEST_SEARCH_MS = 7 * DAY_MS
LARGEST_LIMIT = 1000
CANCELLED_ALL = "The operation of cancel all open order is done."
LIQUIDATION, DELEVERAGING = "autoclose-", "adl_autoclose"  # how client ids of forced orders begin

_KEY, _SIGNED = CallSecurity.KEY, CallSecurity.SIGNED
_ORDER = ("symbol", "side", "type")


def read_limit(params: Params, default: int, largest: int = LARGEST_LIMIT) -> int:
    """Return how many rows to show; -1130 outside 1 to *largest*."""
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


def read_scope(call: Call) -> Callable[[Symbol], bool]:
    """Return which contracts a search is about: of the symbol, or for COIN-M of the pair; -1102 without either."""
    if not call.inverse:
        symbol = call.market().symbol
        return lambda one: one is symbol
    name, pair = call.optional_symbol(past=True), pair_of(call)
    if name is not None and pair is not None:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if name is None and pair is None:
        raise neither("symbol", "pair")
    return lambda one: one.inverse and (one.name == name or one.pair == pair)


def open_orders(call: Call) -> list[Json]:
    """Every open order, of one symbol or, for COIN-M, of one pair."""
    symbol, pair = call.optional_symbol(past=True), pair_of(call) if call.inverse else None
    return [
        order_views.query_view(order)
        for order in call.account.orders_of(symbol)
        if order.symbol.inverse == call.inverse and pair in {None, order.symbol.pair}
    ]


def open_order(call: Call) -> Json:
    """One open order; -2013 when it is done."""
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=False)
    if not order.is_open:
        raise unknown_order()
    return order_views.query_view(order)


def cancel_all(call: Call) -> Json:
    """Cancel a symbol's open orders."""
    for order in call.account.orders_of(call.market().symbol.name):
        call.engine.orders.cancel(order)
    return {"code": 200, "msg": CANCELLED_ALL}


def all_orders(call: Call) -> list[Json]:
    """Orders, open or done, oldest first: from orderId on, else the latest of a period of up to seven days."""
    within = read_scope(call)
    limit = read_limit(call.params, 50, 100) if call.inverse else read_limit(call.params, 500)
    first = call.params.integer("orderId")
    now = call.engine.clock.now_ms()
    start, end = read_period(call.params, now)

    def shown(order: Order) -> bool:
        if order.is_forgotten(now):
            return False
        return within(order.symbol) and (
            order.order_id >= first if first is not None else start <= order.created <= end
        )

    found = [order_views.history_view(order) for order in _past_and_present(call) if shown(order)]
    return found[:limit] if first is not None else found[-limit:]


def _past_and_present(call: Call) -> list[Order]:
    account = call.account
    return sorted((*account.closed_orders.values(), *account.open_orders.values()), key=lambda order: order.order_id)


def user_trades(call: Call) -> list[Json]:
    """Return executions, oldest first: from the trade fromId on, else the latest of a period of up to seven days."""
    params, within = call.params, read_scope(call)
    limit = read_limit(params, 50 if call.inverse else 500)
    order_id, first = params.integer("orderId"), params.integer("fromId")
    if first is not None and ("startTime" in params or "endTime" in params):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    start, end = read_period(params, call.engine.clock.now_ms())
    found = [
        order_views.user_trade_view(trade)
        for trade in call.account.history.trades
        if within(trade.order.symbol)
        and order_id in {None, trade.order.order_id}
        and (trade.trade_id >= first if first is not None else start <= trade.time <= end)
    ]
    return found[:limit] if first is not None else found[-limit:]


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
        and order.symbol.inverse == call.inverse
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


def try_order(call: Call) -> Json:
    """Check an order without placing it.

    The filters run, and the answer is a whole order with empty texts and orderId 0: docs/exchange.md#test-orders.
    """
    request = placement.read_order(call.engine, call.account, call.market(), call.params)
    placement.read_response_type(call.params)
    placement.check_order(call.engine, call.account, request)
    texts = ("status", "clientOrderId", "price", "avgPrice", "origQty", "executedQty", "cumQty", "cumQuote")
    kinds = ("timeInForce", "type", "side", "positionSide", "stopPrice", "workingType", "origType", "priceMatch")
    flags = ("reduceOnly", "closePosition", "priceProtect")
    return (
        {"orderId": 0, "symbol": ""}
        | dict.fromkeys((*texts, *kinds, "selfTradePreventionMode"), "")
        | dict.fromkeys(flags, False)
        | {"goodTillDate": 0, "updateTime": 0}
    )


def modify_order(call: Call) -> Json:
    """Modify an order; REST's answer has the pair for both products."""
    view = ops.modify_order(call)
    return {"orderId": view["orderId"], "symbol": view["symbol"], "pair": call.market().symbol.pair} | view


def _routes(root: str, *, inverse: bool) -> Iterator[Operation]:
    change = ("symbol", "side", "quantity", "price") if inverse else ("symbol", "side", "quantity")
    searched = () if inverse else ("symbol",)
    yield route("POST", f"{root}/v1/order", _SIGNED, ops.place_order, 0, *_ORDER, orders=1)
    yield route("PUT", f"{root}/v1/order", _SIGNED, modify_order, int(inverse), *change, orders=1)
    yield route("GET", f"{root}/v1/order", _SIGNED, ops.query_order, 1, "symbol")
    yield route("DELETE", f"{root}/v1/order", _SIGNED, ops.cancel_order, 1, "symbol")
    yield route("GET", f"{root}/v1/openOrder", _SIGNED, open_order, 1, "symbol")
    yield route("GET", f"{root}/v1/openOrders", _SIGNED, open_orders, by_symbol(1, 40))
    yield route("DELETE", f"{root}/v1/allOpenOrders", _SIGNED, cancel_all, 1, "symbol")
    yield route("GET", f"{root}/v1/allOrders", _SIGNED, all_orders, 5, *searched)
    yield route("GET", f"{root}/v1/userTrades", _SIGNED, user_trades, 5, *searched)
    yield route("GET", f"{root}/v1/forceOrders", _SIGNED, force_orders, by_symbol(20, 50))
    yield route("GET", f"{root}/v1/orderAmendment", _SIGNED, amendments, 1, "symbol")
    yield route("POST", f"{root}/v1/countdownCancelAll", _SIGNED, countdown, 10, "symbol", "countdownTime")
    yield route("POST", f"{root}/v1/listenKey", _KEY, ops.start_stream, 1)
    yield route("PUT", f"{root}/v1/listenKey", _KEY, ops.ping_stream, 1)
    yield route("DELETE", f"{root}/v1/listenKey", _KEY, ops.stop_stream, 1)


TRADE_ROUTES: tuple[Operation, ...] = (
    *_routes("/fapi", inverse=False),
    *_routes("/dapi", inverse=True),
    route("POST", "/fapi/v1/order/test", _SIGNED, try_order, 0, *_ORDER, orders=1),
)
