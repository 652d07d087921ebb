"""A slow or unsteady link between a client and a target: how long each message is on its way."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """How long a relay holds each message back, in seconds. Nothing overtakes anything on one connection.

    `round_trip` is spent half on the way there and half on the way back. `jitter` is the most that chance adds to a
    way. In `stall_share` of all messages the link stands still for `stall` seconds.
    """

    round_trip: float = 0.0
    jitter: float = 0.0
    stall: float = 0.0
    stall_share: float = 0.0
    seed: int = 0

    @property
    def is_instant(self) -> bool:
        """Whether nothing is ever held back."""
        return self.round_trip <= 0 and self.jitter <= 0 and (self.stall <= 0 or self.stall_share <= 0)

    def delays(self, name: str) -> Delays:
        """Return the delays of one connection or direction; the same seed and name give the same delays."""
        return Delays(self, random.Random(f"{self.seed} {name}"))  # noqa: S311  # a link, not a secret


class Delays:
    """Draws one delay after the other."""

    def __init__(self, link: Link, chance: random.Random) -> None:
        self._link, self._chance = link, chance

    def next(self) -> float:
        """Return how long the next message is on its way, in seconds."""
        link = self._link
        delay = link.round_trip / 2 + (self._chance.uniform(0, link.jitter) if link.jitter > 0 else 0.0)
        if link.stall > 0 and self._chance.random() < link.stall_share:
            delay += link.stall
        return delay
