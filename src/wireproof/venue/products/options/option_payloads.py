"""What the streams of options carry; every function returns one event's payload.

https://developers.binance.com/docs/derivatives/options-trading/websocket-market-streams; how numbers are written:
docs/exchange.md#options-streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import ZERO, fixed, money, trimmed
from wireproof.venue.market_data.tape import written
from wireproof.venue.products.options.option_instruments import QUANTITY_DIGITS, QUOTE
from wireproof.venue.products.options.option_market_routes import volatility
from wireproof.venue.products.options.option_pricing import RISK_FREE

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.market_data.candles import Candle
    from wireproof.venue.products.options.option_instruments import OptionContract, Underlying
    from wireproof.venue.products.options.option_market import OptionMarket, OptionTrade, Touch
    from wireproof.venue.products.options.option_marks import OptionMark

Json = dict[str, Any]
Levels = dict["Decimal", "Decimal"]
NO_TRADE_ID = -1  # in candles, though trades have ids
DAY_MS = 86_400_000


def _price(contract: OptionContract, price: Decimal) -> str:
    return fixed(price, contract.underlying.price_digits)


def _quantity(quantity: Decimal) -> str:
    return fixed(quantity, QUANTITY_DIGITS)


def _rows(contract: OptionContract, levels: Levels) -> list[list[str]]:
    """Return levels as they are sent: one that is gone has quantity "0", without decimals."""
    return [[_price(contract, price), _quantity(size) if size else "0"] for price, size in levels.items()]


def option_depth(market: OptionMarket, ids: tuple[int, int, int], levels: tuple[Levels, Levels], now: int) -> Json:
    """<symbol>@depth and its partial form; `ids` are U, u and pu."""
    first, last, before = ids
    contract = market.contract
    return {
        "e": "depthUpdate",
        "E": now,
        "T": market.updated,
        "s": contract.name,
        "U": first,
        "u": last,
        "pu": before,
        "b": _rows(contract, levels[0]),
        "a": _rows(contract, levels[1]),
    }


def option_book_ticker(market: OptionMarket, touch: Touch, now: int) -> Json:
    """<symbol>@bookTicker."""
    contract = market.contract
    return {
        "e": "bookTicker",
        "u": market.update_id,
        "s": contract.name,
        "b": _price(contract, touch.bid),
        "B": _quantity(touch.bid_quantity),
        "a": _price(contract, touch.ask),
        "A": _quantity(touch.ask_quantity),
        "T": market.updated,
        "E": now,
    }


def option_ticker(market: OptionMarket, now: int) -> Json:
    """<symbol>@optionTicker; `P` is a fraction (docs/exchange.md#options-numbers)."""
    contract, day = market.contract, market.last_day(now)
    trades = day.trades
    prices = [trade.price for trade in trades] or [ZERO]
    change = prices[-1] - prices[0]
    return {
        "e": "24hrTicker",
        "E": now,
        "s": contract.name,
        "p": _price(contract, change),
        "P": fixed(change / prices[0] if prices[0] else ZERO, 4),
        "w": _price(contract, day.amount / day.volume if day.volume else ZERO),
        "c": _price(contract, prices[-1]),
        "Q": _quantity(trades[-1].quantity if trades else ZERO),
        "o": _price(contract, prices[0]),
        "h": _price(contract, max(prices)),
        "l": _price(contract, min(prices)),
        "v": _quantity(day.volume),
        "q": _price(contract, day.amount),
        "O": now - DAY_MS,
        "C": now,
        "F": trades[0].trade_id if trades else 0,
        "L": trades[-1].trade_id if trades else 0,
        "n": len(trades),
    }


def option_trade(contract: OptionContract, trade: OptionTrade, now: int) -> Json:
    """<symbol>@optionTrade and <underlying>@optionTrade."""
    return {
        "e": "trade",
        "E": now,
        "T": trade.time,
        "s": contract.name,
        "t": trade.trade_id,
        "p": _price(contract, trade.price),
        "q": _quantity(trade.quantity),
        "X": "BLOCK" if trade.block else "MARKET",
        "S": "SELL" if trade.sold else "BUY",
        "m": trade.sold,
    }


def option_kline(contract: OptionContract, candle: Candle, interval: str, end: int, now: int, *, closed: bool) -> Json:
    """<symbol>@kline_<interval>."""
    prices, amounts = contract.underlying.price_digits, contract.underlying.price_digits + QUANTITY_DIGITS
    shown = {
        "t": candle.start,
        "T": end - 1,
        "s": contract.name,
        "i": interval,
        "f": NO_TRADE_ID,
        "L": NO_TRADE_ID,
        "o": written(candle.open, prices),
        "c": written(candle.close, prices),
        "h": written(candle.high, prices),
        "l": written(candle.low, prices),
        "v": written(candle.volume, QUANTITY_DIGITS),
        "n": candle.count,
        "x": closed,
        "q": written(candle.value, amounts),
        "V": written(candle.taker_volume, QUANTITY_DIGITS),
        "Q": written(candle.taker_value, amounts),
    }
    return {"e": "kline", "E": now, "s": contract.name, "k": shown}


def option_mark(mark: OptionMark, settlement: Decimal, now: int) -> Json:
    """Return a row of <underlying>@optionMarkPrice; `settlement` is the estimated price, zero early."""
    value, touch = mark.value, mark.touch
    return {
        "s": mark.contract.name,
        "mp": trimmed(mark.price),
        "E": now,
        "e": "markPrice",
        "i": trimmed(mark.index_price),
        "P": trimmed(settlement),
        "bo": trimmed(touch.bid),
        "ao": trimmed(touch.ask),
        "bq": trimmed(touch.bid_quantity),
        "aq": trimmed(touch.ask_quantity),
        "b": volatility(mark.bid_iv),
        "a": volatility(mark.ask_iv),
        "hl": trimmed(mark.highest),
        "ll": trimmed(mark.lowest),
        "vo": volatility(value.iv),
        "rf": str(RISK_FREE),
        "d": f"{value.delta:.8f}",
        "t": f"{value.theta:.8f}",
        "g": f"{value.gamma:.8f}",
        "v": f"{value.vega:.8f}",
    }


def option_index(underlying: Underlying, price: Decimal, now: int) -> Json:
    """Return a row of !index@arr."""
    return {"e": "indexPrice", "E": now, "s": underlying.name, "p": money(price)}


def option_open_interest(market: OptionMarket, index: Decimal, minute: int) -> Json:
    """Return a row of <underlying>@openInterest@<expirationDate>, at a whole minute."""
    worth = market.open_interest * index
    shown = {"o": trimmed(market.open_interest), "h": trimmed(round(worth, 9))}
    return {"e": "openInterest", "E": minute, "s": market.contract.name, **shown}


def option_symbol(contract: OptionContract, now: int) -> Json:
    """!optionSymbol: a contract that was just listed."""
    return {
        "e": "optionSymbol",
        "E": now,
        "s": contract.name,
        "ps": contract.underlying.name,
        "qa": QUOTE,
        "d": contract.side,
        "sp": trimmed(contract.strike),
        "dt": contract.expiry,
        "u": contract.underlying.unit,
        "ot": now,
        "cs": "TRADING",
    }
