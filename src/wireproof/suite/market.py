"""Symbols of a target, their filters, and prices and quantities that fit them.

Filters differ between testnet and live and change over time, so they are read from the target, never written down.
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from wireproof.errors import WireproofError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

#: Deep books first: far-away orders stay far away, small market orders fill at once.
PREFERRED = (
    *("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LTCUSDT", "LINKUSDT", "AVAXUSDT"),
    *("DOTUSDT", "BCHUSDT", "TRXUSDT", "ETCUSDT", "UNIUSDT", "ATOMUSDT", "NEARUSDT", "FILUSDT", "APTUSDT", "ARBUSDT"),
)

MOST_SYMBOLS = 16

#: What reading an answer of an unexpected form raises.
MALFORMED = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError, RecursionError)

# How far from the market a price is, as a factor. Within the exchange's five per cent band around the mark price.
FAR_BELOW, FARTHER_BELOW, FAR_ABOVE = Decimal("0.96"), Decimal("0.955"), Decimal("1.04")
TRIGGER_BELOW = Decimal("0.97")
CROSSING = Decimal("1.01")


@dataclass(frozen=True, slots=True)
class SymbolRules:
    """What a symbol's filters allow."""

    name: str
    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    min_price: Decimal
    min_notional: Decimal
    price_precision: int
    pair: str = ""
    base_asset: str = ""
    margin_asset: str = ""
    max_quantity: Decimal = Decimal("Infinity")  # of a MARKET order
    contract_size: Decimal | None = None  # of a COIN-M contract, in USD; its quantities are numbers of contracts

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> SymbolRules:
        """Read one entry of exchangeInfo's `symbols`."""
        filters = {f.get("filterType"): f for f in entry.get("filters", [])}
        size = entry.get("contractSize")
        market_lot = filters.get("MARKET_LOT_SIZE", filters["LOT_SIZE"])
        return cls(
            name=entry["symbol"],
            tick=Decimal(filters["PRICE_FILTER"]["tickSize"]),
            step=max(Decimal(filters["LOT_SIZE"]["stepSize"]), Decimal(market_lot["stepSize"])),
            min_quantity=max(Decimal(filters["LOT_SIZE"]["minQty"]), Decimal(market_lot["minQty"])),
            max_quantity=Decimal(market_lot.get("maxQty", "Infinity")),
            min_price=Decimal(filters["PRICE_FILTER"]["minPrice"]),
            min_notional=Decimal(filters.get("MIN_NOTIONAL", {}).get("notional", "5" if size is None else "0")),
            price_precision=int(entry["pricePrecision"]),
            pair=str(entry.get("pair", "")),
            base_asset=str(entry.get("baseAsset", "")),
            margin_asset=str(entry.get("marginAsset", "")),
            contract_size=None if size is None else Decimal(size),
        )

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return what a quantity is worth at a price, in the quote asset."""
        return quantity * (price if self.contract_size is None else self.contract_size)


@dataclass(frozen=True, slots=True)
class Quote:
    """Best prices of a symbol."""

    bid: Decimal
    ask: Decimal


def tradable(
    exchange_info: Mapping[str, Any], quote_assets: Collection[str] = ("USDT", "USD")
) -> dict[str, SymbolRules]:
    """Return the rules of perpetual contracts that trade now, the deepest known books first.

    What USDⓈ-M calls `status`, COIN-M calls `contractStatus`. A symbol whose rules cannot be read is left out; when
    that leaves none, what reading it raised is raised.
    """
    found: dict[str, SymbolRules] = {}
    unreadable: Exception | None = None
    for entry in exchange_info["symbols"]:
        trades = entry.get("status", entry.get("contractStatus")) == "TRADING"
        if trades and entry.get("contractType") == "PERPETUAL" and entry.get("quoteAsset") in quote_assets:
            try:
                rules = SymbolRules.read(entry)
            except MALFORMED as error:
                unreadable = error
                continue
            if rules.tick > 0 and rules.step > 0:
                found[rules.name] = rules
    if not found and unreadable is not None:
        raise unreadable
    order = [name for name in PREFERRED if name in found]
    order += [name for name in found if name not in order]
    return {name: found[name] for name in order}


def why_unusable(error: Exception) -> str:
    """Return why what the target said could not be used: it refused, said nothing, or in an unexpected form."""
    if isinstance(error, WireproofError):
        return str(error)
    return f"the answer cannot be used ({type(error).__name__} {error})"


def quotes(tickers: Iterable[Mapping[str, Any]]) -> dict[str, Quote]:
    """Return the best prices by symbol from the answer of `ticker.book`; symbols without a book are left out."""
    found = {}
    for ticker in tickers:
        quote = Quote(Decimal(ticker["bidPrice"]), Decimal(ticker["askPrice"]))
        if quote.bid > 0 and quote.ask > 0:
            found[ticker["symbol"]] = quote
    return found


def offers(rules: SymbolRules, quote: Quote) -> dict[str, Any]:
    """Return what a leased symbol offers to placeholders: prices and quantities as the wire wants them."""

    def price(value: Decimal) -> str:
        return text(floor(value, rules.tick))

    resting_buy = floor(quote.bid * FAR_BELOW, rules.tick)
    farther = floor(quote.bid * FARTHER_BELOW, rules.tick)
    resting_sell = floor(quote.ask * FAR_ABOVE, rules.tick)
    quantity = smallest_quantity(rules, farther)
    below_minimum = floor(rules.min_notional / rules.min_quantity / 2, rules.tick)
    tiny = max(rules.min_price, min(below_minimum, farther), rules.tick)
    return {
        "name": rules.name,
        "pair": rules.pair,
        "quantity": text(quantity),
        "quantity_number": number(quantity),
        "double_quantity": text(2 * quantity),
        "double_quantity_number": number(2 * quantity),
        "min_quantity": text(rules.min_quantity),
        "resting_buy_price": text(resting_buy),
        "resting_buy_price_number": number(resting_buy),
        "lower_buy_price": text(farther),
        "resting_sell_price": text(resting_sell),
        "resting_sell_price_number": number(resting_sell),
        "crossing_buy_price": price(quote.ask * CROSSING),
        "stop_sell_price": price(quote.bid * FAR_BELOW),
        "stop_sell_trigger": price(quote.bid * TRIGGER_BELOW),
        "tiny_notional_price": text(tiny),
        "overprecise_price": text(resting_buy + Decimal(1).scaleb(-rules.price_precision - 1)),
    }


def greatest_notional(rules: SymbolRules, quote: Quote) -> Decimal:
    """Return the worth of the greatest order that the suite places on a symbol, on the high side."""
    farther = floor(quote.bid * FARTHER_BELOW, rules.tick)
    return rules.notional(2 * smallest_quantity(rules, farther), quote.ask * FAR_ABOVE)


def smallest_quantity(rules: SymbolRules, price: Decimal) -> Decimal:
    """Return the smallest quantity that the filters allow at this price, with a tenth to spare in the notional."""
    wanted = max(rules.min_quantity, rules.min_notional * Decimal("1.1") / price)
    return (wanted / rules.step).to_integral_value(ROUND_CEILING) * rules.step


def floor(value: Decimal, unit: Decimal) -> Decimal:
    """Return the greatest multiple of *unit* that is not above *value*."""
    return (value / unit).to_integral_value(ROUND_FLOOR) * unit


def text(value: Decimal) -> str:
    """Return a decimal in plain notation, without needless zeros."""
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def number(value: Decimal) -> int | float:
    """Return the JSON number whose text is that of the decimal."""
    plain = text(value)
    return float(plain) if "." in plain else int(plain)
