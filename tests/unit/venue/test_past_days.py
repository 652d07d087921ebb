"""The venue on other days than today: what it takes in, what it sends, and what it does not have yet."""

from __future__ import annotations

import asyncio
import json

import pytest
from tests.unit.venue.conftest import Rest

from wireproof.venue.base.eras import read_day
from wireproof.venue.incidents.museum import incident

STOP = {"symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": "0.01", "stopPrice": "150000"}
ORDERS, OPEN = "/fapi/v1/order", "/fapi/v1/openOrders"


@pytest.fixture
def on(rest):
    """Return what begins the venue anew on a day, or in an incident, and returns what asks it."""

    async def begin(day="", name=""):
        await rest.venue.reset(read_day(day) if day else None, incident(name) if name else None)
        return Rest(rest.venue, rest.http)

    return begin


def heard(rest):
    """Return the list to which every event of user data is added from now on."""
    events = []
    rest.venue.engine.published.subscribe(lambda event: events.append(event.document))
    return events


async def test_a_conditional_order_is_an_order_until_the_algo_service(on):
    """Placed, listed, found by either id, cancelled; with the types and parameter names of then."""
    rest = await on("2025-12-08")
    events = heard(rest)
    placed = await rest.post(ORDERS, **STOP, newClientOrderId="mine")
    shown = (placed["type"], placed["origType"], placed["stopPrice"], placed["status"], placed["avgPrice"])
    assert shown == ("STOP_MARKET", "STOP_MARKET", "150000.00", "NEW", "0.00000")
    [listed] = await rest.get(OPEN, symbol="BTCUSDT")
    assert listed["orderId"] == placed["orderId"]
    assert (await rest.get(ORDERS, symbol="BTCUSDT", origClientOrderId="mine"))["time"] == listed["time"]
    ended = await rest.delete(ORDERS, symbol="BTCUSDT", orderId=placed["orderId"])
    assert ended["status"] == "CANCELED"
    assert await rest.get(OPEN) == []
    assert [(one["e"], one["o"]["x"], one["o"]["o"]) for one in events] == [
        ("ORDER_TRADE_UPDATE", "NEW", "STOP_MARKET"),
        ("ORDER_TRADE_UPDATE", "CANCELED", "STOP_MARKET"),
    ]


async def test_it_triggers_with_its_own_id(on):
    rest = await on("2025-12-08")
    placed = await rest.post(ORDERS, **STOP)
    rest.venue.engine.set_price("BTCUSDT", rest.venue.engine.markets["BTCUSDT"].symbol.start_price * 2)
    rest.venue.tick()
    filled = await rest.get(ORDERS, symbol="BTCUSDT", orderId=placed["orderId"])
    assert (filled["status"], filled["type"], filled["origType"]) == ("FILLED", "MARKET", "STOP_MARKET")
    assert filled["stopPrice"] == "150000.00"


async def test_refusals_name_the_parameters_of_then(on):
    rest = await on("2025-12-08")
    status, document = await rest.ask("POST", ORDERS, **{**STOP, "stopPrice": ""})
    assert (status, document["code"]) == (400, -1102)
    assert "'stopPrice'" in document["msg"]
    assert await rest.refused("POST", "/fapi/v1/algoOrder", algoType="CONDITIONAL", **STOP) == -5000


async def test_from_the_day_on_the_order_requests_refuse_it(on):
    rest = await on("2025-12-09")
    assert await rest.refused("POST", ORDERS, **STOP) == -4120
    asked = {"algoType": "CONDITIONAL", "triggerPrice": "150000"} | STOP
    await rest.post("/fapi/v1/algoOrder", **asked)
    coin = {"symbol": "BTCUSD_PERP", "side": "BUY", "type": "STOP_MARKET", "quantity": "1", "stopPrice": "150000"}
    assert (await rest.post("/dapi/v1/order", **coin))["type"] == "STOP_MARKET"
    rest = await on("2026-06-30")
    assert await rest.refused("POST", "/dapi/v1/order", **coin) == -4120


@pytest.mark.parametrize(("day", "came"), [("2026-08-20", [False]), ("2026-08-21", [False, True])])
async def test_a_trailing_order_that_is_active_at_once(on, day, came):
    """It reports that since August 2026."""
    rest = await on(day)
    events = heard(rest)
    asked = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "TRAILING_STOP_MARKET"}
    await rest.post("/fapi/v1/algoOrder", **asked, quantity="0.01", callbackRate="5")
    assert [one["o"]["ia"] for one in events] == came
    assert await rest.refused("POST", "/fapi/v1/algoOrder", **asked, quantity="0.01", callbackRate="15") == -1130


async def test_acknowledgements_lose_their_totals(on):
    rest = await on("2026-06-29")
    bought = await rest.order(type="MARKET")
    assert float(bought["avgPrice"]) > 0
    assert float(bought["cumQuote"]) > 0
    assert "cumBase" in await rest.coin_order()
    rest = await on("2026-06-30")
    assert {"avgPrice", "cumQuote"} & (await rest.order(type="MARKET")).keys() == set()


async def test_both_products_count_together_since_they_are_integrated(on):
    rest = await on("2026-06-29")
    for _ in range(2):
        async with rest.http.get(f"{rest.venue.rest_url}/fapi/v1/time") as answer:
            used = answer.headers["X-MBX-USED-WEIGHT-1M"]
    async with rest.http.get(f"{rest.venue.rest_url}/dapi/v1/time") as answer:
        assert (used, answer.headers["X-MBX-USED-WEIGHT-1M"]) == ("2", "1")


async def test_modifications_of_then(on):
    """COIN-M's need neither price nor quantity, and nobody knows a modifyId or minds reduceOnly."""
    rest = await on("2026-06-29")
    order = await rest.coin_order()
    asked = {"symbol": "BTCUSD_PERP", "side": "BUY", "orderId": order["orderId"]}
    changed = await rest.put("/dapi/v1/order", **asked, quantity="2", modifyId=7)
    assert (changed["origQty"], changed["price"]) == ("2", order["price"])
    assert "modifyId" not in changed
    own = await rest.order()
    more = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.02", "price": "70000", "reduceOnly": "true"}
    assert (await rest.put(ORDERS, orderId=own["orderId"], **more))["origQty"] == "0.0200"
    assert await rest.refused("PUT", ORDERS, symbol="BTCUSDT", side="BUY", orderId=1, quantity="0.02") == -1102


async def test_what_came_later_is_not_there(on):
    rest = await on("2025-11-01")
    assert await rest.refused("GET", "/fapi/v1/rpiDepth", symbol="BTCUSDT") == -5000
    assert await rest.refused("GET", "/fapi/v1/allOrders") == -1102
    assert await rest.get("/dapi/v1/openOrders", symbol="NOSUCH") == []
    async with rest.http.get(f"{rest.venue.rest_url}/fapi/v1/trades?symbol=BTCUSDT&limit=1") as answer:
        assert "isRPITrade" not in (await answer.json())[0]


@pytest.mark.parametrize(("day", "comes"), [("2026-04-22", True), ("2026-04-23", False), ("2026-05-01", False)])
async def test_the_roots_without_a_name_acknowledge_and_go_silent(on, day, comes):
    """User data as well; the named roots, and books, are as ever."""
    rest = await on(day)
    venue = rest.venue
    key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with rest.http.ws_connect(f"{venue.stream_url}/ws") as socket:
        names = ["btcusdt@markPrice@1s", "btcusdt@bookTicker", key]
        await socket.send_json({"method": "SUBSCRIBE", "params": names, "id": 1})
        assert await socket.receive_json(timeout=5) == {"result": None, "id": 1}
        venue.clock.advance(2_000)
        venue.engine.set_price("BTCUSDT", venue.engine.markets["BTCUSDT"].symbol.start_price + 1)
        venue.beat()
        await rest.order()
        await asyncio.sleep(0.05)
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        came = []
        while "id" not in (event := json.loads((await socket.receive(timeout=5)).data)):
            came.append(event["e"])
    assert "bookTicker" in came
    assert ("markPriceUpdate" in came) == comes
    assert ("ORDER_TRADE_UPDATE" in came) == comes


async def test_an_incident_brings_its_state_and_a_reset_begins_where_it_was_started(on):
    rest = await on(name="algo-migration")
    state = rest.venue.control.state()
    assert (state["as_of"], state["incident"]) == ("2025-12-09", "algo-migration")
    assert await rest.get(OPEN) == []
    assert [one["clientAlgoId"] for one in await rest.get("/fapi/v1/openAlgoOrders")] == ["stop-from-before"]
    rest = await on(name="trading-halt")
    assert await rest.refused("POST", ORDERS, **{**STOP, "symbol": "ETHUSDT", "type": "MARKET"}) == -4141
    rest = await on(name="undocumented-weight")
    assert [fault["kind"] for fault in rest.venue.faults.view()] == ["limit"]
    rest = await on()
    await rest.order(symbol="ETHUSDT", price="3000", quantity="1")  # what an incident halted trades again
    state = rest.venue.control.state()
    assert (state["as_of"], state["incident"], state["faults"]) == (None, None, [])


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"incident": "algo"}, "There is no incident 'algo'."),
        ({"as_of": "2020-01-01"}, "is not known"),
        ({"day": "2026-05-01"}, "Send nothing"),
        ({"as_of": 5}, "Send nothing"),
        ({"as_of": "2026-05-01", "incident": "algo-migration"}, "Send nothing"),
        ([], "Send nothing"),
    ],
)
async def test_a_reset_that_makes_no_sense_is_refused_in_a_sentence(rest, document, sentence):
    url = f"{rest.venue.rest_url}/venue/reset"
    async with rest.http.post(url, json=document) as answer:
        assert answer.status == 400
        assert sentence in (await answer.json())["error"]


async def test_options_orders_after_a_countdown(on):
    """-2010 until October 2026."""
    for day, taken in (("2026-10-22", False), ("2026-10-23", True)):
        rest = await on(day)
        contracts = rest.venue.services.engines["options"].contracts
        symbol = next(name for name in contracts if name.startswith("BTC-"))
        await rest.post("/eapi/v1/countdownCancelAll", underlying="BTCUSDT", countdownTime="5000")
        rest.venue.clock.advance(6_000)
        rest.venue.services.engines["options"].tick()
        asked = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": "5"}
        status, document = await rest.ask("POST", "/eapi/v1/order", **asked)
        assert (document.get("code") != -2010) is taken, (status, document)
