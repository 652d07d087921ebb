"""A product without a WebSocket API runs over REST alone: preflight, state, cases, and what is undone.

Options, portfolio margin and portfolio margin pro are such products. Here USDⓈ-M is driven as one.
"""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state import orders

CASES = [
    f"usdm/rest/{name}"
    for name in (
        "GET.fapi.v1.order/by-order-id",
        "PUT.fapi.v1.order/by-order-id",
        "DELETE.fapi.v1.order/by-client-order-id",
        "POST.fapi.v1.order/limit-gtc",
        "POST.fapi.v1.leverage/default",
        "PUT.fapi.v1.listenKey/active",
        "GET.fapi.v1.algoOrder/by-client-algo-id",
        "GET.fapi.v3.positionRisk/one-way",
    )
]


@pytest.fixture
def rest_only(monkeypatch, venue, target_of):
    """Return a target of a product that is driven over REST alone; a session of the WebSocket API has no URL."""
    monkeypatch.setitem(DRIVERS, "usdm", dataclasses.replace(DRIVERS["usdm"], ws_api=False))
    target = target_of(venue)
    target.endpoints = dataclasses.replace(target.endpoints, ws_api="")
    return target


def standing(venue):
    """Return what stands on the venue's accounts."""
    return [order for account in venue.accounts for order in (*account.open_orders, *account.algos.values())]


async def test_cases_with_state_conform_and_leave_nothing(rest_only, conduct_cases, planned, venue):
    run = await conduct_cases(rest_only, *(planned[name] for name in CASES))
    assert {result.id: (result.verdict, result.reason) for result in run.results.values()} == dict.fromkeys(
        CASES, (Verdict.CONFORMS, "")
    )
    assert run.not_cleaned == []
    assert standing(venue) == []


async def test_what_a_case_leaves_is_found_at_the_end_and_undone(rest_only, conduct_cases, planned, venue, monkeypatch):
    async def forgets(*_):
        await asyncio.sleep(0)

    monkeypatch.setattr(orders, "cancel_or_close", forgets)
    run = await conduct_cases(rest_only, planned[CASES[0]], planned[CASES[3]])
    undone = [note for note in run.notes if note.startswith("undone at the end: order wp-")]
    assert len(undone) == 2
    assert standing(venue) == []


async def test_a_case_of_the_websocket_api_accuses_the_contract_not_the_target(rest_only, conduct, planned):
    run = await conduct(rest_only, "order.place/limit-gtc")
    [result] = run.results.values()
    assert result.verdict is Verdict.BROKEN
    assert "usdm has no WebSocket API" in result.reason
