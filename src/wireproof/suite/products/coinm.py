"""COIN-M futures: requests, modes and witnesses of streams.

Position mode is one setting for USDⓈ-M and COIN-M; COIN-M has no multi-assets mode.
https://developers.binance.com/docs/derivatives/coin-margined-futures/Important-CM-UM-Integration-Notice
https://developers.binance.com/docs/derivatives/coin-margined-futures/general-info
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
from wireproof.suite.products.witness_requests import OF_FUTURES, PAIR_MARK, UNWITNESSED_OF_FUTURES, Witness, klines

ROOT = "/dapi/v1"

DRIVER = ProductDriver(
    product="coinm",
    limit_pool="futures",
    time=f"GET {ROOT}/time",
    books=(
        futures_book(
            ROOT,
            # They take a pair or an asset.
            PositionRequests(held="account.position", settings="account.position", of_symbol=False, margin="0.001"),
        ),
    ),
    listen_key=FUTURES_LISTEN_KEY,
    balance="account.balance",
    modes={"hedge": (f"{ROOT}/positionSide/dual", "dualSidePosition")},
    over_rest={
        **below(ROOT, ORDERS_OVER_REST),
        "account.position": f"GET {ROOT}/positionRisk",
        "account.balance": f"GET {ROOT}/balance",
    },
    over_ws={f"GET {ROOT}/order": "order.status"},
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
