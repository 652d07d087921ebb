"""Waivers: findings that are tolerated, each with a reason, a link and an expiry.

They live beside the contracts of a product, in `contracts/<product>/waivers.json`: `{"waivers": [...]}`. A waiver
names a deviation by contract, path and kind, for which its fingerprint stands, and covers it in every case of the
contract. It hides what it names and nothing else:

- Where the value is the deviation (an undocumented word, another status or code), a waiver lists the `values` that it
  tolerates. The finding of another value at the same path stays open.
- Elsewhere it may list in `actual` what came ("empty string", "integer", the sentence about a broken rule). Then a
  finding of which anything else came stays open. `wireproof waive` writes that list.
"""

from __future__ import annotations

import os
import re
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from wireproof.contract.store import decode
from wireproof.drift.finding import VALUE_KINDS, Finding, Kind, fingerprint
from wireproof.drift.value_paths import contains, parent_of
from wireproof.errors import ContractFileError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_DAYS = 90
TARGETS = ("local", "testnet", "live")

# What a kind needs to be seen as gone: a value at the path itself, or only an object that could have it.
_ABOUT_A_VALUE = {
    Kind.TYPE_CHANGED,
    Kind.NULL_VALUE,
    Kind.FORMAT_CHANGED,
    Kind.UNDOCUMENTED_VALUE,
    Kind.UNDOCUMENTED_FORMAT,
    Kind.VALUE_CHANGED,
    Kind.LENGTH_CHANGED,
}
# Kinds whose path every answer of a contract has, so that only all its cases together can show that they are gone.
_ABOUT_A_CASE = {
    Kind.STATUS_CHANGED,
    Kind.HEADER_CHANGED,
    Kind.ERROR_CODE_CHANGED,
    Kind.ERROR_ANSWER,
    Kind.UNPARSEABLE,
    Kind.PROTOCOL_VIOLATION,
    Kind.SILENT_STREAM,
    Kind.UNDOCUMENTED_EVENT,
    Kind.RETIRED_ANSWER,
}

_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_AROUND_WORDS = re.compile(r"^(?:[0-9]+ )?undocumented (?:fields?|element), | instead of [0-9]+$")


class Waiver(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A tolerated deviation. Dates are ISO 8601; the last day on which it holds is `expires`.

    `values` are the tolerated ones where the value is the deviation, as findings write them, the empty string as `""`;
    `actual` says what may have come where it is not, and tolerates anything when it is empty.
    """

    fingerprint: str
    contract: str
    path: str
    kind: Kind
    values: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    reason: str
    link: str
    created: str
    expires: str
    targets: tuple[str, ...] = ()  # empty: every target

    @property
    def name(self) -> str:
        """Return how sentences name it."""
        return f"{self.fingerprint} ({self.contract}, {self.path or 'the document'}, {self.kind})"

    def covers(self, finding: Finding) -> bool:
        """Whether this waiver is about a finding and names all that came."""
        if (finding.contract, finding.path, finding.kind) != (self.contract, self.path, self.kind):
            return False
        if self.kind in VALUE_KINDS:
            return finding.value in self.values
        return not self.actual or _what_came(finding) <= set(self.actual)


class _WaiversFile(Struct, forbid_unknown_fields=True):
    waivers: list[Waiver]


class JudgedAnswer(Struct, frozen=True, kw_only=True):
    """One judged answer: which contract, the answer's bytes, and every finding, waived ones included."""

    contract: str
    response: bytes | str | None
    findings: tuple[Finding, ...]


class Waivers:
    """The waivers of a product."""

    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self.waivers = tuple(waivers)

    def apply(
        self, findings: Iterable[Finding], *, target: str, today: date
    ) -> tuple[list[Finding], list[tuple[Finding, Waiver]]]:
        """Part findings into open ones and waived ones. An expired waiver, or one of another target, waives nothing."""
        holding = [w for w in self._of(target) if not _is_expired(w, today)]
        still_open: list[Finding] = []
        waived: list[tuple[Finding, Waiver]] = []
        for finding in findings:
            waiver = next((waiver for waiver in holding if waiver.covers(finding)), None)
            if waiver is None:
                still_open.append(finding)
            else:
                waived.append((finding, waiver))
        return still_open, waived

    def expired(self, *, today: date, target: str | None = None) -> list[str]:
        """Return one sentence for each waiver (of a target, or of any) that has expired."""
        return [
            f"Waiver {waiver.name} expired on {waiver.expires} and no longer holds: {waiver.reason} ({waiver.link}). "
            "Remove it, or waive the finding again with a new reason."
            for waiver in self._of(target)
            if _is_expired(waiver, today)
        ]

    def stale(
        self, judged: Iterable[JudgedAnswer], *, target: str, today: date, complete: Collection[str] = ()
    ) -> list[str]:
        """Return one sentence for each waiver, or value of one, whose path was exercised without the deviation.

        Exercised means: the contract was judged, and an answer holds a value at the path (or, where the deviation is a
        missing or an additional field, its parent). A status or an error code belongs to one case that the waiver does
        not name: such a waiver is stale only when its contract is in `complete`, the ids of the contracts of which
        every case was judged. A waiver that was not exercised is kept.
        """
        by_contract: dict[str, list[JudgedAnswer]] = {}
        for answer in judged:
            by_contract.setdefault(answer.contract, []).append(answer)
        return [
            f"Waiver {waiver.name} is stale: the path was exercised and {what}."
            for waiver in self._of(target)
            if not _is_expired(waiver, today)
            and (what := _what_to_remove(waiver, by_contract.get(waiver.contract, []), complete))
        ]

    def _of(self, target: str | None) -> list[Waiver]:
        return [w for w in self.waivers if target is None or not w.targets or target in w.targets]


def load_waivers(file: Path) -> Waivers:
    """Read a product's waivers; none when there is no such file.

    Raises ContractFileError for anything but the closed format: an unknown key, a fingerprint that does not belong to
    contract, path and kind, values missing where the value is the deviation, an empty reason, a link that is no https
    URL, an expiry more than 90 days after creation.
    """
    if not file.exists():
        return Waivers()
    waivers = decode(file, _WaiversFile).waivers
    seen: set[tuple[str, str]] = set()
    for waiver in waivers:
        if problem := _problem(waiver):
            raise ContractFileError(file, f"waiver {waiver.name}: {problem}")
        for target in waiver.targets or TARGETS:
            if (waiver.fingerprint, target) in seen:
                raise ContractFileError(file, f"waiver {waiver.name} stands twice for target {target}.")
            seen.add((waiver.fingerprint, target))
    return Waivers(waivers)


def add_waiver(
    file: Path,
    finding: Finding,
    *,
    reason: str,
    link: str,
    days: int = 30,
    today: date,
    targets: tuple[str, ...] = (),
) -> Waiver:
    """Waive a finding for some days and write the file anew, sorted.

    A waiver of another value at the same path, or of something else that came there, is taken in: its values and what
    may come are kept, reason and dates are the new ones. Raises UsageError when reason, link, days or targets are not
    what a waiver needs, or for a finding that counts more values than it names.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"A waiver holds for 1 to {LONGEST_DAYS} days, not {days}.")
    by_value = finding.kind in VALUE_KINDS
    if by_value and not finding.value:
        raise UsageError(
            f"Finding {finding.fingerprint} counts many values at {finding.path or 'the document'} without naming them;"
            " a waiver names what it tolerates. Correct the enumeration of the contract instead."
        )
    before = load_waivers(file).waivers
    place = fingerprint(finding.contract, finding.path, finding.kind)
    replaced = [w for w in before if w.fingerprint == place and set(w.targets) == set(targets)]
    came = {finding.value} if by_value else _what_came(finding)
    together = came.union(*(w.values if by_value else w.actual for w in replaced))
    unlimited = not by_value and any(not w.actual for w in replaced)
    waiver = Waiver(
        fingerprint=place,
        contract=finding.contract,
        path=finding.path,
        kind=finding.kind,
        values=tuple(sorted(together)) if by_value else (),
        actual=tuple(sorted(together)) if not by_value and not unlimited else (),
        reason=reason,
        link=link,
        created=today.isoformat(),
        expires=(today + timedelta(days=days)).isoformat(),
        targets=targets,
    )
    if problem := _problem(waiver):
        raise UsageError(f"The waiver cannot be written: {problem}")
    kept = [w for w in before if w not in replaced]
    if clash := next((w for w in kept if w.fingerprint == place and _overlap(w, waiver)), None):
        raise UsageError(
            f"{file}: waiver {clash.name} holds for target {', '.join(clash.targets) or 'any'} already."
            " Remove it, or waive for the same targets."
        )
    ordered = sorted([*kept, waiver], key=lambda w: (w.contract, w.path, w.kind, w.targets))
    write_json(file, msgspec.json.encode(_WaiversFile(ordered)))
    return waiver


def write_json(file: Path, data: bytes) -> None:
    """Write JSON, indented, in one step: a reader sees the old file or the new one, never half of it."""
    text = msgspec.json.format(data, indent=2) + b"\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(text)
        Path(name).chmod(file.stat().st_mode if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_expired(waiver: Waiver, today: date) -> bool:
    return date.fromisoformat(waiver.expires) < today


def _overlap(one: Waiver, other: Waiver) -> bool:
    return not one.targets or not other.targets or bool(set(one.targets) & set(other.targets))


def _what_came(finding: Finding) -> set[str]:
    """Return what came, word by word: each kind of value, or each sentence without its numbers."""
    if finding.kind in {Kind.PROTOCOL_VIOLATION, Kind.SILENT_STREAM, Kind.UNPARSEABLE, Kind.REPEATED_KEY}:
        return {_NUMBER.sub("#", sentence) for sentence in _SENTENCE_END.split(finding.actual)}
    return set(_AROUND_WORDS.sub("", finding.actual).split(" or "))


def _what_to_remove(waiver: Waiver, answers: list[JudgedAnswer], complete: Collection[str]) -> str:
    """Return what of a waiver did not come and is to be removed, as the end of a sentence.

    Empty where all of it came, or where no answer showed the path.
    """
    findings = [f for answer in answers for f in answer.findings if (f.path, f.kind) == (waiver.path, waiver.kind)]
    if waiver.kind in VALUE_KINDS:
        missing = [value for value in waiver.values if not any(finding.value == value for finding in findings)]
    else:
        missing = [] if any(waiver.covers(finding) for finding in findings) else ["the deviation"]
    if not missing:
        return ""
    if waiver.kind in _ABOUT_A_CASE:
        looked = bool(answers) and waiver.contract in complete
    else:
        path = waiver.path if waiver.kind in _ABOUT_A_VALUE else parent_of(waiver.path)
        looked = any(contains(answer.response, path) for answer in answers)
    if not looked:
        return ""
    if len(missing) < len(waiver.values):
        return f"{', '.join(missing)} did not come. Remove it from the values"
    return "the deviation is gone. Remove the waiver"


def _problem(waiver: Waiver) -> str:
    """Return what is wrong with a waiver, as a sentence; empty when nothing is."""
    if waiver.fingerprint != fingerprint(waiver.contract, waiver.path, waiver.kind):
        return "the fingerprint does not belong to this contract, path and kind. Write it with 'wireproof waive'."
    if waiver.kind in VALUE_KINDS and not waiver.values:
        return (
            f"it names no values, and a waiver of {waiver.kind} tolerates only those that it names. Add them, such as"
            ' "values": ["TRADING_HALT"], or write the waiver with \'wireproof waive\'.'
        )
    if waiver.values and waiver.kind not in VALUE_KINDS:
        return f"'values' are of kinds that are about a value; for {waiver.kind} say in 'actual' what may come."
    if waiver.actual and waiver.kind in VALUE_KINDS:
        return f"'actual' is of kinds that are not about a value; for {waiver.kind} name the 'values'."
    if not waiver.reason.strip():
        return "it has no reason. Say why the deviation is tolerated."
    link = urlsplit(waiver.link)
    if link.scheme != "https" or not link.netloc:
        return f"link {waiver.link!r} is not an https URL. Name the source that describes the deviation."
    if unknown := [target for target in waiver.targets if target not in TARGETS]:
        return f"there is no target {unknown[0]!r}. {did_you_mean(unknown[0], TARGETS)}"
    try:
        created, expires = date.fromisoformat(waiver.created), date.fromisoformat(waiver.expires)
    except ValueError:
        return "'created' and 'expires' must be dates such as 2026-10-31."
    if not created <= expires <= created + timedelta(days=LONGEST_DAYS):
        return f"it expires on {waiver.expires}; allowed is at most {LONGEST_DAYS} days after {waiver.created}."
    return ""
