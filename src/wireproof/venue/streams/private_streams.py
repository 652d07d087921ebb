"""Private streams: user-data events, pushed to whoever connected with the account's listen key.

Below a root such as /private: /ws?listenKey=K[&events=A/B], /stream?listenKey=K1&events=A&listenKey=K2, and SUBSCRIBE
on any of them; /ws/K of futures on testnet only, on live it stays silent (docs/exchange.md#private-urls). A key that
nobody has stays silent (docs/exchange.md#unknown-listen-keys). Roots that carry market streams, too, are the
`stream_server`'s.
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Important-WebSocket-Change-Notice
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import WSMsgType, web

from wireproof.venue.base.fault_kinds import PRIVATE
from wireproof.venue.base.message_rate import Pace
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.sockets import CLOSING_SECONDS, PING_SECONDS, abort, close_sockets, http_refusal
from wireproof.venue.streams.named_streams import is_combined, root_path
from wireproof.venue.streams.stream_commands import obey
from wireproof.venue.streams.struck_events import StruckEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from wireproof.venue.base.faults import Faults
    from wireproof.venue.base.rate_limits import CountLimit
    from wireproof.venue.streams.named_streams import StreamRoot

Json = dict[str, Any]
QUEUE = 2_000  # events that a slow reader may lag behind before it is cut off
LARGEST_FRAME = 64 * 1024


class Subscriptions:
    """The listen keys of one connection, each with its allow-list of events; None lets all through.

    Without `event_filter` events that are named are not heeded, and all come.
    """

    def __init__(self, *, event_filter: bool = True) -> None:
        self.by_key: dict[str, set[str] | None] = {}
        self._event_filter = event_filter

    def add(self, name: str) -> None:
        """Subscribe `K` or `K@EVENT`; unknown names are accepted silently (docs/exchange.md#event-filter)."""
        key, _, event = name.partition("@")
        if not event or not self._event_filter:
            self.by_key[key] = None
            return
        allowed = self.by_key.setdefault(key, set())
        if allowed is not None:
            allowed.add(event)

    def remove(self, name: str) -> None:
        """Unsubscribe; a name never subscribed is acknowledged as well."""
        key, _, event = name.partition("@")
        allowed = self.by_key.get(key)
        if event and allowed is not None:
            allowed.discard(event)
            if allowed:
                return
        elif event:
            return
        self.by_key.pop(key, None)

    def names(self) -> list[str]:
        """Return what LIST_SUBSCRIPTIONS answers."""
        found: list[str] = []
        for key, allowed in self.by_key.items():
            found += [key] if allowed is None else [f"{key}@{event}" for event in sorted(allowed)]
        return found

    def wants(self, key: str, event: str) -> bool:
        """Whether an event of a key is let through."""
        allowed = self.by_key.get(key, set())
        return allowed is None or event in allowed


def read_query(query: str, *, event_filter: bool = True) -> Subscriptions:
    """Return what a connection's query string subscribes: each events= belongs to the listenKey= before or after it."""
    subscriptions = Subscriptions(event_filter=event_filter)
    key, early = "", None
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "events" and event_filter:
            events = {event for event in value.split("/") if event} or None
            if key:
                subscriptions.by_key[key] = events
            else:
                early = events
        elif name == "listenKey":
            key = value
            subscriptions.by_key[key], early = early, None
    return subscriptions


class Connection:
    """One private stream with a queue of its own, so that a slow reader holds nobody up.

    `root` is the path that it is below; `cut` breaks it when its reader falls too far behind.
    """

    def __init__(self, root: str, subscriptions: Subscriptions, cut: Callable[[], None], *, combined: bool) -> None:
        self.root, self.subscriptions, self.combined = root, subscriptions, combined
        self.cut = cut
        self.farewell = b""
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)

    def push(self, data: bytes | None) -> None:
        """Queue `data`; None ends the connection once everything before it is sent."""
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self.cut()

    async def pump(self, socket: web.WebSocketResponse) -> None:
        """Send what is queued until the connection ends."""
        while (data := await self._queue.get()) is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                await socket.send_frame(data, WSMsgType.TEXT)
        await socket.close(code=1008, message=self.farewell)

    def listed(self) -> list[str]:
        """Return what is subscribed."""
        return self.subscriptions.names()

    def subscribe(self, name: str) -> None:
        """Subscribe a listen key, or one event of it."""
        self.subscriptions.add(name)

    def unsubscribe(self, name: str) -> None:
        """Take a subscription back."""
        self.subscriptions.remove(name)


class UserStreams:
    """All private streams; those below a root of `roots` that carries nothing else are served here."""

    def __init__(self, faults: Faults, connects: CountLimit, roots: Iterable[StreamRoot]) -> None:
        self._faults, self._connects = faults, connects
        self._roots = {one.path: one for one in roots if one.private and not (one.public or one.market)}
        self.published: Counter[str] = Counter()  # by type of event
        self._struck = StruckEvents(faults)
        self._connections: set[Connection] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def count(self) -> int:
        """Return how many are connected."""
        return len(self._connections)

    def join(self, connection: Connection) -> None:
        """Let a connection that is served elsewhere hear events, too."""
        self._connections.add(connection)

    def leave(self, connection: Connection) -> None:
        """Let it hear no more."""
        self._connections.discard(connection)

    @property
    def paths(self) -> list[str]:
        """Return the addresses."""
        return [path for root in self._roots.values() for path in root.addresses]

    def publish(self, listen_key: str, event: Json, roots: Container[str] | None = None) -> None:
        """Push `event` to the connections of `listen_key` that want it, below `roots` only if they are given."""
        self.published[event["e"]] += 1
        readers = [
            one
            for one in self._connections
            if (roots is None or one.root in roots) and one.subscriptions.wants(listen_key, event["e"])
        ]
        if self._faults.muted(PRIVATE) or not readers:
            return
        for raw in self._struck.of(event["e"], orjson.dumps(event), lambda: None):
            wrapped = b'{"stream":' + orjson.dumps(listen_key) + b',"data":' + raw + b"}"
            for connection in readers:
                connection.push(wrapped if connection.combined else raw)

    def disconnect(self) -> None:
        """Break the connections that carry user data, as a network does."""
        for connection in list(self._connections):
            if connection.subscriptions.by_key or connection.root in self._roots:
                connection.cut()

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        refused = self._faults.refused(http.path)
        if refused is not None:
            return refused
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, compress=False, max_msg_size=LARGEST_FRAME)
        if not socket.can_prepare(http).ok:
            return web.Response(status=400, text="This address speaks WebSocket only.\n")
        try:
            self._connects.charge(http.remote or "127.0.0.1")
        except Refusal as refusal:
            return http_refusal(refusal)
        root = self._roots[root_path(http.path)]
        subscriptions = read_query(http.raw_path.partition("?")[2], event_filter=root.event_filter)
        for name in http.match_info.get("name", "").split("/"):
            if name and root.keys_in_paths:
                subscriptions.add(name)
        connection = Connection(root.path, subscriptions, lambda: abort(http), combined=is_combined(http.path))
        await socket.prepare(http)
        self._connections.add(connection)
        self._sockets.add(socket)
        pump = asyncio.get_running_loop().create_task(connection.pump(socket))
        pace = Pace()
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                if pace.too_fast():
                    connection.farewell = b"Too many requests"
                    connection.push(None)
                    continue
                reply = obey(connection, message.data)
                connection.push(reply.data)
                if reply.close:
                    connection.farewell = reply.close.encode()
                    connection.push(None)
        finally:
            self._connections.discard(connection)
            self._sockets.discard(socket)
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
        return socket

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """End every connection, waiting so long for those that do not answer."""
        await close_sockets(self._sockets, seconds)
