"""Contracts that the venue lists, with the testnet's kind of filters.

Exchange information: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wireproof.venue.base.formats import ZERO

UM, CM = "UM", "CM"  # business units, as user data calls them: USDⓈ-M and COIN-M
FAR_AWAY = 4_133_404_800_000  # the delivery date of a perpetual contract

# Highest leverage of a bracket, its notional cap, its maintenance margin rate; caps scale with the symbol.
_BRACKETS = (
    (125, 300_000, "0.004"),
    (100, 800_000, "0.005"),
    (75, 3_000_000, "0.0065"),
    (50, 12_000_000, "0.01"),
    (25, 70_000_000, "0.02"),
    (20, 100_000_000, "0.025"),
    (10, 230_000_000, "0.05"),
    (5, 480_000_000, "0.1"),
    (4, 600_000_000, "0.125"),
    (3, 800_000_000, "0.15"),
    (2, 1_200_000_000, "0.25"),
    (1, 1_800_000_000, "0.5"),
)


@dataclass(frozen=True, slots=True)
class Bracket:
    """One step of a symbol's leverage table."""

    leverage: int
    floor: int
    cap: int
    rate: Decimal
    cum: Decimal  # subtracted from notional * rate, so that the steps join


@dataclass(slots=True, eq=False)
class Symbol:
    """One contract. Its type and its status change when it is delivered, all else stays.

    Linear (USDⓈ-M): prices and money in `quote`, quantities in `base`. Inverse (COIN-M): prices in `quote`, quantities
    in contracts worth `contract_size` of `quote` each, money (margin, profit, fees) in `base`.
    """

    name: str
    base: str
    quote: str
    start_price: Decimal
    tick: Decimal
    price_digits: int
    step: Decimal
    qty_digits: int
    min_price: Decimal
    max_price: Decimal
    max_qty: Decimal
    market_max_qty: Decimal
    min_notional: Decimal
    multiplier_up: Decimal
    multiplier_down: Decimal
    brackets: tuple[Bracket, ...]
    subtype: str
    onboarded: int
    max_open_orders: int = 10_000
    max_modifications: int = 1_000
    take_bound: str = "0.30"
    contract_size: int = 0  # zero for a linear contract
    pair: str = ""
    contract_type: str = "PERPETUAL"
    delivery: int = FAR_AWAY
    status: str = "TRADING"
    unit: str = UM

    @property
    def inverse(self) -> bool:
        """Whether margin and profit are in coin."""
        return self.contract_size > 0

    @property
    def perpetual(self) -> bool:
        """Whether the contract is never delivered."""
        return self.delivery == FAR_AWAY

    @property
    def margin_asset(self) -> str:
        """Return what margin, profit and fees are counted in."""
        return self.base if self.contract_size else self.quote

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return what `quantity` is worth at `price`, in the margin asset; negative for a negative quantity."""
        if not self.contract_size:
            return quantity * price
        return quantity * self.contract_size / price if price else ZERO

    def mean_price(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Return the price at which `quantity` is worth `value`."""
        return quantity * self.contract_size / value if self.contract_size else value / quantity

    def profit(self, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """Return what a position of `quantity` (negative when short) from `entry` has gained at `price`."""
        if not quantity:
            return ZERO
        gained = self.value(quantity, price) - self.value(quantity, entry)
        return -gained if self.contract_size else gained

    def lots(self, notional: Decimal | int, price: Decimal) -> Decimal:
        """Return the quantity, on the step and at least one, that is worth `notional` in quote."""
        quantity = Decimal(notional) / (self.contract_size or price)
        return max(self.step, quantity // self.step * self.step)

    @property
    def max_leverage(self) -> int:
        """Return the highest leverage that any notional allows."""
        return self.brackets[0].leverage

    def notional_cap(self, leverage: int) -> int:
        """Return the largest position notional that `leverage` allows."""
        return max(bracket.cap for bracket in self.brackets if bracket.leverage >= leverage)

    def maintenance(self, notional: Decimal) -> Decimal:
        """Return the maintenance margin of a position of `notional`."""
        size = abs(notional)
        bracket = next((one for one in self.brackets if size <= one.cap), self.brackets[-1])
        return size * bracket.rate - bracket.cum


def brackets(max_leverage: int, scale: Decimal) -> tuple[Bracket, ...]:
    """Return the leverage table of a symbol; `scale` stretches its caps."""
    steps: list[Bracket] = []
    floor, cum, previous = 0, Decimal(0), Decimal(0)
    for leverage, cap, rate_text in _BRACKETS:
        if leverage > max_leverage:
            continue
        rate = Decimal(rate_text)
        cum += floor * (rate - previous)
        steps.append(Bracket(leverage, floor, int(cap * scale), rate, cum))
        floor, previous = int(cap * scale), rate
    return tuple(steps)


# name, base, quote, start price, tick, step, largest quantity, smallest notional, highest leverage, kind.
# The tick's own text says how many decimals prices are written with: 0.10 means two decimals in steps of ten cents.
_TABLE = (
    ("BTCUSDT", "BTC", "USDT", "86250.00", "0.10", "0.0001", "1000", "100", 125, "PoW"),
    ("ETHUSDT", "ETH", "USDT", "2815.40", "0.01", "0.001", "10000", "20", 100, "Layer-1"),
    ("BNBUSDT", "BNB", "USDT", "845.300", "0.010", "0.01", "100000", "5", 75, "Layer-1"),
    ("SOLUSDT", "SOL", "USDT", "131.2500", "0.0100", "0.01", "1000000", "5", 75, "Layer-1"),
    ("XRPUSDT", "XRP", "USDT", "2.0650", "0.0001", "0.1", "10000000", "5", 75, "Payment"),
    ("ADAUSDT", "ADA", "USDT", "0.41200", "0.00010", "1", "10000000", "5", 75, "Layer-1"),
    ("DOGEUSDT", "DOGE", "USDT", "0.142500", "0.000010", "1", "50000000", "5", 75, "Meme"),
    ("LTCUSDT", "LTC", "USDT", "84.70", "0.01", "0.001", "100000", "5", 75, "PoW"),
    ("LINKUSDT", "LINK", "USDT", "12.640", "0.001", "0.01", "1000000", "5", 50, "Infrastructure"),
    ("AVAXUSDT", "AVAX", "USDT", "13.4200", "0.0010", "1", "1000000", "5", 50, "Layer-1"),
    ("DOTUSDT", "DOT", "USDT", "2.345", "0.001", "0.1", "1000000", "5", 50, "Layer-1"),
    ("TRXUSDT", "TRX", "USDT", "0.27510", "0.00001", "1", "50000000", "5", 50, "Layer-1"),
    ("BCHUSDT", "BCH", "USDT", "548.20", "0.01", "0.001", "10000", "20", 50, "PoW"),
    ("币安人生USDT", "币安人生", "USDT", "0.124500", "0.000010", "1", "10000000", "5", 20, "Meme"),
    ("BTCUSDC", "BTC", "USDC", "86240.0", "0.1", "0.001", "500", "50", 100, "PoW"),
    ("ETHUSDC", "ETH", "USDC", "2815.10", "0.01", "0.001", "5000", "20", 75, "Layer-1"),
)


def contract(names: tuple[str, str, str], numbers: tuple[str, str, str], **more: Any) -> Symbol:
    """Return a contract. `names` are its own, its base and its quote asset; `numbers` start price, tick and step.

    Digits and limits of prices follow from these; `more` are the other fields.
    """
    start, tick, step = map(Decimal, numbers)
    return Symbol(
        *names,
        start_price=start,
        tick=tick,
        price_digits=-int(tick.as_tuple().exponent),
        step=step,
        qty_digits=-int(step.as_tuple().exponent),
        min_price=tick * 10,
        max_price=start.quantize(Decimal(1)) * 50 + 1000,
        **more,
    )


def _linear(row: tuple[str, str, str, str, str, str, str, str, int, str]) -> Symbol:
    name, base, quote, start, tick, step, max_qty, min_notional, leverage, subtype = row
    return contract(
        (name, base, quote),
        (start, tick, step),
        max_qty=Decimal(max_qty),
        market_max_qty=Decimal(max_qty) / 10,
        min_notional=Decimal(min_notional),
        multiplier_up=Decimal("1.1"),
        multiplier_down=Decimal("0.9"),
        brackets=brackets(leverage, Decimal(1) if base in {"BTC", "ETH"} else Decimal("0.1")),
        subtype=subtype,
        onboarded=1_569_398_400_000,
        pair=name,
    )


SYMBOLS: dict[str, Symbol] = {row[0]: _linear(row) for row in _TABLE}
