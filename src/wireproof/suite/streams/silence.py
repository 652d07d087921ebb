"""What it means that nothing came on a stream: it is dead, or quiet, or nothing can be said.

Before anything is said, a ping and its pong pass over the same connection, so that only a living peer is accused of
what it did not send, and everything that it did send was read. Where a witness moved, the stream is given time to
report the last that happened, too.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from wireproof.contract.model import Stream
from wireproof.counts import counted
from wireproof.errors import BlockedError
from wireproof.suite.stalls import Stalls, Together
from wireproof.suite.streams.witness import TELLS, Evidence, Reading

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from wireproof.contract.model import Contract, Watch
    from wireproof.suite.stalls import Lateness
    from wireproof.suite.streams.witness import Witnesses
    from wireproof.wire.venue_control import StreamRecord

#: A stream that has nothing to show after so long is suspected, and its witness is read for the first time.
QUIET_SECONDS = 1.0

#: How long a stream has at least to report what happened last, in milliseconds.
LEAST_SETTLE_MS = 1_000

#: How much later than both subscriptions a message of a sibling must be to count, in milliseconds: the first one may
#: come out of turn.
SIBLING_MS = 1_000

_SPEED = re.compile(r"(\d+)\s*(ms|s)\b")


class Silent(Enum):
    """What a silence means."""

    DEAD = "dead"  # a witness moved: the stream is accused
    QUIET = "quiet"  # a witness was there and did not move
    UNWITNESSED = "unwitnessed"  # nothing tells whether there was anything to say
    UNKNOWN = "unknown"  # there is a witness, and it could not be asked; or the machine was too slow


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a silence means, and why."""

    silent: Silent
    words: str


@dataclass(slots=True)
class Hearing:
    """When a stream was subscribed, and when a message last came on it, in this machine's epoch milliseconds."""

    contract: Contract
    name: str
    subscribed_at: float = 0.0
    heard_at: float = 0.0
    drops: int = 0  # how often its connection was lost

    @property
    def kind(self) -> str:
        """The last part of its contract's id."""
        return self.contract.id.rpartition("/")[2]

    def spoke_since(self, moment: float) -> bool:
        """Whether a message came in its turn, after a moment."""
        return self.heard_at > max(self.subscribed_at, moment) + SIBLING_MS


@dataclass(frozen=True, slots=True)
class Before:
    """What was read when a stream was first suspected to be silent."""

    reading: Reading
    published: int | None  # by the local venue, on this stream
    drops: int


@dataclass
class Listening:
    """Asks everything that can tell whether a silent stream had something to say.

    `record` asks the local venue for its own; `delay` is what is known of this machine's, both where there is such.
    `hearings` are all streams that are watched.
    """

    witnesses: Witnesses | None = None
    record: Callable[[], Awaitable[StreamRecord]] | None = None
    delay: Lateness | None = None
    settle_ms: float = LEAST_SETTLE_MS
    hearings: list[Hearing] = field(default_factory=list)

    async def before(self, hearing: Hearing, params: Mapping[str, Any]) -> Before:
        """Read what witnesses for a stream, once it is suspected."""
        drops = hearing.drops
        reading, published = await asyncio.gather(self._read(hearing, params), self._published(hearing))
        return Before(reading, published, drops)

    async def testimony(self, hearing: Hearing, params: Mapping[str, Any], before: Before) -> Evidence:
        """Return what the witnesses say of the time since `before`."""
        after, published = await asyncio.gather(self._read(hearing, params), self._published(hearing))
        found = Evidence()
        if self.witnesses is not None:
            found = self.witnesses.testimony(hearing.contract.id, params, before.reading, after)
        if published is not None and before.published is not None and published > before.published:
            found.moved.append(f"the venue published {counted(published - before.published, 'message')} of it")
        found.moved += self.told_by_siblings(hearing)
        return found

    async def machine(self) -> Lateness:
        """Return what is known of how late this machine was; the local venue, which shares it, knows, too."""
        known = [self.delay] if self.delay is not None else []
        if self.record is not None:
            try:
                late = (await self.record()).late
            except BlockedError:
                late = []
            known.append(Stalls([(one.at, one.ms) for one in late]))
        return Together(known)

    def settle_seconds(self, contract: Contract, watch: Watch) -> float:
        """Return how long a stream has to report what happened last: its slowest documented speed, and a second."""
        speed = contract.of(Stream).update_speed
        speeds = [int(number) * (1000 if unit == "s" else 1) for number, unit in _SPEED.findall(speed)]
        wanted = watch.every_ms + watch.tolerance_ms if watch.every_ms else max(speeds, default=0)
        return (wanted + self.settle_ms) / 1000

    async def _read(self, hearing: Hearing, params: Mapping[str, Any]) -> Reading:
        if self.witnesses is None:
            return Reading(problem="nobody was asked")
        return await self.witnesses.read(hearing.contract.id, params)

    async def _published(self, hearing: Hearing) -> int | None:
        if self.record is None:
            return None
        try:
            return (await self.record()).published.get(hearing.name, 0)
        except BlockedError:
            return None

    def told_by_siblings(self, hearing: Hearing) -> list[str]:
        """Return which other streams reported what this one had to report, since it was subscribed."""
        others = [one for one in self.hearings if one is not hearing and one.spoke_since(hearing.subscribed_at)]
        same = any(one.name == hearing.name and one.contract is hearing.contract for one in others)
        told = ["the same stream sent messages over another connection"] if same else []
        subject = hearing.name.partition("@")[0]
        names = [
            one.name
            for one in others
            if one.name.partition("@")[0] == subject
            and one.name != hearing.name
            and hearing.kind in TELLS.get(one.kind, ())
        ]
        return [*told, *(f"{name} sent messages" for name in dict.fromkeys(names))]


def meaning_of(testimony: Evidence, *, done: str = "", why_silent: str = "", asked: bool = True) -> Meaning:
    """Return what a silence means, given what witnesses said.

    `done` is what was done so that the stream has something to say, `why_silent` why its contract calls silence normal.
    `asked` is false where there was nobody to ask.
    """
    if testimony.moved or done:
        told = f"while {' and '.join(testimony.moved)}" if testimony.moved else ""
        caused = f"although {done}" if done else ""
        return Meaning(Silent.DEAD, ", ".join(part for part in (caused, told) if part))
    if testimony.still:
        return Meaning(Silent.QUIET, "; ".join([*([why_silent] if why_silent else []), *testimony.still]))
    problem = "; ".join(testimony.problems)
    if why_silent or not asked:
        return Meaning(Silent.UNWITNESSED, why_silent or "the stream stayed silent")
    return Meaning(Silent.UNKNOWN, f"nothing came, and whether there was anything to tell is unknown: {problem}")


def joined(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, as one text."""
    return "; ".join(part for part in parts if part)
