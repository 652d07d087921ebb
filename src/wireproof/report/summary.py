"""What a person reads first: the verdict, what was covered, and one line per difference."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

from wireproof.drift.finding import Verdict
from wireproof.report.outcome import Deviation, deviations, headline, verdict_counts, waived
from wireproof.report.words import (
    code,
    counted,
    duration,
    link,
    moment,
    one_line,
    product_title,
    prose,
    surface_title,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wireproof.report.history import History
    from wireproof.suite.results import RunResult

SHOWN = 200  # lines per list in summary.md: 200 findings are some 80 kB, far below what GitHub shows
SHOWN_IN_TERMINAL = 20
_MORE = "… and {:,} more in result.json"


def summary_markdown(run: RunResult, history: History, *, shown: int = SHOWN) -> str:
    """Return the summary as Markdown; lists are cut after *shown* lines each, and say so."""
    parts = [
        f"# {prose(headline(run), 1000)}",
        *_banner(run),
        "## Coverage",
        _coverage_table(run),
        *_section("Differences", _deviation_lines(run, history), shown, empty="None that count."),
        *_section("Wireproof broke", _cases_with(run, Verdict.BROKEN), shown),
        *_section("Waived", _waived_lines(run, history), shown),
        *_section("Expired waivers", map(prose, run.waivers_expired), shown),
        *_section("Stale waivers", map(prose, run.waivers_stale), shown),
        *_section("Not exercised", _not_exercised(run, prose), shown),
        *_strength(run),
        *_section("State of an earlier crash that was removed", map(prose, run.leftovers), shown),
        *_section("The run", _run_lines(run, prose), shown),
        *_section("Notes", map(prose, [*run.notes, *([history.note] if history.note else [])]), shown),
    ]
    return "\n\n".join(parts) + "\n"


def terminal_summary(run: RunResult, history: History, width: int = 100) -> list[str]:
    """Return the same as plain lines for a terminal *width* columns wide; at most 20 differences, one line each."""
    width = max(width, 40)
    lines = wrap(headline(run), width)
    for block in run.blocked:
        lines += wrap(f"BLOCKED {block.host}: {one_line(block.reason, 400)} {one_line(block.advice)}".rstrip(), width)
    lines += [one_line(f"NOT TAKEN BACK {left}", width) for left in run.not_cleaned]
    lines.append("")
    rows = [("", "documented", "exercised", "conforming", "cases")]
    rows += [
        (
            f"{row.product} {row.surface}",
            str(row.documented),
            str(row.exercised),
            str(row.conforming),
            f"{row.cases_exercised}/{row.cases}",
        )
        for row in run.coverage
    ]
    first = max(len(row[0]) for row in rows)
    lines += [f"{row[0]:<{first}}  " + "  ".join(f"{text:>10}" for text in row[1:]) for row in rows]
    lines += ["", *wrap(strength_sentence(run), width)] if run.strength and run.exercised else []
    found = deviations(run)
    plain = [_plain_deviation(one, history.since(run, one.finding.fingerprint)) for one in found]
    plain += [
        f"broken    {one_line(f'{case.id}: {case.reason}', 300)}"
        for case in run.cases
        if case.verdict is Verdict.BROKEN
    ]
    if plain:
        lines += ["", *plain[:SHOWN_IN_TERMINAL]]
    if len(plain) > SHOWN_IN_TERMINAL:
        lines.append(_MORE.format(len(plain) - SHOWN_IN_TERMINAL))
    lines.append("")
    lines += [one_line(text, width) for text in [*run.waivers_expired, *run.waivers_stale]]
    lines += [one_line(text, width) for text in _not_exercised(run, str)]
    lines += [one_line(text, max(width, 200)) for text in _run_lines(run, str)[1:]]
    lines += [one_line(text, width) for text in [*run.notes, *([history.note] if history.note else [])]]
    return lines


def deviation_markdown(deviation: Deviation, since: str) -> str:
    """Return one line: how bad, what, where, since when, documentation, fingerprint."""
    finding = deviation.finding
    what = f"**{finding.severity}** {finding.kind} at {_place(finding.path)} of {code(finding.contract)}"
    parts = [f"{what}: {code(deviation.words, 300)}", since]
    if len(deviation.cases) == 1:
        parts.append(f"case {code(deviation.cases[0])}")
    else:
        parts.append(f"{len(deviation.cases):,} cases, first {code(deviation.cases[0])}")
    if deviation.docs_url:
        parts.append(link("documentation", deviation.docs_url))
    parts.append(code(finding.fingerprint))
    return " · ".join(parts)


def _place(path: str) -> str:
    return code(path) if path else "the top level"


def _plain_deviation(deviation: Deviation, since: str) -> str:
    finding = deviation.finding
    what = f"{finding.contract} {finding.path or '(top level)'}: {finding.kind}, {deviation.words} [{since}]"
    return f"{finding.severity:<9} {one_line(what, 400)}"


def _banner(run: RunResult) -> list[str]:
    parts = []
    for block in run.blocked:
        cases = f" ({counted(block.cases, 'case')})" if block.cases else ""
        parts.append(f"> **Blocked** {code(block.host)}{cases}: {prose(block.reason)} {prose(block.advice)}".rstrip())
    if run.not_cleaned:
        left = "\n".join(f"> - {prose(text)}" for text in run.not_cleaned[:20])
        parts.append(f"> **Not taken back: look at the account.**\n>\n{left}")
    return parts


def _coverage_table(run: RunResult) -> str:
    rows = [
        "| product | surface | documented | exercised | conforming | cases exercised |",
        "| :-- | :-- | --: | --: | --: | --: |",
    ]
    rows += [
        f"| {prose(product_title(row.product))} | {prose(surface_title(row.surface))} | {row.documented} "
        f"| {row.exercised} | {row.conforming} | {row.cases_exercised} of {row.cases} |"
        for row in run.coverage
    ]
    return "\n".join(rows)


def strength_sentence(run: RunResult) -> str:
    """Return how much of what could change in the documented examples the comparison would notice."""
    mutations, caught = sum(s.mutations for s in run.strength), sum(s.caught for s in run.strength)
    weak = sum(bool(s.hidden) for s in run.strength)
    return (
        f"The comparison catches {caught:,} of {mutations:,} sampled changes of the documented examples;"
        f" the examples of {weak:,} of {counted(len(run.strength), 'contract')} leave something unshown."
    )


def _strength(run: RunResult) -> list[str]:
    """Return what the suite could prove at most: missed changes, and examples that hide a shape."""
    if not run.strength:
        return []
    weak = sorted((s for s in run.strength if s.hidden or s.caught < s.mutations), key=lambda s: (s.score, s.contract))
    lines = [
        f"{code(s.contract)}: {s.caught:,} of {s.mutations:,} caught, examples {s.score} of 100:"
        f" {prose('; '.join(s.hidden), 300)}"
        for s in weak
    ]
    said = ["## What this run can prove", strength_sentence(run)]
    return said + _section("Weakest examples", lines, SHOWN_IN_TERMINAL)


def _section(title: str, lines: Iterable[str], shown: int, *, empty: str = "") -> list[str]:
    lines = list(lines)
    if not lines:
        return [f"## {title}", empty] if empty else []
    kept = [f"- {line}" for line in lines[:shown]]
    if len(lines) > shown:
        kept.append(f"- {_MORE.format(len(lines) - shown)}")
    return [f"## {title} ({len(lines):,})" if empty else f"## {title}", "\n".join(kept)]


def _deviation_lines(run: RunResult, history: History) -> list[str]:
    return [deviation_markdown(one, history.since(run, one.finding.fingerprint)) for one in deviations(run)]


def _waived_lines(run: RunResult, history: History) -> list[str]:
    return [
        f"{deviation_markdown(one, history.since(run, one.finding.fingerprint))} · until {one.expires}: "
        f"{prose(one.reason)} ({link('source', one.link)})"
        for one in waived(run)
    ]


def _cases_with(run: RunResult, verdict: Verdict) -> list[str]:
    return [f"{code(case.id)}: {prose(case.reason)}" for case in run.cases if case.verdict is verdict]


def _not_exercised(run: RunResult, text: Callable[[str], str]) -> list[str]:
    reasons = Counter(
        (case.verdict.value if case.verdict else "skipped", case.reason)
        for case in run.cases
        if case.verdict in {None, Verdict.BLOCKED}
    )
    lines = [
        f"{counted(number, 'case')} {what}: {text(reason or 'no reason given')}"
        for (what, reason), number in reasons.most_common()
    ]
    left_out = sorted(run.excluded.items(), key=lambda item: (-item[1], item[0]))
    return lines + [f"{counted(number, 'case')} left out: {text(reason)}" for reason, number in left_out]


def _run_lines(run: RunResult, text: Callable[[str], str]) -> Sequence[str]:
    verdicts = ", ".join(f"{number:,} {name}" for name, number in verdict_counts(run).items())
    peak = f"{run.peak_weight_per_minute:,}"
    limit = f" of {run.weight_limit_per_minute:,} allowed" if run.weight_limit_per_minute else ""
    spent = f"{duration(run.wire_ms)} on the wire, {duration(run.ended_at - run.started_at)} in all"
    lines = [
        f"{text(run.run)}, wireproof {text(run.version)}, {moment(run.started_at)}, target {text(run.target)}",
        f"verdicts: {verdicts or 'none'}",
        f"{counted(run.requests, 'request')} in {spent}",
        f"weight {run.weight:,}, at its peak {peak} per minute{limit}",
    ]
    return lines + [f"{text(name)}: {text(url)}" for name, url in sorted(run.endpoints.items())]
