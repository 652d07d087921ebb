"""REST: candles of trades, marks, indexes and premiums, of both products.

Either product's routes take symbols and pairs of both (documented since June 2026); 1s is documented but refused with
-1120 (docs/exchange.md#kline-intervals), and weights differ from the documented ones (docs/exchange.md#weights).
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.refusals import Refusal, invalid_data, invalid_symbol
from wireproof.venue.market_data.candles import INTERVALS, next_open
from wireproof.venue.market_data.tape import COIN_DIGITS, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.base.params import Params
    from wireproof.venue.market_data.candles import Candle, Series
    from wireproof.venue.market_data.feed import Feed

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


def _read(call: Call, series: Series) -> list[tuple[Candle, int]]:
    """Return the candles that were asked for, each with the end of its time."""
    interval = call.params.needed_text("interval")
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    limit = read_limit(call.params, DEFAULT_LIMIT, LARGEST_LIMIT)
    start, end = read_span(call.params)
    series.remember()
    series.roll(call.engine.clock.now_ms())
    return [(one, next_open(interval, one.start) - 1) for one in series.candles(interval, limit, start, end)]


def _traded(call: Call, feed: Feed) -> list[list[Any]]:
    units = feed.units
    return [
        [
            one.start,
            units.price_text(one.open),
            units.price_text(one.high),
            units.price_text(one.low),
            units.price_text(one.close),
            units.quantity_text(one.volume),
            end,
            units.value_text(one.value),
            one.count,
            units.quantity_text(one.taker_volume),
            units.value_text(one.taker_value),
            "0",
        ]
        for one, end in _read(call, feed.trades)
    ]


def _looked(call: Call, series: Series) -> list[list[Any]]:
    return [
        [
            one.start,
            written(one.open, COIN_DIGITS),
            written(one.high, COIN_DIGITS),
            written(one.low, COIN_DIGITS),
            written(one.close, COIN_DIGITS),
            "0",
            end,
            "0",
            one.count,
            "0",
            "0",
            "0",
        ]
        for one, end in _read(call, series)
    ]


def klines(call: Call) -> list[list[Any]]:
    """Return candles of trades."""
    return _traded(call, _find(call, call.params.needed_text("symbol")))


def continuous_klines(call: Call) -> list[list[Any]]:
    """Return candles of a pair's contract of a type; -4104 for a type that there is not."""
    name, kind = call.params.needed_text("pair"), call.params.needed_text("contractType")
    if kind not in CONTRACT_TYPES:
        raise Refusal(-4104, "Invalid contract type.")
    pair = _find(call, name).symbol.pair
    feed = call.services.market_data.contract(pair, kind)
    if feed is None:
        return []
    feed.remember()
    return _traded(call, feed)


def index_klines(call: Call) -> list[list[Any]]:
    """Return candles of a pair's index price."""
    return _looked(call, _find(call, call.params.needed_text("pair")).indexes)


def mark_klines(call: Call) -> list[list[Any]]:
    """Return candles of a mark price."""
    return _looked(call, _find(call, call.params.needed_text("symbol")).marks)


def premium_klines(call: Call) -> list[list[Any]]:
    """Return candles of a premium; contracts that are delivered have none."""
    feed = _find(call, call.params.needed_text("symbol"))
    if not feed.symbol.perpetual:
        raise invalid_symbol()
    return _looked(call, feed.premiums)


def routes(root: str) -> Iterator[Operation]:
    """Yield what both products answer alike, below `root`."""
    none = CallSecurity.NONE
    yield route("GET", f"{root}/v1/klines", none, klines, kline_weight, "symbol", "interval")
    needed = ("pair", "contractType", "interval")
    yield route("GET", f"{root}/v1/continuousKlines", none, continuous_klines, kline_weight, *needed)
    yield route("GET", f"{root}/v1/indexPriceKlines", none, index_klines, kline_weight, "pair", "interval")
    yield route("GET", f"{root}/v1/markPriceKlines", none, mark_klines, kline_weight, "symbol", "interval")
    yield route("GET", f"{root}/v1/premiumIndexKlines", none, premium_klines, kline_weight, "symbol", "interval")
