"""A venue that stands still: no socket, a clock that moves when told to, prices that stay where they are."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Generator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import orjson
import pytest
from yarl import URL

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.turns import at_once
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.products.futures.stream_catalogue import FuturesStreams
from wireproof.venue.products.registry import PRODUCTS, ROUTES, product_at
from wireproof.venue.serving.server import Venue
from wireproof.venue.serving.ws_api import Session, read
from wireproof.venue.streams.hub import Hub, Reader
from wireproof.venue.streams.named_streams import StreamRoot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]


class Exchange:
    """A venue with everything at hand, and what one can ask of it."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self.clock = ManualClock()
        own_keys = [dataclasses.replace(key) for key in keys]
        self.venue = Venue(seed=7, clock=self.clock, tick_seconds=None, market_moves=False, keys=own_keys)
        self.engine = self.venue.engine
        self.alice, self.bob, self.carol = self.venue.accounts  # HMAC, RSA, Ed25519
        self.session = Session(self.venue.services, PRODUCTS[0], "127.0.0.1", return_rate_limits=True)
        self.events: list[tuple[str, Json]] = []
        self.engine.published.subscribe(lambda event: self.events.append((event.account.name, event.document)))

    def send_raw(self, text: str, session: Session | None = None) -> bytes:
        """Send a text frame; return the answer as it goes over the wire."""
        request = read(text)
        own = session or self.session
        if isinstance(request, tuple):
            identity, refusal = request
            document = self.venue.ws_api._envelope(identity, own, None, refusal)
        else:
            document = self.venue.ws_api.answer(own, request)
        return orjson.dumps(document)

    def send(self, text: str, session: Session | None = None) -> Json:
        """Send a text frame; return the answer."""
        answer: Json = orjson.loads(self.send_raw(text, session))
        return answer

    def status_of(self, account: Account, order: Json) -> str:
        """Return the status that order.status shows for an order."""
        rows = self.get("order.status", account, symbol=order["symbol"], orderId=order["orderId"])
        return str(rows["status"])

    def sign(self, account: Account, params: Json) -> Json:
        """Return `params` with key, time and signature."""
        full = {"apiKey": account.key.api_key, "timestamp": self.clock.now_ms(), **params}
        text = "&".join(f"{name}={_text(full[name])}" for name in sorted(full))
        return full | {"signature": account.key.sign(text)}

    def ask(self, method: str, account: Account | None = None, **params: Any) -> Json:
        """Send a request, signed when an account is given; return the whole answer."""
        full = params if account is None else self.sign(account, params)
        return self.send(json.dumps({"id": 1, "method": method, "params": full}))

    def get(self, method: str, account: Account | None = None, **params: Any) -> Any:
        """Return the result of a request that succeeds."""
        answer = self.ask(method, account, **params)
        assert answer["status"] == 200, answer
        return answer["result"]

    def refuse(self, method: str, account: Account | None = None, **params: Any) -> tuple[int, int, str]:
        """Return status, code and text of a request that is refused."""
        answer = self.ask(method, account, **params)
        assert "error" in answer, answer
        return answer["status"], answer["error"]["code"], answer["error"]["msg"]

    def order(self, account: Account, side: str, quantity: str, price: str | None = None, **params: Any) -> Json:
        """Place an order for BTCUSDT: LIMIT GTC with a price, else MARKET; return its answer."""
        kind = {"type": "MARKET"} if price is None else {"type": "LIMIT", "price": price, "timeInForce": "GTC"}
        asked = {"symbol": "BTCUSDT", "side": side, "quantity": quantity, "newOrderRespType": "RESULT"} | kind | params
        result: Json = self.get("order.place", account, **asked)
        return result

    def refuse_order(self, account: Account, **changes: Any) -> tuple[int, int, str]:
        """Place a sound limit order with `changes` (None leaves a parameter out); return the refusal."""
        sound = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.0100",
            "price": "60000.0",
        }
        asked = {name: value for name, value in (sound | changes).items() if value is not None}
        return self.refuse("order.place", account, **asked)

    def told(self, account: Account, kind: str | None = None) -> list[Json]:
        """Return the events that an account was told, of one kind or of all."""
        return [event for name, event in self.events if name == account.name and kind in {None, event["e"]}]

    def position(self, account: Account, side: str = "BOTH") -> Json:
        """Return the row of account.position for BTCUSDT."""
        rows = self.get("account.position", account, symbol="BTCUSDT")
        return next(row for row in rows if row["positionSide"] == side)

    def wallet(self, account: Account, asset: str = "USDT") -> str:
        """Return a wallet balance."""
        rows = self.get("account.balance", account)
        return str(next(row["balance"] for row in rows if row["asset"] == asset))

    def go_hedge(self, account: Account) -> None:
        """Put an account into hedge mode."""
        self.engine.settings.set_position_mode(account, hedge=True)


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | None) else str(value)


@pytest.fixture
def exchange(keys: list[ApiKey]) -> Exchange:
    """Return a fresh venue."""
    return Exchange(keys)


@pytest.fixture
def ask(exchange: Exchange) -> Callable[..., Any]:
    """Return what asks REST for public data, without the wire."""

    def run(path: str, **params: Any) -> Any:
        """Answer a request without the wire."""
        operation = ROUTES[f"GET {path}"]
        given = Params({name: str(value) for name, value in params.items()})
        given.need(operation.mandatory)
        call = Call(exchange.venue.services, product_at(path), given, "127.0.0.1")
        answer = operation.run(call)
        return at_once(answer) if isinstance(answer, Generator) else answer

    return run


class Rest:
    """Signs and sends REST requests to a venue that stands still, for its first account unless told otherwise."""

    def __init__(self, venue: Venue, http: aiohttp.ClientSession) -> None:
        self.venue, self.http = venue, http
        self.account, self.other, self.third = venue.accounts

    async def ask(self, verb: str, path: str, account: Account | None = None, **params: Any) -> tuple[int, Any]:
        """Send a signed request; return status and document. JSON lists go as JSON."""
        who = account or self.account
        params["timestamp"] = self.venue.clock.now_ms()
        texts = {
            name: value if isinstance(value, str) else json.dumps(value) if isinstance(value, list) else str(value)
            for name, value in params.items()
        }
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in texts.items())
        text += f"&signature={quote(who.key.sign(text), safe='')}"
        url = URL(f"{self.venue.rest_url}{path}?{text}", encoded=True)
        async with self.http.request(verb, url, headers={"X-MBX-APIKEY": who.key.api_key}) as answer:
            return answer.status, await answer.json(content_type=None)

    async def done(self, verb: str, path: str, account: Account | None = None, **params: Any) -> Any:
        """Send a request that must succeed; return its answer."""
        status, document = await self.ask(verb, path, account, **params)
        assert status == 200, document
        return document

    async def get(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """Return the answer to a GET, which must succeed."""
        return await self.done("GET", path, account, **params)

    async def post(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """Return the answer to a POST, which must succeed."""
        return await self.done("POST", path, account, **params)

    async def put(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """Return the answer to a PUT, which must succeed."""
        return await self.done("PUT", path, account, **params)

    async def delete(self, path: str, account: Account | None = None, **params: Any) -> Any:
        """Return the answer to a DELETE, which must succeed."""
        return await self.done("DELETE", path, account, **params)

    async def refused(self, verb: str, path: str, account: Account | None = None, **params: Any) -> int:
        """Send a request that must be refused; return the error code."""
        status, document = await self.ask(verb, path, account, **params)
        assert status >= 400, document
        return int(document["code"])

    async def order(self, account: Account | None = None, **changes: Any) -> Json:
        """Place a USDⓈ-M order, far from the market unless changed; None leaves a parameter out."""
        return await self._order("/fapi/v1/order", {"symbol": "BTCUSDT", "quantity": "0.01"}, account, changes)

    async def coin_order(self, account: Account | None = None, **changes: Any) -> Json:
        """Place a COIN-M order, far from the market unless changed; None leaves a parameter out."""
        return await self._order("/dapi/v1/order", {"symbol": "BTCUSD_PERP", "quantity": "1"}, account, changes)

    async def _order(self, path: str, what: Json, account: Account | None, changes: Json) -> Json:
        kind: Json = {"type": "LIMIT", "timeInForce": "GTC", "price": "80000"}
        if changes.get("type") == "MARKET":
            kind = {}
        sound = what | {"side": "BUY", "newOrderRespType": "RESULT"} | kind | changes
        given = {name: value for name, value in sound.items() if value is not None}
        result: Json = await self.post(path, account, **given)
        return result


@pytest.fixture
async def rest(keys: list[ApiKey]) -> AsyncIterator[Rest]:
    """Serve a venue whose clock stands still, and return what talks to its REST."""
    own_keys = [dataclasses.replace(key) for key in keys]
    async with (
        Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=own_keys) as venue,
        aiohttp.ClientSession() as http,
    ):
        yield Rest(venue, http)


class Wire:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data, self.unread, self.cut = b"", 0, False

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self.data += data

    def get_write_buffer_size(self) -> int:
        """Return what waits."""
        return self.unread

    def is_closing(self) -> bool:
        """Whether it was cut."""
        return self.cut

    def abort(self) -> None:
        """Note the cut."""
        self.cut = True

    def events(self) -> list[Any]:
        """Return what came since the last call."""
        found, data, self.data = [], self.data, b""
        while data:
            size, head = data[1], 2
            if size == 126:
                size, head = int.from_bytes(data[2:4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(data[2:10], "big"), 10
            found.append(orjson.loads(data[head : head + size]))
            data = data[head + size :]
        return found


@pytest.fixture
def wire_type() -> type[Wire]:
    """Return what makes wires for readers."""
    return Wire


class Stage:
    """A hub over a venue whose markets move when the clock is moved."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.data = exchange, exchange.venue.market_data
        exchange.engine.moves = True
        self.soon: list[Callable[[], None]] = []
        self.hub = Hub(self.data.now, soon=self.soon.append)
        self.streams = FuturesStreams(exchange.venue.services, self.hurry)

    def hurry(self, subject: object) -> None:
        """Send at once by the hub of the time."""
        self.hub.hurry(subject)

    def reader(self, *names: str, combined: bool = False, public: bool = True, market: bool = True) -> Wire:
        """Return the wire of a reader that subscribed `names`."""
        wire = Wire()
        reader = Reader(wire, StreamRoot("", public=public, market=market), [self.streams], combined=combined)
        for name in names:
            self.hub.subscribe(reader, name)
        return wire

    def run(self, milliseconds: int, step: int = 50) -> None:
        """Let time pass."""
        for _ in range(0, milliseconds, step):
            self.exchange.clock.advance(step)
            if self.data.now() % 1_000 < step:
                self.exchange.engine.tick()
            self.data.beat()
            self.hub.beat()


@pytest.fixture
def stage(exchange: Exchange) -> Stage:
    """Return market streams that run when they are told to."""
    return Stage(exchange)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a client session."""
    async with aiohttp.ClientSession() as session:
        yield session
