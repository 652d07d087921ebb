"""A request that the service could not carry out is sent again where that changes nothing, a few times and more slowly.

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
from wireproof.wire.failures import BlockKind, TargetBlockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.recognition import Recognition

#: The longest pause in seconds before each further time that a request is sent; the shortest is half of it.
PAUSES = (0.2, 0.4, 0.8)


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
    *,
    repeatable: bool,
    only_late: bool = False,
    is_expected: Callable[[Recognition], bool] = lambda _: False,
) -> AnsweredT:
    """Send a request, and again while the service is in trouble; return the last answer, or raise what was raised.

    What is not `repeatable` is sent again only when its answer says that it certainly was not carried out; with
    `only_late`, only when it came too late, by its timestamp. A request that is repeated is signed afresh.
    `is_expected` says that an answer is the one that is wanted, trouble or not.
    """
    for pause in PAUSES:
        try:
            reply = await send()
        except TargetBlockedError as error:
            if not repeatable or error.kind is not BlockKind.MAINTENANCE:
                raise
        else:
            told = recognise(reply.status, reply.raw)
            again = told.may_pass and (repeatable or told.fate is Fate.FAILED)
            again = again and (not only_late or told.concern is Concern.CLOCK)
            if not again or is_expected(told):
                return reply
        # Not all at once: what waits together would meet the same trouble together.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
    return await send()
