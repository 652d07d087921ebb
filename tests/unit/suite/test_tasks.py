"""Tasks that run together, and are waited for."""

from __future__ import annotations

import asyncio

import pytest

from wireproof.suite.tasks import all_ended, run_together, running_beside


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_the_error_of_one_task_is_raised_wherever_it_stands(place):
    """Those that it stops are cancelled; that is no reason to take the run for one that somebody stopped."""
    stopped = []

    async def waits():
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    async def breaks():
        await asyncio.sleep(0)
        raise ValueError("it broke")

    tasks = [waits(), waits()]
    tasks.insert(place, breaks())
    with pytest.raises(ValueError, match="it broke"):
        await run_together(tasks)
    assert stopped == [True, True]


async def test_what_runs_together_returns_in_its_order():
    async def after(seconds, value):
        await asyncio.sleep(seconds)
        return value

    assert await run_together([after(0.01, "first"), after(0, "second")]) == ["first", "second"]
    assert await run_together([]) == []


async def test_tasks_that_are_stopped_undo_their_state_before_the_stop_is_over():
    """A second cancel does not cut it short."""
    undone = []

    async def works():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            undone.append(True)

    running = asyncio.ensure_future(run_together([works(), works()]))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert undone == [True, True]


async def test_what_runs_beside_ends_with_the_block_or_before_an_error_leaves_it():
    ended = []

    async def works(seconds):
        try:
            await asyncio.sleep(seconds)
        finally:
            ended.append(seconds)

    async with running_beside([works(0.01), works(0)]) as tasks:
        await all_ended(tasks[1:])
        assert ended == [0]
    assert ended == [0, 0.01]

    async def breaks():
        async with running_beside([works(60)]):
            await asyncio.sleep(0)
            raise ValueError("it broke")

    with pytest.raises(ValueError, match="it broke"):
        await breaks()
    assert ended == [0, 0.01, 60]
