"""How answers show orders, conditional orders and what became of them; COIN-M's differ in single fields.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api and its COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, exponent_when_small, fixed, money, trimmed, zero_or_money
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.records import LIMIT_TYPES

if TYPE_CHECKING:
    from wireproof.venue.exchange.records import AlgoOrder, Amendment, MarginChange, Order, UserTrade

USER_ADJUST = "USER_ADJUST"
# As exchange information lists them.
ORDER_TYPES = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)


def _common(order: Order) -> dict[str, Any]:
    common = {
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": fixed(order.trigger, order.symbol.price_digits),
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "origType": order.original_type,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.stp,
    }
    return common if order.symbol.unit == CM else common | {"goodTillDate": order.good_till}


def _pair(order: Order) -> dict[str, str]:
    return {"pair": order.symbol.pair} if order.symbol.unit == CM else {}


def placement_view(order: Order, *, acknowledged: bool = False, totals: bool = False) -> dict[str, Any]:
    """Return the answer to place and cancel; COIN-M's has the pair and no goodTillDate (documented).

    avgPrice and cumQuote or cumBase (`totals`) are gone from the wire since June 2026. With `acknowledged`
    (newOrderRespType ACK) the order is shown as it was before it met the book: docs/exchange.md#acknowledged-orders.
    """
    digits = order.symbol.qty_digits
    executed = fixed(ZERO if acknowledged else order.executed, digits)
    return {
        "orderId": order.order_id,
        "symbol": order.symbol.name,
        **_pair(order),
        "status": "NEW" if acknowledged else order.status,
        "clientOrderId": order.client_id,
        "price": fixed(order.price, order.symbol.price_digits),
        "origQty": fixed(order.quantity, digits),
        "executedQty": executed,
        "cumQty": executed,
        **(_totals(order, acknowledged=acknowledged) if totals else {}),
        **_common(order),
        "updateTime": order.created if acknowledged else order.updated,
    }


def _totals(order: Order, *, acknowledged: bool) -> dict[str, str]:
    average = ZERO if acknowledged else order.average_price
    cumulated = dict.fromkeys(_cumulated(order), "0") if acknowledged else _cumulated(order)
    return {"avgPrice": fixed(average, order.symbol.price_digits + 3), **cumulated}


def conditional_view(algo: AlgoOrder, *, queried: bool = False) -> dict[str, Any]:
    """Return a conditional order as the order requests showed it before the Algo service (documented)."""
    price_digits, qty_digits = algo.symbol.price_digits, algo.symbol.qty_digits
    nothing = fixed(ZERO, qty_digits)
    view: dict[str, Any] = {
        "orderId": algo.order_id,
        "symbol": algo.symbol.name,
        "status": algo.status,
        "clientOrderId": algo.client_id,
        "price": fixed(algo.price, price_digits),
        "avgPrice": fixed(ZERO, price_digits + 3),
        "origQty": fixed(algo.quantity, qty_digits),
        "executedQty": nothing,
        **({} if queried else {"cumQty": nothing}),
        **({"pair": algo.symbol.pair, "cumBase": "0"} if algo.symbol.unit == CM else {"cumQuote": "0"}),
        **_common(algo.as_order(algo.status)),
    }
    if algo.trailing:
        view |= {
            "activatePrice": fixed(algo.activate_price, price_digits),
            "priceRate": trimmed(algo.callback_rate, at_least=1),
        }
    return view | ({"time": algo.created} if queried else {}) | {"updateTime": algo.updated}


def modification_view(order: Order, modify_id: int | None, *, totals: bool = False) -> dict[str, Any]:
    """Return the answer to modify; with a modifyId only when the request had one (documented)."""
    view = placement_view(order, totals=totals)
    names = ("orderId", "symbol", *_pair(order), "status", "clientOrderId")
    head = {name: view.pop(name) for name in names}
    return head | ({} if modify_id is None else {"modifyId": modify_id}) | view


def query_view(order: Order) -> dict[str, Any]:
    """Return the answer to a query, with avgPrice and time, without cumQty: docs/exchange.md#answers-to-orders."""
    price_digits, qty_digits = order.symbol.price_digits, order.symbol.qty_digits
    return {
        "orderId": order.order_id,
        "symbol": order.symbol.name,
        **_pair(order),
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": fixed(order.price, price_digits),
        "avgPrice": fixed(order.average_price, price_digits + 3),
        "origQty": fixed(order.quantity, qty_digits),
        "executedQty": fixed(order.executed, qty_digits),
        **_cumulated(order),
        **_common(order),
        "time": order.created,
        "updateTime": order.updated,
    }


def _cumulated(order: Order) -> dict[str, str]:
    if order.symbol.unit == CM:
        return {"cumBase": money(order.cost)}
    return {"cumQuote": fixed(order.cost, order.symbol.price_digits + order.symbol.qty_digits)}


def force_view(order: Order) -> dict[str, Any]:
    """Return the entry of forceOrders, each product with its own fields (documented)."""
    view = history_view(order)
    for name in ("priceMatch", "selfTradePreventionMode"):
        del view[name]
    if order.symbol.unit == UM:
        del view["priceProtect"], view["goodTillDate"]
    return view


def history_view(order: Order) -> dict[str, Any]:
    """Return the entry of lists of past orders: a query's, counted in both assets and with its pair (Aug 2026)."""
    view = query_view(order) | {"pair": order.symbol.pair}
    if order.symbol.unit == UM:
        return view | {"cumBase": fixed(order.executed, order.symbol.qty_digits)}
    return view | {"cumQuote": str(order.executed * order.symbol.contract_size), "goodTillDate": order.good_till}


def algo_view(algo: AlgoOrder) -> dict[str, Any]:
    """Return the answer to algoOrder.place."""
    price_digits = algo.symbol.price_digits
    view: dict[str, Any] = {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.type,
        "symbol": algo.symbol.name,
        "side": algo.side,
        "positionSide": algo.position_side,
        "timeInForce": algo.time_in_force,
        "quantity": fixed(algo.quantity, algo.symbol.qty_digits),
        "algoStatus": algo.status,
        "triggerPrice": fixed(algo.trigger_price, price_digits),
        "price": fixed(algo.price, price_digits),
        "icebergQuantity": None,
        "selfTradePreventionMode": algo.stp,
        "workingType": algo.working_type,
        "priceMatch": algo.price_match,
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
    }
    if algo.trailing:
        view["activatePrice"] = fixed(algo.activate_price, price_digits)
        view["callbackRate"] = trimmed(algo.callback_rate, at_least=1)
    return view | {
        "createTime": algo.created,
        "updateTime": algo.updated,
        "triggerTime": algo.triggered,
        "goodTillDate": algo.good_till,
    }


def open_algo_view(algo: AlgoOrder) -> dict[str, Any]:
    """Return the entry of openAlgoOrders; its small numbers: docs/exchange.md#lists-of-conditional-orders."""
    return algo_view(algo) | {
        "quantity": exponent_when_small(algo.quantity, algo.symbol.qty_digits),
        "actualOrderId": "",
        "isActivated": algo.active,
    }


def algo_history_view(algo: AlgoOrder) -> dict[str, Any]:
    """Return the entry of allAlgoOrders: no attached orders, see docs/exchange.md#lists-of-conditional-orders."""
    past = algo_view(algo) | _turned_into(algo) | {"isActivated": algo.active}
    return {name: value for name, value in past.items() if name not in {"actualType", "actualQty"}}


def algo_query_view(algo: AlgoOrder) -> dict[str, Any]:
    """Return the answer to GET algoOrder."""
    return algo_view(algo) | _turned_into(algo)


def _turned_into(algo: AlgoOrder) -> dict[str, Any]:
    """Return what became of it: its order's type once it triggered, its quantity once that filled (documented)."""
    order = algo.order
    shown = {
        "actualOrderId": "" if order is None else str(order.order_id),
        "actualPrice": fixed(order.average_price if order else ZERO, algo.symbol.price_digits + 3),
        "tpOrderType": "",
    }
    if order is not None:
        shown["actualType"] = "LIMIT" if algo.type in LIMIT_TYPES else "MARKET"
        if order.executed:
            shown["actualQty"] = fixed(order.executed, algo.symbol.qty_digits)
    return shown


def user_trade_view(trade: UserTrade) -> dict[str, Any]:
    """Return the entry of userTrades, which both products show alike since Aug 2026."""
    symbol = trade.order.symbol
    value = money(symbol.value(trade.quantity, trade.price))
    if symbol.unit == CM:
        base, quote = value, str(trade.quantity * symbol.contract_size)
    else:
        base, quote = fixed(trade.quantity, symbol.qty_digits), value
    return {
        "symbol": symbol.name,
        "id": trade.trade_id,
        "orderId": trade.order.order_id,
        "pair": symbol.pair,
        "side": trade.order.side,
        "price": fixed(trade.price, symbol.price_digits),
        "qty": fixed(trade.quantity, symbol.qty_digits),
        "realizedPnl": zero_or_money(trade.profit),
        "marginAsset": symbol.margin_asset,
        "baseQty": base,
        "quoteQty": quote,
        "commission": money(trade.fee),
        "commissionAsset": symbol.margin_asset,
        "time": trade.time,
        "positionSide": trade.order.position_side,
        "buyer": trade.order.side == "BUY",
        "maker": trade.maker,
    }


def amendment_view(amendment: Amendment) -> dict[str, Any]:
    """Return the entry of orderAmendment."""
    return {
        "amendmentId": amendment.number,
        "symbol": amendment.order.symbol.name,
        "pair": amendment.order.symbol.pair,
        "orderId": amendment.order.order_id,
        "clientOrderId": amendment.order.client_id,
        "time": amendment.time,
        "amendment": {
            "price": {"before": trimmed(amendment.prices[0]), "after": trimmed(amendment.prices[1])},
            "origQty": {"before": trimmed(amendment.quantities[0]), "after": trimmed(amendment.quantities[1])},
            "count": amendment.count,
            **({} if amendment.modify_id is None else {"modifyId": amendment.modify_id}),
        },
    }


def margin_change_view(change: MarginChange) -> dict[str, Any]:
    """Return the entry of positionMargin/history; COIN-M's has no deltaType (documented)."""
    return {
        "symbol": change.symbol.name,
        "type": 1 if change.adding else 2,
        **({} if change.symbol.unit == CM else {"deltaType": USER_ADJUST}),
        "amount": money(change.amount),
        "asset": change.symbol.margin_asset,
        "time": change.time,
        "positionSide": change.position_side,
    }
