"""The baseline: differences that were there on the first night, known since a day, until a day, on one target.

It stands in one file beside the contracts, `baseline.json`: `{"differences": [...]}`, apart from the waivers, which say
why. An entry covers what was seen then and nothing else: another value, something else that came, a higher severity or
another kind at the same path is new. `wireproof baseline` writes it from a run.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.lines import line_of
from wireproof.contract.store import decode
from wireproof.counts import counted
from wireproof.drift.finding import VALUE_KINDS, Finding, Severity, fingerprint
from wireproof.drift.tolerance import (
    LONGEST_DAYS,
    JudgedAnswer,
    Tolerance,
    by_contract,
    is_expired,
    parted,
    what_came,
)
from wireproof.drift.waivers import write_json
from wireproof.errors import ContractFileError, UsageError, did_you_mean
from wireproof.run_options import TARGETS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from wireproof.contract.store import Store

BASELINE = "baseline.json"

_NAMED = 3  # differences in a sentence about many


class KnownDifference(Tolerance, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A difference that is as old as the baseline. Dates are ISO 8601; the last day on which it holds is `expires`.

    `since` is the day on which it was first taken, `renewed` the last one on which it was taken again.
    """

    target: str
    severity: Severity
    since: str
    renewed: str = ""
    expires: str

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is this difference, no worse than it was."""
        return finding.severity.rank <= self.severity.rank and super().covers(finding)


class Gone(Struct, frozen=True, kw_only=True):
    """A difference of the baseline that was looked for and did not come, or which of its `values` did not."""

    fingerprint: str
    contract: str
    path: str
    kind: str
    values: tuple[str, ...] = ()
    remains: bool = False  # other values came

    @property
    def sentence(self) -> str:
        """What is gone, in words."""
        what = f" ({', '.join(self.values)})" if self.values else ""
        return f"Gone from the baseline: {self.contract} {self.path or '(top level)'}: {self.kind}{what}."


class _BaselineFile(Struct, forbid_unknown_fields=True):
    differences: list[KnownDifference]


class Baseline:
    """The differences that are known, of every target."""

    def __init__(self, differences: Iterable[KnownDifference] = ()) -> None:
        self.differences = tuple(differences)

    def apply(
        self, findings: Iterable[Finding], *, target: str, today: date
    ) -> tuple[list[Finding], list[tuple[Finding, KnownDifference]]]:
        """Part findings into new ones and known ones. What expired, or is of another target, covers nothing."""
        return parted(findings, [one for one in self._of(target) if not is_expired(one.expires, today)])

    def gone(self, judged: Iterable[JudgedAnswer], *, target: str, complete: Collection[str] = ()) -> list[Gone]:
        """Return what was exercised without the difference, or without some of its values: see `Waivers.stale`."""
        answers = by_contract(judged)
        return [
            Gone(
                fingerprint=one.fingerprint,
                contract=one.contract,
                path=one.path,
                kind=one.kind.value,
                values=values,
                remains=len(values) < len(one.values),
            )
            for one in self._of(target)
            if (values := one.gone(answers.get(one.contract, []), complete)) is not None
        ]

    def expired(self, *, target: str, today: date, contracts: Collection[str], gone: Iterable[Gone] = ()) -> list[str]:
        """Return a sentence for each day on which differences of these contracts expired; what is gone needs none."""
        over = {one.fingerprint for one in gone if not one.remains}
        concerned = sorted(
            (
                one
                for one in self._of(target)
                if one.contract in contracts and is_expired(one.expires, today) and one.fingerprint not in over
            ),
            key=attrgetter("expires", "contract", "path"),
        )
        return [
            _expired_sentence(expires, target, list(together))
            for expires, together in groupby(concerned, attrgetter("expires"))
        ]

    def _of(self, target: str) -> list[KnownDifference]:
        return [one for one in self.differences if one.target == target]


def _expired_sentence(expires: str, target: str, differences: Sequence[KnownDifference]) -> str:
    named = ", ".join(one.name for one in differences[:_NAMED])
    more = f" and {len(differences) - _NAMED:,} more" if len(differences) > _NAMED else ""
    known = f"The baseline of {counted(len(differences), 'difference')} on {target}"
    return (
        f"{known} expired on {expires} and no longer holds: {named}{more}."
        " Take it again with `wireproof baseline`, or waive what has a reason."
    )


def load_baseline(file: Path) -> Baseline:
    """Read a baseline; nothing is known when there is no such file.

    Raises ContractFileError for anything but the closed format.
    """
    if not file.exists():
        return Baseline()
    differences = decode(file, _BaselineFile).differences
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(differences):
        if problem := _problem(one):
            line = line_of(file.read_text("utf-8"), "differences", number)
            raise ContractFileError(file, f"line {line}, difference {one.name}: {problem}")
        if (one.fingerprint, one.target) in seen:
            raise ContractFileError(file, f"difference {one.name} stands twice for target {one.target}.")
        seen.add((one.fingerprint, one.target))
    return Baseline(differences)


def baseline_of(store: Store) -> Baseline:
    """Return the baseline of a store: that of its overlay, and what else is known beside it."""
    held: dict[tuple[str, str], KnownDifference] = {}
    for file in store.files(BASELINE):
        for one in load_baseline(file).differences:
            held.setdefault((one.target, one.fingerprint), one)
    return Baseline(held.values())


class Taken(Struct, frozen=True):
    """What became of a baseline: differences that are new in it, that were taken again, and cannot be taken."""

    added: int
    renewed: int
    refused: tuple[Finding, ...]


def take(file: Path, findings: Iterable[Finding], *, target: str, days: int, today: date) -> Taken:
    """Take findings into the baseline of a target and write the file anew, sorted.

    What it holds stays known since its day. A value that only a count stands for cannot be taken. Raises UsageError
    when the days are too many or too few.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"A baseline holds for 1 to {LONGEST_DAYS} days, not {days}.")
    held = {(one.target, one.fingerprint): one for one in load_baseline(file).differences}
    before, renewed, refused = set(held), set(), []
    expires = (today + timedelta(days=days)).isoformat()
    for finding in findings:
        by_value = finding.kind in VALUE_KINDS
        if by_value and not finding.value:
            refused.append(finding)
            continue
        place = fingerprint(finding.contract, finding.path, finding.kind)
        known = held.get((target, place))
        came = {finding.value} if by_value else what_came(finding)
        together = tuple(sorted(came.union(() if known is None else known.values if by_value else known.actual)))
        worst = max(finding.severity, known.severity if known else finding.severity, key=attrgetter("rank"))
        held[target, place] = KnownDifference(
            fingerprint=place,
            contract=finding.contract,
            path=finding.path,
            kind=finding.kind,
            values=together if by_value else (),
            actual=() if by_value else together,
            target=target,
            severity=worst,
            since=known.since if known else today.isoformat(),
            renewed=today.isoformat() if known and known.since != today.isoformat() else "",
            expires=expires,
        )
        renewed.update({(target, place)} & before)
    if renewed or held.keys() - before:
        _write(file, held.values())
    return Taken(len(held) - len(before), len(renewed), tuple(refused))


def prune(file: Path, gone: Iterable[Gone], *, target: str) -> int:
    """Remove from the baseline of a target what is gone, and write the file anew; return how many entries changed."""
    held = {(one.target, one.fingerprint): one for one in load_baseline(file).differences}
    changed = 0
    for one in gone:
        known = held.get((target, one.fingerprint))
        if known is None:
            continue
        left = tuple(value for value in known.values if value not in one.values)
        if left == known.values and one.values:
            continue  # removed by an earlier call, of which the run does not know
        changed += 1
        if left:
            held[target, one.fingerprint] = replace(known, values=left)
        else:
            del held[target, one.fingerprint]
    if changed:
        _write(file, held.values())
    return changed


def _write(file: Path, differences: Iterable[KnownDifference]) -> None:
    ordered = sorted(differences, key=attrgetter("target", "contract", "path", "kind"))
    write_json(file, msgspec.json.encode(_BaselineFile(ordered)))


def _problem(one: KnownDifference) -> str:
    """Return what is wrong with an entry, as a sentence; empty when nothing is."""
    if problem := one.binding_problem:
        return f"{problem} Write it with 'wireproof baseline'."
    if one.kind not in VALUE_KINDS and not one.actual:
        return "it does not say in 'actual' what came. Write it with 'wireproof baseline'."
    if one.target not in TARGETS:
        return f"there is no target {one.target!r}. {did_you_mean(one.target, TARGETS)}"
    try:
        since, expires = date.fromisoformat(one.since), date.fromisoformat(one.expires)
        last = date.fromisoformat(one.renewed) if one.renewed else since
    except ValueError:
        return "'since', 'renewed' and 'expires' must be dates such as 2026-10-31."
    if not since <= last <= expires <= last + timedelta(days=LONGEST_DAYS):
        return f"it expires on {one.expires}; allowed is at most {LONGEST_DAYS} days after {last.isoformat()}."
    return ""
