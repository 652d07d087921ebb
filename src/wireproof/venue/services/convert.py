"""Convert: one asset of the futures wallet into another, at a quote that holds for ten seconds.

Amounts leave and enter the account's wallets. The documentation has no error for quotes that are unknown, used or
expired: the refusal names the parameter (-1130).
https://developers.binance.com/docs/derivatives/usds-margined-futures/convert
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import SATOSHI, ZERO, trimmed
from wireproof.venue.base.refusals import Refusal, invalid_data, neither
from wireproof.venue.exchange import margin, user_events
from wireproof.venue.exchange.instruments import UM
from wireproof.venue.exchange.records import ASSETS

if TYPE_CHECKING:
    from wireproof.venue.base.params import Params
    from wireproof.venue.exchange.records import Account
    from wireproof.venue.exchange.state import ExchangeState

Json = dict[str, Any]
VALID_MS = 10_000
SPREAD = Decimal("0.001")
LEAST, MOST = Decimal(1), Decimal(2_500_000)  # of a conversion, in dollars
HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
QUOTES_AN_HOUR, QUOTES_A_DAY = 360, 500
ORDERS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class ConversionQuote:
    """An offer to give `to_amount` for `from_amount`, until `valid_until`."""

    number: str
    account: Account
    from_asset: str
    to_asset: str
    from_amount: Decimal
    to_amount: Decimal
    valid_until: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """A quote that was accepted."""

    order_id: int
    quote: ConversionQuote
    created: int


def ratio(one: Decimal, other: Decimal) -> Decimal:
    """Return how much of one there is for a unit of the other, to eight decimals."""
    return (one / other).quantize(SATOSHI)


def _down(value: Decimal) -> Decimal:
    return value.quantize(SATOSHI, rounding=ROUND_DOWN)


class ConvertDesk:
    """Quotes that are open, conversions that were made, and how many quotes each account asked for."""

    def __init__(self) -> None:
        self._numbers = count(12_415_572_564)
        self._order_ids = count(933_256_278_426_274_426)
        self._quotes: dict[str, ConversionQuote] = {}
        self._orders: dict[int, Conversion] = {}
        self._asked: dict[str, list[int]] = {}

    # prices

    @staticmethod
    def dollars(state: ExchangeState, asset: str) -> Decimal | None:
        """Return what one unit of `asset` is worth in dollars, None when the venue has no market for it."""
        if asset in margin.STABLE:
            return Decimal(1)
        market = state.markets.get(f"{asset}USDT")
        return None if market is None else market.index_price

    def pairs(self, state: ExchangeState, params: Params) -> list[Json]:
        """GET convert/exchangeInfo: every ordered pair of assets that accounts hold and markets price."""
        wanted_from, wanted_to = params.text("fromAsset"), params.text("toAsset")
        prices = self._prices(state)
        for asset in (wanted_from, wanted_to):
            if asset is not None and asset not in prices:
                raise Refusal(-1108, "Invalid asset.")
        return [
            {
                "fromAsset": one,
                "toAsset": other,
                "fromAssetMinAmount": trimmed(_down(LEAST / prices[one])),
                "fromAssetMaxAmount": trimmed(_down(MOST / prices[one])),
                "toAssetMinAmount": trimmed(_down(LEAST / prices[other])),
                "toAssetMaxAmount": trimmed(_down(MOST / prices[other])),
            }
            for one in prices
            for other in prices
            if one != other and wanted_from in {None, one} and wanted_to in {None, other}
        ]

    def _prices(self, state: ExchangeState) -> dict[str, Decimal]:
        found = {asset: self.dollars(state, asset) for asset in sorted(ASSETS)}
        return {asset: price for asset, price in found.items() if price is not None}

    # quotes

    def quote(self, state: ExchangeState, account: Account, params: Params) -> Json:
        """POST convert/getQuote; without a quoteId when the account could not pay (documented)."""
        prices = self._prices(state)
        from_asset, to_asset = params.needed_text("fromAsset"), params.needed_text("toAsset")
        if from_asset not in prices or to_asset not in prices or from_asset == to_asset:
            raise Refusal(-1108, "Invalid asset.")
        given, wanted = params.decimal("fromAmount"), params.decimal("toAmount")
        if given is None and wanted is None:
            raise neither("fromAmount", "toAmount")
        if given is not None and wanted is not None:
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        params.choice("validTime", ("10s",), invalid_data("validTime"), "10s")
        rate = prices[from_asset] / prices[to_asset] * (1 - SPREAD)
        paid = given if given is not None else ((wanted or ZERO) / rate)
        got = wanted if wanted is not None else paid * rate
        if not LEAST <= paid * prices[from_asset] <= MOST:
            raise invalid_data("toAmount" if given is None else "fromAmount")
        now = state.clock.now_ms()
        self._count(account.name, now)
        self._drop_expired(now)
        quote = ConversionQuote(
            str(next(self._numbers)), account, from_asset, to_asset, _down(paid), _down(got), now + VALID_MS
        )
        answer = {
            "ratio": trimmed(ratio(got, paid)),
            "inverseRatio": trimmed(ratio(paid, got)),
            "validTimestamp": quote.valid_until,
            "toAmount": trimmed(quote.to_amount),
            "fromAmount": trimmed(quote.from_amount),
        }
        if not _can_pay(quote):
            return answer
        self._quotes[quote.number] = quote
        return {"quoteId": quote.number} | answer

    def _count(self, account: str, now: int) -> None:
        asked = self._asked.setdefault(account, [])
        asked[:] = [time for time in asked if time > now - DAY_MS]
        for most, span, per in ((QUOTES_AN_HOUR, HOUR_MS, "hour"), (QUOTES_A_DAY, DAY_MS, "day")):
            if sum(time > now - span for time in asked) >= most:
                raise Refusal(-1003, f"Too many requests; current limit is {most} requests per {per}.", status=429)
        asked.append(now)

    def _drop_expired(self, now: int) -> None:
        for number in [number for number, quote in self._quotes.items() if quote.valid_until < now]:
            del self._quotes[number]

    # conversions

    def accept(self, state: ExchangeState, account: Account, params: Params) -> Json:
        """POST convert/acceptQuote: once, in time, by the account that asked for it."""
        now = state.clock.now_ms()
        self._drop_expired(now)
        quote = self._quotes.get(params.needed_text("quoteId"))
        if quote is None or quote.account is not account:
            raise invalid_data("quoteId")
        if not _can_pay(quote):
            raise Refusal(-2018, "Balance is insufficient.")
        del self._quotes[quote.number]
        conversion = Conversion(next(self._order_ids), quote, now)
        self._orders[conversion.order_id] = conversion
        if len(self._orders) > ORDERS_KEPT:
            del self._orders[next(iter(self._orders))]
        _book(state, quote, now)
        return {"orderId": str(conversion.order_id), "createTime": now, "orderStatus": "PROCESS"}

    def find(self, account: Account, params: Params) -> Conversion:
        """Return a conversion by orderId or else quoteId; -2013 when the account has no such conversion."""
        order_id, number = params.text("orderId"), params.text("quoteId")
        if order_id is None and number is None:
            raise neither("orderId", "quoteId")
        for conversion in self._orders.values():
            named = str(conversion.order_id) == order_id if order_id is not None else conversion.quote.number == number
            if named and conversion.quote.account is account:
                return conversion
        raise Refusal(-2013, "Order does not exist.")


def _can_pay(quote: ConversionQuote) -> bool:
    account, asset = quote.account, quote.from_asset
    return margin.withdrawable(account, asset) >= quote.from_amount


def _book(state: ExchangeState, quote: ConversionQuote, now: int) -> None:
    account = quote.account
    for reason, asset, amount in (
        ("COIN_SWAP_WITHDRAW", quote.from_asset, -quote.from_amount),
        ("COIN_SWAP_DEPOSIT", quote.to_asset, quote.to_amount),
    ):
        account.wallets[asset] += amount
        account.wallet_updated[asset] = now
        account.income.add(UM, reason, amount, asset, now)
        state.publish(account, user_events.account_update(account, reason, [asset], [], now, change=amount))
