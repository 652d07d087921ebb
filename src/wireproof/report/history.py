"""Since when something differs: one line per run, in a file that is bounded and may break without harm.

A line holds `run`, `date`, `target`, `outcome`, `verdicts` (name -> cases), `fingerprints` (fingerprint -> date it
was first seen on that target) and `unsteady` (those of them that were not seen again when their cases were repeated).
The date travels from line to line, so dropping old lines forgets only what no kept run has seen.

It also holds in `said` what is new in words, and in `gone` what was found to be gone, both of which the feed repeats.
The last two lines of a target hold `standing` as well: each difference that was seen once and not found to be gone
since, whether or not that run looked at it. What is gone is said by comparing the two.
"""

from __future__ import annotations

import itertools
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.bounds import read_file
from wireproof.counts import counted
from wireproof.drift.finding import fingerprint
from wireproof.escape import json_bytes, one_line
from wireproof.report.storage import replace_file
from wireproof.results.conclusion import EXERCISED, Outcome, conclude, difference, verdict_counts
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from pathlib import Path

    from wireproof.drift.finding import Finding
    from wireproof.results.model import RunResult

KEPT_RUNS = 400
KEPT_BYTES = 4 * 1024 * 1024
SAID = 50  # new differences of a run that are kept in words; some 10 kB
STANDING = 1000  # differences that stand in a line; some 200 kB


class Standing(Struct, frozen=True):
    """A difference that was seen and is not known to be gone, and the first case that showed it."""

    contract: str
    path: str
    kind: str
    case: str


class RunChanges(Struct, frozen=True):
    """What a run found to be new, still there and gone, as fingerprints.

    `unseen` is what earlier runs saw and this one did not look at; `since` is the moment of the run before, if any.
    """

    new: list[str]
    still: list[str]
    gone: dict[str, Standing]
    unseen: dict[str, Standing]
    since: str = ""


class Entry(Struct, kw_only=True):
    """What one run leaves for the next ones."""

    run: str
    date: str  # 2026-11-22T04:17:00Z
    target: str
    outcome: str
    verdicts: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    unsteady: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # fingerprints without value of what has one; since 0.2
    said: dict[str, str] = field(default_factory=dict)  # of the first of what is new: fingerprint -> in words
    gone: list[str] = field(default_factory=list)  # fingerprints that stood before this run
    standing: dict[str, Standing] = field(default_factory=dict)


class History:
    """The runs so far, oldest first. `note` says what was wrong with the file, if anything."""

    def __init__(self, entries: list[Entry] | None = None, note: str = "") -> None:
        self.entries = entries or []
        self.note = note
        self._first_seen: dict[tuple[str, str], str] = {}
        self._targets: dict[str, set[str]] = {}
        for entry in self.entries:
            for name, date in entry.fingerprints.items():
                key = (entry.target, name)
                self._targets.setdefault(name, set()).add(entry.target)
                self._first_seen[key] = min(date, self._first_seen.get(key, date))

    def first_seen(self, target: str, fingerprint: str) -> str:
        """Return the date a deviation was first seen on a target, `2026-11-22T04:17:00Z`; empty when it never was."""
        return self._first_seen.get((target, fingerprint), "")

    def first_seen_of(self, target: str, finding: Finding) -> str:
        """Return the same for a finding; of what only older lines know, by a fingerprint without value, as well.

        Once a line knows values of that path, another one is new. Lines that knew none, of a blocked night or of one
        that exercised something else, lose no date.
        """
        known, place = self.first_seen(target, finding.fingerprint), _place(finding)
        if known or not finding.value or any(place in one.places for one in self.entries if one.target == target):
            return known
        return self.first_seen(target, place)

    def nights_in_a_row(self, target: str, fingerprint: str, *, before: str) -> int:
        """Return on how many days in a row before a day (`2026-11-22`) a deviation was seen on a target.

        Days without a run, and runs that were blocked or incomplete, neither count nor end the row.
        """
        seen: dict[str, bool] = {}
        for entry in self.entries:
            day, here = entry.date[:10], fingerprint in entry.fingerprints
            if entry.target == target and day < before and (here or entry.outcome != Outcome.UNKNOWN):
                seen[day] = seen.get(day, False) or here
        row = itertools.takewhile(lambda day: seen[day], sorted(seen, reverse=True))
        return sum(1 for _ in row)

    def since(self, run: RunResult, fingerprint: str) -> str:
        """Return `new` for a deviation that this run is the first to see, else `since 2026-11-20`."""
        known = self.first_seen(run.target, fingerprint)
        return f"since {known[:10]}" if known and known != moment(run.started_at) else "new"

    def seen_on(self, fingerprint: str) -> list[str]:
        """Return the targets on which a deviation was seen."""
        return sorted(self._targets.get(fingerprint, ()))

    def changes(self, run: RunResult) -> RunChanges:
        """Return what changed with a run that is part of this history."""
        own = next((entry for entry in self.entries if entry.run == run.run), None)
        if own is None:
            return RunChanges([], [], {}, {})
        before = self._before(own.run, own.target, own.date)
        left = before.standing if before else {}
        return RunChanges(
            new=[name for name, date in own.fingerprints.items() if date == own.date],
            still=[name for name, date in own.fingerprints.items() if date != own.date],
            gone={name: left[name] for name in left if name not in own.standing and name not in own.fingerprints},
            unseen={name: one for name, one in own.standing.items() if name not in own.fingerprints},
            since=before.date if before else "",
        )

    def _before(self, run: str, target: str, date: str) -> Entry | None:
        earlier = [one for one in self.entries if one.target == target and one.date <= date and one.run != run]
        return earlier[-1] if earlier else None

    def with_run(self, run: RunResult) -> History:
        """Return this history with `run` in it; judging the same run again replaces its line."""
        others = [entry for entry in self.entries if entry.run != run.run]
        before = History(others)
        date = moment(run.started_at)
        unsteady = {finding.fingerprint for case in run.cases for finding in case.unsteady}
        shown = [(case.id, finding) for case in run.cases for finding in case.every_finding]
        findings = [finding for _, finding in shown]
        seen = {finding.fingerprint: finding for finding in sorted(findings, key=attrgetter("fingerprint"))}
        standing = {finding.fingerprint: _standing(case, finding) for case, finding in reversed(shown)}
        looked_at = {case.id for case in run.cases if case.verdict in EXERCISED}
        previous = before._before(run.run, run.target, date)
        stood = previous.standing if previous else {}
        for name, one in stood.items():
            if one.case not in looked_at:
                standing.setdefault(name, one)
        first = {name: before.first_seen_of(run.target, one) or date for name, one in seen.items()}
        new = [seen[name] for name in seen if first[name] == date][:SAID]
        entry = Entry(
            run=run.run,
            date=date,
            target=run.target,
            outcome=conclude(run).outcome.value,
            verdicts=verdict_counts(run),
            fingerprints=first,
            unsteady=sorted(unsteady),
            places=sorted({_place(finding) for finding in findings if finding.value}),
            said={one.fingerprint: _in_words(one) for one in new},
            gone=sorted(name for name in stood if name not in standing and name not in seen),
            standing=dict(sorted(standing.items())[:STANDING]),
        )
        kept = sorted([*others, entry], key=lambda one: one.date)[-KEPT_RUNS:]
        last = {id(one) for one in [one for one in kept if one.target == run.target][-2:]}
        done = [one.target == run.target and id(one) not in last for one in kept]
        entries = [replace(one, standing={}) if old else one for one, old in zip(kept, done, strict=True)]
        return History(entries, self.note)

    def save(self, file: Path) -> None:
        """Replace `file` by what `encoded` returns."""
        replace_file(file, self.encoded())

    def encoded(self) -> bytes:
        """Return the content of the file; the oldest lines are left out when it would grow beyond its bound."""
        lines = [json_bytes(msgspec.json.encode(entry)) + b"\n" for entry in self.entries]
        size = sum(map(len, lines))
        while len(lines) > 1 and size > KEPT_BYTES:
            size -= len(lines.pop(0))
        return b"".join(lines)


def _in_words(finding: Finding) -> str:
    where = f"{finding.contract} {finding.path or '(top level)'}"
    return one_line(f"{finding.severity} {finding.kind} at {where}: {difference(finding, 1, 1)}", 200)


def _standing(case: str, finding: Finding) -> Standing:
    return Standing(finding.contract, one_line(finding.path, 200), finding.kind, case)


def _place(finding: Finding) -> str:
    return fingerprint(finding.contract, finding.path, finding.kind)


def load_history(file: Path, *, look: bool = False) -> History:
    """Read `file`. What cannot be read is set aside beside it and said in `note`; it is never an error.

    A mere `look` leaves a broken file where it is, for whoever extends the history.
    """
    try:
        content = read_file(file)
    except FileNotFoundError:
        return History()
    except OSError as problem:
        return History(note=f"{file} cannot be read ({problem.strerror}): every difference counts as new in this run.")
    entries, bad = [], []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            bad.append(number)
    if not bad or look:
        return History(entries)
    aside = file.with_suffix(".broken" + file.suffix)
    try:
        file.replace(aside)
        where = f"The file was set aside as {aside.name}"
    except OSError:
        where = "The file will be replaced"
    complaint = f"{file}: line {bad[0]} is no history entry ({len(bad)} such)."
    return History(entries, note=f"{complaint} {where}; {counted(len(entries), 'run')} kept.")
