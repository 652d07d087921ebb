"""What all servers of the venue do with connections: end them, break them, and refuse over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.base.refusals import Refusal

PING_SECONDS = 180  # between pings of the server
CLOSING_SECONDS = 2.0  # that a connection may take to close


async def close_sockets(sockets: Iterable[web.WebSocketResponse], seconds: float = CLOSING_SECONDS) -> None:
    """Close `sockets`, and wait so many seconds at most for those that do not answer."""
    closing = [socket.close(code=1001, message=b"the venue stops") for socket in list(sockets)]
    if closing:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), timeout=seconds)


def abort(http: web.Request) -> None:
    """Break a connection as a network does, without a close frame."""
    if http.transport is not None:
        http.transport.abort()


def http_refusal(refusal: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    """Return a refusal as an HTTP answer, with Retry-After in seconds when there is a time to wait."""
    found = dict(headers or {})
    if refusal.data is not None and "retryAfter" in refusal.data:
        found["Retry-After"] = str(max(1, -(-(refusal.data["retryAfter"] - refusal.data["serverTime"]) // 1000)))
    body = orjson.dumps({"code": refusal.code, "msg": refusal.msg})
    return web.Response(status=refusal.status, body=body, content_type="application/json", headers=found)
