"""Answers that no reader can follow, on every surface of a run: findings, never tracebacks."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import json
from datetime import date

import pytest
from msgspec.structs import replace
from relays import frame_relay, rest_relay
from websockets.asyncio.server import serve

from wireproof.contract.model import Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import Waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.streams.watch import StreamWatch
from wireproof.suite.target import Target
from wireproof.torture.relay import WsFrame
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor

TODAY = date(2026, 11, 22)
DEEP = b"[" * 5000 + b"]" * 5000
OPEN_INTEREST = "usdm/rest/GET.fapi.v1.openInterest/default"
REST = [
    OPEN_INTEREST,
    "usdm/rest/GET.fapi.v1.ping/default",
    "usdm/rest/GET.fapi.v3.balance/default",
    "usdm/rest/POST.fapi.v1.order/limit-gtc",
]
TICKER, PLACED = "usdm/ws-api/ticker.price/symbol-sent", "usdm/ws-api/order.place/limit-gtc"


def deep_field(raw):
    """Hide the depth in a field of an answer that is an object otherwise."""
    return raw.rstrip()[:-1] + (b"," if len(raw) > 4 else b"") + b'"added":' + DEEP + b"}"


def http_proxy(upstream, alter, *, compressing=False):
    """Serve REST; `alter(path, raw)` returns the body that goes back."""

    async def answer(request, forward):
        got = await forward(request)
        altered = got.with_content(alter(request.path, got.content))
        if compressing:
            altered.headers["Content-Encoding"] = "gzip"
            altered = dataclasses.replace(altered, body=gzip.compress(altered.body))
        return altered

    return rest_relay(upstream, answer)


def ws_proxy(upstream, alter):
    """Serve a WebSocket API; `alter(method, raw)` returns the answer that goes back."""
    return frame_relay(
        upstream, lambda request, text, _: (WsFrame(alter(request.get("method"), text.encode()).decode()),)
    )


@pytest.fixture
def run_against(planned, target_of, venue, conduct_cases):
    """Return what runs cases with REST and the WebSocket API at the addresses given."""

    async def run(*ids, ws_api="", rest=""):
        target = target_of(venue)
        stream = venue.stream_url
        target.endpoints = Endpoints(
            ws_api or venue.ws_api_url, rest or venue.rest_url, stream, f"{stream}/private", "usdm", "local"
        )
        target.answer_timeout = 2.0
        return (await conduct_cases(target, *(planned[name] for name in ids), waived=False)).results

    return run


@pytest.mark.parametrize("alter", [lambda _raw: DEEP, deep_field], ids=["whole", "field"])
async def test_a_rest_answer_that_is_nested_too_deep_is_a_finding(venue, run_against, alter):
    """Of whatever request: one that is judged only, and one that others need."""
    async with http_proxy(venue.rest_url, lambda path, raw: alter(raw) if "openInterest" in path else raw) as url:
        result = (await run_against(OPEN_INTEREST, rest=url))[OPEN_INTEREST]
    assert [(f.kind, f.path, f.actual) for f in result.findings] == [
        (Kind.UNPARSEABLE, "", "JSON nested deeper than can be read")
    ]


@pytest.mark.parametrize("alter", [lambda _raw: DEEP, deep_field, gzip.compress], ids=["whole", "field", "gzip"])
async def test_no_rest_answer_breaks_a_run(venue, run_against, alter):
    """Also where every answer is unreadable: those that state is made of, too."""
    async with http_proxy(venue.rest_url, lambda _path, raw: alter(raw)) as url:
        results = await run_against(*REST, rest=url)
    assert {result.verdict for result in results.values()} <= {Verdict.BREAKING, Verdict.BLOCKED}, results
    assert Verdict.BREAKING in {result.verdict for result in results.values()}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", Kind.UNPARSEABLE, "an empty answer"),
        (b" \n", Kind.UNPARSEABLE, "an empty answer"),
        (b"<html><head><title>Welcome</title></head></html>", Kind.UNPARSEABLE, "an HTML page titled 'Welcome'"),
        (b"OK", Kind.UNPARSEABLE, "no JSON"),
        (b"null", Kind.NULL_VALUE, "null"),
    ],
    ids=["empty", "blank", "page", "text", "null"],
)
async def test_a_success_without_its_body_is_one_finding(venue, run_against, body, kind, words):
    """Status 200 promises the documented body; what came instead is named."""
    async with http_proxy(venue.rest_url, lambda path, raw: body if "openInterest" in path else raw) as url:
        result = (await run_against(OPEN_INTEREST, rest=url))[OPEN_INTEREST]
    found = [(f.kind, f.path, f.actual) for f in result.findings]
    assert [(kind, "", True)] == [(one, path, words in said) for one, path, said in found], found
    assert result.verdict is Verdict.BREAKING


async def test_a_compressed_answer_is_read_like_any_other(venue, run_against):
    """A client that says which encodings it takes gets them; the contract is about what is inside."""
    async with http_proxy(venue.rest_url, lambda _path, raw: raw, compressing=True) as url:
        result = (await run_against(OPEN_INTEREST, rest=url))[OPEN_INTEREST]
    assert result.verdict is Verdict.CONFORMS, result
    assert json.loads(result.observation.response)["symbol"]


@pytest.mark.parametrize("methods", [{"ticker.price"}, {"ticker.price", "order.place"}])
async def test_a_ws_answer_that_is_nested_too_deep_is_a_finding(venue, run_against, methods):
    async with ws_proxy(venue.ws_api_url, lambda method, raw: deep_field(raw) if method in methods else raw) as url:
        results = await run_against(TICKER, PLACED, ws_api=url)
    touched = [results[TICKER]] + ([results[PLACED]] if len(methods) > 1 else [])
    for result in touched:
        assert Kind.UNPARSEABLE in {f.kind for f in result.findings}, result.reason
        assert "JSON nested deeper than can be read" in {f.actual for f in result.findings}


async def test_no_ws_answer_breaks_a_run(venue, run_against):
    async with ws_proxy(venue.ws_api_url, lambda _method, raw: deep_field(raw)) as url:
        results = await run_against(TICKER, PLACED, ws_api=url)
    assert {result.verdict for result in results.values()} <= {Verdict.BREAKING, Verdict.BLOCKED}, results


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("name", ["usdm/stream/aggTrade/symbol", "usdm/stream/allAssetIndex/all"])
async def test_a_stream_message_that_cannot_be_read_is_a_finding(store, planned, name, binary):
    """In a text frame and in a binary one; the message beside it is not accused."""
    case = planned[name]
    watched = replace(case, watch=Watch(events=2, seconds=3), proves=())
    sound = json.dumps(case.contract.examples[0].response).encode()
    bad = b'{"a":"\xff"}' if binary else DEEP

    async def handle(connection):
        async for text in connection:
            frame = json.loads(text)
            await connection.send(json.dumps({"result": None, "id": frame["id"]}))
            for asked in frame["params"]:
                for message in (sound, bad):
                    framed = b'{"stream":"' + asked.encode() + b'","data":' + message + b"}"
                    await connection.send(framed if binary else framed.decode())

    scores = RunState([watched])
    judge = Judge(store, {"usdm": Waivers()}, target="local", today=TODAY)
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)

    async def ask_depth(_symbol):
        await asyncio.sleep(0)
        return {}

    async with serve(handle, "127.0.0.1", 0, max_size=None) as server:
        await StreamWatch(
            scores,
            [watched],
            root=f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            target=target,
            judge=judge,
            clock=ServerClock(),
            state={"market": {"symbol": "BTCUSDT", "pair": "BTCUSDT"}},
            ask_depth=ask_depth,
        ).run()
    [result] = scores.results.values()
    assert Kind.UNPARSEABLE in {f.kind for f in result.findings}, result.reason
