"""Margin arithmetic over an account: what positions and orders tie up, and what is left.

Amounts are in the margin asset: the quote asset of USDⓈ-M, the coin of COIN-M. A `unit` is a business unit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, to_money
from wireproof.venue.exchange.instruments import CM, UM
from wireproof.venue.exchange.records import ASSETS

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.records import Account, Position

STABLE = frozenset({"USDT", "USDC"})


def notional(account: Account, symbol: str, side: str) -> Decimal:
    """Return a position's value at the mark price, negative when short."""
    position = account.positions.get((symbol, side))
    return position.symbol.value(position.amount, account.mark(symbol)) if position and position.amount else ZERO


def exposure(account: Account, symbol: str, side: str, extra_bid: Decimal = ZERO, extra_ask: Decimal = ZERO) -> Decimal:
    """Return the largest notional that position and resting orders, with `extra_bid` and `extra_ask`, can come to."""
    bids, asks = account.held(symbol, side)
    value = notional(account, symbol, side)
    return max(abs(value), abs(value + bids + extra_bid), abs(value - asks - extra_ask))


def order_margin(
    account: Account, symbol: str, side: str, extra_bid: Decimal = ZERO, extra_ask: Decimal = ZERO
) -> Decimal:
    """Return the initial margin of resting orders beyond that of the position."""
    more = exposure(account, symbol, side, extra_bid, extra_ask) - abs(notional(account, symbol, side))
    return to_money(more / account.leverage(symbol))


def position_margin(account: Account, symbol: str, side: str) -> Decimal:
    """Return the initial margin of a position."""
    return to_money(abs(notional(account, symbol, side)) / account.leverage(symbol))


def maintenance(account: Account, position: Position) -> Decimal:
    """Return the maintenance margin of a position."""
    return position.symbol.maintenance(notional(account, position.symbol.name, position.side))


def margin_keys(account: Account, asset: str, unit: str = UM) -> list[tuple[str, str]]:
    """Return every (symbol, side) with a position or a held order whose margin is in `asset`."""
    keys = [key for key, position in account.positions.items() if position.amount]
    keys += [key for key in account.held_keys() if key not in keys]
    return [key for key in keys if _margined_in(account.symbols[key[0]], asset, unit=unit)]


def cross_wallet(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return the wallet balance that is not set aside for isolated positions."""
    positions = (one for one in account.open_positions() if _margined_in(one.symbol, asset, unit))
    return account.wallets_of(unit)[asset] - sum((one.isolated_wallet for one in positions), ZERO)


def cross_profit(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return the unrealised profit of the cross positions."""
    found = ZERO
    for position in account.open_positions():
        if _margined_in(position.symbol, asset, unit) and position.symbol.name not in account.isolated:
            found += position.unrealised(account.mark(position.symbol.name))
    return to_money(found)


def cross_balance(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return the cross wallet with the unrealised profit of the cross positions."""
    return cross_wallet(account, asset, unit) + cross_profit(account, asset, unit)


def available_of(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return what `asset` alone could still back, negative when overdrawn."""
    used = ZERO
    for symbol, side in margin_keys(account, asset, unit):
        used += order_margin(account, symbol, side)
        if symbol not in account.isolated:
            used += position_margin(account, symbol, side)
    return cross_balance(account, asset, unit) - used


def usd_price(account: Account, asset: str) -> Decimal:
    """Return what one unit of `asset` is worth as margin; stable coins count as one."""
    return Decimal(1) if asset in STABLE else account.mark(f"{asset}USDT")


def available(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return what can still be used as margin, in `asset`; multi-assets mode is USDⓈ-M's only."""
    if account.collateral is not None:
        return to_money(account.collateral.available() / usd_price(account, asset))
    if unit == CM or not account.multi_assets:
        return available_of(account, asset, unit)
    total = sum((available_of(account, one) * usd_price(account, one) for one in ASSETS), ZERO)
    return to_money(total / usd_price(account, asset))


def withdrawable(account: Account, asset: str, unit: str = UM) -> Decimal:
    """Return how much of an asset could be withdrawn: never more than is there, nor than is free."""
    free = available(account, asset, unit)
    return max(min(free, cross_wallet(account, asset, unit)), ZERO)


def liquidation_price(account: Account, position: Position) -> Decimal:
    """Return the price at which a position is liquidated if nothing else moves; zero when it cannot be."""
    if not position.amount:
        return ZERO
    symbol, name = position.symbol, position.symbol.name
    mark = account.mark(name)
    cushion = position.isolated_wallet if name in account.isolated else _cushion(account, position)
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


def _cushion(account: Account, position: Position) -> Decimal:
    """Return what a cross position may lose, in its margin asset."""
    symbol, collateral = position.symbol, account.collateral
    asset, unit = symbol.margin_asset, symbol.unit
    others = [one for one in account.open_positions() if one is not position]
    if collateral is not None:
        needed = sum((maintenance(account, one) * usd_price(account, one.symbol.margin_asset) for one in others), ZERO)
        left = (collateral.equity() - needed) / usd_price(account, asset)
        return left - position.unrealised(account.mark(symbol.name))
    found = cross_wallet(account, asset, unit)
    for other in others:
        if other.symbol.name not in account.isolated and _margined_in(other.symbol, asset, unit):
            found += other.unrealised(account.mark(other.symbol.name)) - maintenance(account, other)
    return found


def _margined_in(symbol: Symbol, asset: str, unit: str) -> bool:
    return symbol.unit == unit and symbol.margin_asset == asset
