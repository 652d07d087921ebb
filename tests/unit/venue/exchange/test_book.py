"""The order book: price before time, and what an incoming order would meet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange.book import BookSide, Level, OrderBook, merged
from wireproof.venue.exchange.records import Resting

D = Decimal


def filled_side(*, bids: bool) -> tuple[BookSide, list[Resting]]:
    """Return a side with quantities at the prices 10, 12, 11 and 12."""
    side = BookSide(bids=bids)
    resting = [Resting(D(price), D(quantity)) for price, quantity in ((10, 1), (12, 2), (11, 3), (12, 4))]
    for one in resting:
        side.add(one)
    return side, resting


@pytest.mark.parametrize(("bids", "prices"), [(True, [12, 11, 10]), (False, [10, 11, 12])])
def test_better_prices_come_first(bids, prices):
    """Quantities of one price are one level."""
    side, _ = filled_side(bids=bids)
    quantities = {10: 1, 11: 3, 12: 6}
    assert side.levels(9) == [Level(D(price), D(quantities[price])) for price in prices]
    assert side.levels(1) == [Level(D(prices[0]), D(quantities[prices[0]]))]
    assert (side.best(), side.best_quantity()) == (prices[0], quantities[prices[0]])
    assert [side.nth(position) for position in (1, 3, 4)] == [prices[0], prices[2], None]


def test_at_one_price_the_earlier_comes_first():
    """Until it is removed; a side can become empty again."""
    side, resting = filled_side(bids=True)
    assert side.front() is resting[1]
    side.remove(resting[1])
    assert side.front() is resting[3]
    for one in (resting[3], resting[0], resting[2]):
        side.remove(one)
    assert (side.front(), side.best(), side.best_quantity(), side.levels(5)) == (None, None, 0, [])


def test_an_order_meets_prices_up_to_its_limit():
    """A limit includes its own price; without a limit everything is met."""
    side, _ = filled_side(bids=False)
    assert [one.price for one in side.within(D(11))] == [10, 11]
    assert [one.price for one in side.within(D(9))] == []
    assert [one.remaining for one in side.within(None)] == [1, 3, 2, 4]
    assert side.crosses(D(10), D(10))
    assert not side.crosses(D(9), D(10))


def test_only_quotes_are_dropped():
    """Users' orders stay, in their place."""
    side, _ = filled_side(bids=False)
    kept = Resting(D(11), D(5), order=object())
    side.add(kept)
    side.drop_quotes()
    assert side.levels(5) == [Level(D(11), D(5))]
    assert side.front() is kept


def test_sides_of_a_book():
    """A purchase rests with the bids and takes from the asks."""
    book = OrderBook()
    assert (book.own("BUY"), book.opposite("BUY")) == (book.bids, book.asks)
    assert (book.own("SELL"), book.opposite("SELL")) == (book.asks, book.bids)


def test_merged_levels_add_up():
    """Best first, cut off at the limit."""
    some, others = [Level(D(3), D(1)), Level(D(1), D(1))], [Level(D(3), D(2)), Level(D(2), D(1))]
    assert merged(some, others, 2, bids=True) == [(3, 3), (2, 1)]
    assert merged(some, others, 5, bids=False) == [(1, 1), (2, 1), (3, 3)]
