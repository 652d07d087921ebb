"""A market that moves between the price and the order: the case is prepared again, and never accused of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.recognition import recognise
from wireproof.suite.running.transport import RestTransport, WsApiTransport
from wireproof.suite.state.account import Account, RefusedError
from wireproof.suite.state.conditions import (
    SLOW_LINK,
    TRIES,
    TRIES_ON_A_SLOW_LINK,
    ConditionNotMetError,
    prepared_again,
)
from wireproof.venue.serving.server import Venue
from wireproof.wire.delay import MachineDelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENT = "usdm/event/ORDER_TRADE_UPDATE"


def refused(code):
    return RefusedError("order.place", recognise(400, b'{"code":%d,"msg":"No."}' % code))


@pytest.fixture
def moving(monkeypatch, venue):
    """Return what makes the market of a symbol move, so many times, just before an order of the run reaches it."""

    def let_move(factor, *, times, side="BUY", method="order.place", owner=Account, name="place", back=True):
        original, moved = getattr(owner, name), []

        async def place(self, *arguments, **named):
            symbol, applies = _symbol_of(arguments, method, side)
            if not applies or len(moved) >= times:
                return await original(self, *arguments, **named)
            market = venue.services.engine.markets[symbol]
            before = market.mark_price
            moved.append(symbol)
            venue.services.engine.set_price(symbol, before * Decimal(factor))
            try:
                return await original(self, *arguments, **named)
            finally:
                if back:
                    venue.services.engine.set_price(symbol, before)

        monkeypatch.setattr(owner, name, place)
        return moved

    return let_move


def _symbol_of(arguments, method, side):
    """Return the symbol of an order that is about to be sent, and whether it is one of those before which it moves."""
    if isinstance(arguments[0], str):  # Account.place
        return arguments[1].get("symbol"), arguments[0] == method and arguments[1].get("side") == side
    return arguments[1].get("symbol"), "side" in arguments[1] or "orderId" in arguments[1]  # a case's own request


async def conducted(conduct_cases, target_of, venue, planned, name):
    conductor = await conduct_cases(target_of(venue), planned[name])
    assert not any(account.open_orders or any(account.open_positions()) for account in venue.accounts)
    assert conductor.not_cleaned == []
    return conductor.results[name]


@pytest.mark.parametrize(
    "name",
    [
        f"{EVENT}/cancelled",  # it had to rest, and is filled at once
        f"{EVENT}/amended",
        f"{EVENT}/new",
        f"{EVENT}/expired-ioc",  # it had to find nothing
        f"{EVENT}/refused-fok",  # it had to be refused
        "usdm/ws-api/order.cancel/by-order-id",  # the order that is to be cancelled is filled before
        "usdm/rest/GET.fapi.v1.orderAmendment/default",
    ],
)
async def test_an_order_that_fills_instead_of_resting_is_prepared_again(
    conduct_cases, target_of, venue, planned, moving, name
):
    moved = moving("0.9", times=2)
    result = await conducted(conduct_cases, target_of, venue, planned, name)

    assert (result.verdict, result.reason) == (Verdict.CONFORMS, "")
    assert len(moved) == 2
    assert len(set(moved)) == 2, "the second time, another symbol is taken"


async def test_a_post_only_order_that_rests_is_prepared_again(conduct_cases, target_of, venue, planned, moving):
    """It had to be refused, but the market went up before it came."""
    moved = moving("1.05", times=1)
    result = await conducted(conduct_cases, target_of, venue, planned, f"{EVENT}/refused-gtx")
    assert (result.verdict, len(moved)) == (Verdict.CONFORMS, 1)


async def test_an_order_that_meets_more_than_our_offer_is_prepared_again(
    conduct_cases, target_of, venue, planned, moving
):
    """Answered FILLED, it has no PARTIALLY_FILLED: that says nothing about the event."""
    moved = moving("0.97", times=1)
    result = await conducted(conduct_cases, target_of, venue, planned, f"{EVENT}/partly-filled")
    assert (result.verdict, result.reason, len(moved)) == (Verdict.CONFORMS, "", 1)


async def test_a_trigger_that_the_market_runs_over_is_prepared_again(conduct_cases, target_of, venue, planned, moving):
    """-2021, and a last price that never comes to the trigger."""
    moved = moving("0.5", times=1, side="SELL", method="algoOrder.place")
    result = await conducted(conduct_cases, target_of, venue, planned, "usdm/event/ALGO_UPDATE/new")
    assert (result.verdict, len(moved)) == (Verdict.CONFORMS, 1)


async def test_what_never_comes_about_is_blocked_with_the_reason(conduct_cases, target_of, venue, planned, moving):
    moved = moving("0.9", times=100)
    result = await conducted(conduct_cases, target_of, venue, planned, f"{EVENT}/cancelled")
    assert result.verdict is Verdict.BLOCKED
    assert result.findings == []
    # A machine under load is a slow link to the venue in it.
    assert len(moved) in {TRIES, TRIES_ON_A_SLOW_LINK}
    assert result.reason.startswith(f"its condition did not come about, though it was prepared {len(moved)} times: ")
    assert "must be NEW, and was answered FILLED" in result.reason


@pytest.mark.parametrize(
    ("seconds", "tries", "words"),
    [(SLOW_LINK / 5, TRIES, ""), (1.0, TRIES_ON_A_SLOW_LINK, "An answer takes 1.0 s over this link")],
    ids=["near", "far"],
)
async def test_over_a_slow_link_a_case_is_prepared_more_often_and_says_why(seconds, tries, words):
    """The market moves between an answer and what follows from it."""
    tried = []

    async def attempt(number):
        tried.append(number)
        raise ConditionNotMetError("the price ran away")

    async with MachineDelay() as delay:
        delay.note_round_trip(seconds)
        with pytest.raises(BlockedError, match=f"prepared {tries} times: the price ran away.") as caught:
            await prepared_again(attempt, str)
    assert tried == list(range(1, tries + 1))
    assert words in str(caught.value)
    assert bool(words) == ("over this link" in str(caught.value))


@pytest.mark.parametrize(
    ("seconds", "tries", "words"),
    [(SLOW_LINK / 5, TRIES, ""), (0.8, TRIES_ON_A_SLOW_LINK, "This machine stood still for 0.8 s at once")],
    ids=["idle", "loaded"],
)
async def test_on_a_machine_that_stands_still_a_case_is_prepared_more_often_and_says_why(
    monkeypatch, seconds, tries, words
):
    """The market moves between an answer and what follows from it, as over a slow link."""
    tried = []

    async def attempt(number):
        tried.append(number)
        raise ConditionNotMetError("the price ran away")

    async with MachineDelay() as delay:
        monkeypatch.setattr(delay, "worst_between", lambda began, ended: seconds if began <= ended else 0.0)
        with pytest.raises(BlockedError, match=f"prepared {tries} times: the price ran away.") as caught:
            await prepared_again(attempt, str)
    assert tried == list(range(1, tries + 1))
    assert words in str(caught.value)
    assert bool(words) == ("stood still" in str(caught.value))


async def test_an_offer_over_which_the_market_moved_is_made_again(
    conduct_cases, target_of, venue, planned, monkeypatch
):
    """COIN-M's pages do not list -5022; its condition fails all the same."""
    original, met = Account.place, []

    async def place(self, method, params, *arguments, **named):
        if params.get("timeInForce") == "GTX" and not met:
            met.append(params)
            raise refused(-5022)
        return await original(self, method, params, *arguments, **named)

    monkeypatch.setattr(Account, "place", place)
    result = await conducted(conduct_cases, target_of, venue, planned, f"{EVENT}/partly-filled")
    assert (result.verdict, result.reason, len(met)) == (Verdict.CONFORMS, "", 1)


@pytest.mark.parametrize(
    ("name", "factor", "transport"),
    [
        ("usdm/ws-api/order.place/limit-gtx", "0.9", WsApiTransport),  # -5022
        ("usdm/rest/POST.fapi.v1.order/limit-gtx", "0.9", RestTransport),
        ("usdm/ws-api/order.place/limit-gtc", "1.2", WsApiTransport),  # -4024: outside PERCENT_PRICE
        ("usdm/ws-api/algoOrder.place/stop", "0.9", WsApiTransport),  # -2021
        ("usdm/rest/POST.fapi.v1.algoOrder/take-profit", "1.1", RestTransport),
        ("usdm/ws-api/order.place/limit-fok", "1.05", WsApiTransport),  # -5021
        ("usdm/ws-api/order.place/rejects/post-only-would-take", "1.05", WsApiTransport),  # accepted
        ("usdm/ws-api/order.place/rejects/fill-or-kill-unfilled", "0.9", WsApiTransport),
    ],
)
async def test_a_request_whose_price_the_market_left_is_prepared_again(
    conduct_cases, target_of, venue, planned, moving, name, factor, transport
):
    """Its answer says something about the market, nothing about the contract."""
    moved = moving(factor, times=1, owner=transport, name="send", back=False)
    result = await conducted(conduct_cases, target_of, venue, planned, name)
    assert (result.verdict, result.findings, result.reason, len(moved)) == (Verdict.CONFORMS, [], "", 1)


async def test_a_refusal_in_a_market_that_stands_still_is_a_finding(conduct_cases, target_of, store, planned):
    """An exchange that refused every order because of its price would otherwise never be accused."""
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as still:
        still.faults.add("answer", method="order.place", times=None, status=400, code=-4024, msg="Too low.")
        name = "usdm/ws-api/order.place/limit-gtc"
        conductor = await conduct_cases(target_of(still), planned[name])
    assert conductor.results[name].verdict is Verdict.BREAKING


async def test_a_cancellation_that_is_refused_though_the_order_rests_is_a_finding(conduct_cases, target_of, planned):
    async with Venue(seed=7, market_moves=False, weight_limit=1_000_000) as still:
        still.faults.add("answer", method="order.cancel", times=1, status=400, code=-2011, msg="Unknown order sent.")
        name = "usdm/ws-api/order.cancel/by-order-id"
        conductor = await conduct_cases(target_of(still), planned[name])
    assert conductor.results[name].verdict is Verdict.BREAKING
