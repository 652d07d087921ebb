"""Cases share symbols without disturbing each other."""

from __future__ import annotations

import asyncio

import pytest

from wireproof.errors import BlockedError
from wireproof.suite.state.leases import SymbolLeases


async def test_resting_orders_share_a_symbol():
    leases = SymbolLeases(["A", "B", "C", "D"])
    async with leases.lease(alone=False) as one, leases.lease(alone=False) as other:
        assert one == other == "A"


async def test_a_lone_case_gets_a_symbol_that_nobody_uses():
    leases = SymbolLeases(["A", "B", "C", "D"])
    async with leases.lease(alone=False) as shared, leases.lease(alone=True) as one, leases.lease(alone=True) as other:
        assert len({shared, one, other}) == 3


async def test_with_one_symbol_a_lone_case_waits_for_the_others():
    leases = SymbolLeases(["A"])
    entered = asyncio.Event()

    async def alone():
        async with leases.lease(alone=True):
            entered.set()

    async with leases.lease(alone=False):
        task = asyncio.create_task(alone())
        await asyncio.sleep(0)
        assert not entered.is_set()
    await task
    assert entered.is_set()


async def test_a_cancelled_case_gives_its_symbol_back():
    leases = SymbolLeases(["A"])

    async def hold():
        async with leases.lease(alone=True):
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with leases.lease(alone=True) as symbol:
        assert symbol == "A"


async def test_without_a_symbol_the_case_is_blocked():
    with pytest.raises(BlockedError, match="No symbol can be used"):
        async with SymbolLeases([]).lease(alone=False):
            pass


async def test_a_symbol_to_avoid_is_taken_when_there_is_no_other():
    leases = SymbolLeases(["A", "B", "C", "D", "E", "F", "G", "H"])  # two of them are shared
    async with leases.lease(alone=True, avoid={"C"}) as lone, leases.lease(alone=False, avoid={"A"}) as shared:
        assert (lone, shared) == ("D", "B")
    only = SymbolLeases(["A"])
    async with only.lease(alone=True, avoid={"A"}) as symbol:
        assert symbol == "A"
