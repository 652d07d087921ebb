"""REST: public market data of options.

https://developers.binance.com/docs/derivatives/options-trading/market-data; where live differs, as measured:
docs/exchange.md#options-symbols, docs/exchange.md#options-numbers and others named below.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import CallSecurity, by_symbol
from wireproof.venue.api.routes import route
from wireproof.venue.base.formats import ZERO, fixed, trimmed
from wireproof.venue.base.rate_limits import LimitRules
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.turns import shown
from wireproof.venue.market_data.candles import INTERVALS, next_open
from wireproof.venue.market_data.tape import written
from wireproof.venue.products.futures.quote_routes import ping, time
from wireproof.venue.products.options import option_instruments as rules
from wireproof.venue.products.options.option_instruments import QUANTITY_DIGITS, QUOTE, UNDERLYINGS
from wireproof.venue.products.options.option_pricing import RISK_FREE
from wireproof.venue.products.options.options_engine import OptionsEngine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.api.call import Call
    from wireproof.venue.base.params import Params
    from wireproof.venue.base.turns import Turns
    from wireproof.venue.market_data.candles import Candle
    from wireproof.venue.products.options.option_instruments import OptionContract
    from wireproof.venue.products.options.option_market import OptionMarket, OptionTrade
    from wireproof.venue.products.options.option_marks import OptionMark
    from wireproof.venue.products.options.option_settlement import Settled

Json = dict[str, Any]
_NONE = CallSecurity.NONE
OPTION_LIMITS = LimitRules(weight=400, ten_seconds=30, minute=100)  # docs/exchange.md#options-limits
DEPTHS = {5: 1, 10: 1, 20: 1, 50: 1, 100: 5, 500: 10, 1_000: 20}  # limits, and what each weighs
DEFAULT_DEPTH = 100
MARKS_A_TURN = 10  # each is a model's price, and two volatilities that prices imply


# reading


def read_option_limit(params: Params, default: int, largest: int) -> int:
    """Return `limit`; -6008 below one or above the largest."""
    limit = params.integer("limit")
    if limit is not None and not 1 <= limit <= largest:
        raise Refusal(-6008, "parameter 'limit' is invalid.")
    return default if limit is None else limit


def read_option_span(params: Params) -> tuple[int | None, int | None]:
    """Return `startTime` and `endTime`; -6031 when they are the wrong way round."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and start > end:
        raise Refusal(-6031, "Start time is greater than end time.")
    return start, end


def asked_contract(call: Call, *, past: bool = False) -> OptionContract:
    """Return the contract of the `symbol` parameter; -1121 when it is not listed, with `past` never was."""
    return call.own(OptionsEngine).contract(call.params.needed_text("symbol"), past=past)


def _asked_marks(call: Call) -> Iterable[OptionMark]:
    """Return the mark of the `symbol` parameter's contract, or those of all."""
    engine = call.own(OptionsEngine)
    if call.params.text("symbol"):
        return [engine.marks.mark(asked_contract(call))]
    return engine.marks.marks(list(engine.contracts.values()))


def _market(call: Call) -> OptionMarket:
    return call.own(OptionsEngine).open(asked_contract(call))


# contracts


def _symbol_row(mark: OptionMark) -> Json:
    """Return a symbol's row; the bounds of prices move with its mark price (docs/exchange.md#options-price-limits)."""
    contract, underlying = mark.contract, mark.contract.underlying
    lowest, highest = contract.price_bounds(mark.price)
    least, most = trimmed(rules.MIN_QUANTITY), trimmed(underlying.max_quantity)
    return {
        "expiryDate": contract.expiry,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": trimmed(lowest),
                "maxPrice": trimmed(highest),
                "tickSize": trimmed(underlying.tick),
            },
            {"filterType": "LOT_SIZE", "minQty": least, "maxQty": most, "stepSize": trimmed(rules.STEP)},
        ],
        "symbol": contract.name,
        "side": contract.side,
        "strikePrice": trimmed(contract.strike),
        "underlying": underlying.name,
        "unit": underlying.unit,
        "liquidationFeeRate": trimmed(rules.LIQUIDATION_FEE_RATE),
        "minQty": least,
        "maxQty": most,
        "initialMargin": trimmed(rules.INITIAL_MARGIN),
        "maintenanceMargin": trimmed(rules.MAINTENANCE_MARGIN),
        "minInitialMargin": trimmed(rules.MIN_INITIAL_MARGIN),
        "minMaintenanceMargin": trimmed(rules.MIN_MAINTENANCE_MARGIN),
        "priceScale": underlying.price_digits,
        "quantityScale": QUANTITY_DIGITS,
        "quoteAsset": QUOTE,
        "contractType": "TRADFI_OPTIONS" if underlying.metal else "CRYPTO_OPTIONS",
        "underlyingType": "COMMODITY" if underlying.metal else "CRYPTO",
        "status": "TRADING",
    }


def exchange_info(call: Call) -> Turns[Json]:
    """Return all contracts and limits; `nakedSell` stands on the underlyings."""
    engine = call.own(OptionsEngine)
    symbols = yield from shown(engine.marks.marks(list(engine.contracts.values())), _symbol_row, MARKS_A_TURN)
    return {
        "timezone": "UTC",
        "serverTime": engine.now(),
        "optionContracts": [
            {
                "baseAsset": one.base,
                "quoteAsset": QUOTE,
                "underlying": one.name,
                "settleAsset": QUOTE,
                "nakedSell": one.naked_sell,
            }
            for one in UNDERLYINGS.values()
        ],
        "optionAssets": [{"name": QUOTE}],
        "optionSymbols": symbols,
        "rateLimits": [call.pool.weight_rule(), *reversed(call.pool.orders.rules())],
    }


# prices


def mark_view(mark: OptionMark) -> Json:
    """How REST shows a mark price."""
    value = mark.value
    return {
        "symbol": mark.contract.name,
        "markPrice": trimmed(mark.price),
        "bidIV": volatility(mark.bid_iv),
        "askIV": volatility(mark.ask_iv),
        "markIV": volatility(value.iv),
        "delta": f"{value.delta:.8f}",
        "theta": f"{value.theta:.8f}",
        "gamma": f"{value.gamma:.8f}",
        "vega": f"{value.vega:.8f}",
        "highPriceLimit": trimmed(mark.highest),
        "lowPriceLimit": trimmed(mark.lowest),
        "riskFreeInterest": str(RISK_FREE),
    }


def volatility(value: float) -> str:
    """Return an implied volatility with eight decimals, -1.0 without a quote."""
    return "-1.0" if value < 0 else f"{value:.8f}"


def mark_prices(call: Call) -> Turns[list[Json]]:
    """Return mark prices and Greeks: a list also for one symbol."""
    return shown(_asked_marks(call), mark_view, MARKS_A_TURN)


def index_price(call: Call) -> Json:
    """Return an underlying's index price, at a whole second."""
    engine = call.own(OptionsEngine)
    underlying = engine.underlying(call.params.needed_text("underlying"))
    return {"time": engine.now() // 1_000 * 1_000, "indexPrice": trimmed(engine.index(underlying))}


def ticker_view(engine: OptionsEngine, mark: OptionMark) -> Json:
    """How REST shows the last 24 hours; zeros when nothing traded."""
    contract, touch, digits = mark.contract, mark.touch, mark.contract.underlying.price_digits
    day = engine.market(contract).last_day(engine.now())
    trades = day.trades
    prices = [trade.price for trade in trades] or [ZERO]
    return {
        "symbol": contract.name,
        "priceChange": fixed(prices[-1] - prices[0], digits),
        "priceChangePercent": fixed((prices[-1] - prices[0]) / prices[0] if prices[0] else ZERO, 4),
        "lastPrice": fixed(prices[-1], digits),
        "lastQty": fixed(trades[-1].quantity if trades else ZERO, QUANTITY_DIGITS),
        "open": fixed(prices[0], digits),
        "high": fixed(max(prices), digits),
        "low": fixed(min(prices), digits),
        "volume": fixed(day.volume, QUANTITY_DIGITS),
        "amount": fixed(day.amount, digits),
        "bidPrice": fixed(touch.bid, digits),
        "askPrice": fixed(touch.ask, digits),
        "openTime": trades[0].time if trades else 0,
        "closeTime": trades[-1].time if trades else 0,
        "firstTradeId": trades[0].trade_id if trades else 0,
        "tradeCount": len(trades),
        "strikePrice": trimmed(contract.strike),
        "exercisePrice": trimmed(engine.exercise_price(contract)),
    }


def tickers(call: Call) -> Turns[list[Json]]:
    """Return the last 24 hours of one symbol or all: a list also for one."""
    engine = call.own(OptionsEngine)
    return shown(_asked_marks(call), lambda mark: ticker_view(engine, mark), MARKS_A_TURN)


# the book and trades


def depth_weight(params: Params) -> int:
    """Return the weight of an order book."""
    try:
        return DEPTHS.get(params.integer("limit") or DEFAULT_DEPTH, 1)
    except Refusal:
        return 1


def order_book(call: Call) -> Json:
    """Return the order book; -6008 for a limit that is none of the documented ones."""
    limit = call.params.integer("limit")
    if limit is not None and limit not in DEPTHS:
        raise Refusal(-6008, "parameter 'limit' is invalid.")
    market = _market(call)
    digits = market.contract.underlying.price_digits
    bids, asks = (
        [[fixed(one.price, digits), fixed(one.quantity, QUANTITY_DIGITS)] for one in levels]
        for levels in market.depth(limit or DEFAULT_DEPTH)
    )
    return {"bids": bids, "asks": asks, "T": market.updated, "lastUpdateId": market.update_id}


def _trade_view(contract: OptionContract, trade: OptionTrade) -> Json:
    digits = contract.underlying.price_digits
    return {
        "id": trade.number,
        "tradeId": trade.trade_id,
        "symbol": contract.name,
        "price": fixed(trade.price, digits),
        "qty": fixed(trade.quantity, QUANTITY_DIGITS),
        "quoteQty": fixed(trade.price * trade.quantity, digits),
        "side": trade.side,
        "time": trade.time,
    }


def recent_trades(call: Call) -> list[Json]:
    """Return the latest trades."""
    limit, market = read_option_limit(call.params, 100, 500), _market(call)
    return [_trade_view(market.contract, trade) for trade in list(market.trades)[-limit:]]


def block_trades(call: Call) -> list[Json]:
    """Return the latest block trades, the newest first; quantities are negative for what was sold."""
    limit, engine = read_option_limit(call.params, 100, 500), call.own(OptionsEngine)
    if call.params.text("symbol"):
        engine.open(asked_contract(call))
        markets: Iterable[OptionMarket] = [engine.market(asked_contract(call))]
    else:
        markets = engine.markets.values()
    found = sorted(
        ((trade, market.contract) for market in markets for trade in market.blocks),
        key=lambda one: (one[0].time, one[0].number),
        reverse=True,
    )
    return [_block_view(contract, trade) for trade, contract in found[:limit]]


def _block_view(contract: OptionContract, trade: OptionTrade) -> Json:
    signed = trade.quantity * trade.side
    shown = {"qty": fixed(signed, QUANTITY_DIGITS), "quoteQty": fixed(signed * trade.price, 2)}
    return _trade_view(contract, trade) | shown


def option_klines(call: Call) -> Turns[list[list[Any]]]:
    """Return candles: lists of twelve, the last element without meaning."""
    interval = call.params.needed_text("interval")
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    limit, (start, end) = read_option_limit(call.params, 500, 1_500), read_option_span(call.params)
    market = _market(call)
    series = market.series(call.own(OptionsEngine).now())

    def work() -> Turns[list[list[Any]]]:
        candles = islice(series.walk(interval, start, end), limit)
        rows = yield from shown(candles, lambda one: kline_row(market.contract, one, interval))
        return rows[::-1] if start is None else rows

    return work()


def kline_row(contract: OptionContract, candle: Candle, interval: str) -> list[Any]:
    """Return a candle as REST shows it."""
    prices, amounts = contract.underlying.price_digits, contract.underlying.price_digits + QUANTITY_DIGITS
    return [
        candle.start,
        *(written(price, prices) for price in (candle.open, candle.high, candle.low, candle.close)),
        written(candle.volume, QUANTITY_DIGITS),
        next_open(interval, candle.start) - 1,
        written(candle.value, amounts),
        candle.count,
        written(candle.taker_volume, QUANTITY_DIGITS),
        written(candle.taker_value, amounts),
        "0",
    ]


# open interest and exercise


def open_interest(call: Call) -> list[Json]:
    """Return the open interest of an expiry; -6010 without contracts: docs/exchange.md#options-open-interest."""
    engine = call.own(OptionsEngine)
    underlying = engine.underlying(call.params.needed_text("underlyingAsset") + QUOTE)
    day, index = call.params.needed_text("expiration"), engine.index(underlying)
    contracts = [one for one in engine.contracts_on(underlying) if one.day == day]
    if not contracts:
        raise Refusal(-6010, "open interest error data.")
    minute = engine.now() // 60_000 * 60_000
    return [
        {
            "symbol": contract.name,
            "sumOpenInterest": trimmed(engine.market(contract).open_interest),
            "sumOpenInterestUsd": trimmed(engine.market(contract).open_interest * index),
            "timestamp": str(minute),
        }
        for contract in contracts
    ]


def exercise_history(call: Call) -> list[Json]:
    """Return what became of contracts, the latest ones."""
    limit, (start, end) = read_option_limit(call.params, 100, 100), read_option_span(call.params)
    engine, name = call.own(OptionsEngine), call.params.text("underlying")
    underlying = None if name is None else engine.underlying(name)
    found = [
        one
        for one in engine.settlement.history()
        if underlying in {None, one.contract.underlying}
        and (start or 0) <= one.contract.expiry <= (one.contract.expiry if end is None else end)
    ]
    return [_settled_view(one) for one in found[-limit:]]


def _settled_view(one: Settled) -> Json:
    return {
        "symbol": one.contract.name,
        "strikePrice": trimmed(one.contract.strike),
        "realStrikePrice": trimmed(one.price),
        "expiryDate": one.contract.expiry,
        "strikeResult": "REALISTIC_VALUE_STRICKEN" if one.in_the_money else "EXTRINSIC_VALUE_EXPIRED",
    }


OPTION_MARKET_ROUTES = (
    route("GET", "/eapi/v1/ping", _NONE, ping, 1),
    route("GET", "/eapi/v1/time", _NONE, time, 1),
    route("GET", "/eapi/v1/exchangeInfo", _NONE, exchange_info, 1),
    route("GET", "/eapi/v1/depth", _NONE, order_book, depth_weight, "symbol"),
    route("GET", "/eapi/v1/trades", _NONE, recent_trades, 5, "symbol"),
    route("GET", "/eapi/v1/blockTrades", _NONE, block_trades, 5),
    route("GET", "/eapi/v1/klines", _NONE, option_klines, 1, "symbol", "interval"),
    route("GET", "/eapi/v1/mark", _NONE, mark_prices, 5),
    route("GET", "/eapi/v1/ticker", _NONE, tickers, by_symbol(1, 40)),
    route("GET", "/eapi/v1/index", _NONE, index_price, 1, "underlying"),
    route("GET", "/eapi/v1/openInterest", _NONE, open_interest, 0, "underlyingAsset", "expiration"),
    route("GET", "/eapi/v1/exerciseHistory", _NONE, exercise_history, 3),
)
