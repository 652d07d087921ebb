"""REST: loans, interest, transfers, collections and downloads of portfolio margin.

https://developers.binance.com/docs/derivatives/portfolio-margin/account
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money, trimmed
from wireproof.venue.base.refusals import Refusal, invalid_data
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.products.futures.trade_routes import DAY_MS
from wireproof.venue.products.portfolio_margin.book_calls import UM_BOOK, as_book
from wireproof.venue.products.portfolio_margin.loan_desk import HOURLY_RATE
from wireproof.venue.products.portfolio_margin.portfolio_engine import PortfolioMarginEngine, portfolio_of
from wireproof.venue.products.portfolio_margin.portfolio_routes import read_asset
from wireproof.venue.products.portfolio_margin.record_pages import interest_view, page_of, read_month, read_size
from wireproof.venue.services.downloads import A_MONTH_OF_PORTFOLIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.venue.products.portfolio_margin.loan_desk import InterestRecord, LoanRecord

Json = dict[str, Any]
_SIGNED = CallSecurity.SIGNED
DONE = {"msg": "success"}
LONGEST_RECORDS_MS = 92 * DAY_MS


# loans


def borrow(call: Call) -> Json:
    """Take a loan."""
    engine, portfolio = call.own(PortfolioMarginEngine), portfolio_of(call)
    asset = read_asset(call)
    number = engine.loans.borrow(portfolio, asset, call.params.needed_decimal("amount"))
    engine.margin.moved(portfolio, (asset,))
    return {"tranId": number}


def repay(call: Call) -> Json:
    """Repay a loan."""
    engine, portfolio = call.own(PortfolioMarginEngine), portfolio_of(call)
    asset = read_asset(call)
    number = engine.loans.repay(portfolio, asset, call.params.needed_decimal("amount"))
    engine.margin.moved(portfolio, (asset,))
    return {"tranId": number}


def repay_debt(call: Call) -> Json:
    """Repay what is owed of an asset with others."""
    engine, portfolio = call.own(PortfolioMarginEngine), portfolio_of(call)
    asset, amount = read_asset(call), call.params.decimal("amount")
    others = [one for one in (call.params.text("specifyRepayAssets") or "").split(",") if one]
    if any(one not in portfolio.margin for one in others):
        raise Refusal(-1108, "Invalid asset.")
    wanted = portfolio.margin[asset].owed if amount is None else amount
    if wanted < 0:
        raise invalid_data("amount")
    paid = engine.loans.repay_debt(portfolio, asset, wanted, [one for one in others if one != asset])
    engine.margin.moved(portfolio, (asset, *others))
    return {
        "amount": money(paid),
        "asset": asset,
        "specifyRepayAssets": others,
        "updateTime": call.engine.clock.now_ms(),
        "success": True,
    }


def max_borrowable(call: Call) -> Json:
    """Return how much of an asset may be borrowed, and how much at all."""
    portfolio, asset = portfolio_of(call), read_asset(call)
    return {"amount": money(portfolio.borrowable(asset)), "borrowLimit": trimmed(portfolio.borrow_limit(asset))}


def max_withdraw(call: Call) -> Json:
    """Return how much of an asset may leave."""
    return {"amount": trimmed(portfolio_of(call).withdrawable(read_asset(call)))}


# records


def _loan_records(call: Call, records: Iterable[LoanRecord], shown: Callable[[LoanRecord], Json]) -> Json:
    """Return loans or repayments of an asset, the latest first: the one with a txId, else those of a period."""
    portfolio, asset = portfolio_of(call), read_asset(call)
    number, (start, end) = call.params.integer("txId"), read_month(call)
    found = [
        shown(one)
        for one in records
        if one.portfolio is portfolio
        and one.asset == asset
        and (one.number == number if number is not None else start <= one.time <= end)
    ]
    return page_of(call, found[::-1])


def loans(call: Call) -> Json:
    """Return the loans that were taken."""

    def shown(one: LoanRecord) -> Json:
        head = {"txId": one.number, "asset": one.asset, "principal": money(one.principal)}
        return head | {"timestamp": one.time, "status": "CONFIRMED"}

    return _loan_records(call, call.own(PortfolioMarginEngine).loans.loans, shown)


def repayments(call: Call) -> Json:
    """Return what was repaid, and how much of it was interest."""

    def shown(one: LoanRecord) -> Json:
        return {
            "amount": money(one.principal + one.interest),
            "asset": one.asset,
            "interest": money(one.interest),
            "principal": money(one.principal),
            "status": "CONFIRMED",
            "timestamp": one.time,
            "txId": one.number,
        }

    return _loan_records(call, call.own(PortfolioMarginEngine).loans.repayments, shown)


def _interest(call: Call, *, of_loans: bool) -> list[InterestRecord]:
    portfolio, (start, end) = portfolio_of(call), read_month(call)
    asset = None if call.params.text("asset") is None else read_asset(call)
    records = call.own(PortfolioMarginEngine).loans.interest_of(portfolio, of_loans=of_loans)
    return [one for one in records if start <= one.time <= end and asset in {None, one.asset}]


def margin_interest(call: Call) -> Json:
    """Return the interest of loans, the latest first."""
    rows = [
        {
            "txId": one.number,
            "interestAccuredTime": one.time,
            "asset": one.asset,
            "rawAsset": one.asset,
            "principal": money(one.principal),
            "interest": money(one.interest),
            "interestRate": money(HOURLY_RATE),
            "type": one.kind,
        }
        for one in _interest(call, of_loans=True)
    ]
    return page_of(call, rows)


def negative_interest(call: Call) -> list[Json]:
    """Return the interest of negative balances, the latest first."""
    return [interest_view(one) for one in _interest(call, of_loans=False)[: read_size(call)]]


def exchange_records(call: Call) -> Json:
    """Return when negative balances were exchanged, the latest first; -4165 for more than three months."""
    portfolio = portfolio_of(call)
    start, end = call.params.needed_integer("startTime"), call.params.needed_integer("endTime")
    if start > end:
        raise Refusal(-1023, "Start time is greater than end time.")
    if end - start > LONGEST_RECORDS_MS:
        raise Refusal(-4165, "Maximum time interval is 3 months.")
    rows = [
        {
            "startTime": one.began,
            "endTime": one.ended,
            "details": [
                {
                    "asset": one.asset,
                    "negativeBalance": float(one.short),
                    "negativeMaxThreshold": int(one.threshold),  # whole, as documented
                }
            ],
        }
        for one in reversed(call.own(PortfolioMarginEngine).loans.exchanges)
        if one.portfolio is portfolio and start <= one.ended <= end
    ]
    return {"total": len(rows), "rows": rows}


# transfers


def transfer_bnb(call: Call) -> Json:
    """Move BNB into USDⓈ-M or out of it."""
    engine, portfolio = call.own(PortfolioMarginEngine), portfolio_of(call)
    amount = call.params.needed_decimal("amount")
    side = call.params.needed_choice("transferSide", ("TO_UM", "FROM_UM"), invalid_data("transferSide"))
    return {"tranId": engine.transfers.transfer_bnb(portfolio, amount, into_futures=side == "TO_UM")}


def collect_all(call: Call) -> Json:
    """Move all of both futures into cross margin."""
    call.own(PortfolioMarginEngine).transfers.collect_all(portfolio_of(call))
    return DONE


def collect(call: Call) -> Json:
    """Move an asset into cross margin; an amount needs the futures that it is from (documented since 2026-10)."""
    portfolio, asset, amount = portfolio_of(call), read_asset(call), call.params.decimal("amount")
    unit = call.params.choice("futureType", (UM, CM), invalid_data("futureType"), "")
    if (amount is None) != (not unit):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if amount is not None and amount <= 0:
        raise invalid_data("amount")
    call.own(PortfolioMarginEngine).transfers.collect(portfolio, asset, amount, (unit,) if unit else (UM, CM))
    return DONE


def cover_negative(call: Call) -> Json:
    """Cover negative balances of both futures."""
    call.own(PortfolioMarginEngine).transfers.cover(portfolio_of(call))
    return DONE


def auto_repay(call: Call) -> Json:
    """Whether negative balances of both futures are covered by themselves."""
    return {"autoRepay": portfolio_of(call).auto_repay}


def set_auto_repay(call: Call) -> Json:
    """Change that."""
    portfolio_of(call).auto_repay = call.params.needed_flag("autoRepay")
    return DONE


# downloads


def _request_download(kind: str) -> Callable[[Call], Json]:
    def run(call: Call) -> Json:
        own = as_book(call, UM_BOOK)
        now = own.engine.clock.now_ms()
        return own.services.downloads.request(own.account, own.params, kind, UM, now, a_month=A_MONTH_OF_PORTFOLIO)

    return run


def _download_link(kind: str) -> Callable[[Call], Json]:
    """Return what shows a download's link; s3Link is always null (documented)."""

    def run(call: Call) -> Json:
        own = as_book(call, UM_BOOK)
        return {"s3Link": None} | own.services.downloads.link(
            own.account, own.params, kind, UM, own.engine.clock.now_ms()
        )

    return run


def _downloads() -> Iterable[Operation]:
    for kind in ("order", "trade", "income"):
        path = f"/papi/v1/um/{kind}/asyn"
        yield route("GET", path, _SIGNED, _request_download(kind), 1_500, "startTime", "endTime")
        yield route("GET", f"{path}/id", _SIGNED, _download_link(kind), 10, "downloadId")


_V1 = "/papi/v1"
MONEY_ROUTES: tuple[Operation, ...] = (
    route("POST", f"{_V1}/marginLoan", _SIGNED, borrow, 100, "asset", "amount"),
    route("POST", f"{_V1}/repayLoan", _SIGNED, repay, 100, "asset", "amount"),
    route("POST", f"{_V1}/margin/repay-debt", _SIGNED, repay_debt, 3_000, "asset"),
    route("GET", f"{_V1}/margin/maxBorrowable", _SIGNED, max_borrowable, 5, "asset"),
    route("GET", f"{_V1}/margin/maxWithdraw", _SIGNED, max_withdraw, 5, "asset"),
    route("GET", f"{_V1}/margin/marginLoan", _SIGNED, loans, 10, "asset"),
    route("GET", f"{_V1}/margin/repayLoan", _SIGNED, repayments, 10, "asset"),
    route("GET", f"{_V1}/margin/marginInterestHistory", _SIGNED, margin_interest, 1),
    route("GET", f"{_V1}/portfolio/interest-history", _SIGNED, negative_interest, 50),
    route(
        "GET",
        f"{_V1}/portfolio/negative-balance-exchange-record",
        _SIGNED,
        exchange_records,
        100,
        "startTime",
        "endTime",
    ),
    route("POST", f"{_V1}/bnb-transfer", _SIGNED, transfer_bnb, 750, "amount", "transferSide"),
    route("POST", f"{_V1}/auto-collection", _SIGNED, collect_all, 750),
    route("POST", f"{_V1}/asset-collection", _SIGNED, collect, 30, "asset"),
    route("POST", f"{_V1}/repay-futures-negative-balance", _SIGNED, cover_negative, 750),
    route("GET", f"{_V1}/repay-futures-switch", _SIGNED, auto_repay, 30),
    route("POST", f"{_V1}/repay-futures-switch", _SIGNED, set_auto_repay, 750, "autoRepay"),
    *_downloads(),
)
