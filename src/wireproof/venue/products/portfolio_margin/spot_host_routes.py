"""REST: what the spot host says of the symbols of margin orders; portfolio margin has no exchange information.

docs/exchange.md#portfolio-margin-symbols
https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import invalid_data
from wireproof.venue.products.portfolio_margin.margin_placement import (
    ICEBERGS,
    REACH,
    TYPES,
    optional_margin_symbol,
    read_symbol,
)
from wireproof.venue.products.portfolio_margin.margin_records import MARGIN_SYMBOLS
from wireproof.venue.products.portfolio_margin.portfolio_engine import PortfolioMarginEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.products.portfolio_margin.margin_market import MarginMarket
    from wireproof.venue.products.portfolio_margin.margin_records import MarginSymbol

Json = dict[str, Any]
_NONE = CallSecurity.NONE
DEFAULT_DEPTH, LARGEST_DEPTH = 100, 5_000


def symbol_view(symbol: MarginSymbol) -> Json:
    """Return a symbol of the exchange information, with the filters that margin orders are checked against."""
    return {
        "symbol": symbol.name,
        "status": "TRADING",
        "baseAsset": symbol.base,
        "baseAssetPrecision": 8,
        "quoteAsset": symbol.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": list(TYPES),
        "icebergAllowed": bool(ICEBERGS),
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": money(symbol.tick),
                "maxPrice": money(symbol.max_price),
                "tickSize": money(symbol.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": money(symbol.step),
                "maxQty": money(symbol.max_quantity),
                "stepSize": money(symbol.step),
            },
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": f"{1 + REACH:f}",
                "bidMultiplierDown": "0",
                "askMultiplierUp": "10",
                "askMultiplierDown": f"{1 - REACH:f}",
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": money(symbol.min_notional),
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
        ],
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def exchange_info(call: Call) -> Json:
    """Return one symbol or all."""
    name = optional_margin_symbol(call.params)
    return {
        "timezone": "UTC",
        "serverTime": call.engine.clock.now_ms(),
        "rateLimits": [call.pool.weight_rule(), *call.pool.orders.rules()],
        "exchangeFilters": [],
        "symbols": [symbol_view(one) for one in MARGIN_SYMBOLS.values() if name in {None, one.name}],
    }


def _of_symbols(shown: Callable[[MarginMarket], Json]) -> Callable[[Call], Any]:
    """Return what shows one symbol as an object, or all as a list."""

    def run(call: Call) -> Any:
        name, markets = optional_margin_symbol(call.params), call.own(PortfolioMarginEngine).margin.markets
        return [shown(one) for one in markets.values()] if name is None else shown(markets[name])

    return run


def book_ticker(market: MarginMarket) -> Json:
    """Return the best bid and ask."""
    bid, ask = market.quotes("SELL")[0], market.quotes("BUY")[0]
    return {
        "symbol": market.symbol.name,
        "bidPrice": money(bid.price),
        "bidQty": money(bid.quantity),
        "askPrice": money(ask.price),
        "askQty": money(ask.quantity),
    }


def last_price(market: MarginMarket) -> Json:
    """Return the price of the last trade."""
    return {"symbol": market.symbol.name, "price": money(market.last_price)}


def margin_depth(call: Call) -> Json:
    """Return a symbol's book; -1130 for a limit outside 1 to 5,000."""
    market = call.own(PortfolioMarginEngine).margin.markets[read_symbol(call.params).name]
    limit = call.params.integer("limit")
    if limit is not None and not 1 <= limit <= LARGEST_DEPTH:
        raise invalid_data("limit")
    shown = limit or DEFAULT_DEPTH

    def rows(side: str) -> list[list[str]]:
        levels: dict[str, Any] = {}
        for quote in market.quotes(side):
            price = money(quote.price)
            levels[price] = levels.get(price, 0) + quote.quantity
        return [[price, money(quantity)] for price, quantity in list(levels.items())[:shown]]

    return {"lastUpdateId": market.update_id, "bids": rows("SELL"), "asks": rows("BUY")}


SPOT_HOST_ROUTES: tuple[Operation, ...] = (
    route("GET", "/api/v3/exchangeInfo", _NONE, exchange_info, 20),
    route("GET", "/api/v3/ticker/bookTicker", _NONE, _of_symbols(book_ticker), by_symbol(2, 4)),
    route("GET", "/api/v3/ticker/price", _NONE, _of_symbols(last_price), by_symbol(2, 4)),
    route("GET", "/api/v3/depth", _NONE, margin_depth, 5, "symbol"),
)
