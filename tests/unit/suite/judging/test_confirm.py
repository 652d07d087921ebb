"""Cases whose results are held are exercised again, within bounds, before their results are known."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from wireproof.drift.compare import verdict_of
from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.judging.confirm import NO_TIME, NO_WEIGHT, confirm
from wireproof.suite.judging.repetition import Confirming
from wireproof.suite.judging.run_state import RunState

from .test_repetition import finding, told


class Limiter:
    """As much of a rate limiter as repeating asks about."""

    def __init__(self, weight_limit=100):
        self.total_weight, self.weight_limit = 0, weight_limit


@pytest.fixture
def case(planned):
    """Return a case that may be repeated."""
    return planned["usdm/ws-api/ticker.price/symbol-sent"]


def failing(case, *, weight=1):
    """Return scores in which a case was exercised and differed."""
    scores = RunState([case], Confirming())
    held = scores.results[case.id]
    held.verdict, held.findings, held.weight = Verdict.BREAKING, [finding()], weight
    scores.settle(case)
    return scores


async def repeated(scores, case, *outcomes, limiter=None):
    """Confirm a case whose repetitions come to these findings, or to none when they are blocked; return its result."""
    left = list(outcomes)

    async def repeat(cases):
        findings = left.pop(0)
        if findings is None:
            raise BlockedError("The target is away.")
        again = scores.results[cases[0].id]
        again.verdict, again.findings = verdict_of(findings), findings
        scores.settle(cases[0])

    await confirm(scores, [case], repeat, limiter=limiter or Limiter())
    return await asyncio.wait_for(scores.result(case.id), 1), len(outcomes) - len(left)


@pytest.mark.asyncio
async def test_a_result_is_known_when_it_is_confirmed_and_not_before(case):
    scores = failing(case)
    assert (scores.done, scores.is_held(case)) == (0, True)
    await asyncio.wait_for(scores.exercised(case.id), 1)
    told_of, times = await repeated(scores, case, [finding()], [])
    assert (scores.done, scores.is_held(case)) == (1, False)
    assert (told(told_of.findings), times) == ([("result.price", 2, 3, "")], 2)


@pytest.mark.asyncio
async def test_a_result_that_would_not_fail_is_known_at_once(case):
    scores = RunState([case], Confirming())
    scores.results[case.id].verdict = Verdict.CONFORMS
    scores.settle(case)
    assert scores.done == 1


@pytest.mark.asyncio
async def test_no_more_than_a_minutes_weight_is_spent(case):
    told_of, times = await repeated(failing(case, weight=60), case, limiter=Limiter(50))
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, NO_WEIGHT)], 0)


@pytest.mark.asyncio
async def test_no_more_than_two_minutes_are_spent(case, monkeypatch):
    monkeypatch.setattr("wireproof.suite.judging.confirm.MOST_SECONDS", -1.0)
    told_of, times = await repeated(failing(case), case)
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, NO_TIME)], 0)


@pytest.mark.asyncio
async def test_a_target_that_no_longer_answers_is_not_asked_on_and_on(case, monkeypatch):
    monkeypatch.setattr("wireproof.suite.judging.confirm.MOST_SILENT", 1)
    told_of, times = await repeated(failing(case), case, None)
    words = "the repetition was blocked: The target is away."
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, words)], 1)


@pytest.mark.asyncio
async def test_a_case_that_is_sent_once_is_not_repeated(case):
    once = replace(case, own_marks=("scarce",))
    told_of, times = await repeated(failing(once), once)
    words = "cannot be repeated: the exchange allows too few of them in a month"
    assert (told(told_of.findings), times) == ([("result.price", 1, 1, words)], 0)


@pytest.mark.asyncio
async def test_what_is_held_when_a_run_ends_stays_as_it_was_seen(case):
    """And says that it was not confirmed."""
    scores = failing(case)
    scores.block("host", "It answered 451.", "", [case])
    scores.settle_rest(Verdict.BLOCKED, "the run was stopped")
    left = await asyncio.wait_for(scores.result(case.id), 1)
    assert left.verdict is Verdict.BREAKING
    assert told(left.findings) == [("result.price", 1, 1, "not confirmed: the run was stopped")]
    assert [blockage.cases for blockage in scores.blockages.values()] == [0]


@pytest.mark.asyncio
async def test_a_host_that_blocks_a_repetition_does_not_block_the_run(case):
    scores = failing(case)
    with scores.repeating([case]) as results:
        scores.block("host", "It answered 429.", "", [case])
        assert scores.results[case.id] is results[case.id]
    assert results[case.id].verdict is Verdict.BLOCKED
    assert scores.blockages == {}
    assert scores.results[case.id].verdict is Verdict.BREAKING
