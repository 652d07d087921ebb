"""Long work in turns: generators that yield where the event loop may attend to others, and return what came of it.

No request may hold the loop for long; one that reads thousands of rows would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
Turns = Generator[None, None, Made]
ROWS_A_TURN = 100  # about a millisecond


def shown(values: Iterable[Given], show: Callable[[Given], Made], rows_a_turn: int = ROWS_A_TURN) -> Turns[list[Made]]:
    """Return what `show` makes of each value, so many in a turn."""
    rows: list[Made] = []
    for value in values:
        rows.append(show(value))
        if not len(rows) % rows_a_turn:
            yield
    return rows


def at_once(work: Turns[Made]) -> Made:
    """Do all turns of `work` now."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


async def in_turns(work: Turns[Made]) -> Made:
    """Do the turns of `work` with everything else that is due between them."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        await asyncio.sleep(0)
