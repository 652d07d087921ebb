"""Trouble of the service: which request is sent again, and when it is the whole host that is in trouble.

A request that the service could not carry out is sent again where that changes nothing, a few times and more slowly.
The documentation of 503 asks for it: "Retry with exponential backoff (e.g., 200ms → 400ms → 800ms)". Whatever is sent
again goes through the rate limiter like the first time. A timestamp that came too late (-1021: a busy machine, a slow
network) was refused for certain, and the next one is fresh. Limits, bans and refusals are none of its business.
https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info (HTTP 503 Status)
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Protocol, TypeVar

from wireproof.recognition import Concern, Fate, recognise
from wireproof.wire.blocked import ADVICE, ended
from wireproof.wire.failures import BlockKind, ConnectionLostError, PassingTroubleError, TargetBlockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.recognition import Recognition

#: The longest pause in seconds before each further time that a request is sent; the shortest is half of it.
PAUSES = (0.2, 0.4, 0.8)

#: How often a request is sent at most when a connection drops each time before it is answered: closed three times in a
#: row, it costs no request.
MOST_SENDS = 4

#: So many requests in a row that met nothing but trouble make it trouble of the whole host.
WHOLE_HOST = 10


class Health:
    """How a host fares. Repeated sends of one request count once; one that is answered otherwise ends the row."""

    def __init__(self, host: str, redact: Callable[[str], str] = str, most: int = WHOLE_HOST) -> None:
        self.host, self.most, self._redact = host, most, redact
        self._row = 0

    @property
    def is_down(self) -> bool:
        """Whether nothing but trouble came for a while: then nothing is sent twice."""
        return self._row >= self.most

    def sound(self) -> None:
        """Take in that the host answered a request."""
        self._row = 0

    def troubled(self, words: str) -> None:
        """Take in a request that met trouble; TargetBlockedError when it is one too many in a row."""
        self._row += 1
        if self.is_down:
            kind = BlockKind.MAINTENANCE
            reason = f"{self.host} is in trouble: {self._row} requests in a row were answered with nothing else."
            last = f"The last one: {ended(self._redact(words))}"
            raise TargetBlockedError(self.host, f"{reason} {last}", ADVICE[kind], kind=kind)


class Answered(Protocol):
    """An answer with its status."""

    @property
    def raw(self) -> bytes:
        """The body (REST) or the envelope (WebSocket API)."""

    @property
    def status(self) -> int | None:
        """The status of HTTP or of the envelope."""


AnsweredT = TypeVar("AnsweredT", bound=Answered)


async def patiently(
    send: Callable[[], Awaitable[AnsweredT]],
    asked: str,
    *,
    health: Health,
    repeatable: bool,
    only_late: bool = False,
    after_drop: bool = False,
    is_expected: Callable[[Recognition], bool] = lambda _: False,
) -> AnsweredT:
    """Send a request, and again while the service is in trouble; return the last answer, or raise what was raised.

    What is not `repeatable` is sent again only when its answer says that it certainly was not carried out; with
    `only_late`, only when it came too late, by its timestamp. A request that is repeated is signed afresh.
    With `after_drop` it is sent again when the connection dropped before its answer, in which case nobody knows whether
    it was carried out; `MOST_SENDS` times in all, those included that the client sent by itself.
    `is_expected` says that an answer is the one that is wanted, trouble or not. While `health` says that the host is
    down, nothing is sent again; TargetBlockedError when this request, `asked` in words, makes it so or finds it so.
    """
    lost = 0
    for pause in (*PAUSES, None):
        may_repeat = pause is not None and not health.is_down
        try:
            reply = await send()
        except PassingTroubleError as error:
            if not (may_repeat and repeatable):
                health.troubled(error.reason)
                raise
        except ConnectionLostError as error:
            error.sends = lost = lost + error.sends
            if not (may_repeat and after_drop) or lost >= MOST_SENDS:
                raise
        else:
            told = recognise(reply.status, reply.raw)
            again = told.may_pass and (repeatable or told.fate is Fate.FAILED)
            again = again and (not only_late or told.concern is Concern.CLOCK)
            expected = is_expected(told)
            if not (may_repeat and again) or expected:
                if told.concern is Concern.SERVICE and not expected:
                    health.troubled(f"{asked} with {told.words}")
                else:
                    health.sound()
                return reply
        # Not all at once: what waits together would meet the same trouble together.
        await asyncio.sleep((pause or 0.0) * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
    raise AssertionError("the last time is never repeated")
