"""USDⓈ-M futures: requests, modes and witnesses of streams.

https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
"""

from __future__ import annotations

from wireproof.suite.products.base import (
    FUTURES_LISTEN_KEY,
    ORDERS_OVER_REST,
    PositionRequests,
    ProductDriver,
    below,
    futures_book,
)
from wireproof.suite.products.witness_requests import MARK, OF_FUTURES, UNWITNESSED_OF_FUTURES, Witness, levels, whole

ROOT = "/fapi/v1"

DRIVER = ProductDriver(
    product="usdm",
    limit_pool="futures",
    time=f"GET {ROOT}/time",
    books=(
        futures_book(
            ROOT,
            PositionRequests(held="v2/account.position", settings="account.position", of_symbol=True, margin="1"),
            tests=[f"POST {ROOT}/order/test"],
            has_algo_orders=True,
        ),
    ),
    listen_key=FUTURES_LISTEN_KEY,
    balance="account.balance",
    modes={
        "hedge": (f"{ROOT}/positionSide/dual", "dualSidePosition"),
        "multi_assets": (f"{ROOT}/multiAssetsMargin", "multiAssetsMargin"),
    },
    over_rest={
        **below(
            ROOT, {**ORDERS_OVER_REST, "algoOrder.place": "POST algoOrder", "algoOrder.cancel": "DELETE algoOrder"}
        ),
        "account.position": "GET /fapi/v2/positionRisk",
        "v2/account.position": "GET /fapi/v3/positionRisk",
        "account.balance": "GET /fapi/v2/balance",
    },
    over_ws={
        f"GET {ROOT}/ticker/bookTicker": "ticker.book",
        f"GET {ROOT}/ticker/price": "ticker.price",
        f"GET {ROOT}/order": "order.status",
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
