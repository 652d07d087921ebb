"""The private stream of an account."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection, serve
from wire_peers import RawServer, http

from wireproof.wire.failures import TargetBlockedError
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.websocket.user_stream import StreamEvent, UserStream

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable

KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


@contextlib.asynccontextmanager
async def pushing(push: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve a stream; give its root and the paths that were asked for."""
    paths: list[str] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        paths.append(connection.request.path)
        await push(connection)

    async with serve(handle, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/private", paths


def events(*names: str, hold: asyncio.Event | None = None) -> Callable[[ServerConnection], Awaitable[None]]:
    async def push(connection: ServerConnection) -> None:
        for name in names:
            await connection.send(json.dumps({"e": name, "E": 1}))
        await (hold.wait() if hold is not None else connection.wait_closed())

    return push


def named(name: str) -> Callable[[StreamEvent], bool]:
    return lambda event: event.name == name


async def test_the_url_names_key_and_events() -> None:
    """`/ws?listenKey=...&events=A/B` below the root; without events all are wanted. COIN-M has the key in the path."""
    async with pushing(events()) as (root, paths):
        async with UserStream(root, KEY, events=["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"]):
            pass
        async with UserStream(f"{root}/", KEY):
            pass
        async with UserStream(root, KEY, in_path=True):
            pass

    assert paths == [
        f"/private/ws?listenKey={KEY}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE",
        f"/private/ws?listenKey={KEY}",
        f"/private/ws/{KEY}",
    ]


async def test_events_are_collected_with_their_times() -> None:
    """What came before the question counts as well; `since` skips it."""
    async with pushing(events("A", "B", "A")) as (root, _), UserStream(root, KEY) as stream:
        last = await stream.wait_for(named("A"), 5, since=1)
        first = await stream.wait_for(named("A"), 5)

        assert first is stream.received[0]
        assert last is stream.received[2]
    assert [event.name for event in stream.received] == ["A", "B", "A"]
    assert first is not None
    assert json.loads(first.raw) == {"e": "A", "E": 1}
    assert first.received_at > 1e12


async def test_waiting_ends_at_the_deadline() -> None:
    """None, not an error."""
    async with pushing(events("A")) as (root, _), UserStream(root, KEY) as stream:
        assert await stream.wait_for(named("never"), 0.02) is None
        assert stream.closed == ""


async def test_waiting_ends_when_the_connection_does() -> None:
    """Nothing can come any more; code and reason are kept, without the key."""

    async def push(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"e": "listenKeyExpired", "listenKey": KEY}))
        await connection.close(4001, f"expired {KEY}")

    async with pushing(push) as (root, _), UserStream(root, KEY) as stream:
        assert await stream.wait_for(named("never"), 30) is None
        assert await stream.wait_closed(5)
        assert stream.received[0].name == "listenKeyExpired"

    assert stream.close_code == 4001
    assert "expired <redacted listen key>" in stream.closed


async def test_an_open_stream_says_so() -> None:
    """wait_closed gives up at its deadline."""
    async with pushing(events()) as (root, _), UserStream(root, KEY) as stream:
        assert not await stream.wait_closed(0.02)


async def test_frames_that_are_no_json_are_kept() -> None:
    """As bytes, without decoded data or a name."""

    async def push(connection: ServerConnection) -> None:
        await connection.send("<html>")
        await connection.send("[1]")
        await connection.wait_closed()

    async with pushing(push) as (root, _), UserStream(root, KEY) as stream:
        await stream.wait_for(lambda event: event.data == [1], 5)

    assert [(event.raw, event.data, event.name) for event in stream.received] == [
        (b"<html>", None, ""),
        (b"[1]", [1], ""),
    ]


async def test_the_listen_key_never_shows(caplog: pytest.LogCaptureFixture) -> None:
    """Not in repr, events' repr, errors or logs, even at DEBUG; and the run's redactor learns it."""
    caplog.set_level(logging.DEBUG)
    redactor = Redactor()

    async def push(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"e": "listenKeyExpired", "listenKey": KEY}))
        await connection.wait_closed()

    async with pushing(push) as (root, _), UserStream(root, KEY, redactor=redactor) as stream:
        await stream.wait_for(named("listenKeyExpired"), 5)
        shown = f"{stream!r} {stream.received!r}"
    async with RawServer(http("400 Bad Request", f"bad key {KEY}")) as server:
        with pytest.raises(TargetBlockedError) as caught:
            await UserStream(f"ws://127.0.0.1:{server.port}", KEY, redactor=redactor).__aenter__()
    ours = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]

    assert KEY not in shown + str(caught.value) + repr(caught.value) + "".join(ours)
    assert redactor.text(f"loose {KEY}") == "loose <redacted listen key>"
