"""Periods and pages of records."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.loan_desk import InterestRecord
from wireproof.venue.products.portfolio_margin.portfolio_margin_product import PORTFOLIO_MARGIN
from wireproof.venue.products.portfolio_margin.record_pages import interest_view, page_of, read_month, read_size

DAY_MS = 24 * 3_600_000


@pytest.fixture
def asked(exchange):
    """Return what makes a request with parameters."""

    def call(**params):
        texts = {name: str(value) for name, value in params.items()}
        return Call(exchange.venue.services, PORTFOLIO_MARGIN, Params(texts), "", exchange.alice)

    return call


def test_periods(exchange, asked):
    """Seven days up to the end, thirty at most from the beginning on."""
    now = exchange.clock.now_ms()
    assert read_month(asked()) == (now - 7 * DAY_MS, now)
    assert read_month(asked(endTime=now - 1)) == (now - 7 * DAY_MS - 1, now - 1)
    assert read_month(asked(startTime=now - 90 * DAY_MS)) == (now - 30 * DAY_MS, now)
    for start, end, code in ((now, now - 1, "-1023"), (now - 30 * DAY_MS - 1, now, "-4165")):
        with pytest.raises(Refusal, match=code):
            read_month(asked(startTime=start, endTime=end))


def test_pages(asked):
    """Ten rows by default, a hundred at most; nothing is archived."""
    rows = [{"number": number} for number in range(25)]
    assert page_of(asked(), rows) == {"rows": rows[:10], "total": 25}
    assert page_of(asked(current=3), rows)["rows"] == rows[20:]
    assert page_of(asked(size=100), rows)["rows"] == rows
    assert page_of(asked(archived="true"), rows) == {"rows": [], "total": 0}
    for wrong in ({"size": 0}, {"size": 101}, {"current": 0}):
        with pytest.raises(Refusal, match="-1130"):
            page_of(asked(**wrong), rows)
    assert read_size(asked(size=7)) == 7


def test_interest_is_shown_under_the_name_that_a_product_gives_its_time():
    record = InterestRecord(None, 1, "USDT", Decimal(100), Decimal("0.5"), "", 9)
    assert interest_view(record)["interestAccuredTime"] == 9
    assert interest_view(record, "interestAccruedTime")["interestAccruedTime"] == 9
