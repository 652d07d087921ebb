"""Portfolio margin's state is prepared and undone on all three books, and its key is looked at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wireproof.drift.finding import Verdict
from wireproof.wire.venue_control import VenueControl

pytestmark = pytest.mark.asyncio(loop_scope="session")

REST = "portfolio-margin/rest"
CASES = [
    f"{REST}/{name}"
    for name in (
        "DELETE.papi.v1.um.order/by-order-id",
        "GET.papi.v1.um.algo.algoOrder/by-algo-id",
        "POST.papi.v1.um.leverage/default",
        "GET.papi.v1.cm.positionRisk/one-way-mode",
        "GET.papi.v1.cm.conditional.orderHistory/by-strategy-id",
        "GET.papi.v1.margin.orderList/by-list-id",
        "POST.papi.v1.margin.order/limit-gtc",
        "GET.papi.v1.margin.marginLoan/loan",
        "POST.papi.v1.repay-futures-switch/other",
    )
]
EVENTS = (
    *("ORDER_TRADE_UPDATE/new-coin-margined", "ACCOUNT_UPDATE/order", "ALGO_UPDATE/cancelled"),
    *("CONDITIONAL_ORDER_TRADE_UPDATE/new", "executionReport/cancelled", "outboundAccountPosition/order"),
    *("liabilityChange/loan", "balanceUpdate/transfer", "riskLevelChange/scripted", "openOrderLoss/scripted"),
    "listenKeyExpired/stopped",
)
PUBLIC = f"{REST}/GET.papi.v1.ping/default"


@pytest.fixture
def target(venue, target_of):
    """Return the venue as a target of portfolio margin."""
    target = target_of(venue)
    user_stream = f"{venue.stream_url}/pm"
    target.endpoints = replace(target.endpoints, ws_api="", user_stream=user_stream, product="portfolio-margin")
    return target


async def test_cases_of_each_book_conform_and_leave_nothing(target, conduct_cases, planned):
    run = await conduct_cases(target, *(planned[name] for name in CASES))
    assert {result.id: (result.verdict, result.reason) for result in run.results.values()} == dict.fromkeys(
        CASES, (Verdict.CONFORMS, "")
    )
    assert run.not_cleaned == []


async def test_events_of_each_book_are_provoked_and_known_again(target, conduct_cases, planned):
    names = [f"portfolio-margin/event/{name}" for name in EVENTS]
    run = await conduct_cases(target, *(planned[name] for name in names))
    assert {result.id: (result.verdict, result.reason) for result in run.results.values()} == dict.fromkeys(
        names, (Verdict.CONFORMS, "")
    )
    assert run.not_cleaned == []


async def test_an_account_of_another_kind_is_said_once(target, conduct_cases, planned, venue):
    """Whatever needs no key is sent all the same."""
    control, name = VenueControl(venue.rest_url), target.accounts[0].name
    await control.of_product("portfolio-margin", {"account": name, "enabled": False})
    try:
        run = await conduct_cases(target, *(planned[one] for one in (*CASES, PUBLIC)))
    finally:
        await control.of_product("portfolio-margin", {"account": name, "enabled": True})
    assert run.results.pop(PUBLIC).verdict is Verdict.CONFORMS
    assert {result.verdict for result in run.results.values()} == {Verdict.BLOCKED}
    [blockage] = run.blockages.values()
    assert blockage.reason == "GET /papi/v1/account was answered -2015: this account is not a portfolio margin account."
    assert blockage.cases == len(CASES)
