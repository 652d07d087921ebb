"""A server that repeats the secrets it was sent: a relay before a venue, wherever a server can write anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from aiohttp import ClientSession, DummyCookieJar, WSCloseCode, WSMsgType, web
from leaks import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: Requests whose answers may be spoilt: nothing else of a run depends on them.
SPOILT = re.compile(r"ticker.price|/depth|\bdepth|[Bb]alance|apiTradingStatus|commissionRate|order.status|v1/order\?")
#: As a client names it; what a frame over a connection that is lost says of one never reaches anybody.
_LISTEN_KEY = re.compile(r'(?:"?listenKey"?\s*[:=]\s*"?|/ws/)([A-Za-z0-9]{20,})')


class EchoingRelay:
    """Passes everything on to `venue` and back, with a secret in it; use it with `async with`.

    `keys` are the API keys that are secrets; others are made up by cases that are to be rejected. `secrets` are those
    that came by, by kind; `said` are the kinds, codes and places that were used.
    """

    def __init__(self, venue: str, *, keys: Collection[str], seed: int = 1) -> None:
        self.venue, self.port, self.keys = venue, 0, keys
        self.secrets: dict[str, list[str]] = {"api key": [], "signature": [], "listen key": []}
        self.said: set[tuple[str, str, str]] = set()
        self._rng = random.Random(seed)  # noqa: S311  # a test's choice
        self._turns: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        self._client = ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False)
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._client.close()

    def _learn(self, text: str, headers: Any = None) -> None:
        """Note the secrets of a request or an answer."""
        found = {"listen key": _LISTEN_KEY.findall(text)}
        if headers is not None:
            found["api key"] = [headers["X-MBX-APIKEY"]] if "X-MBX-APIKEY" in headers else []
            found["signature"] = parse_qs(text.partition("?")[2] or text).get("signature", [])
        elif text.startswith("{") and isinstance(params := _decoded(text, {}).get("params"), dict):
            found["api key"] = [params[name] for name in ("apiKey",) if isinstance(params.get(name), str)]
            found["signature"] = [params[name] for name in ("signature",) if isinstance(params.get(name), str)]
        found["api key"] = [key for key in found.get("api key", ()) if key in self.keys]
        for kind, values in found.items():
            self.secrets[kind] += [value for value in values if len(value) > 19 and value not in self.secrets[kind]]

    def _secret(self, places: dict[str, Callable[..., Any]]) -> tuple[str, str, Callable[..., Any]] | None:
        """Choose one of the latest secrets, a code and a place; None before anything came."""
        kinds = [kind for kind, values in self.secrets.items() if values]
        if not kinds:
            return None
        turn = self._turns[str(places)] = self._turns.get(str(places), -1) + 1
        place = [*places][turn % len(places)]
        kind = self._rng.choice(kinds)
        code = self._rng.choice([code for code in CODES if kind != "signature" or code != "backwards"])
        secret = self.secrets[kind][-1] if kind == "signature" else self._rng.choice(self.secrets[kind])
        self.said.add((kind, code, place))
        return CODES[code](secret), code, places[place]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._relay_frames(request, path)
        body = await request.read()
        self._learn(path if "signature" in path else body.decode(), request.headers)
        self._learn(path + body.decode())
        headers = {name: value for name, value in request.headers.items() if name not in {"Host", "Accept-Encoding"}}
        async with self._client.request(
            request.method, f"http://{self.venue}{path}", headers=headers, data=body, allow_redirects=False
        ) as answer:
            raw = await answer.read()
        self._learn(raw.decode())
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in {"content-length", "transfer-encoding"}}
        response = web.Response(status=answer.status, body=raw, headers=kept)
        chosen = self._secret(ADDED | (SPOILING if SPOILT.search(path) else {}))
        if chosen is not None:
            chosen[2](response, chosen[0])
            if chosen[1] == "json":
                response.body = response.body.replace(b"\\\\u", b"\\u")
        return response

    async def _relay_frames(self, request: web.Request, path: str) -> web.WebSocketResponse:
        near = web.WebSocketResponse(autoping=False, max_msg_size=0)
        await near.prepare(request)
        self._learn(path)
        is_api = "/ws-" in path
        async with self._client.ws_connect(f"http://{self.venue}{path}", autoping=False, max_msg_size=0) as far:
            asked: dict[str, str] = {}

            async def outwards() -> None:
                async for message in near:
                    if message.type is WSMsgType.TEXT:
                        self._learn(message.data)
                        document = _decoded(message.data, {})
                        asked[str(document.get("id"))] = str(document.get("method"))
                        await far.send_str(message.data)
                    else:
                        await (far.ping if message.type is WSMsgType.PING else far.pong)(message.data)
                await far.close()

            async def inwards() -> None:
                count = 0
                async for message in far:
                    if message.type is not WSMsgType.TEXT:
                        await (near.ping if message.type is WSMsgType.PING else near.pong)(message.data)
                        continue
                    method = asked.get(str(_decoded(message.data, {}).get("id")), "")
                    count += 1
                    await self._say(near, message.data, method, is_api=is_api, count=count)
                    if near.closed:
                        return
                await near.close(code=far.close_code or 1000)

            passing = [asyncio.create_task(outwards()), asyncio.create_task(inwards())]
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
        return near

    async def _say(self, near: web.WebSocketResponse, text: str, method: str, *, is_api: bool, count: int) -> None:
        """Pass a frame on with a secret in it, and now and then one of the relay's own beside it."""
        places = FRAME_ADDED | (FRAME_SPOILING if is_api and SPOILT.search(method) else {})
        chosen = self._secret(places)
        if chosen is not None:
            text = json.dumps(chosen[2](_decoded(text, text), chosen[0]))
            text = text.replace("\\\\u", "\\u") if chosen[1] == "json" else text
        await near.send_str(text)
        if count % 7 == 3 and (chosen := self._secret(OWN_FRAMES)) is not None:
            await near.send_str(chosen[2](chosen[0]))
        if count % 25 == 24 and (chosen := self._secret({"close reason": str})) is not None:
            with contextlib.suppress(ConnectionError):
                await near.close(code=WSCloseCode.POLICY_VIOLATION, message=chosen[0].encode()[:120])


def _decoded(text: str, otherwise: Any) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return otherwise
    return document if isinstance(document, dict) else otherwise if otherwise == {} else document


def _changed(response: web.Response, change: Callable[[Any], Any]) -> None:
    with contextlib.suppress(ValueError):
        response.body = json.dumps(change(json.loads(response.body))).encode()


def _first(document: Any) -> Any:
    """Return the object that a field is put into: the document, its first element, what it holds."""
    while isinstance(document, list) and document:
        document = document[0]
    return document


def _with_field(document: Any, name: str, value: Any) -> Any:
    holder = _first(document)
    if isinstance(holder, dict):
        inner = holder.get("result") or holder.get("data") or holder
        inner = _first(inner)
        (inner if isinstance(inner, dict) else holder)[name] = value
    return document


def _with_value(document: Any, secret: str) -> Any:
    """Put the secret in the place of the first text of a document."""
    holder = _first(document)
    holder = holder.get("result", holder) if isinstance(holder, dict) else holder
    holder = _first(holder)
    if isinstance(holder, dict):
        name = next((name for name, value in holder.items() if isinstance(value, str)), "asset")
        holder[name] = secret
    return document


def _page(response: web.Response, secret: str, status: int = 200) -> None:
    response.set_status(status)
    response.content_type = "text/html"
    response.body = f"<html><title>{secret}</title><body><h1>denied</h1>{secret}<a href='/?k={secret}'>".encode()


def _error(response: web.Response, secret: str) -> None:
    response.set_status(400)
    response.body = json.dumps({"code": -2014, "msg": f"API-key {secret} format invalid."}).encode()


def _header(response: web.Response, name: str, secret: str) -> None:
    response.headers[name] = " ".join(secret.split())


def _reason(response: web.Response, secret: str) -> None:
    response.set_status(response.status, " ".join(secret.split()))


#: What a server may add to any answer, and what it may do to those that nothing depends on.
ADDED: dict[str, Callable[[web.Response, str], Any]] = {
    "value": lambda response, s: _changed(response, lambda document: _with_field(document, "echo", s)),
    "name": lambda response, s: _changed(response, lambda document: _with_field(document, s, 1)),
    "nested": lambda response, s: _changed(response, lambda d: _with_field(d, "log", json.dumps({"seen": [s]}))),
    "names below": lambda response, s: _changed(response, lambda d: _with_field(d, "map", {s: {s: [s, 1]}})),
    "cookie": lambda response, s: _header(response, "Set-Cookie", f"session={s}; Path=/"),
    "header": lambda response, s: _header(response, "X-Debug", f"key {s}"),
    "reason": _reason,
}
SPOILING: dict[str, Callable[[web.Response, str], Any]] = {
    "replaced": lambda response, s: _changed(response, lambda document: _with_value(document, s)),
    "msg": _error,
    "page": _page,
    "page of a gateway": lambda response, s: _page(response, s, 502),
    "no JSON": lambda response, s: setattr(response, "body", f"key {s} is unknown".encode()),
    "text": lambda response, s: setattr(response, "body", json.dumps(s).encode()),
    "list": lambda response, s: setattr(response, "body", json.dumps([s, {s: s}]).encode()),
    "cut": lambda response, s: setattr(response, "body", response.body[:-5] + json.dumps(s).encode()[:-9]),
}
FRAME_ADDED: dict[str, Callable[[Any, str], Any]] = {
    "frame value": lambda document, s: _with_field(document, "echo", s),
    "frame name": lambda document, s: _with_field(document, s, 1),
    "frame nested": lambda document, s: _with_field(document, "log", json.dumps({"seen": s})),
}
FRAME_SPOILING: dict[str, Callable[[Any, str], Any]] = {
    "frame replaced": _with_value,
    "frame msg": lambda document, s: {
        **{name: document[name] for name in ("id",) if name in document},
        "status": 400,
        "error": {"code": -1022, "msg": f"Signature {s} for this request is not valid."},
    },
    "frame status": lambda document, s: {**document, "status": s},
}
OWN_FRAMES: dict[str, Callable[[str], str]] = {
    "foreign id": lambda s: json.dumps({"id": s, "status": 200, "result": {}}),
    "no id": lambda s: json.dumps({"status": 500, "error": {"code": -1000, "msg": s}}),
    "event": lambda s: json.dumps({"e": s, "E": 1, "data": s}),
    "stream name": lambda s: json.dumps({"stream": s, "data": {"e": "aggTrade", "s": s}}),
    "no JSON frame": lambda s: f"unknown listen key {s}",
}
