"""The venue as one server on one port of the loopback interface.

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
from wireproof.venue.base.faults import Faults
from wireproof.venue.base.rate_limits import FiveMinuteLimits, RatePools
from wireproof.venue.base.venue_clock import SystemClock
from wireproof.venue.exchange.engine import Engine
from wireproof.venue.exchange.listen_keys import ListenKeys
from wireproof.venue.exchange.profile import TESTNET, Profile
from wireproof.venue.market_data.feeds import MarketData
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving.control import Control
from wireproof.venue.serving.rest_server import RestApi
from wireproof.venue.serving.ws_api import WebSocketApi
from wireproof.venue.streams.hub import BEAT_MS, Hub
from wireproof.venue.streams.private_streams import UserStreams
from wireproof.venue.streams.stream_server import StreamServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from wireproof.venue.api.product_engine import ProductEngine
    from wireproof.venue.base.auth import KeyType
    from wireproof.venue.base.faults import Fault
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.state import UserEvent
    from wireproof.venue.streams.named_streams import StreamRoot, StreamSource

HOST = "127.0.0.1"
BEAT_SECONDS = BEAT_MS / 1_000
KEY_TYPES: tuple[KeyType, ...] = ("HMAC", "RSA", "ED25519")


class PortInUseError(Exception):
    """The port that the venue should use is taken."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port

    def __str__(self) -> str:
        return (
            f"Port {self.port} of {HOST} is in use. Name another one with --port, or leave it out and the system picks"
            " a free one."
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
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        own_keys = keys or [ApiKey.generate(kind) for kind in KEY_TYPES]
        self.engine = Engine(self.clock, own_keys, seed=seed, moves=market_moves, profile=profile)
        self.accounts = list(self.engine.accounts)  # those with keys of their own
        self.faults = Faults(PRODUCTS[0].websocket_path.rpartition("/")[0])
        self.faults.act = self._act
        weight = weight_limit or profile.weight_limit
        times = max(1, weight // profile.weight_limit)
        five_minutes = FiveMinuteLimits(self.clock, _counted(), times)
        self._roots = {product.name: product.stream_roots(profile) for product in PRODUCTS}
        self.streams = UserStreams(self.faults, five_minutes.connections, chain.from_iterable(self._roots.values()))
        self.listen_keys = ListenKeys(self.clock, self._listen_key_ended)
        self.market_data = MarketData(self.engine)
        self.services = Services(
            *(self.engine, self.market_data, self.listen_keys, RatePools(self.clock, weight, times), five_minutes),
            profile=profile,
            algo_lag_ms=algo_lag_ms,
        )
        hub = Hub(self.clock.now_ms, lambda act: asyncio.get_running_loop().call_soon(act), self.faults)
        self.services.open(PRODUCTS, hub.hurry)
        self.market_streams = StreamServer(hub, self.faults, self.streams, five_minutes.connections, self._sources())
        self.engine.published.subscribe(self._publish)
        self.ws_api = WebSocketApi(self.services, self.faults, PRODUCTS, latency_ms=latency_ms)
        self.rest = RestApi(self.services, self.faults, latency_ms=latency_ms)
        self.control = Control(self.services, self.faults, self.streams, self.ws_api, hub)
        self.port = port
        self._tick_seconds = tick_seconds
        self._runner: web.AppRunner | None = None
        self._running: list[asyncio.Task[None]] = []

    # addresses

    @property
    def ws_api_url(self) -> str:
        """Return the address of the first product's WebSocket API."""
        return self.urls[PRODUCTS[0].name]["ws-api"]

    @property
    def rest_url(self) -> str:
        """Return the root of REST."""
        return f"http://{HOST}:{self.port}"

    @property
    def stream_url(self) -> str:
        """Return the root of the streams; private ones are below /private."""
        return f"ws://{HOST}:{self.port}"

    @property
    def urls(self) -> dict[str, dict[str, str]]:
        """Return the address of each surface of each product: one port serves them all."""
        found = {}
        for product in PRODUCTS:
            ws_api = {"ws-api": self.stream_url + product.websocket_path} if product.websocket_path else {}
            found[product.name] = ws_api | {"rest": self.rest_url, "stream": self.stream_url + product.stream_root}
        return found

    @property
    def ready_line(self) -> str:
        """Return the line that the command prints once it serves: all addresses, the first product's without a name."""
        first, *others = PRODUCTS
        line = "wireproof venue ready:" + "".join(f" {kind}={url}" for kind, url in self.urls[first.name].items())
        for product in others:
            if not product.routes:
                continue
            own = {kind: url for kind, url in self.urls[product.name].items() if kind != "rest"}
            line += "".join(f" {product.name}-{kind}={url}" for kind, url in own.items())
        return line

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
            app.router.add_get(path, self.ws_api.handle)
        self.streams.routes(app)
        self.market_streams.routes(app)
        app.router.add_get("/venue/state", self.control.get_state)
        app.router.add_get("/venue/faults", self.control.get_faults)
        app.router.add_post("/venue/faults", self.control.post_faults)
        app.router.add_delete("/venue/faults", self.control.delete_faults)
        app.router.add_post("/venue/market", self.control.post_market)
        app.router.add_post("/venue/products/{name}", self.control.post_product)
        app.router.add_get("/venue/streams", self.control.get_streams)
        app.router.add_get("/venue/downloads/{number}.csv", self.control.get_download)
        app.router.add_route("*", "/{path:.*}", self.rest.handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortInUseError(self.port) from error
            raise
        self.port = self._runner.addresses[0][1]
        self.services.downloads.root = f"{self.rest_url}/venue/downloads"
        if self._tick_seconds is not None:
            loop = asyncio.get_running_loop()
            self._running = [
                loop.create_task(self._for_ever(self._tick_seconds, self.tick)),
                loop.create_task(self._for_ever(BEAT_SECONDS, self.beat)),
            ]

    async def stop(self) -> None:
        """Close every connection and give the port back."""
        for task in self._running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.ws_api.close()
        await self.streams.close()
        await self.market_streams.close()
        if self._runner is not None:
            await self._runner.cleanup()

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
            if listen_key is not None and document is not None:
                self.streams.publish(listen_key, document, {root.path for root in self._roots[product.name]})

    def _listen_key_ended(self, listen_key: str, name: str) -> None:
        product = next(one for one in PRODUCTS if one.name == name)
        self.streams.publish(listen_key, product.key_expired(listen_key, self.clock.now_ms()))

    def _act(self, fault: Fault) -> None:
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
        return {**urls, "urls": self.urls, "accounts": accounts}

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
