"""What the GitHub workflows do with a run's reports: everything behind `wireproof report`.

A run that left no result is said to be unknown.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.counts import counted
from wireproof.errors import UsageError, WireproofError
from wireproof.escape import annotation, one_line, prose
from wireproof.report.files import RESULT, read_history, read_result
from wireproof.report.github_api import GitHub
from wireproof.report.issue import carry_out, plan_breaking, plan_heartbeat
from wireproof.report.summary import SHOWN, summary_markdown
from wireproof.report.unseen import sight_sentence
from wireproof.results.conclusion import Outcome
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wireproof.report.history import History
    from wireproof.report.issue import Plan
    from wireproof.results.conclusion import RunDeviation
    from wireproof.results.model import RunResult
    from wireproof.results.run_summary import Summary

ANNOTATIONS = 10  # GitHub shows ten errors and ten warnings per step
SUMMARY_BYTES = 1_000_000  # GitHub drops a step's summary above 1 MiB


def annotation_lines(summary: Summary, history: History) -> list[str]:
    """Return at most ten workflow commands: the verdict unless it is good, the worst differences, what is unsteady."""
    lines = []
    run, found, doubtful = summary.run, summary.deviations, summary.unsteady
    if summary.conclusion.outcome is Outcome.UNKNOWN:
        lines.append(annotation("warning", "unknown", summary.headline))
    little = [annotation("notice", "shown empty", sight_sentence(summary))] if summary.shown_empty else []
    if doubtful:
        first = f"{_what(doubtful[0], history.since(run, doubtful[0].finding.fingerprint))}"
        more = f" and {len(doubtful) - 1:,} more in the summary" if len(doubtful) > 1 else ""
        little.append(annotation("notice", f"unsteady {_where(doubtful[0])}", first + more))
    room = ANNOTATIONS - len(lines) - len(little)
    room -= 1 if len(found) > room else 0
    for one in found[:room]:
        level = "error" if one.finding.severity.rank >= run.fail_on.rank else "warning"
        since = history.since(run, one.finding.fingerprint)
        lines.append(annotation(level, _place(one), _what(one, since), file=_contract_file(one.finding.contract)))
    if len(found) > room:
        more = counted(len(found) - room, "more difference")
        lines.append(annotation("notice", "more", f"In the summary: {more}."))
    return lines + little


def _what(deviation: RunDeviation, since: str) -> str:
    when = f"{since}, {deviation.often}" if deviation.often else since
    return f"{deviation.finding.kind}: {deviation.words} [{when}] {deviation.finding.fingerprint}"


def _place(deviation: RunDeviation) -> str:
    return f"{deviation.finding.severity} {_where(deviation)}"


def _where(deviation: RunDeviation) -> str:
    return f"{deviation.finding.contract} {deviation.finding.path or '(top level)'}"


def _contract_file(contract: str) -> str:
    file = f"contracts/{contract}.json"
    return file if Path(file).is_file() else ""


def job_summary(summary: Summary, history: History, *, limit: int = SUMMARY_BYTES) -> str:
    """Return summary.md with lists as long as the limit of a job summary allows."""
    shown = SHOWN
    text = summary_markdown(summary, history, shown=shown)
    while len(text.encode()) > limit and shown > 1:
        shown //= 2
        text = summary_markdown(summary, history, shown=shown)
    return text if len(text.encode()) <= limit else f"# {prose(summary.headline, 1000)}\n"


def verdict_lines(summary: Summary) -> list[str]:
    """Return `verdict=ok|breaking|unknown` and `headline=…` for the outputs of a step."""
    return [f"verdict={summary.conclusion.outcome}", f"headline={one_line(summary.headline, 500)}"]


def annotate(folder: Path) -> None:
    """Print workflow commands about the run in `folder`."""
    run = _run_in(folder, lambda problem: annotation("error", "unknown", problem))
    if run is not None:
        _say(*annotation_lines(gather(run), read_history(folder)))


def summarise(folder: Path) -> None:
    """Print the job summary of the run in `folder`."""
    run = _run_in(folder, lambda problem: f"# Unknown: the run left no result\n\n{prose(problem)}")
    if run is not None:
        _say(job_summary(gather(run), read_history(folder)))


def say_verdict(folder: Path) -> None:
    """Print the outputs of a step about the run in `folder`."""
    run = _run_in(folder, lambda _: f"verdict={Outcome.UNKNOWN}\nheadline=Unknown: the run left no result.")
    if run is not None:
        _say(*verdict_lines(gather(run)))


def keep_issue(folder: Path, urls: Sequence[str]) -> None:
    """Open, rewrite or close the issue of the target in `folder`, and print what was done."""
    run = _run_in(folder, lambda problem: annotation("warning", "unknown", f"No issue was touched. {problem}"))
    if run is not None:
        github = GitHub()
        _carry_out(plan_breaking(gather(run), read_history(folder), github.issues(), urls), github)


def keep_heartbeat(reports: Path, hours: float) -> None:
    """Open, rewrite or close the issue about silence, by the histories in the folders of `reports`."""
    histories = {folder.name: read_history(folder) for folder in sorted(reports.glob("*/")) if folder.name[0] != "."}
    github = GitHub()
    _carry_out(plan_heartbeat(histories, github.issues(), now=datetime.now(UTC), hours=hours), github)


def _carry_out(plan: Plan, github: GitHub) -> None:
    carry_out(plan, github)
    _say(one_line(f"{plan.step}: {plan.title}", 500))


def _run_in(folder: Path, unknown: Callable[[str], str]) -> RunResult | None:
    """Return the run in `folder`. A missing result is said as `unknown` words it, and never fails a step."""
    try:
        return read_result(folder / RESULT)
    except UsageError as problem:
        _say(unknown(str(problem)))
        return None


def complain(problem: WireproofError) -> None:
    """Annotate the step with what went wrong, where GitHub runs it."""
    if os.environ.get("GITHUB_ACTIONS"):
        _say(annotation("error", "wireproof", str(problem)))


def _say(*lines: str) -> None:
    """Print what is made for this place already: commands, Markdown, or outputs of a step."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
