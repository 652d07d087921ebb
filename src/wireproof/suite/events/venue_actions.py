"""Causes that only the local venue can trigger, because its market is controlled. See `actions`.

On an exchange nobody can liquidate a position for a test, or change a contract. What such causes move is put back.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import structs

from wireproof.errors import BlockedError
from wireproof.suite.events.actions import far_algo_order, resting_limit_order
from wireproof.suite.events.cause import Cause
from wireproof.suite.state.conditions import ConditionNotMetError, prepared_again
from wireproof.suite.state.drops import over_drops
from wireproof.suite.state.portfolio import trade_with_itself
from wireproof.suite.state.preparing import prepare
from wireproof.suite.state.sessions import market
from wireproof.suite.state.symbols import floor
from wireproof.suite.state.venue_market import LITTLE_BELOW, control_of, move_near_liquidation, move_price
from wireproof.suite.vocabulary.causes import cause_kind
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.suite.state.scene import Scene

#: How far above its liquidation price a position gets its margin call: within a quarter of every maintenance rate.
CALLED_AT = Decimal("1.0005")

#: Prefix of the client order ids of liquidation orders, as documented.
LIQUIDATION = "autoclose-"


async def margin_called(scene: Scene, cause: Cause) -> None:
    """Let the price fall until the margin of the isolated position nearly is used up."""
    cause.symbol = scene.symbol
    cause.done.append(await move_near_liquidation(scene, CALLED_AT))


async def liquidated(scene: Scene, cause: Cause) -> None:
    """Let the price fall until the isolated position is liquidated."""
    cause.symbol, cause.reason, cause.client_prefix = scene.symbol, "INSURANCE_CLEAR", LIQUIDATION
    cause.done.append(await move_near_liquidation(scene, LITTLE_BELOW))


async def funding_settled(scene: Scene, cause: Cause) -> None:
    """Settle the funding of a position."""
    cause.symbol, cause.reason = scene.symbol, "FUNDING_FEE"
    await control_of(scene).settle_funding()
    cause.done.append("funding was settled on the venue")


async def contract_changed(scene: Scene, cause: Cause) -> None:
    """Say that a contract changed."""
    cause.symbol = scene.symbol
    await control_of(scene).change_contract(scene.symbol)
    cause.done.append(f"the venue was told that {scene.symbol} changed")


async def contract_listed(scene: Scene, cause: Cause) -> None:
    """List contracts beside one that is there."""
    cause.symbol = scene.symbol
    await control_of(scene).of_product(scene.account.driver.product, {"list": scene.symbol})
    cause.done.append(f"the venue listed contracts beside {scene.symbol}")


async def good_till_date_passed(scene: Scene, cause: Cause) -> None:
    """Let an order rest until its good-till date, which comes at once."""
    await resting_limit_order(scene, cause)
    await control_of(scene).let_orders_expire(scene.symbol)
    cause.done.append(f"the good-till dates on {scene.symbol} passed on the venue")


async def algo_expired(scene: Scene, cause: Cause) -> None:
    """Let a conditional order wait until its good-till date, which comes at once."""
    await far_algo_order(scene, cause)
    await control_of(scene).let_orders_expire(scene.symbol)
    cause.done.append(f"the good-till dates on {scene.symbol} passed on the venue")


async def algo_rejected(scene: Scene, cause: Cause) -> None:
    """Let the price fall to the trigger of a conditional order that may only reduce, while there is no position."""
    await far_algo_order(scene, cause)
    # A little below the trigger: the last price may be the better one of the two sides.
    trigger = Decimal(scene.state["symbol"]["stop_sell_trigger"])
    price = floor(trigger * LITTLE_BELOW, scene.trading.rules[scene.symbol].tick)
    await move_price(scene, price)
    cause.done.append(f"the price of {scene.symbol} fell to {price:f} on the venue")


async def risk_level_changed(scene: Scene, cause: Cause) -> None:
    """Say that the account has another risk level, and back."""
    await _tell_product(scene, cause, {"level": "MARGIN_CALL"}, {"level": ""})


async def made_reduce_only(scene: Scene, cause: Cause) -> None:
    """Say that the account may only reduce its positions, and that it may trade again."""
    cause.reason = "REDUCE_ONLY"
    await _tell_product(scene, cause, {"level": cause.reason}, {"level": "NORMAL"})


async def open_orders_lost(scene: Scene, cause: Cause) -> None:
    """Say that open orders of cross margin lose more than the account allows."""
    await _tell_product(scene, cause, {"loss": {"BTC": "0.5"}})


async def self_trade_prevented(scene: Scene, cause: Cause) -> None:
    """Have an order of cross margin ended, as another one of the account meets it."""
    client_id = str(scene.state["client_order_id"]["value"])
    cause.symbol, cause.side = scene.symbol, "BUY"
    cause.client_ids.add(client_id)
    cause.order_ids.add(await trade_with_itself(scene, client_id))
    cause.done.append(f"{scene.book.orders.place} of {client_id} on {scene.symbol}, met by an order of its own account")


async def _tell_product(
    scene: Scene, cause: Cause, what: dict[str, object], afterwards: dict[str, object] | None = None
) -> None:
    control, owner = control_of(scene), {"account": scene.account.name}
    product = scene.account.driver.product
    if afterwards is not None:
        scene.later(f"what was said of {scene.account.name}", lambda: control.of_product(product, owner | afterwards))
    await control.of_product(product, owner | what)
    cause.done.append(f"the venue was told {what} of the account")


#: What carries out each cause that only the local venue allows.
VENUE_ACTIONS: dict[str, Callable[[Scene, Cause], Awaitable[None]]] = {
    "margin_called": margin_called,
    "liquidated": liquidated,
    "funding_settled": funding_settled,
    "made_reduce_only": made_reduce_only,
    "contract_changed": contract_changed,
    "contract_listed": contract_listed,
    "good_till_date_passed": good_till_date_passed,
    "algo_expired": algo_expired,
    "algo_rejected": algo_rejected,
    "risk_level_changed": risk_level_changed,
    "open_orders_lost": open_orders_lost,
    "self_trade_prevented": self_trade_prevented,
}


@dataclass(frozen=True, slots=True)
class Triggered:
    """What was done so that a stream has something to say; `failed` is why it could not be done."""

    done: str = ""
    failed: str = ""


async def trigger_market(
    cases: Sequence[WatchedCase], scene_of: Callable[[WatchedCase, AsyncExitStack], Scene]
) -> dict[str, Triggered]:
    """Trigger the market events that the streams of some cases report, each cause once.

    Returns what was done, by case id.
    """
    found: dict[str, Triggered] = {}
    for name in dict.fromkeys(case.watch.cause for case in cases):
        of_cause = [case for case in cases if case.watch.cause == name]
        triggered = Triggered()
        needs = cause_kind(name).stream_needs
        if needs is not None:
            try:
                triggered = await _triggered(structs.replace(of_cause[0], needs=needs, params={}), scene_of)
            except (BlockedError, WireError) as error:
                triggered = Triggered(failed=f"what it reports could not be triggered: {error}")
        found.update(dict.fromkeys((case.id for case in of_cause), triggered))
    return found


async def _triggered(case: WatchedCase, scene_of: Callable[[WatchedCase, AsyncExitStack], Scene]) -> Triggered:
    """Trigger the cause of a stream's case; again when a condition of it is not met."""
    done: list[str] = []

    async def attempt(_number: int) -> None:
        async with AsyncExitStack() as stack:
            scene = scene_of(case, stack)
            scene.only_symbol = str((await market(scene))["symbol"])  # streams of one symbol are those of the first
            await prepare(scene)
            cause = Cause()
            await VENUE_ACTIONS[case.watch.cause](scene, cause)
            done.append(cause.words)

    await prepared_again(
        lambda number: over_drops(case, lambda: attempt(number)),
        lambda error: str(error) if isinstance(error, ConditionNotMetError) else None,
    )
    return Triggered(done=done[-1])
