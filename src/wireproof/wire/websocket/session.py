"""One persistent connection to a WebSocket API: many requests at once, each matched to its answer by id.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import random
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from wireproof.bounds import MOST_OF_A_FRAME
from wireproof.errors import WireproofError
from wireproof.wire.blocked import ADVICE, ended, excerpt, host_of, until_of
from wireproof.wire.delay import note_round_trip, patience
from wireproof.wire.failures import (
    AnswerLostError,
    BlockKind,
    ConnectionLostError,
    NoAnswerError,
    PassingTroubleError,
    SessionClosedError,
    TargetBlockedError,
    UnmatchedAnswerError,
    WireError,
)
from wireproof.wire.limits import FREE, MINUTE_MS, Cost, Permit, RateLimiter
from wireproof.wire.reply import Reply, Resend
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.secrets.signing import frame_text
from wireproof.wire.trouble import Health
from wireproof.wire.websocket.answers import Dropped, Ledger, MatchedAnswer, Pending, Unmatched, envelope_of
from wireproof.wire.websocket.handshake import PAUSES, WebSocketConnection, closing_words, open_connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from wireproof.wire.clock import ServerClock

    Prepare = Callable[[int], Mapping[str, Any]] | Mapping[str, Any] | None
    Lookup = Callable[["WsApiSession"], Awaitable[Reply | None]]
    Hook = Callable[["WsApiSession"], Awaitable[None]]

logger = logging.getLogger("wireproof.wire.websocket.session")

HANDSHAKE = Cost(weight=5)
LIFETIME = 23 * 3600.0  # the exchange ends every connection after 24 hours

#: A request that was written so often, and met a drop each time, may be what makes the peer drop its connections.
SUSPECT_SENDS = 2

#: How often the first connection is tried.
FIRST_ATTEMPTS = 3

_connecting: ContextVar[WsApiSession | None] = ContextVar("connecting", default=None)


@dataclass(slots=True)
class _Job:
    """A request and its history."""

    method: str
    prepare: Prepare
    cost: Cost
    resend: Resend
    lookup: Lookup | None
    id: str | int
    sends: int = 0
    sent_at: float = 0.0  # of the last time it was written, local epoch milliseconds
    refusals: int = 0  # answers with status 429


class WsApiSession:
    """A session with a WebSocket API; use it with `async with`.

    Args:
        url: Where to connect.
        limiter: Says when to connect and to send.
        clock: The server's time, for signed requests.
        answer_timeout: From writing a request to its answer, in seconds.
        connect_timeout: Bound of the whole handshake, in seconds.
        max_reconnects: Most attempts to connect in a row without any answer between them.
        max_sends: How often one request is written at most.
        back_off: The first and the longest pause between attempts to connect, in seconds.
        fate_wait: From writing a request whose fate is unknown to its last lookup, in seconds. Longer than recvWindow,
            so that a request still on its way is too old to be accepted: the exchange's default of 5 s plus one.
        settle_wait: From a frame with an id that nobody sent to the ping whose pong says that no other answer is to
            come to what was sent before it, in seconds.
        max_wait: The longest wait after a 429, in seconds; a longer one is an error. None: what the limiter allows.
        lifetime: Age at which the connection is replaced, in seconds.
        handshake_cost: What a handshake costs.
        max_size: The largest frame that is read, in bytes.
        on_connect: Called after every handshake, before any request is sent: a session that logs on does it there, with
            `request`.
        redactor: Takes secrets out of messages; None: one of its own.
        sleep: Waits so many seconds.
        options: Further options of the handshake.
    """

    def __init__(
        self,
        url: str,
        *,
        limiter: RateLimiter,
        clock: ServerClock,
        answer_timeout: float = 10.0,
        connect_timeout: float = 10.0,
        max_reconnects: int = 6,
        max_sends: int = 3,
        back_off: tuple[float, float] = (0.5, 15.0),
        fate_wait: float = 6.0,
        settle_wait: float = 1.0,
        max_wait: float | None = None,
        lifetime: float = LIFETIME,
        handshake_cost: Cost = HANDSHAKE,
        max_size: int = MOST_OF_A_FRAME,
        on_connect: Hook | None = None,
        redactor: Redactor | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        **options: Any,
    ) -> None:
        self.host = host_of(url)
        self.answer_timeout, self.connect_timeout, self.fate_wait = answer_timeout, connect_timeout, fate_wait
        self.settle_wait = settle_wait
        self.max_wait = limiter.max_wait if max_wait is None else max_wait
        self.max_reconnects, self.max_sends = max_reconnects, max_sends
        self.back_off, self.lifetime = back_off, lifetime
        self.handshake_cost, self.max_size, self.on_connect = handshake_cost, max_size, on_connect
        self.connections = 0  # handshakes so far
        self.requests = 0  # requests written so far, repeated ones counted again
        self._url, self._options, self._sleep = url, options, sleep
        self._limiter, self._clock = limiter, clock
        self._redactor = redactor if redactor is not None else Redactor()
        self.health = Health(self.host, self._redactor.text)
        self._ledger = Ledger(self._redactor.frame)
        self._connection: WebSocketConnection | None = None
        self._ready = asyncio.Event()
        self._failure: WireproofError | None = None
        self._fruitless = 0  # connections in a row on which nothing was answered
        self._suspects = asyncio.Lock()
        self._orderly = False  # whether the connection was closed on purpose, to be replaced at once
        self._answered = False  # whether anything was answered on this connection
        self._reading: asyncio.Task[None] | None = None
        self._supervising: asyncio.Task[None] | None = None
        self._rotating: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"WsApiSession({self.host})"

    @property
    def has_failed(self) -> bool:
        """Whether the session is over for good: closed, or no connection could be had any more."""
        return self._failure is not None

    @property
    def orphans(self) -> list[str]:
        """Frames that fitted no request, redacted."""
        return self._ledger.orphans

    @property
    def duplicates(self) -> dict[str | int, list[str]]:
        """Second and further answers by request id, redacted."""
        return self._ledger.duplicates

    @property
    def violations(self) -> list[str]:
        """Sentences about frames that broke the protocol and belong to no one answer."""
        return self._ledger.violations

    @property
    def unclaimed(self) -> tuple[int, list[tuple[str, bytes, float]]]:
        """How many frames were no request's answer, and the first of them.

        Each in brief and redacted, as it came, and when, in epoch milliseconds.
        """
        first = self._ledger.first_unclaimed()
        return self._ledger.unclaimed, first

    def violations_of(self, reply: Reply) -> tuple[str, ...]:
        """Return the violations of a reply, including what was noticed after it: answered twice."""
        again = len(self.duplicates.get(reply.id, ()))
        return (*reply.violations, *((f"The request was answered {again + 1} times.",) if again else ()))

    async def __aenter__(self) -> Self:
        for pause in (*PAUSES[: FIRST_ATTEMPTS - 1], None):
            try:
                await self._connect()
                break
            except ConnectionLostError as exc:
                sentence = f"{self.host} accepted the connection and ended it while the session was being set up."
                network = BlockKind.NETWORK
                blocked = TargetBlockedError(self.host, sentence, ADVICE[network], kind=network)
                if pause is None:
                    raise blocked from exc
            except TargetBlockedError as exc:
                if pause is None or not exc.kind.may_pass:
                    raise
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
        self._supervising = asyncio.create_task(self._supervise(), name="wireproof-session")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; requests under way and later ones get SessionClosedError."""
        self._fail(SessionClosedError(f"The session with {self.host} was closed."))
        for task in (self._supervising, self._rotating, self._settling):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            await self._connection.close()
        if self._reading is not None:
            await self._reading

    async def request(
        self,
        method: str,
        prepare: Prepare = None,
        *,
        cost: Cost = FREE,
        resend: Resend = Resend.SAFE,
        lookup: Lookup | None = None,
        request_id: str | int | None = None,
    ) -> Reply:
        """Send a request and return its answer, whatever its status, except 429 and 418.

        `prepare` gives the parameters, or makes them right before each time the request is written, from the server's
        time in epoch milliseconds: timestamps and signatures are fresh after any wait. `lookup`, for Resend.LOOKUP,
        returns the reply that shows that the request took effect, or None when the exchange says that it did not;
        anything else it raises leaves the fate unknown.

        Raise NoAnswerError, UnmatchedAnswerError (which of the frames that name nobody answers it cannot be told),
        ConnectionLostError (fate unknown), AnswerLostError (took effect, answer lost), CostError, SessionClosedError,
        or TargetBlockedError (limited, banned, or no connection can be had any more).
        """
        if resend is Resend.LOOKUP and lookup is None:
            raise ValueError("Resend.LOOKUP needs a lookup")
        job = _Job(method, prepare, cost, resend, lookup, str(uuid.uuid4()) if request_id is None else request_id)
        while True:
            outcome = await self._attempt(job)
            if isinstance(outcome, Dropped):
                await self._after_drop(job, outcome.reason)
            elif not self._is_refused(job, outcome[1]):
                return outcome[0]

    async def ping(self) -> None:
        """Send a WebSocket ping and wait for its pong: a round trip that costs no request weight."""
        connection = self._connection
        if connection is not None and connection.state is State.OPEN:
            await (await connection.ping())

    async def _attempt(self, job: _Job) -> tuple[Reply, MatchedAnswer] | Dropped:
        """Write a request once. Under one of those that met a drop twice, every connection may drop.

        They are written one at a time then, so that each is found out alone and takes no other with it.
        """
        async with self._suspects if job.sends >= SUSPECT_SENDS else contextlib.nullcontext():
            return await self._send(job)

    async def _send(self, job: _Job) -> tuple[Reply, MatchedAnswer] | Dropped:
        connection, permit = await self._leave_to_send(job)
        try:
            params = job.prepare(self._clock.now_ms()) if callable(job.prepare) else job.prepare or {}
            self._redactor.learn_sent(params)
            permit.whose = str(params.get("apiKey") or "")
            frame = frame_text(job.id, job.method, params)
            pending = self._ledger.add(job.id, job.method, params)
        except BaseException:
            permit.refund()
            raise
        job.sends += 1
        job.sent_at = self._clock.local_ms()
        self.requests += 1
        try:
            outcome = await self._exchange(connection, pending, frame)
            if isinstance(outcome, Dropped):
                return outcome
            if isinstance(outcome, Unmatched):
                unanswered = Reply(job.id, frame, b"", None, job.sent_at, self._clock.local_ms(), job.sends)
                raise UnmatchedAnswerError(job.method, self.answer_timeout, unanswered, outcome.frames)
            note_round_trip((outcome.received_at - job.sent_at) / 1000)
            permit.is_refused = outcome.envelope.status_code != 200
            self._limiter.observe(outcome.envelope.rate_limits, permit)
        finally:
            self._ledger.forget(pending)
            permit.done()
        status = outcome.envelope.status_code
        times = (job.sent_at, outcome.received_at, job.sends)
        return Reply(job.id, frame, outcome.raw, status, *times, outcome.violations), outcome

    async def _leave_to_send(self, job: _Job) -> tuple[WebSocketConnection, Permit]:
        """Wait for a usable connection and for the rate limits; there is no pause between their check and the write."""
        inside_hook, is_clogged = _connecting.get() is self, False
        while True:
            if not inside_hook:
                await self._ready.wait()
            if self._failure is not None:
                raise copy.copy(self._failure)  # one for each who waits: a traceback belongs to one
            permit = await self._limiter.acquire(job.cost)
            connection = self._connection
            if connection is not None and connection.state is State.OPEN and (inside_hook or self._ready.is_set()):
                if not connection.paused or is_clogged:
                    return connection, permit
                # What is written now would lie here until the peer has read what is before it, and its timestamp age.
                permit.refund()
                is_clogged = not await self._drained(connection)
                continue
            permit.refund()
            if inside_hook:
                raise ConnectionLostError(job.method, str(job.id), "it dropped while the session was being set up")
            if connection is not None and self._ready.is_set():
                # Closed, but not noticed yet: the reader will, and clears the flag.
                await connection.wait_closed()
                await asyncio.sleep(0)

    async def _drained(self, connection: WebSocketConnection) -> bool:
        """Wait until the connection takes more; whether it did, or ended, while an answer may take."""
        try:
            async with patience(self.answer_timeout):
                with contextlib.suppress(ConnectionClosed, ConnectionError):
                    await connection.drain()
        except TimeoutError:
            return False
        return True

    async def _exchange(
        self, connection: WebSocketConnection, pending: Pending, frame: str
    ) -> MatchedAnswer | Dropped | Unmatched:
        try:
            async with patience(self.answer_timeout):
                with contextlib.suppress(ConnectionClosed):  # the reader reports the drop
                    await connection.send(frame)
                return await asyncio.shield(pending.outcome)
        except TimeoutError:
            self._ledger.expire(pending)
            if pending.outcome.done():
                return pending.outcome.result()
            raise NoAnswerError(pending.method, str(pending.id), self.answer_timeout) from None

    async def _after_drop(self, job: _Job, reason: str) -> None:
        """Return when the request may be written again; raise otherwise."""
        if isinstance(self._failure, SessionClosedError):
            raise copy.copy(self._failure)
        if job.resend is Resend.LOOKUP:
            await self._look_up(job, reason)
        elif job.resend is Resend.NEVER or _connecting.get() is self:
            raise ConnectionLostError(job.method, str(job.id), reason, sends=job.sends)
        if job.sends >= self.max_sends:
            raise ConnectionLostError(job.method, str(job.id), reason, sends=job.sends)

    async def _look_up(self, job: _Job, reason: str) -> None:
        """Return when the exchange says that the request did not take effect and cannot do so any more."""
        if job.lookup is None:
            raise ValueError("Resend.LOOKUP needs a lookup")
        try:
            evidence = await job.lookup(self)
            if evidence is None:
                # It may still be on its way: wait until its timestamp is too old to be accepted.
                waited = (self._clock.local_ms() - job.sent_at) / 1000
                await self._sleep(max(0.0, self.fate_wait - waited))
                evidence = await job.lookup(self)
        except WireproofError as exc:
            raise ConnectionLostError(job.method, str(job.id), reason, sends=job.sends) from exc
        if evidence is not None:
            raise AnswerLostError(job.method, str(job.id), reason, evidence)

    def _is_refused(self, job: _Job, answer: MatchedAnswer) -> bool:
        """Whether a 429 says that the request is to be sent once more, after the penalty; raise if it is not."""
        status = answer.envelope.status_code
        if status not in {418, 429}:
            return False
        kind = BlockKind.RATE_LIMITED if status == 429 else BlockKind.BANNED
        error = answer.envelope.error if isinstance(answer.envelope.error, dict) else {}
        until = self._penalty_end(error)
        self._limiter.penalise(until, kind)
        short = until - self._clock.now_ms() <= self.max_wait * 1000
        if kind is BlockKind.RATE_LIMITED and job.refusals == 0 and job.resend is not Resend.NEVER and short:
            job.refusals += 1
            return True
        words = excerpt(str(error.get("msg", "")), self._redactor)
        sentence = f"{self.host} answered {job.method} with status {status}: {ended(words or 'no words')}"
        raise TargetBlockedError(self.host, sentence, ADVICE[kind], kind=kind, status=status, until_ms=until)

    def _penalty_end(self, error: Mapping[str, Any]) -> float:
        now = self._clock.now_ms()
        data = error.get("data")
        retry_after = data.get("retryAfter") if isinstance(data, dict) else None
        until = until_of(now, retry_after=retry_after, text=str(error.get("msg", "")))
        return until if until is not None else (now // MINUTE_MS + 1) * MINUTE_MS + self._limiter.guard_ms

    async def _connect(self) -> None:
        """Open a connection and set the session up on it; raise TargetBlockedError or what `on_connect` raises."""
        permit = await self._limiter.acquire(self.handshake_cost)
        try:
            connection = await open_connection(
                self._url,
                seconds=self.connect_timeout,
                now_ms=self._clock.now_ms,
                redactor=self._redactor,
                max_size=self.max_size,
                **self._options,
            )
        finally:
            permit.done()
        self.connections += 1
        self._connection, self._orderly, self._answered = connection, False, False
        self._reading = asyncio.create_task(self._read(connection), name="wireproof-reader")
        try:
            await self._set_up()
        except BaseException:
            await connection.close()
            await self._reading
            raise
        if self._connection is not connection or connection.state is not State.OPEN:
            raise ConnectionLostError("the set-up of the session", self.host, "it dropped at once")
        self._ready.set()
        self._timer = asyncio.get_running_loop().call_later(self.lifetime, self._rotate, "23 hours are over")

    async def _set_up(self) -> None:
        if self.on_connect is None:
            return
        token = _connecting.set(self)
        try:
            await self.on_connect(self)
        finally:
            _connecting.reset(token)

    async def _read(self, connection: WebSocketConnection) -> None:
        """Hand out what comes in until the connection ends, then tell the requests under way."""
        try:
            while True:
                raw, binary = await connection.receive()
                received_at = self._clock.local_ms()
                self._redactor.learn(raw)
                envelope = envelope_of(raw)
                if envelope is not None and envelope.is_shutdown:
                    self._rotate("the server announced its shutdown")
                elif self._ledger.take(raw, envelope, received_at, binary=binary):
                    self._fruitless, self._answered = 0, True
                elif (self._settling is None or self._settling.done()) and self._ledger.unsettled():
                    self._settling = asyncio.create_task(self._settle(connection), name="wireproof-settling")
        except ConnectionClosed as exc:
            reason = self._redactor.text(closing_words(exc))
        if self._timer is not None:
            self._timer.cancel()
        if self._settling is not None:
            self._settling.cancel()
        self._connection = None
        if self._failure is None:
            self._ready.clear()
        self._ledger.drop_all(reason)

    async def _settle(self, connection: WebSocketConnection) -> None:
        """Find out whose answers the frames are that name no request under way, as long as there are any.

        Other answers may still come for the requests that are left: until a pong of a ping that was sent a while later.
        """
        with contextlib.suppress(ConnectionClosed):
            while orphans := self._ledger.unsettled():
                await asyncio.sleep(self.settle_wait)
                with contextlib.suppress(TimeoutError):
                    async with patience(self.answer_timeout):
                        await connection.barrier()
                    self._ledger.settle(orphans)

    async def _supervise(self) -> None:
        """Replace the connection whenever it ends, until that fails for good."""
        try:
            while self._reading is not None:
                await asyncio.wait([self._reading])  # not awaited itself: cancelling this task must not cancel it
                self._reading.result()
                await self._reconnect()
        except PassingTroubleError as exc:
            self._fail(exc.lasting())
        except WireproofError as exc:
            self._fail(exc)
        except Exception as exc:  # noqa: BLE001  # whatever `on_connect` raised: those who wait must learn it
            failure = WireError(f"The session with {self.host} could not be set up again: {type(exc).__name__}.")
            failure.__cause__ = exc
            self._fail(failure)

    async def _reconnect(self) -> None:
        while True:
            if not self._orderly:
                await self._back_off()
            try:
                await self._connect()
            except TargetBlockedError as exc:
                if exc.kind in {BlockKind.RATE_LIMITED, BlockKind.BANNED}:
                    self._limiter.penalise(exc.until_ms or self._penalty_end({}), exc.kind)
                elif not exc.kind.may_pass or self._fruitless >= self.max_reconnects:
                    raise
            except (ConnectionLostError, NoAnswerError):
                logger.info("%s dropped the connection while the session was being set up, or was silent", self.host)
            else:
                return
            self._orderly = False

    async def _back_off(self) -> None:
        """Pause before an attempt: longer each time, with jitter, so that many clients do not come back at once."""
        if self._fruitless >= self.max_reconnects:
            raise TargetBlockedError(
                self.host,
                f"{self.host} dropped {self._fruitless} connections in a row without answering anything.",
                ADVICE[BlockKind.NETWORK],
                kind=BlockKind.NETWORK,
            )
        first, longest = self.back_off
        pause = min(longest, first * 2**self._fruitless)
        self._fruitless += 1
        logger.info("connecting to %s again, attempt %d", self.host, self._fruitless)
        await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret

    def _rotate(self, reason: str) -> None:
        """Replace the connection in an orderly way: answer what is under way, hold back the rest."""
        if self._failure is None and (self._rotating is None or self._rotating.done()):
            logger.info("replacing the connection to %s: %s", self.host, reason)
            self._rotating = asyncio.create_task(self._retire(), name="wireproof-rotation")

    async def _retire(self) -> None:
        connection = self._connection
        self._ready.clear()
        self._orderly = self._answered
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ledger.idle.wait(), self.answer_timeout)
        if connection is not None:
            await connection.close()

    def _fail(self, failure: WireproofError) -> None:
        """Give everyone who waits, and everyone who comes later, the same error."""
        if self._failure is None:
            self._failure = failure
        self._ready.set()
        self._ledger.drop_all(str(failure))
