"""Whatever goes wrong, a run ends as it should: verdict, exit status, in time, and nothing left on any account."""

from __future__ import annotations

import asyncio
import re

import pytest
import pytest_asyncio

from wireproof.torture.relay import Hooks

from .stand import ALL, Stand
from .table import FAULTS, KILLED_AFTER, Fault

#: So many runs at once; most of them wait for something that never comes.
AT_ONCE = 3

#: Verdicts that say that a contract differs from what was seen.
ACCUSING = frozenset({"breaking", "risky", "additive"})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outcomes(request, tmp_path_factory):
    """Bring about whatever the selected tests want, a few at a time: faults by name, kills by when."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def in_turn(bring_about, what):
        async with turn:
            return await bring_about(what, tmp_path_factory.mktemp("fault"))

    asked = [item.callspec.params for item in request.session.items if item.path == request.path]
    running = {one["fault"].name: in_turn(_met, one["fault"]) for one in asked if "fault" in one}
    running |= {one["killed"]: in_turn(_killed, one["killed"]) for one in asked if "killed" in one}
    running = {name: asyncio.ensure_future(one) for name, one in running.items()}
    yield running
    for task in running.values():
        task.cancel()
    await asyncio.gather(*running.values(), return_exceptions=True)


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
async def test_a_fault_ends_as_it_should(fault: Fault, outcomes):
    """Nobody is accused of what they did not do, no case is broken, and the account is as it was."""
    outcome, seen, after = await outcomes[fault.name]
    assert outcome.status in fault.status, outcome
    assert outcome.seconds < fault.within, outcome
    assert re.search(fault.says, outcome.printed), outcome.printed
    assert "Traceback" not in outcome.printed, outcome.printed
    assert not outcome.with_verdict("broken"), outcome
    accused = outcome.with_verdict(*ACCUSING)
    assert all(name.startswith(fault.accuses) for name in accused), outcome
    assert bool(accused) == (outcome.status == 1), outcome
    spared = {name: case["verdict"] for name, case in outcome.cases.items() if fault.spares and fault.spares in name}
    assert set(spared.values()) <= {"conforms"}, outcome
    assert bool(spared) == bool(fault.spares), outcome
    assert all(outcome.with_verdict("blocked").values()) or outcome.result["blocked"], outcome
    if fault.most_requests is not None:
        assert seen <= fault.most_requests, outcome
    # What cannot be taken back from behind a closed door is named, and the next run takes it back.
    assert (outcome.left == []) or fault.leaves, outcome
    assert bool(outcome.left) == ("NOT TAKEN BACK" in outcome.printed), outcome
    if after is not None:
        assert (after.status, after.left) == (0, []), after


@pytest.mark.parametrize("killed", KILLED_AFTER)
async def test_what_a_killed_run_leaves_is_gone_after_the_next(killed, outcomes):
    """Ten moments of kill -9: the next run takes back orders, positions, listen keys and modes."""
    outcome = await outcomes[killed]
    assert outcome.status == 0, outcome
    assert outcome.left == []


class _Counting(Hooks):
    """Counts the requests that pass."""

    count = 0

    async def http(self, request, forward):
        self.count += 1
        return await forward(request)

    async def to_target(self, _line, frame):
        self.count += 1
        return (frame,)


async def _killed(after, folder):
    """Kill a run after so many requests, and return how the next one ends."""
    async with Stand(folder, _Counting()) as stand:
        process = await stand.start(ALL)
        try:
            async with asyncio.timeout(60):
                while stand.hooks.count < after and process.returncode is None:  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.002)
        finally:
            process.kill()
        await process.communicate()
        return await stand.run("ws-api/account.balance/default")


async def _met(fault, folder):
    """Bring a fault about; return the outcome, what came to a shut door, and how the next run ends if need be."""
    fault_hooks = fault.hooks()
    async with Stand(folder, fault_hooks, **fault.venue) as stand:
        fault.prepare(stand)
        outcome, after = await stand.run(fault.cases, *fault.arguments), None
        if outcome.left:
            stand.relay.alter = Hooks()
            after = await stand.run("ws-api/account.balance/default")
        return outcome, getattr(fault_hooks, "seen", 0), after
