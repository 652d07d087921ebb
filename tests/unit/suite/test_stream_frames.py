"""An exchange that spoils one frame of every other stream: each is found for its contract, nobody else is accused."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from wireproof.contract.model import Stream, Watch
from wireproof.drift.finding import Kind, Severity, Verdict
from wireproof.suite.vocabulary.addressed import addressed
from wireproof.suite.vocabulary.placeholders import resolve
from wireproof.suite.vocabulary.stream_names import stream_name
from wireproof.venue.serving.server import Venue
from wireproof.wire.websocket.market_stream import StreamConnection

from .stream_messages import MARKETS, message
from .watches import watch

MESSAGES, ENOUGH, ALTERED = 5, 4, 1
UNKNOWN = "wireproof@unknown"


@pytest.fixture(autouse=True)
def _brief_doubt(monkeypatch):
    monkeypatch.setattr("wireproof.wire.websocket.market_stream.DOUBT_SECONDS", 0.1)


def wrapped(name, data):
    return json.dumps({"stream": name, "data": data})


def on_frame(alter):
    """Return what alters the frame of one message."""
    return lambda name, sent: [*sent[:ALTERED], *alter(name, sent[ALTERED]), *sent[ALTERED + 1 :]]


def in_message(alter):
    """Return what alters the message in a frame; `alter` returns whether there was anything to alter."""

    def altered(name, frame):
        data = json.loads(frame)["data"]
        for row in data if isinstance(data, list) else [data]:
            alter(row)
        return [wrapped(name, data)]

    return on_frame(altered)


def other_symbol(row):
    for held in (row, row.get("k", {}), row.get("o", {})):
        if isinstance(held, dict) and isinstance(held.get("s"), str) and held["s"] != "0":
            held["s"] = "WIREUSDT"


def other_pair(row):
    for field in ("ps", "i"):
        if isinstance(row.get(field), str) and row[field].isalpha():
            row[field] = "WIREUSD"


def other_interval(row):
    if "k" in row:
        row["k"]["i"] = "3m" if row["k"]["i"] == "15m" else "15m"


#: What is done to the second of four frames (or to all four), and what must then be found of it.
ALTERATIONS = {
    "stream renamed": (on_frame(lambda _n, f: [f.replace('"stream"', '"streamX"', 1)]), {Kind.PROTOCOL_VIOLATION}),
    "data renamed": (on_frame(lambda _n, f: [f.replace('"data"', '"dataX"', 1)]), {Kind.PROTOCOL_VIOLATION}),
    "data missing": (on_frame(lambda n, _f: [json.dumps({"stream": n})]), {Kind.PROTOCOL_VIOLATION}),
    "no envelope": (
        on_frame(lambda _n, f: [json.dumps(json.loads(f)["data"])]),
        {Kind.PROTOCOL_VIOLATION},
    ),
    "array around it": (on_frame(lambda _n, f: [f"[{f}]"]), {Kind.PROTOCOL_VIOLATION}),
    "truncated": (on_frame(lambda _n, f: [f[: len(f) * 2 // 3]]), {Kind.UNPARSEABLE}),
    "cut in its name": (on_frame(lambda n, _f: [f'{{"stream": "{n}'[:-1]]), {Kind.UNPARSEABLE}),
    "binary": (on_frame(lambda _n, f: [f.encode()]), {Kind.PROTOCOL_VIOLATION}),
    "another stream": (
        on_frame(lambda _n, f: [json.dumps({"stream": UNKNOWN, "data": json.loads(f)["data"]})]),
        {Kind.PROTOCOL_VIOLATION},
    ),
    "stream a number": (
        on_frame(lambda _n, f: [json.dumps({"stream": 5, "data": json.loads(f)["data"]})]),
        {Kind.PROTOCOL_VIOLATION},
    ),
    "stream in capitals": (
        on_frame(lambda n, f: [json.dumps({"stream": n.swapcase(), "data": json.loads(f)["data"]})]),
        {Kind.PROTOCOL_VIOLATION},
    ),
    "a field more": (on_frame(lambda _n, f: [f'{f[:-1]}, "extra": 1}}']), {Kind.UNDOCUMENTED_FIELD}),
    "stream twice in it": (on_frame(lambda n, f: [f'{f[:-1]}, "stream": "{n}"}}']), {Kind.REPEATED_KEY}),
    "twice": (on_frame(lambda _n, f: [f, f]), {Kind.PROTOCOL_VIOLATION}),
    "the last twice": (lambda _n, sent: [*sent, sent[-1]], {Kind.PROTOCOL_VIOLATION}),
    "in another order": (lambda _n, sent: [sent[0], sent[2], sent[1], *sent[3:]], {Kind.PROTOCOL_VIOLATION}),
    "empty": (on_frame(lambda _n, _f: [""]), {Kind.UNPARSEABLE}),
    "a page": (on_frame(lambda _n, _f: ["<html>no</html>"]), {Kind.UNPARSEABLE}),
    "null": (on_frame(lambda _n, _f: ["null"]), {Kind.PROTOCOL_VIOLATION}),
    "another symbol": (in_message(other_symbol), {Kind.VALUE_CHANGED}),
    "another pair": (in_message(other_pair), {Kind.VALUE_CHANGED}),
    "another event": (in_message(lambda row: row.update(e="wireproof")), {Kind.VALUE_CHANGED}),
    "another interval": (in_message(other_interval), {Kind.VALUE_CHANGED}),
}

#: Alterations after which nothing in the frame tells whose it was: they are charged to the connection.
NOBODYS = {"empty", "a page", "null"}

#: Alterations after which the message alone tells, or a part of the name; and contracts that are then too much alike.
BY_MESSAGE = {"another stream", "stream a number", "no envelope", "cut in its name"}
ALIKE = {"bookTicker", "allBookTicker", "forceOrder", "allForceOrder", "depth", "partialDepth", "rpiDepth"}

#: Fields of which a stream of all symbols does not say whose they are, by alteration.
ADDRESSED = {"another symbol": {"s", "k.s", "o.s", "[].s"}, "another pair": {"ps", "i"}}


class Exchange:
    """Acknowledges SUBSCRIBE and sends the frames of each stream, in turns."""

    def __init__(self, frames, acknowledge=None):
        self.frames, self.acknowledge = frames, acknowledge
        self.paths = []

    async def handle(self, connection):
        """Serve one connection."""
        self.paths.append(connection.request.path)
        async for text in connection:
            command = json.loads(text)
            sound = json.dumps({"result": None, "id": command["id"]})
            for answer in [sound] if self.acknowledge is None else self.acknowledge(command, sound):
                await connection.send(answer)
            queues = [self.frames.pop(name) for name in command["params"] if name in self.frames]
            while any(queues):
                for queue in filter(None, queues):
                    await connection.send(queue.pop(0))


@asynccontextmanager
async def serving(exchange):
    async with serve(exchange.handle, "127.0.0.1", 0, max_size=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def watched_streams(planned, product, seconds=20):
    """Return every stream that is watched over a shared connection, with its name and what its messages must hold."""
    found = []
    for case in planned.values():
        stream = case.contract.subject
        watched = case.contract.product == product and isinstance(stream, Stream) and not stream.command
        if not watched or case.watch.connection != "combined":
            continue
        params = resolve(case.params, {"market": MARKETS[product]})
        sound = replace(case, watch=Watch(events=ENOUGH, seconds=seconds))
        found.append((sound, stream_name(stream, params), addressed(case.contract, params)))
    return found


def name_of(case):
    """Return the name of the stream that a case watches."""
    return stream_name(case.contract.of(Stream), resolve(case.params, {"market": MARKETS[case.contract.product]}))


async def watch_all(store, product, cases, exchange):
    """Watch streams of an exchange that is none of the venue's; return the results by case."""
    async with serving(exchange) as root:
        return await watch(
            store, cases, root=root, market=MARKETS[product], snapshot={"lastUpdateId": 0}, target="other"
        )


async def spoil(store, planned, product, alter, chosen, seconds=20):
    """Alter the streams of the chosen contracts; return the results, and the contracts whose frames changed."""
    streams = watched_streams(planned, product, seconds)
    frames, changed = {}, set()
    for place, (case, name, wanted) in enumerate(streams):
        sent = [wrapped(name, message(case.contract, wanted, 10_000 * (place + 1), n)) for n in range(MESSAGES)]
        frames[name] = alter(name, sent) if chosen(case.contract) else sent
        if frames[name] != sent:
            changed.add(case.contract.id)
    return await watch_all(store, product, [case for case, *_ in streams], Exchange(frames)), changed


def accused(results):
    """Return the kinds of what was found, by contract; what is normal of an example is left out."""
    found = {}
    for result in results.values():
        for finding in result.findings:
            found.setdefault(finding.contract, set()).add(finding.kind)
    return found


@pytest.mark.parametrize("product", MARKETS)
async def test_sound_streams_are_not_accused(store, planned, product):
    """Of all products, whatever orders and addresses their messages."""
    results, changed = await spoil(store, planned, product, lambda _n, sent: sent, lambda _contract: True)

    assert not changed
    assert accused(results) == {}
    assert {result.verdict for result in results.values()} == {Verdict.CONFORMS}


@pytest.mark.parametrize("alteration", ALTERATIONS)
async def test_every_spoiled_frame_is_found_for_its_stream(store, planned, alteration):
    """Once with every other contract's streams spoiled, once with the others': the sound ones conform."""
    alter, kinds = ALTERATIONS[alteration]

    async def half(product, parity):
        ids = sorted({case.contract.id for case, *_ in watched_streams(planned, product)})
        return await spoil(store, planned, product, alter, lambda contract: ids.index(contract.id) % 2 == parity)

    for results, changed in await asyncio.gather(*(half(product, parity) for product in MARKETS for parity in (0, 1))):
        found = accused(results)
        connection = {name for name in found if name.endswith("/connection")}
        if alteration in NOBODYS:
            assert {name: found[name] for name in connection} == dict.fromkeys(connection, kinds)
            assert found.keys() == connection
            continue
        places = ADDRESSED.get(alteration)
        told = {name for name in changed if not places or store.contracts[name].repeats.keys() & places}
        untold = {name for name in told if name.rpartition("/")[2] in ALIKE and alteration in BY_MESSAGE}
        assert told - untold <= found.keys() <= told | (connection if untold else set())
        assert {name: found[name] for name in found} == dict.fromkeys(found, kinds)
        for result in results.values():
            for finding in result.findings:
                assert "chain" not in finding.actual or alteration in {"in another order", "twice", "the last twice"}


@pytest.mark.parametrize("alteration", ["stream renamed", "another stream", "a page", "no envelope"])
async def test_a_stream_all_of_whose_frames_are_spoiled_is_not_said_to_be_silent(store, planned, alteration):
    """They are counted and shown; where nothing in them tells whose they are, they are of the only silent stream."""
    alter, kinds = ALTERATIONS[alteration]

    def every(name, sent):
        return [frame for one in sent for frame in alter(name, [one, one])[ALTERED : ALTERED + 1]]

    def chosen(contract):
        return contract.id == "usdm/stream/allBookTicker"

    results, changed = await spoil(store, planned, "usdm", every, chosen, seconds=2)

    assert changed == {"usdm/stream/allBookTicker"}
    assert accused(results) == {"usdm/stream/allBookTicker": kinds}
    (finding,) = results["usdm/stream/allBookTicker/all"].findings
    assert finding.actual.startswith(f"{finding.occurrences} frames that fit nothing came, first: ")
    assert finding.occurrences in {ENOUGH, MESSAGES}


#: What the first SUBSCRIBE is answered with, and what is then found at which path.
ANSWERS = {
    "result a word": (lambda c, _s: [json.dumps({"result": "ok", "id": c["id"]})], {("result", Kind.TYPE_CHANGED)}),
    "result a list": (lambda c, _s: [json.dumps({"result": [], "id": c["id"]})], {("result", Kind.TYPE_CHANGED)}),
    "result missing": (lambda c, _s: [json.dumps({"id": c["id"]})], {("result", Kind.MISSING_FIELD)}),
    "a field more": (
        lambda c, _s: [json.dumps({"result": None, "id": c["id"], "more": 1})],
        {("more", Kind.UNDOCUMENTED_FIELD)},
    ),
    "id a string": (
        lambda c, _s: [json.dumps({"result": None, "id": str(c["id"])})],
        {("id", Kind.TYPE_CHANGED), ("", Kind.PROTOCOL_VIOLATION)},
    ),
    "id missing": (lambda _c, _s: ['{"result": null}'], {("id", Kind.MISSING_FIELD)}),
    "another id": (lambda _c, _s: ['{"result": null, "id": 99}'], {("", Kind.PROTOCOL_VIOLATION)}),
    "a foreign one before it": (lambda _c, s: ['{"result": null, "id": 99}', s], {("", Kind.PROTOCOL_VIOLATION)}),
    "twice": (lambda _c, s: [s, s], {("", Kind.PROTOCOL_VIOLATION)}),
    "binary": (lambda _c, s: [s.encode()], {("", Kind.PROTOCOL_VIOLATION)}),
    "no JSON": (lambda _c, s: [s[:-2]], {("", Kind.UNPARSEABLE)}),
    "an array around it": (lambda _c, s: [f"[{s}]"], {("", Kind.TYPE_CHANGED)}),
    "unanswered once": (lambda c, s: [] if c["id"] == 1 else [s], {("", Kind.PROTOCOL_VIOLATION)}),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_spoiled_answer_to_subscribe_is_the_commands_and_its_streams_are_judged(
    store, planned, answer, monkeypatch
):
    """By what they send."""
    monkeypatch.setattr(StreamConnection.command, "__kwdefaults__", {"seconds": 0.5})
    acknowledge, expected = ANSWERS[answer]
    streams = [one for one in watched_streams(planned, "coinm") if one[0].contract.id.endswith(("/ticker", "/depth"))]
    frames = {
        name: [wrapped(name, message(case.contract, wanted, 10_000 * place, n)) for n in range(1, MESSAGES + 1)]
        for place, (case, name, wanted) in enumerate(streams, 1)
    }

    results = await watch_all(store, "coinm", [case for case, *_ in streams], Exchange(frames, acknowledge))

    assert all(results[case.id].verdict is Verdict.CONFORMS for case, *_ in streams)
    (aside,) = [result for result in results.values() if result.aside]
    assert aside.contract == "coinm/stream/control.SUBSCRIBE"
    assert {(finding.path, finding.kind) for finding in aside.findings} == expected
    if answer in {"another id", "a foreign one before it"}:
        assert "99" in aside.findings[0].actual
    assert (answer == "a field more") is all(one.severity is Severity.ADDITIVE for one in aside.findings)


class Relay:
    """Stands between the suite and a venue, and spoils the second frame of some streams, each in its way."""

    def __init__(self, upstream, ways):
        self.upstream, self.ways = upstream, ways
        self.seen, self.spoiled, self.held = Counter(), {}, {}

    def passed(self, frame):
        """Return what is sent in the place of a frame."""
        name = json.loads(frame).get("stream")
        self.seen[name] += 1
        if name in self.held:
            self.spoiled[name] = self.ways[name]
            return [frame, self.held.pop(name)]
        if name not in self.ways or self.seen[name] != 2:
            return [frame]
        way = self.ways[name]
        if way == "in another order":
            self.held[name] = frame
            return []
        instead = ALTERATIONS[way][0](name, ["", frame])[1:]
        if instead != [frame]:
            self.spoiled[name] = way
        return instead

    async def handle(self, client):
        """Serve one connection."""
        async with connect(f"{self.upstream}{client.request.path}", max_size=None) as server:

            async def up():
                async for text in client:
                    await server.send(text)
                await server.close()

            task = asyncio.create_task(up())
            with suppress(ConnectionClosed):
                async for frame in server:
                    for one in self.passed(frame):
                        await client.send(one)
            await client.close()
            await asyncio.gather(task, return_exceptions=True)


async def test_spoiled_frames_of_a_venue_are_found_for_their_streams(store, planned):
    """Among its real traffic: every other contract's, each stream's in another way."""
    ways = [*(ALTERATIONS.keys() - NOBODYS - ADDRESSED.keys() - {"the last twice", "another interval"})]
    cases, by_name = [], {}
    for product in MARKETS:
        streams = watched_streams(planned, product)
        ids = sorted({case.contract.id for case, *_ in streams})
        for case, name, _ in streams:
            watched = replace(case, watch=Watch(events=5, seconds=8, may_be_silent="nothing happened"))
            cases.append(watched)
            if ids.index(case.contract.id) % 2:
                by_name[product, name] = sorted(ways)[len(by_name) % len(ways)]
    async with Venue(seed=7, market_moves=True, weight_limit=1_000_000) as venue:
        results, relays = {}, {}

        async def run(product):
            mine = [case for case in cases if case.contract.product == product]
            upstream = venue.stream_url + ("/dstream" if product == "coinm" else "")
            relays[product] = Relay(upstream, {name: way for (of, name), way in by_name.items() if of == product})
            results.update(await watch_all(store, product, mine, relays[product]))

        await asyncio.gather(*map(run, MARKETS))
    found = accused(results)
    of_stream = {(case.contract.product, name): case.contract.id for case in cases for name in [name_of(case)]}
    spoiled = {(product, name): way for product, relay in relays.items() for name, way in relay.spoiled.items()}
    assert len(spoiled) > 60
    assert len(set(spoiled.values())) > 10
    connections = {name for name in found if name.endswith("/connection")}
    assert found.keys() - connections <= {of_stream[one] for one in spoiled}
    for one, way in spoiled.items():
        kinds = found.get(of_stream[one], set())
        if way not in BY_MESSAGE:
            assert ALTERATIONS[way][1] <= kinds, (one, way, kinds)
        assert ALTERATIONS[way][1] <= kinds or connections, (one, way)
