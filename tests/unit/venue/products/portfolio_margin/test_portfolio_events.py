"""User-data events of portfolio margin."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

MARKET = {"type": "MARKET", "timeInForce": None, "price": None}


@pytest.fixture
def told(papi):
    """Return the list that every event of portfolio margin goes to."""
    events = []
    papi.engine.published.subscribe(lambda event: events.append(event.document) if event.unit == "PM" else None)
    return events


def of(told, kind):
    """Return the events of one kind."""
    return [event for event in told if event["e"] == kind]


async def test_a_fill_of_usdm(papi, told):
    """The account before the order; without what only futures of their own send."""
    await papi.um_order(**MARKET)
    assert [event["e"] for event in told] == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
    assert {event["fs"] for event in told} == {"UM"}
    assert {event["i"] for event in told} == {""}
    order, account = told[2]["o"], told[1]["a"]
    assert (order["x"], order["X"], order["gtd"]) == ("TRADE", "FILLED", 0)
    assert not {"ot", "wt", "cp", "pP", "pm", "si", "st", "er"} & set(order)
    assert set(account["P"][0]) == {"s", "pa", "ep", "cr", "up", "ps", "bep"}


async def test_a_fill_of_coinm(papi, told):
    """With the account's alias."""
    await papi.cm_order(**MARKET)
    assert {event["fs"] for event in told} == {"CM"}
    assert {event["i"] for event in told} == {papi.venue.accounts[0].alias}
    assert "ma" not in told[-1]["o"]


async def test_settings_and_conditional_orders(papi, told):
    """USDⓈ-M's orders come as `ao`, COIN-M's as strategies, whose order says where it came from."""
    await papi.post("um/leverage", symbol="BTCUSDT", leverage=5)
    assert told.pop() == {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "fs": "UM",
        "E": papi.venue.clock.now_ms(),
        "T": papi.venue.clock.now_ms(),
        "ac": {"s": "BTCUSDT", "l": 5},
    }
    stop = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "algoType": "CONDITIONAL"}
    await papi.post("um/algo/order", type="STOP_MARKET", triggerPrice="80000", **stop)
    (algo,) = told
    assert (algo["e"], algo["fs"], algo["ao"]["X"]) == ("ALGO_UPDATE", "UM", "NEW")
    assert "o" not in algo
    del told[:]
    strategy = {"symbol": "BTCUSD_PERP", "side": "BUY", "quantity": "10", "strategyType": "TAKE_PROFIT_MARKET"}
    placed = await papi.post("cm/conditional/order", stopPrice="80000", **strategy)
    papi.engine.set_price("BTCUSD_PERP", Decimal(79_000))
    states = [event["so"] for event in of(told, "CONDITIONAL_ORDER_TRADE_UPDATE")]
    assert [one["os"] for one in states] == ["NEW", "TRIGGERED", "TRIGGERED", "FINISHED"]
    assert (states[0]["i"], states[0]["si"]) == (0, placed["strategyId"])
    order = of(told, "ORDER_TRADE_UPDATE")[0]["o"]
    assert (order["st"], order["si"], order["i"]) == ("C_TAKE_PROFIT", placed["strategyId"], states[-1]["i"])


async def test_a_strategy_that_begins_to_trail_says_nothing_twice(papi, told):
    """USDⓈ-M says `ia` then; a strategy has no field for it, so its event would be the first one again."""
    order = {"side": "SELL", "callbackRate": "5"}
    kind = "TRAILING_STOP_MARKET"
    await papi.post("um/algo/order", **order, symbol="BTCUSDT", quantity="0.01", algoType="CONDITIONAL", type=kind)
    await papi.post("cm/conditional/order", **order, symbol="BTCUSD_PERP", quantity="1", strategyType=kind)
    assert [event["ao"]["ia"] for event in of(told, "ALGO_UPDATE")] == [False, True]
    assert [event["so"]["os"] for event in of(told, "CONDITIONAL_ORDER_TRADE_UPDATE")] == ["NEW"]


async def test_funding_shows_no_positions(papi, told):
    """But the symbol that it was paid for."""
    await papi.um_order(**MARKET)
    del told[:]
    papi.engine.funding.pay_funding()
    (event,) = told
    assert (event["a"]["m"], event["a"]["S"], "P" in event["a"]) == ("FUNDING_FEE", "BTCUSDT", False)


async def test_a_margin_order_that_is_cancelled(papi, told):
    """`c` is the cancellation's id, `C` the order's own; then what is free again."""
    await papi.margin_order(newClientOrderId="mine")
    placed, locked = told
    assert (placed["x"], placed["c"], placed["w"], "C" in placed) == ("NEW", "mine", True, False)
    assert locked["B"][1] == {"a": "USDT", "f": "19200.00000000", "l": "800.00000000"}
    del told[:]
    await papi.delete("margin/order", symbol="BTCUSDT", origClientOrderId="mine", newClientOrderId="that")
    ended, free = told
    assert (ended["x"], ended["X"], ended["c"], ended["C"]) == ("CANCELED", "CANCELED", "that", "mine")
    assert free["B"][1]["l"] == "0.00000000"


async def test_a_margin_order_that_fills(papi, told):
    """One report for each fill; the fee in what was received."""
    await papi.post("margin/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.2")
    reports = of(told, "executionReport")
    assert (reports[0]["x"], reports[0]["N"], reports[0]["t"]) == ("NEW", None, -1)
    assert [one["x"] for one in reports[1:]] == ["TRADE"]
    assert (reports[1]["N"], reports[1]["n"], reports[1]["z"]) == ("BTC", "0.00020000", "0.20000000")
    assert told[-1]["e"] == "outboundAccountPosition"
    assert [one["I"] for one in reports] == sorted(one["I"] for one in reports)


async def test_a_match_that_is_prevented(papi, told):
    """Says with which order it would have been."""
    resting = await papi.margin_order(side="SELL", price="86250")
    incoming = await papi.margin_order(price="86250", selfTradePreventionMode="EXPIRE_BOTH")
    one, other = (event for event in of(told, "executionReport") if event["x"] == "TRADE_PREVENTION")
    assert (one["i"], one["U"], other["i"], other["U"]) == (
        *(resting["orderId"], incoming["orderId"]),
        *(incoming["orderId"], resting["orderId"]),
    )
    assert (one["X"], one["eR"], one["pL"], one["v"] == other["v"]) == (
        *("EXPIRED_IN_MATCH", "INSUFFICIENT_LIQUIDITY"),
        *("86250.00000000", True),
    )


async def test_losses_of_open_orders(papi, told):
    """When they begin, and when they end."""
    stop = {"type": "STOP_LOSS_LIMIT", "stopPrice": "95000", "price": "95000"}
    await papi.margin_order(**stop, newClientOrderId="mine")
    (event,) = of(told, "openOrderLoss")
    assert event["O"][0]["a"] == "USDT"
    assert -88 < float(event["O"][0]["o"]) < -87
    await papi.delete("margin/order", symbol="BTCUSDT", origClientOrderId="mine")
    assert of(told, "openOrderLoss")[1]["O"] == [{"a": "USDT", "o": "0"}]


async def test_events_reach_the_stream_of_the_listen_key(papi):
    """Below a root of its own; the end of the key does not name it."""
    key = (await papi.post("listenKey"))["listenKey"]
    classic = (await papi.rest.post("/fapi/v1/listenKey"))["listenKey"]
    http, url = papi.rest.http, papi.venue.stream_url
    async with http.ws_connect(f"{url}/pm/ws/{key}") as own, http.ws_connect(f"{url}/private/ws/{classic}") as other:
        await papi.um_order()
        event = json.loads((await own.receive()).data)
        assert (event["e"], event["fs"]) == ("ORDER_TRADE_UPDATE", "UM")
        await papi.delete("listenKey")
        assert json.loads((await own.receive()).data) == {
            "e": "listenKeyExpired",
            "E": papi.venue.clock.now_ms(),
        }
        await papi.rest.delete("/fapi/v1/listenKey")
        assert json.loads((await other.receive()).data)["listenKey"] == classic  # and nothing before it


async def test_scripted_accounts(papi, told):
    """What only the market can cause, for whoever tests from another process."""
    http, name = papi.rest.http, papi.venue.accounts[0].name
    url = f"{papi.venue.rest_url}/venue/products/portfolio-margin"

    async def script(**document):
        async with http.post(url, json={"account": name} | document) as answer:
            return answer.status

    assert await script(level="REDUCE_ONLY", liability={"BTC": "0.1"}, loss={"USDT": "3.5"}) == 200
    assert [event["e"] for event in told] == ["liabilityChange", "openOrderLoss", "riskLevelChange"]
    assert (told[2]["s"], told[1]["O"]) == ("REDUCE_ONLY", [{"a": "USDT", "o": "-3.5"}])
    assert (await papi.get("account"))["accountStatus"] == "REDUCE_ONLY"
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert await papi.refused("POST", "um/order", **order) == -4087
    assert await script(level="") == 200
    await papi.post("um/order", **order)
    await papi.margin_order()
    assert await script(level="FORCE_LIQUIDATION") == 200
    assert len(await papi.get("margin/openOrders")) == 1, "it is only said"
    assert await script(level="", liquidate=True) == 200
    assert await papi.get("margin/openOrders") == await papi.get("um/positionRisk") == []
    assert await script(enabled=False) == 200
    assert await papi.refused("GET", "account") == -2015
    for wrong in ({"account": "nobody"}, {"level": "BAD"}, {"loss": {"USDT": "much"}}, {"loss": {"XYZ": "1"}}):
        assert await script(**wrong) == 400
