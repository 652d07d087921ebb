"""Time as the venue sees it, so that a test can hold the hands."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the venue reads the time."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch, UTC."""

    def advance(self, milliseconds: int) -> None:
        """Move the hands forward by `milliseconds`."""

    def beside(self, timestamp: int) -> int:
        """Return the time that a request stamped `timestamp` is checked by."""


class SystemClock:
    """The machine's clock, and as far ahead of it as it was advanced."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000 + self.ahead_ms

    def advance(self, milliseconds: int) -> None:
        """Move the hands forward by `milliseconds`."""
        self.ahead_ms += milliseconds

    def beside(self, timestamp: int) -> int:
        """Return this clock's time or the machine's, whichever is nearer: clients need not know it was advanced."""
        now = self.now_ms()
        return min(now, now - self.ahead_ms, key=lambda one: abs(one - timestamp))


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

    def beside(self, _timestamp: int) -> int:
        """Return milliseconds since the epoch, UTC."""
        return self._now
