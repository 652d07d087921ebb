"""Money between the wallets of a portfolio: transfers of BNB, collections, and what covers negative balances.

https://developers.binance.com/docs/derivatives/portfolio-margin/account/BNB-transfer and its neighbours.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.instruments import CM, UM

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.products.portfolio_margin.loan_desk import LoanDesk
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

BNB = "BNB"
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
# How often each may be asked for within how long (documented), and how a refusal says it.
MOST_TRANSFERS, TRANSFERS_MS = 10, 10 * MINUTE_MS
MOST_COLLECTIONS, COLLECTIONS_MS = 500, HOUR_MS


class TransferDesk:
    """Moves money between cross margin and both futures, and says what changed in cross margin to `transferred`."""

    def __init__(
        self,
        engine: Engine,
        transferred: Callable[[PortfolioAccount, str, Decimal], None],
        loans: LoanDesk,
        most_transfers: int = MOST_TRANSFERS,
    ) -> None:
        self._engine, self._transferred, self._loans = engine, transferred, loans
        self._most_transfers = most_transfers
        self._asked: dict[tuple[str, str], deque[int]] = {}

    def _count(self, portfolio: PortfolioAccount, what: str, most: int, span: int) -> None:
        """Count a request in a rolling window; -1003 with status 429 beyond its limit."""
        now = self._engine.clock.now_ms()
        asked = self._asked.setdefault((portfolio.owner.name, what), deque())
        while asked and asked[0] <= now - span:
            asked.popleft()
        if len(asked) >= most:
            text = f"Too many requests; current limit is {most} requests per {span // MINUTE_MS} minutes."
            raise Refusal(-1003, text, status=429)
        asked.append(now)

    def transfer_bnb(self, portfolio: PortfolioAccount, amount: Decimal, *, into_futures: bool) -> int:
        """Move BNB between cross margin and USDⓈ-M; -2018 without enough of it. Return the transfer's number."""
        self._count(portfolio, "transfers", self._most_transfers, TRANSFERS_MS)
        if amount <= 0:
            raise Refusal(-1102, "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.")
        there = portfolio.margin[BNB].free if into_futures else portfolio.wallet(BNB, UM)
        if amount > there:
            raise Refusal(-2018, "Balance is insufficient.")
        self._move(portfolio, BNB, amount if into_futures else -amount, UM)
        return self._loans.next_number()

    def collect_all(self, portfolio: PortfolioAccount) -> None:
        """Move all that both futures have into cross margin, but for BNB of USDⓈ-M (documented)."""
        self._count(portfolio, "collections", MOST_COLLECTIONS, COLLECTIONS_MS)
        for unit in (UM, CM):
            for asset in portfolio.futures.wallets_of(unit):
                if unit == CM or asset != BNB:
                    self._collect(portfolio, asset, None, unit)

    def collect(self, portfolio: PortfolioAccount, asset: str, amount: Decimal | None, units: tuple[str, ...]) -> None:
        """Move an asset of both futures, or an amount of it of one, into cross margin; never BNB (documented)."""
        if asset == BNB:
            raise Refusal(-1108, "Invalid asset.")
        for unit in units:
            self._collect(portfolio, asset, amount, unit)

    def _collect(self, portfolio: PortfolioAccount, asset: str, amount: Decimal | None, unit: str) -> None:
        there = max(portfolio.wallet(asset, unit), ZERO)
        if amount is not None and amount > there:
            raise Refusal(-2018, "Balance is insufficient.")
        taken = there if amount is None else amount
        if taken:
            self._move(portfolio, asset, -taken, unit)

    def cover(self, portfolio: PortfolioAccount) -> bool:
        """Cover negative balances of both futures from cross margin, as far as it reaches; return whether any was."""
        moved = False
        for unit in (UM, CM):
            for asset, wallet in list(portfolio.futures.wallets_of(unit).items()):
                amount = min(-wallet, portfolio.margin[asset].free)
                if amount > 0:
                    self._move(portfolio, asset, amount, unit)
                    moved = True
        return moved

    def _move(self, portfolio: PortfolioAccount, asset: str, amount: Decimal, unit: str) -> None:
        """Move an amount into one of both futures, out of it when negative."""
        futures, now = portfolio.futures, self._engine.clock.now_ms()
        cross = portfolio.margin[asset]
        cross.free -= amount
        cross.updated = now
        futures.wallets_of(unit)[asset] += amount
        (futures.coins_updated if unit == CM else futures.wallet_updated)[asset] = now
        futures.income.add(unit, "TRANSFER", amount, asset, now)
        event = user_events.account_update(futures, "ASSET_TRANSFER", [asset], [], now, unit=unit, change=amount)
        self._engine.publish(futures, event, unit)
        self._transferred(portfolio, asset, -amount)
