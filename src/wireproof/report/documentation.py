"""One pull request with what documentation changed: of the JSON that `sources pages` and `sources sdk` printed.

It is known by its branch. While it is open, each run rewrites it; a run that finds nothing opens none, and what could
not be read is said in its text or, without one, in the summary of the job.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from wireproof.bounds import MOST_OF_A_LINE, read_file
from wireproof.counts import counted
from wireproof.errors import UsageError
from wireproof.escape import cell, code, prose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wireproof.report.github_api import GitHub

BRANCH = "wireproof/documentation"
TITLE = "Documentation changed"
SHOWN, SHOWN_OF_A_LIST = 200, 60
TEXT_LIMIT = 60_000  # GitHub takes 65,536 characters

_SEVERITIES = ("breaking", "risky", "additive", "")


class DocumentedChange(Struct, frozen=True):
    """A change as the commands print it; of more than is used here, the rest is left out."""

    contract: str
    what: str
    where: str = ""
    detail: str = ""
    severity: str = ""


class SourceReport(Struct):
    """What one command printed: of the pages of a product, or of an SDK."""

    name: str = ""
    package: str = ""
    version: str = ""
    released: str = ""
    changes: list[DocumentedChange] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What the text calls it."""
        return f"{self.package} {self.version}".strip() if self.package else self.name


def read_reports(folder: Path) -> list[SourceReport]:
    """Return what the JSON files of a folder say, by name. A file that says nothing becomes a report of that failure.

    Raises UsageError for a folder without any.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise UsageError(f"{folder} has no JSON of `wireproof sources pages --json` or `sources sdk --json` in it.")
    out: list[SourceReport] = []
    for file in files:
        try:
            found = msgspec.json.decode(read_file(file, MOST_OF_A_LINE), type=SourceReport)
        except (msgspec.MsgspecError, OSError, UnicodeDecodeError, RecursionError):
            found = SourceReport(failures=["left no report; its step says why"])
        found.name = file.stem
        out.append(found)
    return out


def changed_files(reports: Sequence[SourceReport], contracts: Path) -> dict[str, bytes]:
    """Return the files that the commands wrote, by their path below the folder of contracts."""
    ids = [one for report in reports for one in report.written]
    names = [f"{one}.json" for one in ids] + [f"{one.partition('/')[0]}/changes.json" for one in ids]
    # Only what lies in the folder: an id is read from a file, and becomes a path of the repository.
    inside = (name for name in dict.fromkeys(names) if ".." not in name.split("/") and not name.startswith("/"))
    return {name: (contracts / name).read_bytes() for name in inside if (contracts / name).is_file()}


def headline(reports: Sequence[SourceReport]) -> str:
    """Return how much changed, in one sentence."""
    changes = Counter(change.severity for report in reports for change in report.changes if change.severity)
    parts = [f"{changes[one]} {one}" for one in _SEVERITIES if one and changes[one]]
    said = f"{counted(changes.total(), 'change')} of the documentation" if parts else "No change of the documentation"
    return f"{said}{': ' if parts else ''}{', '.join(parts)}."


def text_of(reports: Sequence[SourceReport]) -> str:
    """Return the text of the pull request, which is the summary of the job as well: Markdown."""
    failed = [report for report in reports if report.failures]
    lines = [prose(headline(reports), 1000), ""]
    if failed:
        names = ", ".join(code(report.label) for report in failed)
        lines += [f"**Not everything could be read or brought in**: {names}. What follows is the rest.", ""]
    rows = [(change, report.label) for report in reports for change in report.changes]
    rows.sort(key=lambda row: _SEVERITIES.index(row[0].severity) if row[0].severity in _SEVERITIES else 3)
    if rows:
        lines += ["| severity | contract | change | source |", "|---|---|---|---|"]
        for change, label in rows[:SHOWN]:
            words = " ".join(filter(None, (change.what, change.where, f"({change.detail})" if change.detail else "")))
            lines.append(f"| {change.severity or '-'} | {cell(change.contract)} | {cell(words)} | {cell(label)} |")
        if len(rows) > SHOWN:
            lines.append(f"\n… and {len(rows) - SHOWN:,} more.")
        lines.append("")
    for title, found in (
        ("Left to people", [(report, one) for report in reports for one in report.by_hand]),
        ("Explanations that explain nothing any more", [(report, one) for report in reports for one in report.stale]),
        ("Could not be read or brought in", [(report, one) for report in reports for one in report.failures]),
    ):
        if found:
            lines += [f"### {title}", ""]
            lines += [f"- {code(report.label)}: {prose(one)}" for report, one in found[:SHOWN_OF_A_LIST]]
            lines += [f"- … and {len(found) - SHOWN_OF_A_LIST:,} more"] if len(found) > SHOWN_OF_A_LIST else []
            lines.append("")
    text = "\n".join(lines).strip()
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT].rpartition(chr(10))[0]}\n\n… and more."


def keep_pull_request(reports: Sequence[SourceReport], contracts: Path, prefix: str, github: GitHub) -> str:
    """Open or rewrite the pull request; return in one sentence what was done.

    `prefix` is the folder of the contracts in the repository. Where the default branch says all of it already, none is
    opened, and one that is open stays as it is. Raises GitHubError.
    """
    files = {f"{prefix}/{name}": data for name, data in changed_files(reports, contracts).items()}
    if not files:
        return "Nothing was written, so there is no pull request."
    base = github.default_branch()
    head = github.head(base)
    base_tree = github.tree_of(head)
    tree = github.tree(base_tree, files)
    if tree == base_tree:
        return "The default branch says all of it already, so there is no pull request."
    title, text = f"{TITLE}: {headline(reports).removesuffix('.')}", text_of(reports)
    branch = github.head(BRANCH)
    if not branch or github.tree_of(branch) != tree:
        github.point(BRANCH, github.commit(title, tree, head), exists=bool(branch))
    number = github.pull_request(BRANCH, base)
    if number:
        github.rewrite_pull_request(number, title, text)
        return f"Pull request {number} was rewritten."
    return f"Pull request {github.open_pull_request(BRANCH, base, title, text)} was opened."
