"""Risk levels of accounts that wrote options, and their liquidation (docs/exchange.md#options-margin)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options import option_events, option_margin
from wireproof.venue.products.options.option_records import OptionRequest

if TYPE_CHECKING:
    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_records import OptionAccount

NORMAL, REDUCE_ONLY = "NORMAL", "REDUCE_ONLY"


class RiskDesk:
    """The risk level of each account: REDUCE_ONLY from four fifths of its adjusted equity on."""

    def __init__(self, flow: OptionFlow) -> None:
        self._flow = flow
        self._levels: dict[str, str] = {}

    def level(self, account: OptionAccount) -> str:
        """Return the account's level."""
        return self._levels.get(account.name, NORMAL)

    def set_level(self, account: OptionAccount, level: str) -> None:
        """Put an account on a level, and report it when it is another one."""
        if level != self.level(account):
            self._levels[account.name] = level
            state = self._flow.state
            state.publish(account, option_events.risk_level_change(state, account, level, state.now()))

    def check_order(self, account: OptionAccount, request: OptionRequest) -> None:
        """Refuse an order that does not reduce while the account may only reduce: -6062."""
        if self.level(account) == REDUCE_ONLY and not request.reduce_only:
            raise Refusal(-6062, "Operation is not supported for current user status")

    def check(self) -> None:
        """Find the level of every account that wrote options; liquidate those that are beyond it."""
        state = self._flow.state
        for account in list(state.accounts.values()):
            margins = option_margin.margins(state, account)
            if margins.maintenance or self.level(account) != NORMAL:
                self.set_level(account, REDUCE_ONLY if margins.ratio >= option_margin.CALL_AT else NORMAL)
            if margins.maintenance and margins.ratio >= option_margin.LIQUIDATION_AT:
                self._liquidate(account)

    def _liquidate(self, account: OptionAccount) -> None:
        """Cancel the account's orders and buy back what it wrote."""
        for order in list(account.open_orders.values()):
            self._flow.cancel(order)
        for position in account.held_positions():
            if position.amount < 0:
                contract = position.contract
                highest = contract.price_bounds(self._flow.state.mark(contract))[1]
                request = OptionRequest(contract, "BUY", -position.amount, highest, "IOC", reduce_only=True)
                self._flow.submit(account, request)
