"""Requests over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import aiohttp
import pytest
from aiohttp import web
from wire_peers import FakeTime, RawServer, http

from wireproof.errors import ConfigurationError
from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import (
    BlockKind,
    ConnectionLostError,
    NoAnswerError,
    PassingTroubleError,
    TargetBlockedError,
)
from wireproof.wire.limits import Cost, Limits, RateLimiter
from wireproof.wire.rest import MOST_AT_ONCE, RestClient
from wireproof.wire.secrets.credentials import Credentials, HmacSigner
from wireproof.wire.secrets.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

KEY = "k" * 64
SECRET = "s" * 64
HMAC = Credentials(KEY, HmacSigner(SECRET))


@contextlib.asynccontextmanager
async def venue(handler: Handler) -> AsyncIterator[str]:
    """Serve one handler for every path on a free port of loopback."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def client(url: str, **options: Any) -> RestClient:
    clock = options.pop("clock", None) or ServerClock()
    limiter = options.pop("limiter", None) or RateLimiter(clock.now_ms, guard_ms=0)
    return RestClient(url, limiter=limiter, clock=clock, **options)


def serve(*answers: tuple[int, str, dict[str, str]]) -> tuple[list[web.BaseRequest], Handler]:
    """Answer in this order, the last one again and again; remember the requests."""
    seen: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request)
        status, body, headers = answers[min(len(seen), len(answers)) - 1]
        return web.Response(status=status, text=body, headers=headers)

    return seen, handler


async def test_a_reply_has_the_bytes_headers_and_times() -> None:
    """Header names in lower case; the status is not judged here."""
    seen, handler = serve((400, '{"code":-1121,"msg":"Invalid symbol."}', {"X-MBX-USED-WEIGHT-1M": "21"}))
    async with venue(handler) as url, client(url) as rest:
        reply = await rest.request("GET", "/fapi/v1/depth", {"symbol": "币USDT", "limit": 5})

    assert (reply.status, json.loads(reply.raw)["code"], reply.sends) == (400, -1121, 1)
    assert reply.headers["x-mbx-used-weight-1m"] == "21"
    assert 0 < reply.sent_at <= reply.received_at
    assert seen[0].rel_url.query["symbol"] == "币USDT"
    assert reply.request == f"GET {url}/fapi/v1/depth?symbol=%E5%B8%81USDT&limit=5"


async def test_a_signed_request_carries_key_time_and_signature_as_signed() -> None:
    """The query arrives byte for byte as it was signed, signature last, for POST as well."""
    seen, handler = serve((200, "{}", {}))
    clock = ServerClock(lambda: 1000.0)
    async with venue(handler) as url, client(url, clock=clock, recv_window=3000) as rest:
        await rest.request("POST", "/fapi/v1/order", {"symbol": "币 U", "x": "a/b"}, credentials=HMAC, signed=True)

    query, _, signature = str(seen[0].rel_url.raw_query_string).rpartition("&signature=")
    assert unquote(query) == "symbol=币 U&x=a/b&timestamp=1000&recvWindow=3000"
    assert signature == HMAC.signer.sign(query)
    assert seen[0].headers["X-MBX-APIKEY"] == KEY
    assert seen[0].method == "POST"


async def test_a_key_is_sent_only_with_credentials() -> None:
    """USER_STREAM and MARKET_DATA requests carry the key and no signature; others nothing."""
    seen, handler = serve((200, "{}", {}))
    async with venue(handler) as url, client(url) as rest:
        await rest.request("GET", "/fapi/v1/time")
        await rest.request("POST", "/fapi/v1/listenKey", credentials=HMAC)
        with pytest.raises(ValueError, match="needs credentials"):
            await rest.request("GET", "/x", signed=True)

    assert "X-MBX-APIKEY" not in seen[0].headers
    assert seen[1].headers["X-MBX-APIKEY"] == KEY
    assert seen[1].rel_url.query_string == ""


async def test_weight_and_order_headers_reach_the_limiter() -> None:
    """The server's count wins."""
    _, handler = serve((200, "{}", {"X-MBX-USED-WEIGHT-1M": "321", "X-MBX-ORDER-COUNT-10S": "-1"}))
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)
    async with venue(handler) as url, client(url, clock=clock, limiter=limiter) as rest:
        await rest.request("GET", "/x", cost=Cost(weight=1))

    assert limiter.peak_per_minute == 321


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (403, "<html><h1>Forbidden</h1></html>", BlockKind.FORBIDDEN, "HTTP 403: Forbidden"),
        (403, '{"code":-2015}', BlockKind.FORBIDDEN, "HTTP 403"),
        (451, '{"code":0,"msg":"restricted"}', BlockKind.REGION, "HTTP 451"),
        (401, "<h1>Who?</h1>", BlockKind.FORBIDDEN, "HTTP 401: Who?"),
        (302, "", BlockKind.REDIRECTED, "HTTP 302 to elsewhere.example."),
        (418, '{"code":-1003,"msg":"banned until 1700000000000"}', BlockKind.BANNED, "HTTP 418"),
    ],
    ids=["403", "403-json", "451", "401-page", "302", "418"],
)
async def test_what_answers_instead_of_the_service_is_blocked(
    status: int, body: str, kind: BlockKind, words: str
) -> None:
    """One sentence with host, request, status and first words; a redirect is not followed."""
    seen, handler = serve((status, body, {"Location": "https://elsewhere.example/x"}))
    async with venue(handler) as url, client(url) as rest:
        with pytest.raises(TargetBlockedError, match="answered GET /fapi/v1/time with") as caught:
            await rest.request("GET", "/fapi/v1/time")

    assert caught.value.kind is kind
    assert words in caught.value.reason
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(502, "<html>Bad Gateway</html>", "HTTP 502: Bad Gateway"), (503, "", "HTTP 503."), (408, "", "HTTP 408.")],
    ids=["502-page", "503-empty", "408-empty"],
)
async def test_trouble_that_is_told_by_a_page_is_that_of_one_request(status: int, body: str, words: str) -> None:
    """A page is no answer of the service; the next request may have one."""
    seen, handler = serve((status, body, {}), (200, "{}", {}))
    async with venue(handler) as url, client(url) as rest:
        with pytest.raises(PassingTroubleError, match="answered GET /fapi/v1/time with") as caught:
            await rest.request("GET", "/fapi/v1/time")
        assert len(seen) == 1
        assert (await rest.request("GET", "/fapi/v1/time")).status == 200

    assert caught.value.kind is BlockKind.MAINTENANCE
    assert words in caught.value.reason


@pytest.mark.parametrize("status", [401, 500, 503])
async def test_an_error_of_the_service_itself_is_an_answer(status: int) -> None:
    """-2015 and -1008 come as JSON: those are contract."""
    _, handler = serve((status, '{"code":-1008,"msg":"throttled"}', {}))
    async with venue(handler) as url, client(url) as rest:
        assert (await rest.request("GET", "/x")).status == status


async def test_a_429_is_sent_once_more_after_retry_after() -> None:
    """Signed anew, with the time of that moment."""
    seen, handler = serve((429, '{"code":-1003}', {"Retry-After": "7"}), (200, "{}", {}))
    time = FakeTime()
    clock = ServerClock(time)
    limiter = RateLimiter(clock.now_ms, guard_ms=0, sleep=time.sleep)
    async with venue(handler) as url, client(url, clock=clock, limiter=limiter) as rest:
        reply = await rest.request("GET", "/x", credentials=HMAC, signed=True)

    assert (reply.status, reply.sends, time.slept) == (200, 2, [7])
    stamps = [int(request.rel_url.query["timestamp"]) for request in seen]
    assert stamps == [1_700_000_000_000, 1_700_000_007_000]


async def test_a_second_429_is_blocked() -> None:
    """Until the next minute when nothing says how long."""
    seen, handler = serve((429, '{"code":-1003}', {}))
    time = FakeTime()
    clock = ServerClock(time)
    limiter = RateLimiter(clock.now_ms, guard_ms=0, sleep=time.sleep)
    async with venue(handler) as url, client(url, clock=clock, limiter=limiter) as rest:
        with pytest.raises(TargetBlockedError, match="HTTP 429") as caught:
            await rest.request("GET", "/x")

    assert len(seen) == 2
    assert caught.value.kind is BlockKind.RATE_LIMITED
    assert caught.value.until_ms == 1_700_000_100_000


async def test_a_ban_stops_all_sending() -> None:
    """The limiter is shared: nobody sends any more."""
    _, handler = serve((418, "{}", {"Retry-After": "3600"}))
    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms, guard_ms=0)
    async with venue(handler) as url, client(url, clock=clock, limiter=limiter) as rest:
        for _ in range(2):
            with pytest.raises(TargetBlockedError) as caught:
                await rest.request("GET", "/x")
            assert caught.value.kind is BlockKind.BANNED


async def test_silence_is_an_error_of_its_own() -> None:
    """Connected, asked, never answered."""
    async with (
        RawServer(b"", close=False) as server,
        client(f"http://127.0.0.1:{server.port}", answer_timeout=0.05) as r,
    ):
        with pytest.raises(NoAnswerError, match=r"^GET /x was not answered within 0\.05 s\.$"):
            await r.request("GET", "/x")


async def test_a_dropped_get_is_sent_once_more() -> None:
    """A read can be repeated; the second drop is an error."""
    drops = [1]

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if drops:
            drops.clear()
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="{}")

    async with venue(handler) as url, client(url) as rest:
        assert (await rest.request("GET", "/x")).sends == 2
    async with RawServer(b"") as server, client(f"http://127.0.0.1:{server.port}") as rest:
        with pytest.raises(ConnectionLostError, match=r"before GET /x was answered.*sent 2 times"):
            await rest.request("GET", "/x")


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
async def test_a_dropped_change_is_never_repeated(verb: str) -> None:
    """Its fate is unknown; nor does the library below repeat it."""
    arrived: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        arrived.append(request.method)
        assert request.transport is not None
        request.transport.abort()
        return web.Response(text="{}")

    async with venue(handler) as url, client(url) as rest:
        with pytest.raises(ConnectionLostError, match=rf"before {verb} /fapi/v1/order was answered.* is unknown\.$"):
            await rest.request(verb, "/fapi/v1/order", {"a": "b"}, credentials=HMAC, signed=True)

    assert arrived == [verb]


async def test_a_body_that_is_cut_is_a_drop() -> None:
    """Content-Length promises more than comes."""
    cut = http("200 OK", "{", Content_Length="100")
    async with RawServer(cut) as server, client(f"http://127.0.0.1:{server.port}") as rest:
        with pytest.raises(ConnectionLostError):
            await rest.request("POST", "/x")


@pytest.mark.parametrize("reply", [b"SSH-2.0-x\r\n\r\n", b"\x16\x03\x01\r\n\r\n"], ids=["ssh", "bytes"])
async def test_a_host_that_speaks_no_http_is_blocked(reply: bytes) -> None:
    """The error shows neither URL nor signature."""
    async with RawServer(reply) as server, client(f"http://127.0.0.1:{server.port}") as rest:
        with pytest.raises(TargetBlockedError, match="does not speak HTTP") as caught:
            await rest.request("GET", "/x", credentials=HMAC, signed=True)

    assert caught.value.kind is BlockKind.NOT_THIS_SERVICE
    assert "signature" not in str(caught.value)


async def test_tls_where_none_is_spoken_is_blocked() -> None:
    """Https to an HTTP port."""
    async with RawServer(http("400 Bad Request")) as server, client(f"https://127.0.0.1:{server.port}") as rest:
        with pytest.raises(TargetBlockedError, match="failed the TLS handshake") as caught:
            await rest.request("GET", "/x")

    assert caught.value.kind is BlockKind.TLS


async def test_a_refused_connection_is_blocked() -> None:
    """Nothing listens there any more."""
    async with RawServer(b"") as server:
        port = server.port
    async with client(f"http://127.0.0.1:{port}") as rest:
        with pytest.raises(TargetBlockedError, match=f"127.0.0.1:{port} refused the connection"):
            await rest.request("GET", "/x")


@pytest.mark.usefixtures("silent_name_server")
async def test_a_silent_name_server_is_bounded() -> None:
    """Within the connection's deadline."""
    async with client("https://slow.example", connect_timeout=0.05) as rest:
        with pytest.raises(TargetBlockedError, match=r"slow\.example did not answer within 0\.05 s"):
            await rest.request("GET", "/x")


@pytest.mark.parametrize(
    ("reply", "words"),
    [(http("407 Auth"), "wants a user name and password"), (http("502 Bad"), "refused to connect .HTTP 502.")],
    ids=["407", "502"],
)
async def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch, reply: bytes, words: str) -> None:
    """The environment's proxy is used and named; its password is not."""
    async with RawServer(reply) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:pa55word@127.0.0.1:{proxy.port}")
        async with client("https://exchange.example") as rest:
            with pytest.raises(TargetBlockedError, match=f"The proxy 127.0.0.1:{proxy.port} {words}") as caught:
                await rest.request("GET", "/x")

    assert caught.value.kind is BlockKind.PROXY
    assert "pa55word" not in str(caught.value)
    assert b"CONNECT exchange.example:443" in proxy.received


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing about the exchange."""
    async with RawServer(b"") as server:
        port = server.port
    monkeypatch.setenv("https_proxy", f"http://me:pa55word@127.0.0.1:{port}")
    async with client("https://exchange.example") as rest:
        with pytest.raises(TargetBlockedError, match=f"The proxy 127.0.0.1:{port} .* refused the connection") as caught:
            await rest.request("GET", "/x")

    assert "pa55word" not in str(caught.value)


async def test_an_http_proxy_that_wants_a_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """For plain HTTP the proxy's own answer comes as the answer."""
    async with RawServer(http("407 Auth", "<h1>Password?</h1>")) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        async with client("http://exchange.example") as rest:
            with pytest.raises(TargetBlockedError) as caught:
                await rest.request("GET", "/x")

    assert caught.value.kind is BlockKind.PROXY


async def test_pages_that_echo_a_secret_are_redacted() -> None:
    """First words of a body are shown without registered values."""
    redactor = Redactor()
    redactor.watch(HMAC)
    _, handler = serve((502, f"bad gateway for {KEY}", {}))
    async with venue(handler) as url, client(url, redactor=redactor) as rest:
        with pytest.raises(TargetBlockedError, match="bad gateway for <redacted api key>"):
            await rest.request("GET", "/x")


async def test_a_firewall_s_challenge_is_no_answer_of_the_service() -> None:
    """HTTP 202 with an empty body accuses nobody's contract."""
    _, handler = serve((202, "", {"x-amzn-waf-action": "challenge"}))
    async with venue(handler) as url, client(url) as rest:
        with pytest.raises(TargetBlockedError, match=r"a web application firewall answered instead \(challenge\)"):
            await rest.request("GET", "/x")


def test_without_a_url_there_is_no_client() -> None:
    """The sentence names what to set."""
    with pytest.raises(ConfigurationError, match="REST_URL"):
        client("")


async def test_it_is_used_with_async_with() -> None:
    """And shows its host only."""
    rest = client("http://user:pw@h.example:8/x")
    assert repr(rest) == "RestClient(h.example:8)"
    with pytest.raises(RuntimeError, match="async with"):
        await rest.request("GET", "/x")


async def test_parameters_can_travel_as_a_form() -> None:
    """Then the form is what is signed, and the URL has no query."""
    bodies: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        bodies.append(await request.text())
        assert request.content_type == "application/x-www-form-urlencoded"
        return web.Response(text="{}")

    async with venue(handler) as url, client(url) as rest:
        params = {"symbol": "币USDT"}
        reply = await rest.request("POST", "/fapi/v1/order", params, credentials=HMAC, signed=True, in_body=True)

    payload, _, signature = bodies[0].rpartition("&signature=")
    assert payload.startswith("symbol=%E5%B8%81USDT&timestamp=")
    assert signature == HMAC.sign(payload)
    assert reply.request == f"POST {url}/fapi/v1/order\n\n{bodies[0]}"


@pytest.mark.parametrize(
    ("params", "omit", "header"),
    [({}, (), KEY), ({"apiKey": "x" * 64}, (), "x" * 64), ({}, ("apiKey",), None)],
    ids=["the key", "another key", "no key"],
)
async def test_a_key_can_be_wrong_or_left_out_on_purpose(
    params: dict[str, str], omit: tuple[str, ...], header: str | None
) -> None:
    """It never becomes a parameter."""
    seen, handler = serve((401, '{"code":-2014,"msg":"API-key format invalid."}', {}))
    async with venue(handler) as url, client(url) as rest:
        reply = await rest.request("GET", "/fapi/v1/order", params, credentials=HMAC, signed=True, omit=omit)

    assert reply.status == 401
    assert seen[0].headers.get("X-MBX-APIKEY") == header
    assert "apiKey" not in seen[0].rel_url.query


async def test_parameters_are_made_at_the_moment_of_sending() -> None:
    """From the target's time, so that a timestamp that is wrong on purpose is wrong by as much as was meant."""
    seen, handler = serve((200, "{}", {}))
    clock = ServerClock(lambda: 5000.0)
    async with venue(handler) as url, client(url, clock=clock) as rest:
        await rest.request(
            "GET", "/fapi/v1/order", lambda now: {"timestamp": now - 1000}, credentials=HMAC, signed=True
        )

    assert seen[0].rel_url.query["timestamp"] == "4000"


# -- when a request is signed ------------------------------------------------------------------------------------------


class _Hands:
    """A clock whose hands a test moves."""

    now = 1_800_000_000_000.0

    def __call__(self) -> float:
        return self.now


def timestamp_of(request: web.BaseRequest, form: str = "") -> int:
    return int(dict(part.split("=") for part in (form or request.query_string).split("&"))["timestamp"])


@pytest.mark.parametrize("in_body", [False, True], ids=["query", "form"])
async def test_a_request_that_waits_for_its_turn_is_signed_when_it_leaves(in_body: bool) -> None:
    """However many wait before it: a timestamp of the time at which it was asked for would be too old."""
    hands, stamps, gate = _Hands(), [], asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        stamps.append(timestamp_of(request, await request.text()))
        if len(stamps) == MOST_AT_ONCE:
            hands.now += 60_000
            gate.set()
        await gate.wait()
        return web.json_response({})

    async with venue(handler) as url, client(url, clock=ServerClock(hands)) as rest:
        ask = functools.partial(rest.request, "POST", "/order", {}, credentials=HMAC, signed=True, in_body=in_body)
        replies = await asyncio.gather(*(ask() for _ in range(MOST_AT_ONCE + 20)))
    early, late = stamps[:MOST_AT_ONCE], stamps[MOST_AT_ONCE:]
    assert set(early) == {_Hands.now}
    assert set(late) == {_Hands.now + 60_000}
    assert [reply.sent_at for reply in replies] == stamps


async def test_a_request_is_signed_when_its_connection_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a name, TCP and TLS take several round trips."""
    hands, stamps = _Hands(), []
    original = aiohttp.TCPConnector._create_connection

    async def slowly(self: Any, *arguments: Any, **options: Any) -> Any:
        hands.now += 7_000
        return await original(self, *arguments, **options)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        stamps.append(timestamp_of(request))
        return web.json_response({})

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", slowly)
    async with venue(handler) as url, client(url, clock=ServerClock(hands)) as rest:
        await rest.request("GET", "/order", {}, credentials=HMAC, signed=True)
    assert stamps == [hands.now]


async def test_who_waits_for_a_turn_has_no_leave_yet() -> None:
    """It would fill the limits for those that have a turn and wait for leave: each waits for the other, for ever."""
    clock, full, go = ServerClock(), asyncio.Event(), asyncio.Event()
    limiter = RateLimiter(clock.now_ms, Limits(weight_1m=100_000), guard_ms=0)
    arrived = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        arrived.append(request)
        if len(arrived) == MOST_AT_ONCE:
            full.set()
        await go.wait()
        return web.json_response({})

    async with venue(handler) as url, client(url, clock=clock, limiter=limiter) as rest:
        cost = Cost(weight=1)
        asked = [asyncio.create_task(rest.request("GET", "/time", cost=cost)) for _ in range(MOST_AT_ONCE + 10)]
        await full.wait()
        under_way = limiter.total_weight
        go.set()
        await asyncio.gather(*asked)
    assert (under_way, limiter.total_weight) == (MOST_AT_ONCE, MOST_AT_ONCE + 10)
