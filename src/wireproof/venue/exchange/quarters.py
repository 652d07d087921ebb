"""Contracts of a quarter, of both products: when they are delivered, and how they come from their pair's perpetual.

A current and a next quarter for bitcoin and ether, as the exchange lists them; each is delivered at 08:00 UTC on the
last Friday of its quarter. https://www.binance.com/en/support/faq/a3401595e1734084959c61491bc0dbe3
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.exchange.instruments import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.venue.exchange.instruments import Symbol

CURRENT, NEXT = "CURRENT_QUARTER", "NEXT_QUARTER"
QUARTERS_ON = ("BTC", "ETH")
DELIVERY_HOUR = 8  # UTC, on the last Friday of the quarter
ONBOARDED_BEFORE = timedelta(days=182)
PREMIUMS = {CURRENT: Decimal("1.004"), NEXT: Decimal("1.012")}  # over the perpetual's price
FRIDAY = 4


def last_friday(year: int, month: int) -> datetime:
    """Return when contracts of a quarter that ends with `month` are delivered."""
    first_of_next = datetime(year + month // 12, month % 12 + 1, 1, DELIVERY_HOUR, tzinfo=UTC)
    day = first_of_next - timedelta(days=1)
    return day - timedelta(days=(day.weekday() - FRIDAY) % 7)


def quarters(now_ms: int) -> tuple[datetime, datetime]:
    """Return when the contracts of the current and the next quarter are delivered, seen from `now_ms`."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    months = [(now.year + (month - 1) // 12, (month - 1) % 12 + 1) for month in range(3, 25, 3)]
    ahead = [date for date in (last_friday(year, month) for year, month in months) if date > now]
    return ahead[0], ahead[1]


def last_quarters(now_ms: int, count: int) -> list[int]:
    """Return when the last quarters were delivered, the latest first."""
    year = datetime.fromtimestamp(now_ms / 1000, UTC).year
    dates = [last_friday(year - back, month) for back in range(count // 4 + 2) for month in (12, 9, 6, 3)]
    times = [int(date.timestamp()) * 1000 for date in dates]
    return [at for at in times if at <= now_ms][:count]


def quarterly(perpetual: Symbol, kind: str, date: datetime, price: Decimal | None = None) -> Symbol:
    """Return the contract of `kind` that is delivered at `date`, at `price` or a usual premium over its perpetual's."""
    start = perpetual.start_price * PREMIUMS[kind] if price is None else price
    return replace(
        perpetual,
        name=f"{perpetual.pair}_{date:%y%m%d}",
        start_price=start // perpetual.tick * perpetual.tick,
        contract_type=kind,
        delivery=int(date.timestamp()) * 1000,
        onboarded=int((date - ONBOARDED_BEFORE).timestamp()) * 1000,
    )


def quarterlies(perpetuals: Iterable[Symbol], now_ms: int) -> dict[str, Symbol]:
    """Return the contracts of the current and the next quarter of those `perpetuals` that have them, by name."""
    dates = dict(zip((CURRENT, NEXT), quarters(now_ms), strict=True))
    found = [
        quarterly(perpetual, kind, date)
        for perpetual in perpetuals
        if perpetual.base in QUARTERS_ON and perpetual.quote != "USDC"
        for kind, date in dates.items()
    ]
    return {symbol.name: symbol for symbol in found}


def linear_quarterlies(now_ms: int) -> dict[str, Symbol]:
    """Return the dated contracts that USDⓈ-M lists at `now_ms`, by name."""
    return quarterlies(SYMBOLS.values(), now_ms)
