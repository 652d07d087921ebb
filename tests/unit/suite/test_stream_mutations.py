"""An exchange that alters one message of every stream: each touched case says so, with path and kind."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from websockets.asyncio.server import serve

from wireproof.contract.model import Stream, Watch
from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.vocabulary.addressed import addressed
from wireproof.suite.vocabulary.placeholders import resolve
from wireproof.suite.vocabulary.stream_names import stream_name

from .stream_messages import MARKETS, message
from .watches import watch


def event_of(message):
    """Return the object to alter and the path to it: an all-market array's first element."""
    return (message[0], "[].") if isinstance(message, list) else (message, "")


def rename(message):
    event, path = event_of(message)
    event["sRenamed"] = event.pop("E")
    return {(f"{path}E", Kind.MISSING_FIELD), (f"{path}sRenamed", Kind.UNDOCUMENTED_FIELD)}


def number_to_string(message):
    event, path = event_of(message)
    event["E"] = str(event["E"])
    return {(f"{path}E", Kind.TYPE_CHANGED)}


def null(message):
    event, path = event_of(message)
    event["e"] = None
    return {(f"{path}e", Kind.NULL_VALUE)}


def drop(message):
    event, path = event_of(message)
    del event["e"]
    return {(f"{path}e", Kind.MISSING_FIELD)}


def add(message):
    event, path = event_of(message)
    event["wireproofAdded"] = "1.5"
    return {(f"{path}wireproofAdded", Kind.UNDOCUMENTED_FIELD)}


def nest(message):
    event, path = event_of(message)
    event["e"] = [event["e"]]
    return {(f"{path}e", Kind.TYPE_CHANGED)}


def nothing(_message):
    return set()


@asynccontextmanager
async def exchange(messages):
    """Serve the messages of each stream to whoever subscribes."""

    async def handle(connection):
        async for text in connection:
            frame = json.loads(text)
            await connection.send(json.dumps({"result": None, "id": frame["id"]}))
            for name in frame["params"]:
                for data in messages[name]:
                    await connection.send(json.dumps({"stream": name, "data": data}))

    async with serve(handle, "127.0.0.1", 0, max_size=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("product", MARKETS)
@pytest.mark.parametrize("mutate", [rename, number_to_string, null, drop, add, nest, nothing])
async def test_every_stream_tells_of_its_altered_message(store, planned, product, mutate):
    """Once in two messages; the sound one is not accused."""
    cases, messages, expected = [], {}, {}
    for case in planned.values():
        stream = case.contract.subject
        if (
            case.contract.product != product
            or not isinstance(stream, Stream)
            or stream.command
            or case.contract in [known.contract for known in cases]
        ):
            continue
        watched = replace(case, watch=Watch(events=2, seconds=20), proves=())
        params = resolve(case.params, {"market": MARKETS[product]})
        sound, altered = (message(case.contract, addressed(case.contract, params), 10, number) for number in (1, 2))
        expected[case.id] = mutate(altered)
        cases.append(watched)
        messages[stream_name(stream, params)] = [sound, altered]
    async with exchange(messages) as root:
        results = await watch(store, cases, root=root, market=MARKETS[product], snapshot={})

    found = {name: {(f.path, f.kind) for f in result.findings} for name, result in results.items()}
    assert found == expected
    assert len(cases) == {"usdm": 20, "coinm": 19, "options": 10}[product]
    conforming = {result.verdict is Verdict.CONFORMS for result in results.values()}
    assert conforming == {mutate is nothing}
