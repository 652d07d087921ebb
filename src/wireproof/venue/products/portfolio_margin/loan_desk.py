"""Loans of cross margin, their interest, and what is owed for negative balances.

https://developers.binance.com/docs/derivatives/portfolio-margin/trade/Margin-Account-Borrow
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import SATOSHI, ZERO, to_money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.portfolio_account import ASSETS_OF_PORTFOLIO
from wireproof.venue.products.portfolio_margin.portfolio_events import liability_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

    Publish = Callable[[PortfolioAccount, dict[str, object]], None]

HOUR_MS = 3_600_000
HOURLY_RATE = Decimal("0.00000550")  # docs/exchange.md#portfolio-margin-loans
KEPT = 2_000
MOST_NEGATIVE = Decimal(1_000)  # dollars that a negative balance may be worth
MOST_DOLLARS = Decimal(50_000)  # of one repayment of debt


@dataclass(frozen=True, slots=True)
class LoanRecord:
    """A loan that was taken (`repaid` is zero) or repaid, with the share of interest in it."""

    portfolio: PortfolioAccount
    number: int
    asset: str
    principal: Decimal
    interest: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class InterestRecord:
    """Interest of an hour; `kind` is empty for that of a negative balance."""

    portfolio: PortfolioAccount
    number: int
    asset: str
    principal: Decimal
    interest: Decimal
    kind: str
    time: int


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """A negative balance beyond its threshold that the exchange covered with another asset; times in milliseconds."""

    portfolio: PortfolioAccount
    asset: str
    short: Decimal
    threshold: Decimal
    began: int
    ended: int


class LoanDesk:
    """Lends, takes repayments, and charges interest by the hour. `publish` sends a portfolio an event."""

    def __init__(self, publish: Publish, now_ms: Callable[[], int]) -> None:
        self._publish, self._now = publish, now_ms
        self._numbers = count(120_000_000_001)
        self._hour = now_ms() // HOUR_MS
        self.loans: deque[LoanRecord] = deque(maxlen=KEPT)
        self.repayments: deque[LoanRecord] = deque(maxlen=KEPT)
        self.interest: deque[InterestRecord] = deque(maxlen=KEPT)
        self.exchanges: deque[ExchangeRecord] = deque(maxlen=KEPT)

    def next_number(self) -> int:
        """Return the number of a new transaction."""
        return next(self._numbers)

    def borrow(self, portfolio: PortfolioAccount, asset: str, amount: Decimal) -> int:
        """Lend an amount, with its first hour of interest; 51006 beyond what may be borrowed. Return its number."""
        if amount <= 0:
            raise Refusal(-1102, "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.")
        if amount > portfolio.borrowable(asset):
            raise Refusal(51006, "Exceeds maximum borrowable amount.")  # docs/exchange.md#portfolio-margin-loans
        now, number, cross = self._now(), self.next_number(), portfolio.margin[asset]
        interest = to_money(amount * HOURLY_RATE)
        cross.free += amount
        cross.borrowed += amount
        cross.interest += interest
        cross.updated = now
        self.loans.append(LoanRecord(portfolio, number, asset, amount, ZERO, now))
        self.interest.append(InterestRecord(portfolio, number, asset, amount, interest, "ON_BORROW", now))
        self._publish(portfolio, liability_change(portfolio, asset, (amount, interest), number, now))
        return number

    def repay(self, portfolio: PortfolioAccount, asset: str, amount: Decimal) -> int:
        """Take a repayment, interest first; refuse what is not owed or not there. Return its number."""
        cross = portfolio.margin[asset]
        if amount <= 0:
            raise Refusal(-1102, "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.")
        if not cross.owed:
            raise Refusal(-3015, "Repay amount exceeds borrow amount.")  # docs/exchange.md#portfolio-margin-loans
        paid = min(amount, cross.owed)
        if paid > cross.free:
            raise Refusal(-2018, "Balance is insufficient.")
        now, number = self._now(), self.next_number()
        cross.free -= paid
        cross.updated = now
        self._settle(portfolio, asset, paid, number, now)
        return number

    def _settle(self, portfolio: PortfolioAccount, asset: str, paid: Decimal, number: int, now: int) -> None:
        cross = portfolio.margin[asset]
        interest = min(paid, cross.interest)
        cross.interest -= interest
        cross.borrowed -= paid - interest
        self.repayments.append(LoanRecord(portfolio, number, asset, paid - interest, interest, now))

    def repay_debt(self, portfolio: PortfolioAccount, asset: str, amount: Decimal, others: Iterable[str]) -> Decimal:
        """Pay what is owed of an asset, up to an amount, with the asset itself and then with `others` at their index.

        Return how much was paid; refuse what is worth more than 50,000 dollars (documented).
        """
        cross, now = portfolio.margin[asset], self._now()
        wanted = min(amount, cross.owed)
        if not wanted:
            raise Refusal(-3015, "Repay amount exceeds borrow amount.")
        price = portfolio.dollars(asset)
        if wanted * price > MOST_DOLLARS:
            raise Refusal(-4065, "Invalid amount")
        left = wanted
        for one in (asset, *others):
            pays, unit = portfolio.margin[one], portfolio.dollars(one)
            rate = unit / price
            given = min(pays.free, (left / rate).quantize(SATOSHI, rounding=ROUND_CEILING))
            pays.free -= given
            pays.updated = now
            left = max(left - to_money(given * rate), ZERO)
        if left == wanted:
            raise Refusal(-2018, "Balance is insufficient.")
        self._settle(portfolio, asset, wanted - left, self.next_number(), now)
        return wanted - left

    # interest

    def accrue(self, portfolios: Iterable[PortfolioAccount]) -> bool:
        """Charge the hours that began since the last call; return whether there were any."""
        hour = self._now() // HOUR_MS
        hours, self._hour = hour - self._hour, hour
        if hours <= 0:
            return False
        for portfolio in portfolios:
            self.charge(portfolio, hours)
        return True

    def charge(self, portfolio: PortfolioAccount, hours: int = 1) -> None:
        """Charge an account the interest of some hours."""
        for asset in ASSETS_OF_PORTFOLIO:
            self._accrue(portfolio, asset, hours)

    def _accrue(self, portfolio: PortfolioAccount, asset: str, hours: int) -> None:
        cross, now = portfolio.margin[asset], self._now()
        if cross.borrowed:
            interest = to_money(cross.borrowed * HOURLY_RATE * hours)
            cross.interest += interest
            record = InterestRecord(portfolio, self.next_number(), asset, cross.borrowed, interest, "PERIODIC", now)
            self.interest.append(record)
        short = -min(portfolio.total(asset), ZERO)
        if short:
            interest = to_money(short * HOURLY_RATE * hours)
            cross.free -= interest
            self.interest.append(InterestRecord(portfolio, self.next_number(), asset, short, interest, "", now))

    def exchange_negative(self, portfolio: PortfolioAccount) -> None:
        """Cover negative balances that are worth too much with USDT, at their index price.

        docs/exchange.md#portfolio-margin-loans
        """
        now, dollars = self._now(), portfolio.margin["USDT"]
        for asset in ASSETS_OF_PORTFOLIO:
            short, price = -min(portfolio.total(asset), ZERO), portfolio.dollars(asset)
            worth = to_money(short * price)
            if asset == "USDT" or worth <= MOST_NEGATIVE or worth > dollars.free:
                continue
            dollars.free -= worth
            portfolio.margin[asset].free += short
            dollars.updated = portfolio.margin[asset].updated = now
            threshold = to_money(MOST_NEGATIVE / price)
            self.exchanges.append(ExchangeRecord(portfolio, asset, short, threshold, now, now))

    def interest_of(self, portfolio: PortfolioAccount, *, of_loans: bool) -> Iterator[InterestRecord]:
        """Yield the interest of loans, or else of negative balances, the latest first."""
        return (one for one in reversed(self.interest) if one.portfolio is portfolio and bool(one.kind) == of_loans)
