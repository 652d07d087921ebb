"""The results of a run while it goes on: what is settled, what is blocked, what was left behind."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.suite.results import Blockage, CaseResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.suite.cases import PlannedCase
    from wireproof.suite.judge import Judge
    from wireproof.suite.results import Observation
    from wireproof.wire.reply import Reply


class Scores:
    """The results of cases, and what concerns the run as a whole; each pytest test awaits its own result."""

    def __init__(self, cases: Sequence[PlannedCase]) -> None:
        self.cases = list(cases)
        self.results = {case.id: blank_result(case) for case in cases}
        self.blockages: dict[str, Blockage] = {}
        self.leftovers: list[str] = []
        self.not_cleaned: list[str] = []
        self.notes: list[str] = []
        self.requests = 0
        self.first_sent: float | None = None
        self.last_received: float | None = None
        self._settled = {case.id: asyncio.Event() for case in cases}

    async def result(self, case_id: str) -> CaseResult:
        """Wait for the result of a case."""
        await self._settled[case_id].wait()
        return self.results[case_id]

    @property
    def done(self) -> int:
        """How many cases have their result."""
        return sum(event.is_set() for event in self._settled.values())

    def settle(self, case: PlannedCase) -> None:
        """Say that a case has its result."""
        self._settled[case.id].set()

    def block(self, host: str, reason: str, advice: str, cases: Iterable[PlannedCase]) -> None:
        """Settle those of the cases that have no result yet as blocked, once per host and reason."""
        key = f"{host} {reason.split('.', maxsplit=1)[0]}"
        blockage = self.blockages.setdefault(key, Blockage(host=host, reason=reason, advice=advice))
        for case in cases:
            if not self._settled[case.id].is_set():
                blockage.cases += 1
                self.fail(case, Verdict.BLOCKED, reason)
                self.settle(case)

    def settle_rest(self, verdict: Verdict, reason: str, cases: Iterable[PlannedCase] | None = None) -> None:
        """Settle what has no result yet; without cases, everything."""
        for case in self.cases if cases is None else cases:
            if not self._settled[case.id].is_set():
                self.fail(case, verdict, reason)
                self.settle(case)

    def fail(self, case: PlannedCase, verdict: Verdict, reason: str) -> None:
        """Write a verdict that needs a reason."""
        result = self.results[case.id]
        result.verdict, result.reason = verdict, reason

    def report_aside(self, case: PlannedCase, observation: Observation, judge: Judge, bodies: Sequence[bytes]) -> None:
        """Judge what is said once of a stream as a whole, and list it beside the cases; what is known already stays."""
        if case.id in self.results:
            return
        result = aside_result(case, observation)
        judge.settle(result, judge.messages(case.contract, observation, bodies))
        self.results[case.id] = result

    def note_times(self, reply: Reply) -> None:
        """Take in when something was sent and answered."""
        self.first_sent = min(self.first_sent or reply.sent_at, reply.sent_at)
        self.last_received = max(self.last_received or 0.0, reply.received_at)


def aside_result(case: PlannedCase, observation: Observation) -> CaseResult:
    """Return the result, not judged yet, of what is said once of a stream as a whole."""
    result = blank_result(case)
    result.aside, result.observation = True, observation
    result.started_at, result.ended_at = observation.sent_at, observation.received_at
    return result


def blank_result(case: PlannedCase) -> CaseResult:
    """Return the result of a case that has not run."""
    contract = case.contract
    example = next((example for example in contract.examples if example.name == case.example), None)
    return CaseResult(
        id=case.id,
        contract=contract.id,
        product=contract.product,
        surface=contract.surface.value,
        subject=contract.subject,
        title=case.title,
        docs_url=contract.docs_url,
        kind=case.kind,
        documented=example.response if example is not None else None,
        documented_when=example.when if example is not None else "",
        private=case.private,
        queued_at=time.time() * 1000,
    )
