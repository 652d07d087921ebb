"""Tasks that run together, and are waited for however they end: one that is stopped undoes its state first."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence

T = TypeVar("T")


async def run_together(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """Run awaitables at once and return what they return, in their order.

    The first error stops the others and is raised when all have ended. When this is cancelled, so is each of them.
    """
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    try:
        if tasks:  # not gather: it would cancel them itself, and a second cancel would cut their undoing short
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _stop(tasks)
    for task in sorted(tasks, key=asyncio.Future.cancelled):  # what made the others stop first: those were cancelled
        task.result()
    return [task.result() for task in tasks]


@asynccontextmanager
async def running_beside(awaitables: Iterable[Awaitable[None]]) -> AsyncIterator[Sequence[asyncio.Future[None]]]:
    """Run awaitables while the block runs and until they end, and yield their tasks; an error of the block stops them.

    Errors of theirs are not raised.
    """
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    try:
        yield tasks
        await all_ended(tasks)
    finally:
        await _stop(tasks)


async def all_ended(tasks: Sequence[asyncio.Future[None]]) -> None:
    """Wait until tasks have ended, in whatever way."""
    if tasks:
        await asyncio.wait(tasks)


async def _stop(tasks: Iterable[asyncio.Future[T]]) -> None:
    unfinished = [task for task in tasks if not task.done()]
    for task in unfinished:
        task.cancel()
    if unfinished:
        await asyncio.wait(unfinished)
