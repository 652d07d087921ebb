"""One stream while it is watched: what came for it, in order, and what that shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from wireproof.suite.streams.order_book import chain_violations, join_violations, reaches
from wireproof.suite.vocabulary.monotonic import MessageOrder
from wireproof.wire.websocket.frames import Unfits
from wireproof.wire.websocket.market_stream import Message
from wireproof.wire.websocket.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.suite.streams.silence import Hearing
    from wireproof.wire.websocket.frames import Unfit

#: The proof that diff. depth events chain and join a snapshot.
ORDER_BOOK = "order_book"

#: Messages that are still looked at once their case was judged, while its connection is open for others.
MOST_LATER = 20

#: Messages that are kept beyond those that are enough, until a ping and its pong show that nothing is left on the way.
MOST_MORE = 500


class Break(Enum):
    """What stands between messages."""

    HOLE = "hole"  # a frame that fits nothing, and that was of this subscription, or may have been
    DROP = "drop"  # the connection was opened anew


@dataclass(eq=False)
class Watching:
    """One case while it is watched.

    `trail` is all that came for its subscription, in order. `wanted` is what its messages must hold by path.
    """

    case: WatchedCase
    name: str
    params: Mapping[str, Any]
    hearing: Hearing
    wanted: Mapping[str, str] = field(default_factory=dict)
    trail: list[Message | Break] = field(default_factory=list)
    began: int = 0  # messages before this one came over a connection that dropped
    count: int = 0
    unfits: Unfits = field(default_factory=Unfits)
    snapshot: Mapping[str, Any] | None = None
    first: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    settled: int | None = None  # how long the trail was when the case was judged
    later_unfits: Unfits = field(default_factory=Unfits)

    @property
    def joins(self) -> bool:
        """Whether the case must show that a snapshot joins."""
        return ORDER_BOOK in self.case.proves

    @property
    def messages(self) -> list[Message]:
        """The messages until the case was judged."""
        return [one for one in self.judged if isinstance(one, Message)]

    @property
    def newest(self) -> Any:
        """The last message, None when there is none that can be read."""
        last = next((one for one in reversed(self.trail) if isinstance(one, Message)), None)
        return decoded(last.raw) if last is not None else None

    @property
    def is_silent(self) -> bool:
        """Whether nothing came that is its own, and that is not normal."""
        return not self.count and not self.unfits and not self.case.watch.may_be_silent

    @property
    def _is_full(self) -> bool:
        """Whether no more is kept than there is."""
        if self.settled is not None:
            return len(self.trail) - self.settled >= MOST_LATER
        return self.enough.is_set() and len(self.trail) >= self.case.watch.events + MOST_MORE

    def take(self, message: Message) -> None:
        """Keep a message; of those that come once the case has enough, some."""
        self.hearing.heard_at = message.received_at
        if self._is_full:
            return
        self.trail.append(message)
        self.count += 1
        self.first.set()
        self.look()

    def miss(self, frame: Unfit | None = None) -> None:
        """Note a frame that fits nothing and was of this subscription; without a frame, one that may have been."""
        if not self._is_full and self.trail[-1:] != [Break.HOLE]:
            self.trail.append(Break.HOLE)
        if frame is None:
            return
        if self.settled is not None:
            self.later_unfits.take(frame)
            return
        self.unfits.take(frame)
        self.count += 1
        self.first.set()
        self.look()

    def look(self) -> None:
        """See whether what came is enough."""
        if self.enough.is_set() or self.count - self.began < self.case.watch.events:
            return
        if self.joins and (self.snapshot is None or not reaches([self.newest], self.snapshot)):
            return
        self.enough.set()

    def dropped(self) -> None:
        """Begin anew: over another connection neither pace nor chain go on."""
        self.began = self.count
        self.hearing.drops += 1
        self.trail.append(Break.DROP)

    @property
    def judged(self) -> list[Message | Break]:
        """What came until the case was judged."""
        return self.trail[: self.settled]

    def connections(self) -> list[list[Any]]:
        """Return the documents that came over each connection in turn, None for what cannot be read."""
        found: list[list[Any]] = [[]]
        for one in self.judged:
            if one is Break.DROP:
                found.append([])
            else:
                found[-1].append(decoded(one.raw) if isinstance(one, Message) else None)
        return found

    def book_violations(self) -> list[str]:
        """Return which promises of an order book these messages break, if they make one."""
        if not self.joins:
            return []
        connections = self.connections()
        found = [sentence for documents in connections for sentence in chain_violations(documents)]
        return found if self.snapshot is None else found + join_violations(connections[-1], self.snapshot)

    def order_violations(self, trail: Iterable[Message | Break]) -> list[str]:
        """Return how messages came twice or out of order."""
        order = MessageOrder(self.case.contract.monotonic)
        for one in trail:
            if one is Break.DROP:
                order.begin()
            elif isinstance(one, Message):
                order.take(one.raw, decoded(one.raw))
            else:
                order.take(b"", None)
        return list(order.violations())
