"""What the market streams carry. Every function returns one event's payload.

Documented fields, and those of docs/exchange.md#product-fields:
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import fixed, money, trimmed
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.market_data.aggregates import aggregate
from wireproof.venue.market_data.tape import COIN_DIGITS, written

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.records import Order
    from wireproof.venue.market_data.candles import Candle
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.tape import Aggregate, Trade

Json = dict[str, Any]
PERCENT_DIGITS = 3
Levels = dict["Decimal", "Decimal"]


def product(feed: Feed) -> int:
    """Return `st`."""
    return 2 if feed.symbol.unit == CM else 1


def agg_trade(feed: Feed, one: Aggregate, now: int) -> Json:
    """<symbol>@aggTrade."""
    return {"e": "aggTrade", "E": now, "s": feed.symbol.name, **aggregate(feed, one), "st": product(feed)}


def trade(feed: Feed, one: Trade, now: int) -> Json:
    """<symbol>@trade: undocumented for futures, but there (docs/exchange.md#trade-stream)."""
    return {
        "e": "trade",
        "E": now,
        "T": one.time,
        "s": feed.symbol.name,
        "t": one.id,
        "p": feed.units.price_text(one.price),
        "q": feed.units.quantity_text(one.quantity),
        "X": "MARKET",
        "m": one.maker,
        "st": product(feed),
    }


def mark_price(feed: Feed, now: int) -> Json:
    """<symbol>@markPrice; a contract that is delivered has neither a rate nor a time of funding.

    Nor has one of USDⓈ-M an index price: docs/exchange.md#contracts-without-funding. COIN-M's has `ap` on the symbol's
    own stream only.
    """
    market, perpetual = feed.market, feed.symbol.perpetual
    event = {
        "e": "markPriceUpdate",
        "E": now,
        "s": feed.symbol.name,
        "p": money(market.mark_price),
        "P": money(market.index_price),
        "i": money(market.index_price) if perpetual or feed.symbol.unit == CM else "",
        "r": money(feed.funding_rate()) if perpetual else "",
        "T": feed.next_funding(now),
        "st": product(feed),
    }
    return event if feed.symbol.unit == CM else event | averaged(feed)


def averaged(feed: Feed) -> Json:
    """Return the mark price's moving average, of both products: docs/exchange.md#moving-average-of-the-mark-price."""
    return {"ap": money(feed.market.mark_price)}


def index_price(feed: Feed, now: int) -> Json:
    """<pair>@indexPrice: docs/exchange.md#index-price-stream."""
    return {"e": "indexPriceUpdate", "E": now, "i": feed.symbol.pair, "p": money(feed.market.index_price)}


def _traded(feed: Feed, candle: Candle, interval: str, end: int, *, closed: bool) -> Json:
    units = feed.units
    return {
        "t": candle.start,
        "T": end - 1,
        "i": interval,
        "f": candle.first_id,
        "L": candle.last_id,
        "o": units.price_text(candle.open),
        "c": units.price_text(candle.close),
        "h": units.price_text(candle.high),
        "l": units.price_text(candle.low),
        "v": units.quantity_text(candle.volume),
        "n": candle.count,
        "x": closed,
        "q": units.value_text(candle.value),
        "V": units.quantity_text(candle.taker_volume),
        "Q": units.value_text(candle.taker_value),
        "B": "0",
    }


def kline(feed: Feed, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    """<symbol>@kline_<interval>."""
    name = feed.symbol.name
    shown = {"s": name} | _traded(feed, candle, interval, end, closed=closed)
    return {"e": "kline", "E": now, "s": name, "k": shown}


def continuous_kline(feed: Feed, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    """<pair>_<contractType>@continuousKline_<interval>."""
    shown = _traded(feed, candle, interval, end, closed=closed)
    return {"e": "continuous_kline", "E": now, "ps": feed.symbol.pair, "ct": feed.symbol.contract_type, "k": shown}


def _looked(feed: Feed, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    shown = {
        "t": candle.start,
        "T": end - 1,
        "i": interval,
        "f": candle.start,
        "L": min(now, end - 1),
        "o": written(candle.open, COIN_DIGITS),
        "c": written(candle.close, COIN_DIGITS),
        "h": written(candle.high, COIN_DIGITS),
        "l": written(candle.low, COIN_DIGITS),
        "v": "0",
        "n": candle.count,
        "x": closed,
        "q": "0",
        "V": "0",
        "Q": "0",
        "B": "0",
    }
    return {"E": now, "ps": feed.symbol.pair, "k": shown}


def index_kline(feed: Feed, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    """<pair>@indexPriceKline_<interval>; its `s` is documented as "0"."""
    event = _looked(feed, candle, interval, end, now, closed=closed)
    event["k"]["s"] = "0"
    return event | {"e": "indexPrice_kline"}


def mark_kline(feed: Feed, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    """<symbol>@markPriceKline_<interval>."""
    event = _looked(feed, candle, interval, end, now, closed=closed)
    event["k"]["s"] = feed.symbol.name
    return event | {"e": "markPrice_kline"}


def mini_ticker(feed: Feed, now: int) -> Json:
    """<symbol>@miniTicker."""
    candle, units = feed.day(now).candle, feed.units
    return {
        "e": "24hrMiniTicker",
        "E": now,
        "s": feed.symbol.name,
        "ps": feed.symbol.pair,
        "c": units.price_text(candle.close),
        "o": units.price_text(candle.open),
        "h": units.price_text(candle.high),
        "l": units.price_text(candle.low),
        "v": units.quantity_text(candle.volume),
        "q": units.value_text(candle.value),
        "st": product(feed),
    }


def ticker(feed: Feed, now: int) -> Json:
    """<symbol>@ticker."""
    day, units = feed.day(now), feed.units
    candle = day.candle
    return {
        "e": "24hrTicker",
        "E": now,
        "s": feed.symbol.name,
        "ps": feed.symbol.pair,
        "p": units.price_text(day.change),
        "P": written(day.percent, PERCENT_DIGITS),
        "w": units.price_text(day.mean),
        "c": units.price_text(candle.close),
        "Q": units.quantity_text(day.last_quantity),
        "o": units.price_text(candle.open),
        "h": units.price_text(candle.high),
        "l": units.price_text(candle.low),
        "v": units.quantity_text(candle.volume),
        "q": units.value_text(candle.value),
        "O": day.opened,
        "C": day.closed,
        "F": candle.first_id,
        "L": candle.last_id,
        "n": candle.count,
        "st": product(feed),
    }


def book_ticker(feed: Feed, now: int) -> Json:
    """<symbol>@bookTicker."""
    market, digits = feed.market, (feed.units.price_digits, feed.units.qty_digits)
    bids, asks = market.book.bids, market.book.asks
    return {
        "e": "bookTicker",
        "u": market.update_id,
        "s": feed.symbol.name,
        "ps": feed.symbol.pair,
        "b": fixed(bids.best() or market.mid * 0, digits[0]),
        "B": fixed(bids.best_quantity(), digits[1]),
        "a": fixed(asks.best() or market.mid * 0, digits[0]),
        "A": fixed(asks.best_quantity(), digits[1]),
        "T": market.updated,
        "E": now,
        "st": product(feed),
    }


def depth(feed: Feed, ids: tuple[int, int, int], bids: Levels, asks: Levels, now: int) -> Json:
    """<symbol>@depth and its like; `ids` are U, u and pu. A quantity of zero removes a level."""
    price_digits, qty_digits = feed.units.price_digits, feed.units.qty_digits

    def rows(levels: Levels) -> list[list[str]]:
        return [
            [fixed(price, price_digits), fixed(size, qty_digits) if size else "0"] for price, size in levels.items()
        ]

    return {
        "e": "depthUpdate",
        "E": now,
        "T": feed.market.updated,
        "s": feed.symbol.name,
        "ps": feed.symbol.pair,
        "U": ids[0],
        "u": ids[1],
        "pu": ids[2],
        "b": rows(bids),
        "a": rows(asks),
        "st": product(feed),
    }


def force_order(order: Order, now: int) -> Json:
    """<symbol>@forceOrder and !forceOrder@arr; pair and product stand in `o` (docs/exchange.md#forced-orders)."""
    symbol = order.symbol
    average = symbol.mean_price(order.executed, order.cost) if order.executed else order.price
    shown = {
        "s": symbol.name,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": fixed(order.quantity, symbol.qty_digits),
        "p": fixed(order.price, symbol.price_digits),
        "ap": fixed(average, symbol.price_digits),
        "X": order.status,
        "l": fixed(order.executed, symbol.qty_digits),
        "z": fixed(order.executed, symbol.qty_digits),
        "T": order.updated,
        "ps": symbol.pair,
        "st": 2 if symbol.unit == CM else 1,
    }
    return {"e": "forceOrder", "E": now, "o": shown}


def contract_info(feed: Feed, now: int, *, brackets: bool) -> Json:
    """!contractInfo: sent when a contract is listed, settled, or its brackets change; `bks` only then (documented)."""
    symbol = feed.symbol
    steps = symbol.brackets
    floors = [steps[position + 1].leverage + 1 if position + 1 < len(steps) else 1 for position in range(len(steps))]
    event: Json = {
        "e": "contractInfo",
        "E": now,
        "s": symbol.name,
        "ct": symbol.contract_type,
        "dt": symbol.delivery,
        "ot": symbol.onboarded,
        "cs": symbol.status,
    }
    if brackets:
        event["bks"] = [
            {
                "bs": position + 1,
                "bnf": step.floor,
                "bnc": step.cap,
                "mmr": float(step.rate),
                "cf": float(trimmed(step.cum)),
                "mi": floors[position],
                "ma": step.leverage,
            }
            for position, step in enumerate(steps)
        ]
    event["st"] = product(feed)
    return event | {"ps": symbol.pair} if symbol.unit == CM else event
