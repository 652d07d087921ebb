"""Values that a case was given by a request of the suite's own: the id of an order, of a quote, of a download.

Each belongs to the contract of that request. Where a case is refused because such a value is wrong, its own contract
is not at fault: a second request tells what the value should have been, and the case is blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable


@dataclass(frozen=True, slots=True)
class Given:
    """A value from the `field` of an answer to `asked`; `says` asks `witness` what it is."""

    asked: str
    field: str
    value: int | str
    witness: str
    says: Callable[[], Awaitable[int | str]]


async def contradiction(given: Iterable[Given]) -> str:
    """Return which given value another request contradicts, in words without values; empty when none does.

    What cannot be asked contradicts nothing.
    """
    for one in given:
        try:
            told = await one.says()
        except (BlockedError, WireError):
            continue
        if str(told) != str(one.value):
            return (
                f"it was set up by {one.asked}, whose answer does not hold: {one.witness} tells another `{one.field}`"
            )
    return ""
