"""What it means that a stream stayed silent: its witness, its connection, its cause and this machine are asked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from wireproof.suite.streams.silence import Listening, Meaning, Silent, meaning_of
from wireproof.suite.streams.witness import Evidence
from wireproof.wire.delay import patience

if TYPE_CHECKING:
    from wireproof.suite.events.venue_actions import Triggered
    from wireproof.suite.streams.silence import Before
    from wireproof.suite.streams.watched import Watching
    from wireproof.suite.target import Target
    from wireproof.wire.clock import ServerClock
    from wireproof.wire.websocket.market_stream import MarketStreams


class SilenceInquiry:
    """Asks why nothing came on a stream."""

    def __init__(self, target: Target, clock: ServerClock, listening: Listening) -> None:
        self.target, self.clock, self.listening = target, clock, listening

    async def suspect(self, watching: Watching, seconds: float) -> Before | None:
        """Read the witness of a stream on which nothing came so far."""
        await self._wait_for(watching, seconds)
        return None if watching.count else await self.listening.before(watching.hearing, watching.params)

    async def question(
        self, watching: Watching, streams: MarketStreams, triggered: Triggered, before: Before | None
    ) -> Meaning:
        """Find out what it means that nothing came, if that is so; `before` is what the witness said at the start."""
        case, hearing, listening = watching.case, watching.hearing, self.listening
        testimony = Evidence()
        if before is not None:
            testimony = await listening.testimony(hearing, watching.params, before)
        if testimony.moved:  # the last of it may be on its way
            await self._wait_for(watching, listening.settle_seconds(case.contract, case.watch))
        alive = await streams.barrier(watching.name)
        lost = streams.loss(watching.name) or ("" if alive else "it answers no ping")
        if lost or (before is not None and hearing.drops != before.drops):
            words = f"the connection was lost: {lost or 'it was opened anew while the stream was watched'}"
            return Meaning(Silent.UNKNOWN, words)
        if triggered.failed:
            return Meaning(Silent.UNKNOWN, triggered.failed)
        meaning = meaning_of(
            testimony,
            done=triggered.done,
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
        machine, began = await self.listening.machine(), watching.hearing.subscribed_at
        worst = machine.worst_between(began, self.clock.local_ms()) / 1000
        if worst <= self.listening.settle_seconds(watching.case.contract, watching.case.watch):
            return ""
        return f"this machine was too slow: the venue stood still for {worst:.1f} s"
