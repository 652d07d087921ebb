"""State of options that takes two accounts: what is offered is withdrawn, what was traded is closed on both sides."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import pytest_asyncio

from wireproof.drift.finding import Verdict
from wireproof.drift.waivers import load_waivers
from wireproof.suite.judging.judge import Judge
from wireproof.suite.run_context import RunContext
from wireproof.suite.running.conductor import Conductor
from wireproof.suite.state import orders
from wireproof.suite.state.journal import Journal
from wireproof.suite.target import Target
from wireproof.venue.products.options.options_engine import OptionsEngine
from wireproof.venue.serving.server import Venue
from wireproof.wire.endpoints import Endpoints
from wireproof.wire.secrets.credentials import Credentials, HmacSigner, signer_from_pem
from wireproof.wire.secrets.redact import Redactor


@pytest_asyncio.fixture(loop_scope="session")
async def venue():
    """Serve a venue whose prices stand still."""
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as running:
        yield running


@pytest.fixture
def run(venue, store, planned, tmp_path):
    """Return what runs cases of options against the venue."""
    accounts = [
        Credentials(
            one.key.api_key,
            HmacSigner(one.key.secret) if one.key.type == "HMAC" else signer_from_pem(one.key.private_key_pem(), "v"),
            one.name,
        )
        for one in venue.accounts
    ]
    endpoints = Endpoints("", venue.rest_url, venue.stream_url, f"{venue.stream_url}/private", "options", "local")

    async def run(*names, keys=3):
        target = Target("local", endpoints, accounts[:keys], Redactor(), allow_trading=True, hide_values=False)
        waivers = {"options": load_waivers(store.folder / "options" / "waivers.json")}
        context = RunContext(
            [planned[f"options/rest/{name}"] for name in names],
            store=store,
            target=target,
            judge=Judge(store, waivers, target="local", today=date(2026, 11, 27)),
            journal=Journal(tmp_path / "journal.json"),
            run="20261127T000000Z-abc123",
            second_answer_seconds=0,
        )
        conductor = Conductor(context)
        conductor.start()
        for case in context.state.cases:
            await context.state.result(case.id)
        await conductor.close()
        return context.state

    return run


def standing(venue):
    """Return what stands on the options accounts of the venue: positions, orders and offers of block trades."""
    engine = next(one for one in venue.services.engines.values() if isinstance(one, OptionsEngine))
    accounts = list(engine.accounts.values())
    held = [position for one in accounts for position in one.positions.values() if position.amount]
    return (
        held
        + [order for one in accounts for order in one.open_orders]
        + [block for one in accounts for block in engine.blocks.offers(one) if block.status == "RECEIVED"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "DELETE.eapi.v1.block.order.create/default",
        "PUT.eapi.v1.block.order.create/default",
        "POST.eapi.v1.block.order.execute/default",
        "GET.eapi.v1.block.user-trades/default",
        "GET.eapi.v1.position/held",
        "GET.eapi.v1.order/by-client-order-id",
        "POST.eapi.v1.countdownCancelAll/start",
    ],
)
async def test_a_case_conforms_and_leaves_nothing(run, venue, name):
    ran = await run(name)
    [result] = ran.results.values()
    assert (result.verdict, result.reason) == (Verdict.CONFORMS, "")
    assert ran.not_cleaned == []
    assert standing(venue) == []


async def test_what_cases_leave_is_found_at_the_end_and_undone(run, venue, monkeypatch):
    """Orders by their client id, and what these filled by orders at the opposite price."""

    async def forgets(*_):
        await asyncio.sleep(0)

    monkeypatch.setattr(orders, "cancel_or_close", forgets)
    monkeypatch.setattr(orders, "flatten", forgets)
    ran = await run("GET.eapi.v1.order/by-order-id", "GET.eapi.v1.position/held")
    undone = sorted(note.removeprefix("undone at the end: ").split()[0] for note in ran.notes if "undone" in note)
    assert undone == ["order", "position"]
    assert ran.not_cleaned == []
    assert standing(venue) == []


async def test_one_account_alone_cannot_trade_a_block(run):
    """The case is blocked with the reason; nothing is accused."""
    ran = await run("POST.eapi.v1.block.order.execute/default", keys=1)
    [result] = ran.results.values()
    assert result.verdict is Verdict.BLOCKED
    assert "second account" in result.reason
