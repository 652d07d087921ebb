"""USDⓈ-M futures: the product as a whole."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.products.futures import income_routes
from wireproof.venue.products.futures.futures_routes import futures_routes
from wireproof.venue.products.futures.market_statistics import STATISTICS_ROUTES
from wireproof.venue.products.futures.quote_routes import server_routes
from wireproof.venue.products.futures.stream_catalogue import (
    FUTURES_EVENTS,
    FUTURES_STREAMS,
    FuturesStreams,
    fstream_roots,
)
from wireproof.venue.products.usdm.convert_routes import CONVERT_ROUTES
from wireproof.venue.products.usdm.usdm_account import USDM_ACCOUNT_ROUTES
from wireproof.venue.products.usdm.usdm_market import USDM_MARKET_ROUTES
from wireproof.venue.products.usdm.usdm_operations import USDM_METHODS

INCOME_TYPES = (
    *income_routes.USDM_INCOME_TYPES,
    "AUTO_EXCHANGE",
    "STRATEGY_UMFUTURES_TRANSFER",
    "FEE_RETURN",
    "BFUSD_REWARD",
)

USDM = VenueProduct(
    name="usdm",
    roots=("/fapi/", "/futures/data/", "/api/v3/ping", "/api/v3/time"),
    routes=(
        *futures_routes("/fapi", INCOME_TYPES, income_weight=30, link_weight=10),
        *USDM_ACCOUNT_ROUTES,
        *USDM_MARKET_ROUTES,
        *CONVERT_ROUTES,
        *STATISTICS_ROUTES,
        *server_routes("/api/v3"),  # docs/exchange.md#requests-of-another-host
    ),
    methods=USDM_METHODS,
    websocket_path="/ws-fapi/v1",
    engine=FuturesStreams,
    streams=FUTURES_STREAMS,
    events=FUTURES_EVENTS,
    stream_roots=fstream_roots,
    unit=UM,
    counted={"/futures/data/": "statistics", "/fapi/v1/fundingRate": "funding", "/fapi/v1/fundingInfo": "funding"},
    static=frozenset(
        {"GET /fapi/v1/ping", "GET /api/v3/ping", "GET /fapi/v1/apiTradingStatus", "POST /fapi/v1/stock/contract"}
    ),
    modelled=frozenset(
        {
            "GET /fapi/v1/assetIndex",
            "GET /fapi/v1/constituents",
            "GET /fapi/v1/indexInfo",
            "GET /fapi/v1/tradingSchedule",
            "<symbol>@compositeIndex",
            "<symbol>@assetIndex",
            "!assetIndex@arr",
            "tradingSession",
        }
    ),
)
