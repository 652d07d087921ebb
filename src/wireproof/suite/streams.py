"""Market streams: all of a product are watched at once, over few connections, each until it has shown enough.

Messages are only collected while they come; they are judged in batches afterwards, so that reading keeps up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Surface
from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.aside import known_event_types
from wireproof.suite.cases import WatchedCase
from wireproof.suite.commands import COMMANDS_AT_ONCE, ask
from wireproof.suite.messages import observation_of_messages
from wireproof.suite.order_book import chain_violations, join_violations, reaches
from wireproof.suite.pace import pace_breaks
from wireproof.suite.placeholders import resolve
from wireproof.suite.silence import QUIET_SECONDS, Hearing, Listening, Meaning, Silent, joined, meaning_of
from wireproof.suite.strays import Strays, report_unknown
from wireproof.suite.stream_names import stream_name
from wireproof.suite.witness import Evidence
from wireproof.wire.delay import excuse_since, patience
from wireproof.wire.failures import TargetBlockedError, WireError
from wireproof.wire.market_stream import CONNECTS_SECONDS, MOST_CONNECTS, MarketStreams, Pace, StreamConnection
from wireproof.wire.user_stream import decoded

if TYPE_CHECKING:
    from wireproof.suite.judge import Judge
    from wireproof.suite.scores import Scores
    from wireproof.suite.silence import Before
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
    params: Mapping[str, Any]
    hearing: Hearing
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
        self.hearing.heard_at = message.received_at
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
        if self.joins and (self.snapshot is None or not reaches([decoded(self.messages[-1].raw)], self.snapshot)):
            return
        self.enough.set()

    def dropped(self) -> None:
        """Begin anew: over another connection neither pace nor chain go on."""
        self.began = len(self.messages)
        self.hearing.drops += 1

    def documents(self) -> list[Any]:
        """Return the messages of the last connection."""
        return [decoded(message.raw) for message in self.messages[self.began :]]

    def book_violations(self, documents: Sequence[Any]) -> list[str]:
        """Return which promises of an order book these messages break, if they make one."""
        if not self.joins:
            return []
        found = chain_violations(documents)
        return found if self.snapshot is None else found + join_violations(documents, self.snapshot)


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
        listening: Listening | None = None,
    ) -> None:
        self.scores, self.root, self.target, self.judge, self.clock = scores, root.rstrip("/"), target, judge, clock
        self._ask_depth, self._state = ask_depth, state
        self._stir, self._stirred = stir, dict[str, Stirred]()
        self._connects = Pace(MOST_CONNECTS, CONNECTS_SECONDS)
        self._commands = [case for case in cases if _stream(case).command]
        self._watchings = [_watching(case, state) for case in cases if not _stream(case).command]
        self._listening = listening if listening is not None else Listening()
        self._listening.hearings += [watching.hearing for watching in self._watchings]
        self._known = known_event_types(judge.store, cases[0].contract.product, Surface.STREAM) if cases else set()
        self._strays: list[Strays] = []
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
        self._report_strays()
        for task in tasks:
            if not task.cancelled():
                task.result()

    def _report_strays(self) -> None:
        """List what came and fits no contract; it concerns the product as a whole."""
        if self._watchings:
            report_unknown(
                self._strays,
                self._watchings[0].case.contract.product,
                Surface.STREAM,
                scores=self.scores,
                judge=self.judge,
                target=self.target,
            )

    def _new_strays(self, source: str) -> Strays:
        strays = Strays(source, self._known)
        self._strays.append(strays)
        return strays

    def _root_of(self, case: WatchedCase) -> str:
        route = _stream(case).route
        return f"{self.root}/{route}" if route else self.root

    async def _watch_together(self, root: str, group: list[Watching]) -> None:
        """Watch streams below one root over shared connections."""
        by_name: dict[str, list[Watching]] = {}
        for watching in group:
            by_name.setdefault(watching.name, []).append(watching)

        strays = self._new_strays(f"{root}/stream")

        def deliver(message: Message) -> None:
            watchings = by_name.get(message.stream)
            if watchings is None:
                strays.take(message.raw, message.received_at, message.stream)
                return
            for watching in watchings:
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
            asked = f"SUBSCRIBE {{}} at {streams.root}/stream"
            taken = [watching for watching in group if watching.name not in streams.not_taken]
            self._settle_refused([watching for watching in group if watching not in taken], streams, asked)
            await self._stir_up(taken)
            await asyncio.gather(
                *(
                    self._watch(
                        watching, _Source(asked.format(watching.name), "subscribed, acknowledged", streams, strays)
                    )
                    for watching in taken
                )
            )

    def _settle_refused(self, refused: Sequence[Watching], streams: MarketStreams, asked: str) -> None:
        """Say that a SUBSCRIBE was refused or never answered; when all are, of one stream that the others wait on."""
        for number, watching in enumerate(refused):
            answer = streams.not_taken[watching.name]
            said = f"refused: {answer.refusal}" if answer.refusal else "never answered, though a ping after it was"
            if number and streams.taken_none:
                self.scores.fail(watching.case, Verdict.BLOCKED, f"waits on: SUBSCRIBE was {said} ({refused[0].name})")
                self.scores.settle(watching.case)
                continue
            received = [] if answer.raw is None else [(answer.raw, answer.received_at or answer.sent_at)]
            result = self.scores.results[watching.case.id]
            result.observation = observation_of_messages(
                watching.case,
                asked.format(watching.name),
                received,
                self.target,
                violations=[f"SUBSCRIBE of {watching.name} was {said}."],
                began=answer.sent_at,
            )
            self.judge.settle(result, self.judge.messages(watching.case.contract, result.observation, []))
            self.scores.settle(watching.case)

    async def _watch_alone(self, watching: Watching) -> None:
        """Watch one stream over a connection of its own."""
        url = MarketStreams(self._root_of(watching.case), watching.take).url(
            watching.case.watch.connection, watching.name
        )
        strays = self._new_strays(url)

        def deliver(message: Message) -> None:
            if watching.case.watch.connection == "url" and message.stream != watching.name:
                strays.take(message.raw, message.received_at, message.stream)
            else:
                watching.take(message)

        await self._connects()
        try:
            async with StreamConnection(url, deliver, clock=self.clock) as connection:
                self.connections += 1
                await self._stir_up([watching])
                await self._watch(watching, _Source(f"connected to {url}", "connected", connection, strays))
        except TargetBlockedError as error:
            self._block(error, [watching])

    async def _stir_up(self, group: Sequence[Watching]) -> None:
        """Bring about what the streams tell of, once they are subscribed to; their time begins after it."""
        if self._stir is not None:
            self._stirred.update(await self._stir([watching.case for watching in group]))

    async def _watch(self, watching: Watching, source: _Source) -> None:
        result = self.scores.results[watching.case.id]
        result.started_at = time.time() * 1000
        watching.hearing.subscribed_at = self.clock.local_ms()
        seconds = watching.case.watch.seconds
        try:
            async with AsyncExitStack() as stack:
                if watching.joins:
                    joining = asyncio.create_task(self._join(watching))
                    stack.callback(joining.cancel)
                suspecting = asyncio.create_task(self._suspect(watching, min(QUIET_SECONDS, seconds / 4)))
                stack.callback(suspecting.cancel)
                with suppress(TimeoutError):
                    async with patience(seconds):
                        await watching.enough.wait()
                if not watching.messages:
                    meaning = await self._question(watching, source, await suspecting)
            watching.enough.set()  # what comes from now on is not waited for
            result.ended_at = time.time() * 1000
            if watching.messages:
                await self._settle(watching, source)
            else:
                self._settle_silent(watching, source, meaning)
        except Exception as error:  # noqa: BLE001  # one broken case must not take the others with it
            self.scores.fail(watching.case, Verdict.BROKEN, f"{type(error).__name__}: {error}")
        self.scores.settle(watching.case)

    async def _suspect(self, watching: Watching, seconds: float) -> Before | None:
        """Read the witness of a stream on which nothing came so far."""
        with suppress(TimeoutError):
            async with patience(seconds):
                await watching.first.wait()
        return None if watching.messages else await self._listening.before(watching.hearing, watching.params)

    async def _join(self, watching: Watching) -> None:
        """Ask for the snapshot once events come, as a client does that keeps an order book."""
        await watching.first.wait()
        try:
            watching.snapshot = await self._ask_depth(watching.name.partition("@")[0].upper())
        except (BlockedError, WireError, TargetBlockedError):
            return  # the chain can be judged without it
        watching.look()

    async def _question(self, watching: Watching, source: _Source, before: Before | None) -> Meaning:
        """Find out what it means that nothing came, if that is so."""
        case, hearing, listening = watching.case, watching.hearing, self._listening
        stirred = self._stirred.get(case.id, Stirred())
        testimony = Evidence()
        if before is not None:
            testimony = await listening.testimony(hearing, watching.params, before)
        if testimony.moved:  # the last of it may be on its way
            await self._wait_for(watching, listening.settle_seconds(case.contract, case.watch))
        alive = await source.barrier(watching.name)
        lost = source.loss(watching.name) or ("" if alive else "it answers no ping")
        if lost or (before is not None and hearing.drops != before.drops):
            words = f"the connection was lost: {lost or 'it was opened anew while the stream was watched'}"
            return Meaning(Silent.UNKNOWN, words)
        if stirred.failed:
            return Meaning(Silent.UNKNOWN, stirred.failed)
        meaning = meaning_of(
            testimony,
            done=stirred.done,
            why_silent=case.watch.may_be_silent,
            asked=listening.witnesses is not None,
        )
        if meaning.silent is Silent.DEAD and (slow := await self._too_slow(watching)):
            return Meaning(Silent.UNKNOWN, slow)
        return meaning

    async def _wait_for(self, watching: Watching, seconds: float) -> None:
        with suppress(TimeoutError):
            async with patience(seconds):
                await watching.first.wait()

    async def _too_slow(self, watching: Watching) -> str:
        """Return why a venue on this machine may have been too slow to say anything; empty when it was not."""
        if not self.target.is_venue:
            return ""
        machine, began = await self._listening.machine(), watching.hearing.subscribed_at
        worst = machine.worst_between(began, self.clock.local_ms()) / 1000
        if worst <= self._listening.settle_seconds(watching.case.contract, watching.case.watch):
            return ""
        return f"this machine was too slow: the venue stood still for {worst:.1f} s"

    async def _settle(self, watching: Watching, source: _Source) -> None:
        """Judge what came."""
        case, result = watching.case, self.scores.results[watching.case.id]
        bodies = [message.raw for message in watching.messages]
        documents = watching.documents()
        violations = [*await self._unexcused(case, documents), *watching.book_violations(documents)]
        received = [(message.raw, message.received_at) for message in watching.messages]
        result.observation = observation_of_messages(
            case, self._asked(case, source), received, self.target, violations=violations, began=result.started_at
        )
        self.judge.settle(result, self.judge.messages(case.contract, result.observation, bodies))

    async def _unexcused(self, case: WatchedCase, documents: Sequence[Any]) -> list[str]:
        """Return how the pace differs from the documented one, unless it is because of this machine."""
        breaks = pace_breaks(case.watch, documents)
        if self.target.is_venue and any(broken.late for broken in breaks):
            machine = await self._listening.machine()
            excused = [one for one in breaks if one.excused_by(machine, case.watch.tolerance_ms)]
            if excused:
                words = f"the pace of {case.id} says nothing: the venue, which shares this machine, stood still"
                self.scores.notes.append(f"{words} meanwhile. {excused[0].sentence}")
            breaks = [one for one in breaks if one not in excused]
        return [broken.sentence for broken in breaks]

    def _asked(self, case: WatchedCase, source: _Source) -> str:
        stirred = self._stirred.get(case.id, Stirred())
        return f"{source.asked}; then {stirred.done}" if stirred.done else source.asked

    def _settle_silent(self, watching: Watching, source: _Source, meaning: Meaning) -> None:
        """Say what it means that nothing came."""
        case, result = watching.case, self.scores.results[watching.case.id]
        redact = self.target.redactor.text
        strays = joined([source.strays.words(self.target.redactor.frame), source.unasked()])
        if meaning.silent is Silent.UNKNOWN:
            self.scores.fail(case, Verdict.BLOCKED, redact(joined([meaning.words, strays])))
        elif meaning.silent is Silent.DEAD:
            sentence = f"{source.state}, nothing came in {case.watch.seconds:g} s {meaning.words}"
            result.observation = observation_of_messages(
                case, self._asked(case, source), [], self.target, violations=(), began=result.started_at
            )
            result.observation.silence = redact(joined([sentence, strays]))
            self.judge.settle(result, self.judge.messages(case.contract, result.observation, []))
        else:
            result.verdict = None
            result.may_be_silent = meaning.silent is Silent.QUIET or bool(case.watch.may_be_silent)
            words = f"not observed in {case.watch.seconds:g} s: {meaning.words}"
            result.reason = redact(joined([words, strays]))

    async def _command(self, case: WatchedCase, gate: asyncio.Semaphore) -> None:
        """Send a control command on a connection of its own and judge the answer."""
        result = self.scores.results[case.id]
        async with gate:
            result.started_at = time.time() * 1000
            await self._connects()
            try:
                began = asyncio.get_running_loop().time()
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
        if answer.raw is None and violations and (excuse := excuse_since(began)):
            self.scores.settle_rest(Verdict.BLOCKED, excuse, [case])
            return
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


def _watching(case: WatchedCase, state: Mapping[str, Mapping[str, Any]]) -> Watching:
    params = resolve(case.params, state)
    name = stream_name(_stream(case), params)
    return Watching(case, name, params, Hearing(case.contract, name))


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the messages of a stream come from: what was asked for, how far that went, and what came beside it."""

    asked: str
    state: str
    connection: MarketStreams | StreamConnection
    strays: Strays

    async def barrier(self, name: str) -> bool:
        """Whether the peer lives; all that it sent was delivered then."""
        if isinstance(self.connection, StreamConnection):
            return await self.connection.barrier()
        return await self.connection.barrier(name)

    def unasked(self) -> str:
        """Return how many answers came that nobody waited for; empty when none did."""
        number = len(self.connection.unasked)
        return f"answers that nobody waited for came, {number} of them" if number else ""

    def loss(self, name: str) -> str:
        """Return how the connection was lost, if it was and is not open again."""
        if isinstance(self.connection, StreamConnection):
            return self.connection.closed
        return self.connection.loss(name)
