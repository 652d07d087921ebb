"""The options exchange at one time: indexes, contracts and their worth, markets, accounts, and what is signalled.

Everything is made when it is first asked for: 500 contracts cost nothing while nobody looks at them.
"""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.venue.base.formats import SATOSHI, ZERO
from wireproof.venue.base.refusals import Refusal, invalid_symbol
from wireproof.venue.exchange.signals import Signal
from wireproof.venue.market_data.candles import DAY
from wireproof.venue.products.options.option_instruments import (
    UNDERLYINGS,
    contracts_around,
    make_contract,
    strike_step,
)
from wireproof.venue.products.options.option_market import FIRST_TRADE, OptionMarket, OptionTrade
from wireproof.venue.products.options.option_pricing import OptionValue, Pricer
from wireproof.venue.products.options.option_records import OptionAccount

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.products.options.option_instruments import OptionContract, Underlying

Json = dict[str, Any]
HOUR_MS, SECOND_MS = 3_600_000, 1_000
METAL_STEP = Decimal("0.0001")  # a metal's index goes this far in a second at most
FAR = Decimal("0.005")  # how far an index moves before other strikes may be listed
ASKED_MS = 60_000  # how long simulated traders trade in a market that somebody asked for


class OptionEvent(NamedTuple):
    """What the user stream of an account carries."""

    account: OptionAccount
    document: Json


class IndexAverage:
    """The mean of an index over the running hour, and over the one before."""

    def __init__(self) -> None:
        self._hour, self._total, self._samples = -1, Decimal(0), 0
        self.last_hour: Decimal | None = None

    def sample(self, price: Decimal, now: int) -> None:
        """Take in the index at a time."""
        if now // HOUR_MS != self._hour:
            self.last_hour = self.running
            self._hour, self._total, self._samples = now // HOUR_MS, Decimal(0), 0
        self._total += price
        self._samples += 1

    @property
    def running(self) -> Decimal | None:
        """Return the mean so far, None before the first sample."""
        return (self._total / self._samples).quantize(SATOSHI) if self._samples else None


class OptionState:
    """Indexes, contracts, markets and accounts.

    Args:
        clock: Tells the time, in milliseconds.
        listed_index: Returns the index price of a futures market by its name; None when there is none, and then the
            index walks by itself.
        seed: Fixes quotes, trades and ids.
        moves: Whether simulated traders trade, and indexes of metals walk.
    """

    def __init__(
        self, clock: Clock, listed_index: Callable[[str], Decimal | None], *, seed: int = 0, moves: bool = True
    ) -> None:
        self.clock, self.moves = clock, moves
        self._listed_index = listed_index
        self.rng = random.Random(f"options {seed}")  # noqa: S311  # repeatable on purpose; no secret comes from it
        self._walks = {name: one.start for name, one in UNDERLYINGS.items()}
        self.averages = {name: IndexAverage() for name in UNDERLYINGS}
        self.contracts: dict[str, OptionContract] = {}
        self.past: dict[str, OptionContract] = {}  # expired ones
        self.markets: dict[str, OptionMarket] = {}
        self.asked: dict[str, int] = {}  # when a market was last asked for
        self.accounts: dict[str, OptionAccount] = {}
        self._listed_at: dict[str, tuple[Decimal, int]] = {}  # index, and when the first contract expires
        self._values: dict[str, tuple[tuple[Decimal, int], OptionValue]] = {}
        self._numbers = count(FIRST_TRADE)
        self.published: Signal[OptionEvent] = Signal()
        self.traded: Signal[tuple[OptionMarket, OptionTrade]] = Signal()
        self.listed: Signal[OptionContract] = Signal()
        self.list_contracts()

    def now(self) -> int:
        """Return the time, in milliseconds."""
        return self.clock.now_ms()

    # indexes

    def underlying(self, name: str) -> Underlying:
        """Return an underlying; -1128 when there is none of the name."""
        found = UNDERLYINGS.get(name)
        if found is None:
            raise Refusal(-1128, "Invalid underlying")
        return found

    def index(self, underlying: Underlying) -> Decimal:
        """Return an index price: that of the futures market, or the metal's own."""
        listed = self._listed_index(underlying.name)
        return self._walks[underlying.name] if listed is None else listed

    def walk(self) -> None:
        """Let the metals' indexes take a step, and take samples of all of them."""
        now = self.now()
        for name, price in self._walks.items():
            if self.moves:
                moved = price + price * METAL_STEP * self.rng.randint(-100, 100) / 100
                self._walks[name] = moved.quantize(SATOSHI)
            self.averages[name].sample(self.index(UNDERLYINGS[name]), now)

    def exercise_price(self, contract: OptionContract) -> Decimal:
        """Return what the contract is settled at if nothing changes: in its last hour the mean, before it the index."""
        underlying, now = contract.underlying, self.now()
        average = self.averages[underlying.name]
        if contract.expiry <= now:
            return average.last_hour or self.index(underlying)
        return (average.running if self.is_settling(contract) else None) or self.index(underlying)

    def is_settling(self, contract: OptionContract) -> bool:
        """Whether the contract is in its last hour, in which its settlement price is averaged."""
        return contract.expiry - self.now() <= HOUR_MS

    # contracts and what they are worth

    def list_contracts(self) -> list[OptionContract]:
        """List the contracts around the indexes that are not listed yet; return those."""
        found: list[OptionContract] = []
        now = self.now()
        for underlying in UNDERLYINGS.values():
            index = self.index(underlying)
            before, due = self._listed_at.get(underlying.name, (ZERO, 0))
            if now < due and abs(index - before) <= before * FAR:
                continue
            around = list(contracts_around(underlying, index, now))
            self._listed_at[underlying.name] = index, around[0].expiry
            found += [one for one in around if one.name not in self.contracts and one.name not in self.past]
        self.contracts.update({one.name: one for one in found})
        return found

    def list_further(self, underlying: Underlying) -> list[OptionContract]:
        """List a call and a put one step above the highest strike of the latest expiry; return both."""
        listed = self.contracts_on(underlying)
        latest = max(one.expiry for one in listed)
        highest = max(one.strike for one in listed if one.expiry == latest)
        strike = highest + strike_step(self.index(underlying), (latest - self.now()) / DAY)
        found = [make_contract(underlying, latest, strike, call=call) for call in (True, False)]
        self.contracts.update({one.name: one for one in found})
        return found

    def contract(self, name: str, *, past: bool = False) -> OptionContract:
        """Return a contract that is listed, with `past` an expired one, too; -1121 when there is none.

        Its name may be in lower case: docs/exchange.md#options-symbols.
        """
        found = self.contracts.get(name.upper()) or (self.past.get(name.upper()) if past else None)
        if found is None:
            raise invalid_symbol()
        return found

    def contracts_on(self, underlying: Underlying) -> list[OptionContract]:
        """Return the contracts on an underlying."""
        return [one for one in self.contracts.values() if one.underlying is underlying]

    def pricer(self, contract: OptionContract) -> Pricer:
        """Return what prices a contract now."""
        return Pricer(contract, float(self.index(contract.underlying)), self.now())

    def moment(self, contract: OptionContract) -> tuple[Decimal, int]:
        """Return what a contract's worth depends on: it is the same until the index or the second changes."""
        return self.index(contract.underlying), self.now() // SECOND_MS

    def value(self, contract: OptionContract) -> OptionValue:
        """Return what a contract is worth now, and its Greeks."""
        moment = self.moment(contract)
        known = self._values.get(contract.name)
        if known is None or known[0] != moment:
            known = self._values[contract.name] = moment, self.pricer(contract).value()
        return known[1]

    def mark(self, contract: OptionContract) -> Decimal:
        """Return the mark price, with the contract's number of decimals."""
        return round(Decimal(self.value(contract).price), contract.underlying.price_digits)

    def market(self, contract: OptionContract) -> OptionMarket:
        """Return a contract's market, opened when it is first asked for."""
        found = self.markets.get(contract.name)
        if found is None:
            found = OptionMarket(contract, self.mark(contract), self.rng, self._numbers, self.now())
            self.markets[contract.name] = found
        return found

    # accounts

    def account(self, name: str) -> OptionAccount:
        """Return the options account of a venue's account."""
        found = self.accounts.get(name)
        if found is None:
            found = self.accounts[name] = OptionAccount(name, self.now())
        return found

    def publish(self, account: OptionAccount, document: Json) -> None:
        """Send an event to the account's user stream."""
        self.published.send(OptionEvent(account, document))
