"""The tape: aggregate trades, counting in integers, bounded memory."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange.coin_instruments import coin_symbols
from wireproof.venue.exchange.instruments import SYMBOLS
from wireproof.venue.market_data.tape import FIRST_AGGREGATE, KEPT, Tape, Trade, Units, aggregated, written

NOW = 1_790_000_040_000


def trade(number: int, price: int = 100, after: int = 0, *, maker: bool = False) -> Trade:
    return Trade(number, price, 3, price * 3, NOW + after, maker)


def test_trades_of_one_price_side_and_tenth_of_a_second_are_one_aggregate():
    """Ids run from the first to the last of them, quantities add up."""
    (one,) = aggregated([trade(1), trade(2, after=40), trade(3, after=99)], 7)

    assert (one.id, one.first, one.last, one.quantity, one.time) == (7, 1, 3, 9, NOW)


@pytest.mark.parametrize("other", [trade(2, price=101), trade(2, maker=True), trade(2, after=100)])
def test_another_price_side_or_tenth_begins_an_aggregate_of_its_own(other):
    """Each of the three parts them."""
    assert [one.id for one in aggregated([trade(1), other], 7)] == [7, 8]


def test_an_aggregate_is_told_once_its_tenth_is_over():
    """Until then it may still grow."""
    tape = Tape()
    tape.record(trade(1))
    tape.close_due(NOW + 99)
    assert not tape.aggregates

    tape.record(trade(2, after=99))
    tape.close_due(NOW + 100)
    assert [(one.id, one.first, one.last) for one in tape.aggregates] == [(FIRST_AGGREGATE, 1, 2)]


def test_the_past_continues_into_the_present():
    """Ids of trades and of aggregates are consecutive across the start."""
    tape = Tape()
    tape.record(trade(3, after=500))
    tape.close_due(NOW + 1_000)
    tape.remember([trade(1), trade(2, price=101)])

    assert [one.id for one in tape.trades] == [1, 2, 3]
    assert [one.id - FIRST_AGGREGATE for one in tape.aggregates] == [-2, -1, 0]


def test_memory_is_bounded():
    """Only the latest are kept, also of those that nobody fetches."""
    tape = Tape()
    for number in range(KEPT + 500):
        tape.record(trade(number, price=100 + number % 2))

    assert len(tape.trades) == len(tape.aggregates) == KEPT


def test_a_linear_value_is_price_times_quantity_and_an_inverse_one_is_in_coin():
    """One BTC at 86,250 is worth 86,250 USDT; 100 contracts of 100 USD at 80,000 are worth 0.125 BTC."""
    linear, inverse = Units(SYMBOLS["BTCUSDT"]), Units(coin_symbols(NOW)["BTCUSD_PERP"])
    price, one = linear.price(Decimal(86_250)), linear.quantity(Decimal(1))

    assert Decimal(linear.value_text(linear.value(price, one))) == 86_250
    assert inverse.value_text(inverse.value(inverse.price(Decimal(80_000)), 100)) == "0.12500000"


@pytest.mark.parametrize(
    ("number", "digits", "text"), [(5, 0, "5"), (5, 3, "0.005"), (-1250, 2, "-12.50"), (0, 2, "0.00")]
)
def test_numbers_are_written_with_all_their_decimals(number, digits, text):
    """Also small and negative ones."""
    assert written(number, digits) == text
