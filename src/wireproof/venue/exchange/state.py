"""Markets and accounts, and the signals of what happens to them.

Everything here and in the modules above is synchronous and runs to its end, so that each request sees a consistent
state. Whatever users receive goes through `publish`, in the order in which the exchange sends it.
"""

from __future__ import annotations

import random
import string
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.venue.base.eras import TODAY
from wireproof.venue.base.refusals import invalid_symbol
from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.exchange.instruments import SYMBOLS, UM
from wireproof.venue.exchange.market import Market
from wireproof.venue.exchange.profile import TESTNET
from wireproof.venue.exchange.quarters import linear_quarterlies
from wireproof.venue.exchange.records import Account
from wireproof.venue.exchange.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.base.eras import Era
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.profile import Profile
    from wireproof.venue.exchange.records import Order

Json = dict[str, Any]
NO_STATUSES: Mapping[str, str] = MappingProxyType({})
_ALPHANUMERIC = string.ascii_letters + string.digits


class UserEvent(NamedTuple):
    """What happened to an account, for its user-data streams; `unit` is the business unit where it did."""

    account: Account
    document: Json
    unit: str


class ExchangeState:
    """Markets and accounts at one time.

    Args:
        clock: tells the time, in milliseconds.
        keys: one API key for each account; handed in, because secrets must not come from a seed.
        seed: fixes every market move and every generated id.
        moves: False keeps the market maker's prices where they are.
        profile: the host that is imitated, whose filters the contracts get.
        era: the day whose behaviour is served.
        statuses: the status of contracts that do not trade, by symbol.
    """

    def __init__(
        self,
        clock: Clock,
        keys: Sequence[ApiKey],
        *,
        seed: int = 0,
        moves: bool = True,
        profile: Profile = TESTNET,
        era: Era = TODAY,
        statuses: Mapping[str, str] = NO_STATUSES,
    ) -> None:
        self.clock, self.era = clock, era
        self.moves = moves
        self.rng = random.Random(seed)  # noqa: S311  # repeatable on purpose; no secret comes from it
        now = clock.now_ms()
        listed = SYMBOLS | coin_symbols(now) | linear_quarterlies(now)
        self.symbols = {name: profile.adapt(one) for name, one in listed.items()}
        for name, status in statuses.items():  # copies: other venues of this process list the same contracts
            self.symbols[name] = replace(self.symbols[name], status=status)
        self.markets: dict[str, Market] = {}
        self.delivered: dict[str, Market] = {}
        for name, symbol in self.symbols.items():
            self.markets[name] = Market(symbol, self.rng, now, self._underlying(symbol))
        self.accounts = [
            Account(key.type.lower(), self.random_text(4), key, self.mark_price, now, symbols=self.symbols)
            for key in keys
        ]
        self.published: Signal[UserEvent] = Signal()
        self.traded: Signal[Market] = Signal()  # the last price may be another one
        self.price_moved: Signal[Market] = Signal()  # the market maker's prices, and with them mark and index price
        self.order_done: Signal[Order] = Signal()
        self.ticked: Signal[int] = Signal()  # with the time, in milliseconds; once a second

    def _underlying(self, symbol: Symbol) -> Market | None:
        """Return the market of a dated contract's perpetual, which shares its index."""
        if symbol.perpetual:
            return None
        return next(one for one in self.markets.values() if one.symbol.perpetual and one.symbol.pair == symbol.pair)

    def random_text(self, length: int) -> str:
        """Return letters and digits from the seeded generator."""
        return "".join(self.rng.choices(_ALPHANUMERIC, k=length))

    def mark_price(self, symbol: str) -> Decimal:
        """Return the mark price of a symbol."""
        return self.market(symbol).mark_price

    def market(self, name: str) -> Market:
        """Return a symbol's market, that of a delivered contract, too; -1121 when there never was one."""
        return self.delivered[name] if name in self.delivered else self.listed(name)

    def listed(self, name: str) -> Market:
        """Return a symbol's market; -1121 when it is not listed."""
        found = self.markets.get(name)
        if found is None:
            raise invalid_symbol()
        return found

    def list_contract(self, symbol: Symbol) -> Market:
        """Open a market for `symbol`."""
        now = self.clock.now_ms()
        self.symbols[symbol.name] = symbol
        market = self.markets[symbol.name] = Market(symbol, self.rng, now, self._underlying(symbol))
        market.quote(now)
        return market

    def unlist(self, market: Market) -> None:
        """Close a market: its past can still be asked for."""
        name = market.symbol.name
        self.delivered[name] = self.markets.pop(name)
        del self.symbols[name]

    def account_of(self, api_key: str) -> Account | None:
        """Return the account that an API key belongs to."""
        return next((one for one in self.accounts if one.key.api_key == api_key and not one.key.revoked), None)

    def publish(self, account: Account, event: Json, unit: str = UM) -> None:
        """Send `event` of a business unit to the account's user-data streams."""
        self.published.send(UserEvent(account, event, unit))
