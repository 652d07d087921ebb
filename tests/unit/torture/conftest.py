"""Targets for the tests of the relay: a small server that answers, echoes and refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from aiohttp import WSMsgType, web
from loopback import no_proxy_of_this_machine  # noqa: F401  # a fixture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# The suite runs with importlib import mode: folders of tests are not on the path by themselves.
sys.path.insert(0, str(Path(__file__).parent))


async def _say(request: web.Request) -> web.Response:
    answer = web.json_response(
        {
            "verb": request.method,
            "target": request.raw_path,
            "key": request.headers.get("X-MBX-APIKEY"),
            "body": (await request.read()).decode(),
        },
        status=int(request.query.get("status", "200")),
        headers={"X-MBX-USED-WEIGHT-1M": "7"},
    )
    if "packed" in request.query:
        answer.enable_compression(web.ContentCoding.gzip)
    return answer


async def _echo(request: web.Request) -> web.StreamResponse:
    if "refused" in request.query:
        return web.Response(status=451, text="not from there", headers={"Retry-After": "9"})
    socket = web.WebSocketResponse(autoping=True)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data == "bye":
            await socket.close(code=4001, message=b"as you say")
        elif message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


@pytest_asyncio.fixture
async def target() -> AsyncIterator[str]:
    """Serve at a root that says what it was asked, and echoes frames at /echo."""
    app = web.Application()
    app.router.add_get("/echo", _echo)
    app.router.add_route("*", "/{path:.*}", _say)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
