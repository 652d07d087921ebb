"""Options: streams are watched; cases are not sent yet, for there is no driver.

https://developers.binance.com/docs/derivatives/options-trading/general-info
"""

from __future__ import annotations

from wireproof.suite.products.witness_requests import CONTRACTS, Witness, levels, trades, whole

#: By stream (the last part of its contract's id): what witnesses for it.
WITNESSES: dict[str, Witness] = {
    "optionTrade": trades(),
    "kline": trades(),
    "optionTicker": Witness("ticker", {"symbol": "{symbol}"}, whole, "the ticker"),
    "bookTicker": Witness("depth", {"symbol": "{symbol}", "limit": "10"}, levels, "the book"),
    "depth": Witness("depth", {"symbol": "{symbol}", "limit": "100"}, levels, "the book"),
    "partialDepth": Witness("depth", {"symbol": "{symbol}", "limit": "{level}"}, levels, "the book"),
    "allIndex": Witness("index", {"underlying": "{pair}"}, whole, "the index price"),
    "optionMarkPrice": Witness("mark", {}, whole, "the mark prices"),
    "openInterest": Witness(
        "openInterest",
        {"underlyingAsset": "{base_asset}", "expiration": "{expirationDate}"},
        whole,
        "the open interest",
    ),
    "allOptionSymbol": CONTRACTS,
}

#: Streams that no request reports, and why.
UNWITNESSED: dict[str, str] = {}
