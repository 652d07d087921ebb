"""A past run judged again: its observations instead of a target, today's contracts and waivers; nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.suite.cases import WatchedCase
from wireproof.suite.scores import blank_result

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

    async def result(self, case_id: str) -> CaseResult:
        """Return the result of a case."""
        return self.results[case_id]

    async def close(self) -> None:
        """Do nothing: nothing is open."""

    def _judge(self, case: PlannedCase, result: CaseResult) -> None:
        observation = self._observed[case.id]
        result.observation = observation
        result.started_at, result.ended_at = observation.sent_at, observation.received_at
        if observation.response is None and not isinstance(case, WatchedCase):  # whose silence was judged already
            result.verdict, result.reason = Verdict.BLOCKED, "nothing was received when this was observed"
            return
        body = (observation.response or "").encode()
        self.judge.settle(result, self.judge.findings(case.contract, observation, body))
