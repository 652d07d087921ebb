"""Values that a case was given by a request of the suite's own: the id of an order, of a quote, of a download.

Each belongs to the contract of that request. Where a case is refused because such a value is wrong, its own contract
is not at fault: a second request tells what the value should have been, and the case is blocked. Of some values nothing
else tells; then a refusal that speaks of such a value is no statement, for one of two answers is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.suite.state.conditions import OF_THE_ORDER
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from wireproof.recognition import ApiError


@dataclass(frozen=True, slots=True)
class Given:
    """A value from the `field` of an answer to `asked`; `says` asks `witness` what it is, where anything tells."""

    asked: str
    field: str
    value: int | str
    witness: str = ""
    says: Callable[[], Awaitable[int | str]] | None = None
    names: frozenset[str] = OF_THE_ORDER  # of the errors that speak of it, where nothing else tells it


async def contradiction(given: Iterable[Given], error: ApiError | None, names: Mapping[int, str]) -> str:
    """Return which given value may be why a case was not answered as wanted, in words without values; or nothing.

    `error` is what it was answered with, `names` are the names of the product's errors by code. What cannot be asked
    contradicts nothing.
    """
    for one in given:
        set_up = f"it was set up by {one.asked}"
        if one.says is None:
            if error is not None and _speaks_of(error, one, names):
                return f"{set_up}, and the `{one.field}` that this gave is not known: one of both answers is wrong"
            continue
        try:
            told = await one.says()
        except (BlockedError, WireError):
            continue
        if str(told) != str(one.value):
            return f"{set_up}, whose answer does not hold: {one.witness} tells another `{one.field}`"
    return ""


def _speaks_of(error: ApiError, given: Given, names: Mapping[int, str]) -> bool:
    """Whether an error says that there is no such thing, or that it is not valid."""
    is_id = given.field.endswith("Id")
    return (is_id and given.field.lower() in error.text.lower()) or names.get(error.number or 0) in given.names
