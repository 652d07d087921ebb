"""A run that was recorded on a venue is judged as it was once it is replayed; a drift that was recorded shows again."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest
import pytest_asyncio
from wireproof_command import Suite

from wireproof.venue.cassettes.cassette_venue import CassetteVenue
from wireproof.venue.cassettes.recording import load_recording
from wireproof.venue.serving.server import Venue

NAMES = (
    "(rest/GET.fapi.v1.time/ or GET.fapi.v1.exchangeInfo/ or GET.fapi.v1.ticker.bookTicker/"
    " or GET.fapi.v1.ticker.price/ or rest/GET.fapi.v1.depth/ or GET.fapi.v1.premiumIndex/ or GET.fapi.v3.balance/"
    " or ws-api/ticker.price/ or ws-api/account.balance/default or stream/aggTrade/symbol"
    " or event/ACCOUNT_CONFIG_UPDATE/leverage or POST.fapi.v1.listenKey/) and not rejection and not signature"
)
READ_ONLY = NAMES.replace(" or event/ACCOUNT_CONFIG_UPDATE/leverage or POST.fapi.v1.listenKey/", "")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recorded(tmp_path_factory):
    """Return what a run observed of a venue whose `ticker.price` drifts, and what it found."""
    async with Venue(seed=3, weight_limit=1_000_000) as venue:
        suite = Suite(tmp_path_factory.mktemp("recorded"), venue)
        venue.faults.add("drift", method="ticker.price", times=None, set={"result.price": 1.5})
        status, printed = await suite.run("-k", NAMES, "--no-confirm")
        assert status == 1, printed
    return suite


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cassette(recorded):
    """Serve the recording."""
    async with CassetteVenue(load_recording(recorded.reports / "observations.jsonl")) as venue:
        yield venue


def found_in(suite):
    return {
        case["id"]: (case["verdict"], [one["fingerprint"] for one in case["findings"]])
        for case in suite.result["cases"]
        if case["id"].split("/")[1] != "event" and "listenKey" not in case["id"]
    }


async def test_what_was_recorded_is_judged_alike_when_it_is_replayed(recorded, cassette, tmp_path):
    """The cases that only read conform; the drift shows again. A recording counts nothing, and so no weight is off."""
    suite = Suite(tmp_path, cassette)
    status, printed = await suite.run("-k", READ_ONLY, "--no-confirm")
    assert status == 1, printed
    expected = {name: found for name, found in found_in(recorded).items() if not name.endswith("/weight")}
    assert found_in(suite) == expected
    verdicts = [verdict for verdict, _ in found_in(suite).values()]
    assert verdicts.count("breaking") >= 1
    assert verdicts.count("conforms") >= 5


async def test_answers_carry_the_id_of_their_request_and_what_is_missing_says_so(cassette):
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(cassette.ws_api_url) as socket:
            for method in ("ticker.price", "nowhere"):
                await socket.send_json({"id": f"mine {method}", "method": method, "params": {"symbol": "BTCUSDT"}})
                answer = await socket.receive_json(timeout=5)
                assert answer["id"] == f"mine {method}"
                assert answer["status"] == (200 if method == "ticker.price" else 503)
        async with http.get(f"{cassette.rest_url}/fapi/v1/nowhere") as refused:
            assert refused.status == 503
            assert (await refused.json())["msg"].startswith("Not recorded: GET /fapi/v1/nowhere.")
        async with http.get(f"{cassette.rest_url}/fapi/v1/time") as answer:
            assert abs((await answer.json())["serverTime"] - time.time() * 1000) < 10_000
        async with http.get(f"{cassette.rest_url}/venue/cassette") as told:
            document = await told.json()
    assert document["not_recorded"]["GET /fapi/v1/nowhere"] >= 1
    assert document["not_recorded"]["nowhere"] >= 1
    assert document["served"]["exact"] > 0
    assert document["expired"] == ""


async def test_streams_are_subscribed_and_events_follow_the_listen_key(cassette):
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{cassette.stream_url}/market/stream") as socket:
            await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 7})
            assert await socket.receive_json(timeout=5) == {"result": None, "id": 7}
            message = await socket.receive_json(timeout=10)
            assert message["stream"] == "btcusdt@aggTrade"
            assert abs(message["data"]["E"] - time.time() * 1000) < 10_000
            await socket.send_json({"method": "SUBSCRIBE", "params": ["ethusdt@nothing"], "id": 8})
            async with asyncio.timeout(10):
                while "error" not in (answer := await socket.receive_json()):
                    assert "stream" in answer
            assert answer["id"] == 8
            assert answer["error"]["msg"].startswith("Not recorded: ethusdt@nothing.")
        async with http.post(f"{cassette.rest_url}/fapi/v1/listenKey") as started:
            listen_key = (await started.json())["listenKey"]
        assert len(listen_key) == 64
        async with http.ws_connect(f"{cassette.stream_url}/private/ws?listenKey={listen_key}") as private:
            assert (await private.receive_json(timeout=10))["e"] == "ACCOUNT_CONFIG_UPDATE"


async def test_a_recording_that_is_too_old_makes_a_run_unknown(recorded, tmp_path):
    """Blocked, not green; the venue says why."""
    recording = load_recording(recorded.reports / "observations.jsonl")
    async with CassetteVenue(recording, hours=1e-9) as venue:
        assert "hours old, and may be" in venue.ready_line
        suite = Suite(tmp_path, venue)
        status, printed = await suite.run("-k", "rest/GET.fapi.v1.time/", "--no-confirm")
        assert status == 3, printed
        assert suite.result["blocked"]
        async with aiohttp.ClientSession() as http, http.get(f"{venue.rest_url}/venue/cassette") as told:
            assert json.loads(await told.text())["expired"].startswith("This recording is")


async def test_a_venue_of_a_recording_begins_anew(cassette):
    await cassette.reset()
    assert cassette.answers.view()["served"] == {}


@pytest.mark.parametrize("shift", [True, False])
async def test_times_may_stay_as_they_were_recorded(recorded, shift):
    recording = load_recording(recorded.reports / "observations.jsonl")
    async with (
        CassetteVenue(recording, shift=shift) as venue,
        aiohttp.ClientSession() as http,
        http.get(f"{venue.rest_url}/fapi/v1/time") as answer,
    ):
        told = (await answer.json())["serverTime"]
    written = [json.loads(one.seen.response)["serverTime"] for one in recording.answers["", "GET /fapi/v1/time"]]
    assert (told in written) is not shift
