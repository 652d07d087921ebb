"""A symbol's filters, and prices taken from its book.

https://developers.binance.com/docs/derivatives/usds-margined-futures/common-definition#filters
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.base.formats import trimmed
from wireproof.venue.base.refusals import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

    from wireproof.venue.exchange.instruments import Symbol
    from wireproof.venue.exchange.market import Market


def check_open(symbol: Symbol) -> None:
    """Refuse orders and settings of contracts that are delivered; -4141."""
    if symbol.status not in {"TRADING", "PRE_DELIVERING"}:
        raise Refusal(-4141, "Symbol is closed.")


def check_price(symbol: Symbol, price: Decimal) -> None:
    """Check `price` against PRICE_FILTER."""
    if decimals(price) > symbol.price_digits:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    if price <= 0:
        raise Refusal(-4001, "Price less than 0.")
    if price < symbol.min_price:
        raise Refusal(-4013, "Price less than min price.")
    if price > symbol.max_price:
        raise Refusal(-4002, "Price greater than max price.")
    if price % symbol.tick:
        raise Refusal(-4014, "Price not increased by tick size.")


def check_quantity(symbol: Symbol, quantity: Decimal, *, market: bool) -> None:
    """Check `quantity` against LOT_SIZE, or MARKET_LOT_SIZE for a MARKET order."""
    if decimals(quantity) > symbol.qty_digits:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    if quantity <= 0:
        raise Refusal(-4003, "Quantity less than or equal to zero.")
    if quantity < symbol.step:
        raise Refusal(-4004, "Quantity less than min quantity.")
    if quantity > (symbol.market_max_qty if market else symbol.max_qty):
        raise Refusal(-4005, "Quantity greater than max quantity.")
    if quantity % symbol.step:
        raise Refusal(-4023, "Qty not increased by step size.")


def decimals(value: Decimal) -> int:
    """Return how many decimals `value` needs."""
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def check_notional(symbol: Symbol, notional: Decimal) -> None:
    """Check an order that opens against MIN_NOTIONAL; see docs/exchange.md#minimum-notional for the text."""
    if notional < symbol.min_notional:
        least = f"{symbol.min_notional:.0f}"
        raise Refusal(-4164, f"Order's notional must be no smaller than {least} (unless you choose reduce only).")


def check_percent_price(market: Market, side: str, price: Decimal) -> None:
    """Check a limit price against PERCENT_PRICE: a bid not too high, an offer not too low."""
    symbol = market.symbol
    if side == "BUY":
        cap = (market.mark_price * symbol.multiplier_up) // symbol.tick * symbol.tick
        if price > cap:
            raise Refusal(-4016, f"Limit price can't be higher than {trimmed(cap)}.")
    else:
        floor = (market.mark_price * symbol.multiplier_down) // symbol.tick * symbol.tick
        if price < floor:
            raise Refusal(-4024, f"Limit price can't be lower than {trimmed(floor)}.")


def matched_price(market: Market, side: str, mode: str) -> Decimal:
    """Return the price that a price match mode stands for; -5041 when the book is not that deep."""
    name, _, depth = mode.partition("_")
    of = market.book.opposite(side) if name == "OPPONENT" else market.book.own(side)
    price = of.nth(int(depth or 1))
    if price is None:
        raise Refusal(-5041, "No depth matches this BBO order")
    return price


def within_percent_price(market: Market, side: str, best: Decimal) -> bool:
    """Whether the counterparty's `best` price is one that a MARKET order may take."""
    symbol = market.symbol
    if side == "BUY":
        return best <= market.mark_price * symbol.multiplier_up
    return best >= market.mark_price * symbol.multiplier_down
