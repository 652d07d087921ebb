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
AT_ONCE = 4

#: Verdicts that say that a contract differs from what was seen.
ACCUSING = frozenset({"breaking", "risky", "additive"})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outcomes(request, tmp_path_factory):
    """Bring about all faults whose tests were selected, a few at a time; each by its name."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def met(fault):
        async with turn, Stand(tmp_path_factory.mktemp("fault"), fault.hooks(), **fault.venue) as stand:
            fault.prepare(stand)
            outcome, after = await stand.run(fault.cases, *fault.arguments), None
            if outcome.left:
                stand.relay.alter = Hooks()
                after = await stand.run("ws-api/account.balance/default")
            return outcome, stand, after

    selected = [
        item.callspec.params["fault"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec") and "fault" in item.callspec.params
    ]
    running = {fault.name: asyncio.ensure_future(met(fault)) for fault in selected}
    yield running
    for task in running.values():
        task.cancel()
    await asyncio.gather(*running.values(), return_exceptions=True)


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
async def test_a_fault_ends_as_it_should(fault: Fault, outcomes):
    """Nobody is accused of what they did not do, no case is broken, and the account is as it was."""
    outcome, stand, after = await outcomes[fault.name]
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
        assert stand.hooks.seen <= fault.most_requests, outcome
    # What cannot be taken back from behind a closed door is named, and the next run takes it back.
    assert (outcome.left == []) or fault.leaves, outcome
    assert bool(outcome.left) == ("NOT TAKEN BACK" in outcome.printed), outcome
    if after is not None:
        assert (after.status, after.left) == (0, []), after


class _Counting(Hooks):
    """Counts the requests that pass."""

    count = 0

    async def http(self, request, forward):
        self.count += 1
        return await forward(request)

    async def to_target(self, _line, frame):
        self.count += 1
        return (frame,)


@pytest.mark.parametrize("after", KILLED_AFTER)
async def test_what_a_killed_run_leaves_is_gone_after_the_next(after, tmp_path):
    """Kill -9 at ten moments: the next run takes back orders, positions, listen keys and modes."""
    async with Stand(tmp_path, _Counting()) as stand:
        process = await stand.start(ALL)
        try:
            async with asyncio.timeout(60):
                while stand.hooks.count < after and process.returncode is None:  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.002)
        finally:
            process.kill()
        await process.communicate()
        outcome = await stand.run("ws-api/account.balance/default")
        assert outcome.status == 0, outcome.printed
        assert outcome.left == []
