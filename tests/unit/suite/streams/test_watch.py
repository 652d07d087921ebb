"""Market streams as a run watches them, against scripted servers."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import date

import pytest
from made_contracts import default, made_contract
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Example, Stream, Surface, Watch
from wireproof.contract.store import Store
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import Waivers
from wireproof.errors import BlockedError
from wireproof.suite.events.venue_actions import Triggered
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.planning.cases import plan_cases
from wireproof.suite.running.replay import Replay
from wireproof.suite.streams.silence import Listening
from wireproof.suite.streams.watch import StreamWatch
from wireproof.suite.streams.witness import Witnesses
from wireproof.suite.target import Target
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.venue_control import StreamRecord
from wireproof.wire.websocket.market_stream import StreamConnection

TRADE = {"e": "aggTrade", "E": 123456789, "s": "BTCUSDT", "p": "0.001", "m": True}
DEPTH = {"e": "depthUpdate", "E": 123456789, "s": "BTCUSDT", "U": 157, "u": 160, "pu": 149}
NOW = 1_700_000_000_000


def contract(name, pattern, example, *cases, command=False, **more):
    return made_contract(
        default(example),
        *more.pop("examples", ()),
        name=name,
        surface=Surface.STREAM,
        stream=Stream(name=pattern, route="public", command=command),
        cases=cases,
        **more,
    )


def case(watch, *, name="btcusdt", **more):
    return Case(id=name, title=name, params={"symbol": "BTCUSDT"}, watch=watch, **more)


def trades(watch, **more):
    return contract("aggTrade", "<symbol>@aggTrade", TRADE, case(watch, **more))


class Feed:
    """A scripted exchange: acknowledges commands and pushes what `messages` holds for each name subscribed."""

    def __init__(self, messages=None, answer=None, drop_after=None):
        self.messages, self.answer, self.drop_after = messages or {}, answer, drop_after
        self.paths, self.root, self.greet = [], "", []

    async def handle(self, connection):
        """Serve one connection."""
        path = connection.request.path
        self.paths.append(path)
        name = path.rpartition("/ws/")[2] if "/ws/" in path else ""
        for message in [*self.messages.get(name, ()), *self.greet]:
            await connection.send(message if isinstance(message, str) else json.dumps(message))
        async for text in connection:
            if self.answer is not None:
                await self.answer(connection, text)
                continue
            frame = json.loads(text)
            await connection.send(json.dumps({"result": None, "id": frame["id"]}))
            for stream in frame["params"]:
                for number, message in enumerate(self.messages.get(stream, ())):
                    if self.drop_after == number and len(self.paths) == 1:
                        await connection.close()
                        return
                    await connection.send(json.dumps({"stream": stream, "data": message}))


@asynccontextmanager
async def exchange(*args, **named):
    feed = Feed(*args, **named)
    async with serve(feed.handle, "127.0.0.1", 0) as server:
        feed.root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield feed


@pytest.fixture
def watch(store):
    """Return what watches contracts at a root and gives the scores."""

    async def run(root, *contracts, depth=None, trigger=None, listening=None, target="local", redactor=None):
        own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
        cases = plan_cases(own, contracts)
        scores = RunState(cases)
        target = Target(target, Endpoints(), [], redactor or Redactor(), allow_trading=True, hide_values=False)
        judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))

        async def ask_depth(symbol):
            assert symbol == "BTCUSDT"
            await asyncio.sleep(0)
            return depth

        watching = StreamWatch(
            scores,
            cases,
            root=root,
            target=target,
            judge=judge,
            clock=ServerClock(),
            state={"market": {"symbol": "BTCUSDT"}},
            ask_depth=ask_depth,
            trigger=trigger,
            listening=listening,
        )
        await watching.run()
        scores.connections = watching.connections
        for case in cases:
            await scores.result(case.id)
        return scores

    return run


def trade(number=0, **changes):
    return {**TRADE, "E": NOW + number, **changes}


def depth(number, first, last, before):
    return {**DEPTH, "E": NOW + number, "U": first, "u": last, "pu": before}


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


class Trades:
    """A witness: each time it is asked for trades, so many more have happened; or it raises what it is given."""

    def __init__(self, *steps):
        self.steps, self.asked = list(steps), []

    async def __call__(self, name, params):
        """Answer with one trade."""
        await asyncio.sleep(0)
        self.asked.append((name, dict(params)))
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return [{"id": step}]


def listening(*steps, **more):
    """Return what asks a witness whose trades have these ids, one after the other."""
    asked = Trades(*steps)
    found = Listening(witnesses=Witnesses("usdm", "/fapi/v1", asked, {"symbol": "BTCUSDT"}), **{"settle_ms": 0, **more})
    found.asked = asked
    return found


SHORT = Watch(seconds=0.2)
NAME = "usdm/stream/aggTrade/btcusdt"


def fast(watch=SHORT, **more):
    """Return the contract of a stream that has no documented speed, so that nothing has to be waited for."""
    return trades(watch, **more)


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


def pushing(*frames):
    """Return what acknowledges a command and then sends frames."""

    async def answer(connection, text):
        await connection.send(json.dumps({"result": None, "id": json.loads(text)["id"]}))
        for frame in frames:
            await connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    return answer


async def test_frames_that_fit_nothing_are_counted_and_no_silence(watch):
    """Those that can be told to be of a stream are its findings: it is not said to have sent nothing."""
    frames = [{"stream": "BTCUSDT@aggTrade", "data": trade(number)} for number in range(41)]
    wanted = fast(Watch(events=41, seconds=0.5))
    async with exchange(answer=pushing(*frames)) as feed:
        scores = await watch(feed.root, wanted, listening=listening(100, 141))

    (finding,) = scores.results[NAME].findings
    assert finding.kind is Kind.PROTOCOL_VIOLATION
    assert finding.actual.startswith('41 frames that fit nothing came, first: {"stream":"BTCUSDT@aggTrade","data":{"e"')
    assert finding.actual.endswith("(its stream was not subscribed)")
    assert (finding.occurrences, finding.of) == (41, 41)


async def test_a_stream_on_which_nothing_came_is_told_with_the_frames_that_are_nobodys(watch):
    """Of two silent streams it is not known which one they were meant for: they are charged to the connection."""
    other = contract("other", "<symbol>@other", TRADE, case(SHORT))
    async with exchange(answer=pushing("<html>", "", "null")) as feed:
        scores = await watch(feed.root, fast(), other, listening=listening(100, 141))

    (aside,) = [result for result in scores.results.values() if result.aside]
    assert aside.contract == "usdm/stream/connection"
    assert [(one.kind, one.occurrences) for one in aside.findings] == [
        (Kind.UNPARSEABLE, 2),
        (Kind.PROTOCOL_VIOLATION, 1),
    ]
    silence = scores.results[NAME].findings[0].actual
    assert silence.startswith("subscribed, acknowledged, nothing that fits it came in ")
    assert "; 3 frames that fit nothing came, first: <html> (it is no JSON)" in silence


async def test_findings_of_a_connection_are_judged_again_from_their_observation(watch, store):
    """With the same result; the connection is no stored contract."""
    sound = [{"stream": f"btcusdt@{name}", "data": trade()} for name in ("aggTrade", "other")]
    other = contract("other", "<symbol>@other", TRADE, case(SHORT))
    async with exchange(answer=pushing("<html>", {"result": None, "id": 77}, *sound)) as feed:
        scores = await watch(feed.root, fast(), other)

    contracts = [fast(), other]
    own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
    asides = {name: result for name, result in scores.results.items() if result.aside}
    observed = [result.observation for result in scores.results.values() if result.observation is not None]
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False)
    replay = Replay(
        [case for case in plan_cases(own, contracts) if case.id in {one.case for one in observed}],
        observed,
        store=own,
        target=target,
        judge=Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22)),
        run="20261122T000000Z-abc123",
    )
    replay.start()

    assert len(asides) == 2
    for name, aside in asides.items():
        assert [one.fingerprint for one in replay.state.results[name].findings] == [
            one.fingerprint for one in aside.findings
        ]
        assert aside.findings


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"stream": "btcusdt@brandNew", "data": {"e": "brandNew", "E": NOW}}, "brandNew"),
        ({"stream": "!brandNew@arr", "data": [{"e": "brandNew", "E": NOW}]}, "brandNew"),
        ({"e": "brandNew", "E": NOW}, "brandNew"),
        ({"e": "../x y"}, "with-a-strange-type"),
    ],
)
@pytest.mark.parametrize("connection", ["combined", "url"])
async def test_an_event_type_that_no_contract_knows_is_additive_and_told_once(watch, frame, name, connection):
    """It stands beside the cases; the stream that was asked for is judged by its own messages."""
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    async with exchange(answer=pushing(frame, frame, sound)) as feed:
        feed.greet = [frame, frame, sound] if connection == "url" else []
        scores = await watch(feed.root, fast(Watch(seconds=5, connection=connection)))

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    (aside,) = [result for result in scores.results.values() if result.aside]
    (finding,) = aside.findings
    assert aside.id == f"usdm/stream/aggTrade/undocumented/{name}"
    assert (aside.verdict, finding.kind, finding.value) == (Verdict.ADDITIVE, Kind.UNDOCUMENTED_EVENT, name)
    assert (finding.actual, finding.occurrences) == (f"undocumented event {name}", 2)
    assert len(aside.observation.messages) == 2


async def test_an_undocumented_event_is_judged_again_with_todays_contracts(watch, store):
    """Until a contract knows it."""
    frame = {"stream": "btcusdt@brandNew", "data": {"e": "brandNew", "E": NOW}}
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    old, new = fast(Watch(seconds=5)), contract("brandNew", "<symbol>@brandNew", {"e": "brandNew"}, case(SHORT))
    async with exchange(answer=pushing(frame, sound)) as feed:
        scores = await watch(feed.root, old)

    verdicts = []
    for contracts in ([old], [old, new]):
        own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
        judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
        target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)
        observations = [result.observation for result in scores.results.values()]
        replay = Replay(scores.cases, observations, store=own, target=target, judge=judge, run="r")
        replay.start()
        verdicts.append(replay.state.results["usdm/stream/aggTrade/undocumented/brandNew"].verdict)
    assert verdicts == [Verdict.ADDITIVE, Verdict.CONFORMS]


async def test_fewer_messages_than_wanted_are_judged_when_the_time_is_over(watch):
    async with exchange({"btcusdt@aggTrade": [trade(m=1)]}) as feed:
        scores = await watch(feed.root, trades(Watch(events=5, seconds=0.05)))

    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.BREAKING


async def test_a_broken_pace_is_a_finding(watch):
    async with exchange({"btcusdt@aggTrade": [trade(), trade(1), trade(2), trade(3)]}) as feed:
        scores = await watch(feed.root, trades(Watch(events=4, every_ms=100, tolerance_ms=10)))

    (finding,) = scores.results["usdm/stream/aggTrade/btcusdt"].findings
    assert "Messages came every 1 ms" in finding.actual


def book(**watch):
    watched = Watch(events=3, seconds=5, **watch)
    return contract("depth", "<symbol>@depth", DEPTH, case(watched, proves=("order_book",)))


async def test_a_sound_order_book_chains_and_joins_its_snapshot(watch):
    """Events go on until one reaches the snapshot."""
    events = [depth(n, 10 * n + 1, 10 * n + 10, 10 * n) for n in range(6)]
    async with exchange({"btcusdt@depth": events}) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 35})

    result = scores.results["usdm/stream/depth/btcusdt"]
    assert result.verdict is Verdict.CONFORMS
    assert json.loads(result.observation.messages[-1])["u"] >= 35


async def test_a_gap_in_the_chain_is_a_finding(watch):
    events = [depth(1, 1, 10, 0), depth(2, 21, 30, 20), depth(3, 31, 40, 30)]
    async with exchange({"btcusdt@depth": events}) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 40})

    (finding,) = scores.results["usdm/stream/depth/btcusdt"].findings
    assert "pu 20 does not continue u 10" in finding.actual


async def test_a_drop_is_mended_and_breaks_no_chain(watch):
    """What comes over the new connection is a chain of its own."""
    events = [depth(1, 1, 10, 0), depth(2, 11, 20, 10), depth(3, 21, 30, 20), depth(4, 31, 40, 30)]
    async with exchange({"btcusdt@depth": events}, drop_after=2) as feed:
        scores = await watch(feed.root, book(), depth={"lastUpdateId": 25})

    assert len(feed.paths) == 2
    assert scores.results["usdm/stream/depth/btcusdt"].verdict is Verdict.CONFORMS


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


async def test_the_announced_end_of_a_server_is_noted_and_no_finding(watch):
    notice = {"e": "serverShutdown", "E": NOW}
    sound = {"stream": "btcusdt@aggTrade", "data": trade()}
    async with exchange(answer=pushing(notice, sound)) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)))

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    assert not [result for result in scores.results.values() if result.aside]
    assert scores.notes == ["The server of usdm's streams announced its shutdown, which is no finding."]


async def test_what_comes_once_a_case_is_judged_is_judged_beside_it(watch):
    """While its connection is open for others."""
    first, late = asyncio.Event(), {"stream": "btcusdt@aggTrade", "data": trade(9, p=5)}

    async def answer(connection, text):
        await connection.send(json.dumps({"result": None, "id": json.loads(text)["id"]}))
        await connection.send(json.dumps({"stream": "btcusdt@aggTrade", "data": trade()}))
        await asyncio.sleep(0.2)
        for frame in (late, late, {"stream": "btcusdt@other", "data": trade()}):
            await connection.send(json.dumps(frame))
        first.set()

    other = contract("other", "<symbol>@other", TRADE, case(Watch(seconds=5)))
    async with exchange(answer=answer) as feed:
        scores = await watch(feed.root, fast(Watch(seconds=5)), other)

    assert scores.results[NAME].verdict is Verdict.CONFORMS
    (later,) = [result for result in scores.results.values() if result.aside]
    assert later.id == f"{NAME}/later"
    assert [(one.path, one.kind) for one in later.findings] == [
        ("", Kind.PROTOCOL_VIOLATION),
        ("p", Kind.TYPE_CHANGED),
    ]
    assert "1 of 3 messages came twice" in later.findings[0].actual


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


async def test_what_was_watched_is_judged_again_from_its_observation(watch, store):
    """Messages, broken promises, and a silence that was judged."""
    steady = Watch(seconds=0.05, every_ms=1000, steady=True)
    loud, mute = trades(Watch(events=2)), contract("kline", "<symbol>@mute", TRADE, case(steady))
    async with exchange({"btcusdt@aggTrade": [trade(), trade(1, p=2)]}) as feed:
        scores = await watch(feed.root, loud, mute, listening=listening(100, 141))
    own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in (loud, mute)})
    judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
    observations = [result.observation for result in scores.results.values()]
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)
    replay = Replay(scores.cases, observations, store=own, target=target, judge=judge, run="r")
    replay.start()

    for name, result in scores.results.items():
        assert replay.state.results[name].verdict is result.verdict is Verdict.BREAKING
        assert replay.state.results[name].findings == result.findings


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
