"""What margin orders are refused for before they reach their book."""

from __future__ import annotations

import pytest

SOUND = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "80000",
}
LIST = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "price": "95000", "stopPrice": "80000"}
STOP = {"type": "STOP_LOSS_LIMIT", "stopPrice": "95000", "price": "95000"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": "BTCUSD_PERP"}, -1121),
        ({"symbol": "LTCUSDT"}, -1121),
        ({"side": "LONG"}, -1117),
        ({"type": "STOP"}, -1116),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "GTX"}, -1115),
        ({"price": None}, -1102),
        ({"price": "80000.001"}, -1111),
        ({"price": "0"}, -1013),
        ({"price": "1e99"}, -1013),
        ({"price": "99999"}, 51113),
        ({"side": "SELL", "price": "70000"}, 51113),
        ({"quantity": None}, -1102),
        ({"quantity": "0.000001"}, -1111),
        ({"quantity": "0"}, -1013),
        ({"quantity": "0.00001"}, -1013),
        ({"stopPrice": "81000"}, -1106),
        ({"quoteOrderQty": "100"}, -1106),
        ({"icebergQty": "0.02"}, -1106),
        ({"icebergQty": "0.001", "timeInForce": "IOC"}, -1106),
        ({"sideEffectType": "BORROW"}, -1130),
        ({"autoRepayAtCancel": "true"}, -1106),
        ({"newOrderRespType": "ALL"}, -1136),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"selfTradePreventionMode": "DECREMENT"}, -1130),
        ({"type": "MARKET"}, -1106),
        ({"type": "MARKET", "price": None}, -1106),
        ({"type": "LIMIT_MAKER"}, -1106),
        ({"type": "LIMIT_MAKER", "timeInForce": None, "price": "90000"}, -2010),
        (STOP | {"stopPrice": None}, -1102),
        (STOP | {"stopPrice": "80000"}, -2010),
        (STOP | {"stopPrice": "95000.001"}, -1111),
        ({"quantity": "1"}, -2010),
        ({"quantity": "50", "sideEffectType": "MARGIN_BUY"}, 51006),
    ],
)
async def test_orders(papi, changes, code):
    """Each with its code, and nothing is locked."""
    params = {name: value for name, value in (SOUND | changes).items() if value is not None}
    assert await papi.refused("POST", "margin/order", **params) == code
    assert (await papi.get("balance", asset="USDT"))["crossMarginLocked"] == "0.00000000"
    assert await papi.get("margin/openOrders") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": "80000"}, -2010),
        ({"stopPrice": "90000"}, -2010),
        ({"stopLimitPrice": "79000"}, -1102),
        ({"stopLimitPrice": "79000", "stopLimitTimeInForce": "GTX"}, -1115),
        ({"sideEffectType": "AUTO_BORROW_REPAY"}, -1130),
        ({"limitIcebergQty": "1"}, -1130),
        ({"limitClientOrderId": "a", "stopClientOrderId": "a"}, -2010),
        ({"quantity": "5"}, -2010),
        ({"price": ""}, -1102),
        ({"stopLimitPrice": "1e99"}, -1013),
    ],
)
async def test_lists(papi, changes, code):
    """None of their orders is taken in."""
    assert await papi.refused("POST", "margin/order/oco", **LIST | changes) == code
    assert await papi.get("margin/openOrders") == []
    assert await papi.get("margin/openOrderList") == []


async def test_a_market_order_by_what_it_may_cost(papi):
    """As much as an amount of quote is enough for."""
    order = await papi.post("margin/order", symbol="BTCUSDT", side="BUY", type="MARKET", quoteOrderQty="1000")
    assert order["status"] == "FILLED"
    assert 999 < float(order["cummulativeQuoteQty"]) <= 1000
    sold = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET"}
    assert await papi.refused("POST", "margin/order", **sold, quoteOrderQty="0") == -1102
    assert await papi.refused("POST", "margin/order", **sold, quoteOrderQty="1e99") == -2010
    assert await papi.refused("POST", "margin/order", **sold, quoteOrderQty="10", quantity="1") == -1106
