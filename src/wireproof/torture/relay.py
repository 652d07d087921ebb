"""A reverse proxy for HTTP and WebSocket that passes on what it gets, byte for byte, unless its hooks say otherwise.

    async with Relay("http://127.0.0.1:8080", alter=MyHooks()) as relay:
        await ask(f"{relay.url}/fapi/v1/time")

Pings and pongs pass through as well, in order with the messages, so that a pong still proves what came before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import urlsplit

import aiohttp
from aiohttp import WSMessage, WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

from wireproof.torture.link import Link

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable
    from types import TracebackType

    from wireproof.torture.link import Delays

HOST = "127.0.0.1"

_Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse

#: What writing raises when nobody is there any more. Reading then tells how it ended, which must still pass.
GONE = (ConnectionError, RuntimeError, aiohttp.ClientError)

#: How long a close frame may wait for its answer, in seconds.
CLOSING_SECONDS = 2.0

#: How long the second direction of a connection has to end when the first one has.
ENDING_SECONDS = 0.2

#: The head of a gzip file that names no file and no time (RFC 1952).
GZIP_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])

#: Headers that belong to one connection and are made anew on the other side.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request, or the handshake of a WebSocket connection. `target` is path and query as they were sent."""

    verb: str
    target: str
    headers: CIMultiDict[str] = field(repr=False)  # with the API key
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the `?`, as it was sent."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer. `body` is as it goes over the wire: compressed where `Content-Encoding` says so."""

    status: int
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = field(default=b"", repr=False)

    @property
    def content(self) -> bytes:
        """The body, decompressed; as it is where it cannot be."""
        coding = self.headers.get("Content-Encoding", "").lower()
        try:
            if coding == "gzip":
                return gzip.decompress(self.body)
            if coding == "deflate":
                return zlib.decompress(self.body)
        except (OSError, EOFError, zlib.error):
            pass
        return self.body

    def with_content(self, content: bytes) -> HttpAnswer:
        """Return the answer with another body, not compressed."""
        headers = self.headers.copy()
        headers.popall("Content-Encoding", None)
        return replace(self, headers=headers, body=content)


@dataclass(frozen=True, slots=True)
class Drop:
    """End the connection without a word: at once, or `after` so many bytes of an HTTP `answer`."""

    answer: HttpAnswer | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """Send nothing more on this request; end the connection after `seconds`."""

    seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Drip:
    """Send an answer or a frame slowly: `size` bytes every `seconds`."""

    what: HttpAnswer | WsFrame
    size: int = 1
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class WsFrame:
    """A WebSocket message: text, or bytes for a binary one."""

    data: str | bytes = field(repr=False)

    @property
    def raw(self) -> bytes:
        """The bytes of the message, of whatever kind it is."""
        return self.data.encode("utf-8", "surrogatepass") if isinstance(self.data, str) else self.data


@dataclass(frozen=True, slots=True)
class Close:
    """Close a WebSocket connection with a code and a reason, as a server does after 24 hours."""

    code: int = 1000
    reason: str = ""


class Line:
    """One WebSocket connection through a relay."""

    def __init__(
        self, number: int, request: HttpRequest, down: web.WebSocketResponse, transport: asyncio.Transport
    ) -> None:
        self.number, self.request = number, request
        self._down, self._transport = down, transport
        self._up: aiohttp.ClientWebSocketResponse | None = None

    def __repr__(self) -> str:
        return f"Line({self.number})"  # not its target, which may hold a listen key

    @property
    def is_open(self) -> bool:
        """Whether the client's side is open."""
        return not self._down.closed

    async def send(self, what: WsFrame | Drip | Close | Drop) -> None:
        """Send something to the client, apart from what comes from the target."""
        with contextlib.suppress(*GONE):
            await self._send(what)

    async def tell_target(self, frame: WsFrame) -> None:
        """Send a frame to the target, apart from what comes from the client."""
        if self._up is not None:
            await _write(self._up, frame.data)

    def drop(self) -> None:
        """End the connection with the client without a close frame."""
        self._transport.abort()

    async def _send(self, what: WsFrame | Drip | Close | Drop) -> None:
        match what:
            case WsFrame():
                await _write(self._down, what.data)
            case Drip():
                await self._drip(what)
            case Close():
                await self._down.close(code=what.code, message=what.reason.encode())
            case Drop():
                self.drop()

    async def _drip(self, drip: Drip) -> None:
        """Write a frame by hand, as no library sends half of one."""
        assert isinstance(drip.what, WsFrame)
        data = drip.what.raw
        opcode = 0x81 if isinstance(drip.what.data, str) else 0x82
        if len(data) < 126:
            head = bytes((opcode, len(data)))
        elif len(data) < 1 << 16:
            head = bytes((opcode, 126)) + len(data).to_bytes(2)
        else:
            head = bytes((opcode, 127)) + len(data).to_bytes(8)
        await _drip(self._transport, head + data, drip)


class Hooks:
    """What a relay does with what passes; the methods here pass everything on. Override those that are needed."""

    async def http(
        self, request: HttpRequest, forward: Callable[[HttpRequest], Awaitable[HttpAnswer]]
    ) -> HttpAnswer | Drop | Silence | Drip:
        """Return the answer to a request: `await forward(request)` is the target's.

        Raise or pass on aiohttp.ClientError where the target gives none; the client's connection is dropped then.
        """
        return await forward(request)

    async def handshake(self, request: HttpRequest) -> HttpAnswer | Drop | Silence | None:
        """Return what a WebSocket handshake is answered with, None to let the target answer."""
        del request
        return None

    async def opened(self, line: Line) -> None:
        """Take note of a connection that is open on both sides."""

    async def closed(self, line: Line) -> None:
        """Take note of a connection that ended."""

    async def to_target(self, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Return what is sent to the target in place of a frame of the client."""
        del line
        return (frame,)

    async def to_client(self, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Return what is sent to the client in place of a frame of the target."""
        del line
        return (frame,)


class Relay:
    """Serves an upstream at an address of its own on the loopback interface; use it with `async with`.

    Keys pass through this process and stay on the loopback interface on the client's side; nothing is logged.

    Args:
        upstream: A base URL (`http`, `https`, `ws` or `wss`, with or without a path); `url` is the same with the
            relay's host and without TLS.
        alter: Sees and alters what passes; None: nothing is altered.
        link: Delays what passes; None: nothing is delayed.
        compress: Whether frames to clients that ask for it are deflated.
        verify: Which certificates of the upstream are trusted; False: all.
        port: Where to listen; 0: the system picks one.
    """

    def __init__(
        self,
        upstream: str,
        alter: Hooks | None = None,
        *,
        link: Link | None = None,
        compress: bool = False,
        verify: ssl.SSLContext | bool = True,
        port: int = 0,
    ) -> None:
        parts = urlsplit(upstream.rstrip("/"))
        if parts.scheme not in {"http", "https", "ws", "wss"} or not parts.hostname:
            raise ValueError("upstream is an http, https, ws or wss URL")
        self.upstream, self.alter, self.port = upstream.rstrip("/"), alter or Hooks(), port
        self.link = link or Link()
        self.lines: set[Line] = set()  # open connections
        self.requests = 0  # HTTP requests so far
        self.connections = 0  # WebSocket connections so far
        self._secure, self._authority, self._base = parts.scheme in {"https", "wss"}, parts.netloc, parts.path
        self._is_websocket = parts.scheme in {"ws", "wss"}
        self._compress, self._verify = compress, verify
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """The base URL to give to the client."""
        return f"{'ws' if self._is_websocket else 'http'}://{HOST}:{self.port}{self._base}"

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(limit=0, ssl=self._verify),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_keep_refusal,),
            trust_env=True,
        )
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port, backlog=1024).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for line in list(self.lines):
            line.drop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    def drop_all(self) -> None:
        """End every WebSocket connection without a word."""
        for line in list(self.lines):
            line.drop()

    async def close_all(self, code: int = 1001, reason: str = "") -> None:
        """Close every WebSocket connection with a code, as a server does that goes away."""
        await asyncio.gather(*(line.send(Close(code, reason)) for line in list(self.lines)))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = CIMultiDict(
            (name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP
        )
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_websocket(request, HttpRequest(request.method, request.raw_path, headers))
        self.requests += 1
        passing = HttpRequest(request.method, request.raw_path, headers, await request.read())
        delays = None if self.link.is_instant else self.link.delays(f"http {self.requests}")
        if delays is not None:
            await asyncio.sleep(delays.next())
        try:
            outcome = await self.alter.http(passing, self._forward)
        except (aiohttp.ClientError, OSError):
            outcome = Drop()
        if delays is not None:
            await asyncio.sleep(delays.next())
        return await _answer(request, outcome)

    async def _forward(self, request: HttpRequest) -> HttpAnswer:
        assert self._client is not None, "use `async with`"
        url = URL(f"{'https' if self._secure else 'http'}://{self._authority}{request.target}", encoded=True)
        async with self._client.request(
            request.verb, url, headers=request.headers, data=request.body or None, allow_redirects=False
        ) as answer:
            kept = ((name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP)
            return HttpAnswer(answer.status, CIMultiDict(kept), await answer.read())

    # -- WebSocket -------------------------------------------------------------------------------------------------

    async def _serve_websocket(self, request: web.Request, shake: HttpRequest) -> web.StreamResponse:
        assert self._client is not None, "use `async with`"
        outcome = await self.alter.handshake(shake)
        if outcome is not None:
            return await _answer(request, outcome)
        url = URL(f"{'wss' if self._secure else 'ws'}://{self._authority}{shake.target}", encoded=True)
        passed_on = {name: value for name, value in shake.headers.items() if not name.lower().startswith("sec-")}
        number = next(self._numbers)
        there = _Way(self.link, f"to target {number}")
        await there.pause()
        try:
            up = await self._client.ws_connect(
                url, headers=passed_on, autoping=False, autoclose=False, max_msg_size=0, heartbeat=None
            )
        except _RefusedError as refused:
            return await _answer(request, refused.answer)
        except (aiohttp.ClientError, OSError):
            return await _answer(request, Drop())
        back = _Way(self.link, f"to client {number}")
        await back.pause()
        down = web.WebSocketResponse(
            timeout=CLOSING_SECONDS, autoping=False, autoclose=False, max_msg_size=0, compress=self._compress
        )
        await down.prepare(request)
        line = Line(number, shake, down, cast("asyncio.Transport", request.transport))
        line._up = up  # noqa: SLF001  # its second half, which only a connection that is open has
        self.connections += 1
        self.lines.add(line)
        try:
            await self.alter.opened(line)
            await _first_of(self._upwards(line, down, up, there), self._downwards(line, up, back))
        finally:
            self.lines.discard(line)
            await self.alter.closed(line)
            with contextlib.suppress(Exception):  # whatever state it is in, it is over
                await up.close()
            if not down.closed:
                line.drop()
        return down

    async def _upwards(
        self, line: Line, down: web.WebSocketResponse, up: aiohttp.ClientWebSocketResponse, way: _Way
    ) -> None:
        async with way:
            while True:
                message = await down.receive()
                match message.type:
                    case WSMsgType.TEXT | WSMsgType.BINARY:
                        for frame in await self.alter.to_target(line, WsFrame(message.data)):
                            await way.send(_write, up, frame.data)
                    case WSMsgType.CLOSING:  # the other direction is about to say goodbye, and to end both
                        await asyncio.sleep(2 * ENDING_SECONDS)
                        return
                    case _:
                        if await _pass_control(message, up, way):
                            continue
                        if message.type is WSMsgType.CLOSE:
                            await _close(down, message.data, message.extra)
                        return

    async def _downwards(self, line: Line, up: aiohttp.ClientWebSocketResponse, way: _Way) -> None:
        down = line._down  # noqa: SLF001  # the relay owns its lines
        async with way:
            while True:
                message = await up.receive()
                match message.type:
                    case WSMsgType.TEXT | WSMsgType.BINARY:
                        for frame in await self.alter.to_client(line, WsFrame(message.data)):
                            await way.send(line._send, frame)  # noqa: SLF001
                    case _:
                        if not await _pass_control(message, down, way):
                            return


class _Way:
    """One direction of a connection: passes on at once, or after the delays of a link, and never out of order."""

    def __init__(self, link: Link, name: str) -> None:
        self._delays: Delays | None = None if link.is_instant else link.delays(name)
        self._queue: asyncio.Queue[tuple[float, Callable[..., Awaitable[object]], tuple[object, ...]]] = asyncio.Queue()
        self._last = 0.0
        self._pumping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._delays is not None:
            self._pumping = asyncio.create_task(self._pump(), name="relay-way")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pumping is not None:
            self._pumping.cancel()
            await asyncio.wait([self._pumping])

    async def pause(self) -> None:
        """Wait as long as one message is on its way."""
        if self._delays is not None:
            await asyncio.sleep(self._delays.next())

    async def send(self, send: Callable[..., Awaitable[object]], *arguments: object) -> None:
        """Call `send`, now or when the message has arrived."""
        if self._delays is None:
            with contextlib.suppress(*GONE):
                await send(*arguments)
            return
        self._last = max(self._last, asyncio.get_running_loop().time() + self._delays.next())
        self._queue.put_nowait((self._last, send, arguments))

    async def done(self) -> None:
        """Wait until everything has arrived."""
        if self._pumping is not None:
            joined = asyncio.ensure_future(self._queue.join())
            await asyncio.wait({joined, self._pumping}, return_when=asyncio.FIRST_COMPLETED)
            joined.cancel()

    async def _pump(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due, send, arguments = await self._queue.get()
            await asyncio.sleep(max(0.0, due - now()))
            with contextlib.suppress(*GONE):
                await send(*arguments)
            self._queue.task_done()


class _RefusedError(Exception):
    """The target refused a handshake."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def _keep_refusal(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the whole answer to a handshake that was refused; the library would keep its status."""
    answer = await handler(request)
    if request.headers.get("Upgrade", "").lower() == "websocket" and answer.status != 101:
        kept = ((name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP)
        raise _RefusedError(HttpAnswer(answer.status, CIMultiDict(kept), await answer.read()))
    return answer


async def _pass_control(message: WSMessage, to: _Socket, way: _Way) -> bool:
    """Pass a ping, a pong or a close frame on; whether the direction goes on after it."""
    match message.type:
        case WSMsgType.PING:
            await way.send(to.ping, message.data)
        case WSMsgType.PONG:
            await way.send(to.pong, message.data)
        case WSMsgType.CLOSE:
            await way.send(_close, to, message.data, message.extra)
            await way.done()
            return False
        case _:
            return False
    return True


async def _write(socket: _Socket, data: str | bytes) -> None:
    if isinstance(data, str):
        await socket.send_str(data)
    else:
        await socket.send_bytes(data)


async def _close(socket: _Socket, code: object, reason: object) -> None:
    number = code if isinstance(code, int) and code else 1000
    if not socket.closed:
        await socket.close(code=number, message=str(reason or "").encode())


async def _first_of(*ways: Awaitable[None]) -> None:
    """Wait until one direction ended, and end the other."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # A side that closes while the other one still sends: how it closed is on its way yet.
        await asyncio.wait(tasks, timeout=ENDING_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled() and not isinstance(task.exception(), ConnectionError | aiohttp.ClientError):
            task.result()


async def _answer(request: web.Request, outcome: HttpAnswer | Drop | Silence | Drip) -> web.StreamResponse:
    transport = cast("asyncio.Transport", request.transport)
    match outcome:
        case HttpAnswer():
            return web.Response(status=outcome.status, headers=outcome.headers, body=outcome.body)
        case Silence():
            await asyncio.sleep(outcome.seconds)
            transport.abort()
        case Drop():
            if outcome.answer is not None:
                await _drip(transport, _head(outcome.answer) + outcome.answer.body[: outcome.after], None)
                await asyncio.sleep(0.05)  # what was written must leave before the connection is cut
            transport.abort()
        case Drip():
            assert isinstance(outcome.what, HttpAnswer)
            await _drip(transport, _head(outcome.what) + outcome.what.body, outcome)
            transport.close()
    return web.Response()


def _head(answer: HttpAnswer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {value}" for name, value in answer.headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "Connection: close", "", ""]).encode("latin-1")


async def _drip(transport: asyncio.Transport, data: bytes, drip: Drip | None) -> None:
    size = max(1, drip.size) if drip is not None else max(1, len(data))
    for start in range(0, len(data), size):
        if transport.is_closing():
            return
        transport.write(data[start : start + size])
        if drip is not None:
            await asyncio.sleep(drip.seconds)


def bomb(megabytes: int, *, prefix: bytes = b'{"x":"', suffix: bytes = b'"}') -> HttpAnswer:
    """Return a small answer that is so many megabytes of JSON once it is decompressed.

    One megabyte is packed, so that nothing in it refers to what came before, and repeated: packing a gigabyte took six
    seconds (November 2026, two cores), in which a relay answers nobody.
    """
    megabyte = b"x" * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head, middle, tail = (
        packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH) for part in (prefix, megabyte, suffix)
    )
    check = zlib.crc32(prefix)
    for _ in range(megabytes):
        check = zlib.crc32(megabyte, check)
    check = zlib.crc32(suffix, check)
    size = len(prefix) + megabytes * len(megabyte) + len(suffix)
    body = GZIP_HEADER + head + middle * megabytes + tail + packer.flush() + struct.pack("<II", check, size)
    headers = CIMultiDict({"Content-Type": "application/json", "Content-Encoding": "gzip"})
    return HttpAnswer(200, headers, body)
