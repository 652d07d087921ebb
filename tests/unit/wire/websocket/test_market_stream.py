"""Market streams over raw and combined connections."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Opcode
from websockets.server import ServerProtocol

from wireproof.wire.failures import TargetBlockedError
from wireproof.wire.websocket import market_stream
from wireproof.wire.websocket.market_stream import MarketStreams, Message, SendPace, StreamConnection

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
    pace = SendPace(market_stream.MOST_MESSAGES, market_stream.MESSAGES_SECONDS)
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


async def test_after_a_barrier_everything_that_was_sent_before_was_delivered() -> None:
    """Though the process read nothing meanwhile: a stall makes nobody silent."""

    async def handle(connection: ServerConnection) -> None:
        for number in range(200):
            await connection.send(json.dumps({"stream": "a", "data": {"n": number}}))
        await connection.wait_closed()

    inbox = Inbox()
    async with serve(handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
        async with StreamConnection(url, inbox) as connection:
            assert await connection.barrier()
            assert len(inbox.messages) == 200


async def test_those_who_ask_for_a_barrier_at_once_share_a_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings count among the messages that a connection may send."""
    pings = 0
    real_event = ServerConnection.process_event

    def counted(connection: ServerConnection, event: Any) -> None:
        nonlocal pings
        pings += getattr(event, "opcode", None) is Opcode.PING
        real_event(connection, event)

    monkeypatch.setattr(ServerConnection, "process_event", counted)
    async with saying("1") as root, StreamConnection(f"{root}/ws", Inbox()) as connection:
        assert all(await asyncio.gather(*(connection.barrier() for _ in range(50))))
        assert await connection.barrier()

    assert pings == 2


async def test_a_peer_that_answers_no_ping_is_not_said_to_be_silent() -> None:
    """Neither is one that is gone."""
    async with deaf() as url, StreamConnection(url, Inbox()) as connection:
        assert not await connection.barrier(seconds=0.05)
    assert not await connection.barrier()


async def test_a_command_of_a_peer_that_answers_no_ping_was_not_refused_an_answer() -> None:
    async with deaf() as url, StreamConnection(url, Inbox(), pong_seconds=0.05) as connection:
        answer = await connection.command("LIST_SUBSCRIPTIONS", seconds=0.01)

    assert (answer.raw, answer.alive) == (None, False)


@contextlib.asynccontextmanager
async def deaf() -> AsyncIterator[str]:
    """Serve a handshake, and then nothing: neither pongs nor answers."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = ServerProtocol()
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))
        for data in protocol.data_to_send():
            writer.write(data)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"


async def test_an_answer_that_came_while_this_process_stood_still_is_an_answer() -> None:
    """The time was over before it was read, and it was there all the while."""

    async def handle(connection: ServerConnection) -> None:
        frame = json.loads(await connection.recv())
        await asyncio.sleep(0.05)
        await connection.send(json.dumps({"result": [], "id": frame["id"]}))
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
        async with StreamConnection(url, Inbox()) as connection:
            asking = asyncio.ensure_future(connection.command("LIST_SUBSCRIPTIONS", seconds=0.1))
            await asyncio.sleep(0.06)  # the answer is on its way
            time.sleep(0.2)  # noqa: ASYNC251  # and this process stands still
            answer = await asking

    assert answer.raw is not None


async def test_a_refused_subscription_names_the_stream_that_is_refused() -> None:
    """Of several that are refused together each is asked for alone."""

    async def handle(connection: ServerConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            error = {"error": {"code": 2, "msg": "Invalid request: bad"}, "id": frame["id"]}
            fine = {"result": None, "id": frame["id"]}
            await connection.send(json.dumps(error if "bad" in frame["params"] else fine))

    async with serve(handle, "127.0.0.1", 0) as server:
        root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with MarketStreams(root, Inbox()) as streams:
            await streams.subscribe(["good", "bad", "fine"])

            assert {name: answer.refusal for name, answer in streams.not_taken.items()} == {
                "bad": "error 2: Invalid request: bad"
            }
            assert await streams.barrier("good")
            assert not await streams.barrier("unknown")


async def test_a_subscription_that_is_never_answered_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StreamConnection.command, "__kwdefaults__", {"seconds": 0.02})
    async with saying() as root, MarketStreams(root, Inbox()) as streams:
        await streams.subscribe(["a@trade"])

        assert [(name, answer.raw) for name, answer in streams.not_taken.items()] == [("a@trade", None)]


async def test_answers_that_nobody_waited_for_are_kept() -> None:
    async with saying('{"result":null,"id":99}') as root, StreamConnection(f"{root}/ws", Inbox()) as connection:
        assert await connection.barrier()

        assert connection.unasked == [b'{"result":null,"id":99}']


async def test_a_connection_that_lived_is_opened_again_however_often_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may close it each day; one that ends at once each time is given up."""
    opened, enough = 0, asyncio.Event()

    async def handle(connection: ServerConnection) -> None:
        nonlocal opened
        opened += 1
        if opened >= least:
            enough.set()
        frame = json.loads(await connection.recv())
        await connection.send(json.dumps({"result": None, "id": frame["id"]}))
        await asyncio.sleep(lives)
        await connection.close(1001)

    for lives, least, most in ((0.05, 6, 100), (0.0, 3, 3)):
        monkeypatch.setattr("wireproof.wire.websocket.market_stream.STEADY_SECONDS", 0.03 if lives else 10.0)
        opened = 0
        enough.clear()
        async with serve(handle, "127.0.0.1", 0) as server:
            root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with MarketStreams(root, Inbox(), back_off=(0.01, 0.01)) as streams:
                await streams.subscribe(["a@trade"])
                async with asyncio.timeout(10):
                    await enough.wait()
                await asyncio.sleep(0.1)
        assert least <= opened <= most


async def test_an_answer_that_was_lost_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream is subscribed, and the answer that never came is remembered."""
    monkeypatch.setattr(StreamConnection.command, "__kwdefaults__", {"seconds": 0.1})

    async def handle(connection: ServerConnection) -> None:
        async for text in connection:
            if (number := json.loads(text)["id"]) > 1:
                await connection.send(json.dumps({"result": None, "id": number}))

    async with serve(handle, "127.0.0.1", 0) as server:
        root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with MarketStreams(root, Inbox()) as streams:
            await streams.subscribe(["a@trade", "b@trade"])

    assert streams.not_taken == {}
    assert (streams.odd[0].raw, streams.odd[0].alive) == (None, True)


async def test_streams_that_are_refused_together_only_are_taken_in_parts() -> None:
    """And the refusal is remembered."""

    async def handle(connection: ServerConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            error = {"error": {"code": 2, "msg": "no"}, "id": frame["id"]}
            many = len(frame["params"]) > 2
            await connection.send(json.dumps(error if many else {"result": None, "id": frame["id"]}))

    async with serve(handle, "127.0.0.1", 0) as server:
        root = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with MarketStreams(root, Inbox()) as streams:
            await streams.subscribe(["a", "b", "c"])

    assert streams.not_taken == {}
    assert [answer.refusal for answer in streams.odd if answer.refusal] == ["error 2: no"]
