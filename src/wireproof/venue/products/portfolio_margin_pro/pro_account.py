"""One account of portfolio margin pro: what it owns like a portfolio margin account, its bankruptcy loan, its settings.

https://developers.binance.com/docs/derivatives/portfolio-margin-pro/account
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.venue.exchange.records import Account

PRO, SPAN = "PM_1", "PM_3"
TYPES = (PRO, "PM_2", SPAN)  # the middle one is portfolio margin of retail accounts
LOAN_ASSET = "USDT"
AMOUNTS = ("loan", "spot", "borrowed", "futures")  # what a test may set, see `ProAccount.set_amounts`
# docs/exchange.md#portfolio-margin-pro-accounts
OPENING_LOAN, OPENING_SPOT, OPENING_BORROWED = Decimal(250), Decimal(5_000), Decimal(2_000)
OPENING_INTEREST = Decimal(400), Decimal("0.00220000")  # of a negative balance that was covered since: how much
OPENING_EARN = {"LDUSDT": Decimal(1_000), "RWUSD": Decimal(500)}


@dataclass(frozen=True, slots=True)
class Repayment:
    """A bankruptcy loan that was repaid; the time is in milliseconds."""

    number: int
    amount: Decimal
    time: int


class ProAccount(PortfolioAccount):
    """What one user has in portfolio margin pro; `owner` is the account that its key belongs to."""

    def __init__(self, owner: Account, now_ms: int) -> None:
        super().__init__(owner, now_ms, lambda _account: {}, "portfolio pro")
        self.margin[LOAN_ASSET].borrowed = OPENING_BORROWED
        self.type = PRO
        self.loan = OPENING_LOAN  # from a bankruptcy
        self.spot = OPENING_SPOT  # USDT in the spot wallet, which the loan is repaid from
        self.repayments: list[Repayment] = []
        self.earn = dict(OPENING_EARN)
        self.earn_collateral = dict.fromkeys(OPENING_EARN, ZERO)
        self.call_level: Decimal | None = None
        self.delta_mode = False
        self.notified = False  # whether it wants to know of falls of its uniMMR
        self.highest = ZERO  # uniMMR that a fall begins at

    def set_amounts(self, amounts: Mapping[str, Decimal]) -> None:
        """Set USDT by `AMOUNTS`: the bankruptcy loan, the spot wallet, the loan of cross margin, USDⓈ-M's wallet."""
        self.loan = amounts.get("loan", self.loan)
        self.spot = amounts.get("spot", self.spot)
        cross, wallets = self.margin[LOAN_ASSET], self.futures.wallets
        cross.borrowed = amounts.get("borrowed", cross.borrowed)
        wallets[LOAN_ASSET] = amounts.get("futures", wallets[LOAN_ASSET])

    def repay_loan(self, number: int, now_ms: int) -> None:
        """Repay the whole loan from the spot wallet; -21004 without one, -21005 without enough, -21007 meanwhile."""
        if not self.loan:
            raise Refusal(-21004, "User doesn't have portfolio margin bankruptcy loan")
        if self.level_by_ratio() == "FORCE_LIQUIDATION":
            text = "User failed to repay portfolio margin bankruptcy loan since liquidation was in process"
            raise Refusal(-21007, text)
        if self.spot < self.loan:
            text = "User's spot wallet doesn't have enough BUSD to repay portfolio margin bankruptcy loan"
            raise Refusal(-21005, text)
        self.spot -= self.loan
        self.repayments.append(Repayment(number, self.loan, now_ms))
        self.loan = ZERO

    def move_earn(self, asset: str, amount: Decimal, *, into_futures: bool) -> None:
        """Move an earn asset into the collateral or out of it; -6018 without enough."""
        source, target = (self.earn, self.earn_collateral) if into_futures else (self.earn_collateral, self.earn)
        if amount > source[asset]:
            raise Refusal(-6018, "Asset not enough")
        source[asset] -= amount
        target[asset] += amount

    def actual_equity(self) -> Decimal:
        """Return the equity without collateral rates, with the earn assets that serve as collateral at a dollar."""
        return super().actual_equity() + sum(self.earn_collateral.values(), ZERO)

    def equity(self) -> Decimal:
        """Return the equity, with the earn assets that serve as collateral at a dollar."""
        return super().equity() + sum(self.earn_collateral.values(), ZERO)
