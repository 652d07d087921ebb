"""A run as a whole: coverage, exit status, and everything that reports need."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.contract.model import Surface
from wireproof.counts import counted
from wireproof.drift.tolerance import JudgedAnswer
from wireproof.drift.waivers import Waivers
from wireproof.results.conclusion import EXERCISED, NOT_SELECTED, conclude, coverage_row
from wireproof.results.model import Coverage, Idle, LimitPool, Machine, RunResult
from wireproof.results.wording import on_day
from wireproof.suite.judging.clean import clean_run
from wireproof.suite.planning.costs import is_free
from wireproof.suite.planning.selection import exclusion
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.running.canaries import CanaryRelease
from wireproof.suite.running.replay import Replay
from wireproof.suite.running.strength import strength_of
from wireproof.suite.vocabulary.marks import VENUE_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.drift.finding import Severity
    from wireproof.drift.seen_fields import Sight
    from wireproof.results.model import CaseResult
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.run_context import RunContext
    from wireproof.suite.target import Target
    from wireproof.wire.limits import RateLimiter

# product, or several parted by commas, and surface that a run is confined to; None: not confined
Scope = tuple[str | None, str | None]

NO_CASE = "no case is written for it yet"
NOT_KEPT = "not among the observations that are judged"


def compile_run(
    context: RunContext | Replay,
    *,
    skipped: list[CaseResult],
    excluded: dict[str, int],
    fail_on: Severity,
    started_at: float,
    scope: Scope,
    planned: Iterable[PlannedCase],
) -> RunResult:
    """Return the result of a run; `skipped` are selected cases that could not be sent, `planned` all there are."""
    store, target, limiters = context.store, context.target, context.limiters
    everything = [*context.state.results.values(), *skipped]
    results = [result for result in everything if not result.aside]
    planned = list(planned)
    past = context if isinstance(context, Replay) else None
    asked = target if past is None else None
    sights = in_order(store, context.judge.sights())
    rows = coverage(store, results, scope, sights)
    run = RunResult(
        run=context.run_id,
        version=__version__,
        target=on_day(target.name, store.day),
        endpoints=target.urls,
        as_of=store.day,
        private_streams=past.private_streams if past is not None else private_streams(target, rows),
        titles={row.product: store.products[row.product].title for row in rows},
        elsewhere=list(target.elsewhere),
        fail_on=fail_on,
        started_at=started_at,
        ended_at=time.time() * 1000,
        wire_ms=(context.state.last_received or 0.0) - (context.state.first_sent or 0.0),
        weight=sum(limiter.total_weight for limiter in limiters.values()),
        requests=context.state.requests,
        limit_pools=[
            LimitPool(name=name, peak_per_minute=limiter.peak_per_minute, limit_per_minute=limiter.weight_limit)
            for name, limiter in limiters.items()
        ],
        selected=len(results),
        exercised=sum(result.verdict in EXERCISED for result in results),
        skipped=len(skipped),
        silent=sum(result.verdict is None and result.may_be_silent for result in results),
        excluded=excluded,
        cases=everything,
        coverage=rows,
        sights=sights,
        idle=idle(store, results, planned, scope, asked),
        blocked=list(context.state.blockages.values()),
        leftovers=context.state.leftovers,
        not_cleaned=context.state.not_cleaned,
        notes=[
            *of_day(store, scope, asked),
            *context.state.notes,
            *refused_for_free(store, limiters.values()),
        ],
        doubts=context.state.doubts,
        machine=machine_of(context),
        observed_in=past.observed_in if past is not None else [],
        observed_at=past.observed_at if past is not None else 0.0,
    )
    review_known(run, context.judge, planned)
    canaries = CanaryRelease(context.judge, target.redactor, context.run_id)
    run.canaries = canaries.release(context.state.cases, context.state.results)
    run.strength = strength_of(
        store, {result.contract: store.contracts[result.contract] for result in results}.values()
    )
    run.exit_status = conclude(run).exit_status
    for result in everything if store.day else ():
        for observation in (result.observation, *result.repeats):
            if observation is not None:
                observation.as_of = store.day
    clean_run(run, target.redactor)  # once more: secrets that were learnt after a case had its result
    return run


def refused_for_free(store: Store, limiters: Iterable[RateLimiter]) -> list[str]:
    """Return a sentence for each request that is documented as free and was refused for asking too often."""
    refused: Counter[str] = sum((limiter.refused for limiter in limiters), Counter())
    free = {
        contract.name
        for contract in store.contracts.values()
        if contract.surface is Surface.REST and contract.name in refused and is_free(contract)
    }
    return [
        f"{name} is documented with a weight of 0, and 429 or 418 came {counted(refused[name], 'time')}: its documented"
        " weight is wrong, or it has a limit that is not documented"
        for name in sorted(free)
    ]


def of_day(store: Store, scope: Scope, target: Target | None) -> list[str]:
    """Return what readers of a run as of another day must know; `target` is None where nothing was sent."""
    if not store.day:
        return []
    product, surface = scope
    left_out = store.select_left_out(product=product, surface=surface)
    left = counted(len(left_out), "contract or case", "contracts and cases")
    said = f"contracts as of {store.day}: {left} of today left out; `wireproof plan --as-of {store.day}` says why"
    if target is None or target.venue is not None:
        return [said]
    return [said, f"what was asked is not of {store.day}: only a venue that the run starts is"]


def private_streams(target: Target, rows: Iterable[Coverage]) -> dict[str, str]:
    """Return by product how its private stream is opened: the verb and address of its listen key, what that follows."""
    found = {}
    for name in {row.product for row in rows} & DRIVERS.keys():
        driver, at = DRIVERS[name], target.endpoints_of(name)
        if driver.listen_key is None or not at.user_stream:
            continue
        verb, _, path = driver.rest(driver.listen_key.start).partition(" ")
        in_path = driver.listen_key.in_path or at.user_stream == at.stream
        address = f"{target.endpoints_of(name, driver.listen_key.source).rest}{path}"
        found[name] = f"{verb} {address} {at.user_stream.rstrip('/')}/ws{'/' if in_path else '?listenKey='}"
    return found


def machine_of(run: RunContext | Replay) -> Machine | None:
    """Return how slow machine and target were; None for a run that sent nothing."""
    if isinstance(run, Replay):
        return None
    delay = run.delay
    return Machine(
        worst_stall_ms=delay.worst * 1000, stalled_ms=delay.total * 1000, round_trip_ms=delay.round_trip * 1000
    )


def in_order(store: Store, sights: list[Sight]) -> list[Sight]:
    """Return them in the store's order, whatever order the answers came in."""
    place = {contract: number for number, contract in enumerate(store.contracts)}
    return sorted(sights, key=lambda sight: place[sight.contract])


def coverage(
    store: Store, results: list[CaseResult], scope: Scope = (None, None), sights: Iterable[Sight] = ()
) -> list[Coverage]:
    """Return a row per product and surface in scope: what is documented, and what of it was exercised and conforms."""
    empty = {sight.contract for sight in sights if sight.is_empty}
    rows: dict[tuple[str, str], list[str]] = {}
    for contract in _in_scope(store, scope):
        rows.setdefault((contract.product, contract.surface.value), []).append(contract.id)
    found = []
    for (product, surface), contracts in rows.items():
        of_row = [result for result in results if (result.product, result.surface) == (product, surface)]
        if not of_row and scope == (None, None):
            continue
        found.append(coverage_row((product, surface), of_row, documented=len(contracts), empty=empty, among=contracts))
    return found


def _in_scope(store: Store, scope: Scope) -> list[Contract]:
    """Return the contracts of a product and surface that the exchange has; what was retired counts nowhere."""
    return [one for one in store.select(product=scope[0], surface=scope[1]) if not one.retired]


def idle(
    store: Store, results: list[CaseResult], planned: Iterable[PlannedCase], scope: Scope, target: Target | None
) -> list[Idle]:
    """Return by reason the contracts of the run's products that were not exercised; `target` is None for a replay.

    The reason is that of most of a contract's cases, of those that were tried if any was, rather than that some are for
    the venue only; without a case it is the contract file's own.
    """
    exercised = {result.contract for result in results if result.verdict in EXERCISED}
    reasons: dict[str, list[str]] = {}
    for result in results:
        word = "" if result.verdict is None else f"{result.verdict.value}: "
        reasons.setdefault(result.contract, []).append(word + result.reason)
    tried = set(reasons)
    for case in planned:
        if case.contract.id not in tried:
            why = NOT_KEPT if target is None else exclusion(case, target) or NOT_SELECTED
            reasons.setdefault(case.contract.id, []).append(why)
    products = {result.product for result in results}.union((scope[0] or "").split(","))
    found: dict[str, list[str]] = {}
    for contract in _in_scope(store, scope):
        if contract.product in products and contract.id not in exercised:
            said = Counter(reasons.get(contract.id) or [contract.no_case or NO_CASE])
            if len(said) > 1:
                del said[VENUE_ONLY]  # the reason of its other cases is one that the reader can do something about
            found.setdefault(said.most_common(1)[0][0], []).append(contract.id)
    told = [Idle(reason=reason, contracts=contracts) for reason, contracts in found.items()]
    return sorted(told, key=lambda one: one.reason == NOT_SELECTED)


def review_known(run: RunResult, judge: Judge, planned: Iterable[PlannedCase]) -> None:
    """Write into the run what of its contracts' waivers and of the baseline has expired, is stale or gone."""
    judged = [result for result in run.cases if result.verdict in EXERCISED]
    answers = [
        JudgedAnswer(
            contract=result.contract,
            response=result.observation.response if result.observation else None,
            findings=tuple(result.every_finding),
        )
        for result in judged
    ]
    ids = {result.id for result in judged}
    missing = {case.contract.id for case in planned if case.id not in ids}
    contracts = {result.contract for result in judged}
    complete, target, today = contracts - missing, judge.target, judge.today
    run.baseline_gone = judge.baseline.gone(answers, target=target, complete=complete)
    run.baseline_expired = judge.baseline.expired(
        target=target, today=today, contracts=contracts, gone=run.baseline_gone
    )
    for waivers in judge.waivers.values():
        concerned = Waivers(waiver for waiver in waivers.waivers if waiver.contract in contracts)
        run.waivers_expired += concerned.expired(target=target, today=today)
        run.waivers_stale += concerned.stale(answers, target=target, today=today, complete=complete)
