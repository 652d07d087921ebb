"""How answers show margin orders, their lists and trades.

https://developers.binance.com/docs/derivatives/portfolio-margin/trade/New-Margin-Order and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, money, trimmed
from wireproof.venue.products.portfolio_margin.margin_records import STOPS

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.products.portfolio_margin.margin_records import MarginOrder, MarginTrade, OrderList

Json = dict[str, Any]


def _amounts(order: MarginOrder, executed: Decimal, cost: Decimal) -> Json:
    return {
        "price": money(order.price),
        "origQty": money(order.quantity),
        "executedQty": money(executed),
        "cummulativeQuoteQty": money(cost),
    }


def _terms(order: MarginOrder) -> Json:
    return {"timeInForce": order.time_in_force, "type": order.type, "side": order.side}


def _borrowed(order: MarginOrder) -> Json:
    """Return the loan that an order took, if it did."""
    if not order.borrowed:
        return {}
    return {"marginBuyBorrowAmount": trimmed(order.borrowed), "marginBuyBorrowAsset": order.pays}


def placed_view(order: MarginOrder, kind: str) -> Json:
    """Return the answer to a new order; one that is only acknowledged is shown before it met the book.

    docs/exchange.md#portfolio-margin-orders
    """
    acknowledged = kind == "ACK"
    trades = order.trades if kind == "FULL" else []
    return {
        "symbol": order.symbol.name,
        "orderId": order.order_id,
        "clientOrderId": order.client_id,
        "transactTime": order.created if acknowledged else order.updated,
        **_amounts(order, *((ZERO, ZERO) if acknowledged else (order.executed, order.cost))),
        "status": "NEW" if acknowledged else order.status,
        **_terms(order),
        **_borrowed(order),
        "fills": [
            {
                "price": money(trade.price),
                "qty": money(trade.quantity),
                "commission": money(trade.fee),
                "commissionAsset": trade.fee_asset,
            }
            for trade in trades
        ],
    }


def order_view(order: MarginOrder, account_id: int) -> Json:
    """Return an order that is looked up."""
    prevented = order.prevented
    return {
        "clientOrderId": order.client_id,
        "cummulativeQuoteQty": money(order.cost),
        "executedQty": money(order.executed),
        "icebergQty": money(order.iceberg),
        "isWorking": order.working,
        "orderId": order.order_id,
        "origQty": money(order.quantity),
        "price": money(order.price),
        "side": order.side,
        "status": order.status,
        "stopPrice": money(order.stop_price),
        "symbol": order.symbol.name,
        "time": order.created,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "updateTime": order.updated,
        "accountId": account_id,
        "selfTradePreventionMode": order.stp,
        "preventedMatchId": None if prevented is None else prevented.number,
        "preventedQuantity": None if prevented is None else money(prevented.quantity),
    }


def cancelled_view(order: MarginOrder, cancel_id: str, *, list_id: bool = False) -> Json:
    """Return the answer to a cancellation; `list_id` where many are cancelled at once."""
    number = -1 if order.order_list is None else order.order_list.number
    return {
        "symbol": order.symbol.name,
        "origClientOrderId": order.client_id,
        "orderId": order.order_id,
        **({"orderListId": number} if list_id else {}),
        "clientOrderId": cancel_id,
        **_amounts(order, order.executed, order.cost),
        "status": order.status,
        **_terms(order),
    }


def list_view(found: OrderList) -> Json:
    """Return an order list."""
    status = ("EXEC_STARTED", "EXECUTING") if found.is_open else ("ALL_DONE", "ALL_DONE")
    return {
        "orderListId": found.number,
        "contingencyType": "OCO",
        "listStatusType": status[0],
        "listOrderStatus": status[1],
        "listClientOrderId": found.client_id,
        "transactionTime": found.time,
        "symbol": found.symbol.name,
        "orders": [
            {"symbol": one.symbol.name, "orderId": one.order_id, "clientOrderId": one.client_id} for one in found.orders
        ],
    }


def _stop_price(order: MarginOrder) -> Json:
    return {"stopPrice": money(order.stop_price)} if order.type in STOPS else {}


def placed_list_view(found: OrderList) -> Json:
    """Return the answer to a new order list."""
    reports = [
        {
            "symbol": one.symbol.name,
            "orderId": one.order_id,
            "orderListId": found.number,
            "clientOrderId": one.client_id,
            "transactTime": found.time,
            **_amounts(one, one.executed, one.cost),
            "status": one.status,
            **_terms(one),
            **_stop_price(one),
        }
        for one in found.orders
    ]
    borrowed = next((_borrowed(one) for one in found.orders if one.borrowed), {})
    return list_view(found) | borrowed | {"orderReports": reports}


def cancelled_list_view(found: OrderList, cancel_id: str, *, icebergs: bool = False) -> Json:
    """Return the answer to the cancellation of a list; `icebergs` where many are cancelled at once."""
    reports = [
        cancelled_view(one, cancel_id, list_id=True)
        | _stop_price(one)
        | ({"icebergQty": money(one.iceberg)} if icebergs else {})
        for one in found.orders
    ]
    return list_view(found) | {"orderReports": reports}


def forced_view(order: MarginOrder) -> Json:
    """Return the entry of forceOrders."""
    return {
        "avgPrice": money(order.cost / order.executed if order.executed else ZERO),
        "executedQty": money(order.executed),
        "orderId": order.order_id,
        "price": money(order.price),
        "qty": money(order.quantity),
        "side": order.side,
        "symbol": order.symbol.name,
        "timeInForce": order.time_in_force,
        "updatedTime": order.updated,
    }


def margin_trade_view(trade: MarginTrade) -> Json:
    """Return the entry of myTrades."""
    return {
        "commission": money(trade.fee),
        "commissionAsset": trade.fee_asset,
        "id": trade.number,
        "isBestMatch": True,
        "isBuyer": trade.order.side == "BUY",
        "isMaker": trade.maker,
        "orderId": trade.order.order_id,
        "price": money(trade.price),
        "qty": money(trade.quantity),
        "symbol": trade.order.symbol.name,
        "time": trade.time,
    }
