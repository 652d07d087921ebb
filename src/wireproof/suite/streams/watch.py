"""Market streams: all of a product are watched at once, over few connections, each until it has shown enough.

Messages are only collected while they come; they are judged in batches afterwards, so that reading keeps up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.contract.model import Stream, Surface
from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.events.venue_actions import Triggered
from wireproof.suite.judging.aside import known_event_types
from wireproof.suite.judging.error_verdicts import failure_of
from wireproof.suite.judging.message_batches import observation_of_messages
from wireproof.suite.judging.strays import AsideReports, Strays, report_unknown, report_unowned
from wireproof.suite.judging.whose import Claim, Whose
from wireproof.suite.planning.cases import WatchedCase
from wireproof.suite.streams.commands import COMMANDS_AT_ONCE, ask
from wireproof.suite.streams.inquiry import SilenceInquiry
from wireproof.suite.streams.silence import QUIET_SECONDS, Hearing, Listening, Meaning, Silent
from wireproof.suite.streams.stream_reports import Source, report_answers, report_later
from wireproof.suite.streams.stream_verdicts import StreamVerdicts
from wireproof.suite.streams.watched import Watching
from wireproof.suite.tasks import run_together
from wireproof.suite.vocabulary.addressed import addressed
from wireproof.suite.vocabulary.placeholders import resolve
from wireproof.suite.vocabulary.stream_names import stream_name
from wireproof.wire.delay import excuse_since, patience
from wireproof.wire.failures import TargetBlockedError, WireError
from wireproof.wire.websocket.frames import OTHER_STREAM, unfit
from wireproof.wire.websocket.market_stream import CONNECTS_SECONDS, MOST_CONNECTS, MarketStreams, SendPace

if TYPE_CHECKING:
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.run_state import RunState
    from wireproof.suite.target import Target
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.websocket.market_stream import Message


#: Triggers the market events that the streams of some cases report; by case id.
Trigger = Callable[[Sequence[WatchedCase]], Awaitable[Mapping[str, Triggered]]]


class StreamWatch:
    """Watches the streams of one product and writes the results of their cases.

    Args:
        scores: Where results are recorded.
        cases: The cases of the product's streams and of commands on them.
        root: The URL that `/public/ws` and its like follow.
        target: What is asked.
        judge: Compares messages with contracts.
        clock: The server's time.
        state: Fills placeholders, by need and field.
        ask_depth: Returns the snapshot of a symbol's order book.
        trigger: Triggers what streams report, once they are subscribed to; None: nothing can.
        listening: Knows what else shows that a stream had something to send; None: nothing does.
    """

    def __init__(
        self,
        scores: RunState,
        cases: Sequence[WatchedCase],
        *,
        root: str,
        target: Target,
        judge: Judge,
        clock: ServerClock,
        state: Mapping[str, Mapping[str, Any]],
        ask_depth: Callable[[str], Awaitable[Mapping[str, Any]]],
        trigger: Trigger | None = None,
        listening: Listening | None = None,
    ) -> None:
        self.scores, self.root, self.target, self.judge, self.clock = scores, root.rstrip("/"), target, judge, clock
        self._ask_depth, self._state = ask_depth, state
        self._trigger, self._triggered = trigger, dict[str, Triggered]()
        self._connects = SendPace(MOST_CONNECTS, CONNECTS_SECONDS)
        self._commands = [case for case in cases if case.contract.is_command]
        self._watchings = [_watching(case, state) for case in cases if not case.contract.is_command]
        listening = listening if listening is not None else Listening()
        listening.hearings += [watching.hearing for watching in self._watchings]
        self._inquiry = SilenceInquiry(target, clock, listening)
        self._verdicts = StreamVerdicts(scores, judge=judge, target=target, listening=listening)
        self._known = known_event_types(judge.store, cases[0].contract.product, Surface.STREAM) if cases else set()
        self._sources: list[Source] = []
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
        watching_together = [self._watch_together(root, group) for root, group in together.items()]
        commands = [self._command(case, gate) for case in self._commands]
        try:
            await run_together([*watching_together, *map(self._watch_alone, alone), *commands])
        except Exception:
            self._report_aside()
            raise
        self._report_aside()

    def _report_aside(self) -> None:
        """List what came and belongs to no case: frames that fit nothing, unknown events, what came late."""
        if not self._watchings:
            return
        product = self._watchings[0].case.contract.product
        strays = [source.strays for source in self._sources]
        reports = AsideReports(product, Surface.STREAM, self.scores, self.judge, self.target)
        report_unowned(reports, strays)
        report_unknown(reports, strays)
        report_answers(reports, self._sources)
        for watching in self._watchings:
            report_later(reports, watching)
        if any(stray.notices for stray in strays):
            self.scores.notes.append(f"The server of {product}'s streams announced its shutdown, which is no finding.")

    def _root_of(self, case: WatchedCase) -> str:
        route = case.contract.of(Stream).route
        return f"{self.root}/{route}" if route else self.root

    def _source(self, root: str, url: str, group: Sequence[Watching]) -> Source:
        """Return where messages of streams come from, and let each go to its streams."""
        by_name: dict[str, list[Watching]] = {}
        for watching in group:
            by_name.setdefault(watching.name, []).append(watching)
        strays = Strays(url, self._known, Whose(map(_claim, group)))

        def deliver(message: Message) -> None:
            for watching in by_name.get(message.stream, ()):
                watching.take(message)
            if message.stream in by_name:
                return
            reason = message.problem if not message.stream else OTHER_STREAM
            frame = unfit(_whole(message), message.received_at, reason, binary=message.binary)
            owners = strays.take(frame, lambda name: by_name[name][0].newest)
            if len(owners) == 1:
                by_name[owners[0]][0].miss(frame)
            else:
                for watching in (one for name in owners or by_name for one in by_name[name]):
                    watching.miss()

        def dropped(names: Sequence[str]) -> None:
            for watching in (watching for name in names for watching in by_name.get(name, ())):
                watching.dropped()

        streams = MarketStreams(root, deliver, clock=self.clock, connects=self._connects, on_drop=dropped)
        source = Source(streams, strays, group)
        self._sources.append(source)
        return source

    async def _watch_together(self, root: str, group: list[Watching]) -> None:
        """Watch streams below one root over shared connections."""
        source = self._source(root, f"{root}/stream", group)
        source.asked, source.state = f"SUBSCRIBE {{}} at {root}/stream", "subscribed, acknowledged"
        async with source.streams as streams:
            try:
                await streams.subscribe([watching.name for watching in group])
            except TargetBlockedError as error:
                self._record(error, [watching.case for watching in group])
                return
            self.connections += streams.connections
            refused = [one for one in group if one.name in streams.not_taken and not one.count]
            self._verdicts.settle_refused(refused, source)
            await self._watch_all([one for one in group if one not in refused], source)

    async def _watch_alone(self, watching: Watching) -> None:
        """Watch one stream over a connection of its own."""
        root, connection = self._root_of(watching.case), watching.case.watch.connection
        url = MarketStreams(root, watching.take).url(connection, watching.name)
        source = self._source(root, url, [watching])
        source.asked, source.state, source.is_shared = f"connected to {url}", "connected", False
        async with source.streams as streams:
            try:
                await streams.open_alone(connection, watching.name)
            except TargetBlockedError as error:
                self._record(error, [watching.case])
                return
            self.connections += 1
            await self._watch_all([watching], source)

    async def _watch_all(self, group: Sequence[Watching], source: Source) -> None:
        await self._trigger_events(group)
        await run_together(self._watch(watching, source) for watching in group)

    async def _trigger_events(self, group: Sequence[Watching]) -> None:
        """Trigger what the streams report, once they are subscribed to; their time begins after it."""
        if self._trigger is not None:
            self._triggered.update(await self._trigger([watching.case for watching in group]))

    async def _watch(self, watching: Watching, source: Source) -> None:
        result = self.scores.results[watching.case.id]
        result.started_at = time.time() * 1000
        watching.hearing.subscribed_at = self.clock.local_ms()
        seconds = watching.case.watch.seconds
        meaning = Meaning(Silent.UNKNOWN, "")
        try:
            async with AsyncExitStack() as stack:
                if watching.joins:
                    joining = asyncio.create_task(self._join(watching))
                    stack.callback(joining.cancel)
                suspecting = asyncio.create_task(self._inquiry.suspect(watching, min(QUIET_SECONDS, seconds / 4)))
                stack.callback(suspecting.cancel)
                with suppress(TimeoutError):
                    async with patience(seconds):
                        await watching.enough.wait()
                if watching.count:
                    await source.streams.barrier(watching.name)  # what came behind it belongs to it
                else:
                    triggered = self._triggered.get(watching.case.id, Triggered())
                    meaning = await self._inquiry.question(watching, source.streams, triggered, await suspecting)
            if not watching.count:
                self._take_unowned(watching, source)
            watching.settled = len(watching.trail)
            result.ended_at = time.time() * 1000
            if watching.count:
                await self._verdicts.settle(watching, self._asked(watching, source))
            else:
                self._verdicts.settle_silent(watching, source, self._asked(watching, source), meaning)
        except Exception as error:  # noqa: BLE001  # one broken case must not take the others with it
            self._record(error, [watching.case])
        self.scores.settle(watching.case)

    def _take_unowned(self, watching: Watching, source: Source) -> None:
        """Take frames that fit nothing for those of a silent stream, where it is the only one of which they can be."""
        found = source.strays.taken_for(watching.name, {one.name for one in source.group if one.is_silent})
        if found:
            watching.unfits.take_all(found)
            watching.count += found.count

    async def _join(self, watching: Watching) -> None:
        """Ask for the snapshot once events come, as a client does that keeps an order book."""
        await watching.first.wait()
        try:
            watching.snapshot = await self._ask_depth(watching.name.partition("@")[0].upper())
        except (BlockedError, WireError, TargetBlockedError):
            return  # the chain can be judged without it
        watching.look()

    def _asked(self, watching: Watching, source: Source) -> str:
        triggered, asked = self._triggered.get(watching.case.id, Triggered()), source.asked_for(watching)
        return f"{asked}; then {triggered.done}" if triggered.done else asked

    async def _command(self, case: WatchedCase, gate: asyncio.Semaphore) -> None:
        """Send a control command on a connection of its own and judge the answer."""
        result = self.scores.results[case.id]
        async with gate:
            result.started_at = time.time() * 1000
            await self._connects()
            try:
                began = asyncio.get_running_loop().time()
                params, redact = resolve(case.params, self._state), self.target.redactor.frame
                answer, violations = await ask(case, self._root_of(case), params, self.clock, redact)
            except BlockedError as error:
                self._record(error, [case])
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

    def _record(self, error: Exception, cases: Sequence[WatchedCase]) -> None:
        target = self.target
        failure = failure_of(error, target.redactor, target=target.name, is_venue=target.is_venue)
        self.scores.record(failure, cases)


def _watching(case: WatchedCase, state: Mapping[str, Mapping[str, Any]]) -> Watching:
    params = resolve(case.params, state)
    name = stream_name(case.contract.of(Stream), params)
    return Watching(case, name, params, Hearing(case.contract, name), addressed(case.contract, params))


def _claim(watching: Watching) -> Claim:
    levels = watching.params.get("levels")
    return Claim(watching.name, watching.case.contract, watching.wanted, int(levels) if levels else 0)


def _whole(message: Message) -> bytes:
    """Return the frame that a message came in, as far as it was told apart."""
    if not message.stream:
        return message.raw
    return b'{"stream":' + orjson.dumps(message.stream) + b',"data":' + message.raw + b"}"
