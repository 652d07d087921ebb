"""Market streams: many streams over few connections, commands matched to their answers, drops mended.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import orjson
from msgspec import Struct
from websockets.exceptions import ConnectionClosed

from wireproof.wire.blocked import host_of
from wireproof.wire.clock import ServerClock
from wireproof.wire.delay import patience
from wireproof.wire.failures import TargetBlockedError
from wireproof.wire.websocket.frames import NO_ENVELOPE, NO_JSON, Frame, FrameSort, may_be_answer, read_frame
from wireproof.wire.websocket.handshake import (
    PONG_SECONDS,
    ReadConnection,
    WebSocketConnection,
    closing_words,
    open_connection,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

#: Documented: 1,024 streams on a connection, 10 messages per second to the server, 300 connections in five minutes.
MOST_STREAMS = 1024
MOST_MESSAGES, MESSAGES_SECONDS = 10, 1.0
MOST_CONNECTS, CONNECTS_SECONDS = 300, 300.0

#: Names in one SUBSCRIBE: docs/exchange.md#names-in-a-command
NAMES_AT_ONCE = 200

#: How long the right answer may take to come behind one with another id.
DOUBT_SECONDS = 1.0

#: A connection that lived for so many seconds was sound: when it drops, it is opened again without a longer pause.
STEADY_SECONDS = 2.0

#: Commands that may be sent to find out which of many streams are refused.
MOST_PARTS = 40

#: Pauses before a dropped connection is opened again, in seconds; then it is given up.
BACK_OFF = (0.1, 0.5, 2.0)


class SendPace:
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
    """One message: which stream (empty where the connection does not tell), bytes, time received (ms).

    `binary` says whether it came in a binary frame, `problem` how its envelope differs from the documented one. A frame
    of a combined connection that names no stream has none and a problem; then `raw` is the whole frame.
    """

    stream: str
    raw: bytes
    received_at: float
    binary: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The answer to a command: the frame sent, the bytes received (None when none came), times in epoch ms.

    `alive` says of an answer that did not come whether the peer answered a ping sent after the time was over: only then
    is it known that there was none. `lost` says how the connection ended before the answer, if it did. `identity` is
    the id that was sent. Where no answer carries it and no other command waits, another frame that may be one
    counts as the answer.
    """

    frame: str
    raw: bytes | None
    sent_at: float
    received_at: float | None
    alive: bool = True
    lost: str = ""
    identity: Any = None
    binary: bool = False

    @property
    def other_id(self) -> str:
        """Which id the answer has instead of the one that was sent, as JSON; empty when it has that one or none.

        An error may have no id: that of a frame whose id could not be read. A command without one says nothing.
        """
        frame = read_frame(self.raw) if self.raw is not None else None
        if frame is None or frame.sort is not FrameSort.ANSWER or _key(frame.id) == _key(self.identity):
            return ""
        if frame.id is None or self.identity is None:
            return ""
        return orjson.dumps(frame.id, default=str).decode()

    @property
    def refusal(self) -> str:
        """How the command was refused, such as `error 2: Invalid request`; empty when it was not."""
        error = _error_in(self.raw)
        return "" if error is None else f"error {error.get('code')}: {error.get('msg')}"


@dataclass(frozen=True, slots=True)
class _Received:
    raw: bytes
    received_at: float
    binary: bool = False


@dataclass(slots=True)
class _Doubtful:
    """A frame that may be the answer to the command that waits: an answer with another id, or one that was spoiled."""

    received: _Received
    frame: Frame


class StreamConnection(ReadConnection):
    """One connection to market streams; use it with `async with`.

    Args:
        url: Ends in `/ws`, `/ws/<name>`, `/stream` or `/stream?streams=<a>/<b>`.
        deliver: Receives every message.
        clock: Stamps what arrives; None: one of its own.
        connect_timeout: Bound of the handshake, in seconds.
        pong_seconds: How long to wait for a pong, in seconds.
        options: Further options of the handshake.
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
        super().__init__()
        self.pong_seconds = pong_seconds
        self.url, self.host = url, host_of(url)
        self._deliver = deliver
        self._clock = clock if clock is not None else ServerClock()
        self._connect_timeout, self._options = connect_timeout, options
        self._combined = "/stream" in url
        self._name = url.rpartition("/ws/")[2] if "/ws/" in url else ""
        self._pace = SendPace(MOST_MESSAGES, MESSAGES_SECONDS)
        self._pinging: asyncio.Task[bool] | None = None  # a ping that was not sent yet
        self.unasked: list[bytes] = []  # answers that nobody waited for
        self._ids = itertools.count(1)
        self._answers: dict[Any, asyncio.Future[_Received]] = {}  # by type and value of the id
        self._answered: set[Any] = set()  # ids whose command has its answer
        self._doubtful: list[_Doubtful] = []
        self._doubt = asyncio.Event()

    def __repr__(self) -> str:
        return f"StreamConnection({self.url}{', closed' if self.closed else ''})"

    async def __aenter__(self) -> Self:
        self._connection = await open_connection(
            self.url, seconds=self._connect_timeout, now_ms=self._clock.now_ms, **self._options
        )
        self._reading = asyncio.create_task(self._read(self._connection), name="wireproof-market-stream")
        return self

    async def command(
        self, method: str, params: Sequence[Any] | None = None, *, seconds: float = 10.0
    ) -> CommandAnswer:
        """Send a command with an id of its own and return its answer; `raw` is None when none came in time."""
        number = next(self._ids)
        frame: dict[str, Any] = {"method": method, "id": number}
        if params is not None:
            frame["params"] = list(params)
        return await self.send(orjson.dumps(frame).decode(), number, seconds=seconds)

    async def send(self, frame: str, identity: Any, *, seconds: float = 10.0) -> CommandAnswer:
        """Send a frame as it stands and return the answer that carries this id (None: an error without an id).

        When the time is over a ping is sent, and what came before its pong still counts: a process that stood still
        reads late, and that is no fault of the peer's. "No answer came" is only said when no frame came that could be
        one: otherwise the first such frame is the answer.
        """
        if self._connection is None:
            raise RuntimeError("the connection is not open; use `async with`")
        await self._pace()
        key = _key(identity)
        answered = self._answers[key] = asyncio.get_running_loop().create_future()
        sent_at = self._clock.local_ms()
        alive = True
        try:
            try:
                async with patience(seconds):
                    await self._connection.send(frame)
                    await self._wait_for_answer(answered)
            except TimeoutError:
                alive = await self.barrier(seconds=self.pong_seconds)
                self._adopt(answered)
            if not answered.done():
                return CommandAnswer(frame, None, sent_at, None, alive, identity=identity)
            received = answered.result()
        except ConnectionClosed:
            if not self._doubtful or len(self._answers) > 1:
                return CommandAnswer(frame, None, sent_at, None, lost=self.closed or "it ended", identity=identity)
            received = self._doubtful.pop(0).received
        finally:
            self._answers.pop(key, None)
            self._answered.add(key)
            self._give_up_doubts()
        return CommandAnswer(
            frame, received.raw, sent_at, received.received_at, identity=identity, binary=received.binary
        )

    async def _wait_for_answer(self, answered: asyncio.Future[_Received]) -> None:
        """Wait for an answer, and no longer than a moment once there is a frame that may be a spoiled one."""
        doubting = asyncio.create_task(self._doubt.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {answered, doubting}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done() and not self.closed:
                await asyncio.wait([answered], timeout=DOUBT_SECONDS)  # the right one may come behind it
                await self.barrier(seconds=self.pong_seconds)
                self._adopt(answered)
            await asyncio.wait([answered])
        finally:
            doubting.cancel()

    def _adopt(self, answered: asyncio.Future[_Received]) -> None:
        """Take the first doubtful frame for the answer to a command, if it is the only command that waits."""
        if self._doubtful and len(self._answers) == 1 and not answered.done():
            answered.set_result(self._doubtful.pop(0).received)

    def _give_up_doubts(self) -> None:
        """Once no command waits, what was taken for its answer is an answer nobody asked for, or fits nothing."""
        if self._answers:
            return
        doubtful, self._doubtful = self._doubtful, []
        self._doubt.clear()
        for one in doubtful:
            if one.frame.sort is FrameSort.ANSWER:
                self.unasked.append(one.received.raw)
            else:
                self._pass_on(one.received, one.frame)

    async def barrier(self, *, seconds: float = PONG_SECONDS) -> bool:
        """Whether the peer answered a ping in time; everything that it sent before was delivered then.

        Those who ask at once share a ping, as pings count among the messages that a connection may send.
        """
        if self._connection is None or self.closed:
            return False
        if self._pinging is None:
            self._pinging = asyncio.create_task(self._ping(seconds), name="wireproof-ping")
        return await asyncio.shield(self._pinging)

    async def _ping(self, seconds: float) -> bool:
        await self._pace()
        self._pinging = None  # who asks from now on needs a later one
        return await super().barrier(seconds=seconds)

    async def _read(self, connection: WebSocketConnection) -> None:
        try:
            while True:
                raw, binary = await connection.receive()
                self._take(_Received(raw, self._clock.local_ms(), binary))
        except ConnectionClosed as exc:
            self.close_code = exc.rcvd.code if exc.rcvd is not None else None
            self.closed = closing_words(exc)
        finally:
            self.closed = self.closed or "it ended"
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionClosed(None, None))

    def _take(self, received: _Received) -> None:
        """Hand a frame to whoever it is for; nothing is judged here, so that reading keeps up."""
        frame = read_frame(received.raw)
        if frame.sort is FrameSort.ANSWER:
            self._take_answer(received, frame)
        elif self._one_waits and not self._name and frame.sort is not FrameSort.WRAPPED and may_be_answer(received.raw):
            self._note_doubt(received, frame)
        else:
            self._pass_on(received, frame)

    def _take_answer(self, received: _Received, frame: Frame) -> None:
        key = _key(frame.id)
        answered = self._answers.get(key)
        if frame.id is None and answered is None and len(self._answers) == 1 and _error_in(received.raw) is not None:
            answered = next(iter(self._answers.values()))  # an error about a frame whose id could not be read
        if answered is not None and not answered.done():
            answered.set_result(received)
        elif self._one_waits and key not in self._answered and key not in self._answers:
            self._note_doubt(received, frame)
        else:
            self.unasked.append(received.raw)

    @property
    def _one_waits(self) -> bool:
        """Whether exactly one command is under way, and waits for its answer."""
        return len(self._answers) == 1 and not any(answered.done() for answered in self._answers.values())

    def _note_doubt(self, received: _Received, frame: Frame) -> None:
        self._doubtful.append(_Doubtful(received, frame))
        self._doubt.set()

    def _pass_on(self, received: _Received, frame: Frame) -> None:
        raw, received_at, binary = received.raw, received.received_at, received.binary
        if not self._combined:
            self._deliver(Message(self._name, raw, received_at, binary))
        elif frame.sort is FrameSort.WRAPPED:
            self._deliver(Message(frame.stream, frame.data, received_at, binary, frame.problem))
        else:
            problem = NO_JSON if frame.sort is FrameSort.NO_JSON else NO_ENVELOPE
            self._deliver(Message("", raw, received_at, binary, problem))


def _key(identity: Any) -> tuple[str, Any]:
    """Return what tells ids apart: 1 is neither "1" nor true nor 1.0; what is no scalar is told by its text."""
    value = identity if isinstance(identity, int | str | float | None) else repr(identity)
    return type(identity).__name__, value


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
class _SharedConnection:
    """The streams that one connection carries, the connection, and the task that keeps it open.

    `url` is that of a connection of its own for one stream; without one, the streams are subscribed on /stream.
    """

    names: list[str] = field(default_factory=list)
    url: str = ""
    connection: StreamConnection | None = None  # None while there is none
    keeping: asyncio.Task[None] | None = None


class MarketStreams:
    """Market streams below one root (`wss://host/public`) over as few combined connections as the limits allow.

    A connection that drops is opened again and its streams are subscribed anew; `drops` says why. `failures` says why a
    connection was given up. `not_taken` holds, by stream, the answer to a SUBSCRIBE that was refused or never answered;
    those that are refused together are asked for in parts. `odd` are the other answers to SUBSCRIBE that are not the
    documented one, an answer that never came included where asking again helped.

    Args:
        root: The URL that `/stream` and `/ws` follow.
        deliver: Receives each message.
        clock: Stamps what arrives; None: one of its own.
        connects: Spaces attempts to connect; shared by all that connect to one host.
        most_streams: The most streams on one connection.
        back_off: Pauses before each attempt to connect again, in seconds; after the last, the connection is given up.
        on_drop: Receives the streams of a connection that dropped.
        options: Further options of the handshake.
    """

    def __init__(
        self,
        root: str,
        deliver: Callable[[Message], None],
        *,
        clock: ServerClock | None = None,
        connects: SendPace | None = None,
        most_streams: int = MOST_STREAMS,
        back_off: Sequence[float] = BACK_OFF,
        on_drop: Callable[[Sequence[str]], None] = lambda _names: None,
        **options: Any,
    ) -> None:
        self.root, self.host = root.rstrip("/"), host_of(root)
        self.drops: list[str] = []
        self.failures: list[TargetBlockedError] = []
        self.not_taken: dict[str, CommandAnswer] = {}
        self.odd: list[CommandAnswer] = []
        self._deliver = deliver
        self._clock = clock if clock is not None else ServerClock()
        self._connects = connects if connects is not None else SendPace(MOST_CONNECTS, CONNECTS_SECONDS)
        self._most, self._back_off, self._options = most_streams, tuple(back_off), options
        self._on_drop = on_drop
        self._lines: list[_SharedConnection] = []
        self._unasked: list[bytes] = []  # over connections that ended

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
        lines = [_SharedConnection(wanted[start : start + self._most]) for start in range(0, len(wanted), self._most)]
        await asyncio.gather(*(self._open(line) for line in lines))

    async def open_alone(self, connection: str, name: str) -> None:
        """Open a connection of its own for one stream (see `url`). Raise TargetBlockedError when it cannot be."""
        await self._open(_SharedConnection([name], self.url(connection, name)))

    async def barrier(self, name: str, *, seconds: float = PONG_SECONDS) -> bool:
        """Whether the connection that carries a stream lives, and everything that was sent over it was delivered."""
        connection = self._connection_of(name)
        return connection is not None and await connection.barrier(seconds=seconds)

    def loss(self, name: str) -> str:
        """Return how the connection that carries a stream was lost, if it was and is not open again."""
        if self.failures:
            return self.failures[0].reason
        connection = self._connection_of(name)
        is_open = connection is not None and not connection.closed
        return "" if is_open else next(reversed(self.drops), "it is not open")

    @property
    def taken_none(self) -> bool:
        """Whether SUBSCRIBE was refused or not answered for every stream."""
        return bool(self.not_taken) and all(name in self.not_taken for line in self._lines for name in line.names)

    @property
    def unasked(self) -> list[bytes]:
        """Answers that nobody waited for."""
        still = [raw for line in self._lines if line.connection is not None for raw in line.connection.unasked]
        return [*self._unasked, *still]

    def url(self, connection: str, name: str) -> str:
        """Return the URL of a connection of its own for one stream: `raw` (/ws/<name>) or `url` (/stream?streams=)."""
        shown = quote(name, safe="!@")
        return f"{self.root}/ws/{shown}" if connection == "raw" else f"{self.root}/stream?streams={shown}"

    def _connection_of(self, name: str) -> StreamConnection | None:
        return next((line.connection for line in self._lines if name in line.names), None)

    async def _open(self, line: _SharedConnection) -> None:
        self._lines.append(line)
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.keeping = asyncio.create_task(self._keep(line, ready), name="wireproof-market-streams")
        await ready

    async def _keep(self, line: _SharedConnection, ready: asyncio.Future[None]) -> None:
        """Hold a line open: connect, subscribe, and begin again when it drops, unless it keeps dropping at once."""
        now, attempts = asyncio.get_running_loop().time, 0
        try:
            while True:
                began, error = now(), None
                try:
                    await self._hold(line, ready)
                except TargetBlockedError as blocked:
                    if not ready.done():
                        ready.set_exception(blocked)
                        return
                    error = blocked
                if now() - began >= STEADY_SECONDS:
                    attempts = 0
                if attempts == len(self._back_off):
                    self.failures += [error] if error is not None else []
                    return
                await asyncio.sleep(self._back_off[attempts])
                attempts += 1
        finally:
            ready.cancel()  # nobody may wait for what will not come; no effect once it is done

    async def _hold(self, line: _SharedConnection, ready: asyncio.Future[None]) -> None:
        await self._connects()
        url = line.url or f"{self.root}/stream"
        async with StreamConnection(url, self._deliver, clock=self._clock, **self._options) as connection:
            line.connection = connection
            try:
                if not line.url:
                    budget = _Budget(MOST_PARTS)
                    for start in range(0, len(line.names), NAMES_AT_ONCE):
                        await self._take(connection, line.names[start : start + NAMES_AT_ONCE], budget)
                if not ready.done():
                    ready.set_result(None)
                await connection.wait_closed()
            finally:
                line.connection = None
                self._unasked += connection.unasked
            self.drops.append(connection.closed)
            self._on_drop(line.names)

    async def _take(self, connection: StreamConnection, names: Sequence[str], budget: _Budget) -> None:
        """Subscribe to streams, and remember those whose SUBSCRIBE was refused or not answered."""
        budget.left -= 1
        answer = await connection.command("SUBSCRIBE", names)
        if answer.raw is None and answer.alive and not answer.lost:
            again = await connection.command("SUBSCRIBE", names)  # which changes nothing where it was taken
            if again.raw is not None:
                self.odd.append(answer)
                answer = again
        for name in names:
            self.not_taken.pop(name, None)
        if connection.closed or answer.lost or (answer.raw is None and not answer.alive):
            return  # lost, not silent: what is lost is opened again
        if answer.refusal and len(names) > 1 and budget.left > 0:
            half = len(names) // 2
            await self._take(connection, names[:half], budget)
            await self._take(connection, names[half:], budget)
            if self.not_taken.keys().isdisjoint(names):
                self.odd.append(answer)  # refused together, taken in parts
        elif answer.refusal or answer.raw is None:
            self.not_taken.update(dict.fromkeys(names, answer))
        elif answer.raw != _taken(answer.identity) or answer.binary:
            self.odd.append(answer)


@dataclass(slots=True)
class _Budget:
    """How many commands may still be sent to find out which streams are refused."""

    left: int


def _taken(identity: Any) -> bytes:
    """Return the documented answer to SUBSCRIBE, as it is mostly written; any other is looked at closely."""
    return orjson.dumps({"result": None, "id": identity})
