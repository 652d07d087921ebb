"""An options exchange that stands still: a clock and indexes that move when a test moves them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.products.options.option_records import OptionRequest
from wireproof.venue.products.options.options_engine import OptionsEngine

Json = dict[str, Any]
INDEXES = {"BTCUSDT": "86250", "ETHUSDT": "2815.4"}
SYMBOL = "BTC-261225-90000-C"


class OptionVenue:
    """The exchange with everything at hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.indexes = {name: Decimal(price) for name, price in INDEXES.items()}
        self.engine = OptionsEngine(self.clock, self.indexes.get, seed=7, moves=False)
        self.events: list[tuple[str, Json]] = []
        self.engine.published.subscribe(lambda event: self.events.append((event.account.name, event.document)))
        self.alice, self.bob = self.engine.account("alice"), self.engine.account("bob")
        self.contract = self.engine.contract(SYMBOL)

    def order(self, account=None, side="BUY", quantity="0.1", price=None, **more):
        """Place an order; without a price one that takes the best quote."""
        contract = more.pop("contract", self.contract)
        touch = self.engine.open(contract).touch()
        limit = (touch.ask if side == "BUY" else touch.bid) if price is None else Decimal(price)
        request = OptionRequest(contract, side, Decimal(quantity), limit, **more)
        return self.engine.place(account or self.alice, request)

    def told(self, account, kind=None) -> list[Json]:
        """Return the events of an account, of one kind or of all."""
        return [event for name, event in self.events if name == account.name and kind in {None, event["e"]}]

    def pass_time(self, milliseconds: int) -> None:
        """Move the clock, and let the exchange notice."""
        self.clock.advance(milliseconds)
        self.engine.tick()


@pytest.fixture
def options() -> OptionVenue:
    return OptionVenue()
