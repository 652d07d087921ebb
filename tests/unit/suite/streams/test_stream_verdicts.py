"""What streams come to: refused, silent after their cause, too fast, broken."""

import asyncio
import json

import pytest
from scripted_streams import NAME, SHORT, TRADE, case, contract, exchange, fast, listening, trade, trades

from wireproof.contract.model import Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.events.venue_actions import Triggered
from wireproof.suite.streams.stream_verdicts import StreamVerdicts
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.market_stream import StreamConnection


async def _liquidate(cases):
    await asyncio.sleep(0)
    return {case.id: Triggered(done="a position was liquidated") for case in cases}


@pytest.mark.parametrize("connection", ["combined", "raw"])
async def test_a_stream_that_is_silent_after_its_cause_breaks_its_promise(watch, connection):
    """Whatever its contract says of silence; and its cause is part of what is reported."""
    silent = Watch(seconds=0.01, connection=connection, may_be_silent="no liquidation happened")
    async with exchange() as feed:
        scores = await watch(feed.root, trades(silent), trigger=_liquidate)

    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    (finding,) = result.findings
    assert finding.kind is Kind.SILENT_STREAM
    state = "subscribed, acknowledged" if connection == "combined" else "connected"
    assert finding.actual == f"{state}, nothing came in 0.01 s although a position was liquidated"
    assert result.observation.request.endswith("; then a position was liquidated")


async def test_lateness_of_a_venue_whose_machine_stood_still_is_noted_and_no_finding(watch):
    class Slow:
        def worst_between(self, _start_ms, _end_ms):
            return 400

    sent = {"btcusdt@aggTrade": [trade(number * 1_000) for number in range(4)]}
    steady = Watch(events=4, every_ms=100, tolerance_ms=50, steady=True)
    async with exchange(sent) as feed:
        excused = await watch(feed.root, fast(steady), listening=listening(1, delay=Slow()))
        accused = await watch(feed.root, fast(steady), listening=listening(1))
        elsewhere = await watch(feed.root, fast(steady), listening=listening(1, delay=Slow()), target="live")

    assert excused.results[NAME].verdict is Verdict.CONFORMS
    assert "says nothing: the venue, which shares this machine, stood still" in excused.notes[0]
    assert accused.results[NAME].verdict is elsewhere.results[NAME].verdict is Verdict.BREAKING


async def test_a_refused_subscription_is_said_to_be_refused(watch):
    """Of the stream that is; the others go on."""

    async def refuse(connection, text):
        frame = json.loads(text)
        bad = "btcusdt@bad" in frame["params"]
        error = {"error": {"code": 2, "msg": "Invalid request: bad stream"}, "id": frame["id"]}
        await connection.send(json.dumps(error if bad else {"result": None, "id": frame["id"]}))
        if "btcusdt@aggTrade" in frame["params"] and not bad:
            await connection.send(json.dumps({"stream": "btcusdt@aggTrade", "data": trade()}))

    bad = contract("bad", "<symbol>@bad", TRADE, case(SHORT))
    async with exchange(answer=refuse) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)), bad, listening=listening(100, 141))

    (finding,) = scores.results["usdm/stream/bad/btcusdt"].findings
    assert finding.kind is Kind.PROTOCOL_VIOLATION
    assert finding.actual == "SUBSCRIBE of btcusdt@bad was refused: error 2: Invalid request: bad stream."
    assert scores.results[NAME].verdict is Verdict.CONFORMS


async def test_when_every_subscription_is_refused_it_is_said_once(watch):
    """The others wait on it."""

    async def refuse(connection, text):
        await connection.send(json.dumps({"error": {"code": 2, "msg": "no"}, "id": json.loads(text)["id"]}))

    other = contract("other", "<symbol>@other", TRADE, case(SHORT))
    async with exchange(answer=refuse) as feed:
        scores = await watch(feed.root, fast(), other, listening=listening(100, 141))

    assert scores.results[NAME].verdict is Verdict.BREAKING
    waiting = scores.results["usdm/stream/other/btcusdt"]
    assert waiting.verdict is Verdict.BLOCKED
    assert waiting.reason == "waits on: SUBSCRIBE was refused: error 2: no (btcusdt@aggTrade)"


async def test_a_subscription_that_is_never_answered_is_said_so(watch, monkeypatch):
    monkeypatch.setattr(StreamConnection.command, "__kwdefaults__", {"seconds": 0.02})

    async def nothing(_connection, _text):
        await asyncio.sleep(0)

    async with exchange(answer=nothing) as feed:
        scores = await watch(feed.root, fast(), listening=listening(100, 141))

    (finding,) = scores.results[NAME].findings
    assert finding.actual == "SUBSCRIBE of btcusdt@aggTrade was never answered, though a ping after it was."


async def test_a_broken_pace_is_a_finding(watch):
    async with exchange({"btcusdt@aggTrade": [trade(), trade(1), trade(2), trade(3)]}) as feed:
        scores = await watch(feed.root, trades(Watch(events=4, every_ms=100, tolerance_ms=10)))

    (finding,) = scores.results["usdm/stream/aggTrade/btcusdt"].findings
    assert "Messages came every 1 ms" in finding.actual


async def test_an_error_of_wireproofs_own_shows_no_secret(watch, monkeypatch):
    """It is redacted where it becomes a verdict, before anything else reads it."""
    key, redactor = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", Redactor()
    redactor.register(key, "api key")

    async def settle(_verdicts, _watching, _asked):
        raise LookupError(f"nobody foresaw {key}")

    monkeypatch.setattr(StreamVerdicts, "settle", settle)
    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        [result] = (await watch(feed.root, trades(Watch(events=1)), redactor=redactor)).results.values()
    assert (result.verdict, result.reason) == (Verdict.BROKEN, "LookupError: nobody foresaw <redacted api key>")
