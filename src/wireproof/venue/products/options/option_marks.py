"""Mark prices as REST and streams show them: price, bounds, Greeks and volatilities of one moment.

Contracts are priced one after the other, so that 500 of them hold nobody up: see `OptionMarks.renew`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wireproof.venue.products.options.option_instruments import HIGHEST_PRICE, LOWEST_PRICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from wireproof.venue.products.options.option_flow import OptionFlow
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_market import Touch
    from wireproof.venue.products.options.option_pricing import OptionValue, Pricer

NO_QUOTE = -1.0  # as a volatility: docs/exchange.md#options-numbers
#: How old a mark in a list may be, and how many are renewed twenty times a second: while lists are asked for, and else.
OLDEST_MS, AT_A_BEAT = 2_000, 40
OLDEST_IDLE_MS, AT_AN_IDLE_BEAT = 15_000, 4
WANTED_MS = 60_000  # how long lists count as asked for


@dataclass(frozen=True)
class OptionMark:
    """What a contract is marked at: everything fits together. `time` in milliseconds."""

    contract: OptionContract
    time: int
    price: Decimal
    index_price: Decimal
    value: OptionValue
    touch: Touch
    pricer: Pricer

    @cached_property
    def bid_iv(self) -> float:
        """Return the volatility at which the contract is worth the best bid."""
        return self._implied(self.touch.bid)

    @cached_property
    def ask_iv(self) -> float:
        """Return the volatility at which the contract is worth the best ask."""
        return self._implied(self.touch.ask)

    def _implied(self, price: Decimal) -> float:
        found = self.pricer.implied(float(price), self.value.iv) if price else None
        return NO_QUOTE if found is None else found

    @property
    def highest(self) -> Decimal:
        """Return the highest price to buy at."""
        return round(self.price * HIGHEST_PRICE, self.contract.underlying.price_digits)

    @property
    def lowest(self) -> Decimal:
        """Return the lowest price to sell at."""
        return round(self.price * LOWEST_PRICE, self.contract.underlying.price_digits)


class OptionMarks:
    """The marks of all contracts."""

    def __init__(self, flow: OptionFlow) -> None:
        self._flow = flow
        self._known: dict[str, OptionMark] = {}
        self._wanted = 0  # until when
        self._due: list[OptionContract] = []

    def mark(self, contract: OptionContract) -> OptionMark:
        """Return a contract's mark of this moment."""
        state = self._flow.state
        value, touch, pricer = state.value(contract), self._flow.touch(contract), state.pricer(contract)
        index, price = state.index(contract.underlying), state.mark(contract)
        found = OptionMark(contract, state.now(), price, index, value, touch, pricer)
        self._known[contract.name] = found
        return found

    def marks(self, contracts: Iterable[OptionContract]) -> Iterator[OptionMark]:
        """Yield the marks of many contracts, each of the last seconds; for a while they are renewed faster."""
        now = self._flow.state.now()
        oldest = OLDEST_MS if now < self._wanted else OLDEST_IDLE_MS
        self._wanted = now + WANTED_MS
        for contract in contracts:
            known = self._known.get(contract.name)
            yield known if known is not None and now - known.time < oldest else self.mark(contract)

    def renew(self) -> None:
        """Renew the marks of some contracts."""
        state = self._flow.state
        if not self._due:
            self._known = {name: mark for name, mark in self._known.items() if name in state.contracts}
            self._due = list(state.contracts.values())
        for _ in range(min(AT_A_BEAT if state.now() < self._wanted else AT_AN_IDLE_BEAT, len(self._due))):
            contract = self._due.pop()
            if contract.name in state.contracts:
                self.mark(contract)
