"""Loans and interest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.loan_desk import HOUR_MS, HOURLY_RATE, LoanDesk
from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount


class Lending:
    """A desk, an account of it, and what it was sent."""

    def __init__(self, exchange):
        self.clock, self.events = exchange.clock, []
        self.desk = LoanDesk(lambda _portfolio, event: self.events.append(event), exchange.clock.now_ms)
        self.portfolio = PortfolioAccount(exchange.alice, exchange.clock.now_ms(), lambda _portfolio: {})

    def cross(self, asset):
        """Return what the account has of an asset."""
        return self.portfolio.margin[asset]


@pytest.fixture
def lending(exchange):
    """Return a desk that lent nothing yet."""
    return Lending(exchange)


def test_a_loan_costs_an_hour_s_interest_at_once(lending):
    """The event says what is owed in all."""
    number = lending.desk.borrow(lending.portfolio, "USDT", Decimal(1000))
    cross = lending.cross("USDT")
    assert (cross.free, cross.borrowed, cross.interest) == (21_000, 1000, 1000 * HOURLY_RATE)
    (event,) = lending.events
    assert (event["e"], event["t"], event["T"]) == ("liabilityChange", "BORROW", number)
    assert (event["p"], event["i"], event["l"]) == ("1000.00000000", "0.0055", "1000.00550000")
    (interest,) = lending.desk.interest_of(lending.portfolio, of_loans=True)
    assert (interest.kind, interest.number, interest.interest) == ("ON_BORROW", number, Decimal("0.0055"))


@pytest.mark.parametrize(("amount", "code"), [("0", -1102), ("-1", -1102), ("200000.1", 51006)])
def test_loans_that_are_not_given(lending, amount, code):
    """Of nothing, and of more than is allowed."""
    with pytest.raises(Refusal, match=str(code)):
        lending.desk.borrow(lending.portfolio, "USDT", Decimal(amount))
    assert lending.events == []


def test_a_repayment_pays_interest_first(lending):
    """No more than is owed."""
    lending.desk.borrow(lending.portfolio, "USDT", Decimal(1000))
    lending.desk.repay(lending.portfolio, "USDT", Decimal(100))
    cross = lending.cross("USDT")
    assert (cross.interest, cross.borrowed) == (0, Decimal("900.0055"))
    lending.desk.repay(lending.portfolio, "USDT", Decimal(10_000))
    assert (cross.owed, cross.free) == (0, 20_000 - Decimal("0.0055"))
    first, last = lending.desk.repayments
    assert (first.interest, first.principal, last.principal) == (
        Decimal("0.0055"),
        Decimal("99.9945"),
        Decimal("900.0055"),
    )


def test_repayments_that_are_refused(lending):
    """Nothing is owed, nothing is paid, or nothing is there."""
    with pytest.raises(Refusal, match="-3015"):
        lending.desk.repay(lending.portfolio, "USDT", Decimal(1))
    lending.desk.borrow(lending.portfolio, "USDT", Decimal(1000))
    with pytest.raises(Refusal, match="-1102"):
        lending.desk.repay(lending.portfolio, "USDT", Decimal(0))
    lending.cross("USDT").free = Decimal(1)
    with pytest.raises(Refusal, match="-2018"):
        lending.desk.repay(lending.portfolio, "USDT", Decimal(2))


def test_debt_is_paid_with_the_same_asset_first_and_then_with_others(lending):
    """In their order, at what they are worth."""
    portfolio, desk = lending.portfolio, lending.desk
    desk.borrow(portfolio, "USDT", Decimal(3000))
    lending.cross("USDT").free = Decimal(1000)
    lending.cross("USDC").free = Decimal(500)
    paid = desk.repay_debt(portfolio, "USDT", lending.cross("USDT").owed, ["USDC", "BTC"])
    assert (paid, lending.cross("USDT").owed) == (Decimal("3000.0165"), 0)
    assert (lending.cross("USDT").free, lending.cross("USDC").free) == (0, 0)
    assert lending.cross("BTC").free == pytest.approx(1 - Decimal("1500.0165") / portfolio.dollars("BTC"))


def test_debt_that_cannot_be_paid_or_is_too_much(lending):
    """At most 50,000 dollars at once."""
    portfolio, desk = lending.portfolio, lending.desk
    with pytest.raises(Refusal, match="-3015"):
        desk.repay_debt(portfolio, "USDT", Decimal(1), [])
    desk.borrow(portfolio, "USDT", Decimal(60_000))
    with pytest.raises(Refusal, match="-4065"):
        desk.repay_debt(portfolio, "USDT", Decimal(50_001), [])
    lending.cross("USDT").free = Decimal(0)
    with pytest.raises(Refusal, match="-2018"):
        desk.repay_debt(portfolio, "USDT", Decimal(100), [])


def test_interest_is_charged_when_an_hour_begins(lending):
    """For each hour; of loans, and of balances below zero."""
    portfolio, desk = lending.portfolio, lending.desk
    desk.borrow(portfolio, "USDT", Decimal(1000))
    assert not desk.accrue([portfolio])
    lending.clock.advance(2 * HOUR_MS)
    portfolio.futures.coins["DOT"] = Decimal(-100)
    assert desk.accrue([portfolio])
    assert not desk.accrue([portfolio])
    assert lending.cross("USDT").interest == 3 * 1000 * HOURLY_RATE
    assert [one.kind for one in desk.interest_of(portfolio, of_loans=True)] == ["PERIODIC", "ON_BORROW"]
    (short,) = desk.interest_of(portfolio, of_loans=False)
    assert (short.asset, short.principal, short.interest) == ("DOT", 100, 2 * 100 * HOURLY_RATE)
    assert lending.cross("DOT").free == -short.interest


def test_a_negative_balance_that_is_worth_too_much_is_exchanged(lending):
    """With USDT, as far as there is enough; a small one stays."""
    portfolio, desk = lending.portfolio, lending.desk
    portfolio.futures.coins |= {"DOT": Decimal(-100), "LTC": Decimal(-100), "BCH": Decimal(-1000)}
    desk.exchange_negative(portfolio)
    (record,) = desk.exchanges
    assert (record.asset, record.short, portfolio.total("LTC")) == ("LTC", 100, 0)
    assert lending.cross("USDT").free == pytest.approx(20_000 - 100 * portfolio.dollars("LTC"))
    assert (portfolio.total("DOT"), portfolio.total("BCH")) == (-100, -1000)
