"""REST: protection, countdowns and block trades over HTTP."""

from __future__ import annotations

import pytest

SYMBOL = "BTC-261225-90000-C"
SETTINGS = {
    "underlying": "BTCUSDT",
    "windowTimeInMilliseconds": 3000,
    "frozenTimeInMilliseconds": 300_000,
    "qtyLimit": "2",
    "deltaLimit": "2.3",
}
LEG = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "quantity": "1.2", "price": "7000"}
KEY = "blockOrderMatchingKey"


async def test_protection_is_set_read_and_reset(rest):
    assert await rest.refused("GET", "/eapi/v1/mmp", underlying="BTCUSDT") == -6006
    found = await rest.post("/eapi/v1/mmpSet", **SETTINGS)
    assert found == SETTINGS | {"underlyingId": 2, "lastTriggerTime": 0}
    assert await rest.get("/eapi/v1/mmp", underlying="BTCUSDT") == found
    assert await rest.post("/eapi/v1/mmpReset", underlying="BTCUSDT") == found
    assert await rest.refused("POST", "/eapi/v1/mmpSet", **(SETTINGS | {"windowTimeInMilliseconds": 9_000})) == -6001
    assert await rest.refused("POST", "/eapi/v1/mmpSet", underlying="BTCUSDT") == -1102


async def test_protection_strikes_over_http(rest):
    await rest.post("/eapi/v1/mmpSet", **(SETTINGS | {"qtyLimit": "0.1"}))
    order = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "quantity": "0.1", "isMmp": "true"}
    await rest.post("/eapi/v1/order", **order, price="12000")
    assert await rest.refused("POST", "/eapi/v1/order", **order, price="2000") == -6058
    found = await rest.get("/eapi/v1/mmp", underlying="BTCUSDT")
    assert found["lastTriggerTime"] == rest.venue.clock.now_ms()


async def test_countdowns(rest):
    assert await rest.get("/eapi/v1/countdownCancelAll") == {}
    started = await rest.post("/eapi/v1/countdownCancelAll", underlying="BTCUSDT", countdownTime=30_000)
    assert started == {"underlying": "BTCUSDT", "countdownTime": 30_000}
    await rest.post("/eapi/v1/countdownCancelAll", underlying="ETHUSDT", countdownTime=10_000)
    assert await rest.get("/eapi/v1/countdownCancelAll", underlying="BTCUSDT") == started
    beaten = await rest.post("/eapi/v1/countdownCancelAllHeartBeat", underlyings="BTCUSDT,ETHUSDT,BNBUSDT")
    assert beaten == {"underlyings": ["BTCUSDT", "ETHUSDT"]}
    await rest.post("/eapi/v1/countdownCancelAll", underlying="BTCUSDT", countdownTime=0)
    assert await rest.get("/eapi/v1/countdownCancelAll", underlying="BTCUSDT") == {}
    bad = {"underlying": "BTCUSDT", "countdownTime": 4_999}
    assert await rest.refused("POST", "/eapi/v1/countdownCancelAll", **bad) == -6009
    assert await rest.refused("GET", "/eapi/v1/countdownCancelAll", underlying="X") == -1128


async def test_a_block_trade_from_offer_to_trade(rest):
    offered = await rest.post("/eapi/v1/block/order/create", liquidity="TAKER", legs=[LEG])
    key = offered["blockTradeSettlementKey"]
    now = rest.venue.clock.now_ms()
    legs = [{"symbol": SYMBOL, "side": "BUY", "quantity": "1.2", "price": "7000"}]
    assert offered == {
        "blockTradeSettlementKey": key,
        "expireTime": now + 1_800_000,
        "liquidity": "TAKER",
        "status": "RECEIVED",
        "legs": legs,
    }
    rest.venue.clock.advance(60_000)
    extended = await rest.put("/eapi/v1/block/order/create", **{KEY: key})
    assert extended == offered | {"createTime": now, "expireTime": now + 1_860_000}
    details = await rest.get("/eapi/v1/block/order/execute", rest.other, **{KEY: key})
    assert details == extended | {"liquidity": "MAKER", "legs": [legs[0] | {"side": "SELL"}]}
    accepted = await rest.post("/eapi/v1/block/order/execute", rest.other, **{KEY: key})
    assert accepted == details | {"status": "ACCEPTED"}
    assert await rest.get("/eapi/v1/block/order/orders") == [extended | {"status": "ACCEPTED"}]
    (mine,) = await rest.get("/eapi/v1/block/user-trades")
    (leg,) = mine["legs"]
    assert (mine["crossType"], mine["blockTradeSettlementKey"]) == ("USER_BLOCK", key)
    assert (leg["orderSide"], leg["tradePrice"], leg["tradeQty"], leg["liquidity"]) == ("BUY", 7_000, 1.2, "TAKER")
    assert (leg["orderType"], leg["orderStatus"], type(leg["orderId"])) == ("PREV_QUOTED", "FILLED", str)
    (theirs,) = await rest.get("/eapi/v1/block/user-trades", rest.other)
    assert theirs["parentOrderId"] == mine["parentOrderId"]
    (row,) = await rest.get("/eapi/v1/blockTrades", symbol=SYMBOL, limit=1)
    assert (row["price"], row["qty"], row["side"]) == ("7000.000", "1.20", 1)


async def test_offers_are_listed_and_withdrawn(rest):
    offered = await rest.post("/eapi/v1/block/order/create", liquidity="MAKER", legs=[LEG])
    key, path = offered["blockTradeSettlementKey"], "/eapi/v1/block/order/orders"
    assert len(await rest.get(path, **{KEY: key})) == 1
    assert len(await rest.get(path, underlying="BTCUSDT")) == 1
    assert await rest.get(path, underlying="ETHUSDT") == []
    assert await rest.get(path, rest.other) == []
    assert await rest.refused("GET", path, **{KEY: "other"}) == -6048
    assert await rest.delete("/eapi/v1/block/order/create", **{KEY: key}) == {}
    assert await rest.refused("POST", "/eapi/v1/block/order/execute", rest.other, **{KEY: key}) == -6028
    assert await rest.get(path) == []
    assert await rest.refused("GET", "/eapi/v1/block/order/execute", rest.other, **{KEY: key}) == -6048


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ("no list", -1130),
        ([], -6014),
        ([1], -1130),
        ([LEG, LEG], -6013),
        ([LEG, LEG | {"symbol": "BTC-261225-90000-P"}], -6012),
        ([LEG | {"symbol": "BTC-261225-90001-C"}], -1121),
        ([LEG | {"side": "LONG"}], -1117),
        ([LEG | {"quantity": "0.001"}], -4004),
        ([{name: value for name, value in LEG.items() if name != "price"}], -1102),
    ],
)
async def test_bad_legs_are_refused(rest, legs, code):
    assert await rest.refused("POST", "/eapi/v1/block/order/create", liquidity="TAKER", legs=legs) == code


async def test_liquidity_is_maker_or_taker(rest):
    assert await rest.refused("POST", "/eapi/v1/block/order/create", liquidity="BOTH", legs=[LEG]) == -6048


@pytest.mark.parametrize("path", ["block/order/orders", "block/user-trades"])
async def test_a_span_that_cannot_be_read_is_refused_also_where_there_are_no_block_trades(rest, path):
    """Whether there is anything to filter decides nothing."""
    assert await rest.refused("GET", f"/eapi/v1/{path}", startTime="soon") == -1130
