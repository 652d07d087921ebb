"""What happens when an order meets the book: fills, their money, their events.

Events of an order that fills at once: TRADE_LITE of each fill, ORDER_TRADE_UPDATE NEW, then per fill ACCOUNT_UPDATE and
ORDER_TRADE_UPDATE TRADE; of one that rested: TRADE_LITE, ACCOUNT_UPDATE, ORDER_TRADE_UPDATE. All events of one match
carry the same T (docs/exchange.md#events-of-a-fill). COIN-M has no TRADE_LITE (none is documented).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.account_history import UserTrade
from wireproof.venue.exchange.book import Resting

if TYPE_CHECKING:
    from wireproof.venue.exchange.book import BookSide
    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.orders import Order

MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0004")
RPI_FEE = Decimal("0.00005")  # of what rests for retail users


def closable(order: Order) -> Decimal:
    """Return how much of *order* may still trade without opening or turning a position."""
    position = order.account.position(order.symbol, order.position_side)
    signed = position.amount if order.side == "SELL" else -position.amount
    return min(order.remaining, max(signed, ZERO)) if order.reduces else order.remaining


def settle(
    order: Order,
    quantity: Decimal,
    price: Decimal,
    trade_id: int,
    now: int,
    *,
    maker: bool,
    income: str = "REALIZED_PNL",
) -> user_events.Fill:
    """Book one execution on the order, its position and its wallet; *income* is what the profit is called there."""
    account, symbol = order.account, order.symbol
    position = account.position(symbol, order.position_side)
    value = symbol.value(quantity, price)
    rate = (RPI_FEE if order.improves else MAKER_FEE) if maker else TAKER_FEE
    fee = to_money(value * rate)
    signed = quantity if order.side == "BUY" else -quantity
    profit = position.apply(signed, price, fee, account.leverage(symbol.name), isolated=symbol.name in account.isolated)
    account.credit(symbol, profit - fee, now)
    account.income.trade(symbol.name, symbol.margin_asset, profit, fee, trade_id=trade_id, now=now, kind=income)
    account.history.trades.append(UserTrade(trade_id, order, price, quantity, fee, profit, maker, now))
    position.updated = order.updated = now
    order.executed += quantity
    order.cost += value
    order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
    return user_events.Fill(trade_id, price, quantity, fee, profit, maker)


def trade_events(order: Order, fill: user_events.Fill, now: int) -> list[dict[str, Any]]:
    """Return what a user hears of one execution, TRADE_LITE aside."""
    position = order.account.position(order.symbol, order.position_side)
    return [
        user_events.account_update(
            order.account, "ORDER", [order.symbol.margin_asset], [position], now, inverse=order.symbol.inverse
        ),
        user_events.order_update(order, "TRADE", now, fill=fill),
    ]


def fill_resting(engine: Engine, side: BookSide, resting: Resting, quantity: Decimal, trade_id: int) -> None:
    """Execute *quantity* of something that rests on *side*, at its own price."""
    now = engine.clock.now_ms()
    order = resting.order
    resting.remaining -= quantity
    if order is None:
        if not resting.remaining:
            side.remove(resting)
        return
    fill = settle(order, quantity, resting.price, trade_id, now, maker=True)
    if order.is_open:
        order.account.hold(order)
    else:
        engine.retire(order)
    if not order.symbol.inverse:
        engine.publish(order.account, user_events.trade_lite(order, fill, now))
    for event in trade_events(order, fill, now):
        engine.publish(order.account, event, inverse=order.symbol.inverse)
    engine.finished(order)


def execute(engine: Engine, market: Market, order: Order, *, announce: str = "NEW") -> None:
    """Match *order* against the book, rest or expire what remains, and publish everything that follows.

    *announce* is the execution type of the first event: NEW for a new order, AMENDMENT for a modified one.
    """
    now = engine.clock.now_ms()
    if order.type == "LIMIT" and order.time_in_force not in {"IOC", "FOK"}:
        order.account.hold(order)  # the first event already counts the order into `b` or `a`
    announced = user_events.order_update(order, announce, now)
    lites: list[dict[str, Any]] = []
    trades: list[dict[str, Any]] = []
    expiry = ""
    side = market.book.opposite(order.side)
    limit = order.price if order.type == "LIMIT" else None
    while order.remaining:
        resting = side.front()
        wanted = closable(order)
        if not wanted:
            expiry = user_events.REDUCE_ONLY_KNOCKED_OUT
            break
        if resting is None or not side.crosses(limit, resting.price):
            break
        maker = resting.order
        if maker is not None and maker.account is order.account and order.stp != "NONE":
            if order.stp in {"EXPIRE_MAKER", "EXPIRE_BOTH"}:
                engine.expire(maker, user_events.SELF_TRADE, "EXPIRED_IN_MATCH")
            if order.stp in {"EXPIRE_TAKER", "EXPIRE_BOTH"}:
                expiry = user_events.SELF_TRADE
                break
            continue
        quantity = min(wanted, resting.remaining)
        if maker is not None:
            quantity = min(quantity, closable(maker))
            if not quantity:
                engine.expire(maker, user_events.REDUCE_ONLY_KNOCKED_OUT)
                continue
        price = resting.price
        trade_id = market.next_trade(price, quantity)
        fill_resting(engine, side, resting, quantity, trade_id)
        fill = settle(order, quantity, price, trade_id, now, maker=False)
        if not order.symbol.inverse:
            lites.append(user_events.trade_lite(order, fill, now))
        trades += trade_events(order, fill, now)
    market.changed(now)
    for event in (*lites, announced, *trades):
        engine.publish(order.account, event, inverse=order.symbol.inverse)
    _settle_remainder(engine, market, order, expiry)
    engine.finished(order)


def _settle_remainder(engine: Engine, market: Market, order: Order, expiry: str) -> None:
    if not order.is_open:
        engine.retire(order)
    elif expiry:
        engine.expire(order, expiry, "EXPIRED_IN_MATCH" if expiry == user_events.SELF_TRADE else "EXPIRED")
    elif order.type == "MARKET":
        engine.expire(order, user_events.MARKET_REMAINDER)
    elif order.time_in_force == "IOC":
        engine.expire(order, user_events.IOC_REMAINDER)
    else:
        order.resting = Resting(order.price, order.remaining, order)
        market.book_of(order).own(order.side).add(order.resting)
        order.account.track(order)
        order.account.hold(order)
