"""REST: market data of both products: trades, tickers, marks, funding, indexes.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api and its COIN-M twin. Where
the exchange differs from them, so does the venue: docs/exchange.md#limits-of-lists and others below.
"""

from __future__ import annotations

from heapq import merge
from itertools import islice, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import Refusal, invalid_symbol
from wireproof.venue.base.turns import shown
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.market_data.aggregates import aggregate
from wireproof.venue.market_data.candles import DAY
from wireproof.venue.market_data.indexes import Indexes
from wireproof.venue.market_data.tape import written
from wireproof.venue.products.futures.kline_routes import read_limit, read_span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.exchange.funding import FundingPayment
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.tape import Trade

Json = dict[str, Any]
_NONE, _KEY = CallSecurity.NONE, CallSecurity.KEY
OLDEST_AGGREGATES_MS = 2 * DAY
FUNDING_CAP = "0.02500000"
INTEREST = "0.00010000"


# trades


def _trade_view(feed: Feed, one: Trade) -> Json:
    units = feed.units
    value = units.value_text(one.value)
    view = {"id": one.id, "price": units.price_text(one.price), "qty": units.quantity_text(one.quantity)}
    view["baseQty" if feed.symbol.unit == CM else "quoteQty"] = value
    view |= {"time": one.time, "isBuyerMaker": one.maker}
    return view if feed.symbol.unit == CM else view | {"isRPITrade": one.rpi}


def recent_trades(call: Call) -> list[Json]:
    """Return the latest trades."""
    feed, limit = call.feed(), read_limit(call.params, 500, 1_000)
    return [_trade_view(feed, one) for one in list(feed.tape.trades)[-limit:]]


def older_trades(call: Call) -> list[Json]:
    """Return trades from an id on, without one the latest."""
    feed, limit, first = call.feed(), read_limit(call.params, 100, 500), call.params.integer("fromId")
    trades = list(feed.tape.trades)
    chosen = trades[-limit:] if first is None else [one for one in trades if one.id >= first][:limit]
    return [_trade_view(feed, one) for one in chosen]


def aggregate_trades(call: Call) -> list[Json]:
    """Return aggregate trades: from an id on, of a span of time, or the latest (docs/exchange.md#aggregate-trades)."""
    feed, limit, first = call.feed(), read_limit(call.params, 500, 1_000), call.params.integer("fromId")
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
    coin = feed.symbol.unit == CM
    return {
        "symbol": feed.symbol.name,
        **({"pair": feed.symbol.pair} if coin else {}),
        "priceChange": units.price_text(day.change),
        "priceChangePercent": written(day.percent, 3),
        "weightedAvgPrice": units.price_text(day.mean),
        "lastPrice": units.price_text(candle.close),
        "lastQty": units.quantity_text(day.last_quantity),
        "openPrice": units.price_text(candle.open),
        "highPrice": units.price_text(candle.high),
        "lowPrice": units.price_text(candle.low),
        "volume": units.quantity_text(candle.volume),
        "baseVolume" if coin else "quoteVolume": units.value_text(candle.value),
        "openTime": day.opened,
        "closeTime": day.closed,
        "firstId": candle.first_id,
        "lastId": candle.last_id,
        "count": candle.count,
    }


def day_tickers(listed: Callable[[Call, Callable[[Feed], Json]], Any]) -> Callable[[Call], Any]:
    """Return what answers with the last 24 hours; `listed` shows what was asked for."""

    def run(call: Call) -> Turns[Any]:
        yield from call.services.market_data.recalling([] if "symbol" in call.params else call.feeds())
        now = call.engine.clock.now_ms()
        return listed(call, lambda feed: _day_view(feed, now))

    return run


def premium_view(feed: Feed, now: int) -> Json:
    """Return the entry of premiumIndex."""
    market, perpetual = feed.market, feed.symbol.perpetual
    return {
        "symbol": feed.symbol.name,
        **({"pair": feed.symbol.pair} if feed.symbol.unit == CM else {}),
        "markPrice": money(market.mark_price),
        "indexPrice": money(market.index_price),
        "estimatedSettlePrice": money(market.index_price),
        "lastFundingRate": money(feed.funding_rate()) if perpetual else "",
        "interestRate": INTEREST if perpetual else "",
        "nextFundingTime": feed.next_funding(now),
        "time": now,
    }


def funding_rates(call: Call) -> Turns[list[Json]]:
    """Return the fundings of a symbol, or of all of USDⓈ-M, in the order of time."""
    limit = read_limit(call.params, 100, 1_000)
    start, end = read_span(call.params)
    last = call.engine.clock.now_ms() if end is None else end
    feeds = [call.feed()] if "symbol" in call.params else call.feeds()
    backwards = start is None

    def times(feed: Feed) -> Iterator[tuple[int, str, Feed]]:
        found = feed.funding_times(start or 0, last)
        return zip(reversed(found) if backwards else found, repeat(feed.symbol.name), repeat(feed), strict=False)

    def work() -> Turns[list[Json]]:
        yield from call.services.market_data.recalling(feeds)
        chosen = islice(merge(*map(times, feeds), key=itemgetter(0, 1), reverse=backwards), limit)
        rows = yield from shown(chosen, lambda one: _funding_view(one[2], one[2].funding(one[0])))
        return rows[::-1] if backwards else rows

    return work()


def _funding_view(feed: Feed, one: FundingPayment) -> Json:
    return {
        "symbol": feed.symbol.name,
        "fundingTime": one.time,
        "fundingRate": money(one.rate),
        "markPrice": money(one.mark_price),  # COIN-M's, too: docs/exchange.md#funding-information
        "rateType": "Regular",
    }


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
    feed, now = call.feed(), call.engine.clock.now_ms()
    symbol = feed.symbol
    held = feed.units.quantity_text(feed.open_interest(now, users=True))
    extra = {"pair": symbol.pair, "contractType": symbol.contract_type} if symbol.unit == CM else {}
    return {"openInterest": held, "symbol": symbol.name, "time": now} | extra


# indexes, funds and schedules


def constituents(call: Call) -> Json:
    """Return where the index price of a pair comes from; USDⓈ-M calls it the symbol's."""
    name, data = call.params.needed_text("symbol"), call.services.market_data
    known = {market.symbol.pair for market in call.markets()}
    if name not in known:
        raise invalid_symbol()
    return Indexes(data).constituents(name, call.engine.clock.now_ms())


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    yield route("GET", f"{root}/v1/trades", _NONE, recent_trades, 5, "symbol")
    yield route("GET", f"{root}/v1/historicalTrades", _KEY, older_trades, 200, "symbol")
    yield route("GET", f"{root}/v1/aggTrades", _NONE, aggregate_trades, 20, "symbol")
    yield route("GET", f"{root}/v1/fundingInfo", _NONE, funding_info, 0)
    yield route("GET", f"{root}/v1/openInterest", _NONE, open_interest, 1, "symbol")
