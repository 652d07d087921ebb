"""Portfolio margin's state is prepared and undone on all three books, and its key is looked at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.state.journal import Journal
from wireproof.wire.clock import ServerClock
from wireproof.wire.limits import Cost, RateLimiter
from wireproof.wire.rest import RestClient
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
LOCAL_ONLY = [
    f"{REST}/{name}"
    for name in (
        "GET.papi.v1.um.forceOrders/after-liquidation",
        "GET.papi.v1.cm.forceOrders/after-liquidation",
        "GET.papi.v1.margin.forceOrders/after-liquidation",
        "GET.papi.v1.portfolio.interest-history/after-an-hour",
        "GET.papi.v1.portfolio.negative-balance-exchange-record/exchanged",
        "GET.papi.v1.cm.conditional.orderHistory/triggered",
        "POST.papi.v1.margin.order/borrowing",
        "POST.papi.v1.margin.order.oco/borrowing",
    )
]
PREVENTED = [f"{REST}/GET.papi.v1.margin.order/prevented", "portfolio-margin/event/executionReport/self-trade"]
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


@pytest.mark.parametrize("name", LOCAL_ONLY)
async def test_what_only_the_venue_does_to_an_account_shows_in_its_records(name, target, conduct_cases, planned, venue):
    """Every documented field comes; no loan, position, order or price is left behind."""
    before = {one: market.mid for one, market in venue.engine.markets.items()}
    run = await conduct_cases(target, planned[name])
    [result] = run.results.values()
    unseen = {one.path for one in result.unseen} - {"fills[]"}  # a new order that rests has none
    assert (result.verdict, unseen) == (Verdict.CONFORMS, set()), result.findings
    assert run.not_cleaned == []
    assert {one: market.mid for one, market in venue.engine.markets.items()} == before
    engine, owner = venue.services.engines["portfolio-margin"], target.accounts[0].name
    assert engine.state()[owner] == {"level": "NORMAL", "margin_orders": [], "owed": {}}
    assert not any(engine.portfolios[owner].futures.open_positions())


async def test_self_trade_prevention_shows_in_the_order_and_its_event(target, conduct_cases, planned):
    run = await conduct_cases(target, *(planned[name] for name in PREVENTED))
    assert {result.id: (result.verdict, result.reason) for result in run.results.values()} == dict.fromkeys(
        PREVENTED, (Verdict.CONFORMS, "")
    )
    assert [one.path for one in run.results[PREVENTED[0]].unseen] == []
    assert not {"v", "U", "pL"} & {one.path for one in run.results[PREVENTED[1]].unseen}
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


async def test_what_a_killed_run_left_in_each_book_is_undone_by_the_next(target, conduct_cases, planned, venue):
    """Orders, conditional orders and positions of both futures, orders and lists of cross margin."""
    key = target.accounts[0]
    clock = ServerClock()
    async with RestClient(venue.rest_url, limiter=RateLimiter(clock.now_ms), clock=clock) as rest:

        async def send(path, **params):
            reply = await rest.request("POST", f"/papi/v1/{path}", params, credentials=key, signed=True, cost=Cost())
            assert reply.status == 200, reply.raw

        order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        stop = {"side": "SELL", "quantity": "0.01"}
        um, cm = venue.engine.markets["BTCUSDT"].mid, venue.engine.markets["BTCUSD_PERP"].mid
        low, high = f"{um * 96 // 100:f}", f"{um * 104 // 100:f}"
        await send("um/order", symbol="BTCUSDT", quantity="0.01", price=low, newClientOrderId="wp-old-1", **order)
        await send(
            "um/algo/order",
            **stop,
            symbol="BTCUSDT",
            algoType="CONDITIONAL",
            type="STOP_MARKET",
            triggerPrice=low,
            clientAlgoId="wp-old-2",
        )
        bought = {"side": "BUY", "type": "MARKET"}
        await send("um/order", symbol="ETHUSDT", quantity="0.1", newClientOrderId="wp-old-3", **bought)
        await send("cm/order", symbol="ETHUSD_PERP", quantity="1", newClientOrderId="wp-old-4", **bought)
        await send(
            "cm/conditional/order",
            **(stop | {"quantity": "1"}),
            symbol="BTCUSD_PERP",
            strategyType="STOP_MARKET",
            stopPrice=f"{cm * 96 // 100:f}",
            newClientStrategyId="wp-old-5",
        )
        await send("margin/order", symbol="BTCUSDT", quantity="0.01", price=low, newClientOrderId="wp-old-6", **order)
        await send(
            "margin/order/oco",
            symbol="BTCUSDT",
            side="BUY",
            quantity="0.01",
            price=low,
            stopPrice=high,
            limitClientOrderId="wp-old-7",
            stopClientOrderId="wp-old-8",
        )
    run = await conduct_cases(target, planned[f"{REST}/GET.papi.v1.um.accountConfig/default"])
    assert (len(run.leftovers), run.not_cleaned) == (8, [])  # each order of the list
    engine = venue.services.engines["portfolio-margin"]
    futures = engine.portfolios[key.name].futures
    assert engine.margin.open_orders(engine.portfolios[key.name]) == []
    assert not [*futures.open_orders, *futures.algos.values(), *futures.open_positions()]


async def test_the_mode_of_the_portfolio_is_not_that_of_both_futures(target, conduct_cases, planned, venue, tmp_path):
    """One key has two accounts here: what a killed run changed is set back on the one where it was changed."""
    key, journal = target.accounts[0], Journal(tmp_path / "journal.json")
    futures = venue.services.engines["portfolio-margin"].portfolios[key.name].futures
    futures.hedge_mode = True
    journal.changed_mode(key.api_key, "portfolio-margin hedge", before=False)
    journal.changed_mode(key.api_key, "hedge", before=False)
    run = await conduct_cases(target, planned[f"{REST}/GET.papi.v1.um.accountConfig/default"])
    assert (futures.hedge_mode, run.not_cleaned) == (False, [])
    left = Journal(tmp_path / "journal.json")
    assert left.mode_before(key.api_key, "hedge") is False
    assert left.mode_before(key.api_key, "portfolio-margin hedge") is None
