"""A run of options and of both kinds of portfolio margin that is killed: the next run leaves nothing of it."""

from __future__ import annotations

import asyncio
import signal

import pytest
import pytest_asyncio
from wireproof_command import Suite

from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.serving.server import Venue

#: Cases that between them have every kind of state.
CASES = (
    *(
        f"options/rest/{name}"
        for name in (
            "GET.eapi.v1.openOrders/all",
            "GET.eapi.v1.block.order.orders/all",
            "GET.eapi.v1.block.user-trades/default",
            "POST.eapi.v1.block.order.create/default",
            "GET.eapi.v1.userTrades/default",
            "GET.eapi.v1.countdownCancelAll/default",
            "PUT.eapi.v1.listenKey/active",
        )
    ),
    *(
        f"portfolio-margin/rest/{name}"
        for name in (
            "GET.papi.v1.um.openOrders/all",
            "GET.papi.v1.um.algo.openAlgoOrders/all",
            "GET.papi.v1.um.userTrades/symbol",
            "GET.papi.v1.cm.openOrders/all",
            "GET.papi.v1.cm.conditional.openOrders/all",
            "GET.papi.v1.cm.userTrades/symbol",
            "GET.papi.v1.margin.openOrders/all",
            "GET.papi.v1.margin.openOrderList/default",
            "GET.papi.v1.margin.marginLoan/loan",
            "POST.papi.v1.um.leverage/default",
            "POST.papi.v1.repay-futures-switch/other",
            "PUT.papi.v1.listenKey/active",
        )
    ),
    *(
        f"portfolio-margin-pro/rest/POST.sapi.v1.portfolio.{name}/other"
        for name in ("delta-mode", "repay-futures-switch", "margin-call-level")
    ),
)
#: A case of each product that needs no state.
PLAIN = (
    "options/rest/GET.eapi.v1.marginAccount/default",
    "portfolio-margin/rest/GET.papi.v1.um.accountConfig/default",
    "portfolio-margin-pro/rest/GET.sapi.v1.portfolio.balance/default",
)
#: What undoes state, by the request from which on it is refused: the first looks at positions are the sweep's, one for
#: each account, and the first change of a setting is the case's.
FIRST, SECOND, AFTER_SWEEP = 1, 2, 4
UNDOING = {
    **dict.fromkeys((f"DELETE /eapi/v1/{name}" for name in ("order", "block/order/create", "listenKey")), FIRST),
    **dict.fromkeys((f"DELETE /papi/v1/{name}" for name in ("um/order", "um/algo/order", "cm/order")), FIRST),
    **dict.fromkeys((f"DELETE /papi/v1/{name}" for name in ("margin/order", "margin/orderList", "listenKey")), FIRST),
    "DELETE /papi/v1/cm/conditional/order": FIRST,
    "DELETE /sapi/v1/portfolio/margin-call-level": FIRST,
    "POST /papi/v1/repayLoan": FIRST,
    "POST /eapi/v1/countdownCancelAll": SECOND,
    **dict.fromkeys((f"POST /papi/v1/{name}" for name in ("um/leverage", "repay-futures-switch")), SECOND),
    **dict.fromkeys((f"POST /sapi/v1/portfolio/{name}" for name in ("delta-mode", "repay-futures-switch")), SECOND),
    **dict.fromkeys((f"GET /papi/v1/{name}/positionRisk" for name in ("um", "cm")), AFTER_SWEEP),
    "GET /eapi/v1/position": AFTER_SWEEP,
}
LEVERAGE = 20


def of_options(venue):
    """Return what stands on the venue's options accounts, by kind."""
    engine, keys = venue.services.engines["options"], venue.services.listen_keys
    blocks, accounts = engine.blocks, list(engine.accounts.values())
    offers = [offer for one in accounts for offer in blocks.offers(one)]
    held = {(one.name, position.contract): position.amount for one in accounts for position in one.held_positions()}
    in_blocks = {(one.name, fill.block.contract) for one in accounts for fill in blocks.fills(one)}
    sides = [amount > 0 for place, amount in held.items() if place in in_blocks]
    return {
        "order": [order for one in accounts for order in one.open_orders],
        "offered block trade": [offer for offer in offers if offer.status == "RECEIVED"],
        "bought block": [side for side in sides if side],
        "sold block": [side for side in sides if not side],
        "position": held.keys() - in_blocks,
        "countdown": [name for one in accounts for name in engine.protection.countdowns(one)],
        "listen key": [one for one in venue.accounts if keys.active(one, "options")],
    }


def of_portfolio_margin(venue):
    """Return what stands on the venue's portfolio margin accounts, by kind."""
    engine, keys = venue.services.engines["portfolio-margin"], venue.services.listen_keys
    accounts = list(engine.portfolios.values())
    futures = [one.futures for one in accounts]
    standing = {
        f"{kind} of {unit}": [one for one in found if one.symbol.unit == unit]
        for kind, found in {
            "order": [order for one in futures for order in one.open_orders.values()],
            "conditional order": [algo for one in futures for algo in one.algos.values()],
            "position": [position for one in futures for position in one.open_positions()],
        }.items()
        for unit in (UM, CM)
    }
    margin = [order for one in accounts for order in engine.margin.open_orders(one)]
    return standing | {
        "order of margin": [order for order in margin if order.order_list is None],
        "order list": [order for order in margin if order.order_list is not None],
        "loan": [asset for one in accounts for asset, cross in one.margin.items() if cross.owed],
        "leverage": [value for one in futures for value in one.leverages.values() if value != LEVERAGE],
        "automatic repayment": [one for one in accounts if not one.auto_repay],
        "listen key": [one for one in venue.accounts if keys.active(one, "portfolio-margin")],
    }


def of_portfolio_margin_pro(venue):
    """Return what is changed on the venue's portfolio margin pro accounts, by kind."""
    accounts = list(venue.services.engines["portfolio-margin-pro"].accounts.values())
    return {
        "delta mode": [one for one in accounts if one.delta_mode],
        "automatic repayment": [one for one in accounts if not one.auto_repay],
        "margin call level": [one for one in accounts if one.call_level is not None],
    }


STANDING = {
    "options": of_options,
    "portfolio-margin": of_portfolio_margin,
    "portfolio-margin-pro": of_portfolio_margin_pro,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def runs(tmp_path_factory):
    """Kill a run when every kind of state stands at one moment: the venue refuses to undo any until then.

    Returns what stood of each product at the kill, and after the next run.
    """
    async with Venue(seed=3, weight_limit=1_000_000) as venue:

        def standing():
            return {product: look(venue) for product, look in STANDING.items()}

        suite = Suite(tmp_path_factory.mktemp("killed"), venue)
        for method, nth in UNDOING.items():
            venue.faults.add("answer", method=method, nth=nth, times=None, status=400, code=-1100, msg="Not now.")
        process = await suite.start("run", "--no-html", "-k", " or ".join(CASES))
        while process.returncode is None and not all(all(kinds.values()) for kinds in standing().values()):  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.01)
        if process.returncode is None:
            process.kill()
        printed, _ = await process.communicate()
        assert process.returncode == -signal.SIGKILL, printed.decode()
        stood = standing()
        venue.faults.clear()
        status, printed = await suite.command("run", "--no-html", "-k", " or ".join(PLAIN))
        assert (status, suite.result["exercised"]) == (0, len(PLAIN)), printed
        assert suite.result["leftovers"]
        return stood, standing()


@pytest.mark.parametrize("product", STANDING)
def test_nothing_is_left_of_a_killed_run_after_the_next(runs, product):
    stood, left = runs
    assert all(stood[product].values())
    assert {kind: found for kind, found in left[product].items() if found} == {}
