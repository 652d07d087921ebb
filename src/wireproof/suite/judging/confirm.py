"""Confirmed before reported: what would make a run fail is exercised again, alone and at rest, before it is said.

However much goes wrong, repetition stays small: at most three cases are repeated for one difference, fifty in all of a
product, for no more than one minute's weight and two minutes; it ends when the target no longer answers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.errors import BlockedError
from wireproof.suite.judging.error_verdicts import failure_of
from wireproof.suite.judging.repetition import NOT_AMONG, RepeatedCase, decide, is_judged, sample, why_not_repeated
from wireproof.wire.failures import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from wireproof.results.model import CaseResult
    from wireproof.suite.judging.run_state import RunState
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.wire.limits import RateLimiter

#: How often a case is exercised again.
REPEATS = 2

#: How long cases are repeated one by one, and after how many repetitions in a row without a statement it ends.
MOST_SECONDS, MOST_SILENT = 120.0, 3

NO_WEIGHT = "cannot be repeated: the weight that a run may spend on repeating was used up"
NO_TIME = f"cannot be repeated: the {MOST_SECONDS:g} s that a run may spend on repeating were used up"
NO_ANSWER = f"cannot be repeated: {MOST_SILENT} repetitions in a row came to no statement"


async def confirm(
    run: RunState,
    cases: Sequence[PlannedCase],
    repeat: Callable[[Sequence[PlannedCase]], Awaitable[None]],
    *,
    limiter: RateLimiter,
    together: bool = False,
) -> None:
    """Exercise cases again whose results are held, decide what each finding is worth, and let the results be known.

    `repeat` exercises cases in the way of the first time: one by one, or all of them `together` where they only listen.
    """
    confirming, held = run.confirming, [case for case in cases if run.is_held(case)]
    if confirming is None or not held:
        return
    whole = {case.id: RepeatedCase(run.results[case.id], why_not=why_not_repeated(case)) for case in held}
    chosen = sample([one.result for one in whole.values() if not one.why_not], confirming)
    for name, one in whole.items():
        one.why_not = one.why_not or ("" if name in chosen else NOT_AMONG)
    repeating = [case for case in held if case.id in chosen]
    groups = [repeating] if together else [[case] for case in repeating]
    bounds = _Bounds(limiter)
    for attempt in range(2, REPEATS + 2):
        for group in filter(None, groups):
            if why_not := bounds.reached(sum(run.results[case.id].weight for case in group)):
                for case in group:
                    whole[case.id].why_not = why_not
                continue
            with run.repeating(group) as results:
                await _repeat(run, group, repeat)
            bounds.note(results.values())
            for case in group:
                whole[case.id].again.append(numbered(results[case.id], attempt))
    decide(list(whole.values()), confirming)
    for case in held:
        run.publish(case)


class _Bounds:
    """What may be spent on repeating, and whether it is of any use."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter, self._weight, self._silent = limiter, limiter.total_weight, 0
        self._ends = asyncio.get_running_loop().time() + MOST_SECONDS

    def reached(self, weight: int) -> str:
        """Return why a repetition of this weight may not begin any more, or an empty text."""
        if self._silent >= MOST_SILENT:
            return NO_ANSWER
        if asyncio.get_running_loop().time() > self._ends:
            return NO_TIME
        return NO_WEIGHT if self._limiter.total_weight - self._weight + weight > self._limiter.weight_limit else ""

    def note(self, results: Iterable[CaseResult]) -> None:
        """Take in what repetitions came to."""
        self._silent = 0 if any(map(is_judged, results)) else self._silent + 1


async def _repeat(
    run: RunState, group: Sequence[PlannedCase], repeat: Callable[[Sequence[PlannedCase]], Awaitable[None]]
) -> None:
    try:
        await repeat(group)
    except (BlockedError, WireError) as error:
        failure = failure_of(error, run.redactor)
        for case in group:
            run.fail(case, failure.verdict, f"{failure.words} {failure.advice}".rstrip())


def numbered(result: CaseResult, attempt: int) -> CaseResult:
    """Write into the observation of a repetition which one it is."""
    if result.observation is not None:
        result.observation = replace(result.observation, attempt=attempt)
    return result
