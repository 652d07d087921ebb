"""Options: requests and witnesses of streams. There is no WebSocket API, and no order at the market.

https://developers.binance.com/docs/derivatives/options-trading/general-info
"""

from __future__ import annotations

from dataclasses import replace

from wireproof.suite.products.base import (
    BlockRequests,
    OrderRequests,
    PositionRequests,
    ProductDriver,
    SymbolFields,
    TradingBook,
    rest_listen_key,
)
from wireproof.suite.products.witness_requests import CONTRACTS, Witness, gained, levels, trades, whole

ROOT = "/eapi/v1"
ENDING = frozenset(f"DELETE {ROOT}/{name}" for name in ("batchOrders", "allOpenOrders", "allOpenOrdersByUnderlying"))

DRIVER = ProductDriver(
    product="options",
    limit_pool="options",
    time=f"GET {ROOT}/time",
    ws_api=False,
    books=(
        TradingBook(
            root=ROOT,
            symbols=f"GET {ROOT}/exchangeInfo",
            quotes=f"GET {ROOT}/ticker",
            price=f"GET {ROOT}/ticker",
            fields=SymbolFields(
                rows="optionSymbols",
                contract_type="",
                precision="priceScale",
                pair="underlying",
                margin_asset="quoteAsset",
                least_notional="0",
                distance="0.5",  # a premium moves much faster than the index
            ),
            market_orders=False,
            position_sides=False,
            orders=OrderRequests(
                place=f"POST {ROOT}/order",
                look_up=f"GET {ROOT}/order",
                cancel=f"DELETE {ROOT}/order",
                listed=f"GET {ROOT}/openOrders",
                history=f"GET {ROOT}/historyOrders",
                changing=frozenset({f"POST {ROOT}/batchOrders"}) | ENDING,
                ending=ENDING,
                placed_name="clientOrderId",
                name="clientOrderId",
                may_be_unnamed=True,  # docs/exchange.md#options-orders
                batch="orders",
                names="clientOrderIds",
                numbers="orderIds",
                always={"newOrderRespType": "RESULT"},
            ),
            positions=PositionRequests(
                held=f"GET {ROOT}/position",
                settings=f"GET {ROOT}/position",
                of_symbol=True,
                margin="0",
                amount="quantity",
                side="side",
            ),
            blocks=BlockRequests(
                offer=f"POST {ROOT}/block/order/create",
                withdraw=f"DELETE {ROOT}/block/order/create",
                accept=f"POST {ROOT}/block/order/execute",
                offers=f"GET {ROOT}/block/order/orders",
                fills=f"GET {ROOT}/block/user-trades",
            ),
        ),
    ),
    listen_key=rest_listen_key(ROOT),
    balance=f"GET {ROOT}/marginAccount",
)

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
    "allOptionSymbol": replace(CONTRACTS, moves=gained),
}

#: Streams that no request reports, and why.
UNWITNESSED: dict[str, str] = {}
