"""REST: bankruptcy loan, interest, transfers and collections of portfolio margin pro.

https://developers.binance.com/docs/derivatives/portfolio-margin-pro/account
"""

from __future__ import annotations

from typing import Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money, trimmed
from wireproof.venue.base.refusals import Refusal, invalid_data, missing
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.products.futures.trade_routes import DAY_MS
from wireproof.venue.products.portfolio_margin.portfolio_account import ASSETS_OF_PORTFOLIO
from wireproof.venue.products.portfolio_margin.record_pages import interest_view, page_of, read_size
from wireproof.venue.products.portfolio_margin.transfer_desk import BNB
from wireproof.venue.products.portfolio_margin_pro.pro_account import LOAN_ASSET, SPAN
from wireproof.venue.products.portfolio_margin_pro.pro_engine import PortfolioMarginProEngine, pro_account_of
from wireproof.venue.products.portfolio_margin_pro.pro_routes import DONE

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
EARN_ASSETS, OPTION = ("LDUSDT", "RWUSD"), "OPTION"
TO_FUTURES, TO_EARN = "EARN_TO_FUTURE", "FUTURE_TO_EARN"
DEFAULT_MS, LONGEST_MS = 30 * DAY_MS, 360 * DAY_MS
_V1 = "/sapi/v1/portfolio"


# bankruptcy loan


def loan(call: Call) -> Json:
    """Return the bankruptcy loan, zero without one."""
    return {"asset": LOAN_ASSET, "amount": trimmed(pro_account_of(call).loan)}


def repay_loan(call: Call) -> Json:
    """Repay the whole loan."""
    number = call.own(PortfolioMarginProEngine).loans.next_number()
    pro_account_of(call).repay_loan(number, call.engine.clock.now_ms())
    return {"tranId": number}


def _period(call: Call) -> tuple[int, int]:
    """Return the period of a search: thirty days from its start or to its end, at most 360 days; -3011."""
    start, end, now = call.params.integer("startTime"), call.params.integer("endTime"), call.engine.clock.now_ms()
    if end is None:
        end = now if start is None else start + DEFAULT_MS
    start = end - DEFAULT_MS if start is None else start
    if not 0 <= end - start <= LONGEST_MS:
        raise Refusal(-3011, "Your input date is invalid.")
    return start, end


def repayments(call: Call) -> Json:
    """Return repaid bankruptcy loans, the latest first, page by page."""
    account, (start, end) = pro_account_of(call), _period(call)
    rows = [
        {"asset": LOAN_ASSET, "amount": money(one.amount), "repayTime": one.time}
        for one in reversed(account.repayments)
        if start <= one.time <= end
    ]
    return page_of(call, rows)


def interest(call: Call) -> list[Json]:
    """Return the interest of negative balances, the latest first."""
    account, (start, end), asset = pro_account_of(call), _period(call), call.params.text("asset")
    records = call.own(PortfolioMarginProEngine).loans.interest_of(account, of_loans=False)
    rows = [one for one in records if start <= one.time <= end and asset in {None, one.asset}]
    return [interest_view(one, "interestAccruedTime") for one in rows[: read_size(call)]]


# transfers


def transfer_bnb(call: Call) -> Json:
    """Move BNB between cross margin and USDⓈ-M."""
    engine, account = call.own(PortfolioMarginProEngine), pro_account_of(call)
    amount = call.params.needed_decimal("amount")
    side = call.params.needed_choice("transferSide", ("TO_UM", "FROM_UM"), invalid_data("transferSide"))
    return {"tranId": engine.transfers.transfer_bnb(account, amount, into_futures=side == "TO_UM")}


def collect_all(call: Call) -> Json:
    """Move all of both futures into cross margin, but for BNB."""
    call.own(PortfolioMarginProEngine).transfers.collect_all(pro_account_of(call))
    return DONE


def collect(call: Call) -> Json:
    """Move an asset into cross margin; an amount needs what it is from, options with SPAN only (documented)."""
    account, amount = pro_account_of(call), call.params.decimal("amount")
    asset = call.params.needed_text("asset")
    units = (UM, CM, OPTION) if account.type == SPAN else (UM, CM)
    unit = call.params.choice("futureType", units, invalid_data("futureType"), "")
    if asset not in ASSETS_OF_PORTFOLIO or asset == BNB:
        raise Refusal(-3027, "Not a valid margin asset.")
    if (amount is None) != (not unit):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if (amount is not None and amount <= 0) or unit == OPTION:  # nothing is in options
        raise invalid_data("amount")
    call.own(PortfolioMarginProEngine).transfers.collect(account, asset, amount, (unit,) if unit else (UM, CM))
    return DONE


def cover_negative(call: Call) -> Json:
    """Cover negative balances of both futures from cross margin."""
    call.own(PortfolioMarginProEngine).transfers.cover(pro_account_of(call))
    return DONE


def _direction(call: Call) -> bool:
    refusal = invalid_data("transferType")
    return call.params.needed_choice("transferType", (TO_FUTURES, TO_EARN), refusal) == TO_FUTURES


def earn_balance(call: Call) -> Json:
    """Return how much of an earn asset may be moved; this request knows one of them only (documented)."""
    account = pro_account_of(call)
    asset = call.params.needed_choice("asset", EARN_ASSETS[:1], invalid_data("asset"))
    source = account.earn if _direction(call) else account.earn_collateral
    return {"asset": asset, "amount": trimmed(source[asset])}


def transfer_earn(call: Call) -> Json:
    """Move an earn asset into the collateral or out of it."""
    account = pro_account_of(call)
    asset = call.params.needed_choice("asset", EARN_ASSETS, invalid_data("asset"))
    into_futures, amount = _direction(call), call.params.needed_decimal("amount")
    if amount <= 0:
        raise missing("amount")
    account.move_earn(asset, amount, into_futures=into_futures)
    return DONE


def gone(_call: Call) -> Json:
    """-21015: BFUSD is not minted and redeemed here since 2025-11-14."""
    raise Refusal(-21015, "The endpoint has been deprecated and removed")


PRO_MONEY_ROUTES: tuple[Operation, ...] = (
    route("GET", f"{_V1}/pmLoan", _SIGNED, loan, 500, by_account=True),
    route("POST", f"{_V1}/repay", _SIGNED, repay_loan, 3_000, by_account=True),
    route("GET", f"{_V1}/pmloan-history", _SIGNED, repayments, 500),
    route("GET", f"{_V1}/interest-history", _SIGNED, interest, 50),
    route("POST", f"{_V1}/bnb-transfer", _SIGNED, transfer_bnb, 1_500, "amount", "transferSide"),
    route("POST", f"{_V1}/auto-collection", _SIGNED, collect_all, 1_500),
    route("POST", f"{_V1}/asset-collection", _SIGNED, collect, 60, "asset"),
    route("POST", f"{_V1}/repay-futures-negative-balance", _SIGNED, cover_negative, 1_500),
    route("GET", f"{_V1}/earn-asset-balance", _SIGNED, earn_balance, 1_500, "asset", "transferType"),
    route(
        "POST",
        f"{_V1}/earn-asset-transfer",
        _SIGNED,
        transfer_earn,
        1_500,
        "asset",
        "transferType",
        "amount",
        by_account=True,
    ),
    route("POST", f"{_V1}/mint", _SIGNED, gone, 1_500),
    route("POST", f"{_V1}/redeem", _SIGNED, gone, 1_500),
)
