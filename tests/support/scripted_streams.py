"""Streams of a scripted exchange, and contracts that fit them."""

import asyncio
import json
from contextlib import asynccontextmanager

from made_contracts import default, made_contract
from websockets.asyncio.server import serve

from wireproof.contract.model import Case, Stream, Surface, Watch
from wireproof.suite.streams.silence import Listening
from wireproof.suite.streams.witness import Witnesses

TRADE = {"e": "aggTrade", "E": 123456789, "s": "BTCUSDT", "p": "0.001", "m": True}
DEPTH = {"e": "depthUpdate", "E": 123456789, "s": "BTCUSDT", "U": 157, "u": 160, "pu": 149}
NOW = 1_700_000_000_000


def contract(name, pattern, example, *cases, command=False, **more):
    return made_contract(
        default(example),
        *more.pop("examples", ()),
        name=name,
        surface=Surface.STREAM,
        subject=Stream(name=pattern, route="public", command=command),
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


def trade(number=0, **changes):
    return {**TRADE, "E": NOW + number, **changes}


def depth(number, first, last, before):
    return {**DEPTH, "E": NOW + number, "U": first, "u": last, "pu": before}


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


def pushing(*frames):
    """Return what acknowledges a command and then sends frames."""

    async def answer(connection, text):
        await connection.send(json.dumps({"result": None, "id": json.loads(text)["id"]}))
        for frame in frames:
            await connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    return answer
