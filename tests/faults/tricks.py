"""What a server or a link does to a client: hooks of the relay, one kind of trouble each."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict

from wireproof.torture.relay import Close, Drip, Drop, Hooks, HttpAnswer, Silence, WsFrame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from wireproof.torture.relay import HttpRequest, Line

MEGABYTE = 1 << 20

JSON = {"Content-Type": "application/json"}
FORBIDDEN = (403, "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>")
REGION = (451, '{"code":0,"msg":"Service unavailable from a restricted location."}')
MAINTENANCE = (503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>")
BANNED = (418, '{"code":-1003,"msg":"Way too many requests; IP banned."}')
LIMITED = (429, '{"code":-1003,"msg":"Too many requests."}')


def answer(status: int, body: str, **headers: str) -> HttpAnswer:
    """Return an HTTP answer with the content type that its body looks like."""
    kind = "text/html" if body.startswith("<") else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, CIMultiDict({"Content-Type": kind, **named}), body.encode())


class Shut(Hooks):
    """Answers everything, handshakes included, with the same answer, from the n-th request or frame on.

    It opens again after `times` answers. `seen` counts what came while it was shut.
    """

    def __init__(self, shut: HttpAnswer, *, first: int = 1, times: int | None = None) -> None:
        self.shut, self.first, self.times = shut, first, times
        self.passed = self.seen = 0

    @property
    def _is_shut(self) -> bool:
        return self.passed >= self.first - 1 and (self.times is None or self.seen < self.times)

    async def http(self, request: HttpRequest, forward: Callable[[HttpRequest], Awaitable[HttpAnswer]]) -> HttpAnswer:
        """Pass on the first requests, then answer instead."""
        if self._is_shut:
            self.seen += 1
            return self.shut
        self.passed += 1
        return await forward(request)

    async def handshake(self, request: HttpRequest) -> HttpAnswer | None:
        """Refuse a handshake like a request."""
        del request
        if not self._is_shut:
            return None
        self.seen += 1
        return self.shut

    async def to_target(self, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """End a connection that is open when the door shuts."""
        self.passed += 1
        if self._is_shut:
            line.drop()
            return ()
        return (frame,)


class OnRest(Hooks):
    """Does something to the requests of one verb and path, from the n-th on, so many times (None: for ever).

    `do` gets the target's answer, or with `instead` None: then the request never reaches the target.
    """

    def __init__(
        self,
        verb: str,
        path: str,
        do: Callable[[HttpAnswer | None], HttpAnswer | Drop | Silence | Drip],
        *,
        instead: bool = False,
        first: int = 1,
        times: int | None = 1,
    ) -> None:
        self.verb, self.path, self.do, self.instead, self.first, self.times = verb, path, do, instead, first, times
        self.met = self.struck = 0

    async def http(
        self, request: HttpRequest, forward: Callable[[HttpRequest], Awaitable[HttpAnswer]]
    ) -> HttpAnswer | Drop | Silence | Drip:
        """Strike when it is time."""
        if request.verb not in {self.verb, self.verb or request.verb} or not request.path.endswith(self.path):
            return await forward(request)
        self.met += 1
        if self.met < self.first or (self.times is not None and self.struck >= self.times):
            return await forward(request)
        self.struck += 1
        return self.do(None if self.instead else await forward(request))


class OnWsApi(Hooks):
    """Does something to the answers of one method of the WebSocket API, or to its requests before they arrive.

    `do(line, answer)` returns what is sent in place of the decoded answer; with `before` it gets the request and
    returns whether that is passed on.
    """

    def __init__(
        self,
        method: str,
        do: Callable[[Line, dict[str, Any]], Any],
        *,
        before: bool = False,
        first: int = 1,
        times: int | None = 1,
    ) -> None:
        self.method, self.do, self.before, self.first, self.times = method, do, before, first, times
        self.met = self.struck = 0
        self._asked: dict[Any, str] = {}

    def _strikes(self) -> bool:
        self.met += 1
        if self.met < self.first or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True

    async def to_target(self, line: Line, frame: WsFrame) -> Iterable[WsFrame]:
        """Remember who asked for what; strike before it arrives, if so told."""
        if "/ws-" not in line.request.path:
            return (frame,)
        request = json.loads(frame.data)
        self._asked[request.get("id")] = request["method"]
        if self.before and self._fits(request["method"]) and self._strikes():
            return (frame,) if self.do(line, request) else ()
        return (frame,)

    async def to_client(self, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Strike the answers of the method."""
        if self.before or "/ws-" not in line.request.path:
            return (frame,)
        said = json.loads(frame.data)
        if not (self._fits(self._asked.get(said.get("id"), "")) and self._strikes()):
            return (frame,)
        return self.do(line, said)

    def _fits(self, method: str) -> bool:
        return self.method in {"*", method}


class OnStream(Hooks):
    """Does something to the frames of streams whose path holds a word (`/private`, `/stream`), from the n-th on."""

    def __init__(
        self,
        where: str,
        do: Callable[[Line, WsFrame], Iterable[WsFrame | Drip | Close | Drop]],
        *,
        only: str = "",
        first: int = 1,
        times: int | None = 1,
    ) -> None:
        self.where, self.do, self.only, self.first, self.times = where, do, only, first, times
        self.met = self.struck = 0

    async def to_client(self, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Strike when it is time."""
        if self.where not in line.request.path or self.only.encode() not in frame.raw:
            return (frame,)
        self.met += 1
        if self.met < self.first or (self.times is not None and self.struck >= self.times):
            return (frame,)
        self.struck += 1
        return self.do(line, frame)


class EndsLater(Hooks):
    """Closes every WebSocket API connection after so many frames of the client, so many times; may announce it."""

    def __init__(self, *, after: int, times: int, where: str = "/ws-", announce: bool = False) -> None:
        self.after, self.times, self.where, self.announce = after, times, where, announce
        self.frames = self.struck = 0
        self._closing: set[asyncio.Task[None]] = set()

    async def to_client(self, line: Line, frame: WsFrame) -> Iterable[WsFrame | Drip | Close | Drop]:
        """Count what passes, and close when it is time."""
        if self.where not in line.request.path:
            return (frame,)
        self.frames += 1
        if self.frames < self.after or self.struck >= self.times:
            return (frame,)
        self.frames, self.struck = 0, self.struck + 1
        if not self.announce:
            return (frame, Close(1008, "disconnected"))
        task = asyncio.create_task(self._close_soon(line))
        self._closing.add(task)
        return (frame, WsFrame(json.dumps({"event": {"e": "serverShutdown", "E": 1_790_000_000_000}})))

    async def _close_soon(self, line: Line) -> None:
        await asyncio.sleep(1.0)
        await line.send(Close(1001, "going away"))
