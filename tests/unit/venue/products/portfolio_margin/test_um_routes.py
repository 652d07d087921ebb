"""USDⓈ-M within portfolio margin."""

from __future__ import annotations

from decimal import Decimal

import pytest

MARKET = {"type": "MARKET", "timeInForce": None, "price": None, "newOrderRespType": "RESULT"}


async def test_an_order_from_its_placement_to_its_end(papi):
    """Prices are whole in acknowledgements, and short where orders are looked up."""
    order = await papi.um_order()
    assert (order["status"], order["price"], order["cumQty"]) == ("NEW", "80000.00", "0.0000")
    assert not {"avgPrice", "cumQuote", "stopPrice", "workingType", "origType"} & set(order)
    key = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    changed = await papi.put("um/order", side="BUY", quantity="0.02", price="80001", modifyId=3, **key)
    assert (changed["origQty"], changed["modifyId"], changed["origType"]) == ("0.0200", 3, "LIMIT")
    (amendment,) = await papi.get("um/orderAmendment", **key)
    assert (amendment["priceMatch"], amendment["amendment"]["count"]) == ("NONE", 1)
    for path in ("um/order", "um/openOrder"):
        seen = await papi.get(path, **key)
        assert (seen["price"], seen["avgPrice"], seen["cumQuote"]) == ("80001", "0.00000", "0.000000")
        assert not {"cumQty", "pair", "stopPrice"} & set(seen)
    assert [one["orderId"] for one in await papi.get("um/openOrders")] == [order["orderId"]]
    assert (await papi.delete("um/order", **key))["status"] == "CANCELED"
    assert await papi.refused("DELETE", "um/order", **key) == -2011
    assert await papi.refused("GET", "um/openOrder", **key) == -2013
    assert [one["status"] for one in await papi.get("um/allOrders", symbol="BTCUSDT")] == ["CANCELED"]


async def test_a_portfolio_trades_apart_from_the_account_of_its_key(papi):
    """Neither sees the other's orders and positions."""
    await papi.um_order()
    await papi.um_order(**MARKET)
    assert await papi.rest.get("/fapi/v1/openOrders") == []
    assert await papi.rest.get("/fapi/v3/positionRisk") == []
    assert [row["positionAmt"] for row in await papi.get("um/positionRisk")] == ["0.0100"]
    await papi.rest.order()
    assert len(await papi.get("um/openOrders")) == 1
    assert await papi.delete("um/allOpenOrders", symbol="BTCUSDT") == {
        "code": 200,
        "msg": "The operation of cancel all open order is done.",
    }
    assert await papi.get("um/openOrders") == []
    assert len(await papi.rest.get("/fapi/v1/openOrders")) == 1


async def test_all_of_the_portfolio_backs_an_order(papi):
    """The wallet of USDⓈ-M has 2,000 USDT; a position of many times that is fine, one of millions is not."""
    order = await papi.um_order(quantity="20", **MARKET)
    assert order["status"] == "FILLED"
    assert await papi.refused("POST", "um/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="60") == -2019
    (row,) = await papi.get("um/positionRisk")
    assert Decimal(0) < Decimal(row["liquidationPrice"]) < Decimal(row["markPrice"])


async def test_the_smallest_notional(papi):
    """Its text lacks a space that it has elsewhere."""
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.0001"}
    _, answer = await papi.rest.ask("POST", "/papi/v1/um/order", **order)
    assert answer == {
        "code": -4164,
        "msg": "Order's notional must be no smaller than 100(unless you choose reduce only).",
    }


async def test_executions(papi):
    """Without what COIN-M adds."""
    await papi.um_order(**MARKET)
    (trade,) = await papi.get("um/userTrades", symbol="BTCUSDT")
    assert (trade["buyer"], trade["qty"], trade["commissionAsset"]) == (True, "0.0100", "USDT")
    assert not {"pair", "marginAsset", "baseQty"} & set(trade)
    (row,) = await papi.get("um/income", incomeType="COMMISSION")
    assert (row["tranId"], Decimal(row["income"])) == (str(row["tranId"]), -Decimal(trade["commission"]))
    assert await papi.refused("GET", "um/income", incomeType="AUTO_EXCHANGE") == -1130


async def test_accounts_of_both_versions(papi):
    """The first one lists everything, the second what is not zero."""
    await papi.um_order(**MARKET)
    everything = await papi.get("um/account")
    assert len(everything["positions"]) > 10
    assert {row["asset"] for row in everything["assets"]} == {"USDT", "USDC", "BTC", "BNB"}
    active = await papi.rest.get("/papi/v2/um/account")
    assert [row["symbol"] for row in active["positions"]] == ["BTCUSDT"]
    assert [row["asset"] for row in active["assets"]] == ["USDT"]
    assert "entryPrice" not in active["positions"][0]


async def test_settings(papi):
    """Numbers and texts as documented here."""
    changed = await papi.post("um/leverage", symbol="BTCUSDT", leverage=7)
    assert changed == {"symbol": "BTCUSDT", "leverage": 7, "maxNotionalValue": "230000000"}
    (row,) = await papi.get("um/symbolConfig", symbol="BTCUSDT")
    assert (row["leverage"], row["isAutoAddMargin"], row["marginType"]) == (7, "false", "CROSSED")
    (brackets,) = await papi.get("um/leverageBracket", symbol="BTCUSDT")
    assert (brackets["notionalCoef"], brackets["brackets"][1]["cum"]) == ("1.0", 300)
    assert await papi.post("um/positionSide/dual", dualSidePosition="true") == {"code": 200, "msg": "success"}
    assert (await papi.get("um/accountConfig"))["dualSidePosition"] is True
    assert await papi.post("um/feeBurn", feeBurn="false") == {"code": 200, "msg": "success"}
    assert await papi.get("um/feeBurn") == {"feeBurn": False}
    assert await papi.post("um/stock/contract") == {"code": 200, "msg": "success"}
    assert await papi.get("rateLimit/order") == [
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}
    ]


async def test_conditional_orders(papi):
    """Under paths of their own; a cancellation only says that it is done."""
    sound = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01"}
    stop = sound | {"type": "STOP_MARKET", "triggerPrice": "80000"}
    placed = await papi.post("um/algo/order", **stop)
    assert (placed["orderType"], placed["algoStatus"], placed["activatePrice"]) == ("STOP_MARKET", "NEW", "")
    assert "icebergQuantity" not in placed
    (listed,) = await papi.get("um/algo/openAlgoOrders")
    assert "actualOrderId" not in listed
    assert await papi.delete("um/algo/order", algoId=placed["algoId"]) == {"complete": True}
    assert (await papi.get("um/algo/algoOrder", algoId=placed["algoId"]))["algoStatus"] == "CANCELED"
    (past,) = await papi.get("um/algo/allAlgoOrders", symbol="BTCUSDT")
    assert past["actualOrderId"] == ""
    assert await papi.refused("DELETE", "um/algo/order", algoId=placed["algoId"]) == -2011
    await papi.post("um/algo/order", **stop)
    assert (await papi.delete("um/algo/allOpenOrders", symbol="BTCUSDT"))["code"] == 200
    assert await papi.get("um/algo/openAlgoOrders") == []
    for kind in ("LIMIT", "MARKET"):
        status, answer = await papi.rest.ask("POST", "/papi/v1/um/algo/order", type=kind, **sound)
        assert (status, answer["msg"]) == (400, "Data sent for parameter 'orderType' is not valid.")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "um/conditional/order"),
        ("DELETE", "um/conditional/order"),
        ("DELETE", "um/conditional/allOpenOrders"),
        ("GET", "um/conditional/openOrder"),
        ("GET", "um/conditional/openOrders"),
        ("GET", "um/conditional/orderHistory"),
        ("GET", "um/conditional/allOrders"),
        ("GET", "um/exchangeInfo"),
        ("GET", "margin/account"),
    ],
)
async def test_what_is_not_there(papi, verb, path):
    """Neither what was retired nor what was never there."""
    status, _ = await papi.rest.ask(verb, f"/papi/v1/{path}", symbol="BTCUSDT")
    assert status == 404
