"""A run as a whole: coverage, exit status, and everything that reports need."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.drift.finding import Severity, Verdict
from wireproof.drift.waivers import Judged, Waivers
from wireproof.errors import ExitStatus
from wireproof.suite.judge import is_failure
from wireproof.suite.results import Coverage, RunResult
from wireproof.suite.strength import strength_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.store import Store
    from wireproof.suite.cases import PlannedCase
    from wireproof.suite.conductor import Conductor
    from wireproof.suite.judge import Judge
    from wireproof.suite.replay import Replay
    from wireproof.suite.results import CaseResult

#: Verdicts of cases that were answered and judged.
EXERCISED = frozenset({Verdict.CONFORMS, Verdict.ADDITIVE, Verdict.RISKY, Verdict.BREAKING})


def compile_run(
    conductor: Conductor | Replay,
    *,
    skipped: list[CaseResult],
    excluded: dict[str, int],
    fail_on: Severity,
    started_at: float,
    scope: tuple[str | None, str | None],
    planned: Iterable[PlannedCase],
) -> RunResult:
    """Return the result of a run; *skipped* are selected cases that could not be sent, *planned* all there are."""
    store, target, limiter = conductor.store, conductor.target, conductor.limiter
    results = [*conductor.results.values(), *skipped]
    run = RunResult(
        run=conductor.run_id,
        version=__version__,
        target=target.name,
        endpoints=target.urls,
        fail_on=fail_on,
        started_at=started_at,
        ended_at=time.time() * 1000,
        wire_ms=(conductor.last_received or 0.0) - (conductor.first_sent or 0.0),
        weight=limiter.total_weight if limiter else 0,
        requests=conductor.requests,
        peak_weight_per_minute=limiter.peak_per_minute if limiter else 0,
        weight_limit_per_minute=limiter.weight_limit if limiter else 0,
        selected=len(results),
        exercised=sum(result.verdict in EXERCISED for result in results),
        skipped=len(skipped),
        silent=sum(result.verdict is None and result.may_be_silent for result in results),
        excluded=excluded,
        cases=results,
        coverage=coverage(store, results, scope),
        blocked=list(conductor.blockages.values()),
        leftovers=conductor.leftovers,
        not_cleaned=conductor.not_cleaned,
        notes=conductor.notes,
    )
    review_waivers(run, conductor.judge, planned)
    run.strength = strength_of(
        store, {result.contract: store.contracts[result.contract] for result in results}.values()
    )
    run.exit_status = exit_status(run)
    return run


def coverage(
    store: Store, results: list[CaseResult], scope: tuple[str | None, str | None] = (None, None)
) -> list[Coverage]:
    """Return a row per product and surface in scope: what is documented, and what of it was exercised and conforms."""
    rows: dict[tuple[str, str], list[str]] = {}
    for contract in store.contracts.values():
        if scope[0] not in (None, contract.product) or scope[1] not in (None, contract.surface.value):
            continue
        key = (contract.product, contract.surface.value)
        rows.setdefault(key, []).append(contract.id)
    found = []
    for (product, surface), contracts in rows.items():
        of_row = [result for result in results if (result.product, result.surface) == (product, surface)]
        if not of_row and scope == (None, None):
            continue
        exercised = {result.contract for result in of_row if result.verdict in EXERCISED}
        faulty = {
            result.contract
            for result in of_row
            if result.findings or (result.verdict not in EXERCISED and not result.may_be_silent)
        }
        found.append(
            Coverage(
                product=product,
                surface=surface,
                documented=len(contracts),
                exercised=len(exercised),
                conforming=len(exercised - faulty),
                cases=len(of_row),
                cases_exercised=sum(result.verdict in EXERCISED for result in of_row),
            )
        )
    return found


def review_waivers(run: RunResult, judge: Judge, planned: Iterable[PlannedCase]) -> None:
    """Write into the run which waivers of the contracts that it judged have expired or gone stale."""
    judged = [result for result in run.cases if result.verdict in EXERCISED]
    answers = [
        Judged(
            contract=result.contract,
            response=result.observation.response if result.observation else None,
            findings=(*result.findings, *(waived.finding for waived in result.waived)),
        )
        for result in judged
    ]
    ids = {result.id for result in judged}
    missing = {case.contract.id for case in planned if case.id not in ids}
    contracts = {result.contract for result in judged}
    for waivers in judge.waivers.values():
        concerned = Waivers(waiver for waiver in waivers.waivers if waiver.contract in contracts)
        run.waivers_expired += concerned.expired(target=judge.target, today=judge.today)
        run.waivers_stale += concerned.stale(
            answers, target=judge.target, today=judge.today, complete=contracts - missing
        )


def exit_status(run: RunResult) -> ExitStatus:
    """Return what the run's exit status says; the worst of what happened to our own side comes first."""
    if run.not_cleaned or any(case.verdict is Verdict.BROKEN for case in run.cases):
        return ExitStatus.BROKEN
    if run.waivers_expired or any(is_failure(case, run.fail_on) for case in run.cases):
        return ExitStatus.FINDINGS
    if run.blocked or run.exercised + run.silent < run.selected or run.selected == 0:
        return ExitStatus.BLOCKED
    return ExitStatus.OK
