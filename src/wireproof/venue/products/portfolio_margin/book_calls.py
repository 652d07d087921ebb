"""A request of portfolio margin handed on to what answers it for one of both futures, and the answer cut to shape."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, VenueProduct
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.products.portfolio_margin.portfolio_engine import portfolio_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wireproof.venue.base.turns import Turns

Json = dict[str, Any]
NOTIONAL = " (unless you choose reduce only)"  # without the space here: docs/exchange.md#portfolio-margin-numbers
INVALID_PAIR = -4144  # COIN-M's own code for it means something else here (documented)
# Contracts of one kind as portfolio margin shows them: under their own numbers for refusals, without renumbering.
UM_BOOK = VenueProduct(name="um", roots=(), unit=UM)
CM_BOOK = VenueProduct(name="cm", roots=(), unit=CM)


def as_book(call: Call, book: VenueProduct) -> Call:
    """Return a request as one of the portfolio's futures account to one of both futures."""
    return replace(call, product=book, account_or_none=portfolio_of(call).futures)


def of_book(
    book: VenueProduct, run: Callable[[Call], Any], shown: Callable[[Any], Any] | None = None
) -> Callable[[Call], Any]:
    """Return `run` for the portfolio's futures account in one of both futures; `shown` shapes its answer."""

    def carried(call: Call) -> Any:
        try:
            answer = run(as_book(call, book))
        except Refusal as refusal:
            raise _own(refusal) from None
        if isinstance(answer, Generator):
            return _shaped(answer, shown)
        return answer if shown is None else shown(answer)

    return carried


def _shaped(work: Turns[Any], shown: Callable[[Any], Any] | None) -> Turns[Any]:
    """Return what is answered in turns, in portfolio margin's shape."""
    try:
        answer = yield from work
    except Refusal as refusal:
        raise _own(refusal) from None
    return answer if shown is None else shown(answer)


def _own(refusal: Refusal) -> Refusal:
    """Return a refusal of the futures in the words and numbers of portfolio margin."""
    code = INVALID_PAIR if refusal.msg == "Invalid pair." else refusal.code
    text = refusal.msg.replace(NOTIONAL, NOTIONAL.lstrip())
    return Refusal(code, text, status=refusal.status, data=refusal.data)


def fields_of(names: str) -> Callable[[Any], Any]:
    """Return what cuts a row, or each of a list, to the fields in `names` that it has, in their order."""
    wanted = names.split()

    def cut(row: Mapping[str, Any]) -> Json:
        return {name: row[name] for name in wanted if name in row}

    return lambda answer: [cut(row) for row in answer] if isinstance(answer, list) else cut(answer)
