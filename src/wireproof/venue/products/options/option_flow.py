"""What can happen to an option order: matching, cancellation, expiry; and the fills, their money and events.

Events of a fill: ORDER_TRADE_UPDATE, then BALANCE_POSITION_UPDATE, ACCOUNT_UPDATE and GREEK_UPDATE
(docs/exchange.md#options-user-events).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO
from wireproof.venue.exchange.signals import Signal
from wireproof.venue.products.options import option_events
from wireproof.venue.products.options.option_records import (
    OptionFill,
    OptionOrder,
    OptionRequest,
    OptionResting,
    trade_fee,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.book import PriceSide
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_market import OptionMarket, OptionTrade, Touch
    from wireproof.venue.products.options.option_records import OptionAccount
    from wireproof.venue.products.options.option_state import OptionState

FIRST_ORDER = 4_611_875_134_427_365_377  # docs/exchange.md#options-numbers
STP_TIMES = frozenset({"GTC", "IOC"})  # for others it is without effect (documented)
REQUESTED = tuple(field.name for field in fields(OptionRequest))


def reducible(order: OptionOrder) -> Decimal:
    """Return how much of an order may still trade: a reduce-only one no more than the position."""
    if not order.reduce_only:
        return order.remaining
    amount = order.account.amount(order.contract)
    return min(order.remaining, max(amount if order.side == "SELL" else -amount, ZERO))


class OptionFlow:
    """What can happen to an order, one method each. `filled` signals every fill of a user's order."""

    def __init__(self, state: OptionState) -> None:
        self.state = state
        self.filled: Signal[OptionFill] = Signal()
        self._order_ids = count(FIRST_ORDER)
        self._fill_numbers = count(FIRST_ORDER)
        self._quoted: dict[str, tuple[Decimal, int]] = {}
        self._resting: Counter[str] = Counter()  # users' orders, by contract

    def next_id(self) -> int:
        """Return an id that no order has."""
        return next(self._order_ids)

    def take_in(self, account: OptionAccount, request: OptionRequest) -> OptionOrder:
        """Return an order as it was asked for, with an id."""
        now = self.state.now()
        terms = {name: getattr(request, name) for name in REQUESTED}
        return OptionOrder(**terms, order_id=self.next_id(), account=account, created=now, updated=now)

    def submit(self, account: OptionAccount, request: OptionRequest) -> OptionOrder:
        """Take in an order that has passed its checks, match it, and rest or expire what remains."""
        market, now = self.fresh(request.contract), self.state.now()
        order = self.take_in(account, request)
        account.open_orders[order.order_id] = order
        self.state.publish(account, option_events.option_order_update(order, "NEW", now))
        prevented = self._match(market, order)
        market.changed(now)
        if not order.is_open:
            return order
        if prevented:
            self.expire(order, "EXPIRED_IN_MATCH")
        elif order.time_in_force in {"IOC", "FOK"}:
            self.expire(order)
        else:
            order.resting = OptionResting(order.price, order.remaining, order)
            self._resting[order.contract.name] += 1
            market.book.own(order.side).add(order.resting)
        return order

    def _match(self, market: OptionMarket, order: OptionOrder) -> bool:
        """Match an order against the book; return whether self-trade prevention ended it."""
        side = market.book.opposite(order.side)
        while order.remaining:
            resting, wanted = side.front(), reducible(order)
            if resting is None or not wanted or not side.crosses(order.price, resting.price):
                return False
            maker = resting.order
            if maker is not None and maker.account is order.account and order.time_in_force in STP_TIMES:
                if order.stp in {"EXPIRE_MAKER", "EXPIRE_BOTH"}:
                    self.expire(maker, "EXPIRED_IN_MATCH")
                if order.stp in {"EXPIRE_TAKER", "EXPIRE_BOTH"}:
                    return True
                if order.stp != "NONE":
                    continue
            quantity = min(wanted, resting.remaining)
            if maker is not None:
                quantity = min(quantity, reducible(maker))
                if not quantity:
                    self.expire(maker)
                    continue
            trade = market.record(resting.price, quantity, sold=order.side == "SELL", now=self.state.now())
            self.fill_resting(side, resting, trade)
            self.fill(order, trade, maker=False)
            self.state.traded.send((market, trade))
        return False

    def fill_resting(self, side: PriceSide[OptionResting], resting: OptionResting, trade: OptionTrade) -> None:
        """Execute a trade against something that rests on `side`."""
        resting.remaining -= trade.quantity
        if resting.order is not None:
            self.fill(resting.order, trade, maker=True)
        elif not resting.remaining:
            side.remove(resting)

    def fill(self, order: OptionOrder, trade: OptionTrade, *, maker: bool) -> None:
        """Book one execution on the order, its position and its wallet, and publish it."""
        account, contract, now = order.account, order.contract, trade.time
        underlying = contract.underlying
        fee = trade_fee(underlying, self.state.index(underlying), trade.price, trade.quantity)
        position = account.position(contract)
        signed = trade.quantity if order.side == "BUY" else -trade.quantity
        profit = position.add(signed, trade.price)
        position.updated = order.updated = now
        account.credit("CONTRACT", -signed * trade.price, now, contract.name)
        account.credit("FEE", -fee, now, contract.name)
        order.executed += trade.quantity
        order.cost += trade.quantity * trade.price
        order.fee += fee
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        fill = OptionFill(
            next(self._fill_numbers), trade.trade_id, order, trade.price, trade.quantity, fee, profit, maker, now
        )
        account.fills.append(fill)
        if not order.is_open:
            self._retire(order)
        self.state.publish(account, option_events.option_order_update(order, "TRADE", now, fill))
        self.changed(account, [contract])
        self.filled.send(fill)

    def changed(self, account: OptionAccount, contracts: list[OptionContract]) -> None:
        """Publish what an account's balance and positions have become."""
        now = self.state.now()
        self.state.publish(account, option_events.balance_position_update(account, "ORDER", contracts, now))
        self.report(account)

    def transfer(self, account: OptionAccount, amount: Decimal) -> None:
        """Move money into the account's wallet, or out of it when negative."""
        now, reason = self.state.now(), "DEPOSIT" if amount > 0 else "WITHDRAW"
        account.credit("TRANSFER", amount, now)
        self.state.publish(account, option_events.balance_position_update(account, reason, [], now, amount))
        self.report(account)

    def report(self, account: OptionAccount) -> None:
        """Publish an account's margins and Greeks."""
        now = self.state.now()
        self.state.publish(account, option_events.option_account_update(self.state, account, now))
        self.state.publish(account, option_events.greek_update(self.state, account, now))

    def cancel(self, order: OptionOrder) -> None:
        """Cancel an open order."""
        self._end(order, "CANCELED", "CANCELED")

    def expire(self, order: OptionOrder, status: str = "EXPIRED") -> None:
        """Let an open order expire."""
        self._end(order, status, "EXPIRED")

    def _end(self, order: OptionOrder, status: str, execution: str) -> None:
        now = self.state.now()
        order.status, order.updated = status, now
        self._retire(order)
        self.state.publish(order.account, option_events.option_order_update(order, execution, now))

    def _retire(self, order: OptionOrder) -> None:
        """Take a finished order off its book."""
        if order.resting is not None:
            market = self.state.market(order.contract)
            market.book.own(order.side).remove(order.resting)
            market.changed(self.state.now())
            order.resting = None
            self._resting[order.contract.name] -= 1
        order.account.archive(order)

    # quotes

    def fresh(self, contract: OptionContract) -> OptionMarket:
        """Return a contract's market with the quotes of this moment; orders in their way are filled first."""
        market, moment = self.state.market(contract), self.state.moment(contract)
        if self._quoted.get(contract.name) == moment:
            return market
        self._quoted[contract.name] = moment
        mark, book = self.state.mark(contract), market.book
        book.bids.drop_quotes()
        book.asks.drop_quotes()
        bid, ask = market.inside(mark)
        for side, touch, sold in ((book.asks, bid, False), (book.bids, ask, True)):
            while touch is not None and (resting := side.front()) is not None and side.crosses(touch, resting.price):
                order = resting.order
                quantity = ZERO if order is None else reducible(order)
                if order is not None and not quantity:
                    self.expire(order)
                    continue
                trade = market.record(resting.price, quantity, sold=sold, now=self.state.now())
                self.fill_resting(side, resting, trade)
                self.state.traded.send((market, trade))
        market.quote(mark, self.state.now())
        return market

    def touch(self, contract: OptionContract) -> Touch:
        """Return a contract's best bid and ask, without laying its quotes out while only the market maker is there."""
        if self._resting[contract.name] or self._quoted.get(contract.name) == self.state.moment(contract):
            return self.fresh(contract).touch()
        return self.state.market(contract).outlined(self.state.mark(contract))
