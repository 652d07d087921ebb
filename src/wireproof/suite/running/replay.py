"""A past run judged again: its observations instead of a target, today's contracts and waivers; nothing is sent.

Where a case was exercised several times to confirm a difference, all that was observed of it is judged together again.
What the past run could make no statement of is repeated: judging again makes no run complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.drift.finding import Verdict
from wireproof.results.conclusion import SKIPPED, verdict_word
from wireproof.suite.judging.aside import connection_named, kind_of
from wireproof.suite.judging.message_batches import bodies_of
from wireproof.suite.judging.repetition import RepeatedCase, decide, why_not_repeated
from wireproof.suite.judging.run_state import RunState, aside_result
from wireproof.suite.judging.statements import no_statement
from wireproof.suite.planning.cases import WatchedCase, blank_result
from wireproof.suite.planning.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wireproof.contract.store import Store
    from wireproof.results.model import CaseResult, Observation, RunResult
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.repetition import Confirming
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.suite.target import Target
    from wireproof.wire.limits import RateLimiter


NO_RESULT = "there is no result.json beside the observations"


def select_again(cases: Iterable[PlannedCase], observed: Collection[str], past: RunResult | None) -> Selection:
    """Return which of the selected cases a past run selected as well, and which of them it skipped.

    `observed` are the ids of those that it observed, which is all that is known where its result is lost.
    """
    known = _by_id(past)
    selection = Selection(send=[], skipped=[], excluded={})
    for case in cases:
        result = known.get(case.id)
        if case.id not in observed and result is not None and verdict_word(result) == SKIPPED:
            selection.skipped.append(blank_result(case))
            selection.skipped[-1].reason = result.reason
        elif case.id in observed or result is not None:
            selection.send.append(case)
    return selection


def is_without_statement(past: CaseResult | None) -> bool:
    """Whether a past run could say nothing of a case: blocked, broken, or nothing came."""
    return past is not None and past.verdict in (None, Verdict.BLOCKED, Verdict.BROKEN)


def _by_id(past: RunResult | None) -> dict[str, CaseResult]:
    return {case.id: case for case in past.cases if not case.aside} if past is not None else {}


class Replay:
    """Judges what was observed, in place of a conductor.

    Args:
        cases: What is judged again; each was observed, or is among the cases of `past`.
        observations: What was observed, repetitions included, in any order.
        store: The contracts, as they are now.
        target: What was asked.
        judge: Compares answers with contracts.
        run: Id of the run that the observations are from.
        confirming: Which results need their repetitions; None: none.
        past: The result of that run; None where it is lost.
    """

    def __init__(
        self,
        cases: Iterable[PlannedCase],
        observations: Iterable[Observation],
        *,
        store: Store,
        target: Target,
        judge: Judge,
        run: str,
        confirming: Confirming | None = None,
        past: RunResult | None = None,
    ) -> None:
        self.cases = list(cases)
        self.state = RunState(self.cases, redactor=target.redactor)
        self.store, self.target, self.judge, self.run_id = store, target, judge, run
        self.confirming = confirming
        self._observed: dict[str, list[Observation]] = {}
        for observation in sorted(observations, key=lambda one: one.attempt):
            self._observed.setdefault(observation.case, []).append(observation)
        self.state.notes.append("judged again from observations; nothing was sent")
        first = [observed[0] for observed in self._observed.values()]
        self.state.first_sent = min((o.sent_at for o in first if o.sent_at is not None), default=None)
        self.state.last_received = max((o.received_at for o in first if o.received_at), default=None)
        self.limiters: dict[str, RateLimiter] = {}
        #: In which runs everything was observed, and when; where their result is lost, the first request says so.
        self.observed_in = [f"observed-{self.state.first_sent or 0:.0f}"]
        self.observed_at = self.state.first_sent or 0.0
        if past is not None:
            self.observed_in = past.observed_in or [past.run]
            self.observed_at = past.observed_at or past.started_at
        self._past = _by_id(past)
        self.private_streams = past.private_streams if past is not None else {}
        self._blocked = past.blocked if past is not None else []
        self.state.doubts += past.doubts if past is not None else []
        if past is None:
            self.state.notes.append(f"{NO_RESULT}: whether that run exercised all that it selected is not known")

    def start(self) -> None:
        """Judge every case."""
        doubtful = []
        for case in self.cases:
            first, *again = self._observed.get(case.id, (None,))
            result = self.state.results[case.id]
            if first is None or (first.response is None and is_without_statement(self._past.get(case.id))):
                self._repeat(self._past[case.id], result, first)
                self.state.settle(case)
                continue
            self._judge(case, result, first)
            if self.confirming is not None and (again or self.confirming.wants(result)):
                doubtful.append(RepeatedCase(result, why_not=why_not_repeated(case)))
                for observation in again:
                    doubtful[-1].again.append(blank_result(case))
                    self._judge(case, doubtful[-1].again[-1], observation)
            self.state.settle(case)
        if self.confirming is not None:
            decide([one for one in doubtful if any(map(self.confirming.wants, one.attempts))], self.confirming)
        for one in doubtful:
            one.result.repeats = [again.observation for again in one.again if again.observation is not None]
        without = sum(one.verdict is Verdict.BLOCKED for one in self.state.results.values())
        for blockage in self._blocked if without else ():
            known = replace(blockage, cases=min(blockage.cases, without))
            self.state.blockages[f"{known.host} {known.reason}"] = known
        products = {case.contract.product for case in self.cases}
        for observation in (one for observed in self._observed.values() for one in observed):
            if observation.case not in self.state.results:
                self._judge_aside(observation, products)

    def _repeat(self, past: CaseResult, result: CaseResult, observation: Observation | None) -> None:
        result.observation, result.verdict, result.reason = observation, past.verdict, past.reason
        result.may_be_silent = past.may_be_silent
        result.started_at, result.ended_at = past.started_at, past.ended_at
        if not is_without_statement(past):  # it has one, and what it was made of is lost
            result.verdict, result.reason = Verdict.BLOCKED, "what was observed of this case is not kept"

    async def close(self) -> None:
        """Do nothing: nothing is open."""

    def _judge_aside(self, observation: Observation, products: set[str]) -> None:
        """Judge what was said once of a stream as a whole, if its product is among those that are judged."""
        contract = self.store.contracts.get(observation.contract) or connection_named(observation.contract, self.store)
        is_aside = observation.aside or observation.silence or observation.event_type
        if contract is None or contract.product not in products or not is_aside:
            return
        title = "a stream as a whole"
        case = WatchedCase(id=observation.case, contract=contract, title=title, kind=kind_of(contract))
        result = aside_result(case, observation)
        self.judge.settle(result, self.judge.messages(contract, observation, bodies_of(observation)))
        self.state.results[case.id] = result

    def _judge(self, case: PlannedCase, result: CaseResult, observation: Observation) -> None:
        result.observation = observation
        result.started_at, result.ended_at = observation.sent_at, observation.received_at
        watched = isinstance(case, WatchedCase)  # whose silence was judged already
        if observation.response is None and not watched and not observation.violations:
            result.verdict, result.reason = Verdict.BLOCKED, "nothing was received when this was observed"
            return
        body = (observation.response or "").encode()
        said = None
        if observation.response is not None:
            said = no_statement(case, observation.status, body, local=self.judge.target == "local")
        if said is not None:
            result.verdict, result.reason = said.verdict, f"{said.reason} {observation.fate}".rstrip()
            return
        self.judge.settle(result, self.judge.findings(case.contract, observation, body))
