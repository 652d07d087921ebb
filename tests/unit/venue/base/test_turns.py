"""Work in turns."""

from __future__ import annotations

import asyncio

from wireproof.venue.base.turns import ROWS_A_TURN, at_once, in_turns, shown


def test_rows_are_made_so_many_in_a_turn():
    work = shown(range(2 * ROWS_A_TURN + 1), str)
    assert sum(1 for _ in work) == 2
    assert at_once(shown(range(3), str, rows_a_turn=1)) == ["0", "1", "2"]


async def test_others_are_attended_to_between_the_turns():
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    task = asyncio.create_task(other())
    rows = await in_turns(shown(range(3), lambda one: seen.append(str(one)), rows_a_turn=1))
    await task
    assert seen == ["0", "other", "1", "2"]
    assert rows == [None, None, None]
