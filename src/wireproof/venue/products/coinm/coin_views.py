"""How answers show COIN-M's balances and positions.

https://developers.binance.com/docs/derivatives/coin-margined-futures/account/rest-api/Account-Information and its
neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, to_money, trimmed, zero_or_money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.exchange.records import Account, Position
from wireproof.venue.products.usdm.account_views import cross, margins, position_margins

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.api.operations import Call
    from wireproof.venue.exchange.instruments import Symbol

Json = dict[str, Any]


def coin_contracts(account: Account) -> list[Symbol]:
    """Return what COIN-M lists."""
    return [symbol for symbol in account.symbols.values() if symbol.inverse]


def pair_of(call: Call) -> str | None:
    """Return the `pair` parameter; -4087 for one that is not listed."""
    pair = call.params.text("pair")
    if pair is not None and all(market.symbol.pair != pair for market in call.markets()):
        raise Refusal(-4087, "Invalid pair.")
    return pair


def read_filter(call: Call) -> tuple[str | None, str | None]:
    """Return marginAsset and pair, of which one may be sent: -1128 for both (documented as not allowed)."""
    asset, pair = call.params.text("marginAsset"), pair_of(call)
    if asset is not None and pair is not None:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if asset is not None and asset not in COINS:
        raise Refusal(-1108, "Invalid asset.")
    return asset, pair


def balances(account: Account) -> list[Json]:
    """Return account.balance, one entry per coin."""
    return [
        {
            "accountAlias": account.alias,
            "asset": asset,
            "balance": money(account.coins[asset]),
            "withdrawAvailable": money(margin.withdrawable(account, asset, inverse=True)),
            **cross(account, asset, inverse=True),
            "updateTime": account.coins_updated[asset],
        }
        for asset in COINS
    ]


def account(owner: Account, *, notional: bool = False) -> Json:
    """Return the account: every coin, every contract; *notional* adds what the WebSocket API shows beyond REST."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "assets": [_asset(owner, asset) for asset in COINS],
        "positions": [
            _account_position(owner, symbol, side, notional=notional)
            for symbol in coin_contracts(owner)
            for side in owner.sides()
        ],
    }


def _asset(owner: Account, asset: str) -> Json:
    return {
        **margins(owner, asset, inverse=True),
        "maxWithdrawAmount": money(margin.withdrawable(owner, asset, inverse=True)),
        **cross(owner, asset, inverse=True),
        "updateTime": owner.coins_updated[asset],
    }


def _account_position(owner: Account, symbol: Symbol, side: str, *, notional: bool) -> Json:
    name = symbol.name
    position = owner.positions.get((name, side)) or Position(symbol, side)
    worth = margin.notional(owner, name, side)
    return {
        "symbol": name,
        "positionAmt": fixed(position.amount, symbol.qty_digits),
        **position_margins(owner, position),
        "positionSide": side,
        "entryPrice": money(position.entry),
        "breakEvenPrice": money(position.break_even),
        "maxQty": str(symbol.notional_cap(owner.leverage(name))),
        **(_worth(position, worth) if notional else {}),
        "updateTime": position.updated,
    }


def _worth(position: Position, worth: Decimal) -> Json:
    return {
        "notionalValue": trimmed(to_money(worth)),
        "isolatedWallet": trimmed(to_money(position.isolated_wallet)),
    }


def positions(owner: Account, asset: str | None, pair: str | None, *, notional: bool = False) -> list[Json]:
    """Return every contract's positions, of one margin asset or pair when one is given."""
    return [
        _position(owner, symbol, side, notional=notional)
        for symbol in coin_contracts(owner)
        if asset in {None, symbol.base} and pair in {None, symbol.pair}
        for side in owner.sides()
    ]


def _position(owner: Account, symbol: Symbol, side: str, *, notional: bool) -> Json:
    name = symbol.name
    position = owner.positions.get((name, side)) or Position(symbol, side)
    isolated = name in owner.isolated
    profit = position.unrealised(owner.mark(name))
    return {
        "symbol": name,
        "positionAmt": fixed(position.amount, symbol.qty_digits),
        "entryPrice": money(position.entry),
        "breakEvenPrice": money(position.break_even),
        "markPrice": money(owner.mark(name)),
        "unRealizedProfit": money(profit),
        "liquidationPrice": zero_or_money(to_money(margin.liquidation_price(owner, position))),
        "leverage": str(owner.leverage(name)),
        "maxQty": str(symbol.notional_cap(owner.leverage(name))),
        "marginType": "isolated" if isolated else "cross",
        "isolatedMargin": money(position.isolated_wallet + profit if isolated and position.amount else ZERO),
        "isAutoAddMargin": "false",
        "positionSide": side,
        **(_worth(position, margin.notional(owner, name, side)) if notional else {}),
        "updateTime": position.updated,
    }
