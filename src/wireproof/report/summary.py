"""What a person reads first: the verdict, what was covered, and one line per difference."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from wireproof.counts import counted
from wireproof.drift.finding import Verdict
from wireproof.escape import code, link, one_line, prose
from wireproof.report.reproductions import FOLDER, cut_words
from wireproof.report.unseen import empty_lines, idle_lines, plain_idle_lines, sight_lines, sight_sentence
from wireproof.results.conclusion import NOT_OBSERVED, RunDeviation, canary_lines, lapsed, reasoned
from wireproof.results.model import FindingStanding, StandingClass
from wireproof.results.wording import duration, moment, peaks, surface_title, target_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wireproof.report.history import History
    from wireproof.report.reproductions import Reproduced
    from wireproof.results.model import CaseResult, RunResult
    from wireproof.results.run_summary import Summary

SHOWN = 200  # lines per list in summary.md: 200 findings are some 80 kB, far below what GitHub shows
SHOWN_IN_TERMINAL = 20
_HANG: Any = {"subsequent_indent": "  ", "break_on_hyphens": False}
_NAMED = 5  # cases that were not observed, in one line
_REQUEST_ID = re.compile(r" \(id [0-9a-f-]{36}\)")  # each case has its own, which is in result.json
_MORE = "… and {:,} more in result.json"


def summary_markdown(
    summary: Summary, history: History, *, shown: int = SHOWN, scripts: Sequence[Reproduced] = ()
) -> str:
    """Return the summary as Markdown; lists are cut after `shown` lines each, and say so.

    `scripts` do differences again; they stand beside the summary.
    """
    run = summary.run
    parts = [
        f"# {prose(summary.headline, 1000)}",
        *_banner(run),
        "## Coverage",
        _coverage_table(run),
        *([sight_sentence(summary)] if run.sights else []),
        *_section("Differences", _deviation_lines(summary, history, scripts), shown, empty="None that count."),
        *filter(None, [cut_words(summary, len(scripts))] if scripts else []),
        *standing_markdown(summary, shown),
        *_section("Unsteady: not seen again when repeated", _unsteady_lines(summary, history), shown),
        *_section("Wireproof broke", [f"{code(case.id)}: {prose(case.reason)}" for case in summary.broken], shown),
        *_section("Not exercised", [*idle_lines(run), *not_exercised(run, prose)], shown),
        *_section("Documented fields that no answer showed", sight_lines(summary), shown),
        *_section("Waived", _waived_lines(summary, history), shown),
        *_section("Expired waivers", map(prose, run.waivers_expired), shown),
        *_section("Stale waivers", map(prose, run.waivers_stale), shown),
        *_section("Baseline", _baseline_lines(summary, history), shown),
        *_strength(run),
        *_section("State of an earlier crash that was removed", map(prose, run.leftovers), shown),
        *_section("The run", run_lines(summary, prose, code), shown),
        *_section("Notes", map(prose, [*run.notes, *([history.note] if history.note else [])]), shown),
    ]
    return "\n\n".join(parts) + "\n"


def terminal_summary(summary: Summary, history: History, width: int = 100) -> list[str]:
    """Return the same as plain lines for a terminal `width` columns wide.

    Of at most 20 differences: those that make the run fail have a block each, the others a line.
    """
    run, width = summary.run, max(width, 40)
    lines = wrap(summary.headline, width)
    for block in run.blocked:
        lines += wrap(f"BLOCKED {block.host}: {one_line(block.reason, 400)} {one_line(block.advice)}".rstrip(), width)
    lines += [one_line(f"NOT UNDONE {left}", width) for left in run.not_cleaned]
    lines.append("")
    rows = [("", *_counts(run)[0], "cases")]
    rows += [
        (f"{row.product} {row.surface}", *counts, f"{row.cases_exercised}/{row.cases}")
        for row, counts in zip(run.coverage, _counts(run)[1:], strict=True)
    ]
    first = max(len(row[0]) for row in rows)
    widths = [max(len(head), 10) for head in rows[0][1:]]
    for name, *numbers in rows:
        cells = "  ".join(f"{text:>{width}}" for text, width in zip(numbers, widths, strict=True))
        lines.append(f"{name:<{first}}  {cells}")
    said = [sight_sentence(summary), strength_sentence(run) if run.strength and run.exercised else ""]
    lines += ["", *(line for sentence in said for line in wrap(sentence, width))] if any(said) else []
    told = [*((one, "") for one in summary.deviations), *((one, Verdict.UNSTEADY) for one in summary.unsteady)]
    failing = {one.finding.fingerprint for one in summary.failing}
    blocks, since = [], when(run, history)
    for one, word in told[:SHOWN_IN_TERMINAL]:
        line = _plain_deviation(one, since(one), word)
        blocks.append([line, *(_block(run, one) if not word and one.finding.fingerprint in failing else [])])
    blocks += [[f"broken    {one_line(f'{case.id}: {case.reason}', 300)}"] for case in summary.broken]
    if blocks:
        lines += ["", *(line for block in blocks[:SHOWN_IN_TERMINAL] for line in block)]
    if (number := len(told) + len(summary.broken)) > SHOWN_IN_TERMINAL:
        lines.append(_MORE.format(number - SHOWN_IN_TERMINAL))
    lines.append("")
    lines += [line for text in run.waivers_expired for line in wrap(one_line(text, 1500), width, **_HANG)]
    lines += [one_line(text, width) for text in run.waivers_stale]
    lines += [one_line(text, max(width, 400)) for text in run.baseline_expired]
    lines += [one_line(text, width) for text in _gone_lines(run)]
    unreached = [*empty_lines(summary), *(plain_idle_lines(run) if run.exercised else []), *not_exercised(run, str)]
    for text in unreached:
        said_above = any(one_line(block.reason, 1500) in text for block in run.blocked)  # whole, in the banner
        lines += [one_line(text, width)] if said_above else wrap(one_line(text, 1500), width, **_HANG)
    lines += [one_line(text, max(width, 200)) for text in run_lines(summary, str, str)[1:]]
    lines += [one_line(text, width) for text in [*run.notes, *([history.note] if history.note else [])]]
    return lines


def deviation_markdown(deviation: RunDeviation, since: str, word: str = "") -> str:
    """Return one line: how bad (or `word`), what, where, since when, how often, documentation, fingerprint."""
    finding = deviation.finding
    contract = f"{code(finding.contract)}{deviation.beside}"
    what = f"**{word or finding.severity}** {finding.kind} at {_place(finding.path)} of {contract}"
    parts = [f"{what}: {code(deviation.words, 300)}", since]
    parts += [prose(deviation.often, 300)] if deviation.often else []
    if len(deviation.cases) == 1:
        parts.append(f"case {code(deviation.cases[0])}")
    else:
        parts.append(f"{counted(len(deviation.cases), 'case')}, first {code(deviation.cases[0])}")
    if deviation.docs_url:
        parts.append(link("documentation", deviation.docs_url))
    parts.append(code(finding.fingerprint))
    return " · ".join(parts)


def _place(path: str) -> str:
    return code(path) if path else "the top level"


def _plain_deviation(deviation: RunDeviation, since: str, word: str = "") -> str:
    finding = deviation.finding
    when = f"{since}, {deviation.often}" if deviation.often else since
    where = f"{finding.contract}{deviation.beside} {finding.path or '(top level)'}"
    what = f"{where}: {finding.kind}, {deviation.words} [{when}]"
    return f"{word or finding.severity:<9} {one_line(what, 400)}"


def _block(run: RunResult, deviation: RunDeviation) -> list[str]:
    """Return what else a person needs of a difference that makes a run fail: cases, documentation, how to repeat it."""
    first, number = one_line(deviation.cases[0], 300), len(deviation.cases)
    cases = f"{counted(number, 'case')}, first {first}" if number > 1 else f"case {first}"
    said = [
        f"{cases} (fingerprint {deviation.finding.fingerprint})",
        *([f"documented at {one_line(deviation.docs_url, 300)}"] if deviation.docs_url else []),
        f"again: wireproof run {target_options(run.target)} -k '{first}'",
        *(one_line(text, 1500) for text in lapsed(run, deviation.finding)),
    ]
    return [f"{'':<10}{text}" for text in said]


def _banner(run: RunResult) -> list[str]:
    parts = []
    for block in run.blocked:
        cases = f" ({counted(block.cases, 'case')})" if block.cases else ""
        parts.append(f"> **Blocked** {code(block.host)}{cases}: {prose(block.reason)} {prose(block.advice)}".rstrip())
    if run.not_cleaned:
        left = "\n".join(f"> - {prose(text)}" for text in run.not_cleaned[:20])
        parts.append(f"> **Not undone: look at the account.**\n>\n{left}")
    return parts


def _counts(run: RunResult) -> list[tuple[str, ...]]:
    """Return the heads of the columns that count contracts, and their numbers in each row of the coverage."""
    names = {"documented": "documented", "exercised": "exercised", "shown empty": "shown_empty"}
    if not any(row.shown_empty for row in run.coverage):
        del names["shown empty"]
    names["conforming"] = "conforming"
    return [tuple(names), *(tuple(str(getattr(row, name)) for name in names.values()) for row in run.coverage)]


def _coverage_table(run: RunResult) -> str:
    heads, *counts = _counts(run)
    rows = [
        f"| product | surface | {' | '.join(heads)} | cases exercised |",
        f"| :-- | :-- |{' --: |' * len(heads)} --: |",
    ]
    rows += [
        f"| {prose(run.title_of(row.product))} | {prose(surface_title(row.surface))} | {' | '.join(numbers)} "
        f"| {row.cases_exercised} of {row.cases} |"
        for row, numbers in zip(run.coverage, counts, strict=True)
    ]
    return "\n".join(rows)


def strength_sentence(run: RunResult) -> str:
    """Return how much of what could change in the documented examples the comparison would notice."""
    mutations, caught = sum(s.mutations for s in run.strength), sum(s.caught for s in run.strength)
    weak = sum(bool(s.hidden) for s in run.strength)
    return (
        f"The comparison catches {caught:,} of {counted(mutations, 'sampled change')} of the documented examples;"
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


def _deviation_lines(summary: Summary, history: History, scripts: Sequence[Reproduced]) -> list[str]:
    by_hand = {one.fingerprint: f" · by hand: `{FOLDER}/{one.name}`" for one in scripts}
    since = when(summary.run, history)
    return [
        deviation_markdown(one, since(one)) + by_hand.get(one.finding.fingerprint, "") for one in summary.deviations
    ]


def when(run: RunResult, history: History) -> Callable[[RunDeviation], str]:
    """Return what says since when a target differs and how that stands: `new, testnet ahead, unannounced`."""
    words = {one.fingerprint: one.words for one in run.standings}

    def said(deviation: RunDeviation) -> str:
        name = deviation.finding.fingerprint
        return ", ".join(filter(None, [history.since(run, name), words.get(name)]))

    return said


def told_standings(summary: Summary) -> list[FindingStanding]:
    """Return how the differences that count stand, as far as that says something, the worst class first."""
    order, counting = list(StandingClass), {one.finding.fingerprint for one in summary.deviations}
    told = [one for one in summary.run.standings if one.words and one.fingerprint in counting]
    return sorted(told, key=lambda one: order.index(one.standing))


def announcement(one: FindingStanding) -> str:
    """Return how a difference was announced, with the days: `early: announced 2026-11-01, in force 2026-12-01`."""
    days = {"announced": one.announced, "in force": one.in_force, "seen by others": one.seen_by_others}
    said = ", ".join(f"{name} {day}" for name, day in days.items() if day)
    return f"{one.announcement}: {said}" if said else one.announcement


def standing_markdown(summary: Summary, shown: int) -> list[str]:
    """Return the table of the differences that stand somehow, cut after `shown` rows; nothing where none does."""
    every = told_standings(summary)
    if not every:
        return []
    rows = [
        "| difference | documentation | testnet | live | last good night | it is | announcement |",
        "| :-- | :-- | :-- | :-- | :-- | :-- | :-- |",
    ]
    for one in every[:shown]:
        known = f" ({link('source', one.link)})" if one.link else ""
        cells = [
            f"{_place(one.path)} of {code(one.contract)}",
            *(code(text, 80) if text else "" for text in (one.documentation, one.testnet, one.live)),
            prose(one.last_good),
            f"**{one.standing}**: {prose(one.reason)}",
            f"{prose(announcement(one))}{known}",
        ]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    more = [_MORE.format(len(every) - shown)] if len(every) > shown else []
    return ["## How the differences stand", "\n".join(rows), *more]


def _unsteady_lines(summary: Summary, history: History) -> list[str]:
    return [
        deviation_markdown(one, history.since(summary.run, one.finding.fingerprint), Verdict.UNSTEADY)
        for one in summary.unsteady
    ]


def _waived_lines(summary: Summary, history: History) -> list[str]:
    """Return one line per contract and reason: one reason often excuses many fields."""
    groups: dict[tuple[str, ...], list[RunDeviation]] = {}
    for one in summary.waived:
        groups.setdefault((one.expires, one.finding.contract, one.reason, one.link), []).append(one)
    lines = []
    for group in groups.values():
        first = group[0]
        why = f"until {first.expires}: {prose(first.reason)} ({link('source', first.link)})"
        if len(group) == 1:
            what = deviation_markdown(first, history.since(summary.run, first.finding.fingerprint))
        else:
            what = f"{counted(len(group), 'difference')} of {code(first.finding.contract)}: {_kinds_and_places(group)}"
        lines.append(f"{what} · {why}")
    return lines


def _baseline_lines(summary: Summary, history: History) -> list[str]:
    """Return what expired of the baseline and what is gone from it, then a line per known difference, worst first."""
    run = summary.run
    lines = [*map(prose, run.baseline_expired), *map(prose, _gone_lines(run, SHOWN))]
    for one in summary.known:
        line = deviation_markdown(one, history.since(run, one.finding.fingerprint))
        lines.append(f"until {one.expires}: {line}")
    return lines


def _gone_lines(run: RunResult, shown: int = 5) -> list[str]:
    gone = [one.sentence for one in run.baseline_gone]
    more = [_MORE.format(len(gone) - shown)] if len(gone) > shown else []
    advice = ["`wireproof baseline --prune` removes what is gone."] if gone else []
    return [*gone[:shown], *more, *advice]


def _kinds_and_places(group: list[RunDeviation]) -> str:
    """Return where each kind of difference stands: `**breaking** missing-field at a (fingerprint), b (fingerprint)`."""
    kinds: dict[str, list[str]] = {}
    for one in group:
        what = f"**{one.finding.severity}** {one.finding.kind}"
        kinds.setdefault(what, []).append(f"{_place(one.finding.path)} ({one.finding.fingerprint})")
    return "; ".join(f"{what} at {', '.join(places)}" for what, places in kinds.items())


def not_exercised(run: RunResult, text: Callable[[str], str]) -> list[str]:
    """Return a line per reason for which cases were not exercised, the most frequent first, and what was left out."""
    by_reason: dict[str, list[CaseResult]] = {}
    for case in run.cases:
        if case.verdict in {None, Verdict.BLOCKED}:
            by_reason.setdefault(_REQUEST_ID.sub("", reasoned(case)), []).append(case)
    told = {contract for one in run.idle for contract in one.contracts}
    lines = []
    for said, cases in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        silent = said.startswith(NOT_OBSERVED)
        if silent and told.issuperset(case.contract for case in cases):
            continue
        names = f" ({', '.join(case.id for case in cases)})" if silent and len(cases) <= _NAMED else ""
        lines.append(f"{counted(len(cases), 'case')} {text(said + names)}")
    left_out = sorted(run.excluded.items(), key=lambda item: (-item[1], item[0]))
    return lines + [f"{counted(number, 'case')} left out: {text(reason)}" for reason, number in left_out]


def run_lines(summary: Summary, text: Callable[[str], str], address: Callable[[str], str]) -> Sequence[str]:
    """Return what there is to say of the run itself: its id, its verdicts, what it sent, and where to."""
    run = summary.run
    verdicts = ", ".join(f"{number:,} {name}" for name, number in summary.verdicts.items())
    spent = f"{duration(run.wire_ms)} on the wire, {duration(run.ended_at - run.started_at)} in all"
    lines = [
        f"{text(run.run)}, wireproof {text(run.version)}, {moment(run.started_at)}, target {text(run.target)}",
        f"verdicts: {verdicts or 'none'}",
        f"{counted(run.requests, 'request')} in {spent}",
        f"weight {run.weight:,}, at its peak per minute {peaks(run.limit_pools)}",
        *map(text, canary_lines(run)),
    ]
    return lines + [f"{text(name)}: {address(url)}" for name, url in sorted(run.endpoints.items())]
