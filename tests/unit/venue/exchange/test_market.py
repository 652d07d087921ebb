"""A market: its prices stay on the tick and near where they were set, its depth, and simulated trades."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.exchange.market import DRIFT, LEVELS, Market
from wireproof.venue.exchange.records import Resting

D = Decimal


class Observer:
    """Keeps what a market reports."""

    def __init__(self) -> None:
        self.trades: list[tuple[Decimal, bool, bool]] = []
        self.changes = 0

    def traded(self, _trade_id: int, price: Decimal, _quantity: Decimal, *, buyer_is_maker: bool, rpi: bool) -> None:
        """Keep a trade."""
        self.trades.append((price, buyer_is_maker, rpi))

    def book_changed(self) -> None:
        """Count a change."""
        self.changes += 1


@pytest.fixture
def rng():
    """Return a generator that repeats."""
    return random.Random(5)  # noqa: S311


@pytest.fixture
def market(rng):
    """Return a market with its quotes."""
    made = Market(SYMBOLS["ETHUSDT"], rng, 1_000)
    made.quote(1_000)
    return made


def test_quotes_lie_around_the_price(market):
    """One tick away at first, on both sides, and never across."""
    bids, asks = market.depth(LEVELS)
    assert (len(bids), len(asks)) == (LEVELS, LEVELS)
    assert (bids[0].price, asks[0].price) == market.inside()
    assert all(level.price % market.symbol.tick == 0 and level.quantity > 0 for level in (*bids, *asks))


def test_the_price_stays_near_where_it_was_set(market):
    """However often it moves."""
    market.set_price(D("3000.004"))
    assert market.mid == D("3000.00")
    for _ in range(3_000):
        market.move()
        assert abs(market.mid / market.anchor - 1) <= DRIFT
        assert market.mid % market.symbol.tick == 0


def test_what_happens_is_reported(market):
    """Trades with their price and maker, changes of the book."""
    market.observer = observer = Observer()
    bid, ask = market.inside()
    market.next_trade(bid, D(1))
    market.next_trade(ask, D(1))
    market.next_trade(ask, D(1), buyer_is_maker=True, rpi=True)
    market.changed(2_000)
    assert observer.trades == [(bid, True, False), (ask, False, False), (ask, True, True)]
    assert (observer.changes, market.updated, market.last_price) == (1, 2_000, ask)


def test_simulated_traders_leave_users_orders_alone(market, rng):
    """At the front of both sides there is nothing for them then."""
    assert any(market.take(rng, 1_000) for _ in range(10))
    bid, ask = market.inside()
    market.book.bids.add(Resting(bid + market.symbol.tick, D(1), order=object()))
    market.book.asks.add(Resting(ask - market.symbol.tick, D(1), order=object()))
    assert not any(market.take(rng, 1_000) for _ in range(10))


def test_retail_orders_are_shown_to_those_who_ask_and_only_where_they_do_not_cross(market):
    """A retail bid below the best ask is shown with `rpi`, one across it is not."""
    bid, ask = market.inside()
    market.rpi_book.bids.add(Resting(bid + market.symbol.tick / 2, D(7), order=object()))
    market.rpi_book.bids.add(Resting(ask, D(8), order=object()))
    assert market.depth(1)[0][0].price == bid
    assert market.depth(2, rpi=True)[0][0] == (bid + market.symbol.tick / 2, D(7))


def test_crossing_levels_do_not_count_towards_the_limit_of_depth(rng):
    """As many levels are shown as are asked for, as long as there are so many."""
    market = Market(SYMBOLS["ETHUSDT"], rng, 1_000)
    for side, prices in ((market.rpi_book.bids, (102, 101, 100, 99, 98)), (market.rpi_book.asks, (100, 101, 103, 104))):
        for price in prices:
            side.add(Resting(D(price), D(1), order=object()))
    bids, asks = market.depth(2, rpi=True)
    assert [level.price for level in (*bids, *asks)] == [99, 98, 103, 104]
