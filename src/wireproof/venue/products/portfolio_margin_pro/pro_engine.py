"""Portfolio margin pro at work: its accounts, and what they are sent as time moves on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.base.formats import read_decimal
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.loan_desk import HOUR_MS, InterestRecord, LoanDesk
from wireproof.venue.products.portfolio_margin.portfolio_account import LEVELS, NORMAL
from wireproof.venue.products.portfolio_margin.portfolio_events import risk_level_change
from wireproof.venue.products.portfolio_margin.transfer_desk import TransferDesk
from wireproof.venue.products.portfolio_margin_pro import pro_events
from wireproof.venue.products.portfolio_margin_pro.pro_account import (
    AMOUNTS,
    LOAN_ASSET,
    OPENING_INTEREST,
    PRO,
    TYPES,
    ProAccount,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.api.call import Call, Services

UPDATES_MS = 5_000  # docs/exchange.md#portfolio-margin-pro-streams
MOST_TRANSFERS = 2  # of BNB in ten minutes (documented)
DROP = Decimal("0.95")  # of a uniMMR below which a fall is notified (documented)


class PortfolioMarginProEngine(ProductEngine):
    """The portfolio margin pro accounts of a venue, one for each of its keys."""

    def __init__(self, services: Services, _hurry: Callable[[object], None]) -> None:
        engine = self.engine = services.engine
        now = engine.clock.now_ms()
        self.loans = LoanDesk(lambda _account, _event: None, engine.clock.now_ms)  # it sends none of their events
        self.transfers = TransferDesk(
            engine, lambda _account, _asset, _change: None, self.loans, MOST_TRANSFERS * services.pools.times
        )
        self.accounts = {
            owner.name: ProAccount(owner, now)
            for owner in engine.accounts
            if owner.collateral is None  # others are portfolios of such an owner
        }
        self._updates = now // UPDATES_MS
        for account in self.accounts.values():
            self.loans.interest.append(
                InterestRecord(account, self.loans.next_number(), LOAN_ASSET, *OPENING_INTEREST, "", now - HOUR_MS)
            )

    def _publish(self, account: ProAccount, event: dict[str, Any]) -> None:
        self.engine.publish(account.owner, event, pro_events.UNIT)

    def tick(self) -> None:
        """Look at the risk, charge interest when an hour begins, and send every account's state each five seconds."""
        now = self.engine.clock.now_ms()
        if self.loans.accrue(self.accounts.values()):
            for account in self.accounts.values():
                if account.auto_repay:
                    self.transfers.cover(account)
        due = now // UPDATES_MS != self._updates
        self._updates = now // UPDATES_MS
        for account in self.accounts.values():
            if not account.enabled:
                continue
            self._check_level(account)
            self._check_drop(account)
            if due:
                self._publish(account, pro_events.account_update(account, now))

    def _check_level(self, account: ProAccount) -> None:
        """Send an account's risk level if it is another one than before, also when all is well again (documented)."""
        level = account.level_by_ratio()
        if level != account.level:
            account.level = level
            self._publish(account, risk_level_change(account, level, self.engine.clock.now_ms()))

    def _check_drop(self, account: ProAccount) -> None:
        """Notify whoever wants it of a fall of uniMMR by more than five per cent since the last one."""
        ratio = account.ratio()
        if account.notified and ratio < account.highest * DROP:
            self._publish(account, pro_events.ratio_drop(ratio, self.engine.clock.now_ms()))
            account.highest = ratio
        account.highest = max(account.highest, ratio)

    def control(self, document: dict[str, Any]) -> None:
        """Control an account: `{"account", …}` with one or more of these.

        `enabled`: whether the account has the mode; `type`: which, `PM_1` to `PM_3`; `level`: the risk level, empty for
        the real one; `loan`, `spot`, `borrowed`, `futures`: USDT of its bankruptcy loan, in its spot wallet, of its
        margin loan, in its wallet of USDⓈ-M.
        """
        account = self.accounts.get(str(document.get("account")))
        levels = ["", NORMAL, *(name for _, name in LEVELS)]
        amounts = {name: read_decimal(str(document[name])) for name in AMOUNTS if name in document}
        known = document.get("level", "") in levels and document.get("type", PRO) in TYPES
        if account is None or not known or any(one is None or one < 0 for one in amounts.values()):
            raise ValueError(
                f"name one of the accounts {', '.join(self.accounts)}, a level of {', '.join(levels)}, a type of"
                f" {', '.join(TYPES)}, and amounts that are not negative"
            )
        account.enabled = document.get("enabled", account.enabled) is True
        account.type = document.get("type", account.type)
        account.scripted_level = document.get("level", account.scripted_level)
        account.set_amounts({name: amount for name, amount in amounts.items() if amount is not None})
        self._check_level(account)
        self._check_drop(account)


def pro_account_of(call: Call) -> ProAccount:
    """Return the account that a request is from; -21001 without the mode.

    docs/exchange.md#accounts-without-portfolio-margin
    """
    found = call.own(PortfolioMarginProEngine).accounts[call.account.name]
    if not found.enabled:
        raise Refusal(-21001, "Request ID is not a Portfolio Margin Account.")
    return found
