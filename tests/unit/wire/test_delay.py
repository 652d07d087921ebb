"""The delay of this machine and of the target is measured, and no time-out counts it against a peer."""

from __future__ import annotations

import asyncio
import time

import pytest

from wireproof.wire.delay import MachineDelay, Stall, machine_delay, note_round_trip, patience


async def _stand_still(seconds: float) -> None:
    """Keep the event loop from running, as a busy machine or a large answer does."""
    time.sleep(seconds)  # noqa: ASYNC251  # that it blocks is the point
    await asyncio.sleep(0.1)


async def test_a_loop_that_stood_still_is_measured():
    """How long the loop was not served is known, as a whole and for any span."""
    async with MachineDelay() as delay:
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
        await _stand_still(0.5)
        ended = asyncio.get_running_loop().time()
    assert delay.worst >= 0.4
    assert delay.total >= delay.worst
    assert delay.worst_between(began, ended) >= 0.4
    assert delay.lost_between(began, ended) >= 0.4
    assert delay.lost_between(began - 20, began - 10) == 0


async def test_a_time_out_does_not_count_the_time_in_which_the_loop_stood_still():
    """An answer that was there in time but could not be read in time is no missing answer."""
    answer = asyncio.get_running_loop().create_future()
    async with MachineDelay():
        await asyncio.sleep(0.06)
        async with patience(0.4):
            asyncio.get_running_loop().call_later(0.3, answer.set_result, "here")
            await asyncio.sleep(0.1)
            time.sleep(0.8)  # noqa: ASYNC251
            await asyncio.sleep(0.15)
            assert await answer == "here"


async def test_without_a_measurement_such_a_time_out_fires():
    """The same stall ends a plain time-out: the test above would notice if stalls were counted."""

    async def stall() -> None:
        async with patience(0.4):
            await asyncio.sleep(0.1)
            time.sleep(0.8)  # noqa: ASYNC251
            await asyncio.sleep(0.15)

    with pytest.raises(TimeoutError):
        await stall()


async def test_silence_still_times_out():
    """A loop that runs waits no longer than it must."""
    async with MachineDelay():
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with patience(0.2):
                await asyncio.sleep(60)
    assert time.monotonic() - began < 30


async def test_a_far_target_is_waited_for_longer():
    """A time-out grows with the round trip to the target."""
    async with MachineDelay() as delay:
        assert delay.allowance == 0
        for _ in range(10):
            note_round_trip(1.0)
        assert delay.round_trip == 1.0
        async with patience(0.01):
            await asyncio.sleep(0.2)


async def test_one_slow_answer_of_many_makes_no_slow_target():
    """The round trip is the one that nine of ten stay below."""
    async with MachineDelay() as delay:
        for seconds in [0.01] * 19 + [8.0]:
            delay.note_round_trip(seconds)
        assert delay.round_trip == 0.01


async def test_a_ping_without_its_pong_counts_as_long_as_it_waits():
    """A target that has not answered yet is at least that slow."""
    async with MachineDelay() as delay:
        delay.measure(asyncio.Event().wait)
        await asyncio.sleep(0.3)
        assert delay.round_trip >= 0.2


async def test_a_ping_that_fails_does_no_harm():
    """The connection that broke shows where something is sent over it."""

    async def fail() -> None:
        raise ConnectionError

    async with MachineDelay() as delay:
        delay.measure(fail)
        await asyncio.sleep(0.05)
        assert delay.round_trip == 0


@pytest.mark.parametrize(("lost", "excused"), [(0.0, False), (0.9, False), (1.5, True), (4.0, True)])
async def test_what_did_not_come_is_excused_by_a_machine_that_was_too_slow(lost: float, excused: bool):
    """From a second on that the loop stood still, silence says nothing about the peer."""
    async with MachineDelay() as delay:
        now = asyncio.get_running_loop().time()
        delay.stalls.append(Stall(now - lost, now))
        excuse = delay.excuse(now - 5, now)
    assert bool(excuse) is excused
    if excused:
        assert excuse.startswith(f"This machine was too slow: the loop stood still for {lost:.1f} s of 5.0 s")


async def test_a_long_wait_needs_a_greater_loss():
    """A fifth of the time must be lost before nothing can be said."""
    async with MachineDelay() as delay:
        now = asyncio.get_running_loop().time()
        delay.stalls.append(Stall(now - 5, now))
        assert not delay.excuse(now - 60, now)
        assert delay.excuse(now - 20, now)


async def test_a_target_slower_than_the_wait_is_no_silent_one():
    """Nothing came in five seconds from a target that needs six for an answer."""
    async with MachineDelay() as delay:
        now = asyncio.get_running_loop().time()
        delay.note_round_trip(6.0)
        assert delay.excuse(now - 5, now).startswith("The target was too slow")


async def test_nothing_measures_after_the_end():
    """A loop is measured for as long as the run lasts."""
    async with MachineDelay() as delay:
        assert machine_delay() is delay
    assert machine_delay() is None
    note_round_trip(1.0)  # goes nowhere
