"""Conditions of a case that may fail to come about: an order that must rest, a position, a trigger that must be far.

A condition that did not come about is no finding: nothing was seen of what the case is about. The case is prepared
again with fresh prices, on another symbol where there is one, three times at most, and six times over a slow link; then
it is blocked and says why.

An error alone shows no condition to have failed, for then an exchange that refused everything would never be accused.
What the market has done is looked up (see `moved`), except where only the book can tell, which is another one by then.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError
from wireproof.wire.delay import machine_delay

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wireproof.suite.state.account import RefusedError

#: How often a case is prepared before it is blocked; and where an answer takes longer than so many seconds, or this
#: machine stood still for as long, in which the market moves on.
TRIES, TRIES_ON_A_SLOW_LINK, SLOW_LINK = 3, 6, 0.25

#: Errors that say that the book did not hold what an order needed. Names as documented: their codes differ by product.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
#: https://developers.binance.com/docs/derivatives/coin-margined-futures/error-code
OF_THE_BOOK = frozenset({"FOK_ORDER_REJECT", "MARKET_ORDER_REJECT", "BBO_ORDER_REJECT", "NO_DEPTH", "UNABLE_TO_FILL"})

#: Errors that a price gets when the market is elsewhere than it was.
OF_THE_PRICE = frozenset(
    {
        *("ORDER_WOULD_IMMEDIATELY_TRIGGER", "STRATEGY_INVALID_TRIGGER_PRICE", "INVALID_ACTIVATION_PRICE"),
        *("PRICE_HIGHTER_THAN_MULTIPLIER_UP", "PRICE_LOWER_THAN_MULTIPLIER_DOWN"),
        *("PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP", "PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN"),
        *("STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT", "STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT"),
        *("GTX_ORDER_REJECT", "MIN_NOTIONAL", "MODIFICATION_MIN_NOTIONAL"),
    }
)

#: Errors of a request that needs a position, when there is none; and of one that must have none, when it is accepted.
OF_THE_POSITION = frozenset(
    {
        *("REDUCE_ONLY_REJECT", "REDUCE_ONLY_MARGIN_CHECK_FAILED", "POSITION_NOT_SUFFICIENT"),
        "ADD_ISOLATED_MARGIN_NO_POSITION_REJECT",
    }
)

#: Errors of a request about an order that is no longer open.
OF_THE_ORDER = frozenset({"CANCEL_REJECTED", "NO_SUCH_ORDER"})

#: Errors of a request that orders, positions or modes of the account stand in the way of, or that asks for what is so
#: already. Whether that is true is looked up; where it is, the case is prepared again without them.
OF_THE_STATE = frozenset(
    {
        *("THERE_EXISTS_OPEN_ORDERS", "THERE_EXISTS_QUANTITY"),
        *("POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS", "POSITION_SIDE_CHANGE_EXISTS_QUANTITY"),
        *("ISOLATED_REJECT_WITH_JOINT_MARGIN", "JOINT_MARGIN_REJECT_WITH_ISOLATED"),
        *("JOINT_MARGIN_REJECT_WITH_OPEN_ORDER", "ISOLATED_LEVERAGE_REJECT_WITH_POSITION"),
        *("NO_NEED_TO_CHANGE_MARGIN_TYPE", "NO_NEED_TO_CHANGE_POSITION_SIDE", "NO_NEED_TO_CHANGE_JOINT_MARGIN"),
        *("POSITION_SIDE_NOT_MATCH", "MAX_OPEN_ORDER_EXCEEDED", "INVALID_LISTEN_KEY"),
        *("HAS_OPEN_ORDER", "HAS_POSITION", "NO_NEED_TO_CHANGE"),  # options
        *("MAX_OPEN_ORDERS_ON_SYMBOL_EXCEEDED", "MAX_OPEN_ORDERS_ON_INDEX_EXCEEDED"),
        *("LISTEN_KEY_NOT_FOUND", "HAS_PENDING_TRANSACTION"),  # portfolio margin pro
    }
)

#: Errors of an order that does not fit the symbol's filters, which the suite knows from exchangeInfo.
OF_THE_FILTERS = frozenset(
    {
        *("MIN_NOTIONAL", "BAD_PRECISION", "INVALID_TICK_SIZE_PRECISION", "INVALID_STEP_SIZE_PRECISION"),
        *("PRICE_LESS_THAN_ZERO", "PRICE_GREATER_THAN_MAX_PRICE", "PRICE_LESS_THAN_MIN_PRICE"),
        *("QTY_LESS_THAN_ZERO", "QTY_LESS_THAN_MIN_QTY", "QTY_GREATER_THAN_MAX_QTY"),
        *("PRICE_NOT_INCREASED_BY_TICK_SIZE", "QTY_NOT_INCREASED_BY_STEP_SIZE", "FILTER_FAILURE"),
    }
)

OF_THE_MARKET = OF_THE_BOOK | OF_THE_PRICE | OF_THE_POSITION | OF_THE_ORDER


#: Every status of an order, as documented.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/common-definition
STATUSES = ("NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH")


class ConditionNotMetError(BlockedError):
    """Something that a case presupposes did not come about; prepared again, it may."""


def check_status(status: str, wanted: str, what: str) -> None:
    """Raise ConditionNotMetError when an order has another status than a case needs.

    A status that no order has is no condition: it is a finding of the cases that place orders.
    """
    if status in STATUSES and status != wanted:
        raise ConditionNotMetError(f"{what} must be {wanted}, and was answered {status}")


def is_of_the_market(error: RefusedError, names: Mapping[int, str]) -> bool:
    """Whether what prepares a case was refused because of where the market is, or of what stands on the account.

    `names` are the product's errors.
    """
    return error.code is not None and names.get(error.code) in OF_THE_MARKET | OF_THE_STATE


async def prepared_again(
    attempt: Callable[[int], Awaitable[None]], reason_of: Callable[[BlockedError], str | None]
) -> None:
    """Make attempts, counted from 1, until one has its conditions; BlockedError with the reason when none has.

    `reason_of` says why an error is about a condition, or None when it is not.
    """
    began = asyncio.get_running_loop().time()
    for number in itertools.count(1):
        try:
            await attempt(number)
        except BlockedError as error:
            reason = reason_of(error)
            if reason is None:
                raise
            slow = _what_is_slow(began)
            if number >= (TRIES_ON_A_SLOW_LINK if slow else TRIES):
                raise BlockedError(
                    f"its condition did not come about, though it was prepared {number} times: {reason}.{slow}"
                ) from error
        else:
            return


def _what_is_slow(began: float) -> str:
    """Return a sentence about a link or a machine, since `began` on the loop's clock, that the market outruns."""
    delay = machine_delay()
    if delay is None:
        return ""
    if delay.round_trip >= SLOW_LINK:
        return f" An answer takes {delay.round_trip:.1f} s over this link, and the market moves meanwhile."
    stall = delay.worst_between(began, asyncio.get_running_loop().time())
    if stall >= SLOW_LINK:
        return f" This machine stood still for {stall:.1f} s at once, and the market moved meanwhile."
    return ""
