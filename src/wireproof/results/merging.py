"""One run made of several that each exercised a part of the cases, such as one product: the shards of a night.

Its verdict is concluded from its cases, as that of any run. What the parts do not agree on, and what is missing, stands
in its `doubts`, which keep it from being good.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from wireproof.counts import counted
from wireproof.errors import UsageError
from wireproof.escape import one_line
from wireproof.results.conclusion import EXERCISED, NOT_SELECTED, conclude, coverage_row, is_failure
from wireproof.results.model import Blockage, Canaries, Coverage, Idle, LimitPool, Machine, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.results.model import CaseResult


def merge(shards: Sequence[RunResult], doubts: Iterable[str] = ()) -> RunResult:
    """Return the run that `shards` are parts of, in their order; `doubts` say what else is wrong, a sentence each.

    Raises UsageError where they are of several targets: a run has one.
    """
    targets = dict.fromkeys(shard.target for shard in shards)
    if len(targets) > 1:
        raise UsageError(f"Results of {' and '.join(targets)} are no parts of one run. Merge those of each target.")
    runs = list({shard.run: shard for shard in shards}.values())
    strictest = min((run.fail_on for run in runs), key=lambda severity: severity.rank)
    cases, twice = _cases(runs, strictest)
    exercised = [case for case in cases if case.verdict in EXERCISED and not case.aside]
    fullest = sorted((sight for run in runs for sight in run.sights), key=lambda sight: sight.seen)
    known: dict[str, Any] = {
        "run": _run_id(runs),
        "version": runs[-1].version,
        "target": runs[0].target,
        "as_of": runs[0].as_of,
        "endpoints": _together(run.endpoints for run in runs),
        "private_streams": _together(run.private_streams for run in runs),
        "titles": _together(run.titles for run in runs),
        "fail_on": strictest,
        "started_at": min(run.started_at for run in runs),
        "ended_at": max(run.ended_at for run in runs),
        "wire_ms": sum(run.wire_ms for run in runs),
        "weight": sum(run.weight for run in runs),
        "requests": sum(run.requests for run in runs),
        "limit_pools": _limit_pools(runs),
        "selected": sum(not case.aside for case in cases),
        "exercised": len(exercised),
        "skipped": sum(run.skipped for run in runs),
        "silent": sum(case.verdict is None and case.may_be_silent and not case.aside for case in cases),
        "excluded": _sums(run.excluded for run in runs),
        "cases": cases,
        "coverage": _coverage(runs, cases),
        "blocked": _blocked(runs),
        "strength": list({one.contract: one for run in runs for one in run.strength}.values()),
        "sights": list({sight.contract: sight for sight in fullest}.values()),
        "idle": _idle(runs, {case.contract for case in exercised}),
        "canaries": _canaries(runs),
        "machine": _machine(runs),
        "observed_in": _observed_in(runs),
        "observed_at": min(run.observed_at or run.started_at for run in runs) if len(runs) > 1 else runs[0].observed_at,
        "recorded": _together(run.recorded for run in runs),
        "exit_status": max(run.exit_status for run in runs),  # of what came after the cases; else counted anew
    }
    known |= {name: _union(runs, name) for name in RunResult.__struct_fields__ if name not in known}
    merged = RunResult(**known)
    merged.doubts = list(dict.fromkeys([*doubts, *merged.doubts, *_disagreements(shards, runs), *twice]))
    merged.exit_status = conclude(merged).exit_status
    return merged


def _run_id(runs: Sequence[RunResult]) -> str:
    """Return the id that the same shards get whenever they are merged; that of a run for itself."""
    ids = sorted(run.run for run in runs)
    if len(ids) == 1:
        return ids[0]
    return f"{ids[0].partition('-')[0]}-{hashlib.sha256(' '.join(ids).encode()).hexdigest()[:6]}"


def _observed_in(runs: Sequence[RunResult]) -> list[str]:
    """Return the ids of the runs in which everything was observed; none of a run that observed for itself."""
    if len(runs) == 1:
        return runs[0].observed_in
    return sorted({name for run in runs for name in run.observed_in or [run.run]})


def _disagreements(shards: Sequence[RunResult], runs: Sequence[RunResult]) -> list[str]:
    said = []
    if len(runs) < len(shards):
        ids = [shard.run for shard in shards]
        again = sorted({one for one in ids if ids.count(one) > 1})
        said.append(f"Given more than once: the results of {', '.join(again)}. Each counts once.")
    versions = sorted({run.version for run in runs})
    if len(versions) > 1:
        said.append(f"Judged by different versions of wireproof: {', '.join(versions)}.")
    bars = sorted({run.fail_on for run in runs}, key=lambda severity: severity.rank)
    if len(bars) > 1:
        said.append(f"Judged with different --fail-on: {', '.join(bars)}. The strictest counts.")
    return said


def _cases(runs: Sequence[RunResult], fail_on: Any) -> tuple[list[CaseResult], list[str]]:
    """Return each case once, and what is to be said of those that several shards have: the worse result stands."""
    found: dict[str, CaseResult] = {}
    twice = []
    for case in (case for run in runs for case in run.cases):
        known = found.setdefault(case.id, case)
        if known is not case:
            twice.append(case.id)
            if (is_failure(case, fail_on), len(case.findings)) > (is_failure(known, fail_on), len(known.findings)):
                found[case.id] = case
    if not twice:
        return list(found.values()), []
    number = counted(len(set(twice)), "case")
    said = f"In more than one result: {number}, first {one_line(twice[0])}. The worse result counts."
    return list(found.values()), [said]


def _coverage(runs: Sequence[RunResult], all_cases: Iterable[CaseResult]) -> list[Coverage]:
    """Return a row per product and surface; those of several shards are counted anew from the cases of all."""
    rows: dict[tuple[str, str], list[Coverage]] = {}
    for row in (row for run in runs for row in run.coverage):
        rows.setdefault((row.product, row.surface), []).append(row)
    seen = [sight for run in runs for sight in run.sights]
    empty = {sight.contract for sight in seen if sight.is_empty} - {one.contract for one in seen if not one.is_empty}
    together = []
    for (product, surface), several in rows.items():
        if len(several) == 1:
            together += several
            continue
        cases = [case for case in all_cases if (case.product, case.surface) == (product, surface) and not case.aside]
        documented = max(row.documented for row in several)
        together.append(coverage_row((product, surface), cases, documented=documented, empty=empty))
    return together


def _idle(runs: Iterable[RunResult], exercised: set[str]) -> list[Idle]:
    """Return why contracts were not exercised in any shard; that one did not select them is the last of reasons."""
    told = sorted((one for run in runs for one in run.idle), key=lambda one: one.reason == NOT_SELECTED)
    reasons: dict[str, str] = {}
    for one in told:
        for contract in one.contracts:
            reasons.setdefault(contract, one.reason)
    together: dict[str, list[str]] = {}
    for contract, reason in reasons.items():
        if contract not in exercised:
            together.setdefault(reason, []).append(contract)
    return [Idle(reason=reason, contracts=contracts) for reason, contracts in together.items()]


def _canaries(runs: Iterable[RunResult]) -> list[Canaries]:
    """Return the canaries of all shards together; those that one did not find keep the whole from being good."""
    rows: dict[tuple[str, str], list[Canaries]] = {}
    for row in (row for run in runs for row in run.canaries):
        rows.setdefault((row.product, row.surface), []).append(row)
    return [
        Canaries(
            product=product,
            surface=surface,
            altered=sum(row.altered for row in several),
            found=sum(row.found for row in several),
            missed=tuple(one for row in several for one in row.missed),
        )
        for (product, surface), several in rows.items()
    ]


def _blocked(runs: Iterable[RunResult]) -> list[Blockage]:
    hosts: dict[str, list[Blockage]] = {}
    for block in (block for run in runs for block in run.blocked):
        hosts.setdefault(block.host, []).append(block)
    return [
        Blockage(host=host, reason=all_[0].reason, advice=all_[0].advice, cases=sum(one.cases for one in all_))
        for host, all_ in hosts.items()
    ]


def _limit_pools(runs: Iterable[RunResult]) -> list[LimitPool]:
    pools: dict[str, list[LimitPool]] = {}
    for pool in (pool for run in runs for pool in run.limit_pools):
        pools.setdefault(pool.name, []).append(pool)
    return [
        LimitPool(
            name=name,
            peak_per_minute=max(one.peak_per_minute for one in all_),
            limit_per_minute=max(one.limit_per_minute for one in all_),
        )
        for name, all_ in pools.items()
    ]


def _machine(runs: Iterable[RunResult]) -> Machine | None:
    machines = [run.machine for run in runs if run.machine is not None]
    if not machines:
        return None
    return Machine(**{name: max(getattr(one, name) for one in machines) for name in Machine.__struct_fields__})


def _union(runs: Iterable[RunResult], name: str) -> list[Any]:
    """Return what the lists of all hold, each thing once."""
    found: list[Any] = []
    for one in (one for run in runs for one in getattr(run, name)):
        if one not in found:
            found.append(one)
    return found


def _together(parts: Iterable[dict[str, str]]) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}


def _sums(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, number in (item for part in parts for item in part.items()):
        found[name] = found.get(name, 0) + number
    return found
