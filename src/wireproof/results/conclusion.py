"""What a run says as a whole, and its findings put together: the arithmetic behind every summary."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from wireproof.counts import counted
from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint, without_lead
from wireproof.errors import ExitStatus
from wireproof.escape import one_line
from wireproof.results.model import Coverage
from wireproof.results.renames import likely_renames
from wireproof.results.wording import how_often

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wireproof.results.model import Canaries, CaseResult, RunResult


class Outcome(StrEnum):
    """What a run says of its target."""

    OK = "ok"  # everything selected was exercised, nothing at or above --fail-on
    BREAKING = "breaking"  # findings at or above --fail-on
    UNKNOWN = "unknown"  # blocked, short, or wireproof itself broke: no statement


class Conclusion(Struct, frozen=True):
    """What a run comes to: its exit status, what it says of its target, and what limits that, a sentence each."""

    exit_status: ExitStatus
    outcome: Outcome
    caveats: tuple[str, ...] = ()


class RunDeviation(Struct, kw_only=True, frozen=True):
    """A finding with every case that showed it; occurrences are those of all cases together."""

    finding: Finding
    cases: tuple[str, ...]
    occurrences: int
    of: int
    subject: str
    docs_url: str
    contracts: tuple[str, ...] = ()  # several where one change shows at all of them
    seen: int = 1  # of `tried` times that its cases were exercised
    tried: int = 1
    repetition: str = ""  # what else there is to say of repeating it
    reason: str = ""  # of its waiver, if there is one
    link: str = ""
    expires: str = ""  # of its waiver or of the baseline
    rename: str = ""  # `likely renamed to averagePrice`
    recorded: str = ""  # what the ledger says of it

    @property
    def words(self) -> str:
        """What differs in plain words, all cases together: `documented decimal, got integer (650 of 650)`."""
        said = difference(self.finding, self.occurrences, self.of)
        return f"{said}; {self.rename}" if self.rename else said

    @property
    def beside(self) -> str:
        """Which other contracts show the same change, in words: ` and 94 more contracts`; empty when none does."""
        others = len(self.contracts) - 1
        return f" and {others:,} more {'contract' if others == 1 else 'contracts'}" if others > 0 else ""

    @property
    def often(self) -> str:
        """How often it was seen when its cases were repeated, and what the ledger says; empty where nothing does."""
        said = how_often(self.seen, self.tried, self.repetition)
        return "; ".join(part for part in (said, self.recorded) if part)


def difference(finding: Finding, occurrences: int, of: int) -> str:
    """Return what differs in plain words; of something undocumented only what was found."""
    expected = one_line(finding.expected, 120)
    actual = one_line(finding.actual, 120) or "nothing"
    if finding.kind in {Kind.PROTOCOL_VIOLATION, Kind.SILENT_STREAM}:
        words = one_line(finding.actual, 400)
    elif expected in {"", "nothing"}:
        words = without_lead(actual)
    else:
        words = f"documented {expected}, got {actual}"
    return f"{words} ({occurrences:,} of {of:,})" if of > 1 else words


def deviations(run: RunResult) -> list[RunDeviation]:
    """Return each finding that counts, once per fingerprint, worst first, then by contract and path."""
    found = _merged(run, [(case, finding, ("", "", "")) for case in run.cases for finding in case.findings])
    renamed = likely_renames((one.finding, one.occurrences) for one in found)
    return [replace(one, rename=renamed.get(one.finding.fingerprint, "")) for one in found]


def unsteady(run: RunResult) -> list[RunDeviation]:
    """Return each difference that was not seen again when its cases were repeated, once per fingerprint."""
    return _merged(run, [(case, finding, ("", "", "")) for case in run.cases for finding in case.unsteady])


def waived(run: RunResult) -> list[RunDeviation]:
    """Return each waived finding once, the one that expires first at the top."""
    entries = [
        (case, waiver.finding, (waiver.reason, waiver.link, waiver.expires))
        for case in run.cases
        for waiver in case.waived
    ]
    return sorted(_merged(run, entries), key=lambda deviation: deviation.expires)


def known(run: RunResult) -> list[RunDeviation]:
    """Return each finding of the baseline once, worst first; `expires` says until when it is known."""
    return _merged(run, [(case, one.finding, ("", "", one.expires)) for case in run.cases for one in case.baseline])


def lapsed(run: RunResult, finding: Finding) -> list[str]:
    """Return the sentences about waivers of a difference that expired, whichever value they were about."""
    names = {finding.fingerprint, fingerprint(finding.contract, finding.path, finding.kind)}
    return [one for one in run.waivers_expired if any(name in one for name in names)]


def _merged(run: RunResult, entries: list[tuple[CaseResult, Finding, tuple[str, str, str]]]) -> list[RunDeviation]:
    together: dict[tuple[str, ...], list[tuple[CaseResult, Finding, tuple[str, str, str]]]] = {}
    for entry in entries:
        together.setdefault(_one_change(*entry), []).append(entry)
    merged = []
    for group in together.values():
        case, _, (reason, link, expires) = group[0]
        worst = max((finding for _, finding, _ in group), key=lambda finding: finding.severity.rank)
        repeated = [finding for _, finding, _ in group if finding.tried > 1]
        told = repeated or [finding for _, finding, _ in group if finding.repetition] or [worst]
        merged.append(
            RunDeviation(
                finding=worst,
                cases=tuple(dict.fromkeys(case.id for case, _, _ in group)),
                contracts=tuple(dict.fromkeys(finding.contract for _, finding, _ in group)),
                occurrences=sum(finding.occurrences for _, finding, _ in group),
                of=sum(finding.of for _, finding, _ in group),
                subject=case.subject,
                docs_url=case.docs_url,
                seen=sum(finding.seen for finding in repeated) if repeated else 1,
                tried=sum(finding.tried for finding in repeated) if repeated else 1,
                repetition=next((finding.repetition for finding in told if finding.repetition), ""),
                reason=reason,
                link=link,
                expires=expires,
                recorded=run.recorded.get(worst.fingerprint, ""),
            )
        )
    return sorted(merged, key=lambda one: (-one.finding.severity.rank, one.finding.contract, one.finding.path))


def _one_change(case: CaseResult, finding: Finding, waiver: tuple[str, str, str]) -> tuple[str, ...]:
    """Return what the findings of one change have in common: a header changes for all answers of a product at once."""
    if finding.kind is Kind.HEADER_CHANGED:
        return (case.product, finding.path, finding.kind, finding.actual, *waiver)
    return (finding.fingerprint,)


NOT_OBSERVED = "not observed"
SKIPPED = "skipped"

#: Why a contract was not exercised that the selection leaves out.
NOT_SELECTED = "not selected"


def verdict_word(case: CaseResult) -> str:
    """Return the verdict; without one, `not observed` where a stream stayed silent and `skipped` otherwise."""
    if case.verdict is not None:
        return case.verdict.value
    return NOT_OBSERVED if case.reason.startswith(NOT_OBSERVED) else SKIPPED


def reasoned(case: CaseResult) -> str:
    """Return the verdict's word and its reason, the word not twice: `skipped: no key`, `not observed in 5 s: …`."""
    word = verdict_word(case)
    return case.reason if word == NOT_OBSERVED else f"{word}: {case.reason or 'no reason given'}"


def verdict_counts(run: RunResult) -> dict[str, int]:
    """Return how many cases had each verdict, in the order of badness, those without one last; zeros are left out."""
    counts = Counter(map(verdict_word, run.cases))
    order = [*(verdict.value for verdict in Verdict), NOT_OBSERVED, SKIPPED]
    return {name: counts[name] for name in order if counts[name]}


#: Verdicts of cases that were answered and judged.
EXERCISED = frozenset({Verdict.CONFORMS, Verdict.ADDITIVE, Verdict.RISKY, Verdict.UNSTEADY, Verdict.BREAKING})


def is_failure(case: CaseResult, fail_on: Severity) -> bool:
    """Whether a case has a finding at or above `fail_on` that no waiver tolerates."""
    return case.verdict not in (None, Verdict.BLOCKED, Verdict.BROKEN) and any(
        finding.severity.rank >= fail_on.rank for finding in case.findings
    )


def is_short(run: RunResult) -> bool:
    """Whether fewer cases were exercised than the selection contains, or none at all.

    Streams on which nothing came count as exercised only here: their silence is normal, and the summary names it.
    """
    return run.exercised + run.silent < run.selected or run.exercised == 0


def conclude(run: RunResult) -> Conclusion:
    """Return exit status, outcome and caveats, which every report takes from here.

    A difference that was seen stands, whatever else could not be looked at. The exit status says first what is wrong on
    our own side: a canary not found, something left on the account, a broken case, reports that were not written.
    """
    caveats = []
    if run.blocked:
        hosts = ", ".join(dict.fromkeys(block.host for block in run.blocked))
        caveats.append(f"Blocked by {hosts}: what was not exercised is unknown.")
    elif is_short(run):
        caveats.append("Incomplete: what was not exercised is unknown.")
    if broken := sum(case.verdict is Verdict.BROKEN for case in run.cases):
        caveats.append(f"Wireproof itself broke in {counted(broken, 'case')}.")
    blind = [row for row in run.canaries if row.found < row.altered]
    if blind:
        caveats.append(blindness(blind))
    failed = any(is_failure(case, run.fail_on) for case in run.cases)
    if run.not_cleaned and not failed:  # beside a difference, the lines below the headline say so
        caveats.append(f"Left on the account: {counted(len(run.not_cleaned), 'thing')}.")
    if run.waivers_expired and not failed:
        caveats.append(f"Expired: {counted(len(run.waivers_expired), 'waiver')}.")
    if run.baseline_expired and not failed:
        caveats.append("Expired: the baseline.")
    caveats += run.doubts
    if broken or blind or run.not_cleaned:
        status = ExitStatus.BROKEN
    elif failed or run.waivers_expired or run.baseline_expired:
        status = ExitStatus.FINDINGS
    else:
        status = ExitStatus.BLOCKED if caveats else ExitStatus.OK
    if run.exit_status == ExitStatus.BROKEN and status is not ExitStatus.BROKEN:  # by what came after the cases
        status = ExitStatus.BROKEN
        caveats.append(f"The run ended with exit status {status}.")
    good = Outcome.OK if status is ExitStatus.OK else Outcome.UNKNOWN
    return Conclusion(status, Outcome.BREAKING if failed else good, tuple(caveats))


def blindness(rows: Sequence[Canaries]) -> str:
    """Return where altered answers were not noticed, and which: what conforms there may not."""
    where = ", ".join(f"{row.product}/{row.surface}" for row in rows)
    altered, missed = sum(row.altered for row in rows), [one for row in rows for one in row.missed]
    first = f", first {one_line(missed[0], 300)}" if missed else ""
    number = altered - sum(row.found for row in rows)
    return f"Wireproof is blind here: {where}: {number} of {counted(altered, 'altered answer')} not noticed{first}."


def canary_lines(run: RunResult) -> list[str]:
    """Return how many canaries were found, and of which surfaces no answer could be altered; nothing without any."""
    altered = sum(row.altered for row in run.canaries)
    found = sum(row.found for row in run.canaries)
    were = "was" if altered == 1 else "were"
    lines = [f"{found:,} of {counted(altered, 'canary', 'canaries')} {were} found"] if altered else []
    without = [f"{row.product}/{row.surface}" for row in run.canaries if not row.altered]
    if without:
        lines.append(f"no canaries of {', '.join(without)}: no answer there could be altered")
    return lines


def place(run: RunResult) -> str:
    """Return where the run's requests went: the target, and the hosts that stood in for its own: `local (h:8080)`."""
    hosts = ", ".join(run.elsewhere[:3]) + (", …" if len(run.elsewhere) > 3 else "")
    return f"{run.target} ({hosts})" if hosts else run.target


def coverage_row(
    key: tuple[str, str],
    cases: Sequence[CaseResult],
    *,
    documented: int,
    empty: Collection[str],
    among: Collection[str] | None = None,
) -> Coverage:
    """Return the row of a product and surface for its cases: what was exercised, and what of it conforms.

    `documented` contracts are in the store; those in `empty` answered with hardly more than empty lists. Contracts that
    are not `among` those of the store count nowhere; None takes whatever has a case.
    """
    exercised = {case.contract for case in cases if case.verdict in EXERCISED}
    exercised = exercised if among is None else exercised.intersection(among)
    faulty = {
        case.contract for case in cases if case.differs or (case.verdict not in EXERCISED and not case.may_be_silent)
    }
    product, surface = key
    return Coverage(
        product=product,
        surface=surface,
        documented=documented,
        exercised=len(exercised),
        conforming=len(exercised - faulty),
        cases=len(cases),
        cases_exercised=sum(case.verdict in EXERCISED for case in cases),
        shown_empty=len(exercised.intersection(empty)),
    )
