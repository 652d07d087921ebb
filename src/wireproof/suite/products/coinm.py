"""COIN-M futures: requests, modes and witnesses of streams.

Position mode is one setting for USDⓈ-M and COIN-M; COIN-M has no multi-assets mode.
https://developers.binance.com/docs/derivatives/coin-margined-futures/Important-CM-UM-Integration-Notice
https://developers.binance.com/docs/derivatives/coin-margined-futures/general-info
"""

from __future__ import annotations

from wireproof.suite.products.base import ORDERS_OVER_REST, ProductDriver, below
from wireproof.suite.products.witness_requests import (
    OF_FUTURES,
    PAIR_MARK,
    UNWITNESSED_OF_FUTURES,
    Witness,
    klines,
)

DRIVER = ProductDriver(
    product="coinm",
    root="/dapi/v1",
    limit_pool="futures",
    positions="account.position",
    positions_of_symbol=False,  # it takes a pair or an asset
    margin="0.001",
    modes={"hedge": ("/dapi/v1/positionSide/dual", "dualSidePosition")},
    algo_orders=False,
    over_rest={
        **below("/dapi/v1", ORDERS_OVER_REST),
        "account.position": "GET /dapi/v1/positionRisk",
        "account.balance": "GET /dapi/v1/balance",
    },
    over_ws={"GET /dapi/v1/order": "order.status"},
)

#: By stream (the last part of its contract's id): what witnesses for it.
WITNESSES: dict[str, Witness] = {
    **OF_FUTURES,
    "markPriceKline": klines("markPriceKlines", "the candle of the mark price", symbol="{symbol}"),
    "pairIndexPriceKline": klines("indexPriceKlines", "the candle of the index price", pair="{pair}"),
    "pairMarkPrice": PAIR_MARK,
    "pairIndexPrice": PAIR_MARK,
}

#: Streams that no request reports, and why.
UNWITNESSED = UNWITNESSED_OF_FUTURES
