"""State of a portfolio margin account: order lists and loans of cross margin, BNB in futures. See `preparing`.

Loans and transfers move money: no case that needs them is sent to live.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wireproof.suite.state.conditions import check_status
from wireproof.suite.state.orders import at_market, place_order
from wireproof.suite.state.settings import set_back_later

if TYPE_CHECKING:
    from wireproof.suite.state.scene import Scene

LOAN = "/papi/v1/marginLoan"

#: What is lent, and what is given back: a little more, as the first hour's interest is owed at once.
LENT = {"asset": "USDT", "amount": "10"}
GIVEN_BACK = {**LENT, "amount": "10.1"}

#: How much BNB is moved.
LITTLE_BNB = "0.02"


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
