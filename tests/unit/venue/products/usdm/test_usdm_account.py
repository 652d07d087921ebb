"""REST: balances, settings and test orders of USDⓈ-M."""

from __future__ import annotations


async def test_usdm_account(rest):
    """v2 has feeBurn and every symbol, v3 what is in use; configuration and symbols have routes of their own."""
    await rest.order(type="MARKET", quantity="0.01")
    second, third = await rest.get("/fapi/v2/account"), await rest.get("/fapi/v3/account")
    assert (second["feeBurn"], second["canTrade"]) == (True, True)
    assert "breakEvenPrice" not in second["positions"][0]
    assert [row["symbol"] for row in third["positions"]] == ["BTCUSDT"]
    assert "marginAvailable" not in third["assets"][0]
    assert await rest.get("/fapi/v2/balance") == await rest.get("/fapi/v3/balance")
    config = await rest.get("/fapi/v1/accountConfig")
    assert (config["dualSidePosition"], config["multiAssetsMargin"]) == (False, False)
    (row,) = await rest.get("/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert (row["marginType"], row["leverage"], row["isAutoAddMargin"]) == ("CROSSED", 20, False)
    assert len(await rest.get("/fapi/v1/symbolConfig")) == len(second["positions"])
    assert await rest.refused("GET", "/fapi/v1/symbolConfig", symbol="BTCUSD_PERP") == -1121


async def test_fee_burn(rest):
    """A setting."""
    assert await rest.get("/fapi/v1/feeBurn") == {"feeBurn": True}
    assert await rest.post("/fapi/v1/feeBurn", feeBurn="false") == {"code": 200, "msg": "success"}
    assert await rest.get("/fapi/v1/feeBurn") == {"feeBurn": False}
    assert await rest.refused("POST", "/fapi/v1/feeBurn", feeBurn="maybe") == -1102


async def test_trading_status(rest):
    """Indicators of the symbols with orders, or of the one asked for; the venue locks nobody."""
    assert (await rest.get("/fapi/v1/apiTradingStatus"))["indicators"] == {}
    await rest.order()
    indicators = (await rest.get("/fapi/v1/apiTradingStatus"))["indicators"]
    assert [row["indicator"] for row in indicators["BTCUSDT"]] == ["UFR", "IFER", "GCR", "DR"]
    assert not any(row["isLocked"] for row in indicators["BTCUSDT"])
    assert list((await rest.get("/fapi/v1/apiTradingStatus", symbol="ETHUSDT"))["indicators"]) == ["ETHUSDT"]


async def test_order_test(rest):
    """Nothing is placed; texts are empty and orderId is 0, but the filters run (measured on live)."""
    sound = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "80000"}
    answer = await rest.post("/fapi/v1/order/test", quantity="0.01", **sound)
    assert (answer["orderId"], answer["status"], answer["avgPrice"], answer["reduceOnly"]) == (0, "", "", False)
    assert await rest.get("/fapi/v1/openOrders") == []
    assert await rest.refused("POST", "/fapi/v1/order/test", quantity="0.0001", **sound) == -4164
