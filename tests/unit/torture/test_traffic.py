"""Every message is told apart by the names of the contract files, and altered where an alteration is for it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from multidict import CIMultiDict

from wireproof.contract.store import load_store
from wireproof.torture.alteration import Alteration
from wireproof.torture.contract_catalogue import ContractIndex, stream_pattern
from wireproof.torture.plan import by_place, foundations_of
from wireproof.torture.relay import HttpAnswer, HttpRequest, WsFrame
from wireproof.torture.traffic import Alterer, Learned, Observer, Place, Served


class Line:
    """A connection that records what is sent apart from what passes."""

    def __init__(self, target, number=1):
        self.number, self.request = number, HttpRequest("GET", target, CIMultiDict())
        self.sent = []

    async def send(self, frame):
        """Record a frame."""
        self.sent.append(frame.data)


@pytest.fixture(scope="module")
def catalogue():
    return ContractIndex.of(load_store().contracts.values())


def frame(document):
    return WsFrame(json.dumps(document))


async def asked(hooks, line, request, answer):
    """Return the place of an answer to a request."""
    await hooks.to_target(line, frame(request))
    return hooks.place_of(line, answer)


@pytest.mark.parametrize(
    ("product", "name", "contract"),
    [
        ("usdm", "btcusdt@aggTrade", "usdm/stream/aggTrade"),
        ("usdm", "btcusdt@depth", "usdm/stream/depth"),
        ("usdm", "btcusdt@depth@100ms", "usdm/stream/depth"),
        ("usdm", "btcusdt@depth5", "usdm/stream/partialDepth"),
        ("usdm", "btcusdt@depth20@250ms", "usdm/stream/partialDepth"),
        ("usdm", "!markPrice@arr@1s", "usdm/stream/allMarkPrice"),
        ("usdm", "btcusdt_perpetual@continuousKline_1M", "usdm/stream/continuousKline"),
        ("coinm", "btcusd@markPrice", "coinm/stream/pairMarkPrice"),
        ("coinm", "btcusd_perp@markPrice@1s", "coinm/stream/markPrice"),
        ("coinm", "btcusd@nothing", ""),
    ],
)
def test_streams_are_told_by_name(catalogue, product, name, contract):
    """Patterns with holes fit the names that they stand for; a pair is no symbol."""
    assert catalogue.stream(product, name) == contract
    assert stream_pattern("<a>@x@<b>").fullmatch("q@x")


async def test_answers_are_told_by_what_was_asked(catalogue):
    """Over a WebSocket API by id, per connection; success and error are two places."""
    hooks, line = Observer(Served(ws_api="usdm"), catalogue, {}), Line("/ws-fapi/v1")
    place = await asked(hooks, line, {"id": 1, "method": "ticker.price"}, {"id": 1, "status": 200, "result": {}})
    assert place == Place("usdm/ws-api/ticker.price", "ws-api success")
    assert hooks.place_of(line, {"id": 1, "status": 400, "error": {}}).bucket == "ws-api error"
    assert hooks.place_of(line, {"id": "1", "status": 200, "result": {}}) is None
    assert hooks.place_of(Line("/ws-fapi/v1", number=2), {"id": 1, "status": 200, "result": {}}) is None


async def test_commands_are_told_by_their_frame(catalogue):
    """A string for an id, none, and a method that nobody knows have contracts of their own."""
    hooks, line = Observer(Served(stream="usdm"), catalogue, {}), Line("/market/ws")
    done = {"result": None}
    for request, answer, contract in [
        ({"method": "SUBSCRIBE", "id": 1}, {**done, "id": 1}, "SUBSCRIBE"),
        ({"method": "SUBSCRIBE", "id": 2}, {"error": {}, "id": 2}, "limits"),
        ({"method": "SUBSCRIBE", "id": "x"}, {**done, "id": "x"}, "stringId"),
        ({"method": "SUBSCRIBE"}, {**done, "id": None}, "missingId"),
        ({"method": "WHAT", "id": 4}, {"error": {}, "id": 4}, "malformed"),
    ]:
        place = await asked(hooks, line, request, answer)
        assert place.contract == f"usdm/stream/control.{contract}"
        assert place.bucket == f"command {'error' if 'error' in answer else 'success'}"


async def test_messages_are_told_by_stream_event_and_path(catalogue):
    """Combined by the name in the envelope, raw by the path, private ones by the event type."""
    market = Observer(Served(stream="usdm"), catalogue, {})
    aggregate = Place("usdm/stream/aggTrade", "stream message")
    assert market.place_of(Line("/market/stream"), {"stream": "btcusdt@aggTrade", "data": {}}) == aggregate
    assert market.place_of(Line("/market/ws/btcusdt@aggTrade"), {"e": "aggTrade"}) == aggregate
    arrays = market.place_of(Line("/market/ws/!miniTicker@arr"), [{"e": "x"}])
    assert arrays == Place("usdm/stream/allMiniTicker", "stream message")
    both = Observer(Served(stream="coinm", event="coinm"), catalogue, {})
    update = {"e": "ORDER_TRADE_UPDATE"}
    private = Place("coinm/event/ORDER_TRADE_UPDATE", "event message")
    assert both.place_of(Line(f"/dstream/ws/{'k' * 60}"), update) == private
    assert both.place_of(Line("/dstream/ws/btcusd_perp@aggTrade"), update).bucket == "stream message"
    assert Observer(Served(event="usdm"), catalogue, {}).place_of(Line("/private/ws?listenKey=k"), {"e": "?"}) is None


async def test_http_answers_are_told_by_verb_and_path(catalogue):
    """One path may belong to two products, which have relays of their own."""
    learned = {}
    for product in ("usdm", "coinm"):
        hooks = Observer(Served(rest=product), catalogue, learned)

        async def forward(_request):
            return HttpAnswer(200, CIMultiDict({"X-A": "1"}), b'[{"x":1}]')

        await hooks.http(HttpRequest("GET", "/futures/data/basis?a=1", CIMultiDict()), forward)
        await hooks.http(HttpRequest("GET", "/venue/streams", CIMultiDict()), forward)
    assert set(learned) == {Place(f"{name}/rest/GET.futures.data.basis", "rest success") for name in ("usdm", "coinm")}
    assert all(one.headers == {"x-a"} and len(one.documents) == 1 for one in learned.values())


async def test_alterations_are_counted_where_they_were_made(catalogue):
    """A message of another contract, or one with nothing to alter, passes and does not count."""
    applied = Counter()
    place = {"contract": "usdm/stream/aggTrade", "bucket": "stream message"}
    removed = Alteration(index=5, kind="removed", path=("p",), **place)
    hooks = Alterer(Served(stream="usdm"), catalogue, by_place([removed]), applied, {})
    line = Line("/market/stream")
    altered = await hooks.to_client(line, frame({"stream": "btcusdt@aggTrade", "data": {"p": "1", "q": "2"}}))
    assert [json.loads(one.data)["data"] for one in altered] == [{"q": "2"}]
    for other in ({"stream": "btcusdt@ticker", "data": {"p": "1"}}, {"stream": "btcusdt@aggTrade", "data": {"q": "2"}}):
        assert list(await hooks.to_client(line, frame(other))) == [frame(other)]
    assert applied == {5: 1}


async def test_messages_are_swapped_dropped_and_doubled(catalogue, monkeypatch):
    """Swapped in pairs, and not kept for ever; every third one dropped."""
    monkeypatch.setattr("wireproof.torture.traffic.OVERTAKING_SECONDS", 0.05)
    messages = [frame({"stream": "btcusdt@aggTrade", "data": {"a": number}}) for number in range(6)]
    sent = {}
    for kind in ("swapped", "dropped", "message-twice", "muted"):
        one = Alteration(index=1, contract="usdm/stream/aggTrade", bucket="stream message", kind=kind)
        hooks, line = Alterer(Served(stream="usdm"), catalogue, by_place([one]), Counter(), {}), Line("/market/stream")
        passed = [each for message in messages for each in await hooks.to_client(line, message)]
        sent[kind] = [json.loads(each.data)["data"]["a"] for each in passed]
        if kind == "swapped":
            await hooks.to_client(line, messages[0])
            await asyncio.sleep(0.2)
            assert line.sent == [messages[0].data]
    assert sent == {
        "swapped": [1, 0, 3, 2, 5, 4],
        "dropped": [0, 1, 3, 4],
        "message-twice": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
        "muted": [],
    }


def test_documents_are_kept_that_show_something_new():
    """One document for each new path, not one for each message."""
    learned = Learned()
    for content in (b'{"a":1}', b'{"a":2}', b'{"a":1,"b":2}', b"no json"):
        learned.take(content)
    assert (learned.messages, len(learned.documents)) == (4, 2)


def test_foundations_are_asked_more_often_than_they_have_cases():
    """Whatever the suite asks for the sake of others is known by its number."""
    learned = {Place("a", "rest success"): Learned(3), Place("b", "rest success"): Learned(2)}
    learned[Place("c", "stream message")] = Learned(99)
    assert foundations_of(learned, {("a", "success"): 2, ("b", "success"): 2}) == {"a"}
