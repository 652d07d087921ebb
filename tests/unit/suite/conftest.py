"""A venue on loopback, a proxy that alters what it answers, and a conductor in this process."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import pytest_asyncio
from relays import altered_answers

from wireproof.contract.store import Store, load_store
from wireproof.drift.waivers import Waivers, load_waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.judging.run_state import RunState
from wireproof.suite.planning.cases import plan_cases
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.conductor import Conductor
from wireproof.suite.state.journal import Journal
from wireproof.suite.streams.watch import StreamWatch
from wireproof.suite.target import Target
from wireproof.venue.serving.server import Venue
from wireproof.wire.clock import ServerClock
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.credentials import Credentials, HmacSigner, signer_from_pem
from wireproof.wire.secrets.redact import Redactor

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def store():
    """Return the stored contracts."""
    return load_store()


@pytest.fixture(scope="session")
def planned(store):
    """Return every case by its id."""
    return {case.id: case for case in plan_cases(store, store.contracts.values())}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def venue():
    """Serve a venue whose prices stand still."""
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as running:
        yield running


def credentials_of(venue):
    """Return the venue's keys as the suite reads them from its credentials file."""
    found = []
    for account in venue.accounts:
        key = account.key
        signer = HmacSigner(key.secret) if key.type == "HMAC" else signer_from_pem(key.private_key_pem(), "the venue")
        found.append(Credentials(key.api_key, signer, account.name))
    return found


@pytest.fixture
def target_of():
    """Return what makes a target that points at the venue, or at a proxy before it."""
    return _target


def _target(venue, *, ws_api="", accounts=None, name="local", allow_trading=True):
    redactor = Redactor()
    accounts = credentials_of(venue) if accounts is None else accounts
    for credentials in accounts:
        redactor.watch(credentials)
    endpoints = Endpoints(
        ws_api or venue.ws_api_url, venue.rest_url, venue.stream_url, f"{venue.stream_url}/private", "usdm", name
    )
    return Target(name, endpoints, accounts, redactor, allow_trading=allow_trading, hide_values=False)


@pytest.fixture
def conduct_cases(store, tmp_path):
    """Return what runs cases against a target, with the stored waivers or without; a test has one journal."""

    async def run(target, *cases, waived=True, run="20261122T000000Z-abc123", second_look=0.01):
        waivers = {
            name: load_waivers(store.folder / name / "waivers.json") if waived else Waivers() for name in store.products
        }
        judge = Judge(store, waivers, target=target.name, today=TODAY)
        context = RunContext(
            cases,
            store=store,
            target=target,
            judge=judge,
            journal=Journal(tmp_path / "journal.json"),
            run=run,
            second_answer_seconds=0,
            second_look_seconds=second_look,
        )
        conductor = Conductor(context)
        conductor.start()
        for case in context.state.cases:
            await context.state.result(case.id)
        await conductor.close()
        return context.state

    return run


@pytest.fixture
def conduct(planned, conduct_cases):
    """Return what runs cases of the WebSocket API by name."""

    async def run(target, *names, waived=True):
        return await conduct_cases(target, *(planned[f"usdm/ws-api/{name}"] for name in names), waived=waived)

    return run


@pytest.fixture
def altering_proxy():
    """Return a proxy: `alter(request, answer, connection)` may change each answer that passes, in place."""
    return altered_answers


@pytest.fixture
def watch(store):
    """Return what watches contracts at a root and gives the scores."""

    async def run(root, *contracts, depth=None, trigger=None, listening=None, target="local", redactor=None):
        own = Store(store.folder, {"usdm": store.products["usdm"]}, {c.id: c for c in contracts})
        cases = plan_cases(own, contracts)
        scores = RunState(cases)
        target = Target(target, Endpoints(), [], redactor or Redactor(), allow_trading=True, hide_values=False)
        judge = Judge(own, {"usdm": Waivers()}, target="local", today=date(2026, 11, 22))

        async def ask_depth(symbol):
            assert symbol == "BTCUSDT"
            await asyncio.sleep(0)
            return depth

        watching = StreamWatch(
            scores,
            cases,
            root=root,
            target=target,
            judge=judge,
            clock=ServerClock(),
            state={"market": {"symbol": "BTCUSDT"}},
            ask_depth=ask_depth,
            trigger=trigger,
            listening=listening,
        )
        await watching.run()
        scores.connections = watching.connections
        for case in cases:
            await scores.result(case.id)
        return scores

    return run
