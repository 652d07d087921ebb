"""Conditional orders of COIN-M within portfolio margin."""

from __future__ import annotations

from decimal import Decimal

import pytest

STOP = {"strategyType": "STOP_MARKET", "stopPrice": "80000"}
TRAILING = {"strategyType": "TRAILING_STOP_MARKET", "activationPrice": "90000", "callbackRate": "1"}
DAY_MS = 24 * 3_600_000


async def place(papi, **kind):
    """Place a strategy that sells, a stop unless another one is described."""
    sound = {"symbol": "BTCUSD_PERP", "side": "SELL", "quantity": "10"}
    return await papi.post("cm/conditional/order", **sound | (kind or STOP))


async def test_a_strategy_from_its_placement_to_its_trigger(papi):
    """Its order shows once there is one."""
    strategy = await place(papi)
    assert (strategy["strategyStatus"], strategy["stopPrice"], strategy["pair"]) == ("NEW", "80000", "BTCUSD")
    assert not {"activatePrice", "priceRate", "orderId"} & set(strategy)
    key = {"symbol": "BTCUSD_PERP", "strategyId": strategy["strategyId"]}
    named = {"symbol": "BTCUSD_PERP", "newClientStrategyId": strategy["newClientStrategyId"]}
    assert await papi.get("cm/conditional/openOrder", **key) == await papi.get("cm/conditional/openOrder", **named)
    assert await papi.get("cm/conditional/openOrders") == [await papi.get("cm/conditional/openOrder", **key)]
    assert await papi.refused("GET", "cm/conditional/orderHistory", **key) == -2013
    papi.engine.set_price("BTCUSD_PERP", Decimal(79_000))
    past = await papi.get("cm/conditional/orderHistory", **key)
    assert (past["strategyStatus"], past["status"], past["type"]) == ("FINISHED", "FILLED", "MARKET")
    assert past["triggerTime"] == papi.venue.clock.now_ms()
    assert await papi.refused("GET", "cm/conditional/openOrder", **key) == -2013
    assert await papi.refused("DELETE", "cm/conditional/order", **key) == -2011
    (listed,) = await papi.get("cm/conditional/allOrders")
    assert listed["orderId"] == past["orderId"]


async def test_what_trails_shows_where_it_does(papi):
    """Null in the answer to a cancellation of what does not, and cancelled with two L in lists."""
    trailing = await place(papi, **TRAILING)
    assert (trailing["activatePrice"], trailing["priceRate"]) == ("90000", "1.0")
    strategy = await place(papi)
    ended = await papi.delete("cm/conditional/order", symbol="BTCUSD_PERP", strategyId=strategy["strategyId"])
    assert (ended["activatePrice"], ended["priceRate"], ended["strategyStatus"]) == (None, None, "CANCELED")
    rows = await papi.get("cm/conditional/allOrders", symbol="BTCUSD_PERP")
    assert [row["strategyStatus"] for row in rows] == ["NEW", "CANCELLED"]
    assert await papi.delete("cm/conditional/allOpenOrders", symbol="BTCUSD_PERP") == {
        "code": "200",
        "msg": "The operation of cancel all conditional open order is done.",
    }
    assert await papi.get("cm/conditional/openOrders", symbol="BTCUSD_PERP") == []


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"strategyType": "STOP_MARKET"},
            "Mandatory parameter 'stopPrice' was not sent, was empty/null, or malformed.",
        ),
        (TRAILING | {"callbackRate": "99"}, "Data sent for parameter 'callbackRate' is not valid."),
        (STOP | {"strategyType": "LIMIT"}, "Invalid orderType."),
        (STOP | {"stopPrice": "99000"}, "Order would immediately trigger."),
    ],
)
async def test_refusals_name_what_was_sent(papi, params, text):
    """Not what it is called elsewhere."""
    sound = {"symbol": "BTCUSD_PERP", "side": "SELL", "quantity": "10"}
    _, answer = await papi.rest.ask("POST", "/papi/v1/cm/conditional/order", **sound | params)
    assert answer["msg"] == text


async def test_what_never_traded_is_forgotten_after_a_week(papi):
    """What triggered is not."""
    strategy = await place(papi)
    key = {"symbol": "BTCUSD_PERP", "strategyId": strategy["strategyId"]}
    await papi.delete("cm/conditional/order", **key)
    papi.venue.clock.advance(7 * DAY_MS)
    await papi.get("cm/conditional/orderHistory", **key)
    papi.venue.clock.advance(1)
    assert await papi.refused("GET", "cm/conditional/orderHistory", **key) == -2013
    assert await papi.get("cm/conditional/allOrders", strategyId=strategy["strategyId"]) == []
    assert await papi.refused("GET", "cm/conditional/openOrder", symbol="BTCUSD_PERP") == -1102
