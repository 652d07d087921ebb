"""Funding: every eight hours long positions pay short ones, or the other way round.

https://www.binance.com/en/support/faq/360033525031 for the rate, and for the events
https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Balance-and-Position-Update
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import SATOSHI, to_money
from wireproof.venue.exchange import margin, user_events

if TYPE_CHECKING:
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.records import Account, Position
    from wireproof.venue.exchange.state import ExchangeState

INTERVAL_MS = 8 * 3_600_000
INTEREST = Decimal("0.0001")
CLAMP = Decimal("0.0005")
KEPT = 1_000  # payments per symbol


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """When funding of one symbol was paid, at what rate and mark price."""

    time: int
    rate: Decimal
    mark_price: Decimal


def next_funding_time(now: int) -> int:
    """Return when funding is next paid, in milliseconds: 00:00, 08:00 and 16:00 UTC."""
    return (now // INTERVAL_MS + 1) * INTERVAL_MS


def funding_rate(market: Market) -> Decimal:
    """Return the rate of a market as it stands: its premium, pulled towards the interest rate."""
    premium = (market.mark_price - market.index_price) / market.index_price
    return (premium + min(max(INTEREST - premium, -CLAMP), CLAMP)).quantize(SATOSHI)


def is_perpetual(name: str) -> bool:
    """Whether a symbol has funding; contracts that are delivered have none."""
    return "_" not in name or name.endswith("_PERP")


class FundingDesk:
    """Pays funding when it is due, and keeps the rates."""

    def __init__(self, state: ExchangeState) -> None:
        self._state = state
        self._period = state.clock.now_ms() // INTERVAL_MS
        self.history: dict[str, deque[FundingPayment]] = {}

    def check(self, now: int) -> None:
        """Pay funding if a funding time has passed since the last call."""
        period = now // INTERVAL_MS
        if period > self._period:
            self._period = period
            self.pay_funding()

    def pay_funding(self) -> None:
        """Pay or charge every position its funding now."""
        now = self._state.clock.now_ms()
        for name, market in self._state.markets.items():
            if not is_perpetual(name):
                continue
            rate = funding_rate(market)
            self.history.setdefault(name, deque(maxlen=KEPT)).append(FundingPayment(now, rate, market.mark_price))
            for account in self._state.accounts:
                for position in list(account.open_positions(name)):
                    self._pay(account, position, rate, now)

    def _pay(self, account: Account, position: Position, rate: Decimal, now: int) -> None:
        """Book the funding of one position; its event shows the position only if that is isolated (documented)."""
        name, asset = position.symbol.name, position.symbol.margin_asset
        fee = to_money(-margin.notional(account, name, position.side) * rate)
        if not fee:
            return
        isolated = name in account.isolated
        account.credit(position.symbol, fee, now)
        if isolated:
            position.isolated_wallet += fee
            position.updated = now
        account.income.add(position.symbol.unit, "FUNDING_FEE", fee, asset, now, symbol=name)
        touched, unit = [position] if isolated else [], position.symbol.unit
        event = user_events.account_update(
            account, "FUNDING_FEE", [asset], touched, now, unit=unit, change=fee, funded=name
        )
        self._state.publish(account, event, position.symbol.unit)
