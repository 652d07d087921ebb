"""Faults, over real sockets: each kind makes the venue misbehave as it says, and no further."""

from __future__ import annotations

import json

import aiohttp
import pytest

from wireproof.venue.base.faults import Faults
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue

PRICE = {"id": 1, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}}


@pytest.fixture
async def venue(keys):
    """Serve a venue whose clock stands still."""
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys) as served:
        yield served


@pytest.fixture
async def socket(venue, http):
    """Return a connection to the WebSocket API."""
    async with http.ws_connect(venue.ws_api_url) as connected:
        yield connected


def _place(venue, identity=1):
    key = venue.accounts[0].key
    params = {"apiKey": key.api_key, "price": "60000", "quantity": "0.01", "side": "BUY", "symbol": "BTCUSDT"}
    params |= {"timeInForce": "GTC", "timestamp": venue.clock.now_ms(), "type": "LIMIT"}
    signature = key.sign("&".join(f"{name}={params[name]}" for name in sorted(params)))
    return {"id": identity, "method": "order.place", "params": params | {"signature": signature}}


async def _answer(socket):
    return json.loads((await socket.receive(timeout=5)).data)


_GONE = {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSING}


@pytest.mark.parametrize(("kind", "placed"), [("drop-before", 0), ("drop-after", 1)])
async def test_connection_drops_before_or_after_execution(venue, socket, kind, placed):
    """The client cannot tell them apart; the account can."""
    venue.faults.add(kind, method="order.place")
    await socket.send_json(PRICE)
    assert (await _answer(socket))["status"] == 200
    await socket.send_json(_place(venue))
    assert (await socket.receive(timeout=5)).type in _GONE
    assert len(venue.accounts[0].open_orders) == placed


async def test_nth_and_times(venue, socket):
    """Only the second and third request are hit."""
    venue.faults.add("answer", method="ticker.price", nth=2, times=2, status=503, code=-1008, msg="busy")
    seen = []
    for _ in range(4):
        await socket.send_json(PRICE)
        seen.append((await _answer(socket))["status"])
    assert seen == [200, 503, 503, 200]
    assert venue.faults.view() == []


@pytest.mark.parametrize("status", [418, 429])
async def test_answer_with_a_time_to_retry(venue, socket, status):
    """The error carries code, text and retryAfter."""
    venue.faults.add("answer", status=status, code=-1003, msg="Too many requests", retry_after_ms=1500)
    await socket.send_json(PRICE)
    answer = await _answer(socket)
    assert (answer["status"], answer["error"]["code"]) == (status, -1003)
    assert answer["error"]["data"]["retryAfter"] == venue.clock.now_ms() + 1500


async def test_silent_twice_foreign_and_not_json(venue, socket):
    """Each answer is spoilt in its own way; the next request is answered as ever."""
    for kind in ("silent", "twice", "foreign-id", "not-json"):
        venue.faults.add(kind)
    for identity in range(1, 6):
        await socket.send_json(PRICE | {"id": identity})
    assert (await _answer(socket))["id"] == 2
    assert (await _answer(socket))["id"] == 2
    assert (await _answer(socket))["id"] == "an-id-that-nobody-sent"
    assert (await socket.receive(timeout=5)).data.startswith("<html>")
    assert (await _answer(socket))["id"] == 5


async def test_reorder_turns_answers_round(venue, socket):
    """Three answers are held and come in reverse order."""
    venue.faults.add("reorder", times=3)
    for identity in range(1, 5):
        await socket.send_json(PRICE | {"id": identity})
    assert [(await _answer(socket))["id"] for _ in range(4)] == [3, 2, 1, 4]


async def test_delayed_answer_is_overtaken(venue, socket):
    """A delay holds one answer up, not those after it."""
    venue.faults.add("delay", delay_ms=300)
    for identity in (1, 2):
        await socket.send_json(PRICE | {"id": identity})
    assert [(await _answer(socket))["id"] for _ in range(2)] == [2, 1]


async def test_drift_alters_the_answer(venue, socket):
    """Fields go, come and change their type."""
    venue.faults.add("drift", remove=["result[0].time"], set={"result.1.price": 5, "result.0.new": None})
    await socket.send_json({"id": 1, "method": "ticker.price"})
    first, second = (await _answer(socket))["result"][:2]
    assert set(first) == {"symbol", "price", "new"}
    assert second["price"] == 5
    assert venue.faults.reports() == []


async def test_a_path_of_rest_begins_at_the_answer(venue, http):
    """Where the WebSocket API has `result`, an answer over REST has nothing."""
    venue.faults.add("drift", method="GET /fapi/v2/ticker/price", set={"[].price": 1.5})
    async with http.get(f"{venue.rest_url}/fapi/v2/ticker/price") as answer:
        assert {row["price"] for row in await answer.json()} == {1.5}


async def test_an_error_over_rest_drifts_too(venue, http):
    venue.faults.add("drift", method="GET /fapi/v1/depth", remove=["code"])
    async with http.get(f"{venue.rest_url}/fapi/v1/depth?symbol=NOPE") as answer:
        assert (answer.status, await answer.json()) == (400, {"msg": "Invalid symbol."})


async def test_a_drift_that_matches_nothing_is_reported(venue, http, capsys):
    """In the log when it strikes, and in /venue/state from then on, also once it is over."""
    venue.faults.add("drift", method="GET /fapi/v1/time", remove=["result.serverTime", "serverTime"])
    async with http.get(f"{venue.rest_url}/fapi/v1/time") as answer:
        assert await answer.json() == {}
    sentence = (
        "drift of GET /fapi/v1/time changed nothing at result.serverTime: no answer that it struck has such a path"
    )
    assert capsys.readouterr().err == f"The venue's fault: {sentence}.\n"
    async with http.get(f"{venue.rest_url}/venue/state") as answer:
        state = await answer.json()
    assert (state["faults"], state["fault_reports"]) == ([], [sentence])


def test_a_path_that_one_answer_has_is_not_reported():
    faults = Faults()
    fault = faults.add("drift", times=None, remove=["a", "b"])
    for answer in ({"a": 1}, {"b": 1}):
        assert fault.due()
        assert fault.drift(answer) == {}
    assert faults.reports() == []


def test_a_fault_that_never_struck_is_reported():
    faults = Faults()
    faults.add("delay", method="depth", nth=3, delay_ms=1).due()
    faults.add("refuse", path="/fapi/")
    assert faults.reports() == [
        "delay of depth never struck: only 1 came, it waits for number 3",
        "refuse of /fapi/ never struck: nothing that it is about came",
    ]


def test_faults_are_added_all_or_none():
    faults = Faults()
    with pytest.raises(ValueError, match="explode"):
        faults.add_documents([{"kind": "silent"}, {"kind": "explode"}])
    assert faults.view() == []


async def test_a_fault_of_every_request_passes_over_those_it_cannot_strike(venue, http, socket):
    """REST has no second answer; the fault waits for the WebSocket API."""
    venue.faults.add("twice")
    async with http.get(f"{venue.rest_url}/fapi/v1/time") as answer:
        assert answer.status == 200
    await socket.send_json(PRICE)
    assert [(await _answer(socket))["id"] for _ in range(2)] == [1, 1]


async def test_drift_that_is_over_leaves_nothing_altered():
    """Also of an answer that is one object for all requests."""
    answer = {"code": 200, "held": [{"msg": "success"}]}
    fault = Faults().add("drift", set={"held.0.msg": 1})
    assert fault.drift(answer) == {"code": 200, "held": [{"msg": 1}]}
    assert answer == {"code": 200, "held": [{"msg": "success"}]}


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        (451, "application/json", "restricted location"),
        (403, "text/html", "403 ERROR"),
        (418, "application/json", "-1003"),
        (429, "application/json", "-1003"),
        (503, "text/html", "maintenance"),
    ],
)
async def test_handshakes_are_refused(venue, http, status, kind, text):
    """The body and the headers are those of whoever refuses: exchange, network, maintenance."""
    venue.faults.add("refuse", status=status, retry_after_ms=7000)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(venue.ws_api_url)
    assert refused.value.status == status
    assert (refused.value.headers.get("Retry-After") == "7") == (status in {418, 429})
    async with http.ws_connect(venue.ws_api_url):
        pass
    venue.faults.add("refuse", status=status, path="/fapi", times=None)
    for _ in range(2):
        async with http.get(f"{venue.rest_url}/fapi/v1/ping") as answer:
            assert (answer.status, answer.content_type) == (status, kind)
            assert text in await answer.text()


async def test_faults_over_http(venue, http):
    """Another process adds, lists and removes them; nonsense is explained."""
    url = f"{venue.rest_url}/venue/faults"
    async with http.post(url, json=[{"kind": "silent", "method": "depth", "times": None}, {"kind": "twice"}]) as answer:
        assert [one["kind"] for one in (await answer.json())["faults"]] == ["silent", "twice"]
    async with http.get(url) as answer:
        assert len((await answer.json())["faults"]) == 2
    async with http.delete(url) as answer:
        assert await answer.json() == {"faults": []}
    for nonsense in ([1], {"method": "depth"}, {"kind": None}):
        async with http.post(url, json=nonsense) as answer:
            assert "A fault is an object with a kind" in (await answer.json())["error"]
    async with http.post(url, json={"kind": "explode"}) as answer:
        assert answer.status == 400
        assert "There is no fault of kind 'explode'. Known: drop-before" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kind": "silent", "methode": "x"}, "no field 'methode'. Did you mean 'method'"),
        ({"kind": "silent", "nth": "2"}, "cannot be '2'"),
        ({"kind": "silent", "nth": 0}, "start at 1"),
        ({"kind": "refuse", "status": 200}, "403, 418, 429, 451, 503"),
        ({"kind": "reorder"}, "at least 2"),
        ({"kind": "mute", "times": 3}, "no field 'times'. Known: method"),
        ({"kind": "revoke-key", "account": "dave"}, "Known: hmac, rsa, ed25519"),
        ({"kind": "silent", "status": 500}, "'silent' has no field 'status'"),
        ({"kind": "disconnect", "connections": "mine"}, "private, market, ws-api, all"),
        ({"kind": "drift"}, "set or remove"),
        ({"kind": "drift", "remove": [1]}, "paths such as"),
        ({"kind": "drift", "remove": [""]}, "A path such as"),
        ({"kind": "silent", "method": "order.plce"}, r"no request, stream or event 'order.plce'. .*mean 'order.place'"),
        ({"kind": "silent", "method": "/fapi/v1/order"}, "Did you mean '[A-Z]+ /fapi/v1/order'"),
        ({"kind": "silent", "method": "POST /fapi/v1/ordr"}, "Did you mean 'POST /fapi/v1/order'"),
        ({"kind": "silent", "method": "btcusdt@aggtrade"}, "Did you mean 'btcusdt@aggTrade'"),
        ({"kind": "silent", "method": "BTCUSDT@aggTrade"}, "Did you mean 'btcusdt@aggTrade'"),
        ({"kind": "silent", "method": "order_trade_update"}, "Did you mean 'ORDER_TRADE_UPDATE'"),
        ({"kind": "mute", "method": "btcusdt@agg"}, "no request, stream or event"),
        ({"kind": "twice", "method": "POST /fapi/v1/order"}, r"cannot strike POST /fapi/v1/order \(REST\)"),
        ({"kind": "answer", "method": "btcusdt@aggTrade"}, r"cannot strike btcusdt@aggTrade \(market streams\)"),
        ({"kind": "delay", "method": "ACCOUNT_UPDATE"}, r"cannot strike ACCOUNT_UPDATE \(user data\)"),
    ],
)
def test_nonsensical_faults(exchange, settings, sentence):
    """A fault that makes no sense is refused with a sentence."""
    with pytest.raises(ValueError, match=sentence):
        exchange.venue.faults.add(**settings)


async def test_a_muted_venue_answers_requests_as_ever(venue, http):
    """Streams are muted, and nothing else."""
    venue.faults.add("mute", method="*")
    async with http.get(f"{venue.rest_url}/fapi/v1/time") as answer:
        assert answer.status == 200


async def test_rest_faults(venue, http):
    """A REST request is named by verb and path."""
    url = f"{venue.rest_url}/fapi/v1/time"
    venue.faults.add("answer", method="GET /fapi/v1/time", status=503, code=-1008, msg="busy")
    venue.faults.add("not-json", method="GET /fapi/v1/time")
    async with http.get(url) as answer:
        assert (answer.status, await answer.json()) == (503, {"code": -1008, "msg": "busy"})
    async with http.get(url) as answer:
        assert "<html>" in await answer.text()
    venue.faults.add("drop-before", method="GET /fapi/v1/time", times=None)  # the client tries a second time
    with pytest.raises(aiohttp.ClientError):
        await http.get(url)
