"""What repetition shows: which differences stand, and which are unsteady.

A difference that is seen again, once is enough, is breaking: the target deviates, if only sometimes, and a client meets
it. One that is not seen again is *unsteady*: it is listed with all that was observed, and makes no run red by itself.
A case that breaks each time, each time differently, is breaking. What was not repeated takes over what repetition
showed of the same difference elsewhere; where nothing showed anything, it stays breaking and says why.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.drift.compare import verdict_of
from wireproof.drift.finding import Severity, Verdict
from wireproof.suite.vocabulary.marks import why_sent_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wireproof.drift.finding import Finding
    from wireproof.results.model import CaseResult
    from wireproof.suite.planning.cases import PlannedCase

#: How many cases are repeated for one difference, and how many of a product in all.
CASES_EACH, MOST_CASES = 3, 50

#: Nights in a row after which an unsteady difference counts as breaking.
NIGHTS = 3

NOT_AMONG = f"not repeated: at most {CASES_EACH} cases are for one difference, and {MOST_CASES} in all"


def no_nights(_fingerprint: str) -> int:
    """Return that no earlier night is known."""
    return 0


@dataclass(frozen=True)
class Confirming:
    """What has to be confirmed: findings at or above `fail_on`.

    `nights` says on how many nights in a row before this one a fingerprint was seen.
    """

    fail_on: Severity = Severity.BREAKING
    nights: Callable[[str], int] = no_nights

    def counting(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that would make a run fail."""
        return [finding for finding in findings if finding.severity.rank >= self.fail_on.rank]

    def wants(self, result: CaseResult) -> bool:
        """Whether a case must be exercised again before its result is said."""
        return is_judged(result) and bool(self.counting(result.findings))


def is_judged(result: CaseResult) -> bool:
    """Whether a case was answered, and its answer judged."""
    return result.verdict not in (None, Verdict.BLOCKED, Verdict.BROKEN)


@dataclass
class RepeatedCase:
    """A case that would make the run fail: its first result, those of its repetitions, and why there are none."""

    result: CaseResult
    again: list[CaseResult] = field(default_factory=list)
    why_not: str = ""

    @property
    def attempts(self) -> list[CaseResult]:
        """The results that say something, the first one first."""
        return [self.result, *filter(is_judged, self.again)]

    @property
    def is_repeated(self) -> bool:
        """Whether the case was exercised and judged again."""
        return len(self.attempts) > 1

    @property
    def reason(self) -> str:
        """Why it was not judged again."""
        failed = next((result for result in self.again if not is_judged(result)), None)
        if failed is None:
            return self.why_not
        word = {Verdict.BLOCKED: "was blocked", Verdict.BROKEN: "broke"}.get(failed.verdict, "showed nothing")  # type: ignore[arg-type]
        return f"the repetition {word}: {failed.reason}"


def why_not_repeated(case: PlannedCase) -> str:
    """Return why a case may not be sent twice, or an empty text."""
    reason = why_sent_once(case.own_marks)
    return f"cannot be repeated: {reason}" if reason else ""


def sample(results: Sequence[CaseResult], confirming: Confirming) -> set[str]:
    """Return the ids of the cases to repeat: a few for each difference, spread over kinds and places first."""
    chosen: set[str] = set()
    rounds: list[tuple[Callable[[Finding], tuple[str, ...]], int]] = [
        (_kind_and_place, 1),
        (_fingerprint, 1),
        (_fingerprint, CASES_EACH),
    ]
    for key, most in rounds:
        keys = {result.id: {key(finding) for finding in confirming.counting(result.findings)} for result in results}
        had = Counter(one for name in chosen for one in keys[name])
        for name, wanted in keys.items():
            if len(chosen) == MOST_CASES:
                return chosen
            if name not in chosen and any(had[one] < most for one in wanted):
                chosen.add(name)
                had.update(wanted)
    return chosen


def _kind_and_place(finding: Finding) -> tuple[str, ...]:
    return finding.kind.value, finding.path


def _fingerprint(finding: Finding) -> tuple[str, ...]:
    return (finding.fingerprint,)


def decide(cases: Sequence[RepeatedCase], confirming: Confirming) -> None:
    """Write into each first result which of its findings stand, and which are unsteady."""
    known = _Repetitions(cases, confirming)
    for case in cases:
        known.write(case)


class _Repetitions:
    """What repetition showed: by fingerprint, the case that was seen to differ again, or not to."""

    def __init__(self, cases: Sequence[RepeatedCase], confirming: Confirming) -> None:
        self.confirming = confirming
        self.confirmed: dict[str, str] = {}
        self.doubted: dict[str, str] = {}
        self.kinds: dict[tuple[str, ...], set[str]] = {}  # fingerprints by kind and place
        self.differently: set[tuple[str, str]] = set()  # case and fingerprint
        for case in cases:
            if case.is_repeated:
                self._learn(case)
        for fingerprint in self.confirmed:
            self.doubted.pop(fingerprint, None)

    def _learn(self, case: RepeatedCase) -> None:
        name, attempts = case.result.id, self._findings(case)
        seen = Counter(fingerprint for found in attempts for fingerprint in found)
        passing = [{one for one in found if seen[one] == 1} for found in attempts]
        breaks_each_time = sum(map(bool, passing)) > 1
        for found in attempts:
            for fingerprint, finding in found.items():
                self.kinds.setdefault(_kind_and_place(finding), set()).add(fingerprint)
                again = seen[fingerprint] > 1
                (self.confirmed if again or breaks_each_time else self.doubted).setdefault(fingerprint, name)
                if breaks_each_time and not again:
                    self.differently.add((name, fingerprint))

    def _findings(self, case: RepeatedCase) -> list[dict[str, Finding]]:
        return [
            {finding.fingerprint: finding for finding in self.confirming.counting(result.findings)}
            for result in case.attempts
        ]

    def write(self, case: RepeatedCase) -> None:
        """Write findings, what is unsteady, the verdict and the further observations into a case's first result."""
        result, attempts = case.result, self._findings(case)
        seen = Counter(fingerprint for found in attempts for fingerprint in found)
        milder = [finding for finding in result.findings if finding.severity.rank < self.confirming.fail_on.rank]
        standing: list[Finding] = []
        result.unsteady = []
        for finding in {fp: finding for found in reversed(attempts) for fp, finding in found.items()}.values():
            stands, words = self._stands(case, finding)
            told = replace(finding, seen=seen[finding.fingerprint], tried=len(attempts), repetition=words)
            (standing if stands else result.unsteady).append(told)
        order = {fingerprint: place for place, fingerprint in enumerate(fp for found in attempts for fp in found)}
        for found in (standing, result.unsteady):
            found.sort(key=lambda finding: order[finding.fingerprint])
        result.findings = [*standing, *milder]
        result.verdict = Verdict.UNSTEADY if result.unsteady and not standing else verdict_of(result.findings)
        result.repeats = [one.observation for one in case.again if one.observation is not None]

    def _stands(self, case: RepeatedCase, finding: Finding) -> tuple[bool, str]:
        """Whether a finding counts, and what is to be said about its repetition."""
        stands, words = self._repetition(case, finding)
        nights = 0 if stands else self.confirming.nights(finding.fingerprint) + 1
        if nights >= NIGHTS:
            return True, f"unsteady for {nights} nights in a row"
        return stands, words

    def _repetition(self, case: RepeatedCase, finding: Finding) -> tuple[bool, str]:
        name, fingerprint = case.result.id, finding.fingerprint
        if (name, fingerprint) in self.differently:
            return True, "the case breaks each time, each time differently"
        if (where := self.confirmed.get(fingerprint)) is not None:
            return True, "" if where == name or self._seen(case, fingerprint) > 1 else f"seen again in {where}"
        if (where := self.doubted.get(fingerprint)) is not None:
            return False, "" if case.is_repeated else f"not seen again in {where}"
        alike = self.kinds.get(_kind_and_place(finding), set())
        if case.why_not == NOT_AMONG and alike and not alike & self.confirmed.keys():
            return False, f"{len(alike)} like it were not seen again"
        return True, case.reason

    def _seen(self, case: RepeatedCase, fingerprint: str) -> int:
        return sum(fingerprint in found for found in self._findings(case))
