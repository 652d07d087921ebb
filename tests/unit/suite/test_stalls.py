"""How long a machine stood still in a span of time."""

from wireproof.suite.stalls import Stalls, Together


def test_a_stall_counts_when_it_touches_the_span():
    stalls = Stalls([(1_000, 300), (5_000, 50)])
    assert stalls.worst_between(650, 800) == 300
    assert stalls.worst_between(0, 700) == 300
    assert stalls.worst_between(0, 699) == 0
    assert stalls.worst_between(1_001, 2_000) == 0
    assert stalls.worst_between(0, 9_000) == 300


def test_of_several_machines_the_slowest_counts():
    together = Together([Stalls([(1_000, 300)]), Stalls([(1_000, 700)])])
    assert together.worst_between(900, 1_100) == 700
    assert Together([]).worst_between(0, 1) == 0
