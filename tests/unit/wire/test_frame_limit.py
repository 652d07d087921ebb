"""A frame over the limit costs its connection; whoever waited on that receives its description."""

from __future__ import annotations

import json

import pytest
from websockets.asyncio.server import serve

from wireproof.wire.clock import ServerClock
from wireproof.wire.failures import ConnectionLostError
from wireproof.wire.limits import RateLimiter
from wireproof.wire.reply import Resend
from wireproof.wire.websocket.session import WsApiSession

LIMIT = 1024 * 1024


@pytest.mark.parametrize("long", ["x" * (LIMIT + 10), b"x" * (LIMIT + 10)], ids=["text", "binary"])
async def test_a_frame_over_the_limit_is_what_the_request_is_told_of(long):
    """Whatever the server answers to the close."""

    async def handle(connection):
        async for _request in connection:
            await connection.send(long)

    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms)
    async with serve(handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with WsApiSession(url, limiter=limiter, clock=clock, max_size=LIMIT) as session:
            with pytest.raises(ConnectionLostError) as raised:
                await session.request("order.place", {}, resend=Resend.NEVER)
    assert "a frame of more than 1 MiB came on it, so it was closed from this side" in str(raised.value)


async def test_a_frame_within_the_limit_is_read():
    """The connection stays."""

    async def handle(connection):
        async for request in connection:
            answer = {"id": json.loads(request)["id"], "status": 200, "result": "x" * (LIMIT // 2)}
            await connection.send(json.dumps(answer))

    clock = ServerClock()
    limiter = RateLimiter(clock.now_ms)
    async with serve(handle, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with WsApiSession(url, limiter=limiter, clock=clock, max_size=LIMIT) as session:
            reply = await session.request("order.place", {}, resend=Resend.NEVER)
            assert (reply.status, session.connections) == (200, 1)
