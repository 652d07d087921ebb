"""Market streams as a run watches them, against scripted servers."""

import asyncio
import json

import pytest
from scripted_streams import NAME, NOW, SHORT, TRADE, case, contract, exchange, fast, listening, trade, trades
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Example, Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import BlockedError
from wireproof.suite.events.venue_actions import Triggered
from wireproof.suite.streams.watch import StreamWatch
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.venue_control import StreamRecord
from wireproof.wire.websocket.market_stream import StreamConnection


async def test_streams_of_a_root_share_a_connection(watch):
    """Each case has its own verdict from its own messages."""
    one = trades(Watch(events=2))
    two = contract("ticker", "<symbol>@ticker", {"e": "24hrTicker", "c": "1.0"}, case(Watch(events=1)))
    sent = {
        "btcusdt@aggTrade": [trade(), trade(1), trade(2)],
        "btcusdt@ticker": [{"e": "24hrTicker", "c": 1}],
    }
    async with exchange(sent) as feed:
        scores = await watch(feed.root, one, two)

    assert feed.paths == ["/public/stream"]
    assert scores.connections == 1
    good, bad = scores.results["usdm/stream/aggTrade/btcusdt"], scores.results["usdm/stream/ticker/btcusdt"]
    assert good.verdict is Verdict.CONFORMS
    assert [json.loads(message)["E"] - NOW for message in good.observation.messages][:2] == [0, 1]
    assert "SUBSCRIBE btcusdt@aggTrade" in good.observation.request
    assert [(f.path, f.kind) for f in bad.findings] == [("c", Kind.TYPE_CHANGED)]


async def test_a_difference_is_counted_over_all_messages(watch):
    """One finding: two of three."""
    sent = {"btcusdt@aggTrade": [trade(), trade(1, p=0.5), trade(2, p=1.5)]}
    async with exchange(sent) as feed:
        scores = await watch(feed.root, trades(Watch(events=3)))

    (finding,) = scores.results["usdm/stream/aggTrade/btcusdt"].findings
    assert (finding.path, finding.occurrences, finding.of) == ("p", 2, 3)


@pytest.mark.parametrize("connection", ["raw", "url"])
async def test_a_stream_may_have_a_connection_of_its_own(watch, connection):
    """By its name in the path, bare; or in the query, wrapped."""
    url = "/public/ws/btcusdt@aggTrade" if connection == "raw" else "/public/stream?streams=btcusdt@aggTrade"
    name = url.rpartition("/ws/")[2] if connection == "raw" else url
    message = trade() if connection == "raw" else {"stream": "btcusdt@aggTrade", "data": trade()}
    async with exchange({name: [message]}) as feed:
        if connection == "url":
            feed.messages[""] = [message]
        scores = await watch(feed.root, trades(Watch(connection=connection)))

    assert feed.paths == [url]
    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.CONFORMS


@pytest.mark.parametrize("reason", ["", "no liquidation happened"])
async def test_a_silent_stream_is_not_observed_and_never_passes(watch, reason):
    """Its contract may call silence normal; then the run is complete without it."""
    async with exchange() as feed:
        scores = await watch(feed.root, trades(Watch(seconds=0.01, may_be_silent=reason)))

    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    assert result.verdict is None
    assert result.may_be_silent is bool(reason)
    assert result.reason == f"not observed in 0.01 s: {reason or 'the stream stayed silent'}"


async def _liquidate(cases):
    await asyncio.sleep(0)
    return {case.id: Triggered(done="a position was liquidated") for case in cases}


async def _liquidate_in_vain(cases):
    await asyncio.sleep(0)
    return {case.id: Triggered(failed="no position could be opened") for case in cases}


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


async def test_a_stream_whose_cause_failed_is_blocked_unless_something_came(watch):
    async with exchange() as feed:
        scores = await watch(feed.root, trades(Watch(seconds=0.01)), trigger=_liquidate_in_vain)
    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    assert (result.verdict, result.reason) == (Verdict.BLOCKED, "no position could be opened")

    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        scores = await watch(feed.root, trades(Watch(seconds=5)), trigger=_liquidate_in_vain)
    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.CONFORMS


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


async def test_a_connection_that_is_gone_is_not_a_silent_stream(watch):
    """Nobody is accused: the case is blocked with the reason."""

    async def hang_up(connection, _text):
        await connection.close(1001, "bye")

    async with exchange(answer=hang_up) as feed:
        scores = await watch(feed.root, fast(), listening=listening(100, 141))

    result = scores.results[NAME]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("the connection was lost: the server closed it with code 1001, saying 'bye'")


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


@pytest.mark.parametrize("connection", ["raw", "url", "combined"])
async def test_a_drop_before_the_first_message_is_mended(watch, connection):
    """Over any kind of connection; what comes again over the new one came not twice."""
    asked = trades(Watch(connection=connection, events=2, seconds=10))
    paths = []

    async def handle(connection_):
        path = connection_.request.path
        paths.append(path)
        if "/ws/" not in path and "?" not in path:
            frame = json.loads(await connection_.recv())
            await connection_.send(json.dumps({"result": None, "id": frame["id"]}))
        message = trade() if "/ws/" in path else {"stream": "btcusdt@aggTrade", "data": trade()}
        if len(paths) == 1:
            connection_.transport.abort()
            return
        await connection_.send(json.dumps(message))
        if len(paths) == 2:
            await connection_.close(1001)
            return
        await connection_.send(json.dumps(message).replace(str(NOW), str(NOW + 1)))
        await connection_.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        scores = await watch(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked)

    assert len(paths) == 3
    assert scores.results[NAME].verdict is Verdict.CONFORMS, scores.results[NAME]
    assert not [result for result in scores.results.values() if result.aside]


async def test_an_unreachable_root_blocks_its_streams(watch):
    async with exchange() as feed:
        root = feed.root
    scores = await watch(root, trades(Watch()))

    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.BLOCKED
    assert len(scores.blockages) == 1


UNKNOWN = {"error": {"code": 0, "msg": "Unknown property"}, "id": 1}
FRAME = {"method": "GET_PROPERTY", "params": ["x"], "id": 1}


def command(**params):
    cases = [Case(id="wrong", title="wrong", example="unknown", params=params, watch=Watch(seconds=0.2))]
    examples = (Example(name="unknown", when="unknown property", response=UNKNOWN),)
    named = {"command": True, "examples": examples}
    return contract("control.GET_PROPERTY", "GET_PROPERTY", {"result": True, "id": 2}, *cases, **named)


def answering(*frames, close=False):
    async def answer(connection, _text):
        for frame in frames:
            await connection.send(json.dumps(frame))
        if close:
            await connection.close(1008)

    return answer


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([UNKNOWN], ""),
        ([{"error": {"code": 2, "msg": "x"}, "id": 1}], "2"),
        ([{"result": None, "id": 1}], "no error"),
        ([], "No answer came within 0.2 s."),
    ],
)
async def test_the_answer_to_a_wrong_command_has_the_documented_code(watch, frames, said):
    async with exchange(answer=answering(*frames)) as feed:
        scores = await watch(feed.root, command(frame=FRAME))

    result = scores.results["usdm/stream/control.GET_PROPERTY/wrong"]
    assert feed.paths == ["/public/ws"]
    assert (result.verdict is Verdict.CONFORMS) is not bool(said)
    assert said in " ".join(finding.actual for finding in result.findings)


@pytest.mark.parametrize("closes", [True, False])
async def test_a_connection_that_must_end_is_seen_to_end(watch, closes):
    async with exchange(answer=answering({**UNKNOWN, "id": None}, close=closes)) as feed:
        scores = await watch(feed.root, command(text="{", closes=True))

    result = scores.results["usdm/stream/control.GET_PROPERTY/wrong"]
    assert ("must be closed" in " ".join(finding.actual for finding in result.findings)) is not closes


async def test_an_error_of_wireproofs_own_shows_no_secret(watch, monkeypatch):
    """It is redacted where it becomes a verdict, before anything else reads it."""
    key, redactor = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", Redactor()
    redactor.register(key, "api key")

    async def settle(_watch, _watching, _source):
        raise LookupError(f"nobody foresaw {key}")

    monkeypatch.setattr(StreamWatch, "_settle", settle)
    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        [result] = (await watch(feed.root, trades(Watch(events=1)), redactor=redactor)).results.values()
    assert (result.verdict, result.reason) == (Verdict.BROKEN, "LookupError: nobody foresaw <redacted api key>")
