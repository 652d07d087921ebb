"""REST: balances, settings and test orders of USDⓈ-M."""

from __future__ import annotations


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
