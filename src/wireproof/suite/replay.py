"""A past run judged again: its observations instead of a target, today's contracts and waivers; nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.suite.aside import kind_of
from wireproof.suite.cases import WatchedCase
from wireproof.suite.messages import bodies_of
from wireproof.suite.scores import aside_result, blank_result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.store import Store
    from wireproof.suite.cases import PlannedCase
    from wireproof.suite.judge import Judge
    from wireproof.suite.results import Blockage, CaseResult, Observation
    from wireproof.suite.target import Target


class Replay:
    """Answers like a conductor, from what was observed."""

    def __init__(
        self,
        cases: Iterable[PlannedCase],
        observations: Iterable[Observation],
        *,
        store: Store,
        target: Target,
        judge: Judge,
        run: str,
    ) -> None:
        self.cases = list(cases)
        self.store, self.target, self.judge, self.run_id = store, target, judge, run
        self._observed = {observation.case: observation for observation in observations}
        self.results = {case.id: blank_result(case) for case in self.cases}
        self.blockages: dict[str, Blockage] = {}
        self.leftovers: list[str] = []
        self.not_cleaned: list[str] = []
        self.notes = ["judged again from observations; nothing was sent"]
        self.requests = 0
        times = [o.sent_at for o in self._observed.values() if o.sent_at is not None]
        self.first_sent = min(times, default=None)
        self.last_received = max((o.received_at for o in self._observed.values() if o.received_at), default=None)
        self.limiter = None
        self.done = 0

    def start(self) -> None:
        """Judge every case."""
        for case in self.cases:
            self._judge(case, self.results[case.id])
            self.done += 1
        products = {case.contract.product for case in self.cases}
        for observation in self._observed.values():
            if observation.case not in self.results:
                self._judge_aside(observation, products)

    async def result(self, case_id: str) -> CaseResult:
        """Return the result of a case."""
        return self.results[case_id]

    async def close(self) -> None:
        """Do nothing: nothing is open."""

    def _judge_aside(self, observation: Observation, products: set[str]) -> None:
        """Judge what was said once of a stream as a whole, if its product is among those that are judged."""
        contract = self.store.contracts.get(observation.contract)
        if contract is None or contract.product not in products or not (observation.silence or observation.event_type):
            return
        title = "a stream as a whole"
        case = WatchedCase(id=observation.case, contract=contract, title=title, kind=kind_of(contract))
        result = aside_result(case, observation)
        self.judge.settle(result, self.judge.messages(contract, observation, bodies_of(observation)))
        self.results[case.id] = result

    def _judge(self, case: PlannedCase, result: CaseResult) -> None:
        observation = self._observed[case.id]
        result.observation = observation
        result.started_at, result.ended_at = observation.sent_at, observation.received_at
        if observation.response is None and not isinstance(case, WatchedCase):  # whose silence was judged already
            result.verdict, result.reason = Verdict.BLOCKED, "nothing was received when this was observed"
            return
        body = (observation.response or "").encode()
        self.judge.settle(result, self.judge.findings(case.contract, observation, body))
