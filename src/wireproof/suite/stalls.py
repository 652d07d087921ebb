"""How long a machine stood still: asked before something is called late that may have been late because of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.wire.delay import MachineDelay


class Lateness(Protocol):
    """Knows by how much a machine was late. Times in epoch milliseconds."""

    def worst_between(self, start_ms: float, end_ms: float) -> float:
        """Return the longest that it stood still in this span, in milliseconds; 0 when it did not."""


class Stalls:
    """The moments at which something came late: when it came, and by how many milliseconds."""

    def __init__(self, late: Sequence[tuple[float, float]]) -> None:
        self._late = list(late)

    def worst_between(self, start_ms: float, end_ms: float) -> float:
        """Return the longest delay that touches this span."""
        return max((ms for at, ms in self._late if at >= start_ms and at - ms <= end_ms), default=0.0)


class Together:
    """Several machines, or several measurements of one: the slowest counts."""

    def __init__(self, delays: Sequence[Lateness]) -> None:
        self._delays = list(delays)

    def worst_between(self, start_ms: float, end_ms: float) -> float:
        """Return the longest delay that any of them knows of."""
        return max((delay.worst_between(start_ms, end_ms) for delay in self._delays), default=0.0)


class LoopLateness:
    """The stalls of this process's event loop, by the clock that everything is received by (`now_ms`)."""

    def __init__(self, delay: MachineDelay, now_ms: Callable[[], float]) -> None:
        self._delay, self._now_ms = delay, now_ms

    def worst_between(self, start_ms: float, end_ms: float) -> float:
        """Return the longest stall that touches this span."""
        ahead = self._now_ms() - asyncio.get_running_loop().time() * 1000
        touching = (
            stall.ended - stall.began
            for stall in self._delay.stalls
            if stall.ended * 1000 + ahead >= start_ms and stall.began * 1000 + ahead <= end_ms
        )
        return max(touching, default=0.0) * 1000
