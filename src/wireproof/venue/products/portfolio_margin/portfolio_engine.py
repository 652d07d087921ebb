"""Portfolio margin at work: its accounts, and what happens to them as prices and time move on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.api.call import Call, Services


class PortfolioMarginEngine(ProductEngine):
    """The portfolio margin accounts of a venue, one for each of its keys, and the desks that act on them."""

    def __init__(self, services: Services, _hurry: Callable[[object], None]) -> None:
        engine = self.engine = services.engine
        now = engine.clock.now_ms()
        self.portfolios = {owner.name: PortfolioAccount(owner, now, dict) for owner in engine.accounts}
        engine.accounts += [one.futures for one in self.portfolios.values()]


def portfolio_of(call: Call) -> PortfolioAccount:
    """Return the account that a request is from; -2015 without portfolio margin.

    docs/exchange.md#portfolio-margin-keys
    """
    found = call.own(PortfolioMarginEngine).portfolios[call.account.name]
    if not found.enabled:
        text = f"Invalid API-key, IP, or permissions for action, request ip: {call.ip}"
        raise Refusal(-2015, text, status=401)
    return found
