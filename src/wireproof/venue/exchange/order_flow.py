"""What can happen to an order: matching, amendments, cancellation, expiry; and the fills, their money and events.

Events of an order that fills at once: TRADE_LITE of each fill, ORDER_TRADE_UPDATE NEW, then per fill ACCOUNT_UPDATE and
ORDER_TRADE_UPDATE TRADE; of one that rested: TRADE_LITE, ACCOUNT_UPDATE, ORDER_TRADE_UPDATE. All events of one match
carry the same T (docs/exchange.md#events-of-a-fill). COIN-M has no TRADE_LITE (none is documented).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.exchange.records import Order, Resting, UserTrade

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.exchange.book import BookSide
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.records import Account, AlgoOrder, OrderRequest
    from wireproof.venue.exchange.state import ExchangeState

MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0004")
RPI_FEE = Decimal("0.00005")  # of what rests for retail users


def closable(order: Order) -> Decimal:
    """Return how much of `order` may still trade without opening or turning a position."""
    position = order.account.position(order.symbol, order.position_side)
    signed = position.amount if order.side == "SELL" else -position.amount
    return min(order.remaining, max(signed, ZERO)) if order.reduces else order.remaining


def book_fill(
    order: Order,
    quantity: Decimal,
    price: Decimal,
    trade_id: int,
    now: int,
    *,
    maker: bool,
    income: str = "REALIZED_PNL",
) -> user_events.Fill:
    """Book one execution on the order, its position and its wallet; `income` is what the profit is called there."""
    account, symbol = order.account, order.symbol
    position = account.position(symbol, order.position_side)
    value = symbol.value(quantity, price)
    rate = (RPI_FEE if order.improves else MAKER_FEE) if maker else TAKER_FEE
    fee = to_money(value * rate)
    signed = quantity if order.side == "BUY" else -quantity
    profit = position.apply(signed, price, fee, account.leverage(symbol.name), isolated=symbol.name in account.isolated)
    account.credit(symbol, profit - fee, now)
    account.income.trade(symbol, profit, fee, trade_id=trade_id, now=now, kind=income)
    account.history.trades.append(UserTrade(trade_id, order, price, quantity, fee, profit, maker, now))
    position.updated = order.updated = now
    order.executed += quantity
    order.cost += value
    order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
    return user_events.Fill(trade_id, price, quantity, fee, profit, maker)


def trade_events(order: Order, fill: user_events.Fill, now: int) -> list[dict[str, Any]]:
    """Return the events of one execution, without TRADE_LITE."""
    position = order.account.position(order.symbol, order.position_side)
    return [
        user_events.account_update(
            order.account, "ORDER", [order.symbol.margin_asset], [position], now, unit=order.symbol.unit
        ),
        user_events.order_update(order, "TRADE", now, fill=fill),
    ]


class OrderFlow:
    """What can happen to an order, one method each."""

    def __init__(self, state: ExchangeState) -> None:
        self.state = state
        self._ids = count(4_000_000_000 + state.rng.randrange(1_000_000_000))

    def new_order(self, account: Account, request: OrderRequest, algo: AlgoOrder | None = None) -> Order:
        """Return an order as it was asked for, with an id."""
        now = self.state.clock.now_ms()
        terms = request.terms() | {"client_id": request.client_id or self.state.random_text(22)}
        order_id = algo.order_id if algo is not None and algo.order_id else self.next_id()
        return Order(**terms, order_id=order_id, account=account, created=now, updated=now, algo=algo)

    def next_id(self) -> int:
        """Return the id of the next order."""
        return next(self._ids)

    def submit(self, account: Account, request: OrderRequest, algo: AlgoOrder | None = None) -> Order:
        """Take in an order that has passed its checks, and match it."""
        order = self.new_order(account, request, algo)
        if algo is not None:
            algo.order = order
        market = self.state.markets[request.symbol.name]
        self._execute(market, order)
        self.state.traded.send(market)
        return order

    def amend(self, order: Order, quantity: Decimal, price: Decimal, modify_id: int | None = None) -> None:
        """Give a resting order a new `quantity` and `price`; it goes to the end of its new price's queue."""
        market = self.state.markets[order.symbol.name]
        self._unrest(order)
        order.account.release(order)
        prices, quantities = (order.price, price), (order.quantity, quantity)
        order.quantity, order.price, order.updated = quantity, price, self.state.clock.now_ms()
        order.modifications += 1
        order.modify_id = modify_id
        order.account.history.amended(order, order.updated, prices, quantities, modify_id=modify_id)
        self._execute(market, order, announce="AMENDMENT")
        self.state.traded.send(market)

    def cancel(self, order: Order) -> None:
        """Cancel an open order."""
        self._end(order, "CANCELED", "CANCELED", "0")

    def expire(self, order: Order, reason: str = "0", status: str = "EXPIRED") -> None:
        """Let an open order expire; `reason` is the event's `er`."""
        self._end(order, status, "EXPIRED", reason)

    def _end(self, order: Order, status: str, execution: str, reason: str) -> None:
        now = self.state.clock.now_ms()
        order.status, order.updated = status, now
        self.retire(order)
        self.state.markets[order.symbol.name].changed(now)
        event = user_events.order_update(order, execution, now, er=reason)
        self.state.publish(order.account, event, order.symbol.unit)
        self.finished(order)

    def _unrest(self, order: Order) -> None:
        if order.resting is not None:
            self.state.markets[order.symbol.name].book_of(order).own(order.side).remove(order.resting)
            order.resting = None

    def retire(self, order: Order) -> None:
        """Take a finished order off the book and out of the margin."""
        self._unrest(order)
        order.account.release(order)
        order.account.archive(order)

    def finished(self, order: Order) -> None:
        """Follow up on an order: signal its end, and expire the reduce-only orders that its fills left no position."""
        if not order.is_open:
            self.state.order_done.send(order)
        if order.executed and not order.account.position(order.symbol, order.position_side).amount:
            for other in order.account.orders_of(order.symbol.name):
                if other.reduce_only and other.position_side == order.position_side and other.is_open:
                    self.expire(other, user_events.REDUCE_ONLY_KNOCKED_OUT)

    def expire_due(self, now: int) -> None:
        """Expire the orders whose date has passed."""
        self.expire_dated(lambda order: order.good_till <= now)

    def expire_dated(self, due: Callable[[Order], bool]) -> None:
        """Expire those orders with a date that are `due`."""
        for account in self.state.accounts:
            for order in [one for one in account.open_orders.values() if one.good_till and due(one)]:
                self.expire(order)

    def count_down(self, now: int) -> None:
        """Cancel the orders of symbols whose countdown has run out."""
        for account in self.state.accounts:
            for symbol in [name for name, due in account.countdowns.items() if due <= now]:
                del account.countdowns[symbol]
                for order in account.orders_of(symbol):
                    self.cancel(order)

    # matching

    def fill_resting(self, side: BookSide, resting: Resting, quantity: Decimal, trade_id: int) -> None:
        """Execute `quantity` of something that rests on `side`, at its own price."""
        now = self.state.clock.now_ms()
        order = resting.order
        resting.remaining -= quantity
        side.touched(resting)
        if order is None:
            if not resting.remaining:
                side.remove(resting)
            return
        fill = book_fill(order, quantity, resting.price, trade_id, now, maker=True)
        if order.is_open:
            order.account.hold(order)
        else:
            self.retire(order)
        if order.symbol.unit == UM:
            self.state.publish(order.account, user_events.trade_lite(order, fill, now))
        for event in trade_events(order, fill, now):
            self.state.publish(order.account, event, order.symbol.unit)
        self.finished(order)

    def _execute(self, market: Market, order: Order, *, announce: str = "NEW") -> None:
        """Match `order` against the book, rest or expire what remains, and publish everything that follows.

        `announce` is the execution type of the first event: NEW for a new order, AMENDMENT for a modified one.
        """
        now = self.state.clock.now_ms()
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
                    self.expire(maker, user_events.SELF_TRADE, "EXPIRED_IN_MATCH")
                if order.stp in {"EXPIRE_TAKER", "EXPIRE_BOTH"}:
                    expiry = user_events.SELF_TRADE
                    break
                continue
            quantity = min(wanted, resting.remaining)
            if maker is not None:
                quantity = min(quantity, closable(maker))
                if not quantity:
                    self.expire(maker, user_events.REDUCE_ONLY_KNOCKED_OUT)
                    continue
            price = resting.price
            trade_id = market.next_trade(price, quantity)
            self.fill_resting(side, resting, quantity, trade_id)
            fill = book_fill(order, quantity, price, trade_id, now, maker=False)
            if order.symbol.unit == UM:
                lites.append(user_events.trade_lite(order, fill, now))
            trades += trade_events(order, fill, now)
        market.changed(now)
        for event in (*lites, announced, *trades):
            self.state.publish(order.account, event, order.symbol.unit)
        self._rest_or_expire(market, order, expiry)
        self.finished(order)

    def _rest_or_expire(self, market: Market, order: Order, expiry: str) -> None:
        if not order.is_open:
            self.retire(order)
        elif expiry:
            self.expire(order, expiry, "EXPIRED_IN_MATCH" if expiry == user_events.SELF_TRADE else "EXPIRED")
        elif order.type == "MARKET":
            self.expire(order, user_events.MARKET_REMAINDER)
        elif order.time_in_force == "IOC":
            self.expire(order, user_events.IOC_REMAINDER)
        else:
            order.resting = Resting(order.price, order.remaining, order)
            market.book_of(order).own(order.side).add(order.resting)
            order.account.track(order)
            order.account.hold(order)
