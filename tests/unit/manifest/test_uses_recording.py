"""What is read of watched answers: by subscript, by get, whole; attributed to the contract of the request."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import http.server
import json
import pickle
import shutil

import aiohttp
import orjson
import pytest
import requests
from checkout import CONTRACTS
from loopback import serving

from wireproof.contract.store import load_store
from wireproof.manifest.contract_mapping import ContractMapping
from wireproof.manifest.uses_recording import Recorder, recording

pytest_plugins = ("pytester",)

DEPTH, PLACE = "usdm/rest/GET.fapi.v1.depth", "usdm/ws-api/order.place"
BODY = {"lastUpdateId": 5, "E": 1, "bids": [["1.0", "2"]], "asks": [], "n": None}


@pytest.fixture(scope="module")
def mapping():
    return ContractMapping(load_store(CONTRACTS), ["usdm"])


@pytest.fixture
def recorder(mapping):
    return Recorder(mapping)


@pytest.fixture
def depth(recorder):
    return recorder.answer("GET", "/fapi/v1/depth", copy.deepcopy(BODY))


def read(recorder, contract=DEPTH):
    """Return what was read of a contract: whether it is required, by path."""
    use = recorder.manifest("c").contracts.get(contract)
    return {one.path: one.required for one in use.reads} if use else {}


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        (lambda d: d["E"], {"E": True}),
        (lambda d: d.get("E"), {"E": False}),
        (lambda d: d.get("nothing"), {"nothing": False}),
        (lambda d: "E" in d and d["E"], {"E": False}),
        (lambda d: d.pop("E"), {"E": True}),
        (lambda d: d.pop("E", 0), {"E": False}),
        (lambda d: d["bids"][0][1], {"bids": True, "bids[]": False, "bids[][1]": True}),
        (lambda d: [p for p, _ in d["bids"]], {"bids": True, "bids[]": False, "bids[][]": False}),
        (lambda d: d["bids"][:1], {"bids": True, "bids[]": False}),
        (list, {"**": False}),
        (lambda d: d.items() and 1, {"**": False}),
        (lambda d: d == BODY, {"**": False, "bids.**": False, "bids[].**": False, "asks.**": False}),
        (lambda d: d | {}, {"**": False}),
        (lambda d: copy.copy(d)["E"], {"E": True}),
        (lambda d: copy.deepcopy(d)["bids"], {"bids": True}),
        (len, {}),
        (bool, {}),
    ],
)
def test_each_way_to_read_is_noted(recorder, depth, reads, expected):
    reads(depth)
    found = read(recorder)
    assert expected.items() <= found.items()
    assert ("**" in expected) or found.keys() == expected.keys()


def keywords(**given):
    return given


@pytest.mark.parametrize(
    "whole",
    [json.dumps, dict, lambda d: {**d}, lambda d: keywords(**d), pickle.dumps],
    ids=["json", "dict", "display", "keywords", "pickle"],
)
def test_what_takes_an_answer_whole_reads_it_whole(recorder, depth, whole):
    whole(depth)
    assert "**" in read(recorder)


def test_a_watched_answer_is_what_it_was(depth):
    assert isinstance(depth, dict)
    assert json.loads(json.dumps(depth)) == BODY
    assert pickle.loads(pickle.dumps(depth)) == BODY  # noqa: S301  # what was pickled here
    depth["bids"][0][0] = "9"
    assert depth["bids"] == [["9", "2"]]


def test_kinds_and_null_are_as_they_came(recorder, depth):
    _ = depth["E"], depth["n"], depth["bids"][0][0]
    said = {one.path: (one.kinds, one.nullable) for one in recorder.manifest("c").contracts[DEPTH].reads}
    assert (said["E"], said["n"], said["bids[][0]"]) == ((("integer",), False), ((), True), (("decimal",), False))


def test_an_answer_belongs_to_the_contract_of_its_request(recorder):
    recorder.sent({"id": 7, "method": "order.place", "params": {}})
    _ = recorder.decoded({"id": 7, "status": 200, "result": {"price": "1"}})["result"]["price"]
    _ = recorder.decoded({"stream": "btcusdt@aggTrade", "data": {"e": "aggTrade", "p": "1"}})["data"]["p"]
    _ = recorder.decoded([{"e": "24hrMiniTicker", "c": "1"}])[0]["c"]
    _ = recorder.decoded({"stream": "key", "data": {"e": "ACCOUNT_UPDATE", "a": {"m": "x"}}})["data"]["a"]["m"]
    assert read(recorder, PLACE) == {"result": True, "result.price": True}
    assert read(recorder, "usdm/stream/aggTrade") == {"p": True}
    assert read(recorder, "usdm/stream/allMiniTicker") == {"[]": False, "[].c": True}
    assert read(recorder, "usdm/event/ACCOUNT_UPDATE") == {"a": True, "a.m": True}


@pytest.mark.parametrize(
    "document", [{"id": 8, "status": 200, "result": {}}, {"a": 1}, [], [1], "x", None, {"e": 7}, {"e": "no such event"}]
)
def test_what_says_nothing_of_its_contract_stays_as_it_is(recorder, document):
    assert type(recorder.decoded(document)) is type(document)


def test_a_refusal_is_not_watched(recorder):
    assert type(recorder.answer("GET", "/fapi/v1/depth", {"code": -1}, 400)) is dict
    recorder.sent({"id": 7, "method": "order.place"})
    assert type(recorder.decoded({"id": 7, "status": 400, "error": {}})) is dict


class Venue(http.server.BaseHTTPRequestHandler):
    """Answers every request alike."""

    def do_GET(self):
        """Answer."""
        content = json.dumps(BODY).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def url():
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Venue)) as server:
        yield f"http://127.0.0.1:{server.server_port}/fapi/v1/depth"


async def with_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


def with_requests(url):
    return requests.get(url, timeout=9).json()


def with_a_loop(url):
    return asyncio.run(with_aiohttp(url))


@pytest.mark.parametrize("fetch", [with_requests, with_a_loop])
def test_what_libraries_decode_is_watched_while_it_is_recorded(recorder, url, fetch):
    with recording(recorder):
        _ = fetch(url)["E"]
        json.dumps({"id": 1, "method": "order.place"})
        _ = orjson.loads(b'{"id": 1, "status": 200, "result": {"price": "1"}}')["result"]
    assert (read(recorder), read(recorder, PLACE)) == ({"E": True}, {"result": True})
    assert type(requests.get(url, timeout=9).json()) is dict
    assert type(json.loads("{}")) is dict


def test_the_plugin_writes_a_manifest_of_a_test_run(pytester, monkeypatch):
    few = pytester.mkdir("contracts")
    (few / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", "ws-api/ticker.price.json"):
        shutil.copy(CONTRACTS / "usdm" / name, few / "usdm" / name)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(few))
    pytester.makepyfile(
        """
        import json

        def test_it(uses_recorder):
            json.dumps({"id": "a", "method": "ticker.price"})
            assert json.loads('{"id": "a", "status": 200, "result": {"price": "1"}}')["result"]["price"]
        """
    )
    options = ["--record-uses=uses.json", "--record-client=bot", "--record-product=usdm", "-p", "no:cacheprovider"]
    options += ["-o", "asyncio_default_fixture_loop_scope=function"]
    pytester.runpytest_inprocess("-p", "wireproof.manifest.uses_recording", *options).assert_outcomes(passed=1)
    held = json.loads((pytester.path / "uses.json").read_text("utf-8"))
    assert held["client"] == {"name": "bot"}
    assert [one["path"] for one in held["contracts"]["usdm/ws-api/ticker.price"]["reads"]] == ["result", "result.price"]
