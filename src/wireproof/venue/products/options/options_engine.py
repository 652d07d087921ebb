"""The options exchange at work: its state, the flow of orders, and the desks; what happens every second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.product_engine import ProductEngine
from wireproof.venue.base.eras import TODAY
from wireproof.venue.base.formats import trimmed
from wireproof.venue.products.options.option_blocks import BlockDesk
from wireproof.venue.products.options.option_flow import OptionFlow
from wireproof.venue.products.options.option_marks import OptionMarks
from wireproof.venue.products.options.option_placement import check_option_order
from wireproof.venue.products.options.option_protection import ProtectionDesk
from wireproof.venue.products.options.option_risk import RiskDesk
from wireproof.venue.products.options.option_settlement import SettlementDesk
from wireproof.venue.products.options.option_state import ASKED_MS, OptionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from wireproof.venue.base.eras import Era
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_market import OptionMarket
    from wireproof.venue.products.options.option_records import OptionAccount, OptionOrder, OptionRequest

REPORT_MS = 10_000  # between two reports to accounts with positions (documented)
OPENED_AT_FIRST, OPENED_PER_TICK = 5, 20  # markets, so that the first request for all of them need not open them
MOST_TRADED = 40  # markets, in which simulated traders may trade in a second
CHANCE = 0.4  # that simulated traders trade in a market in a second


class OptionsEngine(OptionState, ProductEngine):
    """The options exchange."""

    def __init__(
        self,
        clock: Clock,
        listed_index: Callable[[str], Decimal | None],
        *,
        seed: int = 0,
        moves: bool = True,
        era: Era = TODAY,
    ) -> None:
        self.era = era
        super().__init__(clock, listed_index, seed=seed, moves=moves)
        self.flow = OptionFlow(self)
        self.protection = ProtectionDesk(self.flow)
        self.settlement = SettlementDesk(self.flow)
        self.blocks = BlockDesk(self.flow)
        self.risk = RiskDesk(self.flow)
        self.marks = OptionMarks(self.flow)
        self._reported = clock.now_ms() // REPORT_MS
        self._open_some(OPENED_AT_FIRST)

    def place(self, account: OptionAccount, request: OptionRequest) -> OptionOrder:
        """Check an order and take it in."""
        if not self.era.has("orders-after-countdown", "options"):
            self.protection.check_stopped(account, request.contract.underlying)
        self.risk.check_order(account, request)
        check_option_order(self.flow, account, request)
        if request.mmp:
            self.protection.check_order(account, request.contract.underlying)
        return self.flow.submit(account, request)

    def open(self, contract: OptionContract) -> OptionMarket:
        """Return a contract's market as it is now, for somebody who asks: simulated traders trade there for a while."""
        self.asked[contract.name] = self.now()
        return self.flow.fresh(contract)

    def tick(self) -> None:
        """Let a second pass."""
        now = self.now()
        self.walk()
        self.settlement.check(now)
        for contract in self.list_contracts():
            self.listed.send(contract)
        for account in list(self.accounts.values()):
            for contract in {order.contract for order in account.open_orders.values()}:
                self.flow.fresh(contract)
        self.protection.check(now)
        self.risk.check()
        if self.moves:
            self._trade(now)
        self._open_some(OPENED_PER_TICK)
        if now // REPORT_MS != self._reported:
            self._reported = now // REPORT_MS
            for account in list(self.accounts.values()):
                if account.held_positions():
                    self.flow.report(account)

    def beat(self) -> None:
        """Look at countdowns, and renew some mark prices."""
        self.protection.check(self.now())
        self.marks.renew()

    def state(self) -> dict[str, Any]:
        """Return the open orders and positions of accounts; of none that did not ask for anything yet."""
        return {
            account.name: {
                "open_orders": [order.client_id for order in account.open_orders.values()],
                "positions": {
                    one.contract.name: {"quantity": trimmed(one.amount), "entryPrice": trimmed(one.entry)}
                    for one in account.held_positions()
                },
            }
            for account in self.accounts.values()
        }

    def _trade(self, now: int) -> None:
        """Let simulated traders trade in the markets that somebody asked for lately."""
        self.asked = {name: at for name, at in self.asked.items() if now - at < ASKED_MS and name in self.contracts}
        for name in self.rng.sample(list(self.asked), min(len(self.asked), MOST_TRADED)):
            if self.rng.random() < CHANCE:
                market = self.flow.fresh(self.contracts[name])
                trade = market.take(now)
                if trade is not None:
                    self.traded.send((market, trade))

    def _open_some(self, number: int) -> None:
        closed = [contract for name, contract in self.contracts.items() if name not in self.markets]
        for contract in closed[:number]:
            self.market(contract)
