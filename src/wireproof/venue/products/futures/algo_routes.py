"""REST: conditional orders of USDⓈ-M, and of COIN-M, which took them over in June 2026 (announced, no page of its own).

With a lag, `GET algoOrder` is behind all else: for about a second it does not find a new order which openAlgoOrders
lists already, and still shows NEW for one that was cancelled (docs/exchange.md#lag-of-conditional-orders).

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import invalid_data, neither, unknown_order
from wireproof.venue.base.turns import shown
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.futures import order_views
from wireproof.venue.products.futures.trade_routes import CANCELLED_ALL, read_limit, read_period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.records import AlgoOrder

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED


def place(call: Call) -> Json:
    """Place; REST's answer always has activatePrice and callbackRate, empty but for trailing orders (documented)."""
    return {"activatePrice": "", "callbackRate": ""} | ops.place_algo(call)


def open_algos(call: Call) -> list[Json]:
    """Every open conditional order, of one symbol when one is named."""
    symbol, algo_id = call.optional_symbol(), call.params.integer("algoId")
    if call.params.text("algoType") not in {None, "CONDITIONAL"}:
        raise invalid_data("algoType")
    return [
        order_views.open_algo_view(algo)
        for algo in call.account.algos.values()
        if call.product.lists(algo.symbol) and symbol in {None, algo.symbol.name} and algo_id in {None, algo.algo_id}
    ]


def known(call: Call) -> list[AlgoOrder]:
    """Return the account's conditional orders of the product, open or done, oldest first."""
    account = call.account
    known = (*account.closed_algos.values(), *account.algos.values())
    return sorted((algo for algo in known if call.product.lists(algo.symbol)), key=lambda algo: algo.algo_id)


def query(call: Call) -> Json:
    """One conditional order, open or done, by algoId or else by clientAlgoId (the latest with it)."""
    algo_id, client_id = call.params.integer("algoId"), call.params.text("clientAlgoId")
    if algo_id is None and client_id is None:
        raise neither("algoId", "clientAlgoId")
    for algo in reversed(known(call)):
        if algo.algo_id == algo_id if algo_id is not None else algo.client_id == client_id:
            return _seen_late(algo, call)
    raise unknown_order()


def _seen_late(algo: AlgoOrder, call: Call) -> Json:
    """Return what a query shows of an order that it saw last a lag ago."""
    seen = call.engine.clock.now_ms() - call.services.algo_lag_ms
    if algo.created > seen:
        raise unknown_order()
    view = order_views.algo_query_view(algo)
    return view if algo.status != "CANCELED" or algo.updated <= seen else view | {"algoStatus": "NEW"}


def all_algos(call: Call) -> Turns[list[Json]]:
    """Return a symbol's conditional orders, oldest first: from algoId on, else the latest of a period."""
    symbol, first = call.market().symbol, call.params.integer("algoId")
    limit = read_limit(call.params, 500)
    start, end = read_period(call.params, call.engine.clock.now_ms())
    found = [
        algo
        for algo in known(call)
        if algo.symbol is symbol and (algo.algo_id >= first if first is not None else start <= algo.created <= end)
    ]
    return shown(found[:limit] if first is not None else found[-limit:], order_views.algo_history_view)


def cancel_all(call: Call) -> Json:
    """Cancel a symbol's conditional orders."""
    call.engine.conditional_orders.cancel_all(call.account, call.market().symbol.name)
    return {"code": 200, "msg": CANCELLED_ALL}


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    sent = ("algoType", "symbol", "side", "type")
    yield route("POST", f"{root}/v1/algoOrder", _SIGNED, place, 0, *sent, orders=1)
    yield route("GET", f"{root}/v1/algoOrder", _SIGNED, query, 1)
    yield route("DELETE", f"{root}/v1/algoOrder", _SIGNED, ops.cancel_algo, 1)
    yield route("GET", f"{root}/v1/openAlgoOrders", _SIGNED, open_algos, by_symbol(1, 40))
    yield route("GET", f"{root}/v1/allAlgoOrders", _SIGNED, all_algos, 5, "symbol")
    yield route("DELETE", f"{root}/v1/algoOpenOrders", _SIGNED, cancel_all, 1, "symbol")
