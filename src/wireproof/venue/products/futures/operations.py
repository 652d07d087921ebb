"""What both products answer alike, over REST and over the WebSocket API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import CallSecurity, Operation, constant_weight
from wireproof.venue.base.formats import fixed
from wireproof.venue.base.refusals import Refusal, invalid_data, unknown_order
from wireproof.venue.exchange import placement
from wireproof.venue.products.futures import order_views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.api.call import Call
    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.records import AlgoOrder

Json = dict[str, Any]
DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
DEFAULT_DEPTH = 500
ORDER_NEEDS = ("symbol", "side", "type")


def depth_weight(params: Params) -> int:
    """Return the documented weight of an order book by its limit; an unreadable limit costs the default's."""
    try:
        limit = params.integer("limit") or DEFAULT_DEPTH
    except Refusal:
        limit = DEFAULT_DEPTH
    return next((weight for most, weight in ((50, 2), (100, 5), (500, 10)) if limit <= most), 20)


def depth(call: Call) -> Json:
    """Order book; -4021 for a limit that is not offered, -1130 for one above 1000 (docs/exchange.md#depth-limits)."""
    market = call.market()
    limit = call.params.integer("limit")
    if limit is not None and limit > DEPTH_LIMITS[-1]:
        raise invalid_data("limit")
    if limit is not None and limit not in DEPTH_LIMITS:
        raise Refusal(-4021, f"{limit} is not valid depth limit")
    shown = limit or DEFAULT_DEPTH
    return book_view(call, market, market.book.bids.levels(shown), market.book.asks.levels(shown))


def book_view(call: Call, market: Market, bids: Iterable[Any], asks: Iterable[Any]) -> Json:
    """Return levels of a market's book as depth shows them."""
    price_digits, qty_digits = market.symbol.price_digits, market.symbol.qty_digits

    def rows(levels: Iterable[Any]) -> list[list[str]]:
        return [[fixed(level.price, price_digits), fixed(level.quantity, qty_digits)] for level in levels]

    return {
        "lastUpdateId": market.update_id,
        "E": call.engine.clock.now_ms(),
        "T": market.updated,
        "bids": rows(bids),
        "asks": rows(asks),
    }


def ticker_price(call: Call) -> Any:
    """Last price of one symbol, or of all as a list."""

    def row(market: Market) -> Json:
        price = fixed(market.last_price, market.symbol.price_digits)
        return {"symbol": market.symbol.name, "price": price, "time": market.last_trade_time}

    name = call.optional_symbol()
    return [row(market) for market in call.markets()] if name is None else row(call.engine.market(name))


def ticker_book(call: Call) -> Any:
    """Best bid and ask of one symbol, or of all as a list."""

    def row(market: Market) -> Json:
        symbol, book = market.symbol, market.book
        return {
            "lastUpdateId": market.update_id,
            "symbol": symbol.name,
            "bidPrice": fixed(book.bids.best() or market.mid * 0, symbol.price_digits),
            "bidQty": fixed(book.bids.best_quantity(), symbol.qty_digits),
            "askPrice": fixed(book.asks.best() or market.mid * 0, symbol.price_digits),
            "askQty": fixed(book.asks.best_quantity(), symbol.qty_digits),
            "time": market.updated,
        }

    name = call.optional_symbol()
    return [row(market) for market in call.markets()] if name is None else row(call.engine.market(name))


def place_order(call: Call) -> Json:
    """order.place: submit an order and answer with what became of it at once.

    Conditional ones are taken in only on days before the Algo service took them over.
    """
    if placement.is_conditional(call.params) and not call.holds("algo-service"):
        return _place_conditional(call)
    request = placement.read_order(call.engine, call.account, call.market(), call.params)
    acknowledged = placement.read_response_type(call.params) == "ACK"
    placement.check_order(call.engine, call.account, request)
    order = call.engine.orders.submit(call.account, request)
    totals = not call.holds("short-acknowledgements")
    return order_views.placement_view(order, acknowledged=acknowledged, totals=totals)


def _place_conditional(call: Call) -> Json:
    placement.read_response_type(call.params)
    desk = call.engine.conditional_orders
    return order_views.conditional_view(desk.place_as_order(call.account, call.market(), call.params))


def modify_order(call: Call) -> Json:
    """order.modify: change price and quantity of an open limit order."""
    order, modify_id = placement.modify(call.engine.orders, call.account, call.market(), call.params)
    totals = not (call.holds("short-acknowledgements") and call.holds("short-modifications"))
    return order_views.modification_view(order, modify_id, totals=totals)


def cancel_order(call: Call) -> Json:
    """order.cancel; -2011 for an order that is not open."""
    waiting = _placed_conditional(call)
    if waiting is not None:
        call.engine.conditional_orders.end(waiting)
        return order_views.conditional_view(waiting)
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=True)
    if not order.is_open:
        raise Refusal(-2011, "Unknown order sent.")
    call.engine.orders.cancel(order)
    return order_views.placement_view(order, totals=not call.holds("short-acknowledgements"))


def _placed_conditional(call: Call) -> AlgoOrder | None:
    """Return the conditional order that a request for an order is about, on days before the Algo service."""
    if call.holds("algo-service"):
        return None
    return call.engine.conditional_orders.placed_as_order(call.account, call.params, call.market().symbol.name)


def query_order(call: Call) -> Json:
    """order.status."""
    waiting = _placed_conditional(call)
    if waiting is not None:
        return order_views.conditional_view(waiting, queried=True)
    order = placement.find_order(call.account, call.params, call.market().symbol, cancelling=False)
    if order.is_forgotten(call.engine.clock.now_ms()):
        raise unknown_order()
    return order_views.query_view(order)


def place_algo(call: Call) -> Json:
    """algoOrder.place."""
    placement.read_response_type(call.params)
    return order_views.algo_view(call.engine.conditional_orders.place(call.account, call.market(), call.params))


def cancel_algo(call: Call) -> Json:
    """algoOrder.cancel; its code is a string (docs/exchange.md#cancelled-conditional-orders)."""
    algo = call.engine.conditional_orders.cancel(call.account, call.params)
    return {"algoId": algo.algo_id, "clientAlgoId": algo.client_id, "code": "200", "msg": "success"}


def start_stream(call: Call) -> Json:
    """userDataStream.start."""
    return {"listenKey": call.services.listen_keys.start(call.account, call.product.name)}


def ping_stream(call: Call) -> Json:
    """userDataStream.ping."""
    return {"listenKey": call.services.listen_keys.ping(call.account, call.product.name)}


def stop_stream(call: Call) -> Json:
    """userDataStream.stop."""
    call.services.listen_keys.stop(call.account, call.product.name)
    return {}


def exchange_head(call: Call, **kind: str) -> Json:
    """Return what exchange information begins with; `kind` is what says which product's it is."""
    return {
        "timezone": "UTC",
        "serverTime": call.engine.clock.now_ms(),
        **kind,
        "rateLimits": [call.pool.weight_rule(), *call.pool.orders.rules()[::-1]],
        "exchangeFilters": [],
    }


USER_STREAM_METHODS = (
    Operation("v1/userDataStream.start", CallSecurity.KEY, start_stream, constant_weight(1)),
    Operation("v1/userDataStream.ping", CallSecurity.KEY, ping_stream, constant_weight(1)),
    Operation("v1/userDataStream.stop", CallSecurity.KEY, stop_stream, constant_weight(1)),
)
