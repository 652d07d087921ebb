"""What requests cost, as the counts of their answers show it."""

from __future__ import annotations

import pytest

from wireproof.wire.weight_meter import Counted, Priced, WeightMeter


def meter_of(*counts, window=1, whose=""):
    """Return a meter that was told counts: (count, documented, contract)."""
    meter = WeightMeter()
    for number, (count, documented, contract) in enumerate(counts):
        meter.note(window, whose, Counted(count, documented, contract, number))
    return meter


def test_neighbours_in_the_order_of_their_counts_differ_by_what_the_later_one_cost():
    """Whatever the order in which the answers came."""
    charges = [("a", 1, 1), ("b", 5, 5), ("c", 2, 4), ("a", 1, 1), ("c", 2, 4), ("b", 5, 5), ("free", 0, 0)] * 3
    counts, used = [], 7
    for name, documented, charged in charges:
        used += charged
        counts.append((used, documented, name))
    meter = meter_of(*counts[::2], *counts[1::2][::-1])
    found = meter.differences()
    assert {priced.contract: set(values) for priced, values in found.items()} == {
        "a": {1},
        "b": {5},
        "c": {4},
        "free": {0},
    }
    assert meter.suspects() == {Priced("c", 2): 4}
    assert meter.agreed() == {Priced("c", 2): 4}
    assert meter.is_alone(Priced("c", 2))


def test_windows_and_accounts_are_counted_apart():
    """The first count of each has none before it."""
    meter = meter_of((5, 1, "a"), (6, 1, "a"))
    meter.note(2, "", Counted(1, 1, "a", 9))
    meter.note(2, "other", Counted(40, 1, "a", 10))
    assert meter.differences() == {Priced("a", 1): [1]}
    assert meter.differences(window=2) == {}
    assert (meter.notes, meter.last.count) == (4, 40)


def test_what_a_refused_request_cost_is_said_of_nobody():
    meter = meter_of((1, 1, "a"), (4, 1, ""), (5, 1, "a"))
    assert meter.differences() == {Priced("a", 1): [1]}


@pytest.mark.parametrize(
    "counts",
    [
        [(9, 1, "a"), (9, 1, "a"), (9, 1, "b"), (9, 1, "b"), (9, 1, "c")],  # a count that stands still
        [(n * n, 1, name) for n, name in enumerate("abcabcabcabc", 1)],  # somebody else uses more and more
    ],
)
def test_nobody_is_alone_whose_limit_others_use_or_whose_count_is_none(counts):
    meter = meter_of(*counts)
    assert not meter.is_alone(Priced("a", 1))


def test_fewer_than_five_agree_on_nothing():
    """Nor do many of which one says otherwise."""
    five = [(10 + 3 * n, 1, "a") for n in range(6)]
    assert meter_of(*five[:5]).agreed() == {}
    assert meter_of(*five).agreed() == {Priced("a", 1): 3}
    assert meter_of(*five, (five[-1][0] + 1, 1, "a")).agreed() == {}
