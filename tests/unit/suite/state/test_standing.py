"""A refusal because of what wireproof itself left on the account: it is looked up, undone, and tried again."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.running.account_run import AccountRun
from wireproof.suite.state.conditions import OF_THE_STATE
from wireproof.suite.state.orders import place_order
from wireproof.suite.state.standing import MODES, ORDERS, POSITIONS

pytestmark = pytest.mark.asyncio(loop_scope="session")

DUAL, ASSETS = "usdm/rest/POST.fapi.v1.positionSide.dual/hedge", "usdm/rest/POST.fapi.v1.multiAssetsMargin/multi-assets"
HEDGE = "usdm/ws-api/order.place/hedge-long"
PLAIN, COIN_PLAIN = "usdm/ws-api/order.place/limit-gtc", "coinm/ws-api/order.place/limit-gtc"
COIN_DUAL = "coinm/rest/POST.dapi.v1.positionSide.dual/hedge"


async def an_order(account, rules, quote):
    """Leave an order of wireproof, as a case does whose undoing was lost."""
    order = {"symbol": rules.name, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    quantity = f"{rules.step * 10 if rules.contract_size is not None else rules.step * 20}"
    price = f"{(quote.bid * 4 / 5 / rules.tick).to_integral_value() * rules.tick:f}"
    await account.place(
        "order.place", {**order, "quantity": quantity, "price": price, "newClientOrderId": account.new_id()}
    )


async def a_position(account, rules, _quote):
    """Leave a position of wireproof."""
    quantity = f"{rules.step * 10 if rules.contract_size is not None else rules.step * 20:f}"
    order = {"symbol": rules.name, "side": "BUY", "type": "MARKET", "quantity": quantity}
    await place_order(account, account.driver.books[0], order, account.new_id())


async def a_mode(account, _rules, _quote):
    """Leave hedge mode on."""
    path, name = account.driver.modes["hedge"]
    await account.place_rest("POST", path, {name: "true"})


@pytest.fixture
def left_behind(monkeypatch):
    """Return what leaves something on an account right before a step of the run, once."""

    def leave(what, *, before, of):
        original, done = getattr(AccountRun, before), []

        async def step(self, *rest):
            account, cases = self.account, next(part for part in rest if isinstance(part, list))
            if not done and any(case.id == of for case in cases):
                done.append(account)
                trading = self.product.trading_of(account.driver.books[0])
                name = next(iter(trading.rules))
                await what(account, trading.rules[name], trading.quotes[name])
            return await original(self, *rest)

        monkeypatch.setattr(AccountRun, before, step)
        return done

    return leave


@pytest.mark.parametrize(
    ("case", "what", "before"),
    [
        (DUAL, an_order, "run_settings"),
        (DUAL, a_position, "run_settings"),
        (DUAL, a_mode, "run_settings"),
        (COIN_DUAL, an_order, "run_settings"),
        (HEDGE, an_order, "run_in_mode"),
        (HEDGE, a_position, "run_in_mode"),
    ],
)
async def test_what_stood_in_the_way_is_taken_back(
    case, what, before, left_behind, venue, planned, target_of, conduct_cases
):
    """The case is exercised all the same, and nothing is left."""
    done = left_behind(what, before=before, of=case)
    target = target_of(venue)
    if case == COIN_DUAL:
        target = coinm_target(venue, target_of)
    trading = COIN_PLAIN if case == COIN_DUAL else PLAIN  # makes the run know symbols and prices
    run = await conduct_cases(target, planned[trading], planned[case])
    assert done
    assert (run.results[case].verdict, run.results[case].reason) == (Verdict.CONFORMS, "")
    assert run.not_cleaned == []
    assert not any(account.open_orders or any(account.open_positions()) for account in venue.accounts)
    assert not any(account.hedge_mode for account in venue.accounts)


def coinm_target(venue, target_of):
    """Return a target of both products."""
    from dataclasses import replace  # noqa: PLC0415

    target = target_of(venue)
    usdm = target.endpoints
    coinm = replace(usdm, ws_api=venue.urls["coinm"]["ws-api"], stream=venue.urls["coinm"]["stream"], product="coinm")
    target.endpoints = {"usdm": usdm, "coinm": replace(coinm, user_stream=venue.urls["coinm"]["stream"])}
    return target


async def test_every_error_of_state_has_what_looks_it_up(store):
    """In both products that are sent; the others have names of their own."""
    looked_up = (
        ORDERS
        | POSITIONS
        | MODES.keys()
        | {"ISOLATED_REJECT_WITH_JOINT_MARGIN", "NO_NEED_TO_CHANGE_MARGIN_TYPE", "INVALID_LISTEN_KEY"}
    )
    for product in ("usdm", "coinm"):
        names = set(store.products[product].errors.values())
        assert (names & OF_THE_STATE) <= looked_up
    assert {name for name in looked_up if name in OF_THE_STATE} == looked_up
