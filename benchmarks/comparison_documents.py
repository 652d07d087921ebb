"""Documents of the sizes that the exchange really sends, generated from a seed; nothing is copied from it."""

from __future__ import annotations

import json
import random
from typing import Any

T0 = 1_760_000_000_000  # milliseconds; every time below is near it


def _price(draw: random.Random, places: int = 2) -> str:
    return f"{draw.uniform(0.01, 90_000):.{places}f}"


def _filters(draw: random.Random) -> list[dict[str, Any]]:
    tick = f"{10 ** -draw.randint(1, 6):.6f}"
    return [
        {"filterType": "PRICE_FILTER", "maxPrice": _price(draw), "minPrice": _price(draw), "tickSize": tick},
        {"filterType": "LOT_SIZE", "maxQty": _price(draw, 0), "minQty": "0.001", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "maxQty": _price(draw, 0), "minQty": "0.001", "stepSize": "0.001"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
        {"filterType": "MIN_NOTIONAL", "notional": "5.0"},
        {"filterType": "PERCENT_PRICE", "multiplierDown": "0.9500", "multiplierUp": "1.0500", "multiplierDecimal": "4"},
    ]


def _symbol(draw: random.Random, name: str) -> dict[str, Any]:
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": T0 - draw.randrange(10**10),
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": name.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": draw.randint(1, 7),
        "quantityPrecision": draw.randint(0, 3),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["STORAGE"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "filters": _filters(draw),
        "OrderType": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "liquidationFee": "0.010000",
        "marketTakeBound": "0.30",
    }


def exchange_information(symbols: int = 650, seed: int = 7) -> dict[str, Any]:
    """Return exchange information of so many symbols; 650 of them make about 743 kB."""
    draw = random.Random(seed)  # noqa: S311  # sizes and digits, no secrets
    return {
        "exchangeFilters": [],
        "rateLimits": [
            {"interval": "MINUTE", "intervalNum": 1, "limit": 2400, "rateLimitType": "REQUEST_WEIGHT"},
            {"interval": "MINUTE", "intervalNum": 1, "limit": 1200, "rateLimitType": "ORDERS"},
        ],
        "serverTime": T0,
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
            for asset in ("USDT", "USDC", "BTC")
        ],
        "symbols": [_symbol(draw, f"COIN{i:03}USDT") for i in range(symbols)],
        "timezone": "UTC",
    }


def tickers(count: int = 600, seed: int = 7) -> list[dict[str, Any]]:
    """Return 24-hour tickers."""
    draw = random.Random(seed)  # noqa: S311  # sizes and digits, no secrets
    price_fields = ["priceChange", "priceChangePercent", "weightedAvgPrice", "lastPrice", "lastQty", "openPrice"]
    decimals = [*price_fields, "highPrice", "lowPrice", "volume", "quoteVolume"]
    return [
        {
            "symbol": f"COIN{i:03}USDT",
            **{name: _price(draw, draw.randint(2, 8)) for name in decimals},
            "openTime": T0,
            "closeTime": T0 + 86_400_000,
            "firstId": draw.randrange(10**9),
            "lastId": draw.randrange(10**9),
            "count": draw.randrange(10**6),
        }
        for i in range(count)
    ]


def klines(count: int = 1500, seed: int = 7) -> list[list[Any]]:
    """Return rows of candlesticks, read by position."""
    draw = random.Random(seed)  # noqa: S311  # sizes and digits, no secrets
    rows = []
    for i in range(count):
        start = T0 + i * 60_000
        prices = [_price(draw, 8) for _ in range(5)]
        rest = [_price(draw, 8), draw.randrange(10**5), _price(draw, 8), _price(draw, 8), "0"]
        rows.append([start, *prices, start + 59_999, *rest])
    return rows


def depth(levels: int = 1000, seed: int = 7) -> dict[str, Any]:
    """Return an order book of so many levels on each side."""
    draw = random.Random(seed)  # noqa: S311  # sizes and digits, no secrets
    sides = {side: [[_price(draw), _price(draw, 3)] for _ in range(levels)] for side in ("bids", "asks")}
    return {"lastUpdateId": draw.randrange(10**12), "E": T0, "T": T0 - 10, **sides}


def book_tickers(count: int = 100_000, seed: int = 7) -> list[bytes]:
    """Return a burst of bookTicker events, as received."""
    draw = random.Random(seed)  # noqa: S311  # sizes and digits, no secrets
    return [
        encode(
            {
                "e": "bookTicker",
                "u": 400_900_217 + i,
                "E": T0 + i,
                "T": T0 + i - 3,
                "s": f"COIN{i % 600:03}USDT",
                "b": _price(draw),
                "B": _price(draw, 3),
                "a": _price(draw),
                "A": _price(draw, 3),
                "st": 1,
            }
        )
        for i in range(count)
    ]


def encode(document: Any) -> bytes:
    """Return a document as the exchange writes it: without spaces."""
    return json.dumps(document, separators=(",", ":")).encode()
