"""One look before a run."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from websockets.asyncio.server import serve
from wire_peers import Peer, RawServer, http, ok, peer, says, silent

from wireproof.errors import ConfigurationError
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.failures import BlockKind, TargetBlockedError
from wireproof.wire.limits import RateLimiter
from wireproof.wire.preflight import SECONDS, Reachability, preflight

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

TIME = 1_800_000_000_000


def status(request: dict[str, Any]) -> str:
    return json.dumps({"id": request["id"], "status": 200, "result": {"serverTime": TIME, "apiKey": None}})


async def look(**urls: str) -> tuple[Reachability, ServerClock]:
    return await look_for(5.0, **urls)


async def look_for(seconds: float, **urls: str) -> tuple[Reachability, ServerClock]:
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)
    found = await preflight(Endpoints(**urls), clock=clock, limiter=limiter, seconds=seconds)
    return found, clock


async def test_session_status_sets_the_clock() -> None:
    """Server time, round trip and offset come from the WebSocket API; no key is needed."""
    async with peer(says(status)) as made:
        found, clock = await look(ws_api=made.url)

    assert found.clock_source == "session.status"
    assert found.round_trip_ms is not None
    assert abs(clock.now_ms() - TIME) < 60_000
    assert {request["method"] for request in made.requests} == {"session.status"}
    assert "params" not in made.requests[0]


async def test_rest_tells_the_time_when_the_websocket_api_does_not() -> None:
    """A target that refuses session.status is reachable all the same."""
    refuses = says(lambda request: json.dumps({"id": request["id"], "status": 400, "error": {"code": -5000}}))
    body = json.dumps({"serverTime": TIME})
    async with peer(refuses) as made, RawServer(http("200 OK", body)) as server:
        found, clock = await look(ws_api=made.url, rest=f"http://127.0.0.1:{server.port}")

    assert found.clock_source == "GET /fapi/v1/time"
    assert abs(clock.now_ms() - TIME) < 60_000
    assert server.received.startswith(b"GET /fapi/v1/time ")


async def test_without_a_websocket_api_rest_is_asked() -> None:
    """Products without one are reached over REST."""
    async with RawServer(http("200 OK", json.dumps({"serverTime": TIME}))) as server:
        found, _ = await look(rest=f"http://127.0.0.1:{server.port}")

    assert (found.host, found.clock_source) == (f"127.0.0.1:{server.port}", "GET /fapi/v1/time")


async def test_a_host_that_does_not_serve_the_product_is_blocked_in_a_sentence() -> None:
    """Where REST is all there is; a host that knows another request than the time may well serve it."""
    async with RawServer(http("404 Not Found", '{"code":-5000,"msg":"Path /eapi/v1/time is invalid"}')) as server:
        with pytest.raises(TargetBlockedError, match="does not serve this product") as caught:
            await look(rest=f"http://127.0.0.1:{server.port}")
        assert caught.value.kind is BlockKind.NOT_THIS_SERVICE
        async with peer(says(ok)) as made:
            await look(ws_api=made.url, rest=f"http://127.0.0.1:{server.port}")

    async def only_ping(asked: web.BaseRequest) -> web.Response:
        return web.json_response({}, status=200 if asked.path.endswith("/ping") else 404)

    async with RawTestServer(only_ping) as known:
        found, _ = await look(rest=str(known.make_url("")))
    assert found.clock_source == ""


@pytest.mark.parametrize("answer", [ok, '{"status":200,"result":{"serverTime":"soon"}}', "<html>", "[]"])
async def test_a_target_that_tells_no_time_is_reachable(answer: Any) -> None:
    """The run goes on with this machine's clock, and the look says so."""
    async with peer(says(answer)) as made:
        found, clock = await look(ws_api=made.url)

    assert (found.clock_source, found.round_trip_ms, found.offset_ms, clock.is_set) == ("", None, 0.0, False)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (http("451 Legal", "no"), BlockKind.REGION),
        (http("403 Forbidden", "no"), BlockKind.FORBIDDEN),
        (http("418 Teapot", "no"), BlockKind.BANNED),
        (http("429 Slow", "no"), BlockKind.RATE_LIMITED),
        (http("503 Down", "<h1>Maintenance</h1>"), BlockKind.MAINTENANCE),
        (b"garbage\r\n\r\n", BlockKind.NOT_THIS_SERVICE),
        (b"", BlockKind.NETWORK),
    ],
    ids=["451", "403", "418", "429", "503", "garbage", "eof"],
)
async def test_a_target_that_refuses_is_blocked(reply: bytes, kind: BlockKind) -> None:
    """One error with host, reason and advice, over the WebSocket and over REST."""
    async with RawServer(reply) as server:
        for url in ({"ws_api": f"ws://127.0.0.1:{server.port}/x"}, {"rest": f"http://127.0.0.1:{server.port}"}):
            with pytest.raises(TargetBlockedError) as caught:
                await look(**url)
            accepted = {kind, BlockKind.TIMEOUT} if reply == b"" else {kind}
            assert caught.value.kind in accepted
            assert caught.value.host == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("drip", [0.0, 0.01], ids=["silent", "dripping"])
async def test_a_host_that_never_finishes_is_blocked_in_time(drip: float) -> None:
    """TCP is accepted, nothing (or too little) follows."""
    body = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 if drip else b""
    for scheme, surface in (("ws", "ws_api"), ("wss", "ws_api"), ("http", "rest")):
        async with RawServer(body, close=False, drip=drip) as server:
            with pytest.raises(TargetBlockedError):
                await look_for(0.2, **{surface: f"{scheme}://127.0.0.1:{server.port}"})


async def test_a_websocket_that_never_answers_is_blocked() -> None:
    """The sentence says how far it came."""
    async with peer(silent) as made:
        with pytest.raises(TargetBlockedError, match=r"accepted the WebSocket, but session\.status got no answer") as e:
            await look_for(0.25, ws_api=made.url)

    assert e.value.kind is BlockKind.TIMEOUT


async def test_a_websocket_that_drops_every_question_is_blocked() -> None:
    """Whether it says why or not."""

    async def close(_: Peer, connection: ServerConnection, __: dict[str, Any]) -> None:
        await connection.close(1013, "try later")

    async with peer(close) as made:
        with pytest.raises(TargetBlockedError):
            await look(ws_api=made.url)


async def test_a_limited_target_is_blocked() -> None:
    """A ban in the first answer."""
    banned = {"status": 418, "error": {"code": -1003, "msg": "IP banned until 1900000000000"}}
    async with peer(says(lambda request: json.dumps({"id": request["id"], **banned}))) as made:
        with pytest.raises(TargetBlockedError, match="status 418") as caught:
            await look(ws_api=made.url)

    assert (caught.value.kind, caught.value.until_ms) == (BlockKind.BANNED, 1_900_000_000_000)


OVERLOAD = {"code": -1008, "msg": "Request throttled by system-level protection."}


async def test_a_service_in_trouble_is_blocked_over_the_websocket() -> None:
    """With its own words, when there is no other way to ask."""
    trouble = {"status": 503, "error": OVERLOAD}
    async with peer(says(lambda request: json.dumps({"id": request["id"], **trouble}))) as made:
        with pytest.raises(TargetBlockedError, match=r"is in trouble: session\.status was answered with") as caught:
            await look(ws_api=made.url)

    assert caught.value.kind is BlockKind.MAINTENANCE
    assert 'error -1008 "Request throttled by system-level protection."' in caught.value.reason


async def test_a_service_in_trouble_is_blocked_over_rest() -> None:
    """It is asked a few times before."""
    async with RawServer(http("503 Busy", json.dumps(OVERLOAD))) as server:
        with pytest.raises(TargetBlockedError, match="is in trouble: GET /fapi/v1/time was answered with"):
            await look(rest=f"http://127.0.0.1:{server.port}")


@pytest.mark.usefixtures("silent_name_server")
async def test_a_silent_name_server_is_blocked_in_time() -> None:
    """Name service is part of the look."""
    with pytest.raises(TargetBlockedError):
        await look_for(0.1, ws_api="wss://slow.example/x")


def test_the_whole_look_fits_into_thirty_seconds() -> None:
    """With two seconds to close and three to spare."""
    assert SECONDS <= 25


async def test_without_any_url_there_is_nothing_to_reach() -> None:
    """The sentence names the variable."""
    with pytest.raises(ConfigurationError, match="WIREPROOF_USDM_REST_URL"):
        await look(product="usdm", target="testnet")


# -- what passes does not block a run ----------------------------------------------------------------------------------


async def test_a_handshake_that_is_refused_for_a_moment_is_tried_again() -> None:
    """A page of maintenance, then the service."""
    refused = iter([True])

    def refuse(connection: ServerConnection, _request: object) -> object:
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "maintenance") if next(refused, False) else None

    async def handle(connection: ServerConnection) -> None:
        async for frame in connection:
            await connection.send(status(json.loads(frame)))

    async with serve(handle, "127.0.0.1", 0, process_request=refuse) as server:
        found, _ = await look(ws_api=f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert found.clock_source == "session.status"


async def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    """One request that gets lost blocks nobody."""
    lost = iter([True])

    async def answer(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        if not next(lost, False):
            await connection.send(status(request))

    async with peer(answer) as made:
        found, _ = await look_for(1.0, ws_api=made.url)
    assert found.clock_source == "session.status"


# -- which time is believed --------------------------------------------------------------------------------------------


def now_ms() -> int:
    return int(time.time() * 1000)


NOW = now_ms()  # when the tests were collected


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(NOW // 1_000, id="seconds"),
        pytest.param(NOW * 1_000, id="microseconds"),
        pytest.param(NOW * 1_000_000, id="nanoseconds"),
        pytest.param(0, id="zero"),
        pytest.param(-NOW, id="negative"),
        pytest.param(str(NOW), id="a string"),
        pytest.param(NOW + 0.5, id="a fraction"),
        pytest.param(True, id="a boolean"),
        pytest.param(9_999_999_999_999, id="the far future"),
    ],
)
async def test_what_cannot_be_a_time_is_not_believed(told: object) -> None:
    """The other surface's is taken, whichever of them it is; without one this machine's clock stays."""

    def wrong(request: dict[str, Any]) -> str:
        return json.dumps({"id": request["id"], "status": 200, "result": {"serverTime": told}})

    right = http("200 OK", json.dumps({"serverTime": now_ms()}))
    async with peer(says(wrong)) as made, RawServer(right) as server:
        found, clock = await look(ws_api=made.url, rest=f"http://127.0.0.1:{server.port}")
        assert found.clock_source == "GET /fapi/v1/time"
        assert abs(clock.offset_ms) < 60_000
        found, clock = await look(ws_api=made.url)
        assert (found.clock_source, clock.offset_ms) == ("", 0.0)
    async with RawServer(http("200 OK", json.dumps({"serverTime": told}))) as server:
        found, clock = await look(rest=f"http://127.0.0.1:{server.port}")
        assert (found.clock_source, clock.offset_ms) == ("", 0.0)


@pytest.mark.parametrize("off", [7_200_000, -86_400_000])
async def test_of_two_times_the_one_nearer_to_this_machine_is_believed(off: int) -> None:
    """A surface that tells a time hours away is contradicted by the other one."""

    def wrong(request: dict[str, Any]) -> str:
        return json.dumps({"id": request["id"], "status": 200, "result": {"serverTime": now_ms() + off}})

    async with peer(says(wrong)) as made, RawServer(http("200 OK", json.dumps({"serverTime": now_ms()}))) as server:
        found, clock = await look(ws_api=made.url, rest=f"http://127.0.0.1:{server.port}")
    assert found.clock_source == "GET /fapi/v1/time"
    assert abs(clock.offset_ms) < 60_000


async def test_a_machine_whose_clock_is_days_off_follows_the_target() -> None:
    """Both surfaces agree; that this machine does not is its own trouble."""
    then = now_ms() - 3 * 86_400_000

    def answer(request: dict[str, Any]) -> str:
        return json.dumps({"id": request["id"], "status": 200, "result": {"serverTime": then}})

    async with peer(says(answer)) as made, RawServer(http("200 OK", json.dumps({"serverTime": then}))) as server:
        _, clock = await look(ws_api=made.url, rest=f"http://127.0.0.1:{server.port}")
    assert abs(clock.now_ms() - then) < 60_000
