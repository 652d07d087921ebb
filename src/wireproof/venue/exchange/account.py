"""One trading account: balances, positions, settings, and the margin arithmetic over them.

Wallets are kept per product and asset and include what isolated positions have set aside; the cross wallet is what is
left. USDⓈ-M's BTC is not COIN-M's BTC: where an asset is named, *inverse* says which of the two is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.exchange.account_history import History
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.exchange.income import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wireproof.venue.base.auth import ApiKey
    from wireproof.venue.exchange.algo_orders import AlgoOrder
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.orders import Order

DEFAULT_LEVERAGE = 20
CLOSED_ORDERS_KEPT = 2_000
ASSETS = ("USDT", "USDC", "BTC")
# docs/exchange.md#new-accounts
OPENING_BALANCES = {"USDT": Decimal(5000), "USDC": Decimal(5000), "BTC": Decimal("0.01")}
OPENING_COINS = {"BTC": Decimal(1), "ETH": Decimal(10), "BNB": Decimal(100)}  # and 1000 of each other coin


@dataclass(slots=True, eq=False)
class Position:
    """A position; *amount* is negative when short."""

    symbol: Symbol
    side: str  # BOTH, LONG or SHORT
    amount: Decimal = ZERO
    entry: Decimal = ZERO
    fees: Decimal = ZERO  # paid for what is open, in the margin asset
    realised: Decimal = ZERO  # accumulated, before fees
    isolated_wallet: Decimal = ZERO
    updated: int = 0

    @property
    def break_even(self) -> Decimal:
        """Return the price at which closing pays for the fees."""
        if not self.amount:
            return ZERO
        fees = -self.fees if self.symbol.inverse else self.fees
        return self.symbol.mean_price(self.amount, self.symbol.value(self.amount, self.entry) + fees)

    def unrealised(self, mark: Decimal) -> Decimal:
        """Return the profit at *mark*."""
        return self.symbol.profit(self.amount, self.entry, mark)

    def apply(self, signed: Decimal, price: Decimal, fee: Decimal, leverage: int, *, isolated: bool) -> Decimal:
        """Add a fill of *signed* quantity at *price*; return the profit that it realises, before *fee*."""
        symbol, profit, opening = self.symbol, ZERO, signed
        if self.amount and (self.amount > 0) != (signed > 0):
            closing = -signed if abs(signed) <= abs(self.amount) else self.amount
            share = closing / self.amount
            profit = to_money(symbol.profit(closing, self.entry, price))
            self.isolated_wallet = to_money(self.isolated_wallet * (1 - share))
            self.fees *= 1 - share
            self.amount -= closing
            opening = signed + closing
        if opening:
            total = self.amount + opening
            self.entry = symbol.mean_price(total, symbol.value(self.amount, self.entry) + symbol.value(opening, price))
            self.amount = total
            self.fees += fee
            if isolated:
                self.isolated_wallet += to_money(symbol.value(abs(opening), price) / leverage)
        if not self.amount:
            self.entry = self.fees = self.isolated_wallet = ZERO
        self.realised += profit
        return profit


class Account:
    """Balances, positions, orders and settings of one user."""

    def __init__(
        self,
        name: str,
        alias: str,
        key: ApiKey,
        mark_price: Callable[[str], Decimal],
        now_ms: int,
        *,
        symbols: Mapping[str, Symbol],
    ) -> None:
        self.name, self.alias, self.key = name, alias, key
        self._mark = mark_price
        self.symbols = symbols  # of both products
        self.created = now_ms
        self.wallets = dict(OPENING_BALANCES)
        self.wallet_updated = dict.fromkeys(ASSETS, now_ms)
        self.coins = {coin: OPENING_COINS.get(coin, Decimal(1000)) for coin in COINS}
        self.coins_updated = dict.fromkeys(COINS, now_ms)
        self.hedge_mode = False
        self.multi_assets = False
        self.leverages: dict[str, int] = {}
        self.isolated: set[str] = set()
        self.positions: dict[tuple[str, str], Position] = {}
        self.open_orders: dict[int, Order] = {}
        self.open_by_client_id: dict[str, Order] = {}
        self.closed_orders: dict[int, Order] = {}
        self.algos: dict[int, AlgoOrder] = {}
        self.closed_algos: dict[int, AlgoOrder] = {}
        self.income = Ledger()
        self.history = History()
        self.countdowns: dict[str, int] = {}  # symbol -> when its orders are cancelled unless told otherwise
        self.fee_burn = True
        # Notional of resting orders that could grow a position: (symbol, position side) -> [bids, asks].
        self._held: dict[tuple[str, str], list[Decimal]] = {}

    # settings

    def leverage(self, symbol: str) -> int:
        """Return the leverage of *symbol*."""
        return self.leverages.get(symbol, DEFAULT_LEVERAGE)

    def forget_settings(self, symbol: str) -> None:
        """Drop the settings of a symbol that is listed no more."""
        self.leverages.pop(symbol, None)
        self.isolated.discard(symbol)
        self.countdowns.pop(symbol, None)

    def sides(self) -> tuple[str, ...]:
        """Return the position sides of the current mode."""
        return ("LONG", "SHORT") if self.hedge_mode else ("BOTH",)

    def purse(self, *, inverse: bool) -> dict[str, Decimal]:
        """Return the wallets of COIN-M (*inverse*) or USDⓈ-M, by asset."""
        return self.coins if inverse else self.wallets

    def credit(self, symbol: Symbol, amount: Decimal, now: int) -> None:
        """Add *amount*, negative when paid, to the wallet that *symbol* is settled in."""
        self.purse(inverse=symbol.inverse)[symbol.margin_asset] += amount
        (self.coins_updated if symbol.inverse else self.wallet_updated)[symbol.margin_asset] = now

    def position(self, symbol: Symbol, side: str) -> Position:
        """Return a position, empty when there is none yet."""
        key = (symbol.name, side)
        found = self.positions.get(key)
        if found is None:
            found = self.positions[key] = Position(symbol, side)
        return found

    def open_positions(self, symbol: str | None = None) -> Iterator[Position]:
        """Yield the positions that are not empty."""
        for position in self.positions.values():
            if position.amount and (symbol is None or position.symbol.name == symbol):
                yield position

    # orders

    def track(self, order: Order) -> None:
        """Remember an order that rests."""
        self.open_orders[order.order_id] = order
        self.open_by_client_id[order.client_id] = order

    def archive(self, order: Order) -> None:
        """Move an order that is done among the closed ones; the oldest of those is forgotten."""
        self.open_orders.pop(order.order_id, None)
        if self.open_by_client_id.get(order.client_id) is order:
            del self.open_by_client_id[order.client_id]
        self.closed_orders[order.order_id] = order
        if len(self.closed_orders) > CLOSED_ORDERS_KEPT:
            del self.closed_orders[next(iter(self.closed_orders))]

    def find_order(self, symbol: str, order_id: int | None, client_id: str | None) -> Order | None:
        """Return an order, open or closed, by its id or else by its client id (the latest with it)."""
        order: Order | None
        if order_id is not None:
            order = self.open_orders.get(order_id) or self.closed_orders.get(order_id)
        else:
            order = self.open_by_client_id.get(client_id or "") or next(
                (one for one in reversed(self.closed_orders.values()) if one.client_id == client_id), None
            )
        return order if order is not None and order.symbol.name == symbol else None

    def orders_of(self, symbol: str | None) -> list[Order]:
        """Return the open orders, of one symbol or of all."""
        return [order for order in self.open_orders.values() if symbol is None or order.symbol.name == symbol]

    # margin

    def hold(self, order: Order) -> None:
        """Count what remains of *order* into its symbol's order notional."""
        self.release(order)
        if order.reduces:
            return
        order.held = to_money(order.symbol.value(order.remaining, order.price))  # rounded, so that releasing is exact
        self._held.setdefault((order.symbol.name, order.position_side), [ZERO, ZERO])[order.side == "SELL"] += (
            order.held
        )

    def release(self, order: Order) -> None:
        """Take *order* out of the order notional again."""
        if order.held:
            self._held[order.symbol.name, order.position_side][order.side == "SELL"] -= order.held
            order.held = ZERO

    def held(self, symbol: str, side: str) -> tuple[Decimal, Decimal]:
        """Return the notional of resting bids and asks."""
        bids, asks = self._held.get((symbol, side), (ZERO, ZERO))
        return bids, asks

    def notional(self, symbol: str, side: str) -> Decimal:
        """Return a position's value at the mark price, negative when short."""
        position = self.positions.get((symbol, side))
        return position.symbol.value(position.amount, self._mark(symbol)) if position and position.amount else ZERO

    def exposure(self, symbol: str, side: str, extra_bid: Decimal = ZERO, extra_ask: Decimal = ZERO) -> Decimal:
        """Return the largest notional that position and resting orders (plus *extra*) can come to."""
        bids, asks = self.held(symbol, side)
        value = self.notional(symbol, side)
        return max(abs(value), abs(value + bids + extra_bid), abs(value - asks - extra_ask))

    def order_margin(self, symbol: str, side: str, extra_bid: Decimal = ZERO, extra_ask: Decimal = ZERO) -> Decimal:
        """Return the initial margin of resting orders beyond that of the position."""
        more = self.exposure(symbol, side, extra_bid, extra_ask) - abs(self.notional(symbol, side))
        return to_money(more / self.leverage(symbol))

    def position_margin(self, symbol: str, side: str) -> Decimal:
        """Return the initial margin of a position."""
        return to_money(abs(self.notional(symbol, side)) / self.leverage(symbol))

    def keys_of(self, asset: str, *, inverse: bool = False) -> list[tuple[str, str]]:
        """Return every (symbol, side) with a position or a held order whose margin is in *asset*."""
        keys = [key for key, position in self.positions.items() if position.amount]
        keys += [key for key, held in self._held.items() if any(held) and key not in keys]
        return [key for key in keys if _settles(self.symbols[key[0]], asset, inverse=inverse)]

    def cross_wallet(self, asset: str, *, inverse: bool = False) -> Decimal:
        """Return the wallet balance that is not set aside for isolated positions."""
        aside = (one.isolated_wallet for one in self.open_positions() if _settles(one.symbol, asset, inverse=inverse))
        return self.purse(inverse=inverse)[asset] - sum(aside, ZERO)

    def cross_profit(self, asset: str, *, inverse: bool = False) -> Decimal:
        """Return the unrealised profit of the cross positions."""
        found = ZERO
        for position in self.open_positions():
            if _settles(position.symbol, asset, inverse=inverse) and position.symbol.name not in self.isolated:
                found += position.unrealised(self._mark(position.symbol.name))
        return to_money(found)

    def available_of(self, asset: str, *, inverse: bool = False) -> Decimal:
        """Return what *asset* alone could still back, negative when overdrawn."""
        used = ZERO
        for symbol, side in self.keys_of(asset, inverse=inverse):
            used += self.order_margin(symbol, side)
            if symbol not in self.isolated:
                used += self.position_margin(symbol, side)
        return self.cross_wallet(asset, inverse=inverse) + self.cross_profit(asset, inverse=inverse) - used

    def usd_price(self, asset: str) -> Decimal:
        """Return what one unit of *asset* is worth in multi-assets mode; stable coins count as one."""
        return self._mark("BTCUSDT") if asset == "BTC" else Decimal(1)

    def available(self, asset: str, *, inverse: bool = False) -> Decimal:
        """Return what can still be used as margin, in *asset*; multi-assets mode is USDⓈ-M's only."""
        if inverse or not self.multi_assets:
            return self.available_of(asset, inverse=inverse)
        total = sum((self.available_of(one) * self.usd_price(one) for one in ASSETS), ZERO)
        return to_money(total / self.usd_price(asset))

    def mark(self, symbol: str) -> Decimal:
        """Return the mark price of *symbol*."""
        return self._mark(symbol)

    def liquidation_price(self, position: Position) -> Decimal:
        """Return the price at which a position is liquidated if nothing else moves; zero when it cannot be."""
        if not position.amount:
            return ZERO
        symbol, name, asset = position.symbol, position.symbol.name, position.symbol.margin_asset
        mark = self._mark(name)
        if name in self.isolated:
            cushion = position.isolated_wallet
        else:
            cushion = self.cross_wallet(asset, inverse=symbol.inverse)
            for other in self.open_positions():
                if other is position or other.symbol.name in self.isolated:
                    continue
                if not _settles(other.symbol, asset, inverse=symbol.inverse):
                    continue
                price = self._mark(other.symbol.name)
                cushion += other.unrealised(price) - other.symbol.maintenance(other.symbol.value(other.amount, price))
        size = abs(position.amount)
        worth = symbol.value(size, mark)
        bracket_rate = symbol.maintenance(worth) / worth
        if symbol.inverse:
            contracts = position.amount * symbol.contract_size
            left = cushion + contracts / position.entry
            price = (contracts + abs(contracts) * bracket_rate) / left if left else ZERO
        else:
            sign = 1 if position.amount > 0 else -1
            price = (cushion - position.amount * position.entry) / (size * bracket_rate - sign * size)
        return max(price, ZERO)


def _settles(symbol: Symbol, asset: str, *, inverse: bool) -> bool:
    return symbol.inverse == inverse and symbol.margin_asset == asset
