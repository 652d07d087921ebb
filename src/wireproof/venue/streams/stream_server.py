"""Market streams: connections to the roots that carry any, each with /ws and /stream.

`/ws/<a>/<b>` sends bare payloads, `/stream?streams=a/b` wraps them; SUBSCRIBE works on both. Which root carries what is
up to the products (docs/exchange.md#roots-of-streams); one that stands for a host of its own carries user data, too.
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from aiohttp import WSMsgType, web

from wireproof.venue.base.message_rate import Pace
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.sockets import CLOSING_SECONDS, abort, close_sockets, http_refusal
from wireproof.venue.streams.hub import PING, Hub, Reader, framed
from wireproof.venue.streams.named_streams import is_combined, root_path
from wireproof.venue.streams.private_streams import Connection, Subscriptions
from wireproof.venue.streams.stream_commands import obey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import WSMessage

    from wireproof.venue.base.faults import Faults
    from wireproof.venue.base.rate_limits import CountLimit
    from wireproof.venue.streams.named_streams import StreamRoot, StreamSource
    from wireproof.venue.streams.private_streams import UserStreams

LARGEST_FRAME = 64 * 1024
PING_MS, PONG_MS, LIFE_MS = 180_000, 600_000, 86_400_000


class Visit:
    """One connection: its market streams, and its user-data streams where the root carries those."""

    def __init__(self, hub: Hub, reader: Reader, users: UserStreams | None, cut: Callable[[], None]) -> None:
        self.hub, self.reader, self.users = hub, reader, users
        self.private = _Private(reader, cut)
        now = hub.now()
        self.opened = self.heard = self.pinged = now
        self._pace = Pace(lambda: hub.now() / 1000)
        if users is not None:
            users.join(self.private)

    @property
    def combined(self) -> bool:
        """Whether payloads come in envelopes."""
        return self.reader.combined

    @combined.setter
    def combined(self, value: bool) -> None:
        self.reader.combined = self.private.combined = value

    def listed(self) -> list[str]:
        """Return what is subscribed."""
        return list(self.reader.names)

    def subscribe(self, name: str) -> None:
        """Subscribe a market stream, or a listen key."""
        self.hub.subscribe(self.reader, name)
        if self.users is not None and _is_listen_key(name):
            self.private.subscriptions.add(name)

    def unsubscribe(self, name: str) -> None:
        """Take a subscription back."""
        self.hub.unsubscribe(self.reader, name)
        self.private.subscriptions.remove(name)

    def too_fast(self) -> bool:
        """Count a message; return whether it is one too many."""
        return self._pace.too_fast()

    def send(self, data: bytes) -> None:
        """Send an answer at once, after everything that is queued."""
        self.reader.take(framed(data))
        self.reader.flush()

    def keep_alive(self, now: int) -> bool:
        """Ping when it is time; return whether the connection may live on: answered in time, not older than a day."""
        if now - self.heard >= PONG_MS or now - self.opened >= LIFE_MS:
            return False
        if now - self.pinged >= PING_MS:
            self.pinged = now
            self.reader.take(framed(str(now).encode(), PING))
            self.reader.flush()
        return True

    def end(self) -> None:
        """Take everything back."""
        self.hub.leave(self.reader)
        if self.users is not None:
            self.users.leave(self.private)


class _Private(Connection):
    """The user-data part of a connection; its events go the way of all others."""

    def __init__(self, reader: Reader, cut: Callable[[], None]) -> None:
        super().__init__(reader.root.path, Subscriptions(), cut, combined=reader.combined)
        self._reader = reader

    def push(self, data: bytes | None) -> None:
        """Send an event."""
        if data is not None:
            self._reader.take(framed(data))
            self._reader.flush()


def _is_listen_key(name: str) -> bool:
    return len(name) == 64 and name.isalnum()


def names_asked(path: str, query: str) -> list[str] | None:
    """Return the names in an address, None when the address is not a sound one.

    A comma between names or a query after `/ws` fails the handshake: docs/exchange.md#stream-addresses.
    """
    _root, _, below = path.partition("/ws")
    if "/ws" in path:
        if query and "listenKey" not in query:
            return None
        names = [one for one in below.split("/") if one]
    else:
        names = [one for text in parse_qs(query).get("streams", []) for one in text.split("/") if one]
    return None if any("," in name for name in names) else names


class StreamServer:
    """All market stream connections.

    Args:
        hub: Publishes what happens on the market.
        faults: What a test lets go wrong.
        users: Takes over connections that give a listen key.
        connects: Counts the connections of each address.
        roots: The roots of streams, each with those whose streams it carries.
    """

    def __init__(
        self,
        hub: Hub,
        faults: Faults,
        users: UserStreams,
        connects: CountLimit,
        roots: Mapping[StreamRoot, list[StreamSource]],
    ) -> None:
        self.hub, self._faults, self._users = hub, faults, users
        self._roots = {root.path: (root, sources) for root, sources in roots.items() if root.public or root.market}
        self._connects = connects
        self._visits: dict[Visit, Callable[[], None]] = {}
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def count(self) -> int:
        """Return how many are connected."""
        return len(self._visits)

    @property
    def paths(self) -> list[str]:
        """Return the addresses."""
        return [path for root, _sources in self._roots.values() for path in root.addresses]

    def beat(self) -> None:
        """Send what is due; ping, and cut off who does not answer."""
        self.hub.beat()
        now = self.hub.now()
        for visit, cut in list(self._visits.items()):
            if not visit.keep_alive(now):
                cut()

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        refused = self._faults.refused(http.path)
        if refused is not None:
            return refused
        socket = web.WebSocketResponse(compress=False, max_msg_size=LARGEST_FRAME, autoping=False)
        names = names_asked(http.path, http.query_string)
        if names is None or not socket.can_prepare(http).ok:
            return web.Response(
                status=400, text="This address speaks WebSocket only, and takes names between slashes.\n"
            )
        try:
            self._connects.charge(http.remote or "127.0.0.1")
        except Refusal as refusal:
            return http_refusal(refusal)
        await socket.prepare(http)
        visit = self._visit(http, names)
        if visit is None:
            return socket
        self._visits[visit] = lambda: abort(http)
        self._sockets.add(socket)
        try:
            async for message in socket:
                reason = await self._take(visit, socket, message)
                if reason:
                    await socket.close(code=1008, message=reason.encode())
        finally:
            visit.end()
            del self._visits[visit]
            self._sockets.discard(socket)
        return socket

    def _visit(self, http: web.Request, names: list[str]) -> Visit | None:
        transport = http.transport
        if transport is None:
            return None
        root, sources = self._roots[root_path(http.path)]
        reader = Reader(transport, root, sources, combined=is_combined(http.path))
        visit = Visit(self.hub, reader, self._users if root.private else None, lambda: abort(http))
        for name in names:
            visit.subscribe(name)
        return visit

    async def _take(self, visit: Visit, socket: web.WebSocketResponse, message: WSMessage) -> str:
        """Take a message in; return why the connection ends, if it does."""
        if message.type is WSMsgType.PONG:
            visit.heard = self.hub.now()
            return ""
        if visit.too_fast():
            return "Too many requests"
        if message.type is WSMsgType.PING:
            with contextlib.suppress(ConnectionError):
                await socket.pong(message.data)
            return ""
        if message.type is not WSMsgType.TEXT:
            return "Invalid request"
        reply = obey(visit, message.data)
        visit.send(reply.data)
        return reply.close

    def excuse(self) -> None:
        """Neither ping nor expect a pong for time that was skipped; a connection older than a day ends all the same."""
        for visit in self._visits:
            visit.heard = visit.pinged = self.hub.now()

    def disconnect(self) -> None:
        """Break the connections that read market streams, as a network does."""
        for visit, cut in list(self._visits.items()):
            if visit.reader.names:
                cut()

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """End every connection, waiting so long for those that do not answer."""
        await close_sockets(self._sockets, seconds)
