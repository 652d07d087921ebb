"""REST: market data of both products: trades, tickers, marks, funding, indexes.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api and its COIN-M twin. Where
the exchange differs from them, so does the venue: docs/exchange.md#limits-of-lists and others below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.operations import Call, CallSecurity, Operation, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import fixed, money
from wireproof.venue.base.refusals import Refusal, invalid_data, invalid_symbol
from wireproof.venue.market_data.aggregates import aggregate
from wireproof.venue.market_data.candles import DAY
from wireproof.venue.market_data.indexes import COMPOSITE, Indexes, schedule
from wireproof.venue.market_data.tape import written
from wireproof.venue.products.coinm.coin_views import pair_of
from wireproof.venue.products.futures.kline_routes import KLINE_ROUTES, read_limit, read_span
from wireproof.venue.products.futures.market_statistics import STATISTICS_ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.tape import Trade

Json = dict[str, Any]
_NONE, _KEY = CallSecurity.NONE, CallSecurity.KEY
OLDEST_AGGREGATES_MS = 2 * DAY
RPI_DEPTH = 1_000
FUNDING_CAP = "0.02500000"
INTEREST = "0.00010000"
LARGE = ("BTC", "ETH")  # whose insurance fund is one of its own


def _feed(call: Call) -> Feed:
    return call.services.market_data.feed(call.market().symbol.name)


def _feeds(call: Call) -> list[Feed]:
    data = call.services.market_data
    return [data.feed(market.symbol.name) for market in call.markets()]


def _by_symbol(call: Call, view: Callable[[Feed], Json]) -> Any:
    """Return what USDⓈ-M's lists do: one object with a symbol, else a list."""
    return view(_feed(call)) if call.optional_symbol() is not None else [view(feed) for feed in _feeds(call)]


def _by_symbol_or_pair(call: Call, view: Callable[[Feed], Json]) -> list[Json]:
    """Return what COIN-M's lists do: always a list, of a symbol, of a pair, or of all; not of both."""
    pair = pair_of(call)
    if pair is not None and "symbol" in call.params:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    feeds = [_feed(call)] if call.optional_symbol() is not None else _feeds(call)
    return [view(feed) for feed in feeds if pair in {None, feed.symbol.pair}]


# trades


def _trade_view(feed: Feed, one: Trade) -> Json:
    units = feed.units
    value = units.value_text(one.value)
    view = {"id": one.id, "price": units.price_text(one.price), "qty": units.quantity_text(one.quantity)}
    view["baseQty" if feed.symbol.inverse else "quoteQty"] = value
    view |= {"time": one.time, "isBuyerMaker": one.maker}
    return view if feed.symbol.inverse else view | {"isRPITrade": one.rpi}


def recent_trades(call: Call) -> list[Json]:
    """Return the latest trades."""
    feed, limit = _feed(call), read_limit(call.params, 500, 1_000)
    return [_trade_view(feed, one) for one in list(feed.tape.trades)[-limit:]]


def older_trades(call: Call) -> list[Json]:
    """Return trades from an id on, without one the latest."""
    feed, limit, first = _feed(call), read_limit(call.params, 100, 500), call.params.integer("fromId")
    trades = list(feed.tape.trades)
    chosen = trades[-limit:] if first is None else [one for one in trades if one.id >= first][:limit]
    return [_trade_view(feed, one) for one in chosen]


def aggregate_trades(call: Call) -> list[Json]:
    """Return aggregate trades: from an id on, of a span of time, or the latest (docs/exchange.md#aggregate-trades)."""
    feed, limit, first = _feed(call), read_limit(call.params, 500, 1_000), call.params.integer("fromId")
    start, end = read_span(call.params)
    now = call.engine.clock.now_ms()
    oldest = min(one for one in (start, end, now) if one is not None)
    if oldest < now - OLDEST_AGGREGATES_MS:
        # docs/exchange.md#unrecorded-refusals
        raise Refusal(-4166, "Search window is restricted to recent 2 days only.")
    chosen = [
        one
        for one in feed.tape.aggregates
        if (first is None or one.id >= first) and (start or 0) <= one.time <= (now if end is None else end)
    ]
    ahead = first is not None or start is not None
    return [aggregate(feed, one) for one in (chosen[:limit] if ahead else chosen[-limit:])]


# prices


def _day_view(feed: Feed, now: int) -> Json:
    day, units = feed.day(now), feed.units
    candle = day.candle
    inverse = feed.symbol.inverse
    return {
        "symbol": feed.symbol.name,
        **({"pair": feed.symbol.pair} if inverse else {}),
        "priceChange": units.price_text(day.change),
        "priceChangePercent": written(day.percent, 3),
        "weightedAvgPrice": units.price_text(day.mean),
        "lastPrice": units.price_text(candle.close),
        "lastQty": units.quantity_text(day.last_quantity),
        "openPrice": units.price_text(candle.open),
        "highPrice": units.price_text(candle.high),
        "lowPrice": units.price_text(candle.low),
        "volume": units.quantity_text(candle.volume),
        "baseVolume" if inverse else "quoteVolume": units.value_text(candle.value),
        "openTime": day.opened,
        "closeTime": day.closed,
        "firstId": candle.first_id,
        "lastId": candle.last_id,
        "count": candle.count,
    }


def day_tickers(call: Call) -> Any:
    """Return the last 24 hours."""
    now = call.engine.clock.now_ms()
    shown = _by_symbol_or_pair if call.inverse else _by_symbol
    return shown(call, lambda feed: _day_view(feed, now))


def _premium_view(feed: Feed, now: int) -> Json:
    market, perpetual = feed.market, feed.symbol.perpetual
    return {
        "symbol": feed.symbol.name,
        **({"pair": feed.symbol.pair} if feed.symbol.inverse else {}),
        "markPrice": money(market.mark_price),
        "indexPrice": money(market.index_price),
        "estimatedSettlePrice": money(market.index_price),
        "lastFundingRate": money(feed.funding_rate()) if perpetual else "",
        "interestRate": INTEREST if perpetual else "",
        "nextFundingTime": feed.next_funding(now),
        "time": now,
    }


def premium_index(call: Call) -> Any:
    """Return mark price, index price and funding; letters as in docs/exchange.md#symbols-in-lower-case."""
    now, data = call.engine.clock.now_ms(), call.services.market_data
    if call.inverse:
        return _by_symbol_or_pair(call, lambda feed: _premium_view(feed, now))
    name = call.params.text("symbol")
    if name is None:
        return [_premium_view(feed, now) for feed in data.of(inverse=False)]
    feed = data.feed(name.upper())
    if feed.symbol.inverse:
        raise invalid_symbol()
    return _premium_view(feed, now)


def funding_rates(call: Call) -> list[Json]:
    """Return the fundings of a symbol, or of all of USDⓈ-M, in the order of time."""
    limit = read_limit(call.params, 100, 1_000)
    start, end = read_span(call.params)
    last = call.engine.clock.now_ms() if end is None else end
    feeds = [_feed(call)] if "symbol" in call.params else _feeds(call)
    rows = [
        {
            "symbol": feed.symbol.name,
            "fundingTime": one.time,
            "fundingRate": money(one.rate),
            "markPrice": money(one.mark_price),  # COIN-M's, too: docs/exchange.md#funding-information
            "rateType": "Regular",
        }
        for feed in feeds
        for one in feed.fundings(start or 0, last, limit)
    ]
    rows.sort(key=lambda row: (row["fundingTime"], row["symbol"]))
    return rows[:limit] if start is not None else rows[-limit:]


def funding_info(call: Call) -> list[Json]:
    """Return the bounds of funding rates of all perpetuals of both products (docs/exchange.md#funding-information)."""
    return [
        {
            "symbol": symbol.name,
            "adjustedFundingRateCap": FUNDING_CAP,
            "adjustedFundingRateFloor": f"-{FUNDING_CAP}",
            "fundingIntervalHours": 8,
            "disclaimer": False,
            "updateTime": None,
        }
        for symbol in call.engine.symbols.values()
        if symbol.perpetual
    ]


def open_interest(call: Call) -> Json:
    """Return the quantity held."""
    feed, now = _feed(call), call.engine.clock.now_ms()
    symbol = feed.symbol
    held = feed.units.quantity_text(feed.open_interest(now, users=True))
    extra = {"pair": symbol.pair, "contractType": symbol.contract_type} if symbol.inverse else {}
    return {"openInterest": held, "symbol": symbol.name, "time": now} | extra


def rpi_depth(call: Call) -> Json:
    """Return the book with what improves prices for retail users; -4021 for a limit not offered."""
    limit = call.params.integer("limit")
    if limit not in {None, RPI_DEPTH}:
        raise invalid_data("limit") if (limit or 0) > RPI_DEPTH else Refusal(-4021, f"{limit} is not valid depth limit")
    market = call.market()
    digits = market.symbol.price_digits, market.symbol.qty_digits

    def rows(levels: Iterable[Any]) -> list[list[str]]:
        return [[fixed(one.price, digits[0]), fixed(one.quantity, digits[1])] for one in levels]

    bids, asks = market.depth(RPI_DEPTH, rpi=True)
    return {
        "lastUpdateId": market.update_id,
        "E": call.engine.clock.now_ms(),
        "T": market.updated,
        "bids": rows(bids),
        "asks": rows(asks),
    }


# indexes, funds and schedules


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


def constituents(call: Call) -> Json:
    """Return where the index price of a pair comes from; USDⓈ-M calls it the symbol's."""
    name, data = call.params.needed_text("symbol"), call.services.market_data
    known = {feed.symbol.pair for feed in data.of(inverse=call.inverse)}
    if name not in known:
        raise invalid_symbol()
    return Indexes(data).constituents(name, call.engine.clock.now_ms())


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


def _both() -> Iterator[Operation]:
    for root in ("/fapi", "/dapi"):
        yield route("GET", f"{root}/v1/trades", _NONE, recent_trades, 5, "symbol")
        yield route("GET", f"{root}/v1/historicalTrades", _KEY, older_trades, 200, "symbol")
        yield route("GET", f"{root}/v1/aggTrades", _NONE, aggregate_trades, 20, "symbol")
        yield route("GET", f"{root}/v1/ticker/24hr", _NONE, day_tickers, by_symbol(1, 40))
        yield route("GET", f"{root}/v1/fundingInfo", _NONE, funding_info, 0)
        yield route("GET", f"{root}/v1/openInterest", _NONE, open_interest, 1, "symbol")


MARKET_ROUTES: tuple[Operation, ...] = (
    *_both(),
    *KLINE_ROUTES,
    *STATISTICS_ROUTES,
    route("GET", "/fapi/v1/premiumIndex", _NONE, premium_index, by_symbol(1, 10)),
    route("GET", "/dapi/v1/premiumIndex", _NONE, premium_index, 10),
    route("GET", "/fapi/v1/fundingRate", _NONE, funding_rates, 0),
    route("GET", "/dapi/v1/fundingRate", _NONE, funding_rates, 1, "symbol"),
    route("GET", "/fapi/v1/constituents", _NONE, constituents, 2, "symbol"),
    route("GET", "/dapi/v1/constituents", _NONE, constituents, 1, "symbol"),
    route("GET", "/fapi/v1/rpiDepth", _NONE, rpi_depth, 20, "symbol"),
    route("GET", "/fapi/v1/assetIndex", _NONE, asset_index, by_symbol(1, 10)),
    route("GET", "/fapi/v1/indexInfo", _NONE, index_info, 1),
    route("GET", "/fapi/v1/insuranceBalance", _NONE, insurance_balance, 1),
    route("GET", "/fapi/v1/symbolAdlRisk", _NONE, adl_risk, 1),
    route("GET", "/fapi/v1/tradingSchedule", _NONE, trading_schedule, 5),
)
