"""What can happen to a margin order: placement, loans for it, matching, cancellation, expiry, stops and their lists.

Events of an order: executionReport NEW, then TRADE for each fill, and after all of them outboundAccountPosition. What
the documentation of portfolio margin leaves open follows that of spot trading: docs/exchange.md#portfolio-margin-orders
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ONE, ZERO, to_money
from wireproof.venue.base.refusals import Refusal, unknown_order, unknown_order_sent
from wireproof.venue.exchange.order_flow import TAKER_FEE
from wireproof.venue.products.portfolio_margin import portfolio_events
from wireproof.venue.products.portfolio_margin.margin_market import MarginMarket
from wireproof.venue.products.portfolio_margin.margin_records import (
    BORROWING,
    EXPIRE_MAKER,
    MARGIN_SYMBOLS,
    REPAYING,
    STOPS,
    Hold,
    MarginTrade,
    OrderList,
    Prevented,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from wireproof.venue.exchange.engine import Engine
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.products.portfolio_margin.loan_desk import LoanDesk, Publish
    from wireproof.venue.products.portfolio_margin.margin_market import MarginQuote
    from wireproof.venue.products.portfolio_margin.margin_records import MarginOrder
    from wireproof.venue.products.portfolio_margin.portfolio_account import PortfolioAccount

FEE = TAKER_FEE * 5 / 2  # a tenth of a per cent
KEPT = 2_000  # orders and lists of an account, of each


def rejected(text: str) -> Refusal:
    """-2010 with the engine's own words: docs/exchange.md#portfolio-margin-orders."""
    return Refusal(-2010, text)


class MarginDesk:
    """Takes margin orders and matches them. `publish` sends a portfolio an event."""

    def __init__(self, engine: Engine, loans: LoanDesk, publish: Publish) -> None:
        self._engine, self._loans, self._publish = engine, loans, publish
        self.markets = {name: MarginMarket(one, engine.markets[name]) for name, one in MARGIN_SYMBOLS.items()}
        self.order_ids, self._list_ids = count(9_205_400_001), count(1_201)
        self._executions, self._matches, self._updates = count(8_641_001), count(3), count(1_027_053_000)
        self._orders: dict[PortfolioAccount, list[MarginOrder]] = {}
        self._lists: dict[PortfolioAccount, list[OrderList]] = {}
        self._losses: dict[PortfolioAccount, dict[str, Decimal]] = {}
        engine.price_moved.subscribe(self._price_moved)

    # what there is

    def orders_of(self, portfolio: PortfolioAccount) -> list[MarginOrder]:
        """Return the orders of an account, open or done, oldest first."""
        return self._orders.setdefault(portfolio, [])

    def lists_of(self, portfolio: PortfolioAccount) -> list[OrderList]:
        """Return the order lists of an account, open or done, oldest first."""
        return self._lists.setdefault(portfolio, [])

    def open_orders(self, portfolio: PortfolioAccount, symbol: str | None = None) -> list[MarginOrder]:
        """Return the open orders of an account, of one symbol or of all."""
        return [one for one in self.orders_of(portfolio) if one.is_open and symbol in {None, one.symbol.name}]

    def find(
        self, portfolio: PortfolioAccount, symbol: str, order_id: int | None, client_id: str | None, *, cancelling: bool
    ) -> MarginOrder:
        """Return an order by its id, or else the latest with a client id; -2013, or -2011 to cancel one."""
        for order in reversed(self.orders_of(portfolio)):
            named = order.order_id == order_id if order_id is not None else order.client_id == client_id
            if named and order.symbol.name == symbol and (order.is_open or not cancelling):
                return order
        raise unknown_order_sent() if cancelling else unknown_order()

    def open_losses(self, portfolio: PortfolioAccount) -> dict[str, Decimal]:
        """Return what the open orders of an account would lose at once, by the asset that they pay in."""
        found: dict[str, Decimal] = {}
        for order in self.open_orders(portfolio):
            index, price = self.markets[order.symbol.name].index_price, order.price or order.stop_price
            worse = price - index if order.side == "BUY" else index - price
            if worse > 0:
                found[order.symbol.quote] = found.get(order.symbol.quote, ZERO) + to_money(worse * order.remaining)
        return found

    # placement

    def place(self, order: MarginOrder) -> None:
        """Take in an order that has passed its checks: lock what it pays, borrow what is missing, and match it."""
        self._check_free_id(order.portfolio, order.client_id)
        self._check_price(order)
        rate = self._rate(order)
        self._lock(order, Hold(order.pays, rate, to_money(rate * order.quantity)))
        self._take_in(order)
        self._told(order.portfolio, order)

    def place_list(self, orders: list[MarginOrder], client_id: str) -> OrderList:
        """Take in a stop and a limit order of which one cancels the other; they share what they lock."""
        stop, limit = orders
        portfolio, market = limit.portfolio, self.markets[limit.symbol.name]
        for order in orders:
            self._check_free_id(portfolio, order.client_id)
        low, high = (stop.stop_price, limit.price) if limit.side == "SELL" else (limit.price, stop.stop_price)
        if not low < market.last_price < high:
            raise rejected("The relationship of the prices for the orders is not correct.")
        rate = max(self._rate(one) for one in orders)
        self._lock(limit, Hold(limit.pays, rate, to_money(rate * limit.quantity)))
        stop.hold = limit.hold
        found = OrderList(next(self._list_ids), client_id, portfolio, limit.symbol, self._now(), orders)
        self.lists_of(portfolio).append(found)
        del self.lists_of(portfolio)[:-KEPT]
        for order in orders:
            order.order_list = found
            self._take_in(order)
        self._told(portfolio, limit)
        return found

    def _check_free_id(self, portfolio: PortfolioAccount, client_id: str) -> None:
        if any(one.client_id == client_id for one in self.open_orders(portfolio)):
            raise rejected("Duplicate order sent.")

    def _check_price(self, order: MarginOrder) -> None:
        market = self.markets[order.symbol.name]
        if order.type in STOPS and self._reached(order, market.last_price):
            raise rejected("Stop price would trigger immediately.")
        if order.type == "LIMIT_MAKER" and next(market.within(order.side, order.price), None) is not None:
            raise rejected("Order would immediately match and take.")

    def _rate(self, order: MarginOrder) -> Decimal:
        """Return how much an order locks for a unit of base."""
        if order.side == "SELL":
            return ONE
        if order.price:
            return order.price
        if order.stop_price:
            return order.stop_price * 2  # what buys at the market may pay more than its stop
        return self.markets[order.symbol.name].cost("BUY", order.quantity) / order.quantity

    def _lock(self, order: MarginOrder, hold: Hold) -> None:
        """Lock what orders pay; borrow what is missing if they may, else -2010."""
        portfolio = order.portfolio
        cross = portfolio.margin[hold.asset]
        missing = hold.left - cross.free
        if missing > 0:
            if order.side_effect not in BORROWING:
                raise rejected("Account has insufficient balance for requested action.")
            self._loans.borrow(portfolio, hold.asset, missing)
            order.borrowed = missing
        cross.free -= hold.left
        cross.locked += hold.left
        cross.updated = self._now()
        order.hold = hold

    def _take_in(self, order: MarginOrder) -> None:
        self.orders_of(order.portfolio).append(order)
        del self.orders_of(order.portfolio)[:-KEPT]
        if order.type in STOPS:
            self._report(order, "NEW")
        else:
            self._work(order)

    def _work(self, order: MarginOrder) -> None:
        """Put an order to work: match it, and let the rest of it rest or expire."""
        order.working, order.working_since = True, self._now()
        self._report(order, "NEW")
        market = self.markets[order.symbol.name]
        limit = None if order.at_market else order.price
        there = sum((one.quantity for one in market.within(order.side, limit)), ZERO)
        if order.time_in_force == "FOK" and there < order.quantity:
            self._end(order, "EXPIRED", "EXPIRED")
            return
        self._match(market, order, limit)
        if not order.is_open:
            return
        if order.at_market or order.time_in_force == "IOC":
            self._end(order, "EXPIRED", "EXPIRED")
        else:
            market.resting.append(order)

    def _match(self, market: MarginMarket, order: MarginOrder, limit: Decimal | None) -> None:
        for quote in list(market.within(order.side, limit)):
            maker = quote.order
            if maker is not None and not maker.is_open:
                continue  # it ended with its list
            if maker is not None and maker.portfolio is order.portfolio and order.stp != "NONE":
                self._prevent(order, maker, quote)
                if not order.is_open:
                    return
                continue
            quantity = min(order.remaining, quote.quantity)
            number = market.next_trade(quote.price)
            if maker is not None:
                self._fill(maker, quantity, quote.price, number, maker=True)
                self._told(maker.portfolio, maker)
            self._fill(order, quantity, quote.price, number, maker=False)
            if not order.remaining:
                return

    def _prevent(self, order: MarginOrder, maker: MarginOrder, quote: MarginQuote) -> None:
        """Keep an account from trading with itself, as the incoming order asks for."""
        quantity = min(order.remaining, quote.quantity)
        number = next(self._matches)
        for one, other, ends in (
            (maker, order, order.stp in {EXPIRE_MAKER, "EXPIRE_BOTH"}),
            (order, maker, order.stp != EXPIRE_MAKER),
        ):
            if ends:
                one.prevented = Prevented(number, other, quote.price, quantity)
                self._end(one, "EXPIRED_IN_MATCH", "TRADE_PREVENTION")

    def _fill(self, order: MarginOrder, quantity: Decimal, price: Decimal, number: int, *, maker: bool) -> None:
        """Book one execution: what it pays leaves the lock, what it gets comes in less the fee."""
        portfolio, now = order.portfolio, self._now()
        worth = to_money(quantity * price)
        paid, got = (worth, quantity) if order.side == "BUY" else (quantity, worth)
        self._pay(order, quantity, paid)
        fee = to_money(got * FEE)
        receiving = portfolio.margin[order.gets]
        receiving.free += got - fee
        receiving.updated = now
        order.executed += quantity
        order.cost += worth
        order.updated = now
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        trade = MarginTrade(number, order, price, quantity, fee, order.gets, maker, now)
        order.trades.append(trade)
        self._report(order, "TRADE", trade)
        others = [] if order.order_list is None else [one for one in order.order_list.orders if one is not order]
        for other in others:
            if other.is_open:
                self._leave(other, "EXPIRED", "EXPIRED")
        if not order.remaining:
            self._out_of_book(order)
            self._release(order)
        if order.side_effect in REPAYING and receiving.owed and receiving.free > 0:
            self._loans.repay(portfolio, order.gets, min(receiving.free, receiving.owed))

    def _pay(self, order: MarginOrder, quantity: Decimal, paid: Decimal) -> None:
        hold = order.hold
        if hold is None:
            return
        cross = order.portfolio.margin[hold.asset]
        share = min(to_money(hold.rate * quantity), hold.left)
        hold.left -= share
        cross.locked -= share
        cross.free += share - paid
        cross.updated = self._now()

    # ends

    def cancel(self, order: MarginOrder, cancel_id: str) -> None:
        """Cancel an order, and with it the list that it belongs to."""
        together = [order] if order.order_list is None else [one for one in order.order_list.orders if one.is_open]
        for one in together:
            self._leave(one, "CANCELED", "CANCELED", cancel_id)
        self._release(order)
        cross = order.portfolio.margin[order.pays]
        borrowed = sum((one.borrowed for one in together if one.repay_at_cancel), ZERO)
        repaid = min(borrowed, cross.free, cross.owed)
        if repaid > 0:
            self._loans.repay(order.portfolio, order.pays, repaid)
        self._told(order.portfolio, order)

    def expire(self, order: MarginOrder) -> None:
        """Let an order expire, as the exchange does when it liquidates."""
        if order.is_open:
            self._end(order, "EXPIRED", "EXPIRED")

    def _end(self, order: MarginOrder, status: str, execution: str) -> None:
        self._leave(order, status, execution)
        others = [] if order.order_list is None else [one for one in order.order_list.orders if one.is_open]
        for other in others:
            self._leave(other, "EXPIRED", "EXPIRED")
        self._release(order)
        self._told(order.portfolio, order)

    def _leave(self, order: MarginOrder, status: str, execution: str, cancel_id: str = "") -> None:
        self._out_of_book(order)
        order.status, order.updated = status, self._now()
        self._report(order, execution, cancel_id=cancel_id)

    def _out_of_book(self, order: MarginOrder) -> None:
        resting = self.markets[order.symbol.name].resting
        if order in resting:
            resting.remove(order)

    def _release(self, order: MarginOrder) -> None:
        """Unlock what is left, once no order needs it."""
        hold = order.hold
        if hold is None or not hold.left:
            return
        cross = order.portfolio.margin[hold.asset]
        cross.locked -= hold.left
        cross.free += hold.left
        cross.updated = self._now()
        hold.left = ZERO

    # prices

    @staticmethod
    def _reached(order: MarginOrder, price: Decimal) -> bool:
        return price >= order.stop_price if order.rises_to_stop else price <= order.stop_price

    def _price_moved(self, moved: Market) -> None:
        """Trigger stops that the price reached, and fill what the maker's quotes cross."""
        market = self.markets.get(moved.symbol.name)
        if market is None:
            return
        market.follow()
        for order in [one for one in self._all_open(market) if one.type in STOPS and not one.working]:
            if order.is_open and self._reached(order, market.last_price):
                self._work(order)
                self._told(order.portfolio, order)
        for order in list(market.resting):
            crossing = next((one for one in market.within(order.side, order.price) if one.order is None), None)
            if crossing is not None and order.is_open:
                self._fill(order, order.remaining, order.price, market.next_trade(order.price), maker=True)
                self._told(order.portfolio, order)
        for portfolio in self._orders:
            self.check_losses(portfolio)

    def _all_open(self, market: MarginMarket) -> Iterable[MarginOrder]:
        return (one for portfolio in self._orders for one in self.open_orders(portfolio, market.symbol.name))

    # events

    def _now(self) -> int:
        return self._engine.clock.now_ms()

    def _report(
        self, order: MarginOrder, execution: str, trade: MarginTrade | None = None, *, cancel_id: str = ""
    ) -> None:
        report = portfolio_events.execution_report(
            order, execution, self._now(), next(self._executions), trade=trade, cancel_id=cancel_id
        )
        self._publish(order.portfolio, report)

    def _told(self, portfolio: PortfolioAccount, order: MarginOrder) -> None:
        """Send what became of the assets of an order."""
        self.moved(portfolio, (order.symbol.base, order.symbol.quote))
        self.check_losses(portfolio)

    def moved(self, portfolio: PortfolioAccount, assets: Iterable[str]) -> None:
        """Send what an account has of assets."""
        event = portfolio_events.account_position(portfolio, assets, next(self._updates), self._now())
        self._publish(portfolio, event)

    def transferred(self, portfolio: PortfolioAccount, asset: str, change: Decimal) -> None:
        """Send what a transfer changed."""
        event = portfolio_events.balance_update(asset, change, next(self._updates), self._now())
        self._publish(portfolio, event)
        self.moved(portfolio, (asset,))

    def check_losses(self, portfolio: PortfolioAccount) -> None:
        """Send what open orders would lose, when that begins, ends or grows by a per cent."""
        before, now = self._losses.get(portfolio, {}), self.open_losses(portfolio)
        if before.keys() == now.keys() and all(abs(now[one] - before[one]) * 100 <= before[one] for one in now):
            return
        self._losses[portfolio] = now
        gone = dict.fromkeys(before.keys() - now.keys(), ZERO)
        self._publish(portfolio, portfolio_events.open_order_loss(now | gone, self._now()))


def listener(engine: Engine) -> Callable[[PortfolioAccount, dict[str, object]], None]:
    """Return what sends a portfolio an event."""
    return lambda portfolio, event: engine.publish(portfolio.owner, event, portfolio_events.UNIT)
