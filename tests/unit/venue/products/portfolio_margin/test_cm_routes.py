"""COIN-M within portfolio margin."""

from __future__ import annotations

from decimal import Decimal

MARKET = {"type": "MARKET", "timeInForce": None, "price": None, "newOrderRespType": "RESULT"}
DAY_MS = 24 * 3_600_000


async def test_an_order_from_its_placement_to_its_end(papi):
    """With its pair; one open order comes in a list."""
    order = await papi.cm_order()
    assert (order["pair"], order["price"], order["cumQty"]) == ("BTCUSD", "82000.0", "0")
    assert not {"avgPrice", "cumBase", "priceMatch", "goodTillDate"} & set(order)
    key = {"symbol": "BTCUSD_PERP", "orderId": order["orderId"]}
    changed = await papi.put("cm/order", side="BUY", quantity="20", price="82000", **key)
    assert changed["origQty"] == "20"
    assert "modifyId" not in changed
    (amendment,) = await papi.get("cm/orderAmendment", **key)
    assert "priceMatch" not in amendment
    (seen,) = await papi.get("cm/openOrder", **key)
    assert (seen["price"], seen["cumBase"]) == ("82000", "0.00000000")
    assert await papi.get("cm/order", **key) == seen
    assert await papi.get("cm/openOrders", pair="BTCUSD") == [seen]
    assert await papi.get("cm/allOrders", pair="BTCUSD") == [seen]
    assert await papi.get("cm/openOrders", pair="ETHUSD") == []
    assert await papi.refused("GET", "cm/openOrders", pair="NOPE") == -4144
    assert (await papi.delete("cm/order", **key))["status"] == "CANCELED"
    assert await papi.refused("GET", "cm/openOrder", **key) == -2013
    assert (await papi.delete("cm/allOpenOrders", symbol="BTCUSD_PERP"))["code"] == 200


async def test_executions_of_at_most_a_day(papi):
    """By symbol or by pair."""
    await papi.cm_order(**MARKET)
    (trade,) = await papi.get("cm/userTrades", pair="BTCUSD")
    assert (trade["marginAsset"], trade["buyer"]) == ("BTC", True)
    assert "quoteQty" not in trade
    now = papi.venue.clock.now_ms()
    window = {"startTime": now - DAY_MS - 1, "endTime": now}
    assert await papi.refused("GET", "cm/userTrades", symbol="BTCUSD_PERP", **window) == -1127
    assert await papi.get("cm/forceOrders") == []
    (row,) = await papi.get("cm/income", incomeType="COMMISSION")
    assert isinstance(row["tranId"], str)


async def test_account_and_positions(papi):
    """Every contract, in coin."""
    await papi.cm_order(**MARKET)
    account = await papi.get("cm/account")
    (position,) = [row for row in account["positions"] if row["symbol"] == "BTCUSD_PERP"]
    assert (position["positionAmt"], position["leverage"]) == ("10", "20")
    assert "breakEvenPrice" not in position
    assert {row["asset"] for row in account["assets"]} >= {"BTC", "ETH"}
    (held,) = [row for row in await papi.get("cm/positionRisk", pair="BTCUSD") if row["positionAmt"] != "0"]
    assert Decimal(held["notionalValue"]) > 0
    assert await papi.refused("GET", "cm/positionRisk", pair="BTCUSD", marginAsset="BTC") == -1128
    (quantiles,) = await papi.get("cm/adlQuantile")
    assert quantiles["symbol"] == "BTCUSD_PERP"


async def test_settings(papi):
    """Caps are counted in coin, and their floor is spelled as it should be."""
    changed = await papi.post("cm/leverage", symbol="BTCUSD_PERP", leverage=7)
    assert (changed["leverage"], set(changed)) == (7, {"leverage", "maxQty", "symbol"})
    (brackets,) = await papi.get("cm/leverageBracket", symbol="BTCUSD_PERP")
    assert {"qtyCap", "qtyFloor"} < set(brackets["brackets"][0])
    assert len(await papi.get("cm/leverageBracket")) > 10
    assert (await papi.get("cm/commissionRate", symbol="BTCUSD_PERP"))["symbol"] == "BTCUSD_PERP"


async def test_position_mode_is_that_of_usdm(papi):
    """It can be set to the same, and to nothing else."""
    assert await papi.refused("POST", "cm/positionSide/dual", dualSidePosition="true") == -4220
    await papi.post("um/positionSide/dual", dualSidePosition="true")
    assert await papi.get("cm/positionSide/dual") == {"dualSidePosition": True}
    assert await papi.post("cm/positionSide/dual", dualSidePosition="true") == {"code": 200, "msg": "success"}
