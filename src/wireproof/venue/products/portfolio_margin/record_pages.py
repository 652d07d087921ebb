"""The periods and pages in which portfolio margin shows records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.base.formats import money
from wireproof.venue.base.refusals import Refusal, invalid_data
from wireproof.venue.products.futures.trade_routes import DAY_MS
from wireproof.venue.products.portfolio_margin.loan_desk import HOURLY_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.venue.api.call import Call
    from wireproof.venue.products.portfolio_margin.loan_desk import InterestRecord

Json = dict[str, Any]
DEFAULT_SIZE, LARGEST_SIZE = 10, 100
LONGEST_MS, DEFAULT_MS = 30 * DAY_MS, 7 * DAY_MS


def read_month(call: Call) -> tuple[int, int]:
    """Return the period that a search covers: at most thirty days, the last seven without one; -1023, -4165."""
    start, end = call.params.integer("startTime"), call.params.integer("endTime")
    now = call.engine.clock.now_ms()
    last = now if end is None else end
    first = last - DEFAULT_MS if start is None else start
    if first > last:
        raise Refusal(-1023, "Start time is greater than end time.")
    if start is not None and end is not None and last - first > LONGEST_MS:
        raise Refusal(-4165, "Maximum time interval is 30 days.")
    return max(first, last - LONGEST_MS), last


def read_size(call: Call) -> int:
    """Return how many rows a page has; -1130 outside 1 to 100."""
    size = call.params.integer("size")
    if size is not None and not 1 <= size <= LARGEST_SIZE:
        raise invalid_data("size")
    return size or DEFAULT_SIZE


def page_of(call: Call, rows: Sequence[Json]) -> Json:
    """Return one page of rows, and how many there are; what is archived is empty here."""
    current, size = call.params.integer("current"), read_size(call)
    if current is not None and current < 1:
        raise invalid_data("current")
    found = [] if call.params.flag("archived") else list(rows)
    first = ((current or 1) - 1) * size
    return {"rows": found[first : first + size], "total": len(found)}


def interest_view(record: InterestRecord, time_name: str = "interestAccuredTime") -> Json:
    """Return the interest of a negative balance; products spell the time differently (documented)."""
    return {
        "asset": record.asset,
        "interest": money(record.interest),
        time_name: record.time,
        "interestRate": money(HOURLY_RATE),
        "principal": money(record.principal),
    }
