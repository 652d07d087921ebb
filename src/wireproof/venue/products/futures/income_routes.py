"""REST: the income history, whose types each product states.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import Refusal, invalid_data
from wireproof.venue.base.turns import shown
from wireproof.venue.exchange.instruments import CM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from wireproof.venue.api.call import Call
    from wireproof.venue.base.params import Params
    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.income import Income

Json = dict[str, Any]
MOST, DEFAULT = 1_000, 100
WEEK_MS = 7 * 24 * 3_600_000
THREE_MONTHS_MS = 92 * 24 * 3_600_000
# Those that all products have.
INCOME_TYPES = (
    "TRANSFER",
    "WELCOME_BONUS",
    "FUNDING_FEE",
    "REALIZED_PNL",
    "COMMISSION",
    "INSURANCE_CLEAR",
    "DELIVERED_SETTELMENT",  # spelled so: docs/exchange.md#income-types
)
# Those of USDⓈ-M beyond them, by either address.
USDM_INCOME_TYPES = (
    *INCOME_TYPES,
    "REFERRAL_KICKBACK",
    "COMMISSION_REBATE",
    "API_REBATE",
    "CONTEST_REWARD",
    "CROSS_COLLATERAL_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "INTERNAL_TRANSFER",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "POSITION_LIMIT_INCREASE_FEE",
)


def _read_times(params: Params, now: int) -> tuple[int, int]:
    """Return the window that startTime and endTime ask for, the last seven days without them; -1023 when inverted."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and start > end:
        raise Refusal(-1023, "Start time is greater than end time.")
    last = now if end is None else end
    first = start if start is not None else last - WEEK_MS
    return max(first, now - THREE_MONTHS_MS), last


def _read_count(params: Params, name: str, default: int, most: int) -> int:
    value = params.integer(name)
    if value is None:
        return default
    if not 1 <= value <= most:
        raise invalid_data(name)
    return value


def income_history(kinds: Collection[str]) -> Callable[[Call], Turns[list[Json]]]:
    """Return the operation of a product that has these types of income: rows oldest first."""

    def run(call: Call) -> Turns[list[Json]]:
        params = call.params
        symbol = call.optional_symbol(past=True)
        kind = params.choice("incomeType", kinds, invalid_data("incomeType"), "")
        start, end = _read_times(params, call.engine.clock.now_ms())
        limit = _read_count(params, "limit", DEFAULT, MOST)
        rows = [
            row
            for row in call.account.income.between(start, end, call.product.unit)
            if symbol in {None, row.symbol} and kind in {"", row.kind}
        ]
        return shown(rows[:limit], _view)

    return run


def _view(row: Income) -> Json:
    """Return a row; COIN-M writes tranId as text (documented)."""
    return {
        "symbol": row.symbol,
        "incomeType": row.kind,
        "income": money(row.amount),
        "asset": row.asset,
        "info": row.info,
        "time": row.time,
        "tranId": str(row.number) if row.unit == CM else row.number,
        "tradeId": row.trade_id,
    }
