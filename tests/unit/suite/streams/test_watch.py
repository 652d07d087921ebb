"""Market streams as a run watches them, against scripted servers."""

import asyncio
import json

import pytest
from scripted_streams import NAME, NOW, case, contract, exchange, trade, trades
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Example, Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.events.venue_actions import Triggered


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


async def _liquidate_in_vain(cases):
    await asyncio.sleep(0)
    return {case.id: Triggered(failed="no position could be opened") for case in cases}


async def test_a_stream_whose_cause_failed_is_blocked_unless_something_came(watch):
    async with exchange() as feed:
        scores = await watch(feed.root, trades(Watch(seconds=0.01)), trigger=_liquidate_in_vain)
    result = scores.results["usdm/stream/aggTrade/btcusdt"]
    assert (result.verdict, result.reason) == (Verdict.BLOCKED, "no position could be opened")

    async with exchange({"btcusdt@aggTrade": [trade()]}) as feed:
        scores = await watch(feed.root, trades(Watch(seconds=5)), trigger=_liquidate_in_vain)
    assert scores.results["usdm/stream/aggTrade/btcusdt"].verdict is Verdict.CONFORMS


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
