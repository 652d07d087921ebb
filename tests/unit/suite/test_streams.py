"""Market streams as a run watches them, against scripted servers."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import date

import pytest
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Contract, Example, Stream, Surface, Watch
from wireproof.contract.store import Store
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import Waivers
from wireproof.suite.cases import plan_cases
from wireproof.suite.judge import Judge
from wireproof.suite.replay import Replay
from wireproof.suite.scores import Scores
from wireproof.suite.streams import Stirred, StreamWatch
from wireproof.suite.target import Target
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.redact import Redactor

TRADE = {"e": "aggTrade", "E": 123456789, "s": "BTCUSDT", "p": "0.001", "m": True}
DEPTH = {"e": "depthUpdate", "E": 123456789, "s": "BTCUSDT", "U": 157, "u": 160, "pu": 149}
NOW = 1_700_000_000_000


def contract(name, pattern, example, *cases, command=False, **more):
    return Contract(
        id=f"usdm/stream/{name}",
        title=name,
        product="usdm",
        surface=Surface.STREAM,
        docs_url="https://developers.binance.com/docs/derivatives",
        revised="2026-08-19",
        stream=Stream(name=pattern, route="public", command=command),
        examples=(Example(name="default", response=example), *more.pop("examples", ())),
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
        self.paths, self.root = [], ""

    async def handle(self, connection):
        """Serve one connection."""
        path = connection.request.path
        self.paths.append(path)
        name = path.rpartition("/ws/")[2] if "/ws/" in path else ""
        for message in self.messages.get(name, ()):
            await connection.send(json.dumps(message))
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

    async def run(root, *contracts, depth=None, stir=None):
        own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
        cases = plan_cases(own, contracts)
        scores = Scores(cases)
        target = Target("local", Endpoints(), [], Redactor(), allow_trading=True, hide_values=False)
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
            stir=stir,
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
    assert [json.loads(message)["E"] - NOW for message in good.observation.messages] == [0, 1]
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
    return {case.id: Stirred(done="a position was liquidated") for case in cases}


async def _liquidate_in_vain(cases):
    await asyncio.sleep(0)
    return {case.id: Stirred(failed="no position could be opened") for case in cases}


@pytest.mark.parametrize("connection", ["combined", "raw"])
async def test_a_stream_that_is_silent_after_its_cause_breaks_its_promise(watch, connection):
    """Whatever its contract says of silence; and its cause is part of what is reported."""
    silent = Watch(seconds=0.01, connection=connection, may_be_silent="no liquidation happened")
    async with exchange() as feed:
        scores = await watch(feed.root, trades(silent), stir=_liquidate)

    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    (finding,) = result.findings
    assert finding.kind is Kind.PROTOCOL_VIOLATION
    assert finding.actual == "Nothing came in 0.01 s, although a position was liquidated."
    assert result.observation.request.endswith("; then a position was liquidated")


async def test_a_stream_whose_cause_failed_is_blocked_unless_something_came(watch):
    async with exchange() as feed:
        scores = await watch(feed.root, trades(Watch(seconds=0.01)), stir=_liquidate_in_vain)
    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    assert (result.verdict, result.reason) == (Verdict.BLOCKED, "no position could be opened")

    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        scores = await watch(feed.root, trades(Watch(seconds=5)), stir=_liquidate_in_vain)
    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.CONFORMS


async def test_a_steady_stream_that_is_silent_breaks_its_promise(watch):
    async with exchange() as feed:
        scores = await watch(feed.root, trades(Watch(seconds=0.01, every_ms=1000, steady=True)))

    (finding,) = scores.results["usdm/stream/aggTrade/btcusdt"].findings
    assert finding.kind is Kind.PROTOCOL_VIOLATION
    assert finding.actual == "Nothing came in 0.01 s, where a message every 1000 ms is documented."


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
    loud, mute = trades(Watch(events=2)), contract("mute", "<symbol>@mute", TRADE, case(steady))
    async with exchange({"btcusdt@aggTrade": [trade(), trade(1, p=2)]}) as feed:
        scores = await watch(feed.root, loud, mute)
    own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in (loud, mute)})
    judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))
    observations = [result.observation for result in scores.results.values()]
    target = Target("local", Endpoints(), [], Redactor(), allow_trading=False, hide_values=False)
    replay = Replay(scores.cases, observations, store=own, target=target, judge=judge, run="r")
    replay.start()

    for name, result in scores.results.items():
        assert replay.results[name].verdict is result.verdict is Verdict.BREAKING
        assert replay.results[name].findings == result.findings
