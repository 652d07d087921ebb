"""Whatever goes wrong, a run ends as it should: verdict, exit status, in time, and nothing left on any account."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from wireproof.torture.relay import Hooks
from wireproof.wire.delay import MachineDelay

from .forked import Forks
from .stand import ALL, LONGEST, Outcome, Stand
from .table import FAULTS, KILLED_AFTER, Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

#: So many runs at once of those that work most of their time, and beside them of those that wait for most of it.
AT_ONCE, WAITING_AT_ONCE = 3, 4

#: How often a fault that the machine spoiled is caused again: a loaded machine may stand still several times in a row.
AGAIN = 3

#: Verdicts that say that a contract differs from what was seen.
ACCUSING = frozenset({"breaking", "risky", "additive"})


class Outcomes:
    """Causes whatever the selected tests want, a few at a time: faults by name, kills by when."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._turns = {False: asyncio.Semaphore(AT_ONCE), True: asyncio.Semaphore(WAITING_AT_ONCE)}
        self._running: dict[object, asyncio.Task[Any]] = {}
        self._how: dict[object, Callable[[Path], Awaitable[Any]]] = {}

    def bring_about(self, name: object, how: Callable[[Path], Awaitable[Any]], *, waits: bool = False) -> None:
        """Start it as soon as it is its turn; `waits` when it does hardly anything else."""

        async def in_turn() -> Any:
            async with self._turns[waits]:
                return await how(self._folder())

        self._running[name], self._how[name] = asyncio.ensure_future(in_turn()), how

    async def judge(self, name: object, judge: Callable[..., None]) -> None:
        """Judge what came of it; where the machine spoiled that, cause it again, with nothing of these beside it."""
        brought_about = await self._running[name]
        for _ in range(AGAIN):
            if not brought_about[0].is_spoiled:
                break
            try:
                judge(*brought_about)
            except AssertionError:
                await asyncio.wait(self._running.values())
                brought_about = await self._how[name](self._folder())
            else:
                return
        judge(*brought_about)

    async def stop(self) -> None:
        """End what is still under way."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outcomes(request, tmp_path_factory):
    """All that the selected tests ask for, under way at once."""
    asked = [item.callspec.params for item in request.session.items if item.path == request.path]
    async with MachineDelay(), Forks() as forks:
        outcomes = Outcomes(lambda: tmp_path_factory.mktemp("fault"))
        for one in asked:
            if "fault" in one:
                fault = one["fault"]
                outcomes.bring_about(fault.name, functools.partial(_met, forks, fault), waits=fault.waits)
            if "killed" in one:
                outcomes.bring_about(one["killed"], functools.partial(_killed, forks, one["killed"]))
        yield outcomes
        await outcomes.stop()


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
async def test_a_fault_ends_as_it_should(fault: Fault, outcomes):
    """Nobody is accused of what they did not do, no case is broken, and the account is as it was."""
    await outcomes.judge(fault.name, functools.partial(_ends_as_it_should, fault))


@pytest.mark.parametrize(
    ("stood_still", "statuses", "fails"),
    [
        pytest.param(0.0, [1, 0], True, id="wrong"),
        pytest.param(5.0, [1, 0], False, id="spoiled, then right"),
        pytest.param(5.0, [1, 1, 0], False, id="spoiled twice, then right"),
        pytest.param(5.0, [1] * (AGAIN + 1), True, id="spoiled, and wrong each time"),
        pytest.param(5.0, [0, 1], False, id="right although the machine stood still"),
    ],
)
async def test_only_what_the_machine_spoiled_is_brought_about_again(stood_still, statuses, fails, tmp_path):
    """A wrong end counts at once, unless the machine stood still in the run; then a later one counts."""
    ends = iter(statuses)

    async def end(_folder: Path) -> tuple[Outcome]:
        return (Outcome(next(ends), "", 1.0, {}, stood_still=stood_still),)

    outcomes = Outcomes(lambda: tmp_path)
    outcomes.bring_about("it", end)
    with pytest.raises(AssertionError) if fails else contextlib.nullcontext():
        await outcomes.judge("it", _is_clean)


def _ends_as_it_should(fault: Fault, outcome: Outcome, hooks: Hooks, after: Outcome | None) -> None:
    assert getattr(hooks, "struck", getattr(hooks, "seen", 1)), "the fault was never met"
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
    if fault.banner:
        assert {case["verdict"] for case in outcome.cases.values()} == {"blocked"}, outcome
        [block] = outcome.result["blocked"]
        assert re.search(fault.says, block["reason"]), outcome
        assert len(outcome.printed.splitlines()) < 50, outcome.printed
    if fault.most_requests is not None:
        assert hooks.seen <= fault.most_requests, outcome
    # What cannot be undone from behind a closed door is named, and the next run undoes it.
    assert (outcome.left == []) or fault.leaves, outcome
    assert bool(outcome.left) == ("NOT UNDONE" in outcome.printed), outcome
    if after is not None:
        assert (after.status, after.left) == (0, []), after


@pytest.mark.parametrize("killed", KILLED_AFTER)
async def test_what_a_killed_run_leaves_is_gone_after_the_next(killed, outcomes):
    """Ten moments of kill -9: the next run undoes orders, positions, listen keys and modes."""
    await outcomes.judge(killed, _is_clean)


def _is_clean(outcome: Outcome) -> None:
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


async def _killed(forks: Forks, after: int, folder: Path) -> tuple[Outcome]:
    """Kill a run after so many requests, and return how the next one ends."""
    async with Stand(folder, _Counting(), forks=forks) as stand:
        async with asyncio.timeout(LONGEST):
            while not await _is_killed_after(after, stand):  # it was blocked before: the machine stood still
                stand.hooks.count = 0
        return (await stand.run("ws-api/account.balance/default"),)


async def _is_killed_after(after: int, stand: Stand) -> bool:
    """Whether a run lived until so many requests had passed, and was killed then."""
    process = await stand.start(ALL)
    try:
        while stand.hooks.count < after and process.returncode is None:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.002)
        lives = process.returncode is None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
    return lives


async def _met(forks: Forks, fault: Fault, folder: Path) -> tuple[Outcome, int, Outcome | None]:
    """Cause a fault; return the outcome, what came to a shut door, and how the next run ends if need be."""
    fault_hooks = fault.hooks()
    async with Stand(folder, fault_hooks, forks=forks, **fault.venue) as stand:
        fault.prepare(stand)
        outcome, after = await stand.run(fault.cases, *fault.arguments), None
        if outcome.left:
            stand.relay.alter = Hooks()
            after = await stand.run("ws-api/account.balance/default")
        return outcome, fault_hooks, after
