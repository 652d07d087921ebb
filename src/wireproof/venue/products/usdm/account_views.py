"""How answers show balances and positions.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/websocket-api/Account-Information and its
neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, to_money, trimmed, zero_or_money
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.deleveraging import quantile
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.exchange.records import ASSETS, Account, Position
from wireproof.venue.products.futures.margin_views import PERMISSIONS, cross, margins, position_margins

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.instruments import Symbol

Json = dict[str, Any]


def balances(account: Account) -> list[Json]:
    """Return account.balance, one entry per asset."""
    return [
        {
            "accountAlias": account.alias,
            "asset": asset,
            "balance": money(account.wallets[asset]),
            **cross(account, asset),
            "maxWithdrawAmount": money(margin.withdrawable(account, asset)),
            "marginAvailable": True,
            "updateTime": account.wallet_updated[asset],
        }
        for asset in ASSETS
    ]


def _linear(account: Account) -> list[Symbol]:
    return [one for one in account.symbols.values() if one.unit == UM]


def _asset(account: Account, asset: str, *, margin_available: bool) -> Json:
    return {
        **margins(account, asset),
        **cross(account, asset),
        "maxWithdrawAmount": money(margin.withdrawable(account, asset)),
        **({"marginAvailable": True} if margin_available else {}),
        "updateTime": account.wallet_updated[asset],
    }


# total of the account -> the assets' field that it adds up
_TOTALS = {
    "totalInitialMargin": "initialMargin",
    "totalMaintMargin": "maintMargin",
    "totalWalletBalance": "walletBalance",
    "totalUnrealizedProfit": "unrealizedProfit",
    "totalMarginBalance": "marginBalance",
    "totalPositionInitialMargin": "positionInitialMargin",
    "totalOpenOrderInitialMargin": "openOrderInitialMargin",
    "totalCrossWalletBalance": "crossWalletBalance",
    "totalCrossUnPnl": "crossUnPnl",
}


def _totals(account: Account, assets: list[Json]) -> Json:
    """Add assets up: in single-asset mode USDT only (documented), in multi-assets mode all, in USD."""
    counted = assets if account.multi_assets else [one for one in assets if one["asset"] == "USDT"]
    totals: Json = {}
    for total, name in _TOTALS.items():
        worth = (to_money(type(ZERO)(one[name]) * margin.usd_price(account, one["asset"])) for one in counted)
        value = sum(worth, ZERO)
        totals[total] = money(value)
    available = max(margin.available(account, "USDT"), ZERO)
    totals["availableBalance"] = money(available)
    totals["maxWithdrawAmount"] = money(available if account.multi_assets else margin.withdrawable(account, "USDT"))
    return totals


def status_v1(account: Account) -> Json:
    """Return account.status: every asset, every symbol."""
    assets = [_asset(account, asset, margin_available=True) for asset in ASSETS]
    return {
        **PERMISSIONS,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
        **_totals(account, assets),
        "assets": assets,
        "positions": [
            _status_position_v1(account, symbol, side) for symbol in _linear(account) for side in account.sides()
        ],
    }


def _status_position_v1(account: Account, symbol: Symbol, side: str) -> Json:
    name = symbol.name
    position = account.positions.get((name, side)) or Position(symbol, side)
    bids, asks = account.held(name, side)
    return {
        "symbol": name,
        **position_margins(account, position),
        "entryPrice": _price(position.entry, symbol),
        "breakEvenPrice": _price(position.break_even, symbol),
        "maxNotional": str(symbol.notional_cap(account.leverage(name))),
        "bidNotional": trimmed(bids),
        "askNotional": trimmed(asks),
        "positionSide": side,
        "positionAmt": fixed(position.amount, symbol.qty_digits),
        "notional": zero_or_money(margin.notional(account, name, side)),  # docs/exchange.md#worth-of-positions
        "isolatedWallet": zero_or_money(position.isolated_wallet),
        "updateTime": position.updated,
    }


def _price(price: Decimal, symbol: Symbol) -> str:
    return trimmed(price.quantize(symbol.tick / 100_000), at_least=1)


def _active(account: Account, symbol: str | None = None) -> list[Position]:
    """Return the positions that are open or have open orders, in the order of the symbols."""
    with_orders = {(order.symbol.name, order.position_side) for order in account.open_orders.values()}
    return [
        account.position(one, side)
        for one in _linear(account)
        if symbol is None or one.name == symbol
        for side in account.sides()
        if (one.name, side) in with_orders or account.position(one, side).amount
    ]


def _isolated_margin(account: Account, position: Position) -> Decimal:
    if position.symbol.name not in account.isolated or not position.amount:
        return ZERO
    return position.isolated_wallet + to_money(position.unrealised(account.mark(position.symbol.name)))


def status_v2(account: Account) -> Json:
    """Return v2/account.status: every asset, and only the positions that are in use."""
    assets = [_asset(account, asset, margin_available=account.multi_assets) for asset in ASSETS]
    positions = []
    for position in _active(account):
        name, side = position.symbol.name, position.side
        notional = margin.notional(account, name, side)
        positions.append(
            {
                "symbol": name,
                "positionSide": side,
                "positionAmt": fixed(position.amount, position.symbol.qty_digits),
                "unrealizedProfit": money(position.unrealised(account.mark(name))),
                "isolatedMargin": money(_isolated_margin(account, position)),
                "notional": zero_or_money(notional),
                "isolatedWallet": zero_or_money(position.isolated_wallet),
                "initialMargin": zero_or_money(
                    margin.position_margin(account, name, side) + margin.order_margin(account, name, side)
                ),
                "maintMargin": zero_or_money(to_money(position.symbol.maintenance(notional))),
                "updateTime": position.updated,
            }
        )
    return {**_totals(account, assets), "assets": assets, "positions": positions}


def positions_v1(account: Account, symbol: str | None) -> list[Json]:
    """Return account.position (REST: v2/positionRisk): every symbol's row, LONG and SHORT ones in hedge mode.

    isolated and adlQuantile are in no documented example: docs/exchange.md#position-lists.
    """
    rows = []
    for one in _linear(account):
        if symbol is not None and one.name != symbol:
            continue
        for side in account.sides():
            position = account.positions.get((one.name, side)) or Position(one, side)
            rows.append(_position_v1(account, position))
    return rows


def _position_v1(account: Account, position: Position) -> Json:
    symbol = position.symbol
    name = symbol.name
    isolated = name in account.isolated
    return {
        "symbol": name,
        "positionAmt": fixed(position.amount, symbol.qty_digits),
        "entryPrice": _price(position.entry, symbol),
        "breakEvenPrice": _price(position.break_even, symbol),
        "markPrice": money(account.mark(name)),
        "unRealizedProfit": money(position.unrealised(account.mark(name))),
        "liquidationPrice": zero_or_money(to_money(margin.liquidation_price(account, position))),
        "leverage": str(account.leverage(name)),
        "maxNotionalValue": str(symbol.notional_cap(account.leverage(name))),
        "marginType": "isolated" if isolated else "cross",
        "isolatedMargin": money(_isolated_margin(account, position)),
        "isAutoAddMargin": "false",
        "positionSide": position.side,
        "notional": zero_or_money(margin.notional(account, name, position.side)),
        "isolatedWallet": zero_or_money(position.isolated_wallet),
        "updateTime": position.updated,
        "isolated": isolated,
        "adlQuantile": quantile(account, position),
    }


def positions_v2(account: Account, symbol: str | None) -> list[Json]:
    """Return v2/account.position (REST: v3/positionRisk): only what has a position or an open order."""
    rows = []
    for position in _active(account, symbol):
        name, side = position.symbol.name, position.side
        notional = margin.notional(account, name, side)
        of_position, of_orders = margin.position_margin(account, name, side), margin.order_margin(account, name, side)
        bids, asks = account.held(name, side)
        rows.append(
            {
                "symbol": name,
                "positionSide": side,
                "positionAmt": fixed(position.amount, position.symbol.qty_digits),
                "entryPrice": _price(position.entry, position.symbol),
                "breakEvenPrice": _price(position.break_even, position.symbol),
                "markPrice": money(account.mark(name)),
                "unRealizedProfit": money(position.unrealised(account.mark(name))),
                "liquidationPrice": zero_or_money(to_money(margin.liquidation_price(account, position))),
                "isolatedMargin": zero_or_money(_isolated_margin(account, position)),
                "notional": zero_or_money(notional),
                "marginAsset": position.symbol.margin_asset,
                "isolatedWallet": zero_or_money(position.isolated_wallet),
                "initialMargin": zero_or_money(of_position + of_orders),
                "maintMargin": zero_or_money(to_money(position.symbol.maintenance(notional))),
                "positionInitialMargin": zero_or_money(of_position),
                "openOrderInitialMargin": zero_or_money(of_orders),
                "adl": quantile(account, position),
                "bidNotional": trimmed(bids),
                "askNotional": trimmed(asks),
                "updateTime": position.updated,
            }
        )
    return rows
