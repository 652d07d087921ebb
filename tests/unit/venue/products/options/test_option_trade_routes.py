"""REST: option orders over HTTP."""

from __future__ import annotations

import pytest

SYMBOL, PUT = "BTC-261225-90000-C", "BTC-261225-90000-P"
SOUND = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1", "price": "2000"}
COMMON = {
    "orderId",
    "symbol",
    "price",
    "quantity",
    "executedQty",
    "side",
    "type",
    "timeInForce",
    "reduceOnly",
    "updateTime",
    "status",
    "avgPrice",
    "clientOrderId",
    "priceScale",
    "quantityScale",
    "optionSide",
    "quoteAsset",
    "mmp",
}


@pytest.fixture
def place(rest):
    """Return what places a sound order with changes."""

    async def run(account=None, **changes):
        return await rest.post("/eapi/v1/order", account, **(SOUND | changes))

    return run


@pytest.fixture
def bought(rest, place):
    """Return what buys at the best price."""

    async def run(quantity="0.1", side="BUY", **changes):
        limit = {"BUY": "12000", "SELL": "2000"}[side]
        return await place(side=side, quantity=quantity, price=limit, newOrderRespType="RESULT", **changes)

    return run


async def test_a_resting_order_is_acknowledged(place):
    order = await place(clientOrderId="mine")
    assert set(order) == COMMON | {"createTime", "postOnly", "fee", "source", "selfTradePreventionMode"}
    assert (order["status"], order["fee"], order["clientOrderId"]) == ("NEW", 0, "mine")
    assert (order["price"], order["quantity"], order["executedQty"], order["avgPrice"]) == ("2000", "0.1", "0", "0")
    assert order["orderId"] > 2**53


async def test_the_result_shows_fills_and_the_acknowledgement_does_not(bought, place):
    result = await bought()
    assert (result["status"], result["executedQty"], result["fee"]) == ("FILLED", "0.1", 0)
    acknowledged = await place(price="12000", newOrderRespType="ACK")
    assert (acknowledged["status"], acknowledged["executedQty"], acknowledged["fee"]) == ("NEW", "0", 0)


async def test_one_order_is_asked_for_by_either_id(rest, place):
    order = await place(clientOrderId="mine")
    found = await rest.get("/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"])
    assert set(found) == COMMON | {"createTime", "postOnly", "selfTradePreventionMode"}
    assert await rest.get("/eapi/v1/order", symbol=SYMBOL, clientOrderId="mine") == found
    assert await rest.refused("GET", "/eapi/v1/order", symbol=SYMBOL) == -1102
    assert await rest.refused("GET", "/eapi/v1/order", symbol=SYMBOL, orderId=1) == -2013
    assert await rest.refused("GET", "/eapi/v1/order", symbol=PUT, orderId=order["orderId"]) == -2013


async def test_orders_without_fills_are_forgotten_after_three_days(rest, place):
    order = await place()
    await rest.delete("/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"])
    rest.venue.clock.advance(3 * 86_400_000)
    await rest.get("/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"])
    rest.venue.clock.advance(1)
    assert await rest.refused("GET", "/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"]) == -2013
    rest.venue.clock.advance(2 * 86_400_000)
    assert await rest.get("/eapi/v1/historyOrders", symbol=SYMBOL) == []


async def test_cancelling_one_order(rest, place):
    order = await place()
    gone = await rest.delete("/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"])
    assert set(gone) == COMMON | {"createDate", "source", "selfTradePreventionMode"}
    assert gone["status"] == "CANCELED"
    assert await rest.refused("DELETE", "/eapi/v1/order", symbol=SYMBOL, orderId=order["orderId"]) == -2013


async def test_a_batch_has_mixed_results(rest):
    orders = [SOUND, SOUND | {"quantity": "201"}, {"symbol": SYMBOL, "side": "BUY"}, SOUND | {"symbol": "X"}]
    answers = await rest.post("/eapi/v1/batchOrders", orders=orders)
    assert [one.get("code") for one in answers] == [None, -4005, -1102, -1121]
    assert answers[0]["status"] == "NEW"
    assert await rest.refused("POST", "/eapi/v1/batchOrders", orders=[SOUND] * 11) == -6011
    for bad in ("no list", "{}", "[1]"):
        assert await rest.refused("POST", "/eapi/v1/batchOrders", orders=bad) == -1130
    assert await rest.refused("POST", "/eapi/v1/batchOrders", orders=[]) == -1102


async def test_cancelling_several_orders(rest, place):
    first, second = await place(clientOrderId="a"), await place(clientOrderId="b")
    answers = await rest.delete("/eapi/v1/batchOrders", symbol=SYMBOL, orderIds=[first["orderId"], 5])
    assert set(answers[0]) == COMMON | {"createTime", "fee", "source", "selfTradePreventionMode"}
    assert (answers[0]["status"], answers[0]["fee"]) == ("CANCELED", "0")
    assert answers[1] == {"code": -2013, "msg": "Order does not exist."}
    (answer,) = await rest.delete("/eapi/v1/batchOrders", symbol=SYMBOL, clientOrderIds=["b"])
    assert answer["orderId"] == second["orderId"]
    assert await rest.refused("DELETE", "/eapi/v1/batchOrders", symbol=SYMBOL) == -1102


async def test_cancelling_all_of_a_symbol_and_of_an_underlying(rest, place):
    """The code is a text in the one answer, a number in the other."""
    call, put = await place(), await place(symbol=PUT)
    assert await rest.delete("/eapi/v1/allOpenOrders", symbol=SYMBOL) == {"code": "0", "msg": "success"}
    assert [one["orderId"] for one in await rest.get("/eapi/v1/openOrders")] == [put["orderId"]]
    answer = await rest.delete("/eapi/v1/allOpenOrdersByUnderlying", underlying="BTCUSDT")
    assert answer == {"code": 0, "msg": "success"}
    assert await rest.get("/eapi/v1/openOrders") == []
    assert (await rest.get("/eapi/v1/order", symbol=SYMBOL, orderId=call["orderId"]))["status"] == "CANCELED"
    assert await rest.delete("/eapi/v1/allOpenOrders", symbol=SYMBOL) == {"code": "0", "msg": "success"}


async def test_open_orders(rest, place):
    first, second = await place(), await place(symbol=PUT)
    (row,) = await rest.get("/eapi/v1/openOrders", symbol=SYMBOL)
    assert set(row) == COMMON | {"createTime", "selfTradePreventionMode"}
    assert row["orderId"] == first["orderId"]
    assert len(await rest.get("/eapi/v1/openOrders")) == 2
    (later,) = await rest.get("/eapi/v1/openOrders", orderId=second["orderId"])
    assert later["symbol"] == PUT
    assert await rest.get("/eapi/v1/openOrders", endTime=first["createTime"] - 1) == []


async def test_history(rest, place, bought):
    await place()
    filled = await bought()
    rows = await rest.get("/eapi/v1/historyOrders", symbol=SYMBOL)
    assert [row["orderId"] for row in rows] == [filled["orderId"]]
    assert set(rows[0]) == COMMON | {"createTime"}
    assert await rest.refused("GET", "/eapi/v1/historyOrders", symbol=SYMBOL, limit=1_001) == -6008


async def test_fills(rest, bought):
    order = await bought()
    (row,) = await rest.get("/eapi/v1/userTrades", symbol=SYMBOL)
    assert (row["orderId"], row["quantity"], row["liquidity"]) == (order["orderId"], "0.1", "TAKER")
    assert float(row["fee"]) == pytest.approx(-2.07, rel=1e-4)
    assert (row["realizedProfit"], row["type"]) == ("0.00000000", "LIMIT")
    assert await rest.get("/eapi/v1/userTrades", symbol=SYMBOL, fromId=row["id"] + 1) == []
    old = rest.venue.clock.now_ms() - 91 * 86_400_000
    assert await rest.refused("GET", "/eapi/v1/userTrades", symbol=SYMBOL, startTime=old) == -6073


async def test_positions_long_and_short(rest, bought, place):
    assert await rest.get("/eapi/v1/position") == []
    await bought()
    await place(side="SELL", quantity="0.04", price="9000")
    (row,) = await rest.get("/eapi/v1/position", symbol=SYMBOL)
    assert set(row) == {
        "entryPrice",
        "symbol",
        "side",
        "quantity",
        "markValue",
        "unrealizedPNL",
        "markPrice",
        "strikePrice",
        "expiryDate",
        "priceScale",
        "quantityScale",
        "optionSide",
        "quoteAsset",
        "time",
        "bidQuantity",
        "askQuantity",
    }
    assert (row["side"], row["quantity"], row["askQuantity"]) == ("LONG", "0.1", "0.0400")
    await bought(side="SELL", symbol=PUT)
    short = next(row for row in await rest.get("/eapi/v1/position") if row["symbol"] == PUT)
    assert (short["side"], short["quantity"]) == ("SHORT", "-0.1")
    assert await rest.get("/eapi/v1/position", symbol="BTC-261225-88000-C") == []


async def test_exercise_records(rest, bought):
    await bought()
    engine = rest.venue.services.engines["options"]
    engine.settlement.settle(engine.contract(SYMBOL))
    (row,) = await rest.get("/eapi/v1/exerciseRecord")
    assert (row["symbol"], row["positionSide"], row["amount"]) == (SYMBOL, "LONG", "0.00000000")
    assert isinstance(row["id"], str)
    assert await rest.get("/eapi/v1/exerciseRecord", symbol=SYMBOL) == [row]
    assert await rest.get("/eapi/v1/exerciseRecord", symbol=PUT) == []
    assert await rest.refused("GET", "/eapi/v1/position", symbol=SYMBOL) == -1121


async def test_two_accounts_trade(rest, place):
    bid = await place(price="6800", quantity="0.1")
    await place(rest.other, side="SELL", price="6800", quantity="0.1")
    found = await rest.get("/eapi/v1/order", symbol=SYMBOL, orderId=bid["orderId"])
    assert found["status"] == "FILLED"


async def test_signatures_are_asked_for(rest):
    async with rest.http.post(f"{rest.venue.rest_url}/eapi/v1/order", params=SOUND) as answer:
        assert answer.status == 401
