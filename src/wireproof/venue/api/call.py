"""One request on its way: the product that was asked, what the request must prove, and the operation that answers it.

A `VenueProduct` is a folder below `products/` and a line of its registry. An `Operation` is one kind of request, and
knows its security, its weight and its mandatory parameters. A `Call` is one request, which the operation answers.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.venue.base.auth import SignatureCheck
from wireproof.venue.base.rate_limits import HOST_LIMITS
from wireproof.venue.base.refusals import Refusal, invalid_symbol, rejected_key
from wireproof.venue.exchange.profile import TESTNET, Profile
from wireproof.venue.exchange.user_events import listen_key_expired
from wireproof.venue.services.convert import ConvertDesk
from wireproof.venue.services.downloads import Downloads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from wireproof.venue.api.product_engine import ProductEngine
    from wireproof.venue.base.eras import Era
    from wireproof.venue.base.params import Params
    from wireproof.venue.base.rate_limits import FiveMinuteLimits, LimitRules, RatePool, RatePools
    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.listen_keys import ListenKeys
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.records import Account
    from wireproof.venue.exchange.state import UserEvent
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.feeds import MarketData
    from wireproof.venue.streams.named_streams import StreamRoot

Own = TypeVar("Own", bound="ProductEngine")


class CallSecurity(Enum):
    """What a request must prove."""

    NONE = "NONE"
    KEY = "USER_STREAM"
    SIGNED = "SIGNED"


@dataclass(slots=True)
class CallCredentials:
    """What a request brought to prove who it is from; `payloads` are the texts it may be signed over."""

    api_key: str | None
    signature: str | None
    payloads: Callable[[], Iterable[tuple[str, str]]]
    logged_on: Account | None = None
    header: bool = False  # the key came in a header (REST), where a short one has an error of its own


@dataclass(slots=True)
class Services:
    """What operations work with, and the counters of what was asked; `engines` are products' own, by their names."""

    engine: Engine
    market_data: MarketData
    listen_keys: ListenKeys
    pools: RatePools
    five_minutes: FiveMinuteLimits
    signatures: SignatureCheck = field(default_factory=SignatureCheck)
    requests: Counter[str] = field(default_factory=Counter)
    convert: ConvertDesk = field(default_factory=ConvertDesk)
    downloads: Downloads = field(default_factory=Downloads)
    tradfi_agreed: set[str] = field(default_factory=set)  # accounts that signed the TradFi-Perps agreement
    profile: Profile = TESTNET
    algo_lag_ms: int = 0  # how far queries of one conditional order are behind
    engines: dict[str, ProductEngine] = field(default_factory=dict)

    def pool_of(self, product: VenueProduct) -> RatePool:
        """Return the limits of a product, and what is counted: with others, or as before June 2026 by itself."""
        rules = product.limits
        if rules == HOST_LIMITS and not self.engine.era.has("shared-limits", product.name):
            rules = replace(rules, own=product.name)
        return self.pools.of(rules)

    def open(self, products: Iterable[VenueProduct], hurry: Callable[[object], None]) -> None:
        """Make the engines of products, one for all that state the same."""
        made: dict[Any, ProductEngine] = {}
        for product in products:
            make = product.engine
            if make is not None:
                self.engines[product.name] = made.get(make) or made.setdefault(make, make(self, hurry))


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of request. `weight` is by parameters; `orders` is how many orders it counts as in ten seconds.

    `by_account` says that the weight is the account's, not the address's.
    """

    name: str
    security: CallSecurity
    run: Callable[[Call], Any]
    weight: Callable[[Params], int]
    mandatory: tuple[str, ...] = ()
    orders: int = 0
    by_account: bool = False

    def carry_out(self, call: Call) -> Any:
        """Run the operation. A failure of the venue itself goes to standard error and is answered with -1000.

        So nobody mistakes a fault of the venue for a connection that drops. Returns the answer, or the work that makes
        it in turns.
        """
        with self._failing():
            result = self.run(call)
        return self._in_turns(result) if isinstance(result, Generator) else result

    def _in_turns(self, work: Turns[Any]) -> Turns[Any]:
        with self._failing():
            return (yield from work)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except Refusal:
            raise
        except Exception:  # noqa: BLE001  # the other requests of the connection go on
            sys.stderr.write(f"The venue failed at {self.name}:\n{traceback.format_exc()}")
            raise Refusal(-1000, "An unknown error occured while processing the request.", status=500) from None


@dataclass(frozen=True, slots=True, eq=False)
class VenueProduct:
    """One product of the exchange, as the venue serves it.

    Args:
        name: The product's name in contracts and credentials.
        roots: What the paths of its REST requests begin with, such as `/fapi/`.
        routes: Its REST requests; none where nothing but its addresses is known.
        methods: Its requests over the WebSocket API, by method with version prefix; none where it has no such API.
        websocket_path: Where its WebSocket API is served.
        engine: Makes what the product keeps and moves by itself, and its streams: a `ProductEngine`, once for a venue.
            It gets the `Services` and a function that hurries for a `NamedStream.subject`. Products that share an
            engine state the same function; an operation gets it by `Call.own`.
        streams: Documented patterns of its streams, each with a name that fits and that its engine knows.
        stream_root: What its address of streams ends with; empty where roots by kind follow on the address.
        stream_roots: Below which roots its streams are served, by the host that is imitated and the day. Products may
            share a root; the streams of all of them are below it.
        unit: The business unit of its contracts, wallets and income, such as `UM`; empty for a product without.
        user_event: What its user-data streams carry of an event, None for nothing; by default the events of its unit,
            as they are. `Engine.publish` sends an event of a unit to all products' streams.
        key_expired: Makes the event of a listen key that ended, of the key and the time.
        events: Documented events of its user-data streams, each with whether anything on the venue brings it.
        listen_keys_of: The product whose listen keys open its user-data streams; its own by default.
        limits: What it allows per address and account. Products with equal rules share a pool.
        codes: What it numbers otherwise than the refusals of `base`, by their code.
        names_address: Whether it names the address that asked where it refuses a key.
        counted: The limit per five minutes that stands for the weight of some requests, by path or folder of paths.
        static: REST requests that have the same answer every time.
        modelled: REST requests, and patterns of streams, made up beside the engine, from its prices or from the clock.
    """

    name: str
    roots: tuple[str, ...]
    routes: tuple[Operation, ...] = ()
    methods: Mapping[str, Operation] = field(default_factory=dict)
    websocket_path: str = ""
    engine: Callable[[Services, Callable[[object], None]], ProductEngine] | None = None
    streams: Mapping[str, str] = field(default_factory=dict)
    stream_root: str = ""
    stream_roots: Callable[[Profile, Era], Collection[StreamRoot]] = lambda _profile, _era: ()
    unit: str = ""
    user_event: Callable[[UserEvent], dict[str, Any] | None] | None = None
    key_expired: Callable[[str, int], dict[str, Any]] = listen_key_expired
    events: Mapping[str, bool] = field(default_factory=dict)
    listen_keys_of: str = ""
    limits: LimitRules = HOST_LIMITS
    codes: Mapping[int, int] = field(default_factory=dict)
    names_address: bool = False
    counted: Mapping[str, str] = field(default_factory=dict)
    static: frozenset[str] = frozenset()
    modelled: frozenset[str] = frozenset()

    def lists(self, symbol: Symbol) -> bool:
        """Whether the product lists a contract."""
        return symbol.unit == self.unit

    def heard(self, event: UserEvent) -> dict[str, Any] | None:
        """Return what its user-data streams carry of an event, None for nothing."""
        if self.user_event is not None:
            return self.user_event(event)
        return event.document if event.unit == self.unit else None

    def refused(self, refusal: Refusal, ip: str = "") -> Refusal:
        """Return a refusal of a request from an address with the product's own number and words for the same idea."""
        if self.names_address and ip and refusal.code == rejected_key().code:
            return Refusal(refusal.code, f"{refusal.msg}, request ip: {ip}", status=refusal.status)
        code = self.codes.get(refusal.code)
        return refusal if code is None else Refusal(code, refusal.msg, status=refusal.status, data=refusal.data)


@dataclass(slots=True)
class Call:
    """One request on its way to an operation."""

    services: Services
    product: VenueProduct
    params: Params
    ip: str
    account_or_none: Account | None = None

    @property
    def engine(self) -> Engine:
        """Return the exchange that the request acts on."""
        return self.services.engine

    def holds(self, switch: str) -> bool:
        """Whether a dated behaviour of the product that was asked holds on the day that is served."""
        return self.engine.era.has(switch, self.product.name)

    @property
    def account(self) -> Account:
        """Return the account that the request proved to be from."""
        if self.account_or_none is None:
            raise rejected_key()
        return self.account_or_none

    @property
    def pool(self) -> RatePool:
        """Return the limits of the product that was asked, and what is counted."""
        return self.services.pool_of(self.product)

    def own(self, kind: type[Own]) -> Own:
        """Return the engine of the product that was asked, which is of a `kind`."""
        found = self.services.engines[self.product.name]
        assert isinstance(found, kind)  # a row of the registry says so
        return found

    def market(self) -> Market:
        """Return the market of the `symbol` parameter; -1121 when it was never listed, or by another product."""
        return self._market(self.params.needed_text("symbol"), past=True)

    def optional_symbol(self, *, past: bool = False) -> str | None:
        """Return the `symbol` parameter when it is there; -1121 when it is not listed, with `past` never was."""
        name = self.params.text("symbol")
        return None if name is None else self._market(name, past=past).symbol.name

    def _market(self, name: str, *, past: bool) -> Market:
        market = self.engine.market(name) if past else self.engine.listed(name)
        if not self.product.lists(market.symbol):
            raise invalid_symbol()
        return market

    def markets(self) -> list[Market]:
        """Return the markets of the product that was asked."""
        return [market for market in self.engine.markets.values() if self.product.lists(market.symbol)]

    def feed(self) -> Feed:
        """Return the market data of the `symbol` parameter; -1121 as `market`."""
        return self.services.market_data.feed(self.market().symbol.name)

    def feeds(self) -> list[Feed]:
        """Return the market data of the product that was asked, as yet perhaps without its past."""
        return [self.services.market_data.feeds[market.symbol.name] for market in self.markets()]


def constant_weight(weight: int) -> Callable[[Params], int]:
    """Return a weight that depends on nothing."""
    return lambda _params: weight


def by_symbol(one: int, every: int) -> Callable[[Params], int]:
    """Return a weight of `one` with a symbol, `every` without."""
    return lambda params: one if "symbol" in params else every
