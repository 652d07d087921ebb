"""Portfolio margin at work: its accounts, and what happens to them as prices and time move on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.base.formats import ZERO, read_decimal, trimmed
from wireproof.venue.base.refusals import rejected_key
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.margin import STABLE
from wireproof.venue.products.portfolio_margin.loan_desk import LoanDesk
from wireproof.venue.products.portfolio_margin.margin_desk import MarginDesk, listener
from wireproof.venue.products.portfolio_margin.portfolio_account import (
    ASSETS_OF_PORTFOLIO,
    LEVELS,
    NORMAL,
    PortfolioAccount,
)
from wireproof.venue.products.portfolio_margin.portfolio_events import (
    futures_event,
    liability_change,
    open_order_loss,
    risk_level_change,
)
from wireproof.venue.products.portfolio_margin.portfolio_liquidation import PortfolioLiquidator
from wireproof.venue.products.portfolio_margin.transfer_desk import TransferDesk

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from wireproof.venue.api.call import Call, Services
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.state import UserEvent


class PortfolioMarginEngine(ProductEngine):
    """The portfolio margin accounts of a venue, one for each of its keys, and the desks that act on them."""

    def __init__(self, services: Services, _hurry: Callable[[object], None]) -> None:
        engine = self.engine = services.engine
        publish = listener(engine)
        self.loans = LoanDesk(publish, engine.clock.now_ms)
        self.margin = MarginDesk(engine, self.loans, publish)
        self.transfers = TransferDesk(engine, self.margin.transferred, self.loans)
        self.liquidator = PortfolioLiquidator(engine, self.margin, self.loans)
        self._busy = False
        self.portfolios = {
            owner.name: PortfolioAccount(owner, engine.clock.now_ms(), self.margin.open_losses)
            for owner in engine.accounts
        }
        engine.accounts += [one.futures for one in self.portfolios.values()]
        self._by_futures = {one.futures: one for one in self.portfolios.values()}
        self._publish = publish
        engine.published.subscribe(self._hear)
        engine.price_moved.subscribe(self._price_moved)

    def _hear(self, event: UserEvent) -> None:
        """Send an event of a portfolio's futures in the words of portfolio margin."""
        portfolio = self._by_futures.get(event.account)
        shown = None if portfolio is None else futures_event(portfolio, event.document, event.unit)
        if portfolio is not None and shown is not None:
            self._publish(portfolio, shown)

    def _price_moved(self, market: Market) -> None:
        for portfolio in self.portfolios.values():
            if any(portfolio.futures.open_positions(market.symbol.name)):
                self.check_level(portfolio)

    def check_level(self, portfolio: PortfolioAccount) -> None:
        """Send an account's risk level if it is another one than before, and liquidate the account at the worst one.

        One that is scripted is only said: docs/exchange.md#portfolio-margin-ratio
        """
        level = portfolio.level_by_ratio()
        if level == portfolio.level or self._busy:
            return
        portfolio.level = level
        if level != NORMAL:
            self._publish(portfolio, risk_level_change(portfolio, level, self.engine.clock.now_ms()))
        if level == LEVELS[0][1] and not portfolio.scripted_level:
            self.liquidate(portfolio)

    def liquidate(self, portfolio: PortfolioAccount) -> None:
        """Liquidate an account; what that trades changes no risk level meanwhile."""
        self._busy = True
        try:
            self.liquidator.liquidate(portfolio)
        finally:
            self._busy = False

    def control(self, document: dict[str, Any]) -> None:
        """Control an account: `{"account", …}` with one or more of these.

        `enabled`: whether its key may use portfolio margin; `level`: the risk level, empty for the real one;
        `liquidate`: true liquidates it; `negative`: `{asset: amount}`, by how much its balances are below zero from now
        on; `hour`: true charges an hour's interest, and then covers what is negative;
        `liability` and `loss`: `{asset: amount}`, the events liabilityChange and openOrderLoss with these amounts.
        """
        portfolio = self.portfolios.get(str(document.get("account")))
        levels = ["", *(name for _, name in LEVELS)]
        if portfolio is None or document.get("level", "") not in levels:
            raise ValueError(
                f"name one of the accounts {', '.join(self.portfolios)}, and a level of {', '.join(levels)}"
            )
        now = self.engine.clock.now_ms()
        portfolio.enabled = document.get("enabled", portfolio.enabled) is True
        for asset, amount in _amounts(document.get("liability", {})).items():
            event = liability_change(portfolio, asset, (amount, ZERO), self.loans.next_number(), now)
            self._publish(portfolio, event)
        losses = _amounts(document.get("loss", {}))
        if losses:
            self._publish(portfolio, open_order_loss(losses, now))
        if "level" in document:
            portfolio.scripted_level = document["level"]
            self.check_level(portfolio)
        for asset, amount in _amounts(document.get("negative", {})).items():
            wallets = portfolio.futures.wallets_of(UM if asset in STABLE else CM)
            wallets[asset] -= portfolio.total(asset) + amount
        if document.get("hour") is True:
            self.loans.charge(portfolio)
            self._cover(portfolio)
        if document.get("liquidate") is True:
            self.liquidate(portfolio)

    def state(self) -> dict[str, Any]:
        """Return by account its risk level, its open margin orders and what it owes; futures show as accounts do."""
        return {
            name: {
                "level": portfolio.level_by_ratio(),
                "margin_orders": [order.client_id for order in self.margin.open_orders(portfolio)],
                "owed": {asset: trimmed(cross.owed) for asset, cross in portfolio.margin.items() if cross.owed},
            }
            for name, portfolio in self.portfolios.items()
        }

    def tick(self) -> None:
        """Look at the risk; charge interest when an hour begins, and then cover what is negative."""
        for portfolio in self.portfolios.values():
            self.check_level(portfolio)
        if not self.loans.accrue(self.portfolios.values()):
            return
        for portfolio in self.portfolios.values():
            self._cover(portfolio)

    def _cover(self, portfolio: PortfolioAccount) -> None:
        if portfolio.auto_repay:
            self.transfers.cover(portfolio)
        self.loans.exchange_negative(portfolio)


def _amounts(document: Any) -> dict[str, Decimal]:
    amounts = {} if not isinstance(document, dict) else {name: read_decimal(str(one)) for name, one in document.items()}
    found = {name: amount for name, amount in amounts.items() if amount is not None and name in ASSETS_OF_PORTFOLIO}
    if len(found) != len(document):
        raise ValueError("amounts are numbers, by asset")
    return found


def portfolio_of(call: Call) -> PortfolioAccount:
    """Return the account that a request is from; -2015 without portfolio margin.

    docs/exchange.md#portfolio-margin-keys
    """
    found = call.own(PortfolioMarginEngine).portfolios[call.account.name]
    if not found.enabled:
        raise rejected_key()
    return found
