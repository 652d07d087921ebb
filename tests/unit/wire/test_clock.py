"""The target's time."""

from __future__ import annotations

from wireproof.wire.clock import SAMPLE_LIFE_MS, ServerClock


def test_half_of_the_round_trip_is_the_way_back() -> None:
    """The server's time is taken to be that of the middle between asking and being answered."""
    clock = ServerClock(lambda: 2_000.0)
    clock.sample(1_000, 1_200, 9_100)

    assert (clock.offset_ms, clock.round_trip_ms, clock.now_ms()) == (8_000, 200, 10_000)


def test_the_sample_with_the_shortest_round_trip_is_kept() -> None:
    """A slower sample says less and changes nothing; a faster one replaces."""
    clock = ServerClock(lambda: 0.0)
    clock.sample(0, 100, 550)
    clock.sample(200, 600, 9_999)
    assert clock.offset_ms == 500
    clock.sample(700, 720, 1_010)
    assert clock.offset_ms == 300


def test_an_old_sample_gives_way_to_a_slower_one() -> None:
    """Clocks drift: after ten minutes any new sample is better."""
    clock = ServerClock(lambda: 0.0)
    clock.sample(0, 10, 505)
    clock.sample(SAMPLE_LIFE_MS, SAMPLE_LIFE_MS + 100, SAMPLE_LIFE_MS + 50)

    assert clock.offset_ms == 0


def test_without_a_sample_it_is_this_machines_time() -> None:
    """An unset clock says so and gives local time."""
    clock = ServerClock(lambda: 123.9)

    assert (clock.is_set, clock.now_ms()) == (False, 123)


def test_the_local_clock_never_goes_back() -> None:
    """Local time follows the monotonic clock."""
    clock = ServerClock()
    times = [clock.local_ms() for _ in range(100)]

    assert times == sorted(times)
    assert times[0] > 1_600_000_000_000
