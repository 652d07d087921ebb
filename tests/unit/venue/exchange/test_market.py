"""A market: its prices stay on the tick and near where they were set, its depth, and simulated trades."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.exchange.market import DRIFT, FAR_LEVELS, LEVELS, Market
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


def test_the_main_markets_are_deep_and_their_far_levels_stand(market):
    """They are counted anew only when one of them changed, and laid out anew when the price is set."""
    bids, asks = market.depth(1_000)
    assert len(bids) == len(asks) == LEVELS + FAR_LEVELS == 1_000
    assert [one.price for one in bids] == sorted({one.price for one in bids}, reverse=True)
    assert [one.price for one in asks] == sorted({one.price for one in asks})
    side = market.book.bids
    far = side.far()
    market.move()
    market.quote(2_000)
    assert side.far() is far
    assert side.levels() == side.near() + far
    order = Resting(far[3].price, D(7), object())
    side.add(order)
    assert side.far()[3].quantity == far[3].quantity + 7
    order.remaining -= 2
    side.touched(order)
    assert side.far()[3].quantity == far[3].quantity + 5
    side.remove(order)
    assert side.far() == far
    market.set_price(market.mid * 2)
    market.quote(3_000)
    assert side.far()[0].price > far[0].price
    assert len(side.levels()) == 1_000


def test_who_joins_a_far_price_is_behind_the_market_maker(market, rng):
    """Also when nobody looked that far before: what stands there stood there first."""
    twin = Market(market.symbol, rng, 1_000)
    twin.quote(1_000)
    price = twin.book.bids.far()[3].price
    order = Resting(price, D(7), object())
    market.book.bids.add(order)
    assert [one.order for one in market.book.bids.within(price) if one.price == price] == [None, order.order]


def test_an_order_without_a_limit_meets_what_is_far(market):
    """Also when nobody looked that far before; one that is limited to what is near does not."""
    near = market.book.asks.near()
    assert [one.price for one in market.book.asks.within(near[-1].price)] == [one.price for one in near]
    met = list(market.book.asks.within(None))
    assert len(met) == LEVELS + FAR_LEVELS
    for one in met[:LEVELS]:
        market.book.asks.remove(one)
    assert (market.book.asks.best(), market.book.asks.front()) == (met[LEVELS].price, met[LEVELS])


def test_what_is_far_is_the_best_when_nothing_is_near(market):
    """It is seen although nobody looked that far before."""
    for one in list(market.book.bids.within(market.book.bids.near()[-1].price)):
        market.book.bids.remove(one)
    price = market.book.bids.best()
    assert price is not None
    assert market.book.bids.best_quantity() == market.book.bids.front().remaining
    assert market.book.bids.nth(FAR_LEVELS) < market.book.bids.nth(1) == price


def test_other_markets_have_what_is_near(rng):
    made = Market(SYMBOLS["XRPUSDT"], rng, 1_000)
    made.quote(1_000)
    assert len(made.depth(1_000)[0]) == LEVELS
    assert made.book.bids.far() == []
