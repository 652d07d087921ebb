"""The WebSocket APIs: envelope, sessions, and the way from frame to the pipeline of all requests.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from aiohttp import WSMsgType, web

from wireproof.venue.api.call import CallCredentials, CallSecurity, Operation, constant_weight
from wireproof.venue.api.pipeline import Arrival, serve
from wireproof.venue.base.auth import websocket_payloads
from wireproof.venue.base.fault_kinds import WS_API
from wireproof.venue.base.faults import FOREIGN_ID, NOT_JSON
from wireproof.venue.base.message_rate import PINGS_A_SECOND, Pace
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal, missing, unknown_method
from wireproof.venue.base.sockets import CLOSING_SECONDS, PING_SECONDS, abort, close_sockets, http_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wireproof.venue.api.call import Call, Services, VenueProduct
    from wireproof.venue.base.faults import Fault, Faults
    from wireproof.venue.exchange.records import Account

Json = dict[str, Any]
HANDSHAKE_WEIGHT = 5
SESSION_WEIGHT = 2
LOG_ON = "v1/session.logon"
LARGEST_FRAME = 256 * 1024
_FLAGS = {"true": True, "false": False}
_NOTHING: Mapping[str, str] = MappingProxyType({})


class _Frame(msgspec.Struct):
    """A request whose parts keep the JSON text they came as: that text is what was signed, and what is echoed."""

    id: msgspec.Raw = msgspec.Raw(b"null")
    method: str = ""
    params: dict[str, msgspec.Raw] | None = None


_decode = msgspec.json.Decoder(_Frame).decode
_decode_text = msgspec.json.Decoder(str).decode


class Session:
    """One connection's state."""

    def __init__(self, services: Services, product: VenueProduct, ip: str, *, return_rate_limits: bool) -> None:
        self.services, self.product, self.ip = services, product, ip
        self.return_rate_limits = return_rate_limits
        self.connected_since = services.engine.clock.now_ms()
        self.account: Account | None = None
        self.authorized_since: int | None = None

    def view(self) -> Json:
        """Return what session.logon, status and logout answer."""
        return {
            "apiKey": None if self.account is None else self.account.key.api_key,
            "authorizedSince": self.authorized_since,
            "connectedSince": self.connected_since,
            "returnRateLimits": self.return_rate_limits,
            "serverTime": self.services.engine.clock.now_ms(),
        }

    def log_on(self, call: Call) -> Json:
        """session.logon: Ed25519 keys only; a second one swaps the key."""
        self.account = call.account
        self.authorized_since = self.services.engine.clock.now_ms()
        return self.view()

    def status(self, _call: Call) -> Json:
        """session.status."""
        return self.view()

    def log_out(self, _call: Call) -> Json:
        """session.logout; nothing happens when nobody is logged on."""
        self.account = self.authorized_since = None
        return self.view()

    def operations(self) -> dict[str, Operation]:
        """Return what can be asked over the connection: its product's operations, and those about itself."""
        weight = constant_weight(SESSION_WEIGHT)
        needed = ("apiKey", "timestamp", "signature")
        return {
            **self.product.methods,
            LOG_ON: Operation(LOG_ON, CallSecurity.SIGNED, self.log_on, weight, needed),
            "v1/session.status": Operation("v1/session.status", CallSecurity.NONE, self.status, weight),
            "v1/session.logout": Operation("v1/session.logout", CallSecurity.NONE, self.log_out, weight),
        }


class ApiRequest:
    """A frame, read: id as JSON text, method, parameters as text."""

    __slots__ = ("booleans", "id", "method", "texts", "values")

    def __init__(self, frame: _Frame) -> None:
        self.id = bytes(frame.id)
        self.method = frame.method
        self.texts: dict[str, str] = {}  # everything, as signed
        self.values: dict[str, str] = {}  # without nulls
        self.booleans: list[str] = []
        for name, raw in (frame.params or {}).items():
            data = bytes(raw)
            if data[:1] == b'"':
                text = _decode_text(data)
            else:
                text = data.decode()
                if text == "null":
                    self.texts[name] = text
                    continue
                if text in _FLAGS:
                    self.booleans.append(name)
            self.texts[name] = self.values[name] = text

    @property
    def name(self) -> str:
        """Return the method with its version prefix; the server adds v1/ where there is none."""
        return self.method if "/" in self.method else f"v1/{self.method}"


def read(text: str) -> ApiRequest | tuple[bytes, Refusal]:
    """Return the request in a text frame, or the id and the refusal to answer with.

    What futures answer to a frame that is no request was never recorded. Spot documents -1135 for invalid JSON, which
    is used here; the id is echoed whenever the frame has one that can be read, since the sender waits for it.
    """
    try:
        request = ApiRequest(_decode(text))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _diagnose(text)
    if not request.method:
        return request.id, missing("method")
    return request


def _diagnose(text: str) -> tuple[bytes, Refusal]:
    try:
        document = json.loads(text)
        echoed = json.dumps(document.get("id")).encode() if isinstance(document, dict) else b"null"
    except (ValueError, RecursionError):
        return b"null", Refusal(-1135, "Invalid JSON ApiRequest")
    if not isinstance(document, dict):
        return b"null", Refusal(-1135, "Invalid JSON ApiRequest")
    if not isinstance(document.get("method"), str):
        return echoed, missing("method")
    return echoed, Refusal(-1135, "Invalid JSON ApiRequest; JSON sent for parameter 'params' is invalid")


class WebSocketApi:
    """Serves connections; `answer` alone is the whole protocol without a socket."""

    def __init__(
        self, services: Services, faults: Faults, products: Iterable[VenueProduct], *, latency_ms: int = 0
    ) -> None:
        self.services, self.faults, self.latency_ms = services, faults, latency_ms
        #: The products that have a WebSocket API, by its path.
        self.products = {product.websocket_path: product for product in products if product.websocket_path}
        self.connections: dict[web.WebSocketResponse, Callable[[], None]] = {}  # with what breaks them
        self._late: set[asyncio.Task[None]] = set()

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        refused = self.faults.refused(http.path)
        if refused is not None:
            return refused
        ip = http.remote or "127.0.0.1"
        try:
            self.services.pool_of(self.products[http.path]).weights.charge(ip, HANDSHAKE_WEIGHT)
        except Refusal as refusal:
            return http_refusal(refusal)
        socket = web.WebSocketResponse(
            heartbeat=PING_SECONDS, autoping=False, compress=False, max_msg_size=LARGEST_FRAME
        )
        if not socket.can_prepare(http).ok:
            return web.Response(status=400, text="This address speaks WebSocket only.\n")
        session = Session(
            self.services,
            self.products[http.path],
            ip,
            return_rate_limits=http.query.get("returnRateLimits", "true").lower() != "false",
        )
        await socket.prepare(http)
        self.connections[socket] = lambda: abort(http)
        try:
            await self._serve(http, socket, session)
        finally:
            del self.connections[socket]
        return socket

    async def _serve(self, http: web.Request, socket: web.WebSocketResponse, session: Session) -> None:
        own = session.operations()
        pings = Pace(a_second=PINGS_A_SECOND, patience=1)
        async for message in socket:
            if message.type in {WSMsgType.PING, WSMsgType.PONG}:
                if pings.too_fast():
                    await socket.close(code=1008, message=b"Too many requests")
                    break
                if message.type is WSMsgType.PING:
                    with contextlib.suppress(ConnectionError):
                        await socket.pong(message.data)
                continue
            if message.type is WSMsgType.TEXT:
                read_out = read(message.data)
            elif message.type is WSMsgType.BINARY:
                read_out = b"null", Refusal(-1135, "Invalid JSON ApiRequest")
            else:
                break
            if isinstance(read_out, tuple):
                identity, refusal = read_out
                error = self._envelope(identity, session, None, refusal)
                await self._send(socket, orjson.dumps(error), 0)
                continue
            fault = self.faults.take(WS_API, read_out.method, read_out.name)
            if fault is not None and fault.kind == "drop-before":
                abort(http)
                break
            document = self.answer(session, read_out, own, fault)
            if fault is not None and fault.kind == "drop-after":
                abort(http)
                break
            await self._reply(socket, document, fault)

    def answer(
        self, session: Session, request: ApiRequest, own: dict[str, Operation] | None = None, fault: Fault | None = None
    ) -> Json:
        """Carry `request` out and return its answer, ready for orjson."""
        era, product = self.services.engine.era, session.product.name
        operation = (own or session.operations()).get(request.name) if era.offers(request.name, product) else None
        arrival = Arrival(
            product=session.product,
            operation=operation,
            name=request.method,
            params=Params(request.values),
            ip=session.ip,
            credentials=lambda wanted: self._credentials(session, request, wanted),
            unknown=lambda: unknown_method(request.name),
            fault=fault,
        )
        served = serve(self.services, arrival)
        refusal, identity = served.refusal, request.id
        if refusal is not None and refusal.code == -2015 and session.account and session.account.key.revoked:
            session.account = session.authorized_since = None
            identity = b"null"  # documented: the key was revoked under the session
        outcome = era.shown(request.name, served.result, product) if refusal is None else refusal
        return self._envelope(identity, session, operation, outcome, values=request.values, account=served.account)

    @staticmethod
    def _credentials(session: Session, request: ApiRequest, operation: Operation) -> CallCredentials:
        api_key = request.values.get("apiKey")
        logged_on = session.account
        if operation.name == LOG_ON:
            logged_on = None
            account = session.services.engine.account_of(api_key or "")
            if account is not None and account.key.type != "ED25519":
                # Recorded for HMAC keys only: docs/exchange.md#logon-keys
                name = "HMAC_SHA256" if account.key.type == "HMAC" else "RSA"
                raise Refusal(-4056, f"{name} API key is not supported.")
        return CallCredentials(
            api_key,
            request.values.get("signature"),
            lambda: websocket_payloads(request.texts, request.booleans),
            logged_on,
        )

    def _envelope(
        self,
        identity: bytes,
        session: Session,
        operation: Operation | None,
        outcome: Any,
        *,
        values: Mapping[str, str] = _NOTHING,
        account: Account | None = None,
    ) -> Json:
        refused = isinstance(outcome, Refusal)
        document: Json = {"id": orjson.Fragment(identity), "status": outcome.status if refused else 200}
        if refused:
            document["error"] = outcome.body()
        else:
            document["result"] = outcome
        asked = _FLAGS.get(values.get("returnRateLimits", "").lower())
        if session.return_rate_limits if asked is None else asked:
            document["rateLimits"] = self._rate_limits(
                session, operation, account, rejected=refused and outcome.status in {400, 401}
            )
        return document

    def _rate_limits(
        self, session: Session, operation: Operation | None, account: Account | None, *, rejected: bool
    ) -> list[Json]:
        pool = self.services.pool_of(session.product)
        if operation is None or not operation.orders:
            return [pool.weights.entry(session.ip)]
        if rejected:  # docs/exchange.md#limits-in-answers
            return [pool.weights.not_applicable()]
        orders = [] if account is None else pool.orders.entries(account.name)
        return [*orders, pool.weights.entry(session.ip)]

    async def _reply(self, socket: web.WebSocketResponse, document: Json, fault: Fault | None) -> None:
        kind = "" if fault is None else fault.kind
        if kind == "silent":
            return
        delay = self.latency_ms
        copies = 1
        if fault is not None and kind == "delay":
            delay += fault.delay_ms
        elif fault is not None and kind == "drift":
            document = fault.drift(document)
        elif kind == "foreign-id":
            document["id"] = FOREIGN_ID
        elif kind == "twice":
            copies = 2
        data = NOT_JSON if kind == "not-json" else orjson.dumps(document)
        if fault is not None and kind == "reorder":
            fault.held.append(lambda: self._send(socket, data, 0))
            if fault.spent:
                for send in reversed(fault.held):
                    await send()
            return
        for _ in range(copies):
            await self._send(socket, data, delay)

    async def _send(self, socket: web.WebSocketResponse, data: bytes, delay_ms: int) -> None:
        if delay_ms <= 0:
            await _send_now(socket, data)
            return
        # Later answers do not wait for this one: the socket reads on, and a shorter delay overtakes.
        task = asyncio.get_running_loop().create_task(_send_later(socket, data, delay_ms))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def disconnect(self) -> None:
        """Break every connection, as a network does."""
        for cut in list(self.connections.values()):
            cut()

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """End every connection, waiting so long for those that do not answer."""
        for task in list(self._late):
            task.cancel()
        await close_sockets(self.connections, seconds)


async def _send_now(socket: web.WebSocketResponse, data: bytes) -> None:
    if not socket.closed:
        with contextlib.suppress(ConnectionError, RuntimeError):  # it went away meanwhile
            await socket.send_frame(data, WSMsgType.TEXT)


async def _send_later(socket: web.WebSocketResponse, data: bytes, delay_ms: int) -> None:
    await asyncio.sleep(delay_ms / 1000)
    await _send_now(socket, data)
