"""What a portfolio carries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.portfolio_account import MOST_RATIO, PortfolioAccount


@pytest.fixture
def portfolio(exchange):
    """Return the portfolio of the first account, without open margin orders."""
    return PortfolioAccount(exchange.alice, exchange.clock.now_ms(), lambda _portfolio: {})


def test_what_is_owned_counts_by_its_rate_and_what_is_owed_in_full(portfolio):
    """A thousand dollars of a coin are less than a thousand dollars of equity."""
    before = portfolio.equity()
    portfolio.margin["BTC"].free += 1
    worth = portfolio.dollars("BTC")
    assert portfolio.equity() - before == pytest.approx(worth * Decimal("0.95"), abs=Decimal("0.00000002"))
    portfolio.margin["DOT"].borrowed = Decimal(100)
    owed = portfolio.equity()
    portfolio.margin["DOT"].borrowed = Decimal(200)
    assert owed - portfolio.equity() == pytest.approx(100 * portfolio.dollars("DOT"), abs=Decimal("0.00000002"))


def test_loans_need_margin(portfolio):
    """A tenth of their worth to begin with, a twentieth to last."""
    assert portfolio.ratio() == MOST_RATIO
    portfolio.margin["USDT"].borrowed = portfolio.margin["USDT"].free = Decimal(30_000)
    assert (portfolio.initial_margin(), portfolio.maintenance_margin()) == (3000, 1500)
    assert portfolio.available() == portfolio.equity() - 3000


@pytest.mark.parametrize(
    ("times", "level"),
    [
        ("1.6", "NORMAL"),
        ("1.5", "MARGIN_CALL"),
        ("1.21", "MARGIN_CALL"),
        ("1.2", "REDUCE_ONLY"),
        ("1.05", "FORCE_LIQUIDATION"),
        ("0.1", "FORCE_LIQUIDATION"),
    ],
)
def test_levels_follow_the_ratio(portfolio, monkeypatch, times, level):
    """From 1.2 downwards positions can only be reduced."""
    monkeypatch.setattr(PortfolioAccount, "ratio", lambda _self: Decimal(times))
    assert portfolio.level_by_ratio() == level
    if level in {"REDUCE_ONLY", "FORCE_LIQUIDATION"}:
        with pytest.raises(Refusal, match="-4087"):
            portfolio.check_opening()
    else:
        portfolio.check_opening()


def test_borrowing_is_limited_by_what_is_free_and_by_asset(portfolio):
    """What is borrowed already counts."""
    assert portfolio.borrowable("BTC") == 5
    portfolio.margin["BTC"].borrowed = Decimal(2)
    portfolio.margin["BTC"].free += 2
    assert portfolio.borrowable("BTC") == 3
    for cross in portfolio.margin.values():
        cross.free = Decimal(0)
    portfolio.margin["USDT"].borrowed = Decimal(10_000)
    assert portfolio.borrowable("BTC") == 0
    assert portfolio.withdrawable("USDT") == 0


def test_no_more_can_be_withdrawn_than_is_there(portfolio):
    """Though much more is free."""
    assert portfolio.withdrawable("ETH") == 10
    assert portfolio.withdrawable("DOT") == 0
