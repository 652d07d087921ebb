"""Market streams over raw and combined connections."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from wireproof.wire import market_stream
from wireproof.wire.failures import TargetBlockedError
from wireproof.wire.market_stream import MarketStreams, Message, Pace, StreamConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Exchange:
    """A scripted stream server: acknowledges, pushes one message per name subscribed, and remembers."""

    def __init__(self, then: Callable[[ServerConnection, int], Awaitable[None]] | None = None) -> None:
        self.paths: list[str] = []
        self.frames: list[Any] = []
        self.root = ""
        self._then = then

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        assert connection.request is not None
        self.paths.append(connection.request.path)
        number = len(self.paths)
        async for text in connection:
            frame = json.loads(text)
            self.frames.append(frame)
            await connection.send(json.dumps({"result": None, "id": frame["id"]}))
            if frame["method"] == "SUBSCRIBE":
                for name in frame["params"]:
                    await connection.send(json.dumps({"stream": name, "data": {"e": "x", "n": number}}))
                if self._then is not None:
                    await self._then(connection, number)

    @property
    def subscribed(self) -> list[list[str]]:
        """Return the names of each SUBSCRIBE."""
        return [frame["params"] for frame in self.frames if frame["method"] == "SUBSCRIBE"]


@contextlib.asynccontextmanager
async def exchange(
    then: Callable[[ServerConnection, int], Awaitable[None]] | None = None,
) -> AsyncIterator[Exchange]:
    made = Exchange(then)
    async with serve(made.handle, "127.0.0.1", 0) as server:
        made.root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/public"
        yield made


@contextlib.asynccontextmanager
async def saying(*frames: str | bytes) -> AsyncIterator[str]:
    """Serve these frames to whoever connects; give the root."""

    async def handle(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/public"


class Inbox:
    """Collects messages and lets a test wait for so many."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._changed = asyncio.Condition()

    def __call__(self, message: Message) -> None:
        """Take a message in."""
        self.messages.append(message)
        self._tell = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def holds(self, number: int) -> None:
        """Wait until so many messages came."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.messages) >= number), 10)


async def test_many_streams_share_few_connections() -> None:
    """No more connections than the limit of streams asks for; names go out many at a time."""
    inbox = Inbox()
    names = [f"s{number}@trade" for number in range(5)]
    async with exchange() as server, MarketStreams(server.root, inbox, most_streams=3) as streams:
        await streams.subscribe(names)
        await inbox.holds(5)

        assert streams.connections == 2
    assert sorted(server.subscribed) == [["s0@trade", "s1@trade", "s2@trade"], ["s3@trade", "s4@trade"]]
    assert server.paths == ["/public/stream"] * 2
    assert sorted(message.stream for message in inbox.messages) == names
    assert json.loads(inbox.messages[0].raw)["e"] == "x"
    assert inbox.messages[0].received_at > 1e12


async def test_a_dropped_connection_is_opened_again_with_its_streams() -> None:
    """The drop is remembered with its reason."""

    async def drop_once(connection: ServerConnection, number: int) -> None:
        if number == 1:
            await connection.close(1012, "restart")

    inbox = Inbox()
    async with exchange(drop_once) as server, MarketStreams(server.root, inbox, back_off=(0.0, 0.0)) as streams:
        await streams.subscribe(["a@trade"])
        await inbox.holds(2)

        assert streams.drops == ["the server closed it with code 1012, saying 'restart'"]
    assert server.subscribed == [["a@trade"], ["a@trade"]]
    assert [json.loads(message.raw)["n"] for message in inbox.messages] == [1, 2]


async def test_a_root_that_refuses_is_a_blocked_target() -> None:
    """Who subscribes is told; nothing waits for ever."""
    async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    with pytest.raises(TargetBlockedError):
        async with MarketStreams(f"ws://127.0.0.1:{port}/public", Inbox()) as streams:
            await streams.subscribe(["a@trade"])


async def test_a_raw_connection_delivers_whole_frames_under_its_name() -> None:
    """Arrays and frames that are no JSON as well."""
    inbox = Inbox()
    frames = ['{"e":"x","id":7}', '[{"e":"x"}]', "<html>"]
    async with saying(*frames) as root:
        streams = MarketStreams(root, inbox)
        async with StreamConnection(streams.url("raw", "!ticker@arr"), inbox):
            await inbox.holds(3)

    assert [(message.stream, message.raw.decode()) for message in inbox.messages] == [
        ("!ticker@arr", frame) for frame in frames
    ]


async def test_urls_of_connections_for_one_stream() -> None:
    """A non-ASCII symbol is percent-encoded."""
    streams = MarketStreams("wss://host/public/", Inbox())

    assert streams.url("raw", "btcusdt@depth@100ms") == "wss://host/public/ws/btcusdt@depth@100ms"
    assert streams.url("url", "币安@trade") == "wss://host/public/stream?streams=%E5%B8%81%E5%AE%89@trade"


async def test_answers_are_matched_by_id() -> None:
    """In whatever order they come; an answer to nobody is dropped, messages in between are delivered."""

    async def handle(connection: ServerConnection) -> None:
        first, second = json.loads(await connection.recv()), json.loads(await connection.recv())
        await connection.send('{"result":null,"id":99}')
        await connection.send(json.dumps({"result": True, "id": second["id"]}))
        await connection.send('{"stream":"a","data":{"id":1,"result":2}}')
        await connection.send(json.dumps({"error": {"code": 0, "msg": "Unknown property"}, "id": first["id"]}))
        await connection.wait_closed()

    inbox = Inbox()
    async with (
        serve(handle, "127.0.0.1", 0) as server,
        StreamConnection(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream", inbox) as connection,
    ):
        one, two = await asyncio.gather(
            connection.command("SET_PROPERTY", ["x", True]), connection.command("GET_PROPERTY", ["combined"])
        )

    assert one.raw is not None
    assert two.raw is not None
    assert json.loads(one.raw)["error"]["code"] == 0
    assert json.loads(two.raw)["result"] is True
    assert json.loads(one.frame) == {"method": "SET_PROPERTY", "id": 1, "params": ["x", True]}
    assert [message.stream for message in inbox.messages] == ["a"]


async def test_a_command_without_an_answer_says_so() -> None:
    """At its deadline, and when the connection ends first."""

    async def handle(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.recv()
        await connection.close(1008, "Invalid request")

    async with (
        serve(handle, "127.0.0.1", 0) as server,
        StreamConnection(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws", Inbox()) as connection,
    ):
        assert (await connection.command("LIST_SUBSCRIPTIONS", seconds=0.01)).raw is None
        assert (await connection.command("LIST_SUBSCRIPTIONS", seconds=10)).raw is None
        await connection.wait_closed()

        assert connection.closed == "the server closed it with code 1008, saying 'Invalid request'"
        assert connection.close_code == 1008


async def test_no_more_messages_than_allowed_in_any_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """The eleventh waits until the first is a second old."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(market_stream.asyncio, "sleep", sleep)
    pace = Pace(market_stream.MOST_MESSAGES, market_stream.MESSAGES_SECONDS)
    for _ in range(11):
        await pace()

    assert len(slept) == 1
    assert 0 < slept[0] <= 1


async def test_an_error_about_a_frame_that_could_not_be_read_answers_the_only_command() -> None:
    """Its id is null; with two commands under way it is nobody's."""

    async def handle(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send('{"error":{"code":2,"msg":"Invalid request"},"id":null}')

    async with (
        serve(handle, "127.0.0.1", 0) as server,
        StreamConnection(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws", Inbox()) as connection,
    ):
        assert (await connection.command("NONE", seconds=10)).raw is not None
        both = await asyncio.gather(connection.command("A", seconds=0.05), connection.command("B", seconds=0.05))

    assert [answer.raw for answer in both] == [None, None]
