"""One GitHub issue per target while something is breaking there, and one when the nightly run stops reporting.

Issues are known by label and title. What a run could not look at neither opens nor closes one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.counts import counted
from wireproof.drift.finding import fingerprint
from wireproof.escape import prose
from wireproof.report.summary import deviation_markdown, standing_markdown, when
from wireproof.results.conclusion import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.report.github_api import GitHub, Issue
    from wireproof.report.history import Entry, History
    from wireproof.results.run_summary import Summary

SHOWN = 50
STANDINGS = 20  # rows of the table
REMEMBERED = 500  # fingerprints in the text; GitHub takes 65,536 characters
TEXT_LIMIT = 60_000
HEARTBEAT_TITLE = "No nightly run has said anything"

_MEMORY = re.compile(r"<!-- fingerprints:([0-9a-f ]*)-->")


class Step(StrEnum):
    """What to do with an issue."""

    OPEN = "open"
    UPDATE = "update"
    CLOSE = "close"
    NOTHING = "nothing"


class Plan(Struct, frozen=True):
    """What to do with the issue of one title; `comment` is empty when nothing changed since the last night."""

    step: Step
    title: str
    body: str = ""
    comment: str = ""
    number: int = 0


def breaking_title(target: str) -> str:
    """Return the title of a target's issue."""
    return f"Breaking on {target}: answers differ from the documentation"


def plan_breaking(summary: Summary, history: History, known: Iterable[Issue], urls: Sequence[str] = ()) -> Plan:
    """Return what to do with the issue of the run's target: a breaking run opens it, a good and whole one closes it."""
    said, title = summary.conclusion.outcome, breaking_title(summary.run.target)
    issue = _titled(known, title)
    if said is Outcome.UNKNOWN or (said is Outcome.OK and issue is None):
        return Plan(Step.NOTHING, title)
    if said is Outcome.OK and summary.unsteady:
        return Plan(Step.NOTHING, title)  # what is unsteady may come again
    if issue is None:
        return Plan(Step.OPEN, title, breaking_text(summary, history, urls))
    if said is Outcome.OK:
        return Plan(
            Step.CLOSE, title, comment=f"{prose(summary.headline, 1000)}\n\n{_links(urls)}", number=issue.number
        )
    body = breaking_text(summary, history, urls)
    comment = _change(_carried_over(_remembered(issue.body), summary), _remembered(body), urls)
    return Plan(Step.UPDATE, title, body, comment, issue.number)


def breaking_text(summary: Summary, history: History, urls: Sequence[str] = ()) -> str:
    """Return the text of a target's issue: the verdict, the worst differences, and what it remembers for next time."""
    run, found = summary.run, summary.failing
    since = when(run, history)
    lines = [f"- {deviation_markdown(one, since(one))}" for one in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"- … and {len(found) - SHOWN:,} more in the report")
    fingerprints = " ".join(one.finding.fingerprint for one in found[:REMEMBERED])
    ending = [
        _links(urls),
        "Every night rewrites this text. A night that looks at everything and finds nothing closes the issue.",
        f"<!-- fingerprints: {fingerprints} -->",
    ]
    text = "\n\n".join([prose(summary.headline, 1000), "\n".join(lines), *standing_markdown(summary, STANDINGS)])
    return "\n\n".join(part for part in [text[: TEXT_LIMIT - REMEMBERED * 13 - 2_000], *ending] if part)


def plan_heartbeat(histories: dict[str, History], known: Iterable[Issue], *, now: datetime, hours: float) -> Plan:
    """Return what to do with the heartbeat's issue: open it when no target reported for `hours`.

    A night that was blocked on every host said nothing, so it does not count.
    """
    issue = _titled(known, HEARTBEAT_TITLE)
    last = {target: _last_statement(history.entries) for target, history in histories.items()}
    heard = [now - moment for moment in last.values() if moment is not None]
    if heard and min(heard).total_seconds() <= hours * 3600:
        if issue is None:
            return Plan(Step.NOTHING, HEARTBEAT_TITLE)
        return Plan(Step.CLOSE, HEARTBEAT_TITLE, comment="A nightly run reported again.", number=issue.number)
    lines = [
        f"- {target}: last reported on {moment:%Y-%m-%d %H:%M} UTC" if moment else f"- {target}: never reported"
        for target, moment in sorted(last.items())
    ]
    what = f"No run against any target came to a verdict in the last {hours:g} hours."
    why = "Look at the nightly workflow: it may be disabled, fail before it starts, or be blocked by every host."
    body = "\n".join([f"{what} {why}", "", *(lines or ["- no history at all"])])
    if issue is None:
        return Plan(Step.OPEN, HEARTBEAT_TITLE, body)
    return Plan(Step.UPDATE, HEARTBEAT_TITLE, body, number=issue.number)


def _last_statement(entries: Iterable[Entry]) -> datetime | None:
    dates = [entry.date for entry in entries if entry.outcome != Outcome.UNKNOWN]
    try:
        return datetime.strptime(max(dates), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if dates else None
    except ValueError:
        return None


def _titled(known: Iterable[Issue], title: str) -> Issue | None:
    return next((issue for issue in sorted(known, key=lambda one: one.number) if issue.title == title), None)


def _remembered(text: str) -> set[str]:
    # The last one is ours: the lines above show what the target sent.
    memories: list[str] = _MEMORY.findall(text)
    return set(memories[-1].split()) if memories else set()


def _carried_over(before: set[str], summary: Summary) -> set[str]:
    """Put the values that a run names in the place of what an earlier issue remembers of their place."""
    findings = [one.finding for one in summary.deviations]
    now = {finding.fingerprint for finding in findings}
    by_place: dict[str, set[str]] = {}
    for finding in findings:
        place = fingerprint(finding.contract, finding.path, finding.kind)
        if finding.value and place in before and place not in now:
            by_place.setdefault(place, set()).add(finding.fingerprint)
    return (before - by_place.keys()).union(*by_place.values())


def _change(before: set[str], after: set[str], urls: Sequence[str]) -> str:
    new, gone = len(after - before), len(before - after)
    if not new and not gone:
        return ""
    return f"{counted(new, 'difference')} new, {gone} not seen this time.\n\n{_links(urls)}".strip()


def _links(urls: Sequence[str]) -> str:
    return "\n".join(f"- <{url}>" for url in urls if url.startswith("https://"))


def carry_out(plan: Plan, github: GitHub) -> None:
    """Do what `plan` says."""
    if plan.step is Step.OPEN:
        github.label()
        github.open(plan.title, plan.body)
    elif plan.step is Step.UPDATE:
        github.rewrite(plan.number, plan.body)
        if plan.comment:
            github.comment(plan.number, plan.comment)
    elif plan.step is Step.CLOSE:
        github.comment(plan.number, plan.comment)
        github.close(plan.number)
