"""Option contracts that the venue lists: calls and puts around the index, of several expiries after the venue's time.

Filters and margin rates are those of live: docs/exchange.md#options-contracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from wireproof.venue.base.formats import ZERO, trimmed
from wireproof.venue.exchange.quarters import DELIVERY_HOUR, FRIDAY, last_friday

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE = "USDT"
STEP = MIN_QUANTITY = Decimal("0.01")
QUANTITY_DIGITS = 2
#: How many steps strikes are away from the one nearest to the index, on each side, and how many expiries there are.
BUSY_STRIKES, BUSY_EXPIRIES = (1, 2, 3, 4, 10, 20), 6
QUIET_STRIKES, QUIET_EXPIRIES = (1, 2, 3), 3
STRIKE_STEPS = (1, 2, 5)  # of a power of ten
#: Prices that may be asked for, as shares of the mark price: docs/exchange.md#options-price-limits
LOWEST_PRICE, HIGHEST_PRICE = Decimal("0.2"), Decimal("1.8")
FEWEST_TICKS = 10  # that the highest price has room for, however little the option is worth
# Margin rates of what is written, as shares of the index: docs/exchange.md#options-contracts
INITIAL_MARGIN, MIN_INITIAL_MARGIN = Decimal("0.15"), Decimal("0.1")
MAINTENANCE_MARGIN, MIN_MAINTENANCE_MARGIN = Decimal("0.075"), Decimal("0.05")
LIQUIDATION_FEE_RATE = Decimal("0.0019")


@dataclass(frozen=True, slots=True)
class Underlying:
    """What options are written on. Prices in USDT; one contract stands for `unit` of the base asset.

    `number` is its id in answers about market maker protection. `start` is where the index begins when no futures
    market has one. Everybody may write options on those with `naked_sell`. `volatility` is that of an option at the
    money for a year.
    """

    base: str
    number: int
    start: Decimal
    unit: int
    tick: Decimal
    price_digits: int
    max_quantity: Decimal
    volatility: float
    naked_sell: bool = False
    metal: bool = False

    @property
    def name(self) -> str:
        """Return the name in requests and answers."""
        return self.base + QUOTE

    @property
    def busy(self) -> bool:
        """Whether many expiries and strikes are listed."""
        return self.naked_sell


# base, number, first index, contract unit, tick, decimals of prices, largest quantity, volatility
_TABLE = (
    ("BTC", 2, "86250", 1, "5", 3, 200, 0.45),
    ("ETH", 3, "2815.4", 1, "0.2", 4, 2_000, 0.65),
    ("BNB", 4, "845.3", 1, "0.1", 3, 5_000, 0.6),
    ("SOL", 5, "131.25", 10, "0.1", 3, 5_000, 0.75),
    ("XRP", 6, "2.065", 100, "0.1", 3, 10_000, 0.8),
    ("DOGE", 7, "0.1425", 1_000, "0.1", 3, 10_000, 0.9),
    ("XAU", 8, "4150", 1, "0.5", 3, 1_000, 0.18),
    ("XAG", 9, "51.5", 100, "0.1", 3, 1_000, 0.32),
)
NAKED_SELL, METALS = frozenset({"BTC", "ETH"}), frozenset({"XAU", "XAG"})


def _underlying(row: tuple[str, int, str, int, str, int, int, float]) -> Underlying:
    base, number, start, unit, tick, digits, most, volatility = row
    return Underlying(
        base,
        number,
        Decimal(start),
        unit,
        Decimal(tick),
        digits,
        Decimal(most),
        volatility,
        naked_sell=base in NAKED_SELL,
        metal=base in METALS,
    )


UNDERLYINGS: dict[str, Underlying] = {one.name: one for one in map(_underlying, _TABLE)}


@dataclass(frozen=True, slots=True)
class OptionContract:
    """A European option, settled in USDT; `expiry` in milliseconds since the epoch."""

    name: str
    underlying: Underlying
    call: bool
    strike: Decimal
    expiry: int

    @property
    def side(self) -> str:
        """Return CALL or PUT."""
        return "CALL" if self.call else "PUT"

    @property
    def day(self) -> str:
        """Return the day of expiry, such as 261225."""
        return expiry_day(self.expiry)

    def intrinsic(self, index: Decimal) -> Decimal:
        """Return what exercising one contract is worth at `index`, zero out of the money."""
        gained = index - self.strike if self.call else self.strike - index
        return max(gained, ZERO) * self.underlying.unit

    def out_of_the_money(self, index: Decimal) -> Decimal:
        """Return how far the index has to move for the option to be worth exercising."""
        return max(self.strike - index if self.call else index - self.strike, ZERO)

    def on_tick(self, price: Decimal, *, up: bool = False) -> Decimal:
        """Return `price` on the tick, rounded down, or `up`."""
        ticks = (price / self.underlying.tick).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
        return ticks * self.underlying.tick

    def price_bounds(self, mark: Decimal) -> tuple[Decimal, Decimal]:
        """Return the lowest price to sell at and the highest to buy at, on the tick, at a mark price."""
        tick = self.underlying.tick
        lowest = max(self.on_tick(mark * LOWEST_PRICE), tick)
        return lowest, max(self.on_tick(mark * HIGHEST_PRICE, up=True), lowest + FEWEST_TICKS * tick)


def _at_expiry_hour(day: datetime) -> datetime:
    return day.replace(hour=DELIVERY_HOUR, minute=0, second=0, microsecond=0)


def expiries(now: int, number: int) -> list[int]:
    """Return the next `number` expiries after `now`, in milliseconds, soonest first.

    The next two days, the next two Fridays, the last Fridays of months and quarters.
    """
    at = datetime.fromtimestamp(now / 1000, UTC)
    first = _at_expiry_hour(at)
    if first <= at:
        first += timedelta(days=1)
    friday = first + timedelta(days=(FRIDAY - first.weekday()) % 7)
    found = {first, first + timedelta(days=1), friday, friday + timedelta(days=7)}
    months = [(at.year + (at.month - 1 + ahead) // 12, (at.month - 1 + ahead) % 12 + 1) for ahead in range(13)]
    fridays = [friday for friday in (last_friday(*month) for month in months) if friday > at]
    found |= {*fridays[:2], *[one for one in fridays if one.month % 3 == 0][:3]}
    return [int(one.timestamp()) * 1000 for one in sorted(found)[:number]]


def strike_step(index: Decimal, days: float) -> Decimal:
    """Return how far strikes are apart: about one per cent of the index tomorrow, five in three months."""
    wanted = index * Decimal(min(0.01 + days / 2_000, 0.05))
    power = Decimal(10) ** wanted.adjusted()
    return max(step * power for step in STRIKE_STEPS if step * power <= wanted)


def _strikes(index: Decimal, step: Decimal, beside: tuple[int, ...]) -> list[Decimal]:
    middle = (index / step).to_integral_value() * step
    below = [middle - steps * step for steps in reversed(beside)]
    return [strike for strike in (*below, middle, *(middle + steps * step for steps in beside)) if strike > 0]


def expiry_day(expiry: int) -> str:
    """Return the day of a time in milliseconds, such as 261225."""
    return f"{datetime.fromtimestamp(expiry / 1000, UTC):%y%m%d}"


def option_name(base: str, expiry: int, strike: Decimal, *, call: bool) -> str:
    """Return a contract's name, such as `BTC-261225-90000-C`."""
    return f"{base}-{expiry_day(expiry)}-{trimmed(strike)}-{'C' if call else 'P'}"


def make_contract(underlying: Underlying, expiry: int, strike: Decimal, *, call: bool) -> OptionContract:
    """Return the contract of an expiry and a strike, by its name."""
    name = option_name(underlying.base, expiry, strike, call=call)
    return OptionContract(name, underlying, call, strike, expiry)


def contracts_around(
    underlying: Underlying, index: Decimal, now: int, *, soonest: bool = False
) -> Iterator[OptionContract]:
    """Yield the contracts that are listed at `index` at a time: calls and puts of each strike of each expiry.

    With `soonest` those that expire next.
    """
    beside, number = (BUSY_STRIKES, BUSY_EXPIRIES) if underlying.busy else (QUIET_STRIKES, QUIET_EXPIRIES)
    for expiry in expiries(now, 1 if soonest else number):
        step = strike_step(index, (expiry - now) / 86_400_000)
        for strike in _strikes(index, step, beside):
            for call in (True, False):
                yield make_contract(underlying, expiry, strike, call=call)
