"""Time as the venue sees it, so that a test can hold the hands."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the venue reads the time."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch, UTC."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is told to move; for tests."""

    def __init__(self, now_ms: int = 1_790_000_040_000) -> None:
        self._now = now_ms

    def now_ms(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return self._now

    def advance(self, milliseconds: int) -> None:
        """Move the hands forward by `milliseconds`."""
        self._now += milliseconds
