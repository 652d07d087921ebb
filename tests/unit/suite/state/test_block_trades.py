"""State of options that takes two accounts: what is offered is withdrawn, what was traded is closed on both sides."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.state import orders
from wireproof.venue.products.options.options_engine import OptionsEngine


@pytest.fixture
def run(venue, planned, target_of, conduct_cases):
    """Return what runs cases of options against the venue, with so many of its keys."""

    async def run(*names, keys=3):
        target = target_of(venue)
        target.endpoints = replace(target.endpoints, ws_api="", product="options")
        target.accounts = target.accounts[:keys]
        return await conduct_cases(target, *(planned[f"options/rest/{name}"] for name in names))

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
        "POST.eapi.v1.block.order.create/default",
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
