"""How answers show COIN-M's contracts, balances and positions.

https://developers.binance.com/docs/derivatives/coin-margined-futures/account/rest-api/Account-Information and its
neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, to_money, trimmed, zero_or_money
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange import margin
from wireproof.venue.exchange.coin_instruments import COINS
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.exchange.records import Account, Position
from wireproof.venue.products.futures.margin_views import PERMISSIONS, cross, margins, position_margins
from wireproof.venue.products.futures.order_views import ORDER_TYPES

if TYPE_CHECKING:
    from wireproof.venue.api.call import Call
    from wireproof.venue.exchange.instruments import Symbol

Json = dict[str, Any]
MOST_ALGO_ORDERS = 20  # of a contract


def coin_contracts(account: Account) -> list[Symbol]:
    """Return what COIN-M lists."""
    return [symbol for symbol in account.symbols.values() if symbol.unit == CM]


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
            "withdrawAvailable": money(margin.withdrawable(account, asset, CM)),
            **cross(account, asset, CM),
            "updateTime": account.coins_updated[asset],
        }
        for asset in COINS
    ]


def account(owner: Account) -> Json:
    """Return the account: every coin, every contract."""
    return {
        **PERMISSIONS,
        "assets": [_asset(owner, asset) for asset in COINS],
        "positions": [
            _account_position(owner, symbol, side) for symbol in coin_contracts(owner) for side in owner.sides()
        ],
    }


def _asset(owner: Account, asset: str) -> Json:
    return {
        **margins(owner, asset, unit=CM),
        "maxWithdrawAmount": money(margin.withdrawable(owner, asset, unit=CM)),
        **cross(owner, asset, unit=CM),
        "updateTime": owner.coins_updated[asset],
    }


def _account_position(owner: Account, symbol: Symbol, side: str) -> Json:
    name = symbol.name
    position = owner.positions.get((name, side)) or Position(symbol, side)
    return {
        "symbol": name,
        "positionAmt": fixed(position.amount, symbol.qty_digits),
        **position_margins(owner, position),
        "positionSide": side,
        "entryPrice": money(position.entry),
        "breakEvenPrice": money(position.break_even),
        "maxQty": str(symbol.notional_cap(owner.leverage(name))),
        **_worth(owner, position),
        "updateTime": position.updated,
    }


def _worth(owner: Account, position: Position) -> Json:
    """Return what a position is worth, over REST, too: docs/exchange.md#worth-of-positions."""
    return {
        "notionalValue": trimmed(to_money(margin.notional(owner, position.symbol.name, position.side))),
        "isolatedWallet": trimmed(to_money(position.isolated_wallet)),
    }


def positions(owner: Account, asset: str | None, pair: str | None) -> list[Json]:
    """Return every contract's positions, of one margin asset or pair when one is given."""
    return [
        _position(owner, symbol, side)
        for symbol in coin_contracts(owner)
        if asset in {None, symbol.base} and pair in {None, symbol.pair}
        for side in owner.sides()
    ]


def _position(owner: Account, symbol: Symbol, side: str) -> Json:
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
        **_worth(owner, position),
        "updateTime": position.updated,
    }


def coin_info(symbol: Symbol) -> dict[str, Any]:
    """Return a contract's entry of COIN-M's exchange information."""
    step = f"{symbol.step:f}"
    return {
        "symbol": symbol.name,
        "pair": symbol.pair,
        "contractType": symbol.contract_type,
        "deliveryDate": symbol.delivery,
        "onboardDate": symbol.onboarded,
        "contractStatus": symbol.status,
        "contractSize": symbol.contract_size,
        "marginAsset": symbol.base,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": symbol.base,
        "quoteAsset": symbol.quote,
        "pricePrecision": symbol.price_digits,
        "quantityPrecision": symbol.qty_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "equalQtyPrecision": 4,
        "triggerProtect": "0.0500",
        "underlyingType": "COIN",
        "underlyingSubType": [symbol.subtype],
        "liquidationFee": "0.015000",
        "marketTakeBound": "0.05",
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": f"{symbol.min_price:f}",
                "maxPrice": f"{symbol.max_price:f}",
                "tickSize": f"{symbol.tick:f}",
            },
            {"filterType": "LOT_SIZE", "stepSize": step, "maxQty": f"{symbol.max_qty:f}", "minQty": step},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": step, "maxQty": f"{symbol.market_max_qty:f}", "minQty": step},
            {"filterType": "MAX_NUM_ORDERS", "limit": symbol.max_open_orders},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": MOST_ALGO_ORDERS},  # docs/exchange.md#exchange-information
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": f"{symbol.multiplier_up:.4f}",
                "multiplierDown": f"{symbol.multiplier_down:.4f}",
                "multiplierDecimal": "4",
            },
        ],
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "maxMoveOrderLimit": symbol.max_modifications,
        "permissionSets": ["GRID"],
    }
