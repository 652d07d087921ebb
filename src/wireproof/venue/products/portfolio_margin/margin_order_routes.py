"""REST: orders of the cross margin account within portfolio margin, alone and in lists (OCO).

https://developers.binance.com/docs/derivatives/portfolio-margin/trade/New-Margin-Order and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, neither, unknown_order, unknown_order_sent
from wireproof.venue.exchange.placement import read_client_id
from wireproof.venue.products.futures.trade_routes import read_limit
from wireproof.venue.products.portfolio_margin import margin_order_views as show
from wireproof.venue.products.portfolio_margin.margin_placement import (
    optional_margin_symbol,
    read_list,
    read_margin_order,
    read_response,
    read_symbol,
)
from wireproof.venue.products.portfolio_margin.portfolio_engine import PortfolioMarginEngine, portfolio_of
from wireproof.venue.products.portfolio_margin.record_pages import page_of, read_month

if TYPE_CHECKING:
    from wireproof.venue.products.portfolio_margin.margin_desk import MarginDesk
    from wireproof.venue.products.portfolio_margin.margin_records import MarginOrder, OrderList
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
HOURS = 24
FIRST_ACCOUNT_ID = 152_950_866


def desk_of(call: Call) -> tuple[MarginDesk, PortfolioAccount]:
    """Return the margin desk, and the account that a request is from."""
    return call.own(PortfolioMarginEngine).margin, portfolio_of(call)


def place(call: Call) -> Json:
    """Place an order."""
    desk, portfolio = desk_of(call)
    order = read_margin_order(call, desk, portfolio)
    desk.place(order)
    return show.placed_view(order, read_response(call.params))


def place_list(call: Call) -> Json:
    """Place two orders of which one cancels the other."""
    desk, portfolio = desk_of(call)
    legs = read_list(call, desk, portfolio)
    client_id = read_client_id(call.params, "listClientOrderId") or call.engine.random_text(22)
    return show.placed_list_view(desk.place_list(legs, client_id))


def _named(call: Call, *, cancelling: bool) -> MarginOrder:
    desk, portfolio = desk_of(call)
    symbol = read_symbol(call.params).name
    order_id, client_id = call.params.integer("orderId"), call.params.text("origClientOrderId")
    if order_id is None and client_id is None:
        raise neither("origClientOrderId", "orderId")
    return desk.find(portfolio, symbol, order_id, client_id, cancelling=cancelling)


def cancel(call: Call) -> Json:
    """Cancel an order, and the list that it belongs to."""
    order = _named(call, cancelling=True)
    cancel_id = _cancel_id(call)
    desk_of(call)[0].cancel(order, cancel_id)
    return show.cancelled_view(order, cancel_id)


def _cancel_id(call: Call) -> str:
    return read_client_id(call.params, "newClientOrderId") or call.engine.random_text(22)


def cancel_all(call: Call) -> list[Json]:
    """Cancel a symbol's open orders and lists; -2011 when there are none.

    docs/exchange.md#portfolio-margin-orders
    """
    desk, portfolio = desk_of(call)
    orders = desk.open_orders(portfolio, read_symbol(call.params).name)
    if not orders:
        raise unknown_order_sent()
    answers, cancel_id = [], _cancel_id(call)
    for order in orders:
        if not order.is_open:
            continue  # it ended with its list
        desk.cancel(order, cancel_id)
        if order.order_list is None:
            answers.append(show.cancelled_view(order, cancel_id, list_id=True))
        else:
            answers.append(show.cancelled_list_view(order.order_list, cancel_id, icebergs=True))
    return answers


def _list_named(call: Call, client_id_name: str) -> OrderList | None:
    desk, portfolio = desk_of(call)
    number, client_id = call.params.integer("orderListId"), call.params.text(client_id_name)
    if number is None and client_id is None:
        raise neither("orderListId", client_id_name)
    for one in reversed(desk.lists_of(portfolio)):
        if one.number == number if number is not None else one.client_id == client_id:
            return one
    return None


def cancel_list(call: Call) -> Json:
    """Cancel an order list."""
    symbol, found = read_symbol(call.params), _list_named(call, "listClientOrderId")
    if found is None or found.symbol is not symbol or not found.is_open:
        raise unknown_order_sent()
    cancel_id = _cancel_id(call)
    desk_of(call)[0].cancel(next(one for one in found.orders if one.is_open), cancel_id)
    return show.cancelled_list_view(found, cancel_id)


def _account_id(call: Call) -> int:
    names = list(call.own(PortfolioMarginEngine).portfolios)
    return FIRST_ACCOUNT_ID + names.index(call.account.name)


def query(call: Call) -> Json:
    """One order, open or done."""
    return show.order_view(_named(call, cancelling=False), _account_id(call))


def open_orders(call: Call) -> list[Json]:
    """Every open order, of one symbol when one is named."""
    desk, portfolio = desk_of(call)
    symbol, account_id = optional_margin_symbol(call.params), _account_id(call)
    return [show.order_view(order, account_id) for order in desk.open_orders(portfolio, symbol)]


def _within_a_day(call: Call) -> tuple[int, int]:
    """Return the period that a search covers, all time without one; -1127 for more than a day."""
    start, end = call.params.integer("startTime"), call.params.integer("endTime")
    if start is not None and end is not None:
        if start > end:
            raise Refusal(-1023, "Start time is greater than end time.")
        if end - start > HOURS * 3_600_000:
            raise Refusal(-1127, f"More than {HOURS} hours between startTime and endTime.")
    return start or 0, call.engine.clock.now_ms() if end is None else end


def all_orders(call: Call) -> list[Json]:
    """Return a symbol's orders, oldest first: from orderId on, else the latest of a period."""
    desk, portfolio = desk_of(call)
    symbol, first = read_symbol(call.params), call.params.integer("orderId")
    limit, (start, end) = read_limit(call.params, 500, 500), _within_a_day(call)
    account_id = _account_id(call)
    found = [
        show.order_view(order, account_id)
        for order in desk.orders_of(portfolio)
        if order.symbol is symbol and (order.order_id >= first if first is not None else start <= order.created <= end)
    ]
    return found[:limit] if first is not None else found[-limit:]


def trades(call: Call) -> list[Json]:
    """Return a symbol's executions, oldest first: from fromId on, else the latest of a period."""
    desk, portfolio = desk_of(call)
    params, symbol = call.params, read_symbol(call.params)
    order_id, first = params.integer("orderId"), params.integer("fromId")
    limit, (start, end) = read_limit(params, 500), _within_a_day(call)
    found = sorted(
        (
            trade
            for order in desk.orders_of(portfolio)
            if order.symbol is symbol and order_id in {None, order.order_id}
            for trade in order.trades
            if (trade.number >= first if first is not None else start <= trade.time <= end)
        ),
        key=lambda trade: trade.number,
    )
    return [show.margin_trade_view(trade) for trade in (found[:limit] if first is not None else found[-limit:])]


def query_list(call: Call) -> Json:
    """One order list, open or done."""
    found = _list_named(call, "origClientOrderId")
    if found is None:
        raise unknown_order()
    return show.list_view(found)


def open_lists(call: Call) -> list[Json]:
    """Every open order list."""
    desk, portfolio = desk_of(call)
    return [show.list_view(one) for one in desk.lists_of(portfolio) if one.is_open]


def all_lists(call: Call) -> list[Json]:
    """Return order lists, the latest first: up from fromId, or of a period."""
    desk, portfolio = desk_of(call)
    first = call.params.integer("fromId")
    if first is not None and ("startTime" in call.params or "endTime" in call.params):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    limit, (start, end) = read_limit(call.params, 500, 500), _within_a_day(call)
    found = [
        show.list_view(one)
        for one in desk.lists_of(portfolio)
        if (one.number >= first if first is not None else start <= one.time <= end)
    ]
    return found[::-1][:limit]


def force_orders(call: Call) -> Json:
    """Return the margin orders that the exchange placed to liquidate the account, the latest first."""
    desk, portfolio = desk_of(call)
    start, end = read_month(call)
    rows = [
        show.forced_view(order)
        for order in reversed(desk.orders_of(portfolio))
        if order.forced and start <= order.created <= end
    ]
    return page_of(call, rows)


_OCO = ("symbol", "side", "quantity", "price", "stopPrice")
MARGIN_ORDER_ROUTES: tuple[Operation, ...] = (
    route("POST", "/papi/v1/margin/order", _SIGNED, place, 1, "symbol", "side", "type", orders=1),
    route("POST", "/papi/v1/margin/order/oco", _SIGNED, place_list, 0, *_OCO, orders=2),
    route("DELETE", "/papi/v1/margin/order", _SIGNED, cancel, 2, "symbol"),
    route("DELETE", "/papi/v1/margin/orderList", _SIGNED, cancel_list, 2, "symbol"),
    route("DELETE", "/papi/v1/margin/allOpenOrders", _SIGNED, cancel_all, 5, "symbol"),
    route("GET", "/papi/v1/margin/order", _SIGNED, query, 10, "symbol"),
    route("GET", "/papi/v1/margin/openOrders", _SIGNED, open_orders, 5),
    route("GET", "/papi/v1/margin/allOrders", _SIGNED, all_orders, 100, "symbol"),
    route("GET", "/papi/v1/margin/myTrades", _SIGNED, trades, 5, "symbol"),
    route("GET", "/papi/v1/margin/orderList", _SIGNED, query_list, 5),
    route("GET", "/papi/v1/margin/openOrderList", _SIGNED, open_lists, 5),
    route("GET", "/papi/v1/margin/allOrderList", _SIGNED, all_lists, 100),
    route("GET", "/papi/v1/margin/forceOrders", _SIGNED, force_orders, 1),
)
