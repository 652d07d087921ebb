"""How fast a stream's client may talk."""

from __future__ import annotations

from wireproof.venue.base.message_rate import PINGS_A_SECOND, Pace


def test_ten_a_second_with_some_patience():
    """Twenty at once pass, the next does not; about ten a second go on for ever."""
    seconds = 0.0
    pace = Pace(lambda: seconds)
    assert [pace.too_fast() for _ in range(21)] == [False] * 20 + [True]
    steady = Pace(lambda: seconds)
    for _ in range(200):
        seconds += 0.101  # a hair slower, for the rounding
        assert not steady.too_fast()


def test_five_pings_a_second():
    """The sixth within a second is one too many."""
    seconds = 0.0
    pace = Pace(lambda: seconds, a_second=PINGS_A_SECOND, patience=1)
    assert [pace.too_fast() for _ in range(6)] == [False] * 5 + [True]
    seconds = 1.0
    assert not pace.too_fast()
