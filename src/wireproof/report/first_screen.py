"""The first page of the reports, `index.html`: the verdict and one row per difference, in one small page of its own.

It is made of a result and a history and nothing else, so that it can be made again wherever those are. Without scripts
it can be read whole; the script in it sorts, searches and filters. It loads nothing and stays below `PAGE_BYTES`: lists
are cut, and say so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.drift.finding import FIELD_KINDS, Kind, Severity, Verdict, without_lead
from wireproof.escape import one_line, web_address
from wireproof.report.allure_links import allure_page
from wireproof.report.attachments import BASELINE
from wireproof.report.summary import announcement, not_exercised, run_lines, told_standings
from wireproof.report.unseen import NOT_EXERCISED, plain_idle_lines, plain_sight_lines, sight_sentence
from wireproof.results.conclusion import lapsed, place
from wireproof.results.wording import moment, surface_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from wireproof.drift.finding import Finding
    from wireproof.report.history import History
    from wireproof.results.conclusion import RunDeviation
    from wireproof.results.run_summary import Summary

PAGE_BYTES = 200_000
ROWS = (180, 140, 100, 70, 40, 20, 10, 5, 2, 1)  # of a list: the first number with which the page is small enough
FIRST_STANDINGS = 8  # that are seen at once, the others when asked for
FEW = 40  # contracts of which the fields that never came are named

_TEMPLATES = "templates"
_NAME = re.compile(r"(?:^|\.)([^.\[\]*]+)$")


class DifferenceRow(Struct, frozen=True, kw_only=True):
    """What one row says of a difference; `anchor` is empty where an earlier row has the same fingerprint."""

    fingerprint: str
    anchor: str
    severity: str
    rank: int
    word: str
    kind: str
    path: str
    contract: str
    beside: str
    subject: str
    documented: str
    observed: str
    rename: str
    new: bool
    since: str
    targets: str
    often: str
    count: int
    cases: int
    first: str
    docs_url: str
    waiver: str
    waiver_link: str
    lapsed: str


def first_screen(
    summary: Summary,
    history: History,
    *,
    allure: str = "",
    files: Sequence[str] = (),
    scripts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    fields: Mapping[str, str] | None = None,
) -> str:
    """Return the page of a run that is part of `history`.

    `allure` is the address of the Allure report as seen from the page, `files` are those of the run's files that stand
    beside the page, `scripts` those that do a difference again, by its fingerprint, and `fields` the pages with the
    history of a contract's fields, by contract; what is not given is not linked.
    """
    template = environment().get_template("first_screen.html")
    page = ""
    for shown in ROWS:
        page = template.render(
            _context(summary, history, shown),
            allure=allure,
            files=files,
            scripts=scripts,
            fields=fields or {},
            shown=shown,
        )
        if len(page.encode()) <= PAGE_BYTES:
            break
    return page


def environment(script_file: str = "first_screen.js") -> Environment:
    """Return what makes pages of the templates, in one style and with one script. Whatever is put in is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415  # not for commands without reports
    from markupsafe import Markup  # noqa: PLC0415

    def shown(value: Any) -> Any:
        return one_line(value, 1000) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(
        autoescape=True,
        finalize=shown,
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    script = _template(script_file).strip()
    made.globals |= {
        "allure_page": allure_page,
        "style": Markup(_template("first_screen.css").replace("\n", "")),  # noqa: S704  # files of the package
        "script": Markup(script),  # noqa: S704
        "script_hash": f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
    }
    made.filters["short"] = one_line
    return made


def _template(name: str) -> str:
    return (resources.files("wireproof.report") / _TEMPLATES / name).read_text("utf-8")


def _context(summary: Summary, history: History, shown: int) -> dict[str, Any]:
    run, changes = summary.run, history.changes(summary.run)
    anchors: set[str] = set()

    def rows(found: Sequence[RunDeviation], word: str = "") -> list[DifferenceRow]:
        return [_row(summary, history, one, word, anchors) for one in found[:shown]]

    silent = [one for one in (*summary.deviations, *summary.unsteady) if one.finding.kind is Kind.SILENT_STREAM]
    told = told_standings(summary)
    return {
        "run": run,
        "outcome": summary.conclusion.outcome.value,
        "verdict": summary.headline.partition(":")[0],
        "headline": summary.headline,
        "place": place(run),
        "date": moment(run.started_at),
        "tiles": _tiles(summary, history),
        "differences": rows(summary.deviations),
        "total": len(summary.deviations),
        "severities": [(name, number) for name, number in _by_severity(summary) if number],
        "unsteady": rows(summary.unsteady, Verdict.UNSTEADY.value),
        "unsteady_total": len(summary.unsteady),
        "waived": rows(summary.waived, "waived"),
        "waived_total": len(summary.waived),
        "known": rows(summary.known, BASELINE),
        "known_total": len(summary.known),
        "standings": [(one, announcement(one), web_address(one.link)) for one in told],
        "standing_counts": ", ".join(
            f"{number:,} {name}" for name, number in Counter(one.standing.value for one in told).items()
        ),
        "first_standings": min(FIRST_STANDINGS, shown),
        "streams": [_row(summary, history, one, "", set()) for one in silent],
        "broken": [f"{case.id}: {case.reason}" for case in summary.broken],
        "changes": changes,
        "coverage": _coverage(summary),
        "sight": sight_sentence(summary),
        "unshown": plain_sight_lines(summary),
        "few": min(FEW, shown),
        "idle": [line.removeprefix(NOT_EXERCISED) for line in (*plain_idle_lines(run), *not_exercised(run, str))],
        "lines": run_lines(summary, str, str),
        "notes": [*run.notes, *([history.note] if history.note else [])],
        "result": "result.json",
    }


def _by_severity(summary: Summary) -> list[tuple[str, int]]:
    found = Counter(one.finding.severity for one in summary.deviations)
    return [(severity.value, found[severity]) for severity in reversed(Severity)]


def _tiles(summary: Summary, history: History) -> list[tuple[str, str, str]]:
    """Return what stands below the headline: a number, what it counts, and where on the page that is listed."""
    run, changes = summary.run, history.changes(summary.run)
    new = len({one.finding.fingerprint for one in summary.deviations}.intersection(changes.new))
    tiles = [(f"{number:,}", name, "#differences") for name, number in _by_severity(summary)]
    tiles += [
        (f"{new:,}", "new", "#differences"),
        (f"{len(changes.gone):,}", "gone", "#changes"),
        (f"{len(summary.unsteady):,}", "unsteady", "#unsteady"),
        (f"{len(summary.waived):,}", "waived", "#waived"),
        *([(f"{len(summary.known):,}", "of the baseline", "#baseline")] if summary.known else []),
        (f"{len(run.blocked):,}", "blocked host" if len(run.blocked) == 1 else "blocked hosts", "#main"),
        (f"{run.exercised:,} of {run.selected:,}", "cases exercised", "#coverage"),
    ]
    if summary.fields:
        tiles.append((f"{summary.fields_seen:,} of {summary.fields:,}", "documented fields seen", "#coverage"))
    return tiles


def _row(summary: Summary, history: History, one: RunDeviation, word: str, anchors: set[str]) -> DifferenceRow:
    run, finding = summary.run, one.finding
    documented, observed = _shapes(finding)
    since, targets = history.first_seen(run.target, finding.fingerprint), history.seen_on(finding.fingerprint)
    anchor = "" if finding.fingerprint in anchors else finding.fingerprint
    anchors.add(finding.fingerprint)
    often = [f"{one.occurrences:,} of {one.of:,}"] if one.of > 1 else []
    return DifferenceRow(
        fingerprint=finding.fingerprint,
        anchor=anchor,
        severity=finding.severity.value,
        rank=finding.severity.rank,
        word=word,
        kind=finding.kind.value,
        path=one_line(finding.path, 200),
        contract=one_line(finding.contract, 120),
        beside=one.beside,
        subject=one.subject,
        documented=documented,
        observed=observed,
        rename=one.rename,
        new=history.since(run, finding.fingerprint) == "new",
        since=since or moment(run.started_at),
        targets=f"on {', '.join(targets)}" if len(targets) > 1 else "",
        often="; ".join([*often, *([one_line(one.often, 200)] if one.often else [])]) or "once",
        count=one.occurrences,
        cases=len(one.cases),
        first=one.cases[0],
        docs_url=web_address(one.docs_url),
        waiver=f"{'waived' if one.reason else 'known'} until {one.expires}: {one_line(one.reason, 300)}".rstrip(": ")
        if one.expires
        else "",
        waiver_link=web_address(one.link),
        lapsed=one_line(" ".join(lapsed(run, finding)), 400),
    )


def _shapes(finding: Finding) -> tuple[str, str]:
    """Return what is documented and what came, in a few words each: `price: decimal string`, `price: integer`."""
    expected, actual = one_line(finding.expected, 160), without_lead(one_line(finding.actual, 300))
    name = _NAME.search(finding.path)
    field = f"{one_line(name[1], 60)}: " if name and finding.kind in FIELD_KINDS else ""
    documented = f"{field}{expected}" if expected not in {"", "nothing"} else "not documented"
    return documented, "missing" if finding.kind is Kind.MISSING_FIELD else f"{field}{actual or 'nothing'}"


def _coverage(summary: Summary) -> list[tuple[Any, str, str, str]]:
    fields: dict[tuple[str, ...], list[int]] = {}
    for sight in summary.run.sights:
        seen = fields.setdefault(tuple(sight.contract.split("/")[:2]), [0, 0])
        seen[0] += sight.seen
        seen[1] += sight.fields
    return [
        (
            row,
            summary.run.title_of(row.product),
            surface_title(row.surface),
            "{:,} of {:,}".format(*fields[row.product, row.surface]) if (row.product, row.surface) in fields else "-",
        )
        for row in summary.run.coverage
    ]
