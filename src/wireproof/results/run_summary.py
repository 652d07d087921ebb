"""What people read of a run, gathered once: terminal, Markdown, HTML and GitHub's log only lay it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.counts import counted
from wireproof.drift.finding import Severity, Verdict
from wireproof.results.conclusion import (
    EXERCISED,
    Conclusion,
    Outcome,
    RunDeviation,
    conclude,
    deviations,
    known,
    place,
    unsteady,
    verdict_counts,
    waived,
)

if TYPE_CHECKING:
    from wireproof.results.model import CaseResult, RunResult


class Summary(Struct, kw_only=True, frozen=True):
    """A run with its conclusion, and everything about it that more than one report says."""

    run: RunResult
    conclusion: Conclusion
    deviations: list[RunDeviation]  # that count, worst first
    unsteady: list[RunDeviation]
    waived: list[RunDeviation]  # the one that expires first at the top
    known: list[RunDeviation]  # those of the baseline, worst first
    broken: list[CaseResult]
    verdicts: dict[str, int]
    fields: int  # documented fields of the contracts that answered
    fields_seen: int
    shown_empty: list[str]  # contracts that answered with hardly more than empty lists
    only_refused: list[str]  # exercised contracts that were judged by their documented refusals alone

    @property
    def failing(self) -> list[RunDeviation]:
        """The differences at or above the bar of the run."""
        return [one for one in self.deviations if one.finding.severity.rank >= self.run.fail_on.rank]

    @property
    def headline(self) -> str:
        """One plain sentence or two: the verdict in words, never a good one for a run that saw too little."""
        run, doubtful, number = self.run, len(self.unsteady), len(self.deviations)
        seen = f"{run.exercised:,} of {counted(run.selected, 'case')} exercised on {place(run)}"
        seen += f" ({run.silent:,} not observed, as may be)" if run.silent else ""
        caveats = list(self.conclusion.caveats)
        known = f"; {counted(len(self.known), 'difference')} of the baseline" if self.known else ""
        if self.conclusion.outcome is Outcome.BREAKING:
            failing = self.failing
            word = "Breaking" if run.fail_on is Severity.BREAKING else f"{run.fail_on.value.capitalize()} or worse"
            contracts = counted(len({one.finding.contract for one in failing}), "contract")
            milder = f", {number - len(failing):,} milder" if number > len(failing) else ""
            shaky = f", {doubtful:,} unsteady" if doubtful else ""
            first = f"{word}: {counted(len(failing), 'difference')} in {contracts}{milder}{shaky}{known}; {seen}."
            return " ".join([first, *caveats])
        if self.conclusion.outcome is Outcome.UNKNOWN:
            caveats += [f"{counted(doubtful, 'unsteady difference')}."] if doubtful else []
            return f"Unknown: {seen}{known}. " + " ".join(caveats)
        mild = f"; {counted(number, 'milder difference')} below {run.fail_on.value}" if number else ""
        but = f" but {counted(len(self.waived), 'waived difference')}" if self.waived else ""
        new = "new " if self.known else ""
        sentence = f"no {new}breaking difference" if number or doubtful else f"no {new}difference{but}"
        shaky = f"; {counted(doubtful, 'unsteady difference')}, not seen again when repeated" if doubtful else ""
        empty = len(self.shown_empty)
        little = f" {counted(empty, 'contract')} answered with hardly more than empty lists." if empty else ""
        worst = max((one.finding.severity.rank for one in self.known), default=-1)
        word = "Nothing new" if worst >= run.fail_on.rank else "Conforms"
        return f"{word}: {seen}, {sentence}{mild}{shaky}{known}.{little}"


def gather(run: RunResult) -> Summary:
    """Return the summary of a run as it is now; gather it anew after the run's exit status changed."""
    exercised = dict.fromkeys(case.contract for case in run.cases if case.verdict in EXERCISED)
    refused = {case.contract for case in run.cases if case.kind == "rejection"}
    answered = {sight.contract for sight in run.sights}
    return Summary(
        run=run,
        conclusion=conclude(run),
        deviations=deviations(run),
        unsteady=unsteady(run),
        waived=waived(run),
        known=known(run),
        broken=[case for case in run.cases if case.verdict is Verdict.BROKEN],
        verdicts=verdict_counts(run),
        fields=sum(sight.fields for sight in run.sights),
        fields_seen=sum(sight.seen for sight in run.sights),
        shown_empty=[sight.contract for sight in run.sights if sight.is_empty],
        only_refused=[contract for contract in exercised if contract in refused - answered],
    )


def headline(run: RunResult) -> str:
    """Return the verdict of a run in words; see `Summary.headline`."""
    return gather(run).headline
