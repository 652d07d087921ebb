"""How exchange information shows a symbol, of USDⓈ-M and of COIN-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information and its
COIN-M twin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol

ORDER_TYPES = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)
MOST_ALGO_ORDERS = 20  # of a COIN-M contract


def symbol_info(symbol: Symbol, position: int) -> dict[str, Any]:
    """Return the symbol's entry of the exchange information; `position` is its place in the list."""
    filters: list[dict[str, Any]] = [
        {
            "filterType": "PRICE_FILTER",
            "maxPrice": f"{symbol.max_price:f}",
            "minPrice": f"{symbol.min_price:f}",
            "tickSize": f"{symbol.tick:f}",
        },
        {
            "filterType": "LOT_SIZE",
            "maxQty": f"{symbol.max_qty:f}",
            "minQty": f"{symbol.step:f}",
            "stepSize": f"{symbol.step:f}",
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "maxQty": f"{symbol.market_max_qty:f}",
            "minQty": f"{symbol.step:f}",
            "stepSize": f"{symbol.step:f}",
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": symbol.max_open_orders},
        {"filterType": "MIN_NOTIONAL", "notional": f"{symbol.min_notional:f}"},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": f"{symbol.multiplier_up:.4f}",
            "multiplierDown": f"{symbol.multiplier_down:.4f}",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]
    turn = position % len(filters)  # their order varies: docs/exchange.md#exchange-information
    return {
        "symbol": symbol.name,
        "pair": symbol.pair,
        "contractType": symbol.contract_type,
        "deliveryDate": symbol.delivery,
        "onboardDate": symbol.onboarded,
        "status": symbol.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": symbol.base,
        "quoteAsset": symbol.quote,
        "marginAsset": symbol.quote,
        "pricePrecision": symbol.price_digits,
        "quantityPrecision": symbol.qty_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [symbol.subtype],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": symbol.take_bound,
        "maxMoveOrderLimit": symbol.max_modifications,
        "filters": filters[turn:] + filters[:turn],
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY", "RPI"],
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
