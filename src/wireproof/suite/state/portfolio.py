"""State of a portfolio margin account: order lists and loans of cross margin, BNB in futures. See `preparing`.

Loans and transfers move money: no case that needs them is sent to live.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from wireproof.suite.state.conditions import check_status
from wireproof.suite.state.orders import at_market, cancel_or_close, open_position, place_order
from wireproof.suite.state.settings import set_back_later
from wireproof.suite.state.symbols import floor, text
from wireproof.suite.state.venue_market import control_of, move_price

if TYPE_CHECKING:
    from wireproof.suite.state.scene import Scene

LOAN = "/papi/v1/marginLoan"

#: What is lent, and what is given back: a little more, as the first hour's interest is owed at once.
LENT = {"asset": "USDT", "amount": "10"}
GIVEN_BACK = {**LENT, "amount": "10.1"}

#: Prices on so many ticks of a margin symbol are on a tick of the perpetual contract of that name as well.
WHOLE_TICKS = 100

#: How much BNB is moved.
LITTLE_BNB = "0.02"

#: A negative balance of an asset that accounts of the venue have nothing of, worth more than 1,000 dollars.
FAR_BELOW_ZERO = {"SOL": "10"}


async def order_list_id(scene: Scene) -> dict[str, Any]:
    """Offer fresh client ids of an order list and its orders; a list that the case places is cancelled."""
    await asyncio.sleep(0)
    value, limit, stop = (scene.account.new_id() for _ in range(3))

    async def undo() -> None:
        if not scene.refused:
            await _cancel_list(scene, value)

    scene.later(f"order list {value} on {scene.symbol}", undo)
    return {"value": value, "limit": limit, "stop": stop}


async def order_list(scene: Scene) -> dict[str, Any]:
    """Place an order list to buy, far from the market."""
    named, at = await order_list_id(scene), scene.state["symbol"]
    sent = {
        "symbol": scene.symbol,
        "side": "BUY",
        "quantity": at["quantity"],
        "price": at["resting_buy_price"],
        "stopPrice": at["resting_sell_price"],
        "listClientOrderId": named["value"],
        "limitClientOrderId": named["limit"],
        "stopClientOrderId": named["stop"],
    }
    placed = await scene.account.place_rest("POST", scene.book.path("order/oco"), sent)
    return {"orderListId": placed.integer("orderListId"), "listClientOrderId": named["value"]}


async def _cancel_list(scene: Scene, client_id: str) -> None:
    named = {"symbol": scene.symbol, "listClientOrderId": client_id}
    await scene.account.place_rest("DELETE", scene.book.path("orderList"), named)


async def bought(scene: Scene) -> dict[str, Any]:
    """Buy a little at the market; what it bought stays."""
    order = {"symbol": scene.symbol, "side": "BUY", "quantity": scene.state["symbol"]["quantity"]}
    order |= await at_market(scene.account, scene.book, scene.symbol, "BUY")
    status, number = await place_order(scene.account, scene.book, order, scene.account.new_id())
    check_status(status, "FILLED", f"a MARKET order on {scene.symbol}")
    return {"orderId": number}


async def borrowing(scene: Scene) -> dict[str, Any]:
    """Let the case borrow a little; it is repaid."""
    await asyncio.sleep(0)
    set_back_later(scene, f"loan of {scene.account.name}", "/papi/v1/repayLoan", GIVEN_BACK)
    return dict(LENT)


async def loan(scene: Scene) -> dict[str, Any]:
    """Take a small loan; it is repaid."""
    await borrowing(scene)
    return await take_loan(scene)


async def take_loan(scene: Scene) -> dict[str, Any]:
    """Take a small loan, which something else repays."""
    taken = await scene.account.place_rest("POST", LOAN, LENT)
    return {**LENT, "txId": taken.integer("tranId")}


async def repaid_loan(scene: Scene) -> dict[str, Any]:
    """Take a small loan and repay it."""
    lent = await loan(scene)
    repaid = await scene.account.place_rest("POST", "/papi/v1/repayLoan", LENT)
    return lent | {"txId": repaid.integer("tranId")}


async def beyond_balance(scene: Scene) -> dict[str, Any]:
    """Offer a quantity that is a little more than what there is to sell; what is borrowed for the rest is repaid."""
    rules, little = scene.trading.rules[scene.symbol], scene.state["symbol"]["quantity"]
    free = await scene.account.ask_rest(
        "GET", "/papi/v1/balance", {"asset": rules.base_asset}, lambda answer: answer.decimal("crossMarginFree")
    )
    there = floor(free, rules.step)
    owed = {"asset": rules.base_asset, "amount": text(Decimal(little) * 2)}
    set_back_later(scene, f"loan of {scene.account.name}", "/papi/v1/repayLoan", owed)
    return {"quantity": text(there + Decimal(little)), "there": text(there)}


async def prevented_order(scene: Scene) -> dict[str, Any]:
    """Have an order of the account ended by self-trade prevention."""
    return {"orderId": await trade_with_itself(scene, scene.account.new_id())}


async def trade_with_itself(scene: Scene, client_id: str) -> int:
    """Have a stop that buys meet one of the same account that sells, as the price jumps to that of both.

    The prevention of self-trades ends the one that buys. Return its id.
    """
    account, book, at = scene.account, scene.book, scene.state["symbol"]
    order = {"symbol": scene.symbol, "quantity": at["quantity"]}
    enough = {"side": "BUY", "type": "MARKET", "quantity": at["double_quantity"]}  # to sell, less the fee
    await place_order(account, book, order | enough, account.new_id())
    price = text(floor(Decimal(at["resting_sell_price"]), scene.trading.rules[scene.symbol].tick * WHOLE_TICKS))
    order |= {"price": price, "stopPrice": price}
    buying = {"side": "BUY", "type": "STOP_LOSS_LIMIT", "timeInForce": "GTC"}
    selling = {"side": "SELL", "type": "TAKE_PROFIT_LIMIT", "timeInForce": "IOC"}
    orders, ids = book.orders, (client_id, account.new_id())
    for name in ids:
        scene.later(f"order {name} on {scene.symbol}", partial(cancel_or_close, scene, name))
    _, number = await place_order(account, book, order | buying, ids[0])
    await place_order(account, book, order | selling | {"selfTradePreventionMode": "EXPIRE_MAKER"}, ids[1])
    await move_price(scene, Decimal(price))
    status = await account.ask(
        orders.look_up, orders.named(scene.symbol, client_id), lambda answer: answer.text("status")
    )
    check_status(status, "EXPIRED_IN_MATCH", f"an order on {scene.symbol} that met one of the same account")
    return number


async def liquidated_portfolio(scene: Scene) -> dict[str, Any]:
    """Open a position on the leased symbol, or sell more than there is, and have the whole account liquidated."""
    if scene.book.positions is None:
        await _sell_borrowed(scene)
    else:
        await open_position(scene)
    await _of_venue(scene, {"liquidate": True})
    return {}


async def _sell_borrowed(scene: Scene) -> None:
    """Sell a little more than there is at the market; what was there is bought again."""
    account, book, sold = scene.account, scene.book, await beyond_balance(scene)
    order = {"symbol": scene.symbol, "type": "MARKET"}

    async def undo() -> None:
        if Decimal(sold["there"]):
            await place_order(account, book, order | {"side": "BUY", "quantity": sold["there"]}, account.new_id())

    scene.later(f"what was sold on {scene.symbol}", undo)
    selling = {"side": "SELL", "quantity": sold["quantity"], "sideEffectType": "MARGIN_BUY"}
    await place_order(account, book, order | selling, account.new_id())


async def negative_balance(scene: Scene) -> dict[str, Any]:
    """Let a balance be far below zero when the hour's interest is charged: the exchange covers it with another asset.

    docs/exchange.md#portfolio-margin-loans
    """
    await _of_venue(scene, {"negative": FAR_BELOW_ZERO, "hour": True})
    return {}


async def _of_venue(scene: Scene, what: dict[str, object]) -> None:
    account = scene.account
    await control_of(scene).of_product(account.driver.product, {"account": account.name, **what})


async def bnb_in_um(scene: Scene) -> dict[str, Any]:
    """Move a little BNB into the wallet of USDⓈ-M."""
    await scene.account.place_rest("POST", "/papi/v1/bnb-transfer", {"amount": LITTLE_BNB, "transferSide": "TO_UM"})
    return {"amount": LITTLE_BNB}


async def auto_repay(scene: Scene) -> dict[str, Any]:
    """Let the case change whether negative balances are repaid by themselves; it is set back."""
    path = "/papi/v1/repay-futures-switch"
    now = await scene.account.ask_rest("GET", path, read=lambda answer: answer.flag("autoRepay"))
    set_back_later(scene, f"auto-repay of {scene.account.name}", path, {"autoRepay": str(now).lower()})
    return {"other": str(not now).lower()}
