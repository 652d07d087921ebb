"""From an observation to a verdict: comparison, protocol rules, waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.contract.model import Expectation, Surface
from wireproof.drift.compare import Comparer, verdict_of
from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.suite.messages import bodies_of, judged
from wireproof.suite.results import WaivedFinding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.drift.waivers import Waivers
    from wireproof.suite.results import CaseResult, Observation


class Judge:
    """Judges observations against the contracts and waivers of a store."""

    def __init__(self, store: Store, waivers: dict[str, Waivers], *, target: str, today: date) -> None:
        self.store, self.waivers, self.target, self.today = store, waivers, target, today
        self._comparers = {name: Comparer(product) for name, product in store.products.items()}

    def findings(self, contract: Contract, observation: Observation, body: bytes) -> list[Finding]:
        """Return every difference of an answer from its contract, protocol rules first."""
        if contract.surface in {Surface.STREAM, Surface.EVENT}:
            return self.messages(contract, observation, bodies_of(observation))
        comparer = self._comparers[contract.product]
        status = observation.status if contract.surface is Surface.REST else None
        sentences = " ".join(observation.violations)
        found = [violation(contract.id, sentences)] if sentences else []
        if observation.expect_codes:
            expectation = Expectation(status=observation.expect_status, codes=observation.expect_codes)
            return found + comparer.rejection(contract, expectation, body, status=status)
        return found + comparer.response(contract, observation.example, body, status=status)

    def messages(self, contract: Contract, observation: Observation, bodies: Sequence[bytes]) -> list[Finding]:
        """Return every difference of the messages of a stream, or of the events of a cause, protocol rules first."""
        sentences = " ".join(observation.violations)
        found = [violation(contract.id, sentences)] if sentences else []
        return found + judged(self._comparers[contract.product], contract, observation.example, bodies)

    def settle(self, result: CaseResult, findings: list[Finding]) -> None:
        """Write findings, waived findings and the verdict into a result."""
        waivers = self.waivers.get(result.product)
        if waivers is not None:
            findings, waived = waivers.apply(findings, target=self.target, today=self.today)
            result.waived = [
                WaivedFinding(finding=finding, reason=waiver.reason, link=waiver.link, expires=waiver.expires)
                for finding, waiver in waived
            ]
        result.findings = findings
        result.verdict = verdict_of(findings)


def violation(contract: str, sentence: str) -> Finding:
    """Return the finding for a broken protocol rule, such as an answer that came twice."""
    return Finding(
        contract=contract,
        path="",
        kind=Kind.PROTOCOL_VIOLATION,
        severity=Severity.BREAKING,
        expected="the documented protocol",
        actual=sentence,
        fingerprint=fingerprint(contract, "", Kind.PROTOCOL_VIOLATION),
    )


def is_failure(result: CaseResult, fail_on: Severity) -> bool:
    """Whether a result has a finding at or above *fail_on* that no waiver tolerates."""
    return result.verdict not in (None, Verdict.BLOCKED, Verdict.BROKEN) and any(
        finding.severity.rank >= fail_on.rank for finding in result.findings
    )
