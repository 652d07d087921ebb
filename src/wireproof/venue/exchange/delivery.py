"""Delivery of quarterly contracts, of both products: at 08:00 UTC on the last Friday of the quarter.

Ten minutes ahead a contract is PRE_DELIVERING: positions can only get smaller. Then its orders are cancelled, and each
position is closed at the settlement price, which is the mean of the index price, second by second, over the last thirty
minutes (since November 2024), by an order of the exchange: `settlement_autoclose-…` in USDⓈ-M, `delivery_autoclose-…`
in COIN-M. The next quarter's contract becomes the current one, and another one is listed. Every change of a status or a
type is published on !contractInfo. No capture of the events of a delivery is public; they are those of any other fill.

https://www.binance.com/en/support/faq/a3401595e1734084959c61491bc0dbe3
https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.exchange_orders import close_at
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.exchange.quarters import CURRENT, NEXT, PREMIUMS, quarterly, quarters
from wireproof.venue.exchange.signals import Signal

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.conditional_orders import ConditionalOrderDesk
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.state import ExchangeState

AHEAD_MS = 600_000
AVERAGED_MS = 1_800_000
INCOME = "DELIVERED_SETTELMENT"  # spelled so: docs/exchange.md#income-types


@dataclass(frozen=True, slots=True)
class Delivered:
    """When a contract was delivered, and at what price."""

    time: int
    price: Decimal


class DeliveryDesk:
    """Delivers contracts when it is time, and lists the next ones."""

    def __init__(self, state: ExchangeState, orders: OrderFlow, conditional_orders: ConditionalOrderDesk) -> None:
        self._state, self._orders, self._conditional_orders = state, orders, conditional_orders
        self._numbers = count(1)
        self._indexes: dict[str, deque[tuple[int, Decimal]]] = {}
        self.history: dict[str, list[Delivered]] = {}  # by pair, the latest first
        self.contract_changed: Signal[Market] = Signal()
        self.contract_listed: Signal[Market] = Signal()

    def check(self, now: int) -> None:
        """Record index prices, and deliver the contracts that are due; to be called every second."""
        dated = [market for market in self._state.markets.values() if not market.symbol.perpetual]
        for market in dated:
            self._record_index(market, now)
        for market in dated:
            symbol = market.symbol
            if symbol.delivery <= now:
                self.deliver(symbol.name)
            elif symbol.delivery - AHEAD_MS <= now and symbol.status == "TRADING":
                self._change(market, "PRE_DELIVERING")

    def _record_index(self, market: Market, now: int) -> None:
        seen = self._indexes.setdefault(market.symbol.name, deque())
        seen.append((now, market.index_price))
        while seen[0][0] <= now - AVERAGED_MS:
            seen.popleft()

    def settlement_price(self, market: Market) -> Decimal:
        """Return the price at which `market` would be delivered now, rounded down to its tick."""
        seen = [price for _, price in self._indexes.get(market.symbol.name, ())] or [market.index_price]
        tick = market.symbol.tick
        return sum(seen, market.mid * 0) / len(seen) // tick * tick

    def deliver(self, name: str) -> None:
        """Deliver a contract now, as if its date had come; -1121 for one not listed, -4104 for one that never is."""
        state, market = self._state, self._state.listed(name)
        symbol, now = market.symbol, state.clock.now_ms()
        if symbol.perpetual:
            raise Refusal(-4104, "Invalid contract type.")
        if symbol.status == "TRADING":
            self._change(market, "PRE_DELIVERING")
        price = self.settlement_price(market)
        self._change(market, "DELIVERING")
        prefix = "delivery_autoclose-" if symbol.unit == CM else "settlement_autoclose-"
        for account in state.accounts:
            for order in account.orders_of(name):
                self._orders.cancel(order)
            self._conditional_orders.cancel_all(account, name)
            for position in list(account.open_positions(name)):
                client_id = f"{prefix}{now}{next(self._numbers):04}"
                close_at(
                    self._orders,
                    account,
                    position,
                    abs(position.amount),
                    price=price,
                    client_id=client_id,
                    income=INCOME,
                )
            account.forget_settings(name)
        self.history.setdefault(symbol.pair, []).insert(0, Delivered(min(now, symbol.delivery), price))
        self._change(market, "DELIVERED")
        self._indexes.pop(name, None)
        state.unlist(market)
        self._succeed(market, now)

    def _succeed(self, gone: Market, now: int) -> None:
        """Let the next quarter of a pair become the current one, and list another one."""
        state, pair = self._state, gone.symbol.pair
        left = [one for one in state.markets.values() if one.symbol.pair == pair and not one.symbol.perpetual]
        following = left[0]
        if gone.symbol.contract_type == CURRENT:
            following.symbol.contract_type = CURRENT
            self.contract_changed.send(following)
        latest = max(following.symbol.delivery, gone.symbol.delivery)
        perpetual = following.underlying or following
        contract = quarterly(perpetual.symbol, NEXT, quarters(latest)[0], perpetual.mid * PREMIUMS[NEXT])
        contract.onboarded, contract.status = min(contract.onboarded, now), "PENDING_TRADING"
        market = state.list_contract(contract)
        self.contract_listed.send(market)
        self.contract_changed.send(market)
        self._change(market, "TRADING")

    def _change(self, market: Market, status: str) -> None:
        market.symbol.status = status
        self.contract_changed.send(market)
