"""How each cause of user-data events is triggered; what stays is undone when the scene ends.

What a cause leaves behind is registered for undoing before anything is sent, as for every state that cases need.
A cause that does not come about, because the market was faster, is a ConditionNotMetError: the case is prepared again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.suite.products.base import GONE
from wireproof.suite.state.account import RefusedError, is_doubtful
from wireproof.suite.state.conditions import ConditionNotMetError, check_status
from wireproof.suite.state.drops import stop_listen_key
from wireproof.suite.state.orders import (
    algo_orders_of,
    at_market,
    cancel_algo_order,
    close_positions,
    far_stop,
    place_algo_order,
    place_order,
)
from wireproof.suite.state.portfolio import LOAN, bnb_in_um, take_loan
from wireproof.suite.state.sessions import ask_public, quote_now
from wireproof.suite.state.symbols import Quote, offers, text
from wireproof.suite.vocabulary.placeholders import resolve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wireproof.suite.events.cause import Cause
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.scene import Scene

#: What an order that may only make gets when it would take: the market has moved over its price. COIN-M's pages do not
#: list it, and it is used there all the same.
NO_MAKER = -5022


async def resting_order(scene: Scene, cause: Cause) -> None:
    """Let a BUY order rest far below the market."""
    await resting_limit_order(scene, cause)


async def cancelled_order(scene: Scene, cause: Cause) -> None:
    """Cancel a resting order."""
    client_id = await resting_limit_order(scene, cause)
    orders = scene.book.orders
    await scene.account.ask(orders.cancel, orders.named(scene.symbol, client_id))
    cause.done.append(f"{orders.cancel} of it")


async def amended_order(scene: Scene, cause: Cause) -> None:
    """Give a resting order another price."""
    client_id = await resting_limit_order(scene, cause)
    at = scene.state["symbol"]
    changed = {"quantity": at["quantity"], "price": at["lower_buy_price"]}
    orders = scene.book.orders
    await scene.account.place(orders.modify, orders.named(scene.symbol, client_id) | {"side": "BUY"} | changed)
    cause.done.append(f"{orders.modify} of it to price {changed['price']}")


async def expiring_order(scene: Scene, cause: Cause) -> None:
    """Let an IOC order far below the market fill nothing and expire."""
    check_status(
        await placed_limit_order(scene, cause, timeInForce="IOC"),
        "EXPIRED",
        f"an IOC order far below the market of {scene.symbol}",
    )


async def refused_order(scene: Scene, cause: Cause) -> None:
    """Send an order that is refused at once; it has no events."""
    try:
        await placed_limit_order(scene, cause)
    except RefusedError as error:
        if is_doubtful(error):
            raise  # trouble is no refusal: what comes of it says nothing
        placed = f"{scene.book.orders.place} of {scene.state['client_order_id']['value']}"
        cause.done.append(f"{placed}, refused with {error.code}")
    else:
        raise ConditionNotMetError(f"an order on {scene.symbol} that had to be refused was accepted")


async def market_order(scene: Scene, cause: Cause) -> None:
    """Fill a BUY order at the market."""
    cause.reason = "ORDER"
    taking = await at_market(scene.account, scene.book, scene.symbol, "BUY")
    check_status(await _place(scene, cause, {"side": "BUY", **taking}), "FILLED", f"a MARKET order on {scene.symbol}")


async def partial_fill(scene: Scene, cause: Cause) -> None:
    """Offer a little inside the spread from wireproof's other account, and buy twice as much at that price.

    The market may take the offer first, move over it, or fill the rest of the order as well.
    """
    other = scene.counterparty
    if other is None:
        raise BlockedError("It takes a second account to fill an order in part, and there is only one.")
    await scene.stack.enter_async_context(other.symbols_of(scene.book).lease(alone=True, only=scene.symbol))
    scene.later(f"position on {scene.symbol} ({other.name})", lambda: close_positions(other, scene.book, scene.symbol))
    quote = await quoted_anew(scene)
    inside = quote.ask - scene.trading.rules[scene.symbol].tick
    if inside <= quote.bid:
        raise ConditionNotMetError(f"there is no price inside the spread of {scene.symbol}")
    order = {"symbol": scene.symbol, "type": "LIMIT", "price": text(inside)}
    offer = {"side": "SELL", "quantity": scene.state["symbol"]["quantity"], "timeInForce": "GTX"}
    await _offer(scene, other, {**order, **offer})
    bought = {"side": "BUY", "quantity": scene.state["symbol"]["double_quantity"], "timeInForce": "GTC"}
    status = await _place(scene, cause, {**order, **bought})
    check_status(status, "PARTIALLY_FILLED", f"an order on {scene.symbol} that meets an offer of half its quantity")
    cause.reason = "ORDER"


async def algo_placed(scene: Scene, cause: Cause) -> None:
    """Let a STOP order wait for its trigger."""
    await far_algo_order(scene, cause)


async def algo_cancelled(scene: Scene, cause: Cause) -> None:
    """Cancel a STOP order before its trigger."""
    client_id = await far_algo_order(scene, cause)
    await cancel_algo_order(scene, client_id)
    cause.done.append(f"{algo_orders_of(scene).cancel} of it")


async def trailing_stop_placed(scene: Scene, cause: Cause) -> None:
    """Let a trailing stop follow the market from now on, five per cent away."""
    order = {
        "side": "SELL",
        "type": "TRAILING_STOP_MARKET",
        "quantity": scene.state["symbol"]["quantity"],
        "callbackRate": "5",
    }
    await _algo_order(scene, cause, str(scene.state["client_algo_id"]["value"]), order, take_back=False)


async def algo_triggered(scene: Scene, cause: Cause) -> None:
    """Let a conditional order wait at the touch, and make the last price reach it with another order.

    The market may move away in between.
    """
    scene.later(f"position on {scene.symbol}", lambda: close_positions(scene.account, scene.book, scene.symbol))
    quote, last = await asyncio.gather(  # together: over a slow link the market moves between two answers
        quoted_anew(scene), ask_public(scene, scene.book.price, lambda answer: answer.decimal("price"))
    )
    rising = last < quote.ask
    trigger = quote.ask if rising else quote.bid
    order = {
        "side": "BUY",
        "type": "STOP_MARKET" if rising else "TAKE_PROFIT_MARKET",
        "quantity": scene.state["symbol"]["quantity"],
        "triggerPrice": text(trigger),
    }
    client_id = scene.account.new_id()
    await _algo_order(scene, cause, client_id, order)
    pushing = {"side": "BUY" if rising else "SELL", "type": "MARKET"}
    await _place(scene, cause, pushing, client_id=scene.account.new_id(), named=False)
    if not await _is_gone(scene, client_id):
        raise ConditionNotMetError(f"the last price of {scene.symbol} did not reach the trigger {text(trigger)}")


async def leverage_changed(scene: Scene, cause: Cause) -> None:
    """Give a symbol another leverage."""
    path, other = scene.book.path("leverage"), scene.state["leverage"]["other"]
    cause.symbol, cause.leverage = scene.symbol, other
    await scene.account.place_rest("POST", path, {"symbol": scene.symbol, "leverage": other})
    cause.done.append(f"POST {path} of {scene.symbol} to {other}")


async def assets_mode_changed(scene: Scene, cause: Cause) -> None:
    """Enter multi-assets mode."""
    path, name = scene.account.driver.modes["multi_assets"]
    cause.multi_assets = True
    await scene.account.place_rest("POST", path, {name: "true"})
    cause.done.append(f"POST {path} with {name} true")


async def margin_added(scene: Scene, cause: Cause) -> None:
    """Give an isolated position more margin."""
    path, margin = scene.book.path("positionMargin"), scene.state["isolated_position"]["margin"]
    cause.symbol, cause.reason = scene.symbol, "MARGIN_TRANSFER"
    await scene.account.place_rest("POST", path, {"symbol": scene.symbol, "amount": margin, "type": 1})
    cause.done.append(f"POST {path} of {margin} to the isolated position on {scene.symbol}")


async def borrowed(scene: Scene, cause: Cause) -> None:
    """Take a small loan."""
    lent = await take_loan(scene)
    cause.transaction = lent["txId"]
    cause.done.append(f"POST {LOAN} of {lent['amount']} {lent['asset']}")


async def bnb_moved(scene: Scene, cause: Cause) -> None:
    """Move a little BNB into the wallet of USDⓈ-M."""
    cause.moved = "BNB"
    moved = await bnb_in_um(scene)
    cause.done.append(f"{moved['amount']} BNB were moved into USDⓈ-M")


async def time_passed(_scene: Scene, cause: Cause) -> None:
    """Do nothing: the event comes by itself."""
    await asyncio.sleep(0)
    cause.done.append("a while")


async def listen_key_stopped(scene: Scene, cause: Cause) -> None:
    """Stop the listen key of the connected stream."""
    cause.listen_key = scene.listen_key
    await stop_listen_key(scene.account)
    scene.listen_key = ""  # nothing is left to undo
    cause.done.append(scene.account.listen_key_requests.close)


# -- steps -------------------------------------------------------------------------------------------------------------


async def resting_limit_order(scene: Scene, cause: Cause, **changes: str) -> str:
    """Let a BUY order rest far below the market, changed as said; return its client order id."""
    check_status(
        await placed_limit_order(scene, cause, **changes), "NEW", f"an order far below the market of {scene.symbol}"
    )
    return str(scene.state["client_order_id"]["value"])


async def placed_limit_order(scene: Scene, cause: Cause, **changes: str) -> str:
    """Place a BUY order far below the market, changed as said; return its status."""
    order = {"side": "BUY", "type": "LIMIT", "price": scene.state["symbol"]["resting_buy_price"]}
    return await _place(scene, cause, {**order, "timeInForce": "GTC", **changes})


async def _place(scene: Scene, cause: Cause, order: dict[str, Any], *, client_id: str = "", named: bool = True) -> str:
    """Place an order and return its status; its events belong to the cause, unless it is not to be `named` there."""
    client_id = client_id or str(scene.state["client_order_id"]["value"])
    sent = {
        "symbol": scene.symbol,
        "quantity": scene.state["symbol"]["quantity"],
        **order,
        **resolve(scene.case.params, scene.state),
    }
    cause.symbol = scene.symbol
    if named:
        cause.client_ids.add(client_id)
        cause.side = str(sent["side"])
    status, number = await place_order(scene.account, scene.book, sent, client_id)
    if named:
        cause.order_ids.add(number)
    shown = " ".join(str(sent[name]) for name in ("side", "type", "timeInForce", "quantity", "price") if name in sent)
    cause.done.append(f"{scene.book.orders.place} of {client_id} ({shown} on {scene.symbol}), answered {status}")
    return status


async def _offer(scene: Scene, other: Account, order: dict[str, str]) -> None:
    orders, client_id = scene.book.orders, other.new_id()

    async def undo() -> None:
        await other.ask(orders.cancel, orders.named(scene.symbol, client_id))

    scene.later(f"order {client_id} on {scene.symbol} ({other.name})", undo)
    try:
        await place_order(other, scene.book, order, client_id)
    except RefusedError as error:
        if error.code == NO_MAKER:
            raise ConditionNotMetError(f"an offer inside the spread of {scene.symbol} was refused: {error}") from error
        raise


async def far_algo_order(scene: Scene, cause: Cause) -> str:
    """Let a SELL order wait for its trigger far below the market, changed as the case says; return its client id."""
    order = far_stop(scene) | resolve(scene.case.params, scene.state)
    client_id = str(scene.state["client_algo_id"]["value"])
    await _algo_order(scene, cause, client_id, order, take_back=False)
    return client_id


async def _algo_order(
    scene: Scene, cause: Cause, client_id: str, order: dict[str, Any], *, take_back: bool = True
) -> None:
    async def undo() -> None:
        await cancel_algo_order(scene, client_id)

    if take_back:
        scene.later(f"algo order {client_id} on {scene.symbol}", undo)
    cause.symbol = scene.symbol
    cause.client_ids.add(client_id)
    cause.side = str(order["side"])
    cause.algo_ids.add(await place_algo_order(scene, client_id, order))
    at = f" at {order['triggerPrice']}" if "triggerPrice" in order else ""
    cause.done.append(f"{algo_orders_of(scene).place} of {client_id} ({order['type']}{at} on {scene.symbol})")


async def _is_gone(scene: Scene, client_id: str) -> bool:
    """Whether an algo order is no longer there to be cancelled: it has triggered."""
    try:
        await cancel_algo_order(scene, client_id)
    except RefusedError as error:
        if error.code in GONE:
            return True
        raise
    return False


async def quoted_anew(scene: Scene) -> Quote:
    """Return the best prices as they are now; what the symbol offers follows them."""
    scene.quote = await quote_now(scene)
    scene.state["symbol"] = offers(scene.trading.rules[scene.symbol], scene.quote)
    return scene.quote


#: What carries out each cause that any target allows.
ACTIONS: dict[str, Callable[[Scene, Cause], Awaitable[None]]] = {
    "resting_order": resting_order,
    "cancelled_order": cancelled_order,
    "amended_order": amended_order,
    "expiring_order": expiring_order,
    "refused_order": refused_order,
    "market_order": market_order,
    "partial_fill": partial_fill,
    "algo_placed": algo_placed,
    "algo_cancelled": algo_cancelled,
    "trailing_stop_placed": trailing_stop_placed,
    "algo_triggered": algo_triggered,
    "leverage_changed": leverage_changed,
    "assets_mode_changed": assets_mode_changed,
    "margin_added": margin_added,
    "borrowed": borrowed,
    "bnb_moved": bnb_moved,
    "listen_key_stopped": listen_key_stopped,
    "time_passed": time_passed,
}
