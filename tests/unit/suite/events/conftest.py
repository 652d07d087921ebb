"""Event cases against a venue, with what a proxy makes of each event."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import date

import pytest
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from wireproof.drift.waivers import load_waivers
from wireproof.suite.events.event_frames import EventShapes
from wireproof.suite.judging.judge import Judge
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.conductor import Conductor
from wireproof.suite.state.journal import Journal
from wireproof.wire.endpoints import Endpoints


@pytest.fixture(scope="module")
def shapes(store):
    """Return the documented events of USDⓈ-M."""
    return EventShapes(one for one in store.contracts.values() if one.product == "usdm")


@pytest.fixture
def provoked(store, planned, target_of, venue, tmp_path, monkeypatch):
    """Return what runs event cases, with what `alter` makes of each event, and gives the conductor."""
    monkeypatch.setattr("wireproof.suite.events.exercise.BESIDE_SECONDS", 0.1)

    async def run(*ids, alter=None, seconds=5.0, accounts=None, settle=0.0, moves_back=True):
        target = target_of(venue, accounts=accounts)
        async with stream_proxy(f"{venue.stream_url}/private", alter or (lambda event, _number: [event])) as root:
            target.endpoints = Endpoints(venue.ws_api_url, venue.rest_url, venue.stream_url, root, "usdm", "local")
            cases = [planned[name] for name in ids]
            cases = [replace(case, watch=replace(case.watch, seconds=seconds)) for case in cases]
            waivers = {"usdm": load_waivers(store.folder / "usdm" / "waivers.json")}
            judge = Judge(store, waivers, target="local", today=date(2026, 11, 22))
            journal = Journal(tmp_path / "journal.json")
            context = RunContext(
                cases,
                store=store,
                target=target,
                judge=judge,
                journal=journal,
                run="20261122T000000Z-abc123",
                second_answer_seconds=settle,
            )
            conductor = Conductor(context)
            conductor.start()
            for case in cases:
                await context.state.result(case.id)
            await conductor.close()
        assert not moves_back or context.state.not_cleaned == []
        assert context.state.notes == []
        assert clean(venue)
        return context.state

    return run


def clean(venue):
    """Whether no account has an order, a conditional order, a position or a listen key."""
    return not any(
        account.open_orders
        or account.algos
        or any(account.open_positions())
        or venue.listen_keys.active(account, "usdm")
        for account in venue.accounts
    )


@asynccontextmanager
async def stream_proxy(upstream, alter):
    """Relay a private stream; `alter(event, connection)` gives the events to send instead, or None to cut it."""
    count = 0

    async def open_upstream(client, request):
        # Before the handshake is over: what the venue sends to nobody is never sent again.
        client.server_side = await connect(upstream + request.path)

    async def relay(client):
        nonlocal count
        count += 1
        number = count
        async with client.server_side as server:
            ending = asyncio.create_task(_close_with(client, server))
            try:
                async for frame in server:
                    instead = alter(json.loads(frame), number)
                    if instead is None:
                        client.transport.abort()
                        return
                    for event in instead:
                        await client.send(event if isinstance(event, str | bytes) else json.dumps(event))
            except ConnectionClosed:
                pass
            finally:
                ending.cancel()

    async with serve(relay, "127.0.0.1", 0, process_request=open_upstream) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _close_with(client, server):
    await client.wait_closed()
    await server.close()
