"""How long a machine stood still: asked before something is called late that may have been late because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class MachineDelay(Protocol):
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

    def __init__(self, delays: Sequence[MachineDelay]) -> None:
        self._delays = list(delays)

    def worst_between(self, start_ms: float, end_ms: float) -> float:
        """Return the longest delay that any of them knows of."""
        return max((delay.worst_between(start_ms, end_ms) for delay in self._delays), default=0.0)
