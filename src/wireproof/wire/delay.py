"""How slow this machine and the target are right now, so that neither is mistaken for silence.

A time-out says that a peer did not answer. That is true only while this process could have read the answer: an event
loop that stood still for four seconds saw nothing, whatever came. `MachineDelay` measures the delay of the running
event loop with a heartbeat and the round trips to the target, and `patience` is `asyncio.timeout` that does not count
the time in which the loop stood still and waits longer for a target that is far away or slow.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, Self
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

#: Seconds between two heartbeats. Shorter than any time-out, so that a stall that a time-out falls into is always
#: measured before the time-out fires: of timers that are due together the event loop runs the earlier one first.
BEAT_S = 0.05

#: A heartbeat this many seconds late says that the loop was not served; less is the ordinary jitter of timers.
LATE_S = 0.02

#: Round trips that are remembered; the time-outs follow the slow tenth of them.
ROUND_TRIPS = 50

#: A time-out is longer by so many round trips: a handshake over TLS takes four, and an answer one.
ROUND_TRIPS_ALLOWED = 5

#: Seconds between two pings that measure the target while nothing else is sent.
PING_EVERY_S = 2.0

#: Of a span in which something did not come, this part (but at least a second) may have been lost to the loop's delay
#: before nothing can be said about the peer.
LOST_PART, LOST_LEAST_S = 0.2, 1.0

_running: WeakKeyDictionary[asyncio.AbstractEventLoop, MachineDelay] = WeakKeyDictionary()


class Stall(NamedTuple):
    """The loop was not served from `began` to `ended`, in seconds of the loop's clock."""

    began: float
    ended: float


class MachineDelay:
    """The delay of one event loop and of the target; use it with `async with`, once per loop.

    All times are in seconds; moments are those of the loop's clock (`loop.time()`).
    """

    def __init__(self) -> None:
        self.stalls: deque[Stall] = deque(maxlen=10_000)
        self.worst = 0.0  # the longest time that the loop was not served
        self.total = 0.0  # all such times together
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS)
        self._deadlines: set[asyncio.Timeout] = set()
        self._pings: set[asyncio.Task[None]] = set()
        self._waiting_since: dict[object, float] = {}  # pings that are not answered yet
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        _running[self._loop] = self
        self._next_beat()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.cancel()
        if self._loop is not None:
            _running.pop(self._loop, None)
        for ping in list(self._pings):
            ping.cancel()
        if self._pings:
            await asyncio.wait(self._pings)

    @property
    def round_trip(self) -> float:
        """The round trip to the target that nine of the last ten stayed below, one under way included; 0 if unknown."""
        known = sorted(self._round_trips)
        slow = known[math.ceil(len(known) * 0.9) - 1] if known else 0.0
        now = self._loop.time() if self._loop is not None else 0.0
        return max([slow, *(now - since for since in self._waiting_since.values())])

    @property
    def allowance(self) -> float:
        """The seconds by which a time-out is longer for the target's sake."""
        return ROUND_TRIPS_ALLOWED * self.round_trip

    def note_round_trip(self, seconds: float) -> None:
        """Take in how long an answer took."""
        self._round_trips.append(max(0.0, seconds))

    def measure(self, ping: Callable[[], Awaitable[object]]) -> None:
        """Measure the target with `ping` every two seconds, until the end; an error of it is left to those who send."""
        task = asyncio.ensure_future(self._ping_on(ping))
        self._pings.add(task)
        task.add_done_callback(self._pings.discard)

    def lost_between(self, began: float, ended: float) -> float:
        """Return for how many of these seconds the loop was not served."""
        return sum(max(0.0, min(stall.ended, ended) - max(stall.began, began)) for stall in self.stalls)

    def worst_between(self, began: float, ended: float) -> float:
        """Return the longest time between these moments that the loop was not served."""
        inside = (min(stall.ended, ended) - max(stall.began, began) for stall in self.stalls)
        return max(inside, default=0.0)

    def excuse(self, began: float, ended: float | None = None) -> str:
        """Return why nothing can be said about what did not come since `began`, or an empty text when it can."""
        assert self._loop is not None
        ended = self._loop.time() if ended is None else ended
        lost = self.lost_between(began, ended)
        if lost >= max(LOST_LEAST_S, LOST_PART * (ended - began)):
            worst = self.worst_between(began, ended)
            return (
                f"This machine was too slow: the loop stood still for {lost:.1f} s of {ended - began:.1f} s"
                f" (at most {worst:.1f} s at once). Run with fewer programs beside it."
            )
        if self.round_trip >= max(LOST_LEAST_S, ended - began):
            return f"The target was too slow: an answer took {self.round_trip:.1f} s of {ended - began:.1f} s waited."
        return ""

    @asynccontextmanager
    async def patience(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """Bound a block as `asyncio.timeout` does, without the time in which the loop stood still."""
        async with asyncio.timeout(seconds + self.allowance) as deadline:
            self._deadlines.add(deadline)
            try:
                yield deadline
            finally:
                self._deadlines.discard(deadline)

    def _next_beat(self) -> None:
        assert self._loop is not None
        self._due = self._loop.time() + BEAT_S
        self._handle = self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        # A callback, no task: it must move the deadlines before those that are due in the same pass of the loop fire.
        assert self._loop is not None
        now = self._loop.time()
        late = now - self._due
        if late > LATE_S:
            self.stalls.append(Stall(self._due, now))
            self.worst = max(self.worst, late)
            self.total += late
            for deadline in self._deadlines:
                if (when := deadline.when()) is not None and not deadline.expired():
                    deadline.reschedule(when + late)
        self._next_beat()

    async def _ping_on(self, ping: Callable[[], Awaitable[object]]) -> None:
        assert self._loop is not None
        mark = object()
        while True:
            began = self._waiting_since[mark] = self._loop.time()
            try:
                with suppress(Exception):  # a lost connection shows where something is sent over it
                    await ping()
                    self.note_round_trip(self._loop.time() - began)
            finally:
                del self._waiting_since[mark]
            await asyncio.sleep(PING_EVERY_S)


def machine_delay() -> MachineDelay | None:
    """Return what measures the running event loop, if anything does."""
    return _running.get(asyncio.get_running_loop())


def excuse_since(began: float) -> str:
    """Return why nothing can be said about what did not come since a moment of the loop's clock, if so it is."""
    delay = machine_delay()
    return "" if delay is None else delay.excuse(began)


def note_round_trip(seconds: float) -> None:
    """Take in how long an answer took, where it is measured."""
    if (delay := machine_delay()) is not None:
        delay.note_round_trip(seconds)


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Bound a block to so many seconds of a loop that runs, plus a few round trips; raise TimeoutError.

    Where nothing measures the loop, this is `asyncio.timeout`.
    """
    delay = machine_delay()
    async with asyncio.timeout(seconds) if delay is None else delay.patience(seconds) as deadline:
        yield deadline
