"""The simulated maker of margin orders."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.products.portfolio_margin.margin_market import LEVELS, MarginMarket
from wireproof.venue.products.portfolio_margin.margin_records import MARGIN_SYMBOLS


@pytest.fixture
def market(exchange):
    """Return bitcoin's."""
    return MarginMarket(MARGIN_SYMBOLS["BTCUSDT"], exchange.engine.markets["BTCUSDT"])


def test_quotes_are_best_first_around_the_perpetual_contract(market):
    """A tick away from its price, and the more the further away."""
    asks, bids = market.quotes("BUY"), market.quotes("SELL")
    assert len(asks) == len(bids) == LEVELS
    assert (bids[0].price, asks[0].price) == (Decimal("86249.99"), Decimal("86250.01"))
    assert [one.price for one in asks] == sorted(one.price for one in asks)
    assert [one.price for one in bids] == sorted((one.price for one in bids), reverse=True)


def test_what_a_limit_meets(market):
    """Nothing beyond it."""
    assert list(market.within("BUY", Decimal(86_250))) == []
    assert [one.price for one in market.within("BUY", Decimal("86250.06"))] == [
        Decimal("86250.01"),
        Decimal("86250.06"),
    ]
    assert len(list(market.within("SELL", None))) == LEVELS


def test_cost_and_quantity_are_each_others_reverse(market):
    """Over more than one level; no more than there is."""
    quantity = market.quantity_for("BUY", Decimal(50_000))
    assert Decimal(49_990) < market.cost("BUY", quantity) <= 50_000
    assert quantity > market.quotes("BUY")[0].quantity
    assert market.cost("SELL", Decimal(10_000)) < Decimal(20_000) * (LEVELS + 1)


def test_the_last_price_follows_trades_and_quotes(exchange, market):
    """Each trade has the next number."""
    first = market.next_trade(Decimal(86_000))
    assert (market.last_price, market.next_trade(Decimal(86_001))) == (86_000, first + 1)
    exchange.engine.set_price("BTCUSDT", Decimal(90_000))
    market.follow()
    assert market.last_price == market.mid == 90_000
    assert abs(market.index_price - 90_000) < 10
