"""A catalogue of peers on loopback, one behaviour each; they record what they receive."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Self

from hypothesis import HealthCheck, settings
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from wireproof.wire.clock import ServerClock
from wireproof.wire.limits import RateLimiter
from wireproof.wire.websocket.session import WsApiSession

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Behaviour = Callable[["Peer", ServerConnection, dict[str, Any]], Awaitable[None]]


# Properties hold on a loaded machine, too.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Peer:
    """A WebSocket server that hands every request to a behaviour."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.frames: list[str] = []
        self.connections: list[ServerConnection] = []
        self._changed = asyncio.Condition()
        self.greeting: Callable[[Peer, ServerConnection], Awaitable[None]] | None = None

    async def handle(self, connection: ServerConnection) -> None:
        """Record what comes in and hand it to the behaviour."""
        async with self._changed:
            self.connections.append(connection)
            self._changed.notify_all()
        with contextlib.suppress(ConnectionClosed):
            if self.greeting is not None:
                await self.greeting(self, connection)
            async for frame in connection:
                assert isinstance(frame, str)
                self.frames.append(frame)
                request = json.loads(frame)
                async with self._changed:
                    self.requests.append(request)
                    self._changed.notify_all()
                await self.behaviour(self, connection, request)

    async def received(self, requests: int) -> None:
        """Wait until so many requests came."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= requests)

    async def connected(self, times: int) -> None:
        """Wait until so many connections were made."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.connections) >= times)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """Return the requests of one method, in the order received."""
        return [request for request in self.requests if request["method"] == method]


@contextlib.asynccontextmanager
async def peer(behaviour: Behaviour) -> AsyncIterator[Peer]:
    """Serve a behaviour on a free port of loopback."""
    made = Peer(behaviour)
    async with serve(made.handle, "127.0.0.1", 0, compression=None, close_timeout=0.1, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        made.url = f"ws://127.0.0.1:{port}/ws-fapi/v1"
        yield made


def session(url: str, **options: Any) -> WsApiSession:
    """Return a session with short pauses and its own limiter and clock."""
    clock = options.pop("clock", None) or ServerClock()
    limiter = options.pop("limiter", None) or RateLimiter(clock.now_ms, guard_ms=0)
    defaults: dict[str, Any] = {"answer_timeout": 5.0, "connect_timeout": 5.0, "back_off": (0.001, 0.01)}
    return WsApiSession(url, limiter=limiter, clock=clock, **(defaults | options))


def ok(request: dict[str, Any], **more: Any) -> str:
    """Return a sound answer to a request."""
    return json.dumps({"id": request["id"], "status": 200, "result": {"method": request["method"]}, **more})


async def answers(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
    """Answer every request at once."""
    await connection.send(ok(request))


async def silent(_: Peer, __: ServerConnection, ___: dict[str, Any]) -> None:
    """Answer nothing."""


def drops(times: int, then: Behaviour = answers, *, methods: tuple[str, ...] = ()) -> Behaviour:
    """Cut the connection instead of answering, so many times (for some methods only), then behave."""
    left = times

    async def behave(made: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        nonlocal left
        if left and (not methods or request["method"] in methods):
            left -= 1
            connection.transport.abort()
            await connection.wait_closed()
        else:
            await then(made, connection, request)

    return behave


def says(*frames: str | bytes | Callable[[dict[str, Any]], str]) -> Behaviour:
    """Send these frames instead of an answer."""

    async def behave(_: Peer, connection: ServerConnection, request: dict[str, Any]) -> None:
        for frame in frames:
            await connection.send(frame(request) if callable(frame) else frame)

    return behave


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self, now_ms: float = 1_700_000_000_000.0) -> None:
        self.now = now_ms
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return epoch milliseconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += seconds * 1000
        await asyncio.sleep(0)


class RawServer:
    """A TCP server that writes fixed bytes; for peers that are no WebSocket servers."""

    def __init__(self, reply: bytes, *, close: bool = True, drip: float = 0.0) -> None:
        self.reply, self.close, self.drip = reply, close, drip
        self.port = 0
        self.received = b""
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(OSError):
            self.received += await reader.read(65536)
            if self.drip:
                for byte in self.reply:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(self.drip)
            writer.write(self.reply)
            await writer.drain()
            if self.close:
                writer.close()


def http(status: str, body: str = "", **headers: str) -> bytes:
    """Return a whole HTTP response; underscores in header names become hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    merged = {"Content-Length": str(len(body.encode())), "Connection": "close"} | given
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in merged.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
