"""Causes that only the local venue can trigger, because its market is controlled. See `actions`.

On an exchange nobody can liquidate a position for a test, or change a contract. What such causes move is put back.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import structs

from wireproof.errors import BlockedError
from wireproof.suite.events.actions import PROVOCATIONS, far_algo_order, provocation, resting_limit_order
from wireproof.suite.state.conditions import ConditionNotMetError, prepared_again
from wireproof.suite.state.drops import over_drops
from wireproof.suite.state.orders import open_position, position_rows
from wireproof.suite.state.sessions import ask_public, market, need, prepare
from wireproof.suite.state.settings import isolated_position
from wireproof.suite.state.symbols import floor, text
from wireproof.suite.vocabulary.causes import STREAM_NEEDS, Cause
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.suite.planning.cases import WatchedCase
    from wireproof.suite.state.sessions import Scene
    from wireproof.wire.venue_control import VenueControl

#: How far above its liquidation price a position gets its margin call: within a quarter of every maintenance rate.
CALLED_AT = Decimal("1.0005")

#: How far below it a position is liquidated: above the price at which its margin is used up, so that its order fills.
LITTLE_BELOW = Decimal("0.999")

#: How heavy a cross position is that a fall of some ten per cent brings near its liquidation price.
TIMES_THE_BALANCE = 10

#: Prefix of the client order ids of liquidation orders, as documented.
LIQUIDATION = "autoclose-"


@provocation
async def margin_called(scene: Scene, cause: Cause) -> None:
    """Let the price fall until the margin of the isolated position nearly is used up."""
    cause.symbol = scene.symbol
    await _fall(scene, cause, CALLED_AT)


@provocation
async def liquidated(scene: Scene, cause: Cause) -> None:
    """Let the price fall until the isolated position is liquidated."""
    cause.symbol, cause.reason, cause.client_prefix = scene.symbol, "INSURANCE_CLEAR", LIQUIDATION
    await _fall(scene, cause, LITTLE_BELOW)


@provocation
async def funding_settled(scene: Scene, cause: Cause) -> None:
    """Settle the funding of a position."""
    cause.symbol, cause.reason = scene.symbol, "FUNDING_FEE"
    await control_of(scene).settle_funding()
    cause.done.append("funding was settled on the venue")


@provocation
async def contract_changed(scene: Scene, cause: Cause) -> None:
    """Say that a contract changed."""
    cause.symbol = scene.symbol
    await control_of(scene).change_contract(scene.symbol)
    cause.done.append(f"the venue was told that {scene.symbol} changed")


@provocation
async def good_till_date_passed(scene: Scene, cause: Cause) -> None:
    """Let an order rest until its good-till date, which comes at once."""
    await resting_limit_order(scene, cause)
    await control_of(scene).let_orders_expire(scene.symbol)
    cause.done.append(f"the good-till dates on {scene.symbol} passed on the venue")


@provocation
async def algo_expired(scene: Scene, cause: Cause) -> None:
    """Let a conditional order wait until its good-till date, which comes at once."""
    await far_algo_order(scene, cause)
    await control_of(scene).let_orders_expire(scene.symbol)
    cause.done.append(f"the good-till dates on {scene.symbol} passed on the venue")


@provocation
async def algo_rejected(scene: Scene, cause: Cause) -> None:
    """Let the price fall to the trigger of a conditional order that may only reduce, while there is no position."""
    await far_algo_order(scene, cause)
    # A little below the trigger: the last price may be the better one of the two sides.
    trigger = Decimal(scene.state["symbol"]["stop_sell_trigger"])
    price = floor(trigger * LITTLE_BELOW, scene.trading.rules[scene.symbol].tick)
    await _move(scene, price)
    cause.done.append(f"the price of {scene.symbol} fell to {price:f} on the venue")


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
        if name in STREAM_NEEDS:
            try:
                triggered = await _triggered(
                    structs.replace(of_cause[0], needs=STREAM_NEEDS[name], params={}), scene_of
                )
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
            await PROVOCATIONS[case.watch.cause](scene, cause)
            done.append(cause.words)

    await prepared_again(
        lambda number: over_drops(case, lambda: attempt(number)),
        lambda error: str(error) if isinstance(error, ConditionNotMetError) else None,
    )
    return Triggered(done=done[-1])


@need
async def heavy_position(scene: Scene) -> dict[str, Any]:
    """Open a long cross position worth ten times the balance of its margin asset, or as much as one order may buy."""
    rules = scene.trading.rules[scene.symbol]
    balance = await scene.account.ask(
        "account.balance",
        {},
        lambda answer: next(
            (row.decimal("balance") for row in answer.rows() if row.text("asset") == rules.margin_asset), Decimal(0)
        ),
    )
    price = await ask_public(scene, "ticker/bookTicker", lambda answer: answer.decimal("askPrice"))
    worth = TIMES_THE_BALANCE * balance
    quantity = worth / price if rules.contract_size is None else worth * price / rules.contract_size
    scene.state["symbol"]["quantity"] = text(floor(min(quantity, rules.max_quantity), rules.step))
    return await open_position(scene)


@need
async def liquidation(scene: Scene) -> dict[str, Any]:
    """Open a position on the leased symbol and have it liquidated."""
    await isolated_position(scene)
    await liquidated(scene, Cause())
    return {}


def control_of(scene: Scene) -> VenueControl:
    """Return the control of the venue; BlockedError on any other target."""
    if scene.control is None:
        raise BlockedError("Only the local venue lets its market be moved.")
    return scene.control


async def _fall(scene: Scene, cause: Cause, part: Decimal) -> None:
    """Move the price to *part* of the liquidation price of the position on the leased symbol; it is moved back."""
    rows = await position_rows(
        scene.account, scene.symbol, lambda row: (row.decimal("positionAmt"), row.decimal("liquidationPrice"))
    )
    end = next((price for amount, price in rows if amount > 0), Decimal(0))
    if end <= 0:
        raise BlockedError(f"The position on {scene.symbol} has no liquidation price.")
    price = floor(end * part, scene.trading.rules[scene.symbol].tick)
    await _move(scene, price)
    cause.done.append(f"the price of {scene.symbol} fell to {price:f} (liquidation price {end:f}) on the venue")


async def _move(scene: Scene, price: Decimal) -> None:
    """Move the price of the leased symbol; it is moved back when the case is over."""
    control = control_of(scene)
    before = await ask_public(
        scene, "ticker/bookTicker", lambda answer: (answer.decimal("bidPrice") + answer.decimal("askPrice")) / 2
    )
    scene.later(f"price of {scene.symbol}", lambda: control.move_price(scene.symbol, before))
    await control.move_price(scene.symbol, price)
