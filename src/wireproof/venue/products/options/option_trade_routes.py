"""REST: option orders, fills, positions and exercises.

https://developers.binance.com/docs/derivatives/options-trading/trade; what is known of the wire beside it:
docs/exchange.md#options-orders and docs/exchange.md#options-answers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.batches import answers, as_text, json_list, json_objects
from wireproof.venue.api.call import CallSecurity, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal, missing, neither, unknown_order
from wireproof.venue.market_data.candles import DAY
from wireproof.venue.products.options import option_views as views
from wireproof.venue.products.options.option_market_routes import asked_contract, read_option_limit, read_option_span
from wireproof.venue.products.options.option_placement import ORDER_NEEDS, read_answer_type, read_option_order
from wireproof.venue.products.options.options_engine import OptionsEngine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.api.call import Call
    from wireproof.venue.products.options.option_records import OptionAccount, OptionOrder

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
MOST_IN_BATCH = 10
KEPT_UNFILLED, KEPT_HISTORY, KEPT_FILLS = 3 * DAY, 5 * DAY, 90 * DAY
DONE = {"code": "0", "msg": "success"}  # the code is a text by symbol, a number by underlying


def options_account(call: Call) -> OptionAccount:
    """Return the options account that the request proved to be from."""
    return call.own(OptionsEngine).account(call.account.name)


# placing


def place(call: Call) -> Json:
    """Place an order."""
    engine, params = call.own(OptionsEngine), call.params
    request, answer = read_option_order(engine, params), read_answer_type(params)
    order = engine.place(options_account(call), request)
    return views.placed_view(order, result=answer == "RESULT")


def _check_size(elements: list[Any], name: str) -> None:
    if not elements:
        raise missing(name)
    if len(elements) > MOST_IN_BATCH:
        raise Refusal(-6011, "Maximum 10 orders in one batchOrder request.")


def place_batch(call: Call) -> list[Json]:
    """Place up to ten orders."""
    orders = json_objects(call.params, "orders")
    _check_size(orders, "orders")
    return answers(call, orders, ORDER_NEEDS, place)


# finding and cancelling


def _named_order(call: Call) -> OptionOrder:
    """Return the order that `orderId` or `clientOrderId` names; -2013 when the account has none."""
    contract = asked_contract(call, past=True)
    order_id, client_id = call.params.integer("orderId"), call.params.text("clientOrderId")
    if order_id is None and client_id is None:
        raise neither("orderId", "clientOrderId")
    order = options_account(call).find_order(contract.name, order_id, client_id)
    if order is None:
        raise unknown_order()
    return order


def query_order(call: Call) -> Json:
    """Return one order; one that ended without a fill is forgotten after three days."""
    order = _named_order(call)
    if not order.is_open and not order.executed and order.created + KEPT_UNFILLED < _now(call):
        raise unknown_order()
    return views.single_view(order)


def _cancelled(call: Call) -> OptionOrder:
    order = _named_order(call)
    if not order.is_open:
        raise unknown_order()  # docs/exchange.md#options-refusals
    call.own(OptionsEngine).flow.cancel(order)
    return order


def cancel_order(call: Call) -> Json:
    """Cancel an order by its id or its client id; -2013 when it is not open."""
    return views.cancelled_view(_cancelled(call))


def cancel_batch(call: Call) -> list[Json]:
    """Cancel up to ten orders of a symbol, by their ids or by their client ids."""
    symbol = asked_contract(call, past=True).name
    for name, one in (("orderIds", "orderId"), ("clientOrderIds", "clientOrderId")):
        if name in call.params:
            ids = json_list(call.params, name)
            _check_size(ids, name)
            elements = [Params({"symbol": symbol, one: as_text(value)}) for value in ids]
            return answers(call, elements, (), lambda each: views.cancelled_in_batch(_cancelled(each)))
    raise neither("orderIds", "clientOrderIds")


def cancel_symbol(call: Call) -> Json:
    """Cancel all orders of a symbol; having none is no error."""
    contract, engine = asked_contract(call), call.own(OptionsEngine)
    for order in options_account(call).orders_for(contract):
        engine.flow.cancel(order)
    return DONE


def cancel_underlying(call: Call) -> Json:
    """Cancel all orders on an underlying; having none is no error."""
    engine = call.own(OptionsEngine)
    underlying = engine.underlying(call.params.needed_text("underlying"))
    for order in options_account(call).orders_on(underlying):
        engine.flow.cancel(order)
    return DONE | {"code": 0}


# lists


def _between(orders: Iterable[OptionOrder], params: Params) -> list[OptionOrder]:
    """Return the orders from `orderId` on that were created in the span that was asked for, oldest first."""
    first, (start, end) = params.integer("orderId"), read_option_span(params)
    found = [
        one
        for one in orders
        if (first is None or one.order_id >= first)
        and (start or 0) <= one.created <= (one.created if end is None else end)
    ]
    return sorted(found, key=lambda one: one.order_id)


def open_orders(call: Call) -> list[Json]:
    """Return the open orders, of one symbol or of all."""
    account = options_account(call)
    name = asked_contract(call).name if call.params.text("symbol") else None
    orders = [order for order in account.open_orders.values() if name in {None, order.contract.name}]
    return [views.open_view(order) for order in _between(orders, call.params)]


def order_history(call: Call) -> list[Json]:
    """Return the finished orders of the last five days."""
    limit, now = read_option_limit(call.params, 100, 1_000), _now(call)
    contract = asked_contract(call, past=True)
    closed = options_account(call).closed_orders.values()
    orders = [one for one in closed if one.contract is contract and one.updated > now - KEPT_HISTORY]
    found = _between(orders, call.params)
    ahead = "orderId" in call.params or "startTime" in call.params
    return [views.history_view(order) for order in (found[:limit] if ahead else found[-limit:])]


def user_trades(call: Call) -> list[Json]:
    """Return the account's fills of a contract; -6073 for more than three months back."""
    limit, first, now = read_option_limit(call.params, 100, 1_000), call.params.integer("fromId"), _now(call)
    start, end = read_option_span(call.params)
    contract = asked_contract(call, past=True)
    if start is not None and start < now - KEPT_FILLS:
        raise Refusal(-6073, "Search window is restricted to recent 3 months only.")
    found = [
        one
        for one in options_account(call).fills
        if one.order.contract is contract
        and (first is None or one.number >= first)
        and (start or 0) <= one.time <= (now if end is None else end)
    ]
    ahead = first is not None or start is not None
    return [views.fill_view(fill) for fill in (found[:limit] if ahead else found[-limit:])]


def _now(call: Call) -> int:
    return call.own(OptionsEngine).now()


def positions(call: Call) -> list[Json]:
    """Return the positions, of one symbol or of all."""
    engine, account = call.own(OptionsEngine), options_account(call)
    name = asked_contract(call).name if call.params.text("symbol") else None
    found = []
    for position in account.held_positions(name):
        orders = account.orders_for(position.contract)
        resting = [
            sum((order.remaining for order in orders if order.side == side), Decimal(0)) for side in ("BUY", "SELL")
        ]
        mark = engine.mark(position.contract)
        found.append(views.position_view(position, mark, (resting[0], resting[1]), engine.now()))
    return found


def exercise_records(call: Call) -> list[Json]:
    """Return what became of the account's positions at expiry."""
    limit, (start, end) = read_option_limit(call.params, 1_000, 1_000), read_option_span(call.params)
    name = asked_contract(call, past=True).name if call.params.text("symbol") else None
    found = [
        one
        for one in options_account(call).exercises
        if name in {None, one.contract.name} and (start or 0) <= one.time <= (one.time if end is None else end)
    ]
    return [views.exercise_view(one) for one in found[-limit:]]


OPTION_TRADE_ROUTES = (
    route("POST", "/eapi/v1/order", _SIGNED, place, 0, *ORDER_NEEDS, orders=1),
    route("GET", "/eapi/v1/order", _SIGNED, query_order, 1, "symbol"),
    route("DELETE", "/eapi/v1/order", _SIGNED, cancel_order, 1, "symbol"),
    route("POST", "/eapi/v1/batchOrders", _SIGNED, place_batch, 5, "orders", orders=1),
    route("DELETE", "/eapi/v1/batchOrders", _SIGNED, cancel_batch, 5, "symbol"),
    route("DELETE", "/eapi/v1/allOpenOrders", _SIGNED, cancel_symbol, 5, "symbol"),
    route("DELETE", "/eapi/v1/allOpenOrdersByUnderlying", _SIGNED, cancel_underlying, 5, "underlying"),
    route("GET", "/eapi/v1/openOrders", _SIGNED, open_orders, by_symbol(1, 40)),
    route("GET", "/eapi/v1/historyOrders", _SIGNED, order_history, 3, "symbol"),
    route("GET", "/eapi/v1/userTrades", _SIGNED, user_trades, 5, "symbol"),
    route("GET", "/eapi/v1/position", _SIGNED, positions, 5),
    route("GET", "/eapi/v1/exerciseRecord", _SIGNED, exercise_records, 5),
)
