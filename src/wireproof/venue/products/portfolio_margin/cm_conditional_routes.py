"""REST: conditional orders of COIN-M within portfolio margin, under their older names: strategies.

docs/exchange.md#portfolio-margin-conditional-orders
https://developers.binance.com/docs/derivatives/portfolio-margin/trade/New-CM-Conditional-Order
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import trimmed
from wireproof.venue.base.refusals import Refusal, neither, unknown_order
from wireproof.venue.products.futures import algo_routes
from wireproof.venue.products.futures.trade_routes import DAY_MS, read_limit, read_period
from wireproof.venue.products.portfolio_margin.book_calls import CM_BOOK, of_book

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.exchange.records import AlgoOrder

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
# What strategies call what conditional orders have: parameters by their names here.
NAMES = {
    "strategyType": "type",
    "newClientStrategyId": "clientAlgoId",
    "strategyId": "algoId",
    "stopPrice": "triggerPrice",
    "activationPrice": "activatePrice",
}
STATUSES = {"TRIGGERING": "TRIGGERED", "REJECTED": "EXPIRED"}
TRIGGERED = frozenset({"TRIGGERED", "FINISHED"})
KEPT_MS = 7 * DAY_MS  # of what ended without a trade


def status_of(algo: AlgoOrder) -> str:
    """Return the status of a strategy."""
    return STATUSES.get(algo.status, algo.status)


def strategy_view(algo: AlgoOrder) -> Json:
    """Return what all answers show; activatePrice and priceRate of an order that trails only."""
    trailing = {"activatePrice": trimmed(algo.activate_price), "priceRate": trimmed(algo.callback_rate, at_least=1)}
    return {
        "newClientStrategyId": algo.client_id,
        "strategyId": algo.algo_id,
        "strategyStatus": status_of(algo),
        "strategyType": algo.type,
        "origQty": trimmed(algo.quantity),
        "price": trimmed(algo.price),
        "reduceOnly": algo.reduce_only,
        "side": algo.side,
        "positionSide": algo.position_side,
        "stopPrice": trimmed(algo.trigger_price),
        "symbol": algo.symbol.name,
        "timeInForce": algo.time_in_force,
        **(trailing if algo.trailing else {}),
        "bookTime": algo.created,
        "updateTime": algo.updated,
    }


def past_view(algo: AlgoOrder) -> Json:
    """Return a strategy of a list of past ones, with its order once there is one.

    A cancelled one is spelled with two L here: docs/exchange.md#portfolio-margin-conditional-orders
    """
    view = strategy_view(algo) | {"triggerTime": algo.triggered}
    if status_of(algo) == "CANCELED":
        view["strategyStatus"] = "CANCELLED"
    if algo.order is None:
        return view
    order = algo.order
    return view | {"orderId": order.order_id, "status": order.status, "type": order.type}


def _settings(algo: AlgoOrder) -> Json:
    return {"workingType": algo.working_type, "priceProtect": algo.price_protect}


def _translated(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
    """Return `run` for parameters under the names of conditional orders; refusals name those that were sent."""

    def carried(call: Call) -> Any:
        try:
            return run(replace(call, params=call.params.renamed(NAMES, algoType="CONDITIONAL")))
        except Refusal as refusal:
            text = refusal.msg
            for shown, name in NAMES.items():
                text = text.replace(f"'{name}'", f"'{shown}'")
            raise Refusal(refusal.code, text, status=refusal.status, data=refusal.data) from None

    return carried


def place(call: Call) -> Json:
    """Place a strategy."""
    algo = call.engine.conditional_orders.place(call.account, call.market(), call.params)
    return strategy_view(algo) | {"pair": algo.symbol.pair} | _settings(algo)


def cancel(call: Call) -> Json:
    """Cancel a strategy; one that does not trail shows what trails as null."""
    call.market()
    algo = call.engine.conditional_orders.cancel(call.account, call.params)
    return {"activatePrice": None, "priceRate": None} | strategy_view(algo) | _settings(algo)


def cancel_all(call: Call) -> Json:
    """Cancel a contract's strategies; the code is text here (documented)."""
    call.engine.conditional_orders.cancel_all(call.account, call.market().symbol.name)
    return {"code": "200", "msg": "The operation of cancel all conditional open order is done."}


def _named(call: Call) -> Callable[[AlgoOrder], bool]:
    """Return which strategies the parameters name; -1102 when they name none."""
    symbol = call.market().symbol
    algo_id, client_id = call.params.integer("algoId"), call.params.text("clientAlgoId")
    if algo_id is None and client_id is None:
        raise neither("strategyId", "newClientStrategyId")
    return lambda one: (
        one.symbol is symbol and (one.algo_id == algo_id if algo_id is not None else one.client_id == client_id)
    )


def open_one(call: Call) -> Json:
    """One open strategy; -2013 once it triggered or ended."""
    named = _named(call)
    found = next((one for one in call.account.algos.values() if named(one) and one.status == "NEW"), None)
    if found is None:
        raise unknown_order()
    return strategy_view(found)


def open_ones(call: Call) -> list[Json]:
    """Every open strategy, of one contract when one is named."""
    symbol = call.optional_symbol()
    return [
        strategy_view(one)
        for one in call.account.algos.values()
        if call.product.lists(one.symbol) and symbol in {None, one.symbol.name} and one.status == "NEW"
    ]


def _remembered(call: Call, algo: AlgoOrder) -> bool:
    """Whether queries still find a strategy (documented)."""
    return algo.order is not None or algo.created + KEPT_MS >= call.engine.clock.now_ms()


def past_one(call: Call) -> Json:
    """One strategy that is no longer NEW."""
    named = _named(call)
    for algo in reversed(algo_routes.known(call)):
        if named(algo) and algo.status != "NEW" and _remembered(call, algo):
            return past_view(algo) | _settings(algo) | {"priceMatch": algo.price_match}
    raise unknown_order()


def all_ones(call: Call) -> list[Json]:
    """Return strategies, oldest first: from strategyId on, else the latest of a period."""
    symbol, first = call.optional_symbol(past=True), call.params.integer("algoId")
    limit = read_limit(call.params, 500)
    start, end = read_period(call.params, call.engine.clock.now_ms())
    found = [
        past_view(algo)
        for algo in algo_routes.known(call)
        if symbol in {None, algo.symbol.name}
        and _remembered(call, algo)
        and (algo.algo_id >= first if first is not None else start <= algo.created <= end)
    ]
    return found[:limit] if first is not None else found[-limit:]


def _cm(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
    return of_book(CM_BOOK, _translated(run))


_ROOT = "/papi/v1/cm/conditional"
CM_CONDITIONAL_ROUTES: tuple[Operation, ...] = (
    route("POST", f"{_ROOT}/order", _SIGNED, _cm(place), 1, "symbol", "side", "strategyType", orders=1),
    route("DELETE", f"{_ROOT}/order", _SIGNED, _cm(cancel), 1, "symbol"),
    route("DELETE", f"{_ROOT}/allOpenOrders", _SIGNED, _cm(cancel_all), 1, "symbol"),
    route("GET", f"{_ROOT}/openOrder", _SIGNED, _cm(open_one), 1, "symbol"),
    route("GET", f"{_ROOT}/openOrders", _SIGNED, _cm(open_ones), by_symbol(1, 40)),
    route("GET", f"{_ROOT}/orderHistory", _SIGNED, _cm(past_one), 1, "symbol"),
    route("GET", f"{_ROOT}/allOrders", _SIGNED, _cm(all_ones), by_symbol(1, 40)),
)
