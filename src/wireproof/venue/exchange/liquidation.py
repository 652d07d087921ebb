"""Margin calls and liquidation: what happens to positions whose margin no longer carries them.

Each isolated position stands for itself; the cross positions of one margin asset stand together, in multi-assets mode
those of all USDⓈ-M assets. At eighty per cent of its margin a pool gets one MARGIN_CALL, and another only after it was
healthy in between. At a hundred its open orders are cancelled and its positions are closed, the most demanding first,
until the rest can be carried: with an order at the price at which nothing of the margin is left (LIMIT, IOC, client id
`autoclose-…`, as documented for force orders). The insurance fund takes over at that price what finds no counterparty
there. The fund takes the liquidation fee from what is left of the margin, and pays what is missing (INSURANCE_CLEAR).
When it has less than a position costs at its mark price, others are closed in its place (see `deleveraging`).

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Margin-Call
https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Users-Force-Orders
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import count
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin, user_events
from wireproof.venue.exchange.deleveraging import deleverage
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.exchange.records import OrderRequest
from wireproof.venue.exchange.signals import Signal

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.market import Market
    from wireproof.venue.exchange.order_flow import OrderFlow
    from wireproof.venue.exchange.records import Account, Order, Position
    from wireproof.venue.exchange.state import ExchangeState

CALL_AT = Decimal("0.8")
LIQUIDATION_FEE = Decimal("0.0125")  # of the notional, as exchange information says
OPENING_FUND = Decimal(1_000_000)  # of each margin asset
PREFIX = "autoclose-"


@dataclass(frozen=True, slots=True)
class Pool:
    """Positions that share one margin; `balance` and `maintenance` in the margin asset, in dollars across assets."""

    name: str
    positions: tuple[Position, ...]
    balance: Decimal
    maintenance: Decimal
    isolated: bool

    @property
    def ratio(self) -> Decimal:
        """Return how much of the balance the maintenance margin takes; one or more means liquidation."""
        return self.maintenance / self.balance if self.balance > 0 else Decimal(1)


class LiquidationDesk:
    """Watches the margin of every account, and closes what it no longer carries."""

    def __init__(self, state: ExchangeState, orders: OrderFlow) -> None:
        self._state, self._orders = state, orders
        self._numbers = count(1)
        self._called: set[tuple[str, str]] = set()
        self._busy = False
        self.liquidated: Signal[Order] = Signal()  # with the order, if it traded
        self.fund: dict[str, Decimal] = {}

    def fund_of(self, asset: str) -> Decimal:
        """Return how much of `asset` the insurance fund has."""
        return self.fund.get(asset, OPENING_FUND)

    def set_fund(self, asset: str, amount: Decimal) -> None:
        """Set how much of `asset` the insurance fund has; -1102 for an asset that no contract is margined in."""
        if amount < 0 or asset not in {symbol.margin_asset for symbol in self._state.symbols.values()}:
            raise Refusal(-1102, "The insurance fund has zero or more of an asset that contracts are margined in.")
        self.fund[asset] = amount

    def risk(self, asset: str) -> str:
        """Return the risk of deleveraging in `asset`: low, medium or high, by how much of the fund is left."""
        share = self.fund_of(asset) / OPENING_FUND
        return "low" if share > Decimal("0.5") else "medium" if share > Decimal("0.1") else "high"

    def check(self, market: Market) -> None:
        """Check the margin of every account that has a position in `market`, after its price moved."""
        if self._busy:
            return
        self._busy = True
        try:
            for account in self._state.accounts:
                if account.collateral is not None:
                    continue  # whoever keeps it watches it
                positions = list(account.open_positions(market.symbol.name))
                for position in positions:
                    self._check_position(account, position)
                if not positions:  # the next one is called again
                    self._called -= {key for key in self._called if key[0] == account.name and _is_of(market, key[1])}
        finally:
            self._busy = False

    def _check_position(self, account: Account, position: Position) -> None:
        pool = self._pool(account, position)
        key = (account.name, pool.name)
        if pool.ratio < CALL_AT:
            self._called.discard(key)
            return
        if key not in self._called:
            self._called.add(key)
            now = self._state.clock.now_ms()
            event = user_events.margin_call(account, pool.positions, now, isolated=pool.isolated)
            self._state.publish(account, event, position.symbol.unit)
        if pool.ratio >= 1:
            self._liquidate(account, position, pool)
            self._called.discard(key)

    # pools

    def _pool(self, account: Account, position: Position) -> Pool:
        symbol = position.symbol
        if symbol.name in account.isolated:
            mark = account.mark(symbol.name)
            balance = position.isolated_wallet + position.unrealised(mark)
            maintenance = margin.maintenance(account, position)
            return Pool(f"{symbol.name} {position.side}", (position,), balance, maintenance, isolated=True)
        shared = account.multi_assets and symbol.unit == UM
        positions = tuple(
            one
            for one in account.open_positions()
            if one.symbol.name not in account.isolated
            and one.symbol.unit == symbol.unit
            and (shared or one.symbol.margin_asset == symbol.margin_asset)
        )
        assets = list(account.wallets) if shared else [symbol.margin_asset]

        def price(asset: str) -> Decimal:
            return margin.usd_price(account, asset) if shared else Decimal(1)

        balance = sum((price(asset) * margin.cross_balance(account, asset, symbol.unit) for asset in assets), ZERO)
        maintenance = sum(
            (price(one.symbol.margin_asset) * margin.maintenance(account, one) for one in positions),
            ZERO,
        )
        name = "cross" if shared else f"cross {symbol.margin_asset} {symbol.unit}"
        return Pool(name, positions, balance, maintenance, isolated=False)

    # liquidation

    def _liquidate(self, account: Account, first: Position, pool: Pool) -> None:
        names = {one.symbol.name for one in pool.positions}
        for order in account.orders_of(None):
            if order.symbol.name in names and order.is_open:
                self._orders.cancel(order)
        while pool.ratio >= 1 and pool.positions:
            worst = max(
                pool.positions,
                key=lambda one: margin.maintenance(account, one),
            )
            self._close(account, worst, pool)
            if pool.isolated:
                return
            pool = self._pool(account, first)

    def _close(self, account: Account, position: Position, pool: Pool) -> None:
        symbol, amount = position.symbol, position.amount
        unit, asset = symbol.unit, symbol.margin_asset
        aside, before = position.isolated_wallet, account.wallets_of(unit)[asset]
        worth = abs(margin.notional(account, symbol.name, position.side))
        dollars = margin.usd_price(account, asset) if pool.name == "cross" else Decimal(1)
        price = bankruptcy_price(symbol, amount, account.mark(symbol.name), pool.balance / dollars)
        now = self._state.clock.now_ms()
        request = OrderRequest(
            symbol=symbol,
            side="SELL" if amount > 0 else "BUY",
            position_side=position.side,
            type="LIMIT",
            time_in_force="IOC",
            quantity=abs(amount),
            price=price,
            stp="NONE",
            client_id=f"{PREFIX}{now}{next(self._numbers):06}",
            forced=True,
        )
        order = self._orders.submit(account, request)
        if order.executed:
            self.liquidated.send(order)
        if position.amount:
            self._pay_for(position, price, account.mark(symbol.name))
            self._take_over(account, position, price, now)
        left = (
            account.wallets_of(unit)[asset] - before + aside
            if pool.isolated
            else margin.cross_balance(account, asset, unit)
        )
        fee = to_money(min(worth * LIQUIDATION_FEE, left)) if left > 0 else left
        self._clear(account, symbol, position, fee, now)

    def _pay_for(self, position: Position, price: Decimal, mark: Decimal) -> None:
        """Let the fund bear what a position gains or loses from `price` on; else the other side's users do.

        What no user is there for, the fund pays as far as it can.
        """
        symbol, amount = position.symbol, position.amount
        asset = symbol.margin_asset
        if self.fund_of(asset) + symbol.profit(amount, price, mark) < 0:
            amount -= deleverage(self._orders, position, price)
        self.fund[asset] = max(self.fund_of(asset) + to_money(symbol.profit(amount, price, mark)), ZERO)

    def _take_over(self, account: Account, position: Position, price: Decimal, now: int) -> None:
        """Let the insurance fund take over the rest of a position, at the price at which its margin is used up."""
        symbol = position.symbol
        isolated = symbol.name in account.isolated
        leverage = account.leverage(symbol.name)
        profit = position.apply(-position.amount, price, ZERO, leverage, isolated=isolated)
        account.credit(symbol, profit, now)
        account.income.add(symbol.unit, "REALIZED_PNL", profit, symbol.margin_asset, now, symbol=symbol.name)
        position.updated = now

    def _clear(self, account: Account, symbol: Symbol, position: Position, fee: Decimal, now: int) -> None:
        """Book the liquidation fee, or what the fund pays when `fee` is negative, and publish the event."""
        asset = symbol.margin_asset
        account.credit(symbol, -fee, now)
        self.fund[asset] = self.fund_of(asset) + fee
        account.income.add(symbol.unit, "INSURANCE_CLEAR", -fee, asset, now, symbol=symbol.name)
        event = user_events.account_update(account, "INSURANCE_CLEAR", [asset], [position], now, unit=symbol.unit)
        self._state.publish(account, event, symbol.unit)


def bankruptcy_price(symbol: Symbol, amount: Decimal, mark: Decimal, balance: Decimal) -> Decimal:
    """Return the price at which a position of `amount` has used up `balance`, on the tick, on the safe side of it."""
    if symbol.inverse:
        inverse = 1 / mark + balance / (amount * symbol.contract_size)
        price = 1 / inverse if inverse > 0 else symbol.max_price
    else:
        price = mark - balance / amount
    rounding = ROUND_CEILING if amount > 0 else ROUND_FLOOR
    on_tick = (price / symbol.tick).to_integral_value(rounding=rounding) * symbol.tick
    return min(max(on_tick, symbol.tick), symbol.max_price)


def _is_of(market: Market, pool: str) -> bool:
    """Whether a pool is that of an isolated position in a market."""
    return pool.partition(" ")[0] == market.symbol.name
