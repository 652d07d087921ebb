"""The results of a run while it goes on: what is settled, what is held to be confirmed, blocked or left behind."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.drift.finding import Verdict
from wireproof.results.model import Blockage
from wireproof.suite.judging.clean import clean_result
from wireproof.suite.planning.cases import blank_result
from wireproof.wire.secrets.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wireproof.results.model import CaseResult, Observation
    from wireproof.suite.judging.error_verdicts import Failure
    from wireproof.suite.judging.judge import Judge
    from wireproof.suite.judging.repetition import Confirming
    from wireproof.suite.planning.cases import PlannedCase
    from wireproof.wire.reply import Reply


class RunState:
    """The results of cases, and what concerns the run as a whole; each pytest test awaits its own result.

    With `confirming`, a result that would make the run fail is held until its case was exercised again.
    """

    def __init__(
        self, cases: Sequence[PlannedCase], confirming: Confirming | None = None, redactor: Redactor | None = None
    ) -> None:
        self.cases = list(cases)
        self.redactor = redactor if redactor is not None else Redactor()
        self.confirming = confirming
        self.results = {case.id: blank_result(case) for case in cases}
        self.blockages: dict[str, Blockage] = {}
        self.leftovers: list[str] = []
        self.not_cleaned: list[str] = []
        self.notes: list[str] = []
        self.doubts: list[str] = []  # why the run cannot be good, whatever its cases say
        self.requests = 0
        self.first_sent: float | None = None
        self.last_received: float | None = None
        self._exercised = {case.id: asyncio.Event() for case in cases}
        self._settled = {case.id: asyncio.Event() for case in cases}
        self._held: set[str] = set()
        self._repeating: set[str] = set()

    async def result(self, case_id: str) -> CaseResult:
        """Wait for the result of a case."""
        await self._settled[case_id].wait()
        return self.results[case_id]

    async def exercised(self, case_id: str) -> None:
        """Wait until a case was exercised once, whether or not its result is known yet."""
        await self._exercised[case_id].wait()

    @property
    def done(self) -> int:
        """How many cases have their result."""
        return sum(event.is_set() for event in self._settled.values())

    def settle(self, case: PlannedCase) -> None:
        """Say that a case has its result, redacted; one that has to be confirmed is held back."""
        clean_result(self.results[case.id], self.redactor)
        if case.id in self._repeating:
            return
        self._exercised[case.id].set()
        if self.confirming is not None and self.confirming.wants(self.results[case.id]):
            self._held.add(case.id)
        else:
            self._settled[case.id].set()

    def block(self, host: str, reason: str, advice: str, cases: Iterable[PlannedCase]) -> None:
        """Settle those of the cases that have no result yet as blocked, once per host and reason."""
        key = f"{host} {reason.split('.', maxsplit=1)[0]}"
        known = self.blockages.get(key)
        blockage = known or Blockage(host=host, reason=reason, advice=advice)
        unsettled, repeating = [], False
        for case in cases:
            repeating = repeating or case.id in self._repeating
            if self._is_open(case):
                unsettled.append(case)
                self.fail(case, Verdict.BLOCKED, reason)
                self.settle(case)
        blockage.cases += sum(case.id not in self._repeating for case in unsettled)
        if not repeating:  # a repetition that is blocked leaves its case what it was
            self.blockages[key] = blockage

    def settle_rest(self, verdict: Verdict, reason: str, cases: Iterable[PlannedCase] | None = None) -> None:
        """Settle what has no result yet; without cases, everything. What was held stays as it was seen."""
        for case in self.cases if cases is None else cases:
            if self._is_open(case):
                self.fail(case, verdict, reason)
                self.settle(case)
            elif self.is_held(case):
                self._leave_unconfirmed(self.results[case.id], reason)
                self.publish(case)

    def _leave_unconfirmed(self, result: CaseResult, reason: str) -> None:
        assert self.confirming is not None
        counting = self.confirming.counting(result.findings)
        result.findings = [
            replace(finding, repetition=f"not confirmed: {reason}") if finding in counting else finding
            for finding in result.findings
        ]

    def record(self, failure: Failure, cases: Iterable[PlannedCase]) -> None:
        """Settle those of the cases that have no result yet with what an error made of them."""
        if not failure.host:
            self.settle_rest(failure.verdict, failure.words, cases)
            return
        cases = [case for case in cases if self._is_open(case)]
        self.block(failure.host, failure.reason, failure.advice, cases)
        for case in cases:
            self.results[case.id].reason = failure.words

    def fail(self, case: PlannedCase, verdict: Verdict, reason: str) -> None:
        """Write a verdict that needs a reason."""
        result = self.results[case.id]
        result.verdict, result.reason = verdict, reason

    def is_held(self, case: PlannedCase) -> bool:
        """Whether a case was exercised, and its result has to be confirmed before it is known."""
        return case.id in self._held and case.id not in self._repeating

    def is_repeating(self, case: PlannedCase) -> bool:
        """Whether a case is exercised again just now."""
        return case.id in self._repeating

    @contextmanager
    def repeating(self, cases: Sequence[PlannedCase]) -> Iterator[dict[str, CaseResult]]:
        """Exercise cases again in the block: what is written of them goes into the results that this yields."""
        again = {case.id: blank_result(case) for case in cases}
        before = {name: self.results[name] for name in again}
        self.results.update(again)
        self._repeating.update(again)
        try:
            yield again
        finally:
            self._repeating.difference_update(again)
            self.results.update(before)

    def publish(self, case: PlannedCase) -> None:
        """Let a result be known that was held."""
        clean_result(self.results[case.id], self.redactor)
        self._held.discard(case.id)
        self._settled[case.id].set()

    def report_aside(
        self,
        case: PlannedCase,
        observation: Observation,
        judge: Judge,
        bodies: Sequence[bytes],
        *,
        known: Collection[str] = (),
    ) -> None:
        """Judge what is said once of a stream as a whole, and list it beside the cases; what is known already stays.

        `known` are fingerprints of findings that a case shows. Nothing is listed where nothing else is found.
        """
        if case.id in self.results:
            return
        observation.aside = True
        findings = judge.messages(case.contract, observation, bodies)
        if not any(finding.fingerprint not in known for finding in findings):
            return
        result = aside_result(case, observation)
        judge.settle(result, [finding for finding in findings if finding.fingerprint not in known])
        clean_result(result, self.redactor)
        self.results[case.id] = result

    def note_times(self, reply: Reply) -> None:
        """Take in when something was sent and answered."""
        self.first_sent = min(self.first_sent or reply.sent_at, reply.sent_at)
        self.last_received = max(self.last_received or 0.0, reply.received_at)

    def _is_open(self, case: PlannedCase) -> bool:
        """Whether a verdict may still be written of a case."""
        if case.id in self._repeating:
            return True
        return not (self._settled[case.id].is_set() or case.id in self._held)


def aside_result(case: PlannedCase, observation: Observation) -> CaseResult:
    """Return the result, not judged yet, of what is said once of a stream as a whole."""
    result = blank_result(case)
    result.aside, result.observation = True, observation
    result.started_at, result.ended_at = observation.sent_at, observation.received_at
    return result
