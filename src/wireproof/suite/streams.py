"""Market streams: all of a product are watched at once, over few connections, each until it has shown enough.

Messages are only collected while they come; they are judged in batches afterwards, so that reading keeps up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.cases import WatchedCase
from wireproof.suite.commands import COMMANDS_AT_ONCE, ask
from wireproof.suite.messages import observation_of_messages
from wireproof.suite.order_book import chain_violations, join_violations, reaches
from wireproof.suite.pace import pace_violations
from wireproof.suite.placeholders import resolve
from wireproof.suite.stream_names import stream_name
from wireproof.wire.failures import TargetBlockedError, WireError
from wireproof.wire.market_stream import CONNECTS_SECONDS, MOST_CONNECTS, MarketStreams, Pace, StreamConnection

if TYPE_CHECKING:
    from wireproof.suite.judge import Judge
    from wireproof.suite.scores import Scores
    from wireproof.suite.target import Target
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.market_stream import Message

#: The proof that diff. depth events chain and join a snapshot.
ORDER_BOOK = "order_book"


@dataclass(frozen=True, slots=True)
class Stirred:
    """What was done so that a stream has something to say; `failed` is why it could not be done."""

    done: str = ""
    failed: str = ""


#: Brings about what the streams of some cases tell of; by case id.
Stir = Callable[[Sequence[WatchedCase]], Awaitable[Mapping[str, Stirred]]]


@dataclass(eq=False)
class Watching:
    """One case while it is watched."""

    case: WatchedCase
    name: str
    messages: list[Message] = field(default_factory=list)
    began: int = 0  # messages before this one came over a connection that dropped
    snapshot: Mapping[str, Any] | None = None
    first: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def joins(self) -> bool:
        """Whether the case must show that a snapshot joins."""
        return ORDER_BOOK in self.case.proves

    def take(self, message: Message) -> None:
        """Keep a message while more are wanted."""
        if self.enough.is_set():
            return
        self.messages.append(message)
        self.first.set()
        if len(self.messages) - self.began >= self.case.watch.events:
            self.look()

    def look(self) -> None:
        """See whether what came is enough."""
        if len(self.messages) - self.began < self.case.watch.events:
            return
        if self.joins and (self.snapshot is None or not reaches([_decoded(self.messages[-1].raw)], self.snapshot)):
            return
        self.enough.set()

    def dropped(self) -> None:
        """Begin anew: over another connection neither pace nor chain go on."""
        self.began = len(self.messages)

    def violations(self) -> list[str]:
        """Return which promises the messages of the last connection break."""
        documents = [_decoded(message.raw) for message in self.messages[self.began :]]
        found = pace_violations(self.case.watch, documents)
        if self.joins:
            found += chain_violations(documents)
            if self.snapshot is not None:
                found += join_violations(documents, self.snapshot)
        return found


class StreamWatch:
    """Watches the streams of one product and writes the results of their cases.

    `root` is the URL that `/public/ws` and its like follow; `state` fills placeholders; `ask_depth` gives the snapshot
    of a symbol's order book.
    """

    def __init__(
        self,
        scores: Scores,
        cases: Sequence[WatchedCase],
        *,
        root: str,
        target: Target,
        judge: Judge,
        clock: ServerClock,
        state: Mapping[str, Mapping[str, Any]],
        ask_depth: Callable[[str], Awaitable[Mapping[str, Any]]],
        stir: Stir | None = None,
    ) -> None:
        self.scores, self.root, self.target, self.judge, self.clock = scores, root.rstrip("/"), target, judge, clock
        self._ask_depth, self._state = ask_depth, state
        self._stir, self._stirred = stir, dict[str, Stirred]()
        self._connects = Pace(MOST_CONNECTS, CONNECTS_SECONDS)
        self._commands = [case for case in cases if _stream(case).command]
        self._watchings = [
            Watching(case, stream_name(_stream(case), resolve(case.params, state)))
            for case in cases
            if not _stream(case).command
        ]
        self.connections = 0

    async def run(self) -> None:
        """Watch every stream until it has shown enough or its time is over; returns when all are settled."""
        together: dict[str, list[Watching]] = {}
        alone: list[Watching] = []
        for watching in self._watchings:
            if watching.case.watch.connection == "combined":
                together.setdefault(self._root_of(watching.case), []).append(watching)
            else:
                alone.append(watching)
        gate = asyncio.Semaphore(COMMANDS_AT_ONCE)
        tasks = [asyncio.ensure_future(self._watch_together(root, group)) for root, group in together.items()]
        tasks += [asyncio.ensure_future(self._watch_alone(watching)) for watching in alone]
        tasks += [asyncio.ensure_future(self._command(case, gate)) for case in self._commands]
        try:
            if tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    def _root_of(self, case: WatchedCase) -> str:
        route = _stream(case).route
        return f"{self.root}/{route}" if route else self.root

    async def _watch_together(self, root: str, group: list[Watching]) -> None:
        """Watch streams below one root over shared connections."""
        by_name: dict[str, list[Watching]] = {}
        for watching in group:
            by_name.setdefault(watching.name, []).append(watching)

        def deliver(message: Message) -> None:
            for watching in by_name.get(message.stream, ()):
                watching.take(message)

        def dropped(names: Sequence[str]) -> None:
            for watching in (watching for name in names for watching in by_name.get(name, ())):
                watching.dropped()

        streams = MarketStreams(root, deliver, clock=self.clock, connects=self._connects, on_drop=dropped)
        async with streams:
            try:
                await streams.subscribe(list(by_name))
            except TargetBlockedError as error:
                self._block(error, group)
                return
            self.connections += streams.connections
            await self._stir_up(group)
            asked = f"SUBSCRIBE {{}} at {streams.root}/stream"
            await asyncio.gather(*(self._watch(w, asked.format(w.name), streams) for w in group))

    async def _watch_alone(self, watching: Watching) -> None:
        """Watch one stream over a connection of its own."""
        url = MarketStreams(self._root_of(watching.case), watching.take).url(
            watching.case.watch.connection, watching.name
        )
        await self._connects()
        try:
            async with StreamConnection(url, watching.take, clock=self.clock) as connection:
                self.connections += 1
                await self._stir_up([watching])
                await self._watch(watching, f"connected to {url}", connection)
        except TargetBlockedError as error:
            self._block(error, [watching])

    async def _stir_up(self, group: Sequence[Watching]) -> None:
        """Bring about what the streams tell of, once they are subscribed to; their time begins after it."""
        if self._stir is not None:
            self._stirred.update(await self._stir([watching.case for watching in group]))

    async def _watch(self, watching: Watching, asked: str, source: MarketStreams | StreamConnection) -> None:
        result = self.scores.results[watching.case.id]
        result.started_at = time.time() * 1000
        async with AsyncExitStack() as stack:
            if watching.joins:
                joining = asyncio.create_task(self._join(watching))
                stack.callback(joining.cancel)
            try:
                async with asyncio.timeout(watching.case.watch.seconds):
                    await watching.enough.wait()
            except TimeoutError:
                watching.enough.set()  # what comes from now on is not waited for
        result.ended_at = time.time() * 1000
        try:
            self._settle(watching, asked, source)
        except Exception as error:  # noqa: BLE001  # one broken case must not take the others with it
            self.scores.fail(watching.case, Verdict.BROKEN, f"{type(error).__name__}: {error}")
        self.scores.settle(watching.case)

    async def _join(self, watching: Watching) -> None:
        """Ask for the snapshot once events come, as a client does that keeps an order book."""
        await watching.first.wait()
        try:
            watching.snapshot = await self._ask_depth(watching.name.partition("@")[0].upper())
        except (BlockedError, WireError, TargetBlockedError):
            return  # the chain can be judged without it
        watching.look()

    def _settle(self, watching: Watching, asked: str, source: MarketStreams | StreamConnection) -> None:
        """Judge what came; say what it means when nothing did."""
        case, result = watching.case, self.scores.results[watching.case.id]
        stirred = self._stirred.get(case.id, Stirred())
        bodies = [message.raw for message in watching.messages]
        violations = watching.violations()
        if not bodies:
            lost = _loss(source)
            if lost:
                self.scores.fail(case, Verdict.BLOCKED, f"the connection was lost: {lost}")
                return
            if stirred.failed:
                self.scores.fail(case, Verdict.BLOCKED, stirred.failed)
                return
            if not (case.watch.steady or stirred.done):
                self._not_observed(watching)
                return
            wanted = (
                f"although {stirred.done}"
                if stirred.done
                else (f"where a message every {case.watch.every_ms} ms is documented")
            )
            violations.append(f"Nothing came in {case.watch.seconds:g} s, {wanted}.")
        received = [(message.raw, message.received_at) for message in watching.messages]
        asked = f"{asked}; then {stirred.done}" if stirred.done else asked
        result.observation = observation_of_messages(
            case, asked, received, self.target, violations=violations, began=result.started_at
        )
        self.judge.settle(result, self.judge.messages(case.contract, result.observation, bodies))

    def _not_observed(self, watching: Watching) -> None:
        watch, result = watching.case.watch, self.scores.results[watching.case.id]
        result.verdict, result.may_be_silent = None, bool(watch.may_be_silent)
        reason = watch.may_be_silent or "the stream stayed silent"
        result.reason = f"not observed in {watch.seconds:g} s: {reason}"

    async def _command(self, case: WatchedCase, gate: asyncio.Semaphore) -> None:
        """Send a control command on a connection of its own and judge the answer."""
        result = self.scores.results[case.id]
        async with gate:
            result.started_at = time.time() * 1000
            await self._connects()
            try:
                answer, violations = await ask(case, self._root_of(case), resolve(case.params, self._state), self.clock)
            except TargetBlockedError as error:
                self.scores.block(error.host, error.reason, error.advice, [case])
                return
            except BlockedError as error:
                self.scores.settle_rest(Verdict.BLOCKED, str(error), [case])
                return
            finally:
                result.ended_at = time.time() * 1000
        self.connections += 1
        received = [] if answer.raw is None else [(answer.raw, answer.received_at or answer.sent_at)]
        result.observation = observation_of_messages(
            case, answer.frame, received, self.target, violations=violations, began=answer.sent_at
        )
        findings = self.judge.messages(case.contract, result.observation, [raw for raw, _ in received])
        self.judge.settle(result, findings)
        self.scores.settle(case)

    def _block(self, error: TargetBlockedError, group: Sequence[Watching]) -> None:
        self.scores.block(error.host, error.reason, error.advice, [watching.case for watching in group])


def _stream(case: WatchedCase) -> Any:
    stream = case.contract.stream
    assert stream is not None
    return stream


def _loss(source: MarketStreams | StreamConnection) -> str:
    """Return how the source was lost, if it was and stayed so."""
    if isinstance(source, StreamConnection):
        return source.closed
    return source.failures[0].reason if source.failures else ""


def _decoded(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
