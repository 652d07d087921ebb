"""REST: candles of trades, marks, indexes and premiums, of both products.

Either product's routes take symbols and pairs of both (documented since June 2026); 1s is documented but refused with
-1120 (docs/exchange.md#kline-intervals), and weights differ from the documented ones (docs/exchange.md#weights).
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, invalid_data, invalid_symbol
from wireproof.venue.base.turns import shown
from wireproof.venue.market_data.candles import INTERVALS, next_open
from wireproof.venue.market_data.tape import COIN_DIGITS, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.base.params import Params
    from wireproof.venue.base.turns import Turns
    from wireproof.venue.market_data.candles import Candle, Series
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.tape import Units

CONTRACT_TYPES = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL")
DEFAULT_LIMIT, LARGEST_LIMIT = 500, 1_500
WEIGHT_WITHOUT_LIMIT = 5


def read_limit(params: Params, default: int, largest: int) -> int:
    """Return `limit`; -1130 below one or above the largest (docs/exchange.md#limits-of-lists)."""
    limit = params.integer("limit")
    if limit is not None and not 1 <= limit <= largest:
        raise invalid_data("limit")
    return default if limit is None else limit


def read_span(params: Params) -> tuple[int | None, int | None]:
    """Return `startTime` and `endTime`; -1023 when they are the wrong way round."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and start > end:
        raise Refusal(-1023, "Start time is greater than end time.")
    return start, end


def kline_weight(params: Params) -> int:
    """Return the weight: bands inclusive at the top, and a dearer default (docs/exchange.md#weights)."""
    try:
        limit = params.integer("limit")
    except Refusal:
        limit = None
    if limit is None:
        return WEIGHT_WITHOUT_LIMIT
    return next((weight for most, weight in ((100, 1), (500, 2), (1_000, 5)) if limit <= most), 10)


def _find(call: Call, name: str) -> Feed:
    """Return the feed of a symbol, or of a pair's perpetual."""
    data = call.services.market_data
    perpetual = data.contract(name, "PERPETUAL")
    return data.feed(name if perpetual is None else perpetual.symbol.name)


def _candles(call: Call, series: Series, traded: Feed | None = None) -> Turns[list[list[Any]]]:
    """Return the candles that were asked for: of trades in the feed's units, else of a price that is only looked at."""
    interval = call.params.needed_text("interval")
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    limit = read_limit(call.params, DEFAULT_LIMIT, LARGEST_LIMIT)
    start, end = read_span(call.params)

    def row(one: Candle) -> list[Any]:
        closes = next_open(interval, one.start) - 1
        return _looked(one, closes) if traded is None else _traded(traded.units, one, closes)

    def work() -> Turns[list[list[Any]]]:
        yield from series.remembering()
        series.roll(call.engine.clock.now_ms())
        rows = yield from shown(islice(series.walk(interval, start, end), limit), row)
        return rows[::-1] if start is None else rows

    return work()


def _traded(units: Units, one: Candle, closes: int) -> list[Any]:
    return [
        one.start,
        units.price_text(one.open),
        units.price_text(one.high),
        units.price_text(one.low),
        units.price_text(one.close),
        units.quantity_text(one.volume),
        closes,
        units.value_text(one.value),
        one.count,
        units.quantity_text(one.taker_volume),
        units.value_text(one.taker_value),
        "0",
    ]


def _looked(one: Candle, closes: int) -> list[Any]:
    prices = (written(price, COIN_DIGITS) for price in (one.open, one.high, one.low, one.close))
    return [one.start, *prices, "0", closes, "0", one.count, "0", "0", "0"]


def klines(call: Call) -> Turns[list[list[Any]]]:
    """Return candles of trades."""
    feed = _find(call, call.params.needed_text("symbol"))
    return _candles(call, feed.trades, feed)


def continuous_klines(call: Call) -> Turns[list[list[Any]]] | list[list[Any]]:
    """Return candles of a pair's contract of a type; -4104 for a type that there is not."""
    name, kind = call.params.needed_text("pair"), call.params.needed_text("contractType")
    if kind not in CONTRACT_TYPES:
        raise Refusal(-4104, "Invalid contract type.")
    pair = _find(call, name).symbol.pair
    feed = call.services.market_data.contract(pair, kind)
    return [] if feed is None else _candles(call, feed.trades, feed)


def index_klines(call: Call) -> Turns[list[list[Any]]]:
    """Return candles of a pair's index price."""
    return _candles(call, _find(call, call.params.needed_text("pair")).indexes)


def mark_klines(call: Call) -> Turns[list[list[Any]]]:
    """Return candles of a mark price."""
    return _candles(call, _find(call, call.params.needed_text("symbol")).marks)


def premium_klines(call: Call) -> Turns[list[list[Any]]]:
    """Return candles of a premium; contracts that are delivered have none."""
    feed = _find(call, call.params.needed_text("symbol"))
    if not feed.symbol.perpetual:
        raise invalid_symbol()
    return _candles(call, feed.premiums)


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    none = CallSecurity.NONE
    yield route("GET", f"{root}/v1/klines", none, klines, kline_weight, "symbol", "interval")
    needed = ("pair", "contractType", "interval")
    yield route("GET", f"{root}/v1/continuousKlines", none, continuous_klines, kline_weight, *needed)
    yield route("GET", f"{root}/v1/indexPriceKlines", none, index_klines, kline_weight, "pair", "interval")
    yield route("GET", f"{root}/v1/markPriceKlines", none, mark_klines, kline_weight, "symbol", "interval")
    yield route("GET", f"{root}/v1/premiumIndexKlines", none, premium_klines, kline_weight, "symbol", "interval")
