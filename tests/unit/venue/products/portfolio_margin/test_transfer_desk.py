"""Money between the wallets of a portfolio."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.portfolio_margin.transfer_desk import MOST_COLLECTIONS, MOST_TRANSFERS, TRANSFERS_MS


@pytest.fixture
def engine(exchange):
    """Return portfolio margin's engine."""
    return exchange.venue.services.engines["portfolio-margin"]


@pytest.fixture
def portfolio(exchange, engine):
    """Return the portfolio of the first account."""
    return engine.portfolios[exchange.alice.name]


def test_bnb_goes_to_usdm_and_back(exchange, engine, portfolio):
    """With a row of income and an event for either side."""
    first = engine.transfers.transfer_bnb(portfolio, Decimal(5), into_futures=True)
    assert (portfolio.margin["BNB"].free, portfolio.wallet("BNB", unit="UM")) == (45, 5)
    second = engine.transfers.transfer_bnb(portfolio, Decimal(2), into_futures=False)
    assert second > first
    assert (portfolio.margin["BNB"].free, portfolio.wallet("BNB", unit="UM")) == (47, 3)
    assert [(one.kind, one.amount) for one in portfolio.futures.income.rows] == [("TRANSFER", 5), ("TRANSFER", -2)]
    kinds = [event["e"] for event in exchange.told(exchange.alice)]
    assert kinds == ["ACCOUNT_UPDATE", "balanceUpdate", "outboundAccountPosition"] * 2
    moved, came = exchange.told(exchange.alice)[3:5]
    assert (moved["fs"], moved["a"]["m"], moved["a"]["B"][0]["bc"]) == ("UM", "ASSET_TRANSFER", "-2.00000000")
    assert (came["a"], came["d"]) == ("BNB", "2.00000000")
    for amount, into in (("48", True), ("4", False)):
        with pytest.raises(Refusal, match="-2018"):
            engine.transfers.transfer_bnb(portfolio, Decimal(amount), into_futures=into)
    with pytest.raises(Refusal, match="-1102"):
        engine.transfers.transfer_bnb(portfolio, Decimal(0), into_futures=True)


def test_transfers_are_limited_in_a_rolling_window(exchange, engine, portfolio):
    """Ten in ten minutes; those of others do not count."""
    for _ in range(MOST_TRANSFERS):
        engine.transfers.transfer_bnb(portfolio, Decimal(1), into_futures=True)
    with pytest.raises(Refusal, match="429 -1003"):
        engine.transfers.transfer_bnb(portfolio, Decimal(1), into_futures=True)
    other = engine.portfolios[exchange.bob.name]
    engine.transfers.transfer_bnb(other, Decimal(1), into_futures=True)
    exchange.clock.advance(TRANSFERS_MS)
    engine.transfers.transfer_bnb(portfolio, Decimal(1), into_futures=True)


def test_collections_take_everything_but_bnb_of_usdm(engine, portfolio):
    """At most five hundred in an hour."""
    engine.transfers.transfer_bnb(portfolio, Decimal(5), into_futures=True)
    portfolio.futures.coins["ETH"] = Decimal(-1)
    engine.transfers.collect_all(portfolio)
    assert (portfolio.wallet("USDT", unit="UM"), portfolio.wallet("BTC", unit="CM")) == (0, 0)
    assert (portfolio.margin["USDT"].free, portfolio.margin["BTC"].free) == (22_000, Decimal("1.1"))
    assert (portfolio.wallet("BNB", unit="UM"), portfolio.wallet("ETH", unit="CM")) == (5, -1)
    for _ in range(MOST_COLLECTIONS - 1):
        engine.transfers.collect_all(portfolio)
    with pytest.raises(Refusal, match="-1003"):
        engine.transfers.collect_all(portfolio)


def test_one_asset_is_collected_from_both_or_from_one(engine, portfolio):
    """Never BNB, and no more than is there."""
    portfolio.futures.wallets["BTC"] = Decimal(3)
    engine.transfers.collect(portfolio, "BTC", Decimal(1), ("UM",))
    assert (portfolio.wallet("BTC", unit="UM"), portfolio.wallet("BTC", unit="CM")) == (2, Decimal("0.1"))
    engine.transfers.collect(portfolio, "BTC", None, ("UM", "CM"))
    assert (portfolio.wallet("BTC", unit="UM"), portfolio.wallet("BTC", unit="CM")) == (0, 0)
    for asset, code in (("BTC", "-2018"), ("BNB", "-1108")):
        with pytest.raises(Refusal, match=code):
            engine.transfers.collect(portfolio, asset, Decimal(1), ("UM",))


def test_negative_balances_are_covered_as_far_as_cross_margin_reaches(engine, portfolio):
    """Of either futures."""
    assert not engine.transfers.cover(portfolio)
    portfolio.futures.coins |= {"ETH": Decimal(-4), "DOT": Decimal(-1)}
    portfolio.futures.wallets["USDT"] = Decimal(-25_000)
    assert engine.transfers.cover(portfolio)
    assert (portfolio.wallet("ETH", unit="CM"), portfolio.margin["ETH"].free) == (0, 6)
    assert (portfolio.wallet("USDT", unit="UM"), portfolio.margin["USDT"].free) == (-5_000, 0)
    assert portfolio.wallet("DOT", unit="CM") == -1
