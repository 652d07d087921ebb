"""State that trades: orders, positions and conditional orders on the leased symbol. See `preparing`."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.errors import BlockedError
from wireproof.suite.products.base import GONE, NO_SUCH_ORDER
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.conditions import ConditionNotMetError, check_status
from wireproof.suite.state.given import Given
from wireproof.suite.state.symbols import quotes, text
from wireproof.suite.vocabulary.needs import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.suite.products.base import OrderRequests, TradingBook
    from wireproof.suite.state.account import Account
    from wireproof.suite.state.own_answers import Answer
    from wireproof.suite.state.scene import Scene

T = TypeVar("T")

#: How often, and how many seconds apart, it is asked whether a conditional order is found.
FINDING_POLLS, FINDING_PAUSE = 12, 0.4

#: How far behind the price a trailing stop follows, as a part of it.
TRAILING_DISTANCE = Decimal("0.01")


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
    orders = scene.book.orders
    named = orders.named(scene.symbol, client_id)
    try:
        await scene.account.ask(orders.cancel, named)
    except RefusedError as error:
        if error.code not in GONE:
            raise
        # When it never was, this is refused as well.
        filled = await scene.account.ask(orders.look_up, named, lambda order: order.decimal("executedQty"))
        if filled > 0:
            await flatten(scene)


async def client_algo_id(scene: Scene) -> dict[str, Any]:
    """A fresh client algo id; an algo order that the case places under it is cancelled."""
    value = scene.account.new_id()

    async def undo() -> None:
        if not scene.refused:
            await cancel_algo_order(scene, value)

    scene.later(f"algo order {value} on {scene.symbol}", undo)
    return {"value": value}


async def cancel_algo_order(scene: Scene, client_id: str) -> None:
    """Cancel a conditional order."""
    orders = algo_orders_of(scene)
    await scene.account.ask(orders.cancel, orders.named(scene.symbol, client_id))


def algo_orders_of(scene: Scene) -> OrderRequests:
    """Return the requests about conditional orders; BlockedError where the product has none of their own."""
    orders = scene.book.algo_orders
    if orders is None:
        raise BlockedError(f"{scene.account.driver.product} has no requests about conditional orders.")
    return orders


async def open_order(scene: Scene) -> dict[str, Any]:
    """A BUY order that rests far below the market."""
    value = scene.account.new_id()

    async def undo() -> None:
        if not (scene.succeeded and scene.account.driver.ends_orders(scene.case.contract.name, scene.book.orders)):
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
    orders = scene.book.orders
    amended = orders.numbered(scene.symbol, placed["orderId"]) | {"side": "BUY", "modifyId": 1}
    changes = {"quantity": at["quantity"], "price": at["lower_buy_price"]}
    await scene.account.place(orders.modify, amended | changes)
    return placed


async def cancelled_order(scene: Scene) -> dict[str, Any]:
    """An order that was placed and cancelled."""
    value = scene.account.new_id()
    cancelled = False

    async def undo() -> None:
        if not cancelled:
            await cancel_or_close(scene, value)

    scene.later(f"order {value} on {scene.symbol}", undo)
    placed = await _rest(scene, value)
    await scene.account.ask(scene.book.orders.cancel, scene.book.orders.named(scene.symbol, value))
    cancelled = True
    return placed


async def _rest(scene: Scene, client_id: str) -> dict[str, Any]:
    at = scene.state["symbol"]
    status, number = await place_order(
        scene.account,
        scene.book,
        {
            "symbol": scene.symbol,
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": at["quantity"],
            "price": at["resting_buy_price"],
        },
        client_id,
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


async def place_order(account: Account, book: TradingBook, order: dict[str, Any], client_id: str) -> tuple[str, int]:
    """Place an order under a client id; return its status and its id."""
    orders = book.orders
    sent = {**orders.always, orders.placed_name: client_id, **order}
    return await account.place(
        orders.place, sent, lambda answer: (answer.text(orders.status), answer.integer(orders.number))
    )


def given_order(scene: Scene, client_id: str, number: int) -> Given:
    """Return the id that an order was given, and what tells whether it is the order's."""
    return _given(scene, scene.book.orders, client_id, number)


def _given(scene: Scene, orders: OrderRequests, client_id: str, number: int) -> Given:
    named, account = orders.named(scene.symbol, client_id), scene.account

    async def says() -> int:
        return await account.ask(orders.look_up, named, lambda order: order.integer(orders.number))

    return Given(orders.place, orders.number, number, orders.look_up, says)


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
    client_id, book = scene.account.new_id(), scene.book
    order = {"symbol": scene.symbol, "side": side, "quantity": scene.state["symbol"]["quantity"]}
    order |= await at_market(scene.account, book, scene.symbol, side)
    order |= {"positionSide": position_side} if book.position_sides else {}
    status, number = await place_order(scene.account, book, order | more, client_id)
    check_status(status, "FILLED", f"a MARKET order on {scene.symbol}")
    scene.given.append(given_order(scene, client_id, number))
    return number


async def at_market(account: Account, book: TradingBook, symbol: str, side: str) -> dict[str, str]:
    """Return what makes an order take what is offered: its type, and its price where it has to name one."""
    if book.market_orders:
        return {"type": "MARKET"}
    quote = await account.ask_public(
        book, book.quotes, lambda answer: quotes([answer.sole()]).get(symbol), symbol=symbol
    )
    if quote is None:
        raise ConditionNotMetError(f"the book of {symbol} is empty")
    price = quote.ask if side == "BUY" else quote.bid
    return {"type": "LIMIT", "timeInForce": "IOC", "price": text(price)}


async def flatten(scene: Scene) -> None:
    """Close whatever position is left on the leased symbol; it was flat when it was leased."""
    await close_positions(scene.account, scene.book, scene.symbol)


async def close_positions(account: Account, book: TradingBook, symbol: str) -> None:
    """Close the positions of a symbol at the market.

    Where the closing order is refused, or one way to ask shows no position, another way has its word as well.
    """
    told = await positions_of(account, book, symbol)
    try:
        await _close_all(account, book, symbol, told)
    except RefusedError:
        elsewhere = await positions_of(account, book, symbol, elsewhere=True)
        if sorted(elsewhere) == sorted(told):
            raise
        await _close_all(account, book, symbol, elsewhere)


async def _close_all(account: Account, book: TradingBook, symbol: str, held: list[tuple[str, Decimal]]) -> None:
    await asyncio.gather(*(close_position(account, book, symbol, side, amount) for side, amount in held if amount != 0))


async def positions_of(
    account: Account, book: TradingBook, symbol: str, *, elsewhere: bool = False
) -> list[tuple[str, Decimal]]:
    """Return the sides of a symbol's position, and how much is held on each; `elsewhere` is over REST.

    Where orders make no position, nothing is held.
    """
    positions = book.positions
    if positions is None:
        return []

    def read(row: Answer) -> tuple[str, Decimal]:
        return side_of(book, row), row.decimal(positions.amount)

    return await position_rows(account, book, symbol, read, elsewhere=elsewhere)


def signed(quantity: Decimal, side: str) -> Decimal:
    """Return what a trade adds to a position."""
    return quantity if side == "BUY" else -quantity


def side_of(book: TradingBook, row: Answer) -> str:
    """Return the side of a position, or of the position that an order is about; empty where a symbol has but one."""
    return row.text(book.positions.side) if book.position_sides and book.positions is not None else ""


async def position_rows(
    account: Account,
    book: TradingBook,
    symbol: str,
    read: Callable[[Answer], T],
    *,
    settings: bool = False,
    elsewhere: bool = False,
) -> list[T]:
    """Return what `read` makes of each side of a symbol's position.

    With `settings` the answer shows margin type and leverage; `elsewhere` is over REST.
    """
    positions = book.positions
    if positions is None:
        raise BlockedError(f"{account.driver.product} has no positions.")
    asked = positions.settings if settings else positions.held
    params = {"symbol": symbol} if positions.of_symbol else {}
    asked = account.driver.rest(asked) if elsewhere else asked
    return await account.ask(asked, params, partial(_rows_of, symbol, read))


def _rows_of(symbol: str, read: Callable[[Answer], T], answer: Answer) -> list[T]:
    return [read(row) for row in answer.rows() if row.text("symbol") == symbol]


async def close_position(account: Account, book: TradingBook, symbol: str, side: str, amount: Decimal) -> None:
    """Close this much of a position at the market; reduceOnly, where the mode knows it."""
    closing = "BUY" if amount < 0 else "SELL"
    order = {"symbol": symbol, "side": closing, "quantity": f"{abs(amount):f}"}
    order |= await at_market(account, book, symbol, closing)
    order |= {"positionSide": side} if book.position_sides else {}
    order |= {"reduceOnly": "true"} if side in {"BOTH", ""} else {}
    await place_order(account, book, order, account.new_id())


async def algo_order(scene: Scene) -> dict[str, Any]:
    """A STOP order that waits for its trigger."""
    return await _waiting(scene, far_stop(scene))


async def trailing_order(scene: Scene) -> dict[str, Any]:
    """A TRAILING_STOP_MARKET order that follows the market once it has risen far."""
    at = scene.state["symbol"]
    order = {"side": "SELL", "type": "TRAILING_STOP_MARKET", "quantity": at["quantity"]}
    order["callbackRate"] = f"{TRAILING_DISTANCE * 100:f}"
    return await _waiting(scene, order | {"activatePrice": at["resting_sell_price"]})


async def _waiting(scene: Scene, order: dict[str, Any]) -> dict[str, Any]:
    value = scene.account.new_id()

    async def undo() -> None:
        if not (scene.succeeded and scene.account.driver.ends_orders(scene.case.contract.name, algo_orders_of(scene))):
            await cancel_algo_order(scene, value)

    scene.later(f"algo order {value} on {scene.symbol}", undo)
    number = await place_algo_order(scene, value, order)
    scene.given.append(given_algo_order(scene, value, number))
    return {"algoId": number, "clientAlgoId": value}


async def cancelled_algo_order(scene: Scene) -> dict[str, Any]:
    """A STOP order that was cancelled before its trigger."""
    placed = await algo_order(scene)
    await cancel_algo_order(scene, placed["clientAlgoId"])
    return placed


async def place_algo_order(scene: Scene, client_id: str, order: dict[str, Any]) -> int:
    """Place a conditional order on the leased symbol under a client id; return its id."""
    orders = algo_orders_of(scene)
    sent = {**orders.always, "symbol": scene.symbol, orders.placed_name: client_id, **order}
    sent = {orders.renamed.get(name, name): value for name, value in sent.items()}
    return await scene.account.place(orders.place, sent, lambda answer: answer.integer(orders.number))


def given_algo_order(scene: Scene, client_id: str, number: int) -> Given:
    """Return the id that a conditional order was given, and what tells whether it is the order's."""
    return _given(scene, algo_orders_of(scene), client_id, number)


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
    orders = algo_orders_of(scene)
    named = orders.named(scene.symbol, scene.state["algo_order"]["clientAlgoId"])
    for _ in range(FINDING_POLLS):
        try:
            await scene.account.ask(orders.look_up, named)
        except RefusedError as error:
            if error.code != NO_SUCH_ORDER:
                raise
        else:
            break
        await asyncio.sleep(FINDING_PAUSE)
    return {}  # when it never is found, the case's own answer says so
