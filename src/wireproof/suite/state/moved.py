"""What the market has done to a case: whether the condition of its own request still held when it was answered."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.recognition import recognise
from wireproof.suite.products.base import NO_SUCH_ORDER
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.conditions import OF_THE_BOOK, OF_THE_ORDER, OF_THE_POSITION, OF_THE_PRICE, OF_THE_STATE
from wireproof.suite.state.orders import positions_of
from wireproof.suite.state.sessions import ask_public, quote_now
from wireproof.suite.state.standing import stands
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.suite.state.scene import Scene
    from wireproof.wire.reply import Reply

#: How far a price may have gone, as a part of it, until it counts as moved. The nearest price that the suite names is
#: one per cent from the market.
STILL = Decimal("0.005")

#: States of an order that no longer rests as it must.
NOT_RESTING = frozenset({"PARTIALLY_FILLED", "FILLED", "EXPIRED", "EXPIRED_IN_MATCH"})

#: State that is an order at rest, and the fields that hold its ids.
RESTING_NEEDS = {"open_order": ("orderId",), "amended_order": ("orderId",), "two_orders": ("first", "second")}


async def unmet(scene: Scene, reply: Reply, names: Mapping[int, str]) -> str:
    """Return why the case's condition did not hold, when its answer is not the wanted one; else an empty text.

    `names` are the names of the product's errors by code.
    """
    code, expect = error_code(reply.raw), scene.case.expect
    wanted = {names.get(one, "") for one in expect.codes} if expect is not None else set()
    if expect is not None and code in expect.codes:
        return ""
    told = {names.get(code, "")} if code is not None else wanted
    if code is None and not wanted:
        return ""
    how = f"it was answered with error {code}" if code is not None else "it was accepted"
    try:
        why = await _why(scene, told, accepted=code is None, wanted=bool(wanted))
    except (BlockedError, WireError):
        return ""  # what cannot be looked up excuses nothing
    return f"{why}, and {how}" if why else ""


async def _why(scene: Scene, told: set[str], *, accepted: bool, wanted: bool) -> str:
    """Return what the market has done; `told` are the names of the error that came, or of those that had to come."""
    if told & OF_THE_STATE and not accepted and (what := await stands(scene, told)):
        return what
    if "symbol" not in scene.state:
        return ""
    if told & OF_THE_BOOK and not wanted:
        return f"the book of {scene.symbol} did not hold what the order needed"
    if told & (OF_THE_PRICE | OF_THE_BOOK) and (how := await _moved(scene)):
        return how
    if told & OF_THE_POSITION:
        held = any(amount != 0 for _, amount in await positions_of(scene.account, scene.book, scene.symbol))
        if held == accepted:
            return f"there was {'a' if held else 'no'} position on {scene.symbol}"
    if told & OF_THE_ORDER and not accepted:
        for status in [await status_of(scene, one) for one in _resting(scene)]:
            if status in NOT_RESTING:
                return f"the order that had to rest on {scene.symbol} was {status}"
    return ""


async def _moved(scene: Scene) -> str:
    """Return how a price of the leased symbol is elsewhere than the prices that the case was given; else nothing."""
    before, now = scene.quote, await quote_now(scene)
    if before is None:
        return ""
    last = await ask_public(scene, scene.book.price, lambda answer: answer.decimal("price"))
    prices = [("best bid", now.bid), ("best ask", now.ask), ("last price", last)]
    if scene.book.mark:
        asked = f"GET {scene.book.path(scene.book.mark)}"
        prices.append(("mark price", await ask_public(scene, asked, lambda answer: answer.decimal("markPrice"))))
    for word, price in prices:
        base = before.ask if word == "best ask" else before.bid
        if abs(price - base) > base * STILL:
            return f"the {word} of {scene.symbol} was {price:f} where {base:f} was reckoned with"
    return ""


def _resting(scene: Scene) -> list[Any]:
    held = [(scene.state[need], fields) for need, fields in RESTING_NEEDS.items() if need in scene.state]
    return [state[field] for state, fields in held for field in fields]


async def status_of(scene: Scene, order_id: Any) -> str:
    """Return the status of an order of the leased symbol; empty when there is none."""
    try:
        orders = scene.book.orders
        named = orders.numbered(scene.symbol, order_id)
        return await scene.account.ask(orders.look_up, named, lambda order: order.text(orders.status))
    except RefusedError as error:
        if error.code != NO_SUCH_ORDER:
            raise
        return ""


def error_code(raw: bytes) -> int | None:
    """Return the error code of an answer, REST or WebSocket API; None of a success and of what cannot be read."""
    error = recognise(None, raw).error
    return error.number if error is not None else None
