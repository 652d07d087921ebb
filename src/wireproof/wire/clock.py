"""The target's time, as seen from here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE_LIFE_MS = 600_000.0  # after this a worse sample replaces a better one: clocks drift

#: What may be a time in epoch milliseconds: 2017-07-14, when the exchange opened, to 2100-01-01. Seconds are far below
#: and microseconds far above, whatever this machine's clock says.
PLAUSIBLE_MS = range(1_500_000_000_000, 4_102_444_800_000)


class _SteadyClock:
    """Epoch milliseconds that never jump: wall time once, the monotonic clock from then on."""

    def __init__(self) -> None:
        self._start_ms = time.time() * 1000 - time.monotonic() * 1000

    def __call__(self) -> float:
        return self._start_ms + time.monotonic() * 1000


class ServerClock:
    """Tells the target's time from samples of it.

    A sample says: asked at, server's time, answered at. Half of the round trip is taken as the way back. The sample
    with the shortest round trip is the best one and is kept until it is ten minutes old.
    """

    def __init__(self, local_ms: Callable[[], float] | None = None) -> None:
        self.local_ms = local_ms if local_ms is not None else _SteadyClock()
        self.offset_ms = 0.0
        self.round_trip_ms: float | None = None
        self._sampled_at = 0.0

    def sample(self, sent_ms: float, received_ms: float, server_ms: float) -> None:
        """Take in one sample; all three in epoch milliseconds, the first two from `local_ms`."""
        round_trip = max(0.0, received_ms - sent_ms)
        expired = received_ms - self._sampled_at > SAMPLE_LIFE_MS
        if self.round_trip_ms is None or expired or round_trip < self.round_trip_ms:
            self.offset_ms = server_ms - (sent_ms + received_ms) / 2
            self.round_trip_ms = round_trip
            self._sampled_at = received_ms

    @property
    def is_set(self) -> bool:
        """Whether at least one sample was taken."""
        return self.round_trip_ms is not None

    def now_ms(self) -> int:
        """Return the server's time in epoch milliseconds, or this machine's before the first sample."""
        return int(self.local_ms() + self.offset_ms)
