"""What became of the findings of a run whose failed cases were sent again: fixed, still there, changed, or unknown."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.errors import ExitStatus
from wireproof.results.conclusion import EXERCISED, difference, is_failure, reasoned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wireproof.drift.finding import Finding
    from wireproof.results.model import CaseResult, RunResult


class FindingFate(StrEnum):
    """What became of a finding."""

    FIXED = "FIXED"  # its cases were exercised, and it did not come
    STILL = "STILL"  # it came again
    CHANGED = "CHANGED"  # it did not come, and something else did that was not there
    UNKNOWN = "UNKNOWN"  # its cases were not exercised


#: Of the fates that the cases of one finding show, the one that counts.
_ORDER = (FindingFate.STILL, FindingFate.CHANGED, FindingFate.UNKNOWN, FindingFate.FIXED)


class ReplayedFinding(Struct, frozen=True, kw_only=True):
    """A finding of the stored run, and what became of it; `now` says what came instead, `reason` why it is unknown."""

    fingerprint: str
    contract: str
    path: str
    kind: str
    severity: str
    cases: tuple[str, ...]
    was: str
    fate: FindingFate
    now: str = ""
    reason: str = ""


class ReplayReport(Struct, frozen=True, kw_only=True):
    """The findings of a stored run after its failed cases were sent again; `again` is the run that sent them."""

    run: str
    target: str
    again: str
    findings: tuple[ReplayedFinding, ...]

    @property
    def exit_status(self) -> ExitStatus:
        """1 where anything is still there or changed, 3 where anything is unknown, else 0."""
        fates = {one.fate for one in self.findings}
        if fates & {FindingFate.STILL, FindingFate.CHANGED}:
            return ExitStatus.FINDINGS
        return ExitStatus.BLOCKED if FindingFate.UNKNOWN in fates else ExitStatus.OK


def failed_cases(run: RunResult) -> list[CaseResult]:
    """Return the cases that made a run fail, those that were said of a stream as a whole included."""
    return [case for case in run.cases if is_failure(case, run.fail_on)]


def replayed(past: RunResult, now: RunResult | None, known: Collection[str]) -> ReplayReport:
    """Return what became of the findings that made a run fail.

    `now` is the run that exercised its failed cases again; None where none of them could be sent. `known` are the ids
    of the cases that the contracts of the failed ones have today.
    """
    again = {case.id: case for case in now.cases} if now is not None else {}
    found: dict[str, list[tuple[Finding, CaseResult]]] = {}
    for case in failed_cases(past):
        for finding in case.findings:
            if finding.severity.rank >= past.fail_on.rank:
                found.setdefault(finding.fingerprint, []).append((finding, case))
    findings = []
    for shown in found.values():
        told = [_fate(finding, case, again.get(case.id), known) for finding, case in shown]
        fate, words = min(told, key=lambda one: _ORDER.index(one[0]))
        finding = shown[0][0]
        findings.append(
            ReplayedFinding(
                fingerprint=finding.fingerprint,
                contract=finding.contract,
                path=finding.path,
                kind=finding.kind.value,
                severity=finding.severity.value,
                cases=tuple(case.id for _, case in shown),
                was=difference(finding, finding.occurrences, finding.of),
                fate=fate,
                now=words if fate is not FindingFate.UNKNOWN else "",
                reason=words if fate is FindingFate.UNKNOWN else "",
            )
        )
    target = now.target if now is not None else past.target
    return ReplayReport(run=past.run, target=target, again=now.run if now is not None else "", findings=tuple(findings))


def _fate(finding: Finding, was: CaseResult, now: CaseResult | None, known: Collection[str]) -> tuple[FindingFate, str]:
    """Return what became of a finding in one case, and what is to be said of that."""
    if now is None and was.aside:
        return FindingFate.UNKNOWN, "it was said of a stream as a whole, which no single case shows; run the suite"
    if now is None and was.id not in known:
        gone = "its case" if any(name.startswith(f"{was.contract}/") for name in known) else "its contract"
        return FindingFate.UNKNOWN, f"{gone} does not exist any more"
    if now is None:
        return FindingFate.UNKNOWN, "its case is left out on this target"
    if now.verdict not in EXERCISED:
        return FindingFate.UNKNOWN, reasoned(now)
    here = {one.fingerprint: one for one in now.lasting_findings}
    if finding.fingerprint in here:
        known_now = finding.fingerprint not in {one.fingerprint for one in now.findings}
        return FindingFate.STILL, "tolerated now" if known_now else _words([here[finding.fingerprint]])
    if any(one.fingerprint == finding.fingerprint for one in now.unsteady):
        return FindingFate.CHANGED, "unsteady: not seen again when the case was repeated"
    before = {one.fingerprint for one in was.every_finding}
    new = [one for one in now.findings if one.fingerprint not in before or one.path == finding.path]
    return (FindingFate.CHANGED, _words(new)) if new else (FindingFate.FIXED, "")


def _words(findings: Iterable[Finding]) -> str:
    return "; ".join(
        f"{one.kind} at {one.path or 'the top level'}: {difference(one, one.occurrences, one.of)}"
        for one in list(findings)[:3]
    )
