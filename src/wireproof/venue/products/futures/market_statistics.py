"""REST: statistics below /futures/data, which both products share: symbols are USDⓈ-M's, pairs with a type COIN-M's.

What can be read off the markets is (volumes, basis, prices at delivery); what other traders hold is made up from symbol
and time, the same on every request.
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest-Statistics
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallSecurity, Operation
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ONE, fixed, money
from wireproof.venue.base.refusals import Refusal, invalid_data, missing
from wireproof.venue.base.turns import shown
from wireproof.venue.exchange.quarters import last_quarters
from wireproof.venue.market_data.candles import DAY, INTERVALS
from wireproof.venue.market_data.tape import COIN_DIGITS
from wireproof.venue.products.futures.kline_routes import read_limit, read_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.turns import Turns
    from wireproof.venue.market_data.candles import Candle
    from wireproof.venue.market_data.feed import Feed

Json = dict[str, Any]
PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
CONTRACT_TYPES = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER")
ALL = "ALL"
DEFAULT_LIMIT, LARGEST_LIMIT = 30, 500
KEPT_MS = 30 * DAY
SUPPLY = "1000000.00000000"  # of any coin; the exchange has it from elsewhere
QUARTERS_SHOWN = 8


def _times(call: Call) -> tuple[list[int], int]:
    """Return the ends of the periods that were asked for, oldest first, and how long a period is."""
    period = call.params.needed_text("period")
    if period not in PERIODS:
        raise invalid_data("period")
    limit = read_limit(call.params, DEFAULT_LIMIT, LARGEST_LIMIT)
    start, end = read_span(call.params)
    now, length = call.engine.clock.now_ms(), INTERVALS[period]
    if start is not None and start < now - KEPT_MS:
        raise invalid_data("startTime")
    last = min(now, now if end is None else end) // length * length
    first = -(-max(now - KEPT_MS, start or 0) // length) * length
    times = list(range(first, last + 1, length))
    return (times[-limit:] if start is None else times[:limit]), length


def _feed(call: Call) -> Feed:
    return call.services.market_data.feed(call.params.needed_text("symbol"))


def _contract(call: Call, *, needed: bool = False) -> Feed:
    """Return the feed of a pair's contract; -4144 for a pair, -4104 for a type that there is not."""
    data, pair = call.services.market_data, call.params.needed_text("pair")
    kind = call.params.needed_text("contractType") if needed else call.params.text("contractType") or CONTRACT_TYPES[0]
    if kind not in (*CONTRACT_TYPES, ALL):
        raise Refusal(-4104, "Invalid contract type.")
    if not data.of_pair(pair):
        raise Refusal(-4144, "Invalid pair.")
    found = data.contract(pair, CONTRACT_TYPES[0] if kind == ALL else kind)
    if found is None:
        raise Refusal(-4104, "Invalid contract type.")
    return data.feed(found.symbol.name)


def _of_coin(call: Call) -> bool:
    """Whether COIN-M is asked, whose requests have a pair in the place of the symbol."""
    if "pair" in call.params and "symbol" not in call.params:
        return True
    if not call.params.text("symbol"):
        raise missing("symbol")
    return False


def _price(feed: Feed, at: int) -> Decimal:
    return Decimal(feed.trades.price_at(at)).scaleb(-feed.units.price_digits)


def open_interest_history(call: Call) -> list[Json]:
    """Return what was held at the end of each period."""
    coin = _of_coin(call)
    feed = _contract(call) if coin else _feed(call)
    times, _ = _times(call)
    rows: list[Json] = []
    for at in times:
        held = Decimal(feed.open_interest(at)).scaleb(-feed.units.qty_digits)
        value = money(feed.symbol.value(held, _price(feed, at)))
        if coin:
            kind = call.params.text("contractType") or feed.symbol.contract_type
            row = {"pair": feed.symbol.pair, "contractType": kind, "sumOpenInterest": fixed(held, 0)}
            rows.append(row | {"sumOpenInterestValue": value, "timestamp": at})
        else:
            row = {"symbol": feed.symbol.name, "sumOpenInterest": money(held), "sumOpenInterestValue": value}
            rows.append(row | {"CMCCirculatingSupply": SUPPLY, "timestamp": at})
    return rows


def _ratio(kind: str, coin_fields: tuple[str, str]) -> Callable[[Call], list[Json]]:
    """Return how many are long for each that is short; the two shares add up to one."""

    def run(call: Call) -> list[Json]:
        coin = _of_coin(call)
        feed = _contract(call) if coin else _feed(call)
        long_field, short_field = coin_fields if coin else ("longAccount", "shortAccount")
        rows: list[Json] = []
        for at in _times(call)[0]:
            long = Decimal(4_000 + int(feed.noise(kind, at) * 2_000)) / 10_000
            row = {"pair": feed.symbol.pair} if coin else {"symbol": feed.symbol.name}
            row["longShortRatio"] = fixed(long / (ONE - long), 4)
            rows.append(row | {long_field: fixed(long, 4), short_field: fixed(ONE - long, 4), "timestamp": at})
        return rows

    return run


def _candles(feed: Feed, call: Call) -> list[tuple[int, Candle]]:
    """Return the candle of each period, by its end; periods finer than what is known of their time are left out."""
    times, length = _times(call)
    found = [(at, feed.trades.between(at - length, at)) for at in times]
    return [(at, candle) for at, candle in found if candle is not None]


def taker_ratio(call: Call) -> list[Json]:
    """Return what takers bought and sold, of USDⓈ-M."""
    feed = _feed(call)
    rows: list[Json] = []
    for at, candle in _candles(feed, call):
        bought, whole = (Decimal(one).scaleb(-feed.units.qty_digits) for one in (candle.taker_volume, candle.volume))
        ratio = bought / (whole - bought) if whole > bought else Decimal(0)
        row = {"buySellRatio": fixed(ratio, 4), "buyVol": fixed(bought, 4), "sellVol": fixed(whole - bought, 4)}
        rows.append(row | {"timestamp": at})
    return rows


def taker_volume(call: Call) -> list[Json]:
    """Return what takers bought and sold, of COIN-M: in contracts, and in coin."""
    feed = _contract(call, needed=True)
    kind, units = call.params.needed_text("contractType"), feed.units
    return [
        {
            "pair": feed.symbol.pair,
            "contractType": kind,
            "takerBuyVol": units.quantity_text(candle.taker_volume),
            "takerSellVol": units.quantity_text(candle.volume - candle.taker_volume),
            "takerBuyVolValue": units.value_text(candle.taker_value),
            "takerSellVolValue": units.value_text(candle.value - candle.taker_value),
            "timestamp": at,
        }
        for at, candle in _candles(feed, call)
    ]


def basis(call: Call) -> Turns[list[Json]]:
    """Return how far a contract's price was from its index price; annualised for contracts that are delivered."""
    feed = _contract(call, needed=True)
    symbol, (times, _length) = feed.symbol, _times(call)

    def row(at: int) -> Json:
        futures, index = _price(feed, at), Decimal(feed.indexes.price_at(at)).scaleb(-COIN_DIGITS)
        rate = (futures - index) / index
        days = Decimal(max(symbol.delivery - at, DAY)) / DAY
        return {
            "indexPrice": money(index),
            "contractType": symbol.contract_type,
            "basisRate": fixed(rate, 4),
            "futuresPrice": fixed(futures, symbol.price_digits),
            "annualizedBasisRate": "" if symbol.perpetual else fixed(rate * 365 / days, 4),
            "basis": money(futures - index),
            "pair": symbol.pair,
            "timestamp": at,
        }

    def work() -> Turns[list[Json]]:
        yield from feed.indexes.remembering()
        return (yield from shown(times, row))

    return work()


def delivery_prices(call: Call) -> list[Json]:
    """Return at what price the last quarters were delivered, the latest first."""
    feed = _contract(call)
    now = call.engine.clock.now_ms()
    prices = {at: _price(feed, at) for at in last_quarters(now, QUARTERS_SHOWN) if at > feed.symbol.onboarded}
    prices |= {one.time: one.price for one in call.engine.delivery.history.get(feed.symbol.pair, ())}
    latest_first = sorted(prices.items(), reverse=True)[:QUARTERS_SHOWN]
    return [{"deliveryTime": at, "deliveryPrice": float(price)} for at, price in latest_first]


_NONE = CallSecurity.NONE
STATISTICS_ROUTES: tuple[Operation, ...] = (
    route("GET", "/futures/data/openInterestHist", _NONE, open_interest_history, 0, "period"),
    route(
        "GET",
        "/futures/data/topLongShortAccountRatio",
        _NONE,
        _ratio("accounts", ("longAccount", "shortAccount")),
        0,
        "period",
    ),
    route(
        "GET",
        "/futures/data/topLongShortPositionRatio",
        _NONE,
        _ratio("positions", ("longPosition", "shortPosition")),
        0,
        "period",
    ),
    route(
        "GET",
        "/futures/data/globalLongShortAccountRatio",
        _NONE,
        _ratio("everyone", ("longAccount", "shortAccount")),
        0,
        "period",
    ),
    route("GET", "/futures/data/takerlongshortRatio", _NONE, taker_ratio, 0, "symbol", "period"),
    route("GET", "/futures/data/takerBuySellVol", _NONE, taker_volume, 0, "pair", "contractType", "period"),
    route("GET", "/futures/data/basis", _NONE, basis, 0, "pair", "contractType", "period"),
    route("GET", "/futures/data/delivery-price", _NONE, delivery_prices, 0, "pair"),
)
