"""State that moves prices, which only the local venue allows; what was moved is put back. See `preparing`.

On an exchange nobody can liquidate a position for a test.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.suite.state.orders import TRAILING_DISTANCE, flatten, open_position, position_rows, trailing_order
from wireproof.suite.state.sessions import ask_public
from wireproof.suite.state.settings import isolated_position
from wireproof.suite.state.symbols import floor, text

if TYPE_CHECKING:
    from wireproof.suite.state.scene import Scene
    from wireproof.wire.venue_control import VenueControl

#: A little below the liquidation price: above the price at which the margin is used up, so that the order fills.
LITTLE_BELOW = Decimal("0.999")

#: How heavy a cross position is that a fall of some ten per cent brings near its liquidation price.
TIMES_THE_BALANCE = 10


async def heavy_position(scene: Scene) -> dict[str, Any]:
    """Open a long cross position worth ten times the balance of its margin asset, or as much as one order may buy."""
    rules = scene.trading.rules[scene.symbol]
    balance = await scene.account.ask(
        scene.account.driver.balance,
        {},
        lambda answer: next(
            (row.decimal("balance") for row in answer.rows() if row.text("asset") == rules.margin_asset), Decimal(0)
        ),
    )
    price = await ask_public(scene, scene.book.quotes, lambda answer: answer.decimal("askPrice"))
    worth = TIMES_THE_BALANCE * balance
    quantity = worth / price if rules.contract_size is None else worth * price / rules.contract_size
    scene.state["symbol"]["quantity"] = text(floor(min(quantity, rules.max_quantity), rules.step))
    return await open_position(scene)


async def liquidation(scene: Scene) -> dict[str, Any]:
    """Open a position on the leased symbol and have it liquidated."""
    await isolated_position(scene)
    await move_near_liquidation(scene, LITTLE_BELOW)
    return {}


async def triggered_algo_order(scene: Scene) -> dict[str, Any]:
    """Have a trailing stop triggered: the price rises until it follows, then falls by more than its distance."""
    scene.later(f"position on {scene.symbol}", lambda: flatten(scene))
    placed = await trailing_order(scene)
    rules, at = scene.trading.rules[scene.symbol], scene.state["symbol"]
    followed = Decimal(at["resting_sell_price"]) / LITTLE_BELOW
    for price in (followed, followed * (1 - 2 * TRAILING_DISTANCE)):
        await move_price(scene, floor(price, rules.tick))
    return placed


async def exercised(scene: Scene) -> dict[str, Any]:
    """Buy an option and have it expire now: it is exercised, or worth nothing."""
    held = await open_position(scene)
    await control_of(scene).of_product(scene.account.driver.product, {"exercise": scene.symbol})
    return held


def control_of(scene: Scene) -> VenueControl:
    """Return the control of the venue; BlockedError on any other target."""
    if scene.control is None:
        raise BlockedError("Only the local venue lets its market be moved.")
    return scene.control


async def move_near_liquidation(scene: Scene, part: Decimal) -> str:
    """Move the price to `part` of the liquidation price of the position on the leased symbol; it is moved back.

    Returns what was done, in words.
    """
    rows = await position_rows(
        scene.account,
        scene.book,
        scene.symbol,
        lambda row: (row.decimal("positionAmt"), row.decimal("liquidationPrice")),
    )
    end = next((price for amount, price in rows if amount > 0), Decimal(0))
    if end <= 0:
        raise BlockedError(f"The position on {scene.symbol} has no liquidation price.")
    price = floor(end * part, scene.trading.rules[scene.symbol].tick)
    await move_price(scene, price)
    return f"the price of {scene.symbol} fell to {price:f} (liquidation price {end:f}) on the venue"


async def move_price(scene: Scene, price: Decimal) -> None:
    """Move the price of the leased symbol; it is moved back when the case is over."""
    control = control_of(scene)
    before = await ask_public(
        scene, scene.book.quotes, lambda answer: (answer.decimal("bidPrice") + answer.decimal("askPrice")) / 2
    )
    scene.later(f"price of {scene.symbol}", lambda: control.move_price(scene.symbol, before))
    await control.move_price(scene.symbol, price)
