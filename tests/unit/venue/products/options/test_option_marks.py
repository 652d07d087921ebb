"""Mark prices: of one moment, and cheap when all are wanted."""

from __future__ import annotations

import pytest

from wireproof.venue.products.options.option_marks import (
    AT_A_BEAT,
    AT_AN_IDLE_BEAT,
    OLDEST_IDLE_MS,
    OLDEST_MS,
    WANTED_MS,
)


def test_everything_of_a_mark_fits_together(options):
    mark = options.engine.marks.mark(options.contract)
    pricer = options.engine.pricer(options.contract)
    assert float(mark.price) == pytest.approx(pricer.value(mark.value.iv).price, abs=0.001)
    assert pricer.value(mark.bid_iv).price == pytest.approx(float(mark.touch.bid), abs=0.001)
    assert pricer.value(mark.ask_iv).price == pytest.approx(float(mark.touch.ask), abs=0.001)
    assert (mark.lowest, mark.highest) == (round(mark.price / 5, 3), round(mark.price * 9 / 5, 3))


def test_a_side_without_quotes_has_no_volatility(options):
    marks = list(options.engine.marks.marks(options.engine.contracts.values()))
    bidless = [mark for mark in marks if not mark.touch.bid]
    assert bidless
    assert {mark.bid_iv for mark in bidless} == {-1.0}


def test_what_users_bid_shows_in_marks(options):
    before = options.engine.marks.mark(options.contract).touch
    options.order(price=str(before.bid + 5), quantity="0.1")
    after = options.engine.marks.mark(options.contract)
    assert (after.touch.bid, float(after.touch.bid_quantity)) == (before.bid + 5, 0.1)


def test_marks_of_a_list_are_a_moment_old_at_most(options):
    (first,) = options.engine.marks.marks([options.contract])
    options.clock.advance(OLDEST_MS - 1)
    (second,) = options.engine.marks.marks([options.contract])
    assert second is first
    options.clock.advance(1)
    (third,) = options.engine.marks.marks([options.contract])
    assert third.time == options.engine.now()


def test_marks_are_renewed_faster_while_lists_are_asked_for(options):
    marks = options.engine.marks
    marks.renew()
    assert len(marks._known) == AT_AN_IDLE_BEAT
    list(marks.marks([]))
    marks.renew()
    assert len(marks._known) == AT_AN_IDLE_BEAT + AT_A_BEAT
    options.clock.advance(WANTED_MS)
    marks.renew()
    assert len(marks._known) == 2 * AT_AN_IDLE_BEAT + AT_A_BEAT


def test_a_first_list_may_be_older(options):
    marks = options.engine.marks
    first = marks.mark(options.contract)
    options.clock.advance(OLDEST_IDLE_MS - 1)
    assert list(marks.marks([options.contract])) == [first]
    assert list(marks.marks([options.contract])) != [first]


def test_expired_contracts_are_dropped(options):
    marks = options.engine.marks
    list(marks.marks(options.engine.contracts.values()))
    options.engine.settlement.settle(options.contract)
    marks.renew()
    assert options.contract.name not in marks._known
