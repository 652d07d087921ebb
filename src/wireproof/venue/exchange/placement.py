"""Reading and checking what order.place, order.modify and order.cancel were sent.

The checks run in one order: names and enums, then what goes together, then the symbol's filters, then the account's
state. Texts and codes: docs/exchange.md#rejected-orders, else the documented error list.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal, missing, neither, not_required, unknown_order, unknown_order_sent
from wireproof.venue.exchange import filters, margin
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.records import DEFAULT_STP, OrderRequest

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.records import Account, Order
    from wireproof.venue.exchange.state import ExchangeState

SIDES = ("BUY", "SELL")
POSITION_SIDES = ("BOTH", "LONG", "SHORT")
TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD", "RPI")
COIN_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX")
MAKER_ONLY = frozenset({"GTX", "RPI"})
CONDITIONAL_TYPES = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
RESPONSE_TYPES = ("ACK", "RESULT")
# NONE is what answers show when neither is set, and documentation examples send it back.
PRICE_MATCHES = (
    "NONE",
    "OPPONENT",
    "OPPONENT_5",
    "OPPONENT_10",
    "OPPONENT_20",
    "QUEUE",
    "QUEUE_5",
    "QUEUE_10",
    "QUEUE_20",
)
STP_MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_BOTH", "EXPIRE_MAKER")
WORKING_TYPES = ("MARK_PRICE", "CONTRACT_PRICE")
CLIENT_ID = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}", re.ASCII)
GTD_LEAD_MS, GTD_END_MS = 600_000, 253_402_300_799_000
# Stop parameters that older documentation gave to order.place; they now belong to algoOrder.place.
STOP_PARAMS = ("stopPrice", "activationPrice", "callbackRate")


def read_side(params: Params) -> str:
    """Return BUY or SELL; -1117 for anything else, -1102 when it is missing."""
    return params.needed_choice("side", SIDES, Refusal(-1117, "Invalid side."))


def read_position_side(params: Params, account: Account) -> str:
    """Return the position side; -4060 for an unknown one, -4061 for one of the other mode."""
    side = params.choice("positionSide", POSITION_SIDES, Refusal(-4060, "Invalid position side."), "BOTH")
    if side not in account.sides():
        raise Refusal(-4061, "Order's position side does not match user's setting.")
    return side


def read_price_match(params: Params) -> str:
    """Return the price match mode; -5037."""
    return params.choice("priceMatch", PRICE_MATCHES, Refusal(-5037, "Invalid price match"), "NONE")


def read_stp(params: Params) -> str:
    """Return the self-trade prevention mode; -5039."""
    refusal = Refusal(-5039, "Invalid self trade prevention mode")
    return params.choice("selfTradePreventionMode", STP_MODES, refusal, DEFAULT_STP)


def read_working_type(params: Params) -> str:
    """Return which price triggers an order, the last price unless named; -4031 for an unknown one."""
    return params.choice(
        "workingType", WORKING_TYPES, Refusal(-4031, "Invalid parameter working type"), "CONTRACT_PRICE"
    )


def read_response_type(params: Params) -> str:
    """Return ACK or RESULT; -1136."""
    return params.choice("newOrderRespType", RESPONSE_TYPES, Refusal(-1136, "Invalid newOrderRespType."), "ACK")


def read_reduce_only(params: Params, account: Account) -> bool:
    """Return reduceOnly; not to be sent in hedge mode (docs/exchange.md#parameters-without-meaning)."""
    flag = params.flag("reduceOnly")
    if flag is not None and account.hedge_mode:
        raise not_required("reduceOnly")
    return bool(flag)


def read_good_till(params: Params, time_in_force: str, now: int) -> int:
    """Return goodTillDate, whole seconds; -5040 outside its limits."""
    if time_in_force != "GTD":
        if params.integer("goodTillDate"):
            raise not_required("goodTillDate")
        return 0
    good_till = params.needed_integer("goodTillDate")
    if not now + GTD_LEAD_MS < good_till < GTD_END_MS:
        raise Refusal(
            -5040,
            "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than"
            " 253402300799000 (UTC 9999-12-31 23:59:59)",
        )
    return good_till // 1000 * 1000


def read_client_id(params: Params, name: str) -> str:
    """Return a client id, or empty; -4015 when it is too long or has other characters."""
    client_id = params.text(name) or ""
    if client_id and not CLIENT_ID.fullmatch(client_id):
        raise Refusal(-4015, "Client order id is not valid.")
    return client_id


def is_conditional(params: Params) -> bool:
    """Whether an order is of a type that the Algo service took over."""
    return params.first_of("type") in CONDITIONAL_TYPES


def read_order(state: ExchangeState, account: Account, market: Market, params: Params) -> OrderRequest:
    """Return what order.place asks for, checked as far as names, enums and combinations go."""
    symbol = market.symbol
    filters.check_open(symbol)
    side = read_side(params)
    kind = params.needed_text("type")
    if kind in CONDITIONAL_TYPES:
        raise Refusal(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
        )
    if kind not in {"LIMIT", "MARKET"}:
        raise Refusal(-1116, "Invalid orderType.")
    position_side = read_position_side(params, account)
    match = read_price_match(params)
    for name in STOP_PARAMS:
        params.without_number(name)
    if params.flag("closePosition"):
        raise not_required("closePosition")
    if kind == "LIMIT":
        params.need(("timeInForce",))
        times = COIN_TIMES_IN_FORCE if symbol.unit == CM else TIMES_IN_FORCE
        time_in_force = params.needed_choice("timeInForce", times, Refusal(-1115, "Invalid timeInForce."))
        quantity = params.needed_decimal("quantity")
        price = _limit_price(market, side, match, params)
    else:
        params.without_number("price")
        if "timeInForce" in params:
            raise not_required("timeInForce")
        if match != "NONE":
            raise Refusal(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
        time_in_force, price = "GTC", ZERO  # docs/exchange.md#market-orders
        quantity = params.needed_decimal("quantity")
    return OrderRequest(
        symbol=symbol,
        side=side,
        position_side=position_side,
        type=kind,
        time_in_force=time_in_force,
        quantity=quantity,
        price=price,
        reduce_only=read_reduce_only(params, account),
        price_match=match,
        stp=read_stp(params),
        good_till=read_good_till(params, time_in_force, state.clock.now_ms()),
        client_id=read_client_id(params, "newClientOrderId"),
        working_type=read_working_type(params),
        price_protect=bool(params.flag("priceProtect")),
    )


def _limit_price(market: Market, side: str, match: str, params: Params) -> Decimal:
    if match == "NONE":
        return params.needed_decimal("price")
    params.without_number("price")
    return filters.matched_price(market, side, match)


def check_order(
    state: ExchangeState, account: Account, request: OrderRequest, *, replaces: Order | None = None
) -> None:
    """Check an order against its symbol's filters and its account's state; raise the refusal of the first that fails.

    `replaces` is the order that a modification changes: its margin and its place are not counted twice.
    """
    market = state.markets[request.symbol.name]
    symbol = request.symbol
    limit = request.type == "LIMIT"
    if limit:
        filters.check_price(symbol, request.price)
    filters.check_quantity(symbol, request.quantity, market=not limit)
    opposite = market.book.opposite(request.side)
    best = opposite.best()
    if limit:
        filters.check_percent_price(market, request.side, request.price)
    elif best is None or not filters.within_percent_price(market, request.side, best):
        raise Refusal(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit.")
    if not request.reduces:
        filters.check_notional(symbol, request.quantity * (request.price if limit else market.mark_price))
    if replaces is None and request.client_id and request.client_id in account.open_by_client_id:
        raise Refusal(-4116, "ClientOrderId is duplicated.")
    if replaces is None and len(account.orders_of(symbol.name)) >= symbol.max_open_orders:
        raise Refusal(-2025, "Reach max open order limit.")
    if request.reduces:
        _check_reduction(account, request, replaces)
    elif symbol.status != "TRADING":
        raise Refusal(-4140, "Invalid symbol status for opening position.")
    else:
        _check_margin(account, request, best, replaces)
    if limit and replaces is None:
        _check_time_in_force(market, request)


def _check_time_in_force(market: Market, request: OrderRequest) -> None:
    opposite = market.book.opposite(request.side)
    best = opposite.best()
    if request.time_in_force in MAKER_ONLY and best is not None and opposite.crosses(request.price, best):
        raise Refusal(
            -5022,
            "Due to the order could not be executed as maker, the Post Only order will be rejected."
            " The order will not be recorded in the order history",
        )
    if request.time_in_force == "FOK":
        there = ZERO
        for resting in opposite.within(request.price):
            there += resting.remaining
            if there >= request.quantity:
                return
        raise Refusal(
            -5021,
            "Due to the order could not be filled immediately, the FOK order has been rejected."
            " The order will not be recorded in the order history",
        )


def _check_reduction(account: Account, request: OrderRequest, replaces: Order | None) -> None:
    position = account.position(request.symbol, request.position_side)
    size = position.amount if request.side == "SELL" else -position.amount
    hedge = request.position_side != "BOTH"
    if size <= 0 or (hedge and request.quantity > size):
        raise Refusal(-2022, "ReduceOnly Order is rejected.")
    pending = sum(
        (
            order.remaining
            for order in account.orders_of(request.symbol.name)
            if order is not replaces
            and order.reduces
            and order.side == request.side
            and order.position_side == request.position_side
        ),
        ZERO,
    )
    if pending >= size or (hedge and pending + request.quantity > size):
        raise Refusal(-4118, "ReduceOnly Order Failed. Please check your existing position and open orders")


def _check_margin(account: Account, request: OrderRequest, best: Decimal | None, replaces: Order | None) -> None:
    name, side = request.symbol.name, request.position_side
    if account.collateral is not None:
        account.collateral.check_opening()
    price = request.price if request.type == "LIMIT" else best or ZERO
    executed = replaces.executed if replaces is not None else ZERO
    notional = request.symbol.value(request.quantity - executed, price)
    own = replaces.held if replaces is not None else ZERO
    bid = notional - own if request.side == "BUY" else ZERO
    ask = notional - own if request.side == "SELL" else ZERO
    before = margin.exposure(account, name, side)
    after = margin.exposure(account, name, side, bid, ask)
    if after > request.symbol.notional_cap(account.leverage(name)) and after > before:
        raise Refusal(-2027, "Exceeded the maximum allowable position at current leverage.")
    more = margin.order_margin(account, name, side, bid, ask) - margin.order_margin(account, name, side)
    if more > 0 and more > margin.available(account, request.symbol.margin_asset, unit=request.symbol.unit):
        raise Refusal(-2019, "Margin is insufficient.")


def find_order(account: Account, params: Params, symbol: Symbol, *, cancelling: bool) -> Order:
    """Return the order that orderId or origClientOrderId names; orderId wins when both are there."""
    order_id = params.integer("orderId")
    client_id = params.text("origClientOrderId")
    if order_id is None and client_id is None:
        raise neither("origClientOrderId", "orderId")
    order = account.find_order(symbol.name, order_id, client_id)
    if order is None:
        raise unknown_order_sent() if cancelling else unknown_order()
    return order


def modify(orders: OrderFlow, account: Account, market: Market, params: Params) -> tuple[Order, int | None]:
    """Carry out order.modify; return the order, and the modification's id if the request gave it one."""
    side = read_side(params)
    match = read_price_match(params)
    era, unit = orders.state.era, market.symbol.unit
    partial = not era.has("full-modifications", unit)
    quantity = None if partial else params.needed_decimal("quantity")
    price = None
    if match != "NONE":
        price = filters.matched_price(market, side, match)
    elif not partial:
        price = params.needed_decimal("price")
    modify_id = params.integer("modifyId") if era.has("modify-id", unit) else None
    order = find_order(account, params, market.symbol, cancelling=False)
    quantity = (params.decimal("quantity") or order.quantity) if quantity is None else quantity
    price = (params.decimal("price") or order.price) if price is None else price
    if order.type != "LIMIT":
        raise Refusal(-5025, "Only limit order is supported.")
    if not order.is_open:
        raise unknown_order()
    strict = unit == UM and era.has("reduce-only-modifications", unit)
    if strict and params.flag("reduceOnly") and not order.reduce_only:
        raise Refusal(-5047, "Order is not reduce only.")  # docs/exchange.md#modified-orders
    if side != order.side:
        raise Refusal(-1117, "Invalid side.")  # docs/exchange.md#unrecorded-refusals
    if order.modifications >= market.symbol.max_modifications:
        raise Refusal(-5026, "Exceed maximum modify order limit.")
    if quantity == order.quantity and price == order.price:
        raise Refusal(-5027, "No need to modify the order.")
    if 0 < quantity <= order.executed:
        orders.cancel(order)
        return order, modify_id
    request = OrderRequest(
        symbol=market.symbol,
        side=side,
        position_side=order.position_side,
        type="LIMIT",
        time_in_force=order.time_in_force,
        quantity=quantity,
        price=price,
        reduce_only=order.reduce_only,
    )
    check_order(orders.state, account, request, replaces=order)
    order.price_match = match
    opposite = market.book.opposite(side)
    best = opposite.best()
    if order.time_in_force in MAKER_ONLY and best is not None and opposite.crosses(price, best):
        orders.cancel(order)  # a post-only order that would take through its modification is cancelled
        return order, modify_id
    orders.amend(order, quantity, price, modify_id)
    return order, modify_id


def closing_request(request: OrderRequest, account: Account) -> OrderRequest | None:
    """Return `request` for the whole of the position that it closes, or None when there is none."""
    position = account.position(request.symbol, request.position_side)
    size = position.amount if request.side == "SELL" else -position.amount
    return replace(request, quantity=size, reduce_only=request.position_side == "BOTH") if size > 0 else None


def need_quantity(params: Params) -> Decimal:
    """Return the quantity of an algo order."""
    if "quantity" not in params:
        raise missing("quantity")
    return params.needed_decimal("quantity")
