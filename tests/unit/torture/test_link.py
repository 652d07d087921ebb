"""A slow link: how long messages are on their way."""

import pytest

from wireproof.torture.link import Link


@pytest.mark.parametrize(
    ("link", "instant"),
    [
        (Link(), True),
        (Link(round_trip=0.1), False),
        (Link(jitter=0.1), False),
        (Link(stall=1.0), True),
        (Link(stall_share=0.5), True),
        (Link(stall=1.0, stall_share=0.5), False),
    ],
)
def test_a_link_that_holds_nothing_back_is_instant(link, instant):
    assert link.is_instant is instant


def test_each_way_takes_half_of_the_round_trip():
    assert Link(round_trip=0.4).delays("a").next() == 0.2


def test_jitter_adds_no_more_than_it_says():
    delays = Link(round_trip=0.2, jitter=0.05).delays("a")
    drawn = [delays.next() for _ in range(200)]
    assert 0.1 <= min(drawn) < max(drawn) <= 0.15


def test_stalls_come_in_their_share_of_messages():
    delays = Link(stall=2.0, stall_share=0.25).delays("a")
    stalled = sum(delays.next() == 2.0 for _ in range(2_000))
    assert 400 < stalled < 600


def test_the_same_seed_and_name_give_the_same_delays():
    def drawn(seed, name):
        delays = Link(jitter=1.0, seed=seed).delays(name)
        return [delays.next() for _ in range(5)]

    assert drawn(1, "a") == drawn(1, "a")
    assert len({tuple(drawn(seed, name)) for seed in (1, 2) for name in "ab"}) == 4
