"""A venue that serves a recording in place of an exchange: its addresses, envelopes, roots and faults are the venue's.

What was not recorded is answered with an error that says so, and counted at `GET /venue/cassette`. A recording that is
older than its time to live is not served at all: whoever asks learns that nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
import orjson
from aiohttp import web

from wireproof.venue.base.faults import NOT_JSON
from wireproof.venue.cassettes.cassette_answers import CassetteAnswers, listen_key
from wireproof.venue.cassettes.recording import Asked
from wireproof.venue.cassettes.retelling import Loop
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving.control import Control
from wireproof.venue.serving.rest_server import RestApi
from wireproof.venue.serving.server import Venue
from wireproof.venue.serving.ws_api import WebSocketApi
from wireproof.venue.streams.hub import BEAT_MS, Hub
from wireproof.venue.streams.named_streams import NamedStream
from wireproof.venue.streams.stream_server import StreamServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from aiohttp import WSMessage

    from wireproof.venue.api.call import Operation
    from wireproof.venue.base.faults import Fault
    from wireproof.venue.cassettes.recording import Recording
    from wireproof.venue.serving.ws_api import ApiRequest, Session
    from wireproof.venue.streams.named_streams import StreamRoot, StreamSource
    from wireproof.venue.streams.stream_server import Visit

Json = dict[str, Any]

#: How old a recording may be, in hours: a night, and the day that speaks of it.
HOURS = 36.0

#: The exchange's code and HTTP status for trouble of the service: nothing can be said of what was not recorded.
CODE, STATUS = -1016, 503


def _error(words: str) -> bytes:
    return orjson.dumps({"code": CODE, "msg": words})


def _not_recorded(name: str) -> str:
    return f"Not recorded: {name}. This venue replays a recording; GET /venue/cassette counts what it does not have."


class CassetteRest(RestApi):
    """REST, answered from a recording."""

    answers: CassetteAnswers

    async def answer(self, http: web.Request, name: str, body: str, fault: Fault | None = None) -> web.Response:
        """Return what was recorded of a request."""
        given = dict(parse_qsl(body, keep_blank_values=True)) | dict(
            parse_qsl(http.query_string, keep_blank_values=True)
        )
        found = self.answers.of("", Asked(name, given))
        if found is None:
            return web.Response(status=STATUS, body=_error(_not_recorded(name)), content_type="application/json")
        kept = {name: value for name, value in found.headers.items() if name.startswith(("x-", "retry-"))}
        shown = found.text.encode()
        if fault is not None and fault.kind == "drift":
            shown = orjson.dumps(fault.drift(orjson.loads(shown)))
        elif fault is not None and fault.kind == "not-json":
            shown = NOT_JSON
        kind = found.headers.get("content-type", "application/json").partition(";")[0]
        return web.Response(status=found.status, body=shown, content_type=kind, headers=kept)


class CassetteWsApi(WebSocketApi):
    """The WebSocket APIs, answered from a recording, with the id of each request."""

    cassette: CassetteAnswers

    def answer(
        self, session: Session, request: ApiRequest, own: dict[str, Operation] | None = None, fault: Fault | None = None
    ) -> Json:
        """Return what was recorded of a request."""
        del own
        found = self.cassette.of(session.product.name, Asked(request.method, request.texts))
        if found is None:
            error = {"code": CODE, "msg": _not_recorded(request.method)}
            return {"id": orjson.Fragment(request.id), "status": STATUS, "error": error}
        document: Json = {}
        for name, raw in msgspec.json.decode(found.text, type=dict[str, msgspec.Raw]).items():
            document[name] = orjson.loads(bytes(raw)) if fault is not None else orjson.Fragment(bytes(raw))
        return document | ({"id": orjson.Fragment(request.id)} if "id" in document else {})


class CassetteStream:
    """The recorded market streams of a product."""

    def __init__(self, product: str, answers: CassetteAnswers) -> None:
        self._product, self._answers = product, answers

    def stream(self, name: str) -> NamedStream | None:
        """Return the recorded messages of a stream, again and again."""
        seen = self._answers.recording.streams.get((self._product, name))
        if seen is None:
            return None
        began, ended = seen.sent_at or seen.at, seen.at
        loop = Loop(seen.messages, began, ended, shift=self._answers.shift)

        def produce(now: int) -> Iterable[Any]:
            return map(orjson.Fragment, loop.due(now))

        return NamedStream(BEAT_MS, "/public/" in seen.request, produce)


class CassetteStreams(StreamServer):
    """Connections to market streams; a name that was not recorded is refused instead of staying silent."""

    answers: CassetteAnswers

    async def _take(self, visit: Visit, socket: web.WebSocketResponse, message: WSMessage) -> str:
        if message.type is web.WSMsgType.TEXT and (refusal := self._unrecorded(visit, message.data)):
            visit.send(refusal)
            return ""
        return await super()._take(visit, socket, message)

    def _unrecorded(self, visit: Visit, text: str) -> bytes:
        """Return the refusal of a SUBSCRIBE of which a name was not recorded; nothing for any other command."""
        try:
            document = orjson.loads(text)
            if document["method"] != "SUBSCRIBE":
                return b""
            names = [name for name in document["params"] if isinstance(name, str)]
        except (orjson.JSONDecodeError, TypeError, KeyError):
            return b""
        keys = {listen_key(product.name) for product in PRODUCTS}
        unknown = [
            name
            for name in names
            if name.partition("@")[0] not in keys and all(one.stream(name) is None for one in visit.reader.sources)
        ]
        if not unknown:
            return b""
        self.answers.missing.update(f"stream {name}" for name in unknown)
        error = {"code": 2, "msg": _not_recorded(", ".join(unknown))}
        return orjson.dumps({"error": error, "id": document.get("id")})


class CassetteControl(Control):
    """The control routes, with one about the recording."""

    answers: CassetteAnswers

    @property
    def _handlers(self) -> dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]:
        return {**super()._handlers, "GET /venue/cassette": self.get_cassette}

    def state(self) -> Json:
        """Return the state of the venue and of the recording."""
        return {**super().state(), "cassette": self.answers.view()}

    async def get_cassette(self, _http: web.Request) -> web.Response:
        """GET /venue/cassette."""
        return web.Response(body=orjson.dumps(self.answers.view()), content_type="application/json")


class CassetteVenue(Venue):
    """A venue that serves a recording; takes what `Venue` takes, of which market and engine mean nothing here.

    Args:
        recording: What is served.
        hours: How old it may be.
        shift: Whether its times are shifted to now.
        options: Those of `Venue`.
    """

    def __init__(self, recording: Recording, *, hours: float = HOURS, shift: bool = True, **options: Any) -> None:
        self._recording, self._hours, self._shift = recording, hours, shift
        super().__init__(**{**options, "market_moves": False})

    def _build(self) -> None:
        super()._build()
        self.answers = CassetteAnswers(self._recording, self.clock.now_ms, hours=self._hours, shift=self._shift)
        hub = Hub(self.clock.now_ms, None, self.faults)
        self.rest = rest = CassetteRest(self.services, self.faults, latency_ms=self._latency_ms)
        self.ws_api = ws_api = CassetteWsApi(self.services, self.faults, PRODUCTS, latency_ms=self._latency_ms)
        sources: dict[StreamRoot, list[StreamSource]] = {}
        for product in PRODUCTS:
            for root in self._roots[product.name]:
                sources.setdefault(root, []).append(CassetteStream(product.name, self.answers))
        connects = self.services.five_minutes.connections
        self.market_streams = streams = CassetteStreams(hub, self.faults, self.streams, connects, sources)
        self.control = control = CassetteControl(self.services, self.faults, self.streams, self.ws_api, hub)
        rest.answers = ws_api.cassette = streams.answers = control.answers = self.answers
        self._events = {
            product: Loop(
                [text for one in seen for text in one.messages],
                seen[0].at,
                seen[-1].at,
                shift=self._shift,
            )
            for product, seen in self._recording.events.items()
        }

    def _serving(self, server: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return what hands requests on, unless the recording is too old."""
        handle = super()._serving(server)

        async def while_fresh(http: web.Request) -> web.StreamResponse:
            if server != "control" and (why := self.answers.why_expired):
                return web.Response(status=STATUS, body=_error(why), content_type="application/json")
            return await handle(http)

        return while_fresh

    @property
    def ready_line(self) -> str:
        """Return the line that the command prints once it serves, and that the recording is too old where it is."""
        said = self.answers.why_expired
        return f"{said}\n{super().ready_line}" if said else super().ready_line

    def tick(self) -> None:
        """Let a moment pass: nothing moves by itself."""

    def beat(self) -> None:
        """Send the messages and events that are due."""
        now = self.clock.now_ms()
        if self.streams.count:
            for product in PRODUCTS:
                loop = self._events.get(product.name)
                roots = {root.path for root in self._roots[product.name]}
                for raw in loop.due(now) if loop is not None else ():
                    self.streams.publish(listen_key(product.listen_keys_of or product.name), orjson.loads(raw), roots)
        self.market_streams.beat()
