"""How both products show the margin of an asset and of a position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, money, to_money, zero_or_money
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.instruments import UM

if TYPE_CHECKING:
    from wireproof.venue.exchange.records import Account, Position

Json = dict[str, Any]
# What every account may do; the venue restricts nobody.
PERMISSIONS: Json = {"feeTier": 0, "canTrade": True, "canDeposit": True, "canWithdraw": True, "updateTime": 0}


def margins(account: Account, asset: str, unit: str = UM) -> Json:
    """Return an asset's balance and margins, of the contracts of a business unit that it is the margin of."""
    profit = position_margin = order_margin = maintenance = ZERO
    for name, side in margin.margin_keys(account, asset, unit):
        position_margin += margin.position_margin(account, name, side)
        order_margin += margin.order_margin(account, name, side)
        maintenance += account.symbols[name].maintenance(margin.notional(account, name, side))
        profit += account.position(account.symbols[name], side).unrealised(account.mark(name))
    wallet = account.wallets_of(unit)[asset]
    return {
        "asset": asset,
        "walletBalance": money(wallet),
        "unrealizedProfit": money(profit),
        "marginBalance": money(wallet + profit),
        "maintMargin": money(maintenance),
        "initialMargin": money(position_margin + order_margin),
        "positionInitialMargin": money(position_margin),
        "openOrderInitialMargin": money(order_margin),
    }


def cross(account: Account, asset: str, unit: str = UM) -> Json:
    """Return what of an asset stands behind cross positions, and what is free."""
    return {
        "crossWalletBalance": money(margin.cross_wallet(account, asset, unit)),
        "crossUnPnl": money(margin.cross_profit(account, asset, unit)),
        "availableBalance": money(max(margin.available(account, asset, unit), ZERO)),
    }


def position_margins(account: Account, position: Position) -> Json:
    """Return what the account information of both products says of a position's margin, profit and settings."""
    symbol, name, side = position.symbol, position.symbol.name, position.side
    of_position, of_orders = margin.position_margin(account, name, side), margin.order_margin(account, name, side)
    return {
        "initialMargin": zero_or_money(of_position + of_orders),
        "maintMargin": zero_or_money(to_money(symbol.maintenance(margin.notional(account, name, side)))),
        "unrealizedProfit": money(position.unrealised(account.mark(name))),
        "positionInitialMargin": zero_or_money(of_position),
        "openOrderInitialMargin": zero_or_money(of_orders),
        "leverage": str(account.leverage(name)),
        "isolated": name in account.isolated,
    }
