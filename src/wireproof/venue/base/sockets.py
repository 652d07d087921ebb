"""What all servers of the venue do with connections: end them, break them, and refuse over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from wireproof.venue.base.refusals import Refusal

PING_SECONDS = 180  # between pings of the server


async def close_sockets(sockets: set[web.WebSocketResponse]) -> None:
    """Close `sockets`, and wait at most two seconds for those that do not answer."""
    if sockets:
        closing = [socket.close(code=1001, message=b"the venue stops") for socket in list(sockets)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), timeout=2)


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
