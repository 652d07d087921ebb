"""Whether a target can be judged from here: what a run would meet, asked with a few requests that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from wireproof.contract.model import Stream
from wireproof.counts import counted
from wireproof.recognition import recognise
from wireproof.suite.planning.costs import limits_of
from wireproof.suite.products.registry import DRIVERS, driver_of, in_order
from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import BlockKind, TargetBlockedError, WireError
from wireproof.wire.limits import Cost, RateLimiter
from wireproof.wire.preflight import preflight
from wireproof.wire.rest import RestClient
from wireproof.wire.websocket.handshake import open_connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from wireproof.contract.store import Store
    from wireproof.recognition import Recognition
    from wireproof.suite.products.base import ProductDriver
    from wireproof.suite.target import Target
    from wireproof.wire.endpoints import Endpoints
    from wireproof.wire.preflight import Reachability
    from wireproof.wire.secrets.credentials import Credentials

#: How far clocks may be apart, in milliseconds: a timestamp that is further ahead is refused.
SKEW_MS = 1_000.0

#: Above this part of a limit others use the address or the key as well.
BUSY = 0.5

SECONDS = 8.0

State = Literal["ok", "warning", "bad"]

_ADVICE = {
    -1021: "Synchronise this machine's clock.",
    -1022: "The secret or private key does not belong to this API key: set the pair that was made together.",
    -2014: "The API key is cut or has other characters: copy it again.",
    -2015: "Check that the key is one of this target, that its IP list has this machine's address, and that it may use"
    " futures, options or portfolio margin, whichever is asked.",
}


class Diagnosis(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was looked at: what, how it is, what was seen, and what to do about it."""

    what: str
    state: State
    said: str
    advice: str = ""


class Checkup(Struct, frozen=True, kw_only=True):
    """All that was looked at, and whether nothing of it is bad."""

    ok: bool
    checks: list[Diagnosis]


class _Restrictions(Struct):
    """What the exchange says of a key, as far as it is shown."""

    ip_restrict: bool | None = msgspec.field(default=None, name="ipRestrict")
    reading: bool | None = msgspec.field(default=None, name="enableReading")
    withdrawals: bool | None = msgspec.field(default=None, name="enableWithdrawals")
    futures: bool | None = msgspec.field(default=None, name="enableFutures")
    options: bool | None = msgspec.field(default=None, name="enableVanillaOptions")
    portfolio: bool | None = msgspec.field(default=None, name="enablePortfolioMarginTrading")


async def examine(target: Target, store: Store, products: Iterable[str], seconds: float = SECONDS) -> list[Diagnosis]:
    """Return what was seen of a target: of each product its host, clock, streams, keys and limits.

    Nothing is placed or changed. Each host gets so many seconds at most for each look. What keys may do on live is
    asked of the product that says it; where that is none of `products`, it must be among the sources of the target.
    """
    found: list[Diagnosis] = []
    products = in_order(products)
    for product in products:
        found += [one async for one in _Look(target, store, product, seconds).diagnoses()]
    for product in telling_permissions():
        if target.name == "live" and product in target.sources and product not in products:
            found += [one async for one in _Look(target, store, product, seconds).permissions()]
    return found


def telling_permissions() -> list[str]:
    """Return the products on whose hosts it is said what a key may do."""
    return [driver.product for driver in DRIVERS.values() if driver.key_permissions]


class _Look:
    """A look at one product of a target."""

    def __init__(self, target: Target, store: Store, product: str, seconds: float) -> None:
        self.target, self.product, self.seconds = target, product, seconds
        self.driver: ProductDriver = driver_of(product)
        self.endpoints: Endpoints = target.sources.get(product) or target.endpoints_of(product)
        self.time_path = self.driver.time.rpartition(" ")[2]
        streams = (one.subject for one in store.contracts.values() if one.product == product)
        route = next((one.route for one in streams if isinstance(one, Stream) and not one.command), None)
        url = self.endpoints.stream
        self.streams = "" if not url or route is None else f"{url}/{route}/ws" if route else f"{url}/ws"
        self.clock = ServerClock()
        limits = limits_of([store.products[product]], target.name)
        self.limiter = RateLimiter(self.clock.now_ms, limits, max_wait=0.0)

    async def diagnoses(self) -> AsyncIterator[Diagnosis]:
        """Yield what is seen; where the host cannot be reached, nothing else can be."""
        if not self.endpoints.any:
            yield self._said("network", "warning", f"{self.target.name} has no host of {self.product}.")
            return
        try:
            reached = await self._reach()
        except TargetBlockedError as blocked:
            what = {BlockKind.REGION: "region", BlockKind.PROXY: "proxy"}.get(blocked.kind, "network")
            yield self._said(what, "bad", blocked.reason, blocked.advice)
            return
        if reached.round_trip_ms is None:
            yield self._said("clock", "bad", f"{reached.host} told no time that can be one.", "Try again later.")
        else:
            yield self._said(
                "network", "ok", f"{reached.host} answers in {reached.round_trip_ms:,.0f} ms, and serves this region."
            )
            yield self._clock(reached.offset_ms)
        if self.streams:
            yield await self._stream(self.streams)
        if self.endpoints.rest:
            async for one in self._over_rest():
                yield one

    async def permissions(self) -> AsyncIterator[Diagnosis]:
        """Yield what the keys may do, where nothing else is asked of this host."""
        try:
            await self._reach()
            async with self._client() as rest:
                for credentials in self.target.accounts:
                    yield await self._permissions(rest, credentials)
        except (TargetBlockedError, WireError) as error:
            said = f"not known: {error}"
            yield Diagnosis(what="permissions of the keys", state="warning", said=self.target.redactor.text(said))

    async def _reach(self) -> Reachability:
        return await preflight(
            self.endpoints,
            clock=self.clock,
            limiter=self.limiter,
            redactor=self.target.redactor,
            seconds=self.seconds,
            time_path=self.time_path,
        )

    def _client(self) -> RestClient:
        return RestClient(
            self.endpoints.rest,
            limiter=self.limiter,
            clock=self.clock,
            redactor=self.target.redactor,
            answer_timeout=self.seconds,
            connect_timeout=self.seconds,
        )

    def _said(self, what: str, state: State, said: str, advice: str = "") -> Diagnosis:
        text = self.target.redactor.text
        return Diagnosis(what=f"{what} of {self.product}", state=state, said=text(said), advice=text(advice))

    def _clock(self, offset_ms: float) -> Diagnosis:
        ahead = "behind" if offset_ms > 0 else "ahead"
        said = f"this machine is {abs(offset_ms) / 1000:,.1f} s {ahead}"
        if abs(offset_ms) <= SKEW_MS:
            return self._said("clock", "ok", f"{said}.")
        return self._said(
            "clock",
            "warning",
            f"{said}: wireproof corrects that, other clients are refused with -1021.",
            "Synchronise this machine's clock.",
        )

    async def _stream(self, url: str) -> Diagnosis:
        try:
            connection = await open_connection(
                url, seconds=self.seconds, now_ms=self.clock.local_ms, redactor=self.target.redactor
            )
            await connection.close()
        except (TargetBlockedError, WireError) as error:
            return self._said("streams", "bad", str(error), getattr(error, "advice", ""))
        return self._said("streams", "ok", "a WebSocket opens.")

    async def _over_rest(self) -> AsyncIterator[Diagnosis]:
        async with self._client() as rest:
            try:
                await rest.request("GET", self.time_path, cost=Cost(weight=1))
                for credentials in self.target.accounts:
                    yield await self._key(rest, credentials)
                    if self.driver.key_permissions and self.target.name == "live":
                        yield await self._permissions(rest, credentials)
            except (TargetBlockedError, WireError) as error:
                yield self._said("network", "bad", str(error), getattr(error, "advice", ""))
        yield self._limits()

    async def _key(self, rest: RestClient, credentials: Credentials) -> Diagnosis:
        """Ask for something of the account that every key may read."""
        asked = self.driver.probe or self.driver.over_rest.get(self.driver.balance, self.driver.balance)
        verb, _, path = asked.partition(" ")
        reply = await rest.request(verb, path, credentials=credentials, signed=True, cost=Cost(weight=5))
        told = recognise(reply.status, reply.raw)
        name = f"{credentials.key_type} key"
        if told.is_success:
            return self._said(name, "ok", f"it may read the account ({asked}).")
        advice = _ADVICE.get(_code(told), self.driver.no_account and f"Perhaps {self.driver.no_account}.")
        return self._said(name, "bad", f"{asked} was answered with {told.words}.", advice)

    async def _permissions(self, rest: RestClient, credentials: Credentials) -> Diagnosis:
        """Ask what the key may do (docs/exchange.md#what-a-key-may-do)."""
        verb, _, path = self.driver.key_permissions.partition(" ")
        name = f"permissions of the {credentials.key_type} key"
        reply = await rest.request(verb, path, credentials=credentials, signed=True, cost=Cost(weight=1))
        told = recognise(reply.status, reply.raw)
        if not told.is_success:
            said = f"{self.driver.key_permissions} was answered with {told.words}."
            return self._said(name, "warning", said, _ADVICE.get(_code(told), ""))
        try:
            may = msgspec.json.decode(reply.raw, type=_Restrictions)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._said(name, "warning", f"{self.driver.key_permissions} was answered with something else.")
        allowed = {
            "reading": may.reading,
            "futures": may.futures,
            "trade of options": may.options,
            "portfolio margin": may.portfolio,
        }
        said = f"allowed: {', '.join(name for name, yes in allowed.items() if yes) or 'nothing that is asked'}"
        said += f"; bound to addresses: {'yes' if may.ip_restrict else 'no'}."
        if may.withdrawals:
            return self._said(
                name, "bad", f"it may withdraw; {said}", "Use a key without permission to withdraw for tests."
            )
        if not may.ip_restrict:
            return self._said(name, "warning", said, "Bind the key to this machine's address on the exchange.")
        return self._said(name, "ok", said)

    def _limits(self) -> Diagnosis:
        used, limit = self.limiter.used_this_minute, self.limiter.weight_limit
        said = f"{used:,} of {counted(limit, 'unit')} of weight used this minute."
        if used <= limit * BUSY:
            return self._said("limits", "ok", said)
        return self._said("limits", "warning", said, "Something else uses this address: let it rest during a run.")


def _code(told: Recognition) -> int:
    """Return the number of the error that an answer is; 0 of anything else."""
    number = told.error.number if told.error is not None else None
    return number if number is not None else 0
