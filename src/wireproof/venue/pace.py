"""How fast a stream's client may talk: ten messages a second.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

A_SECOND = 10
PATIENCE_SECONDS = 2  # measured: fifteen at once were answered, forty were not


class Pace:
    """The messages of one connection. *now* is in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._times: deque[float] = deque(maxlen=A_SECOND * PATIENCE_SECONDS)

    def too_fast(self) -> bool:
        """Count one message; tell whether it is one too many."""
        now, times = self._now(), self._times
        if len(times) == times.maxlen and now - times[0] < PATIENCE_SECONDS:
            return True
        times.append(now)
        return False
