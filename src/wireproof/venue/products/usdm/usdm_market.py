"""REST: market data of USDⓈ-M.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import Refusal, invalid_data, invalid_symbol
from wireproof.venue.market_data.indexes import COMPOSITE, Indexes, schedule
from wireproof.venue.products.futures import market_routes, quote_routes
from wireproof.venue.products.futures import operations as ops
from wireproof.venue.products.usdm import symbol_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.market_data.feed import Feed

Json = dict[str, Any]
_NONE = CallSecurity.NONE
RPI_DEPTH = 1_000
LARGE = ("BTC", "ETH")  # whose insurance fund is one of its own


def exchange_info(call: Call) -> Json:
    """Exchange information of every symbol; a `symbol` parameter is ignored (docs/exchange.md#exchange-information)."""
    symbols = [one for one in call.engine.symbols.values() if call.product.lists(one)]
    return ops.exchange_head(call, futuresType="U_MARGINED") | {
        "assets": [
            {"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"},
            {"asset": "USDC", "marginAvailable": True, "autoAssetExchange": "-10000"},
            {"asset": "BTC", "marginAvailable": True, "autoAssetExchange": "-0.10000000"},
        ],
        "symbols": [symbol_views.symbol_info(symbol, position) for position, symbol in enumerate(symbols)],
    }


def _by_symbol(call: Call, view: Callable[[Feed], Json]) -> Any:
    """Return one object with a symbol, else a list."""
    return view(call.feed()) if call.optional_symbol() is not None else [view(feed) for feed in call.feeds()]


def best_prices(call: Call) -> Any:
    """Return best bids and asks of USDⓈ-M; only the WebSocket API's have a lastUpdateId (documented)."""
    found = ops.ticker_book(call)
    for row in found if isinstance(found, list) else [found]:
        del row["lastUpdateId"]
    return found


def premium_index(call: Call) -> Any:
    """Return mark price, index price and funding; letters as in docs/exchange.md#symbols-in-lower-case."""
    now, name = call.engine.clock.now_ms(), call.params.text("symbol")
    if name is None:
        return [market_routes.premium_view(feed, now) for feed in call.feeds()]
    feed = call.services.market_data.feed(name.upper())
    if not call.product.lists(feed.symbol):
        raise invalid_symbol()
    return market_routes.premium_view(feed, now)


def rpi_depth(call: Call) -> Json:
    """Return the book with what improves prices for retail users; -4021 for a limit not offered."""
    limit = call.params.integer("limit")
    if limit not in {None, RPI_DEPTH}:
        raise invalid_data("limit") if (limit or 0) > RPI_DEPTH else Refusal(-4021, f"{limit} is not valid depth limit")
    market = call.market()
    return ops.book_view(call, market, *market.depth(RPI_DEPTH, rpi=True))


def asset_index(call: Call) -> Any:
    """Return the index of an asset, or of all."""
    indexes, now = Indexes(call.services.market_data), call.engine.clock.now_ms()
    name = call.params.text("symbol")
    if name is None:
        return [indexes.asset(one, now) for one in indexes.assets()]
    if name not in indexes.assets():
        raise invalid_symbol()
    return indexes.asset(name, now)


def index_info(call: Call) -> list[Json]:
    """Return the composite indexes."""
    if call.params.text("symbol") not in {None, COMPOSITE}:
        raise invalid_symbol()
    return [Indexes(call.services.market_data).composite(call.engine.clock.now_ms())]


def insurance_balance(call: Call) -> Any:
    """Return the insurance funds, or the one of a symbol."""
    now, name = call.engine.clock.now_ms(), call.optional_symbol()
    funds: list[Json] = []
    for large in (True, False):
        symbols = [one.symbol for one in call.markets() if (one.symbol.base in LARGE) == large]
        assets = list(dict.fromkeys(symbol.margin_asset for symbol in symbols))
        rows = [
            {"asset": asset, "marginBalance": money(call.engine.liquidator.fund_of(asset)), "updateTime": now}
            for asset in assets
        ]
        funds.append({"symbols": [symbol.name for symbol in symbols], "assets": rows})
    return funds if name is None else next(fund for fund in funds if name in fund["symbols"])


def adl_risk(call: Call) -> Any:
    """Return the risk of deleveraging: how much the insurance fund still has."""
    now, liquidator = call.engine.clock.now_ms(), call.engine.liquidator
    return _by_symbol(
        call,
        lambda feed: {
            "symbol": feed.symbol.name,
            "adlRisk": liquidator.risk(feed.symbol.margin_asset),
            "updateTime": now,
        },
    )


def trading_schedule(call: Call) -> Json:
    """Return when what does not trade round the clock trades."""
    return schedule(call.engine.clock.now_ms())


USDM_MARKET_ROUTES: tuple[Operation, ...] = (
    route("GET", "/fapi/v1/exchangeInfo", _NONE, exchange_info, 1),
    route("GET", "/fapi/v1/depth", _NONE, ops.depth, quote_routes.depth_weight, "symbol"),
    route("GET", "/fapi/v1/ticker/price", _NONE, ops.ticker_price, by_symbol(1, 2)),
    route("GET", "/fapi/v2/ticker/price", _NONE, ops.ticker_price, by_symbol(1, 2)),
    route("GET", "/fapi/v1/ticker/bookTicker", _NONE, best_prices, by_symbol(2, 5)),
    route("GET", "/fapi/v1/ticker/24hr", _NONE, market_routes.day_tickers(_by_symbol), by_symbol(1, 40)),
    route("GET", "/fapi/v1/premiumIndex", _NONE, premium_index, by_symbol(1, 10)),
    route("GET", "/fapi/v1/fundingRate", _NONE, market_routes.funding_rates, 0),
    route("GET", "/fapi/v1/constituents", _NONE, market_routes.constituents, 2, "symbol"),
    route("GET", "/fapi/v1/rpiDepth", _NONE, rpi_depth, 20, "symbol"),
    route("GET", "/fapi/v1/assetIndex", _NONE, asset_index, by_symbol(1, 10)),
    route("GET", "/fapi/v1/indexInfo", _NONE, index_info, 1),
    route("GET", "/fapi/v1/insuranceBalance", _NONE, insurance_balance, 1),
    route("GET", "/fapi/v1/symbolAdlRisk", _NONE, adl_risk, 1),
    route("GET", "/fapi/v1/tradingSchedule", _NONE, trading_schedule, 5),
)
