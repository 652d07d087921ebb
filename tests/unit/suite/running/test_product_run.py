"""Tasks of a product that run together."""

from __future__ import annotations

import asyncio

import pytest

from wireproof.suite.running.product_run import Stage


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
        await Stage._in_parallel(None, tasks)
    assert stopped == [True, True]
