"""The engine: markets, accounts and orders, with one method per thing that can happen to an order.

Everything here is synchronous and runs to its end, so that each request sees a consistent state. Whatever users should
hear of goes through `publish`, in the order in which the exchange sends it.
"""

from __future__ import annotations

import random
import string
from itertools import count
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO
from wireproof.venue.base.refusals import Refusal, invalid_symbol
from wireproof.venue.exchange import user_events
from wireproof.venue.exchange.account import Account
from wireproof.venue.exchange.account_history import MarginChange
from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.exchange.conditional_orders import AlgoDesk
from wireproof.venue.exchange.delivery import Delivery
from wireproof.venue.exchange.funding import Funding
from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.exchange.liquidation import Liquidator
from wireproof.venue.exchange.market import Market
from wireproof.venue.exchange.matching import closable, execute, fill_resting
from wireproof.venue.exchange.orders import Order
from wireproof.venue.exchange.placement import check_open
from wireproof.venue.exchange.profile import TESTNET
from wireproof.venue.exchange.quarters import linear_quarterlies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.base.venue_clock import Clock
    from wireproof.venue.exchange.algo_orders import AlgoOrder
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.placement import OrderRequest
    from wireproof.venue.exchange.profile import Profile

Json = dict[str, Any]
_ALPHANUMERIC = string.ascii_letters + string.digits


class Engine:
    """Markets and accounts.

    *seed* fixes every market move and generated id; keys are handed in, because secrets must not come from a seed.
    *moves* False keeps the market maker's prices where they are.
    """

    def __init__(
        self, clock: Clock, keys: Sequence[ApiKey], *, seed: int = 0, moves: bool = True, profile: Profile = TESTNET
    ) -> None:
        self.clock = clock
        self.moves = moves
        self.rng = random.Random(seed)  # noqa: S311  # repeatable on purpose; no secret comes from it
        now = clock.now_ms()
        listed = SYMBOLS | coin_symbols(now) | linear_quarterlies(now)
        self.symbols = {name: profile.adapt(one) for name, one in listed.items()}
        self.markets: dict[str, Market] = {}
        self.delivered: dict[str, Market] = {}
        for name, symbol in self.symbols.items():
            self.markets[name] = Market(symbol, self.rng, now, self._underlying(symbol))
        self.accounts = [
            Account(key.type.lower(), self.random_text(4), key, self.mark_price, now, symbols=self.symbols)
            for key in keys
        ]
        self.listener: Callable[[Account, Json], None] = lambda _account, _event: None
        self.coin_listener: Callable[[Account, Json], None] = lambda _account, _event: None
        self.algo_desk = AlgoDesk(self)
        self.funding = Funding(self)
        self.liquidator = Liquidator(self)
        self.delivery = Delivery(self)
        self._order_ids = count(4_000_000_000 + self.rng.randrange(1_000_000_000))
        for market in self.markets.values():
            market.quote(now)

    def _underlying(self, symbol: Symbol) -> Market | None:
        """Return the market of a dated contract's perpetual, which shares its index."""
        if symbol.perpetual:
            return None
        return next(one for one in self.markets.values() if one.symbol.perpetual and one.symbol.pair == symbol.pair)

    # lookups

    def random_text(self, length: int) -> str:
        """Return letters and digits from the seeded generator."""
        return "".join(self.rng.choices(_ALPHANUMERIC, k=length))

    def mark_price(self, symbol: str) -> Decimal:
        """Return the mark price of a symbol."""
        return self.market(symbol).mark_price

    def market(self, name: str) -> Market:
        """Return a symbol's market, that of a delivered contract, too; -1121 when there never was one."""
        return self.delivered[name] if name in self.delivered else self.listed(name)

    def listed(self, name: str) -> Market:
        """Return a symbol's market; -1121 when it is not listed."""
        found = self.markets.get(name)
        if found is None:
            raise invalid_symbol()
        return found

    def list_contract(self, symbol: Symbol) -> Market:
        """Open a market for *symbol*."""
        now = self.clock.now_ms()
        self.symbols[symbol.name] = symbol
        market = self.markets[symbol.name] = Market(symbol, self.rng, now, self._underlying(symbol))
        market.quote(now)
        return market

    def unlist(self, market: Market) -> None:
        """Close a market: its past can still be asked for."""
        name = market.symbol.name
        self.delivered[name] = self.markets.pop(name)
        del self.symbols[name]

    def account_of(self, api_key: str) -> Account | None:
        """Return the account that an API key belongs to."""
        return next((one for one in self.accounts if one.key.api_key == api_key and not one.key.revoked), None)

    def publish(self, account: Account, event: Json, *, inverse: bool = False) -> None:
        """Send *event* to the account's user-data streams, of COIN-M if *inverse*, else of USDⓈ-M."""
        (self.coin_listener if inverse else self.listener)(account, event)

    # orders

    def new_order(self, account: Account, request: OrderRequest, algo: AlgoOrder | None = None) -> Order:
        """Return an order as it was asked for, with an id."""
        now = self.clock.now_ms()
        return Order(
            order_id=next(self._order_ids),
            account=account,
            symbol=request.symbol,
            client_id=request.client_id or self.random_text(22),
            side=request.side,
            position_side=request.position_side,
            type=request.type,
            time_in_force=request.time_in_force,
            quantity=request.quantity,
            price=request.price,
            reduce_only=request.reduce_only,
            close_position=request.close_position,
            price_match=request.price_match,
            stp=request.stp,
            good_till=request.good_till,
            working_type=request.working_type,
            price_protect=request.price_protect,
            created=now,
            updated=now,
            forced=request.forced,
            algo=algo,
        )

    def submit(self, account: Account, request: OrderRequest, algo: AlgoOrder | None = None) -> Order:
        """Take in an order that has passed its checks, and match it."""
        order = self.new_order(account, request, algo)
        if algo is not None:
            algo.order = order
        market = self.markets[request.symbol.name]
        execute(self, market, order)
        self.algo_desk.check(market)
        return order

    def amend(self, order: Order, quantity: Decimal, price: Decimal, modify_id: int | None = None) -> None:
        """Give a resting order a new *quantity* and *price*; it goes to the end of its new price's queue."""
        market = self.markets[order.symbol.name]
        self._unrest(order)
        order.account.release(order)
        prices, quantities = (order.price, price), (order.quantity, quantity)
        order.quantity, order.price, order.updated = quantity, price, self.clock.now_ms()
        order.modifications += 1
        order.modify_id = modify_id
        order.account.history.amended(order, order.updated, prices, quantities, modify_id=modify_id)
        execute(self, market, order, announce="AMENDMENT")
        self.algo_desk.check(market)

    def cancel(self, order: Order) -> None:
        """Cancel an open order."""
        self._end(order, "CANCELED", "CANCELED", "0")

    def expire(self, order: Order, reason: str = "0", status: str = "EXPIRED") -> None:
        """Let an open order expire; *reason* is the event's `er`."""
        self._end(order, status, "EXPIRED", reason)

    def _end(self, order: Order, status: str, execution: str, reason: str) -> None:
        now = self.clock.now_ms()
        order.status, order.updated = status, now
        self.retire(order)
        self.markets[order.symbol.name].changed(now)
        event = user_events.order_update(order, execution, now, er=reason)
        self.publish(order.account, event, inverse=order.symbol.inverse)
        self.finished(order)

    def _unrest(self, order: Order) -> None:
        if order.resting is not None:
            self.markets[order.symbol.name].book_of(order).own(order.side).remove(order.resting)
            order.resting = None

    def retire(self, order: Order) -> None:
        """Take an order that is done off the book and out of the margin."""
        self._unrest(order)
        order.account.release(order)
        order.account.archive(order)

    def finished(self, order: Order) -> None:
        """Follow up on an order's fills and its end: its conditional order, and orders left without a position."""
        if order.algo is not None and not order.is_open:
            self.algo_desk.order_done(order.algo)
        if order.executed and not order.account.position(order.symbol, order.position_side).amount:
            for other in order.account.orders_of(order.symbol.name):
                if other.reduce_only and other.position_side == order.position_side and other.is_open:
                    self.expire(other, user_events.REDUCE_ONLY_KNOCKED_OUT)

    # time and prices

    def tick(self) -> None:
        """Let a moment pass: the market maker moves and quotes, dated orders expire, triggers are looked at."""
        now = self.clock.now_ms()
        for market in self.markets.values():
            if self.moves:
                market.move()
                market.print_trade(now)
            self.requote(market)
        self.funding.check()
        self.delivery.check()
        self._expire_dated(lambda one: one.good_till <= now)
        for account in self.accounts:
            for symbol in [name for name, due in account.countdowns.items() if due <= now]:
                del account.countdowns[symbol]
                for order in account.orders_of(symbol):
                    self.cancel(order)

    def _expire_dated(self, due: Callable[[Order | AlgoOrder], bool]) -> None:
        for account in self.accounts:
            for order in [one for one in account.open_orders.values() if one.good_till and due(one)]:
                self.expire(order)
            for algo in [one for one in account.algos.values() if one.good_till and due(one)]:
                self.algo_desk.expire(algo)

    def expire_dated(self, symbol: str) -> None:
        """Let a symbol's dated orders and conditional orders expire as if their date had come; -1121."""
        wanted = self.market(symbol).symbol
        self._expire_dated(lambda one: one.symbol is wanted)

    def set_price(self, symbol: str, price: Decimal) -> None:
        """Move a market to *price*: orders in the way trade, triggers fire."""
        market = self.listed(symbol)
        if not ZERO < price <= market.symbol.max_price:
            raise Refusal(-4002, f"{symbol} can be moved to a price above 0 and up to {market.symbol.max_price:f}.")
        market.set_price(price)
        market.print_trade(self.clock.now_ms())
        self.requote(market)

    def requote(self, market: Market) -> None:
        """Renew the market maker's quotes; where they would cross a user's order, the maker takes it first.

        Orders for retail users are taken by such: the maker is none, and users of the API are none either.
        """
        book = market.book
        book.bids.drop_quotes()
        book.asks.drop_quotes()
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
                    fill_resting(self, side, resting, quantity, trade_id)
                elif order is not None:
                    self.expire(order, user_events.REDUCE_ONLY_KNOCKED_OUT)
        market.quote(self.clock.now_ms())
        self.algo_desk.check(market)
        self.liquidator.check(market)

    # settings

    def has_open_orders(self, account: Account, symbol: str | None = None, *, linear_only: bool = False) -> bool:
        """Tell whether orders or conditional orders are open, of one symbol or of any."""
        symbols = [order.symbol for order in account.open_orders.values()]
        symbols += [algo.symbol for algo in account.algos.values()]
        return any(symbol in {None, one.name} and not (linear_only and one.inverse) for one in symbols)

    def set_leverage(self, account: Account, symbol: Symbol, leverage: int) -> None:
        """Change a symbol's leverage."""
        check_open(symbol)
        if not 1 <= leverage <= symbol.max_leverage:
            raise Refusal(-4028, f"Leverage {leverage} is not valid")
        lower = leverage < account.leverage(symbol.name)
        if lower and symbol.name in account.isolated and any(account.open_positions(symbol.name)):
            raise Refusal(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions.")
        cap = symbol.notional_cap(leverage)
        if any(account.exposure(symbol.name, side) > cap for side in account.sides()):
            raise Refusal(-2027, "Exceeded the maximum allowable position at current leverage.")
        account.leverages[symbol.name] = leverage
        event = user_events.leverage_update(symbol.name, leverage, self.clock.now_ms())
        self.publish(account, event, inverse=symbol.inverse)

    def set_margin_type(self, account: Account, symbol: Symbol, *, isolated: bool) -> None:
        """Change a symbol's margin type."""
        check_open(symbol)
        if (symbol.name in account.isolated) == isolated:
            raise Refusal(-4046, "No need to change margin type.")
        if isolated and account.multi_assets and not symbol.inverse:
            raise Refusal(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
        if self.has_open_orders(account, symbol.name):
            raise Refusal(-4047, "Margin type cannot be changed if there exists open orders.")
        if any(account.open_positions(symbol.name)):
            raise Refusal(-4048, "Margin type cannot be changed if there exists position.")
        (account.isolated.add if isolated else account.isolated.discard)(symbol.name)
        # No event: ACCOUNT_UPDATE MARGIN_TYPE_CHANGE belongs to a position or an isolated wallet, and there is none.

    def change_margin(self, account: Account, symbol: Symbol, side: str, amount: Decimal, *, adding: bool) -> None:
        """Move margin into an isolated position, or out of it again."""
        if amount <= 0:
            raise Refusal(-4055, "Amount must be positive.")
        if symbol.name not in account.isolated:
            raise Refusal(-4049, "Add margin only support for isolated position.")
        position = account.position(symbol, side)
        if not position.amount:
            raise Refusal(-4054, "Cannot add position margin: position is 0.")
        if adding and amount > account.available(symbol.margin_asset, inverse=symbol.inverse):
            raise Refusal(-4050, "Cross balance insufficient.")
        lost = min(position.unrealised(account.mark(symbol.name)), ZERO)
        if not adding and amount > position.isolated_wallet + lost - account.position_margin(symbol.name, side):
            raise Refusal(-4051, "Isolated balance insufficient.")
        now = self.clock.now_ms()
        position.isolated_wallet += amount if adding else -amount
        position.updated = now
        account.history.margin_changes.append(MarginChange(symbol, side, amount, adding, now))
        touched, inverse = [symbol.margin_asset], symbol.inverse
        event = user_events.account_update(account, "MARGIN_TRANSFER", touched, [position], now, inverse=inverse)
        self.publish(account, event, inverse=inverse)

    def set_position_mode(self, account: Account, *, hedge: bool) -> None:
        """Change between one-way and hedge mode, of both products at once (since June 2026)."""
        if account.hedge_mode == hedge:
            raise Refusal(-4059, "No need to change position side.")
        if self.has_open_orders(account):
            raise Refusal(-4067, "Position side cannot be changed if there exists open orders.")
        if any(account.open_positions()):
            raise Refusal(-4068, "Position side cannot be changed if there exists position.")
        account.hedge_mode = hedge

    def set_multi_assets(self, account: Account, *, enabled: bool) -> None:
        """Change between single-asset and multi-assets mode."""
        if account.multi_assets == enabled:
            raise Refusal(-4171, "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.")
        if self.has_open_orders(account, linear_only=True):
            raise Refusal(-4170, "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.")
        if enabled and any(not self.symbols[name].inverse for name in account.isolated):
            raise Refusal(
                -4167,
                "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.",
            )
        account.multi_assets = enabled
        self.publish(account, user_events.multi_assets_update(enabled=enabled, now=self.clock.now_ms()))
