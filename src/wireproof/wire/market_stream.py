"""Market streams: many streams over few connections, commands matched to their answers, drops mended.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import msgspec
import orjson
from msgspec import Raw, Struct
from websockets.exceptions import ConnectionClosed

from wireproof.wire.blocked import host_of
from wireproof.wire.clock import ServerClock
from wireproof.wire.delay import patience
from wireproof.wire.failures import TargetBlockedError
from wireproof.wire.handshake import PONG_SECONDS, Connection, closing_words, open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

#: Documented: 1,024 streams on a connection, 10 messages per second to the server, 300 connections in five minutes.
MOST_STREAMS = 1024
MOST_MESSAGES, MESSAGES_SECONDS = 10, 1.0
MOST_CONNECTS, CONNECTS_SECONDS = 300, 300.0

#: Names in one SUBSCRIBE; 200 were measured to be accepted.
NAMES_AT_ONCE = 200

#: Pauses before a dropped connection is opened again, in seconds; then it is given up.
BACK_OFF = (0.1, 0.5, 2.0)


class Pace:
    """At most so many of something in any span of so many seconds; `await pace()` waits for its turn."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._times: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def __call__(self) -> None:
        """Wait until one more is allowed, and count it."""
        now = asyncio.get_running_loop().time
        async with self._turn:
            if len(self._times) >= self._most:
                await asyncio.sleep(max(0.0, self._times[0] + self._seconds - now()))
                self._times.popleft()
            self._times.append(now())


class Message(Struct, frozen=True):
    """One message of a stream: which stream (empty where the connection does not tell), bytes, time received (ms)."""

    stream: str
    raw: bytes
    received_at: float


class _Frame(Struct):
    stream: str = ""
    data: Raw = Raw()
    id: Any = None
    result: Any = msgspec.UNSET
    error: Any = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Frame)
_STREAM = re.compile(rb'^\s*\{\s*"stream"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a command: the frame sent, the bytes received (None when none came), times in epoch ms.

    `alive` says of an answer that did not come whether the peer answered a ping sent after the time was over: only then
    is it known that there was none.
    """

    frame: str
    raw: bytes | None
    sent_at: float
    received_at: float | None
    alive: bool = True

    @property
    def refusal(self) -> str:
        """How the command was refused, such as `error 2: Invalid request`; empty when it was not."""
        error = _error_in(self.raw)
        return "" if error is None else f"error {error.get('code')}: {error.get('msg')}"


class StreamConnection:
    """One connection to market streams; use it with `async with`.

    `url` ends in `/ws`, `/ws/<name>`, `/stream` or `/stream?streams=<a>/<b>`. Every message goes to `deliver`.
    """

    def __init__(
        self,
        url: str,
        deliver: Callable[[Message], None],
        *,
        clock: ServerClock | None = None,
        connect_timeout: float = 10.0,
        pong_seconds: float = PONG_SECONDS,
        **options: Any,
    ) -> None:
        self.pong_seconds = pong_seconds
        self.url, self.host = url, host_of(url)
        self.closed = ""  # why the connection ended, as a sentence; empty while it is open
        self.close_code: int | None = None
        self._deliver = deliver
        self._clock = clock if clock is not None else ServerClock()
        self._connect_timeout, self._options = connect_timeout, options
        self._combined = "/stream" in url
        self._name = url.rpartition("/ws/")[2] if "/ws/" in url else ""
        self._pace = Pace(MOST_MESSAGES, MESSAGES_SECONDS)
        self._pinging: asyncio.Task[bool] | None = None  # a ping that was not sent yet
        self.unasked: list[bytes] = []  # answers that nobody waited for
        self._ids = itertools.count(1)
        self._answers: dict[Any, asyncio.Future[tuple[bytes, float]]] = {}
        self._connection: Connection | None = None
        self._reading: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"StreamConnection({self.url}{', closed' if self.closed else ''})"

    async def __aenter__(self) -> Self:
        self._connection = await open_connection(
            self.url, seconds=self._connect_timeout, now_ms=self._clock.now_ms, **self._options
        )
        self._reading = asyncio.create_task(self._read(self._connection), name="wireproof-market-stream")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()
        if self._reading is not None:
            await self._reading

    async def command(self, method: str, params: Sequence[Any] | None = None, *, seconds: float = 10.0) -> Answer:
        """Send a command with an id of its own and return its answer; `raw` is None when none came in time."""
        number = next(self._ids)
        frame: dict[str, Any] = {"method": method, "id": number}
        if params is not None:
            frame["params"] = list(params)
        return await self.send(orjson.dumps(frame).decode(), number, seconds=seconds)

    async def send(self, frame: str, identity: Any, *, seconds: float = 10.0) -> Answer:
        """Send a frame as it stands and return the answer that carries this id (None: an error without an id).

        When the time is over a ping is sent, and what came before its pong still counts: a process that stood still
        reads late, and that is no fault of the peer's.
        """
        if self._connection is None:
            raise RuntimeError("the connection is not open; use `async with`")
        await self._pace()
        answered = self._answers[identity] = asyncio.get_running_loop().create_future()
        sent_at = self._clock.local_ms()
        alive = True
        try:
            try:
                async with patience(seconds):
                    await self._connection.send(frame)
                    await asyncio.wait([answered])
            except TimeoutError:
                alive = await self.barrier(seconds=self.pong_seconds)
            if not answered.done():
                return Answer(frame, None, sent_at, None, alive)
            raw, received_at = answered.result()
        except ConnectionClosed:
            return Answer(frame, None, sent_at, None)
        finally:
            self._answers.pop(identity, None)
        return Answer(frame, raw, sent_at, received_at)

    async def barrier(self, *, seconds: float = PONG_SECONDS) -> bool:
        """Whether the peer answered a ping in time; everything that it sent before was delivered then.

        Those who ask at once share a ping, as pings count among the messages that a connection may send.
        """
        if self._connection is None or self.closed:
            return False
        if self._pinging is None:
            self._pinging = asyncio.create_task(self._ping(self._connection, seconds), name="wireproof-ping")
        return await asyncio.shield(self._pinging)

    async def _ping(self, connection: Connection, seconds: float) -> bool:
        await self._pace()
        self._pinging = None  # who asks from now on needs a later one
        try:
            async with patience(seconds):
                await connection.barrier()
        except (TimeoutError, ConnectionClosed):
            return False
        return True

    async def wait_closed(self) -> None:
        """Wait until the connection ended."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def _read(self, connection: Connection) -> None:
        try:
            while True:
                raw, _ = await connection.receive()
                self._take(raw, self._clock.local_ms())
        except ConnectionClosed as exc:
            self.close_code = exc.rcvd.code if exc.rcvd is not None else None
            self.closed = closing_words(exc)
        finally:
            self.closed = self.closed or "it ended"
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionClosed(None, None))

    def _take(self, raw: bytes, received_at: float) -> None:
        """Hand a frame to whoever it is for; nothing is judged here, so that reading keeps up."""
        try:
            frame = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            frame = None  # an array, or no JSON at all: a message of a raw connection
            if self._combined and (named := _STREAM.search(raw)):
                # What cannot be read as a whole still says whose message it is.
                self._deliver(Message(named[1].decode("utf-8", "replace"), raw, received_at))
                return
        if frame is not None and self._is_answer(frame):
            answered = self._answers.get(frame.id)
            if frame.id is None and answered is None and len(self._answers) == 1:
                answered = next(iter(self._answers.values()))  # an error about a frame whose id could not be read
            if answered is not None and not answered.done():
                answered.set_result((raw, received_at))
            else:
                self.unasked.append(raw)
            return
        if frame is not None and self._combined and frame.stream:
            self._deliver(Message(frame.stream, bytes(frame.data), received_at))
        else:
            self._deliver(Message(self._name, raw, received_at))

    @staticmethod
    def _is_answer(frame: _Frame) -> bool:
        said = frame.result is not msgspec.UNSET or frame.error is not msgspec.UNSET
        return said and not frame.stream and isinstance(frame.id, int | str | None)


def _error_in(raw: bytes | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else None


@dataclass
class _Line:
    """The streams that one combined connection carries, the connection, and the task that keeps it open."""

    names: list[str] = field(default_factory=list)
    connection: StreamConnection | None = None  # None while there is none
    keeping: asyncio.Task[None] | None = None


class MarketStreams:
    """Market streams below one root (`wss://host/public`) over as few combined connections as the limits allow.

    A connection that drops is opened again and its streams are subscribed anew; `drops` says why, and `on_drop` is told
    the streams. `failures` says why a connection was given up. `not_taken` holds, by stream, the answer to a SUBSCRIBE
    that was refused or never answered; of several names that are refused together each is asked for alone.
    """

    def __init__(
        self,
        root: str,
        deliver: Callable[[Message], None],
        *,
        clock: ServerClock | None = None,
        connects: Pace | None = None,
        most_streams: int = MOST_STREAMS,
        back_off: Sequence[float] = BACK_OFF,
        on_drop: Callable[[Sequence[str]], None] = lambda _names: None,
        **options: Any,
    ) -> None:
        self.root, self.host = root.rstrip("/"), host_of(root)
        self.drops: list[str] = []
        self.failures: list[TargetBlockedError] = []
        self.not_taken: dict[str, Answer] = {}
        self._deliver = deliver
        self._clock = clock if clock is not None else ServerClock()
        self._connects = connects if connects is not None else Pace(MOST_CONNECTS, CONNECTS_SECONDS)
        self._most, self._back_off, self._options = most_streams, tuple(back_off), options
        self._on_drop = on_drop
        self._lines: list[_Line] = []

    @property
    def connections(self) -> int:
        """How many connections the streams share."""
        return len(self._lines)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        keeping = [line.keeping for line in self._lines if line.keeping is not None]
        for task in keeping:
            task.cancel()
        if keeping:
            await asyncio.wait(keeping)

    async def subscribe(self, names: Sequence[str]) -> None:
        """Subscribe to streams; return once each connection is open and its SUBSCRIBE was answered or given up.

        Raise TargetBlockedError when a connection cannot be opened.
        """
        wanted = list(dict.fromkeys(names))
        opening = []
        for start in range(0, len(wanted), self._most):
            line = _Line(wanted[start : start + self._most])
            self._lines.append(line)
            ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            line.keeping = asyncio.create_task(self._keep(line, ready), name="wireproof-market-streams")
            opening.append(ready)
        await asyncio.gather(*opening)

    async def barrier(self, name: str, *, seconds: float = PONG_SECONDS) -> bool:
        """Whether the connection that carries a stream lives, and everything that was sent over it was delivered."""
        line = next((line for line in self._lines if name in line.names), None)
        connection = line.connection if line is not None else None
        return connection is not None and await connection.barrier(seconds=seconds)

    def loss(self, name: str) -> str:
        """Return how the connection that carries a stream was lost, if it was and is not open again."""
        if self.failures:
            return self.failures[0].reason
        line = next((line for line in self._lines if name in line.names), None)
        is_open = line is not None and line.connection is not None and not line.connection.closed
        return "" if is_open else next(reversed(self.drops), "it is not open")

    @property
    def taken_none(self) -> bool:
        """Whether SUBSCRIBE was refused or not answered for every stream."""
        return bool(self.not_taken) and all(name in self.not_taken for line in self._lines for name in line.names)

    @property
    def unasked(self) -> list[bytes]:
        """Answers that nobody waited for, over the connections that are open."""
        return [raw for line in self._lines if line.connection is not None for raw in line.connection.unasked]

    def url(self, connection: str, name: str) -> str:
        """Return the URL of a connection of its own for one stream: `raw` (/ws/<name>) or `url` (/stream?streams=)."""
        shown = quote(name, safe="!@")
        return f"{self.root}/ws/{shown}" if connection == "raw" else f"{self.root}/stream?streams={shown}"

    async def _keep(self, line: _Line, ready: asyncio.Future[None]) -> None:
        """Hold a line open: connect, subscribe, and begin again when it drops."""
        try:
            for pause in (*self._back_off, None):
                try:
                    await self._hold(line, ready)
                except TargetBlockedError as error:
                    if not ready.done():
                        ready.set_exception(error)
                        return
                    if pause is None:
                        self.failures.append(error)
                if pause is not None:
                    await asyncio.sleep(pause)
        finally:
            ready.cancel()  # nobody may wait for what will not come; no effect once it is done

    async def _hold(self, line: _Line, ready: asyncio.Future[None]) -> None:
        await self._connects()
        async with StreamConnection(
            f"{self.root}/stream", self._deliver, clock=self._clock, **self._options
        ) as connection:
            line.connection = connection
            for start in range(0, len(line.names), NAMES_AT_ONCE):
                await self._take(connection, line.names[start : start + NAMES_AT_ONCE])
            if not ready.done():
                ready.set_result(None)
            await connection.wait_closed()
            line.connection = None
            self.drops.append(connection.closed)
            self._on_drop(line.names)

    async def _take(self, connection: StreamConnection, names: Sequence[str]) -> None:
        """Subscribe to streams, and remember those whose SUBSCRIBE was refused or not answered."""
        answer = await connection.command("SUBSCRIBE", names)
        for name in names:
            self.not_taken.pop(name, None)
        if connection.closed or (answer.raw is None and not answer.alive):
            return  # lost, not silent: what is lost is opened again
        if answer.refusal and len(names) > 1:
            for name in names:
                await self._take(connection, [name])
        elif answer.refusal or answer.raw is None:
            self.not_taken.update(dict.fromkeys(names, answer))
