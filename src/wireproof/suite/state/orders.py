"""State that trades: orders, positions and conditional orders on the leased symbol. See `preparing`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.suite.products.base import ends
from wireproof.suite.state.account import GONE, NO_SUCH_ORDER, RefusedError
from wireproof.suite.state.conditions import check_status
from wireproof.suite.state.given import Given
from wireproof.suite.vocabulary.needs import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from wireproof.suite.state.account import Account
    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.scene import Scene

T = TypeVar("T")

#: How often, and how many seconds apart, it is asked whether a conditional order is found.
FINDING_POLLS, FINDING_PAUSE = 12, 0.4


async def client_order_id(scene: Scene) -> dict[str, Any]:
    """A fresh client order id; an order that the case places under it is cancelled, and what it filled is closed."""
    return await _client_order_id(scene)


async def second_order_id(scene: Scene) -> dict[str, Any]:
    """Another fresh client order id, for the second order of a batch."""
    return await _client_order_id(scene)


async def _client_order_id(scene: Scene) -> dict[str, Any]:
    value = scene.account.new_id()

    async def undo() -> None:
        if scene.refused:
            return
        await cancel_or_close(scene, value)
        if any(need.alone for need in rows(scene.case.needs)):
            await flatten(scene)

    scene.later(f"order {value} on {scene.symbol}", undo)
    return {"value": value, "too_long": (value + "x" * 37)[:37]}


async def cancel_or_close(scene: Scene, client_id: str) -> None:
    """Cancel an order that wireproof placed; of one that is gone already, close what it filled."""
    named = {"symbol": scene.symbol, "origClientOrderId": client_id}
    try:
        await scene.account.ask("order.cancel", named)
    except RefusedError as error:
        if error.code not in GONE:
            raise
        # When it never was, this is refused as well.
        filled = await scene.account.ask("order.status", named, lambda order: order.decimal("executedQty"))
        if filled > 0:
            await flatten(scene)


async def client_algo_id(scene: Scene) -> dict[str, Any]:
    """A fresh client algo id; an algo order that the case places under it is cancelled."""
    value = scene.account.new_id()

    async def undo() -> None:
        if not scene.refused:
            await scene.account.ask("algoOrder.cancel", {"clientAlgoId": value})

    scene.later(f"algo order {value} on {scene.symbol}", undo)
    return {"value": value}


async def open_order(scene: Scene) -> dict[str, Any]:
    """A BUY order that rests far below the market."""
    value = scene.account.new_id()

    async def undo() -> None:
        if not (scene.succeeded and ends(scene.case.contract, "order")):
            await cancel_or_close(scene, value)

    scene.later(f"order {value} on {scene.symbol}", undo)
    return await _rest(scene, value)


async def two_orders(scene: Scene) -> dict[str, Any]:
    """Two BUY orders that rest far below the market."""
    first, second = await open_order(scene), await open_order(scene)
    return {
        "symbol": scene.symbol,
        "orderIds": [first["orderId"], second["orderId"]],
        "clientOrderIds": [first["clientOrderId"], second["clientOrderId"]],
        "first": first["orderId"],
        "second": second["orderId"],
    }


async def amended_order(scene: Scene) -> dict[str, Any]:
    """An open order whose price was changed once, by a modification that has an id."""
    placed, at = await open_order(scene), scene.state["symbol"]
    amended = {"symbol": scene.symbol, "orderId": placed["orderId"], "side": "BUY", "modifyId": 1}
    changes = {"quantity": at["quantity"], "price": at["lower_buy_price"]}
    await scene.account.place("order.modify", amended | changes)
    return placed


async def cancelled_order(scene: Scene) -> dict[str, Any]:
    """An order that was placed and cancelled."""
    value = scene.account.new_id()
    named = {"symbol": scene.symbol, "origClientOrderId": value}

    cancelled = False

    async def undo() -> None:
        if not cancelled:
            await cancel_or_close(scene, value)

    scene.later(f"order {value} on {scene.symbol}", undo)
    placed = await _rest(scene, value)
    await scene.account.ask("order.cancel", named)
    cancelled = True
    return placed


async def _rest(scene: Scene, client_id: str) -> dict[str, Any]:
    at = scene.state["symbol"]
    status, number = await scene.account.place(
        "order.place",
        {
            "symbol": scene.symbol,
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": at["quantity"],
            "price": at["resting_buy_price"],
            "newClientOrderId": client_id,
            "newOrderRespType": "RESULT",
        },
        placed_order,
    )
    check_status(status, "NEW", f"an order far below the market of {scene.symbol}")
    scene.given.append(given_order(scene, client_id, number))
    return {
        "symbol": scene.symbol,
        "orderId": number,
        "clientOrderId": client_id,
        "price": at["resting_buy_price"],
        "origQty": at["quantity"],
    }


def placed_order(answer: Answer) -> tuple[str, int]:
    """Return status and id of an order."""
    return answer.text("status"), answer.integer("orderId")


def given_order(scene: Scene, client_id: str, number: int) -> Given:
    """Return the id that an order was given, and what tells whether it is the order's."""
    named, account = {"symbol": scene.symbol, "origClientOrderId": client_id}, scene.account

    async def says() -> int:
        return await account.ask("order.status", named, lambda order: order.integer("orderId"))

    return Given("order.place", "orderId", number, "order.status", says)


async def position(scene: Scene) -> dict[str, Any]:
    """A small long position on the leased symbol, opened and closed at the market."""
    return await open_position(scene)


async def open_position(scene: Scene) -> dict[str, Any]:
    """Open a small long position on the leased symbol; it is closed when the case is over."""
    scene.later(f"position on {scene.symbol}", lambda: flatten(scene))
    number = await _market_order(scene, "BUY")
    return {"quantity": scene.state["symbol"]["quantity"], "orderId": number}


async def long_and_short(scene: Scene) -> dict[str, Any]:
    """A small long and a small short position on the leased symbol, in hedge mode."""
    scene.later(f"positions on {scene.symbol}", lambda: flatten(scene))
    await asyncio.gather(_market_order(scene, "BUY", "LONG"), _market_order(scene, "SELL", "SHORT"))
    return {}


async def _market_order(scene: Scene, side: str, position_side: str = "BOTH", **more: str) -> int:
    client_id = scene.account.new_id()
    status, number = await scene.account.place(
        "order.place",
        {
            "symbol": scene.symbol,
            "side": side,
            "positionSide": position_side,
            "type": "MARKET",
            "quantity": scene.state["symbol"]["quantity"],
            "newClientOrderId": client_id,
            "newOrderRespType": "RESULT",
            **more,
        },
        placed_order,
    )
    check_status(status, "FILLED", f"a MARKET order on {scene.symbol}")
    scene.given.append(given_order(scene, client_id, number))
    return number


async def flatten(scene: Scene) -> None:
    """Close whatever position is left on the leased symbol; it was flat when it was leased."""
    await close_positions(scene.account, scene.symbol)


async def close_positions(account: Account, symbol: str) -> None:
    """Close the positions of a symbol at the market.

    Where the closing order is refused, or one way to ask shows no position, another way has its word as well.
    """
    told = await positions_of(account, symbol)
    try:
        await _close_all(account, symbol, told)
    except RefusedError:
        elsewhere = await positions_of(account, symbol, elsewhere=True)
        if sorted(elsewhere) == sorted(told):
            raise
        await _close_all(account, symbol, elsewhere)


async def _close_all(account: Account, symbol: str, held: list[tuple[str, Decimal]]) -> None:
    orders = [closing_order(account, symbol, side, f"{amount:f}") for side, amount in held if amount != 0]
    await asyncio.gather(*(account.place("order.place", order) for order in orders))


async def positions_of(account: Account, symbol: str, *, elsewhere: bool = False) -> list[tuple[str, Decimal]]:
    """Return the sides of a symbol's position, and how much is held on each; `elsewhere` is over REST."""

    def read(row: Answer) -> tuple[str, Decimal]:
        return row.text("positionSide"), row.decimal("positionAmt")

    return await (position_rows_elsewhere if elsewhere else position_rows)(account, symbol, read)


async def position_rows(account: Account, symbol: str, read: Callable[[Answer], T], method: str = "") -> list[T]:
    """Return what `read` makes of each side of a symbol's position, by the product's own request or another one."""
    params = _position_params(account, symbol)
    return await account.ask(method or account.terms.positions, params, partial(_rows_of, symbol, read))


async def position_rows_elsewhere(
    account: Account, symbol: str, read: Callable[[Answer], T], method: str = ""
) -> list[T]:
    """Return what `position_rows` returns, asked over REST first."""
    verb, _, path = account.terms.over_rest[method or account.terms.positions].partition(" ")
    return await account.ask_rest(verb, path, _position_params(account, symbol), partial(_rows_of, symbol, read))


def _position_params(account: Account, symbol: str) -> dict[str, str]:
    return {"symbol": symbol} if account.terms.positions_of_symbol else {}


def _rows_of(symbol: str, read: Callable[[Answer], T], answer: Answer) -> list[T]:
    return [read(row) for row in answer.rows() if row.text("symbol") == symbol]


def closing_order(account: Account, symbol: str, side: str, amount: str) -> dict[str, str]:
    """Return the MARKET order that closes this much of a position; reduceOnly, where the mode knows it."""
    order = {
        "symbol": symbol,
        "side": "BUY" if amount.startswith("-") else "SELL",
        "positionSide": side,
        "type": "MARKET",
        "quantity": amount.lstrip("-"),
        "newClientOrderId": account.new_id(),
        "newOrderRespType": "RESULT",
    }
    return order | ({"reduceOnly": "true"} if side == "BOTH" else {})


async def algo_order(scene: Scene) -> dict[str, Any]:
    """A STOP order that waits for its trigger."""
    value = scene.account.new_id()

    async def undo() -> None:
        if not (scene.succeeded and ends(scene.case.contract, "algo_order")):
            await scene.account.ask("algoOrder.cancel", {"clientAlgoId": value})

    scene.later(f"algo order {value} on {scene.symbol}", undo)
    named = {"algoType": "CONDITIONAL", "symbol": scene.symbol, "clientAlgoId": value}
    number = await scene.account.place("algoOrder.place", named | far_stop(scene), algo_id)
    scene.given.append(given_algo_order(scene, value, number))
    return {"algoId": number, "clientAlgoId": value}


def algo_id(answer: Answer) -> int:
    """Return the id of a conditional order."""
    return answer.integer("algoId")


def given_algo_order(scene: Scene, client_id: str, number: int) -> Given:
    """Return the id that a conditional order was given, and what tells whether it is the order's."""
    path, account = scene.account.terms.path("algoOrder"), scene.account

    async def says() -> int:
        return await account.ask_rest("GET", path, {"clientAlgoId": client_id}, algo_id)

    return Given("algoOrder.place", "algoId", number, f"GET {path}", says)


def far_stop(scene: Scene) -> dict[str, Any]:
    """Return a SELL order that waits for its trigger far below the market."""
    at = scene.state["symbol"]
    return {
        "side": "SELL",
        "type": "STOP",
        "timeInForce": "GTC",
        "quantity": at["quantity"],
        "price": at["stop_sell_price"],
        "triggerPrice": at["stop_sell_trigger"],
    }


async def algo_order_found(scene: Scene) -> dict[str, Any]:
    """The conditional order can be asked about: the testnet finds it 1 to 1.5 s after it was placed.

    docs/exchange.md#lag-of-conditional-orders
    """
    named = {"clientAlgoId": scene.state["algo_order"]["clientAlgoId"]}
    for _ in range(FINDING_POLLS):
        try:
            await scene.account.ask_rest("GET", scene.account.terms.path("algoOrder"), named)
        except RefusedError as error:
            if error.code != NO_SUCH_ORDER:
                raise
        else:
            break
        await asyncio.sleep(FINDING_PAUSE)
    return {}  # when it never is found, the case's own answer says so
