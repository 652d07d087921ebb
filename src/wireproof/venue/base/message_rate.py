"""How fast a client may talk: ten messages a second to a stream, five pings a second to the WebSocket API.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

A_SECOND = 10
PINGS_A_SECOND = 5  # pings and pongs together
PATIENCE_SECONDS = 2  # fifteen at once are answered, forty are not: docs/exchange.md#message-rate


class Pace:
    """The messages of one connection: `a_second` over `patience` seconds. `now` is in seconds."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, a_second: int = A_SECOND, patience: int = PATIENCE_SECONDS
    ) -> None:
        self._now, self._patience = now, patience
        self._times: deque[float] = deque(maxlen=a_second * patience)

    def too_fast(self) -> bool:
        """Count one message; return whether it is one too many."""
        now, times = self._now(), self._times
        if len(times) == times.maxlen and now - times[0] < self._patience:
            return True
        times.append(now)
        return False
