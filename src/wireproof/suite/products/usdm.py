"""USDⓈ-M futures: requests, modes and witnesses of streams.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

from wireproof.suite.products.base import ORDERS_OVER_REST, ProductDriver, below
from wireproof.suite.products.witness_requests import (
    MARK,
    OF_FUTURES,
    UNWITNESSED_OF_FUTURES,
    Witness,
    levels,
    whole,
)

DRIVER = ProductDriver(
    product="usdm",
    root="/fapi/v1",
    limit_pool="futures",
    positions="v2/account.position",
    positions_of_symbol=True,
    margin="1",
    modes={
        "hedge": ("/fapi/v1/positionSide/dual", "dualSidePosition"),
        "multi_assets": ("/fapi/v1/multiAssetsMargin", "multiAssetsMargin"),
    },
    algo_orders=True,
    over_rest={
        **below("/fapi/v1", {**ORDERS_OVER_REST, "algoOrder.cancel": "DELETE algoOrder"}),
        "account.position": "GET /fapi/v2/positionRisk",
        "v2/account.position": "GET /fapi/v3/positionRisk",
        "account.balance": "GET /fapi/v2/balance",
    },
    over_ws={
        "GET /fapi/v1/ticker/bookTicker": "ticker.book",
        "GET /fapi/v1/ticker/price": "ticker.price",
        "GET /fapi/v1/order": "order.status",
    },
)

#: By stream (the last part of its contract's id): what witnesses for it.
WITNESSES: dict[str, Witness] = {
    **OF_FUTURES,
    "rpiDepth": Witness("rpiDepth", {"symbol": "{symbol}", "limit": "1000"}, levels, "the book"),
    "allMarkPrice": MARK,
    "compositeIndex": Witness("indexInfo", {"symbol": "{symbol}"}, whole, "the composite index"),
    "allAssetIndex": Witness("assetIndex", {}, whole, "the asset index"),
}

#: Streams that no request reports, and why.
UNWITNESSED: dict[str, str] = {
    **UNWITNESSED_OF_FUTURES,
    "tradingSession": "a timetable of sessions does not move while one goes on",
}
