"""How exchange information shows a symbol of USDⓈ-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.products.futures.order_views import ORDER_TYPES

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol


ODD_ORDER_EVERY = 6  # symbols, the last of which lists its filters in another order


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
    # Their order is the usual one for most symbols, another one for some: docs/exchange.md#exchange-information
    turn = position % len(filters) if position % ODD_ORDER_EVERY == ODD_ORDER_EVERY - 1 else 0
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
