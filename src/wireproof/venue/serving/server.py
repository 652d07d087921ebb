"""The venue as one server on one port, of the loopback interface unless told otherwise.

async with Venue(seed=1) as venue:
    await talk_to(venue.ws_api_url)
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from wireproof.venue.api.call import Services
from wireproof.venue.base.auth import ApiKey
from wireproof.venue.base.fault_kinds import EVENT, REST, STREAM, WS_API
from wireproof.venue.base.faults import Faults
from wireproof.venue.base.params import Params
from wireproof.venue.base.rate_limits import FiveMinuteLimits, RatePools
from wireproof.venue.base.sockets import CLOSING_SECONDS
from wireproof.venue.base.venue_clock import SystemClock
from wireproof.venue.exchange.engine import Engine
from wireproof.venue.exchange.listen_keys import ListenKeys
from wireproof.venue.exchange.profile import TESTNET, Profile
from wireproof.venue.market_data.feeds import MarketData
from wireproof.venue.products.dated_behaviours import era_of
from wireproof.venue.products.registry import PRODUCTS, ROUTES
from wireproof.venue.serving import inventory
from wireproof.venue.serving.addresses import Addresses
from wireproof.venue.serving.certificate import certify
from wireproof.venue.serving.control import Control
from wireproof.venue.serving.life_routes import LifeRoutes
from wireproof.venue.serving.rest_server import RestApi
from wireproof.venue.serving.ws_api import WebSocketApi
from wireproof.venue.streams.hub import BEAT_MS, Hub
from wireproof.venue.streams.private_streams import UserStreams
from wireproof.venue.streams.stream_server import StreamServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date
    from types import TracebackType

    from wireproof.venue.api.product_engine import ProductEngine
    from wireproof.venue.base.auth import KeyType
    from wireproof.venue.base.faults import Fault
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.state import UserEvent
    from wireproof.venue.incidents.museum import Incident
    from wireproof.venue.streams.named_streams import StreamRoot, StreamSource

HOST, EVERY_INTERFACE = "127.0.0.1", ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
BEAT_SECONDS = BEAT_MS / 1_000
RESET_SECONDS = 0.05  # that connections have to close when the venue begins anew
STEPS, LONGEST_STEP_MS, TICK_MS = 12, 3_600_000, 1_000  # in which time passes when it is advanced
KEY_TYPES: tuple[KeyType, ...] = ("HMAC", "RSA", "ED25519")


class PortInUseError(Exception):
    """The port that the venue should use is taken."""

    def __init__(self, port: int, host: str = HOST) -> None:
        super().__init__(port, host)
        self.port, self.host = port, host

    def __str__(self) -> str:
        return (
            f"Port {self.port} of {self.host} is in use. Name another one with --port, or leave it out and the system"
            " picks a free one."
        )


class Venue:
    """The exchange in a box: three accounts, one per key type, and everything that they can talk to.

    Args:
        seed: Fixes market moves and generated ids.
        latency_ms: The delay of every answer, in milliseconds; the next one does not wait for it.
        port: The port on the loopback interface; 0 lets the system pick one.
        clock: The time, for tests that hold it still.
        weight_limit: Weight per IP and minute, the profile's by default. So many times the profile's raises the limits
            per five minutes, and those of products that have their own, as many times.
        profile: The host that is imitated.
        market_moves: Whether prices move by themselves.
        tick_seconds: Seconds between two moments of the engine; None for tests that call `tick` themselves.
        keys: The accounts' keys, made afresh by default.
        algo_lag_ms: How far queries of one conditional order are behind, in milliseconds; the testnet's by about 1,000.
        host: The interface to serve on; `0.0.0.0` is every one.
        name: What clients call the host, in all URLs and in the certificate; `host` by default.
        as_of: The day whose behaviour is served; today by default. The clock stays today's.
        incident: What went wrong once and is served again, on a day of its own.
        tls: Whether to speak TLS only, with a certificate made now; `authority` is what clients must trust.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        latency_ms: int = 0,
        port: int = 0,
        clock: Clock | None = None,
        weight_limit: int | None = None,
        profile: Profile = TESTNET,
        market_moves: bool = True,
        tick_seconds: float | None = 1.0,
        keys: Sequence[ApiKey] | None = None,
        algo_lag_ms: int = 0,
        host: str = HOST,
        name: str = "",
        tls: bool = False,
        as_of: date | None = None,
        incident: Incident | None = None,
    ) -> None:
        self._asked = self._begun = as_of, incident
        self.port, self.host, self._profile = port, host, profile
        self._name = name or (HOST if host in EVERY_INTERFACE else host)
        self._certified = certify([self._name]) if tls else None
        self.ca_file: Path | None = None
        self._keys = list(keys or [ApiKey.generate(kind) for kind in KEY_TYPES])
        self._latency_ms, self._algo_lag_ms, self._tick_seconds = latency_ms, algo_lag_ms, tick_seconds
        self._seed, self._moves, self._given_clock = seed, market_moves, clock
        self._weight = weight_limit or profile.weight_limit
        self._runner: web.AppRunner | None = None
        self._running: list[asyncio.Task[None]] = []
        self._build()

    def _build(self) -> None:
        """Make everything that a venue has when it begins; the port, the keys and the certificate stay."""
        profile, latency_ms = self._profile, self._latency_ms
        as_of, self.incident = self._begun
        self.era = era_of(as_of if self.incident is None else self.incident.day)
        self.clock: Clock = self._given_clock or SystemClock()
        for key in self._keys:
            key.revoked = False
        statuses = {} if self.incident is None else self.incident.statuses
        self.engine = Engine(
            self.clock, self._keys, seed=self._seed, moves=self._moves, profile=profile, era=self.era, statuses=statuses
        )
        self.accounts = list(self.engine.accounts)  # those with keys of their own
        self.faults = Faults(
            PRODUCTS[0].websocket_path.rpartition("/")[0],
            self._surface_of,
            inventory.fault_names() | inventory.STREAM_NAMES,
        )
        self.faults.act = self._act
        times = max(1, self._weight // profile.weight_limit)
        five_minutes = FiveMinuteLimits(self.clock, _counted(), times)
        self._roots = {product.name: product.stream_roots(profile, self.era) for product in PRODUCTS}
        self.streams = UserStreams(self.faults, five_minutes.connections, chain.from_iterable(self._roots.values()))
        self.listen_keys = ListenKeys(self.clock, self._listen_key_ended)
        self.market_data = MarketData(self.engine)
        self.services = Services(
            *(
                self.engine,
                self.market_data,
                self.listen_keys,
                RatePools(self.clock, self._weight, times),
                five_minutes,
            ),
            profile=profile,
            algo_lag_ms=self._algo_lag_ms,
        )
        hub = Hub(self.clock.now_ms, lambda act: asyncio.get_running_loop().call_soon(act), self.faults, self.era)
        self.services.open(PRODUCTS, hub.hurry)
        self.market_streams = StreamServer(hub, self.faults, self.streams, five_minutes.connections, self._sources())
        self.engine.published.subscribe(self._publish)
        self.ws_api = WebSocketApi(self.services, self.faults, PRODUCTS, latency_ms=latency_ms)
        self.rest = RestApi(self.services, self.faults, latency_ms=latency_ms)
        self.control = Control(self.services, self.faults, self.streams, self.ws_api, hub, incident=self.incident)
        self.services.downloads.root = f"{self.rest_url}/venue/downloads"
        if self.incident is not None:
            self._open_incident(self.incident)

    def _open_incident(self, incident: Incident) -> None:
        """Bring the venue into the state that an incident describes."""
        self.faults.add_documents([dict(one) for one in incident.faults])
        for order in incident.orders:
            account = next(one for one in self.accounts if one.name == order["account"])
            params = Params({"algoType": "CONDITIONAL"} | {name: order[name] for name in order if name != "account"})
            self.engine.conditional_orders.place(account, self.engine.listed(order["symbol"]), params)

    # addresses

    @property
    def addresses(self) -> Addresses:
        """Return where it is reached."""
        return Addresses(self._name, self.port, self._certified is not None, self._profile, self.era)

    @property
    def ws_api_url(self) -> str:
        """Return the address of the first product's WebSocket API."""
        return self.urls[PRODUCTS[0].name]["ws-api"]

    @property
    def rest_url(self) -> str:
        """Return the root of REST."""
        return self.addresses.http

    @property
    def stream_url(self) -> str:
        """Return the root of the streams; private ones are below /private."""
        return self.addresses.websocket

    @property
    def urls(self) -> dict[str, dict[str, str]]:
        """Return the address of each surface of each product: one port serves them all."""
        return self.addresses.urls

    @property
    def authority(self) -> str:
        """Return the certificate of the authority that clients must trust, as PEM; empty without TLS."""
        return "" if self._certified is None else self._certified.authority

    @property
    def ready_line(self) -> str:
        """Return the line that the command prints once it serves: all addresses, and the authority's file with TLS."""
        return self.addresses.ready_line + (f" ca={self.ca_file}" if self.ca_file else "")

    # life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Bind and serve. Raise PortInUseError when the port is taken."""
        app = web.Application(client_max_size=1024 * 1024)
        for path in self.ws_api.products:
            app.router.add_get(path, self._serving("ws_api"))
        for path in self.streams.paths:
            app.router.add_get(path, self._serving("streams"))
        for path in self.market_streams.paths:
            app.router.add_get(path, self._serving("market_streams"))
        for verb, path in self.control.paths:
            app.router.add_route(verb, path, self._serving("control"))
        LifeRoutes(self).routes(app)
        app.router.add_route("*", "/{path:.*}", self._serving("rest"))
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        ssl_context = None if self._certified is None else self._certified.context
        site = web.TCPSite(self._runner, self.host, self.port, ssl_context=ssl_context)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortInUseError(self.port, self.host) from error
            raise
        self.port = self._runner.addresses[0][1]
        self.services.downloads.root = f"{self.rest_url}/venue/downloads"
        if self._tick_seconds is not None:
            loop = asyncio.get_running_loop()
            self._running = [
                loop.create_task(self._for_ever(self._tick_seconds, self.tick)),
                loop.create_task(self._for_ever(BEAT_SECONDS, self.beat)),
            ]

    def _serving(self, server: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return what hands requests to a server of this name: another one, once the venue began anew."""

        async def handle(http: web.Request) -> web.StreamResponse:
            response: web.StreamResponse = await getattr(self, server).handle(http)
            return response

        return handle

    async def stop(self) -> None:
        """Close every connection and give the port back."""
        for task in self._running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._closing()
        if self._runner is not None:
            await self._runner.cleanup()

    def _closing(self, seconds: float = CLOSING_SECONDS) -> Awaitable[object]:
        """Return what closes the connections that there are by now."""
        return asyncio.gather(*(one.close(seconds) for one in (self.ws_api, self.streams, self.market_streams)))

    async def reset(self, as_of: date | None = None, incident: Incident | None = None) -> None:
        """Begin anew: as a venue with these keys that was just started. Connections end with 1001; keys stay.

        With a day or an incident it begins there, else where it began when it was started.
        """
        self._begun = self._asked if as_of is None and incident is None else (as_of, incident)
        closing = self._closing(RESET_SECONDS)
        self._build()
        await closing

    def advance(self, milliseconds: int) -> int:
        """Let time pass in steps, with everything that falls due; return what time it is then.

        Requests stamped by the machine's clock are still accepted.
        """
        end = self.clock.now_ms() + milliseconds
        step = max(TICK_MS, min(LONGEST_STEP_MS, milliseconds // STEPS))
        left = milliseconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            self.market_streams.excuse()
            self.tick()
            self.beat()
        return end

    @staticmethod
    async def _for_ever(seconds: float, act: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(seconds)
            act()

    def tick(self) -> None:
        """Let a moment pass: markets move, orders and listen keys expire, one more market gets its past."""
        self.engine.tick()
        for engine in self._engines():
            engine.tick()
        self.listen_keys.expire_due()
        self.market_data.recall()

    def beat(self) -> None:
        """Let simulated traders act, and send the market data that is due."""
        self.market_data.beat()
        for engine in self._engines():
            engine.beat()
        self.market_streams.beat()

    def _engines(self) -> set[ProductEngine]:
        return set(self.services.engines.values())

    def _sources(self) -> dict[StreamRoot, list[StreamSource]]:
        """Return whose streams each root carries."""
        found: dict[StreamRoot, list[StreamSource]] = {}
        for name, engine in self.services.engines.items():
            for root in self._roots[name]:
                sources = found.setdefault(root, [])
                if engine not in sources:
                    sources.append(engine)
        return found

    # events and actions

    def _publish(self, event: UserEvent) -> None:
        for product in PRODUCTS:
            listen_key = self.listen_keys.active(event.account, product.listen_keys_of or product.name)
            document = None if listen_key is None else product.heard(event)
            if listen_key is not None and document is not None and self.era.offers(document["e"], product.name):
                document = self.era.shown(document["e"], document, product.name)
                self.streams.publish(listen_key, document, {root.path for root in self._roots[product.name]})

    def _listen_key_ended(self, listen_key: str, name: str) -> None:
        product = next(one for one in PRODUCTS if one.name == name)
        self.streams.publish(listen_key, product.key_expired(listen_key, self.clock.now_ms()))

    def _surface_of(self, name: str) -> str | None:
        """Return over what a request, stream or event of this name goes; None when there is none."""
        if name in ROUTES:
            return REST
        if name in inventory.fault_names():
            return EVENT if name in inventory.EVENTS else WS_API
        return STREAM if any(engine.stream(name) is not None for engine in self._engines()) else None

    def _disconnect(self, connections: str) -> None:
        for kind, server in (("private", self.streams), ("market", self.market_streams), ("ws-api", self.ws_api)):
            if connections in {kind, "all"}:
                server.disconnect()

    def _act(self, fault: Fault) -> None:
        if fault.kind == "disconnect":
            self._disconnect(fault.connections)
            return
        found = [account for account in self.accounts if fault.account in {"*", account.name}]
        if not found:
            names = ", ".join(account.name for account in self.accounts)
            raise ValueError(f"There is no account {fault.account!r}. Known: {names}.")
        for account in found:
            if fault.kind == "expire-listen-key":
                for product in PRODUCTS:
                    self.listen_keys.end(account, product.name)
            else:
                account.key.revoked = fault.kind == "revoke-key"

    # credentials

    def credentials(self) -> dict[str, Any]:
        """Return URLs and keys as the credentials file holds them."""
        accounts = []
        for account in self.accounts:
            entry = {"name": account.name, "key_type": account.key.type, "api_key": account.key.api_key}
            if account.key.type == "HMAC":
                entry["api_secret"] = account.key.secret
            else:
                entry["private_key_pem"] = account.key.private_key_pem()
            accounts.append(entry)
        urls = {"ws_api_url": self.ws_api_url, "rest_url": self.rest_url, "stream_url": self.stream_url}
        own_ca = {"ca_file": str(self.ca_file)} if self.ca_file else {}
        return {**urls, "urls": self.urls, "roots": self.addresses.roots, **own_ca, "accounts": accounts}

    def write_credentials(self, file: Path) -> None:
        """Write the credentials to `file`, whole or not at all, readable by its owner only."""
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(self.credentials(), stream, indent=2)
                stream.write("\n")
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _counted() -> dict[str, str]:
    return {path: limit for product in PRODUCTS for path, limit in product.counted.items()}
