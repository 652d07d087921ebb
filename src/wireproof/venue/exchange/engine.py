"""The exchange at work: its state, the flow of orders, and the desks that act when something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.eras import TODAY
from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.account_settings import AccountSettings
from wireproof.venue.exchange.conditional_orders import ConditionalOrderDesk
from wireproof.venue.exchange.delivery import DeliveryDesk
from wireproof.venue.exchange.funding import FundingDesk
from wireproof.venue.exchange.liquidation import LiquidationDesk
from wireproof.venue.exchange.order_flow import OrderFlow, closable
from wireproof.venue.exchange.profile import TESTNET
from wireproof.venue.exchange.state import NO_STATUSES, ExchangeState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.base.eras import Era
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.profile import Profile


class Engine(ExchangeState):
    """The exchange: builds the desks that act on its state, subscribes them to signals, and moves the markets.

    Args:
        clock: tells the time, in milliseconds.
        keys: one API key for each account.
        seed: fixes every market move and every generated id.
        moves: False keeps the market maker's prices where they are.
        profile: the host that is imitated.
        era: the day whose behaviour is served.
        statuses: the status of contracts that do not trade, by symbol.
    """

    def __init__(
        self,
        clock: Clock,
        keys: Sequence[ApiKey],
        *,
        seed: int = 0,
        moves: bool = True,
        profile: Profile = TESTNET,
        era: Era = TODAY,
        statuses: Mapping[str, str] = NO_STATUSES,
    ) -> None:
        super().__init__(clock, keys, seed=seed, moves=moves, profile=profile, era=era, statuses=statuses)
        self.orders = OrderFlow(self)
        self.settings = AccountSettings(self)
        self.conditional_orders = ConditionalOrderDesk(self, self.orders)
        self.funding = FundingDesk(self)
        self.liquidator = LiquidationDesk(self, self.orders)
        self.delivery = DeliveryDesk(self, self.orders, self.conditional_orders)
        self.traded.subscribe(self.conditional_orders.check)
        self.price_moved.subscribe(self.conditional_orders.check, self.liquidator.check)
        self.order_done.subscribe(self.conditional_orders.order_done)
        self.ticked.subscribe(
            self.funding.check,
            self.delivery.check,
            self.orders.expire_due,
            self.conditional_orders.expire_due,
            self.orders.count_down,
        )
        for market in self.markets.values():
            market.quote(clock.now_ms())

    def tick(self) -> None:
        """Let a second pass: the market maker moves and quotes, then what is due happens."""
        now = self.clock.now_ms()
        for market in self.markets.values():
            if self.moves:
                market.move()
                market.print_trade(now)
            self.requote(market)
        self.ticked.send(now)

    def expire_dated(self, symbol: str) -> None:
        """Let a symbol's dated orders and conditional orders expire as if their date had come; -1121."""
        wanted = self.market(symbol).symbol
        self.orders.expire_dated(lambda order: order.symbol is wanted)
        self.conditional_orders.expire_dated(lambda algo: algo.symbol is wanted)

    def set_price(self, symbol: str, price: Decimal) -> None:
        """Move a market to `price`: orders in the way trade, triggers fire; -4002 for a price that is out of reach."""
        market = self.listed(symbol)
        if not ZERO < price <= market.symbol.max_price:
            raise Refusal(-4002, f"{symbol} can be moved to a price above 0 and up to {market.symbol.max_price:f}.")
        market.set_price(price)
        market.print_trade(self.clock.now_ms())
        self.requote(market)

    def requote(self, market: Market) -> None:
        """Renew the market maker's quotes; first the maker takes the users' orders that these would cross.

        Simulated retail users take the RPI orders: neither the maker nor users of the API are retail users.
        """
        book = market.book
        market.withdraw()
        bid, ask = market.inside()
        retail = market.rpi_book
        for side, touch in ((book.asks, bid), (book.bids, ask), (retail.asks, bid), (retail.bids, ask)):
            rpi = side in (retail.asks, retail.bids)
            while (resting := side.front()) is not None and side.crosses(touch, resting.price):
                order = resting.order
                quantity = resting.remaining if order is None else closable(order)
                if quantity:
                    sold = side is retail.bids if rpi else None
                    trade_id = market.next_trade(resting.price, quantity, buyer_is_maker=sold, rpi=rpi)
                    self.orders.fill_resting(side, resting, quantity, trade_id)
                elif order is not None:
                    self.orders.expire(order, user_events.REDUCE_ONLY_KNOCKED_OUT)
        market.quote(self.clock.now_ms())
        self.price_moved.send(market)
