"""Symbols of a target, their filters, and prices and quantities that fit them.

Filters differ between testnet and live and change over time, so they are read from the target, never written down.
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.suite.state.own_answers import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.suite.products.base import SymbolFields
    from wireproof.suite.state.own_answers import Answer

T = TypeVar("T")

#: Deep books first: far-away orders stay far away, small market orders fill at once.
PREFERRED = (
    *("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LTCUSDT", "LINKUSDT", "AVAXUSDT"),
    *("DOTUSDT", "BCHUSDT", "TRXUSDT", "ETCUSDT", "UNIUSDT", "ATOMUSDT", "NEARUSDT", "FILUSDT", "APTUSDT", "ARBUSDT"),
)

MOST_SYMBOLS = 16

#: Assets in which symbols are quoted that wireproof trades.
QUOTE_ASSETS = frozenset({"USDT", "USD"})

#: Decimal places that a price may have.
MOST_DECIMALS = 20

# How far from the market a price is, as a factor. Futures have a band of five per cent around the mark price.
FARTHER = Decimal("0.005")  # than an order at rest
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
    distance: Decimal = Decimal("0.04")  # how far from the market an order rests, as a part of the price
    expiry: int = 0  # of an option, epoch milliseconds
    strike: Decimal = Decimal(0)  # of an option

    @classmethod
    def read(cls, entry: Answer, fields: SymbolFields) -> SymbolRules:
        """Read one entry of the list of symbols; UnreadableError when it is not as needed."""
        filters = {each.text("filterType"): each for each in entry.at("filters").rows()}
        for wanted in ("PRICE_FILTER", "LOT_SIZE"):
            if wanted not in filters:
                raise entry.unusable(f"holds no {wanted}", "filters")
        price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
        market_lot, notional = filters.get("MARKET_LOT_SIZE", lot), filters.get("MIN_NOTIONAL", filters.get("NOTIONAL"))
        least_field = "notional" if notional is None or notional.has("notional") else "minNotional"
        size = entry.decimal("contractSize") if entry.has("contractSize") else None
        least = Decimal(fields.least_notional if size is None else 0)
        rules = cls(
            name=entry.text("symbol"),
            tick=price.decimal("tickSize"),
            step=max(lot.decimal("stepSize"), market_lot.decimal("stepSize")),
            min_quantity=max(lot.decimal("minQty"), market_lot.decimal("minQty")),
            max_quantity=market_lot.decimal("maxQty") if market_lot.has("maxQty") else Decimal("Infinity"),
            min_price=price.decimal("minPrice"),
            min_notional=notional.decimal(least_field) if notional is not None and notional.has(least_field) else least,
            price_precision=entry.integer(fields.precision),
            pair=entry.text(fields.pair) if entry.has(fields.pair) else "",
            base_asset=_base_of(entry, fields),
            margin_asset=entry.text(fields.margin_asset) if entry.has(fields.margin_asset) else "",
            contract_size=size,
            distance=Decimal(fields.distance),
            expiry=entry.integer("expiryDate") if entry.has("expiryDate") else 0,
            strike=entry.decimal("strikePrice") if entry.has("strikePrice") else Decimal(0),
        )
        rules.check(entry, fields)
        return rules

    def check(self, entry: Answer, fields: SymbolFields) -> None:
        """UnreadableError, which names the place in what the rules were read from, when nothing can be traded so."""
        for name, value in (("tickSize", self.tick), ("stepSize", self.step), ("minQty", self.min_quantity)):
            if value <= 0:
                raise entry.unusable(f"hold a {name} that is not above 0", "filters")
        if not 0 <= self.price_precision <= MOST_DECIMALS:
            raise entry.unusable(f"is not from 0 to {MOST_DECIMALS}", fields.precision)
        if self.contract_size is not None and self.contract_size <= 0:
            raise entry.unusable("is not above 0", "contractSize")

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return what a quantity is worth at a price, in the quote asset."""
        return quantity * (price if self.contract_size is None else self.contract_size)


def _base_of(entry: Answer, fields: SymbolFields) -> str:
    """Return the base asset of a symbol; that of an option is in the name of its underlying."""
    if entry.has("baseAsset") or not entry.has(fields.pair):
        return entry.text("baseAsset") if entry.has("baseAsset") else ""
    return entry.text(fields.pair).removesuffix(entry.text("quoteAsset"))


@dataclass(frozen=True, slots=True)
class Quote:
    """Best prices of a symbol."""

    bid: Decimal
    ask: Decimal


def tradable(fields: SymbolFields, exchange_info: Answer) -> dict[str, SymbolRules]:
    """Return the rules of contracts that trade now, the deepest known books first.

    Of options these are the ones nearest to the money, of the second expiry: it does not come during a run. A symbol
    whose rules cannot be read is left out; when that leaves none, the first one's UnreadableError is raised.
    """

    def read(entry: Answer) -> SymbolRules | None:
        status = next((one for one in fields.status if entry.has(one)), fields.status[-1])
        trades = entry.text(status) == "TRADING" and (
            not fields.contract_type or entry.text("contractType") == fields.contract_type
        )
        trades = trades and (not fields.allowed or entry.flag(fields.allowed))
        return SymbolRules.read(entry, fields) if trades and entry.text("quoteAsset") in QUOTE_ASSETS else None

    found = {rules.name: rules for rules in _readable(exchange_info.at(fields.rows).rows(), read)}
    order = _nearest_first(found.values())
    order += [name for name in PREFERRED if name in found and name not in order]
    order += [name for name in found if name not in order]
    return {name: found[name] for name in order}


def _nearest_first(rules: Iterable[SymbolRules]) -> list[str]:
    """Return the options of preferred underlyings: the second expiry first, from the middle strike outwards."""
    options = [one for one in rules if one.expiry and one.pair in PREFERRED]
    ranks = {pair: sorted({one.expiry for one in options if one.pair == pair}) for pair in PREFERRED}
    strikes = {pair: sorted(one.strike for one in options if one.pair == pair) for pair in PREFERRED}

    def rank(one: SymbolRules) -> tuple[int, int, Decimal]:
        middle = strikes[one.pair][len(strikes[one.pair]) // 2]
        return (
            abs(ranks[one.pair].index(one.expiry) - 1),
            PREFERRED.index(one.pair),
            abs(one.strike - middle) / middle,
        )

    return [one.name for one in sorted(options, key=rank)]


def quotes(tickers: Iterable[Answer]) -> dict[str, Quote]:
    """Return the best prices by symbol from the rows of `ticker.book`; symbols without a book are left out.

    A row that cannot be read is left out; when that leaves none, the first one's UnreadableError is raised.
    """

    def read(ticker: Answer) -> tuple[str, Quote] | None:
        quote = Quote(ticker.decimal("bidPrice"), ticker.decimal("askPrice"))
        return (ticker.text("symbol"), quote) if quote.bid > 0 and quote.ask > 0 else None

    return dict(_readable(tickers, read))


def _readable(rows: Iterable[Answer], read: Callable[[Answer], T | None]) -> list[T]:
    """Return what can be read of rows, without None; when that is nothing, raise the first one's UnreadableError."""
    found: list[T] = []
    unreadable: UnreadableError | None = None
    for row in rows:
        try:
            if (one := read(row)) is not None:
                found.append(one)
        except UnreadableError as error:
            unreadable = unreadable or error
    if not found and unreadable is not None:
        raise unreadable
    return found


def offers(rules: SymbolRules, quote: Quote) -> dict[str, Any]:
    """Return what a leased symbol offers to placeholders: prices and quantities as the wire wants them."""

    def price(value: Decimal) -> str:
        return text(floor(value, rules.tick))

    far_below = 1 - rules.distance
    resting_buy = floor(quote.bid * far_below, rules.tick)
    farther = floor(quote.bid * (far_below - FARTHER), rules.tick)
    resting_sell = floor(quote.ask * (1 + rules.distance), rules.tick)
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
        "stop_sell_price": price(quote.bid * far_below),
        "stop_sell_trigger": price(quote.bid * TRIGGER_BELOW),
        "tiny_notional_price": text(tiny),
        "overprecise_price": text(resting_buy + Decimal(1).scaleb(-rules.price_precision - 1)),
    }


def greatest_notional(rules: SymbolRules, quote: Quote) -> Decimal:
    """Return the worth of the greatest order that the suite places on a symbol, on the high side."""
    farther = floor(quote.bid * (1 - rules.distance - FARTHER), rules.tick)
    return rules.notional(2 * smallest_quantity(rules, farther), quote.ask * (1 + rules.distance))


def smallest_quantity(rules: SymbolRules, price: Decimal) -> Decimal:
    """Return the smallest quantity that the filters allow at this price, with a tenth to spare in the notional."""
    wanted = max(rules.min_quantity, rules.min_notional * Decimal("1.1") / price)
    return (wanted / rules.step).to_integral_value(ROUND_CEILING) * rules.step


def floor(value: Decimal, unit: Decimal) -> Decimal:
    """Return the greatest multiple of `unit` that is not above `value`."""
    return (value / unit).to_integral_value(ROUND_FLOOR) * unit


def text(value: Decimal) -> str:
    """Return a decimal in plain notation, without needless zeros."""
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def number(value: Decimal) -> int | float:
    """Return the JSON number whose text is that of the decimal."""
    plain = text(value)
    return float(plain) if "." in plain else int(plain)
