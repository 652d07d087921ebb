"""What a silence means: witnesses, siblings, the venue and this machine are asked."""

import asyncio
import json

import pytest
from scripted_streams import NAME, SHORT, TRADE, contract, exchange, fast, listening, trade, trades

from wireproof.contract.model import Case, Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import BlockedError
from wireproof.wire.venue_control import StreamRecord


@pytest.mark.parametrize("connection", ["combined", "raw", "url"])
async def test_a_stream_is_dead_when_a_witness_moved_and_it_did_not(watch, connection):
    """Acknowledged and silent, as the retired roots were for four months; whatever its contract says of silence."""
    silent = Watch(seconds=0.2, connection=connection, may_be_silent="nobody traded")
    async with exchange() as feed:
        scores = await watch(feed.root, fast(silent), listening=listening(100, 141))

    result = scores.results[NAME]
    (finding,) = result.findings
    assert (result.verdict, finding.kind, finding.path) == (Verdict.BREAKING, Kind.SILENT_STREAM, "")
    assert finding.actual.endswith(
        "nothing came in 0.2 s while 41 trades happened (GET /fapi/v1/trades, BTCUSDT, ids 101..141)"
    )
    assert finding.actual.startswith("subscribed, acknowledged," if connection == "combined" else "connected,")


@pytest.mark.parametrize("reason", ["", "nobody traded"])
@pytest.mark.parametrize("steady", [False, True])
async def test_a_stream_is_quiet_when_its_witness_did_not_move(watch, reason, steady):
    """It is not observed, and the witness is named; that is no fault of the run's."""
    silent = Watch(seconds=0.2, steady=steady, every_ms=10 if steady else 0, may_be_silent=reason)
    async with exchange() as feed:
        scores = await watch(feed.root, fast(silent), listening=listening(100))

    result = scores.results[NAME]
    assert (result.verdict, result.may_be_silent, result.findings) == (None, True, [])
    expected = "no trade happened (GET /fapi/v1/trades, BTCUSDT)"
    assert result.reason == f"not observed in 0.2 s: {reason + '; ' if reason else ''}{expected}"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((BlockedError("GET /fapi/v1/trades was answered with 503"),), "was answered with 503"),
        ((100, BlockedError("it went away")), "it went away"),
        (("no number",), "the id of a trade is no number"),
    ],
)
async def test_a_silence_whose_witness_cannot_be_asked_is_no_statement(watch, steps, said):
    async with exchange() as feed:
        scores = await watch(feed.root, fast(), listening=listening(*steps))

    result = scores.results[NAME]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("nothing came, and whether there was anything to tell is unknown: ")
    assert said in result.reason


async def test_a_stream_that_may_be_silent_is_not_observed_when_its_witness_cannot_be_asked(watch):
    """The target may not have what it reports."""
    silent = Watch(seconds=0.2, may_be_silent="the target has no such index")
    async with exchange() as feed:
        scores = await watch(feed.root, fast(silent), listening=listening(BlockedError("-1121")))

    result = scores.results[NAME]
    assert (result.verdict, result.may_be_silent) == (None, True)
    assert result.reason == "not observed in 0.2 s: the target has no such index"


async def test_a_witness_is_asked_about_a_silent_stream_only(watch):
    """A run in which all goes well sends no request for it."""
    asked = listening(100, 141)
    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)), listening=asked)

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    assert asked.asked.asked == []


async def test_streams_that_are_silent_together_share_what_is_asked(watch):
    contracts = [contract("kline", "<symbol>@kline_<interval>", TRADE, *_klines("1m", "3m", "5m"))]
    asked = listening(100, 141)
    async with exchange() as feed:
        scores = await watch(feed.root, *contracts, listening=asked)

    assert [result.verdict for result in scores.results.values()] == [Verdict.BREAKING] * 3
    assert asked.asked.asked == [("trades", {"symbol": "BTCUSDT", "limit": "1"})] * 2


def _klines(*intervals):
    return [Case(id=one, title=one, params={"symbol": "BTCUSDT", "interval": one}, watch=SHORT) for one in intervals]


async def test_what_comes_while_the_witness_is_asked_is_judged(watch):
    """A stream tells late of what happened last; that is no silence."""

    async def late(connection, text):
        frame = json.loads(text)
        await connection.send(json.dumps({"result": None, "id": frame["id"]}))
        await asyncio.sleep(0.4)
        await connection.send(json.dumps({"stream": "btcusdt@aggTrade", "data": trade()}))

    async with exchange(answer=late) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=0.1)), listening=listening(100, 141, settle_ms=2_000))

    assert scores.results[NAME].verdict is Verdict.CONFORMS


async def test_a_sibling_that_tells_makes_a_stream_dead(watch, monkeypatch):
    """The same stream over another connection; or one whose messages mean that this one has something to say."""
    monkeypatch.setattr("wireproof.suite.streams.silence.SIBLING_MS", 10)

    async def one_talks(connection, text):
        frame = json.loads(text)
        await connection.send(json.dumps({"result": None, "id": frame["id"]}))
        for number in range(20):
            await asyncio.sleep(0.02)
            await connection.send(json.dumps({"stream": "btcusdt@aggTrade", "data": trade(number)}))

    talking = trades(Watch(seconds=1, events=15))
    mute = contract("kline", "<symbol>@kline_<interval>", TRADE, *_klines("1m"))
    async with exchange(answer=one_talks) as feed:
        scores = await watch(feed.root, talking, mute, listening=listening(BlockedError("no REST here")))

    (finding,) = scores.results["usdm/stream/kline/1m"].findings
    assert finding.kind is Kind.SILENT_STREAM
    assert finding.actual == ("subscribed, acknowledged, nothing came in 0.2 s while btcusdt@aggTrade sent messages")


async def test_the_venues_own_record_makes_a_stream_dead(watch):
    counts = iter([3, 10])

    async def record():
        await asyncio.sleep(0)
        return StreamRecord(published={"btcusdt@aggTrade": next(counts, 10)}, private={}, late=[], beats=1)

    async with exchange() as feed:
        scores = await watch(feed.root, fast(), listening=listening(BlockedError("x"), record=record))

    (finding,) = scores.results[NAME].findings
    assert finding.actual.endswith("nothing came in 0.2 s while the venue published 7 messages of it")


async def test_a_venue_whose_machine_stood_still_is_not_accused(watch):
    """Where it shares the machine with the suite."""

    class Slow:
        def worst_between(self, start_ms, end_ms):
            assert start_ms < end_ms
            return 4_000

    asked = listening(100, 141, delay=Slow())
    async with exchange() as feed:
        scores = await watch(feed.root, fast(), listening=asked)
        elsewhere = await watch(feed.root, fast(), listening=listening(100, 141, delay=Slow()), target="testnet")

    result = scores.results[NAME]
    assert (result.verdict, result.reason) == (
        Verdict.BLOCKED,
        "this machine was too slow: the venue stood still for 4.0 s",
    )
    assert elsewhere.results[NAME].verdict is Verdict.BREAKING


async def test_a_connection_that_is_gone_is_not_a_silent_stream(watch):
    """Nobody is accused: the case is blocked with the reason."""

    async def hang_up(connection, _text):
        await connection.close(1001, "bye")

    async with exchange(answer=hang_up) as feed:
        scores = await watch(feed.root, fast(), listening=listening(100, 141))

    result = scores.results[NAME]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("the connection was lost: the server closed it with code 1001, saying 'bye'")
