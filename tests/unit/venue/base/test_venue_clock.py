"""The venue's time: the machine's, or one that a test moves."""

import time

from wireproof.venue.base.venue_clock import ManualClock, SystemClock


def test_the_system_clock_is_in_milliseconds():
    before = time.time() * 1000
    assert before - 1 <= SystemClock().now_ms() <= time.time() * 1000


def test_a_manual_clock_moves_by_hand_only():
    clock = ManualClock(1_000)
    assert clock.now_ms() == clock.now_ms() == 1_000
    clock.advance(250)
    assert clock.now_ms() == 1_250
