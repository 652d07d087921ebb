"""What waivers and the baseline have in common: a deviation that is known, bound to what came of it.

Both name a deviation by contract, path and kind, for which a fingerprint stands, and cover it in every case of the
contract. They hide what they name and nothing else.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from wireproof.drift.finding import VALUE_KINDS, Finding, Kind, fingerprint
from wireproof.drift.value_paths import contains, parent_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

LONGEST_DAYS = 90

T = TypeVar("T", bound="Tolerance")

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


class Tolerance(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A deviation that is known.

    `values` are the known ones where the value is the deviation, as findings write them, the empty string as `""`;
    `actual` says what may have come where it is not, and covers anything when it is empty.
    """

    fingerprint: str
    contract: str
    path: str
    kind: Kind
    values: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return how sentences name it."""
        return f"{self.fingerprint} ({self.contract}, {self.path or 'the document'}, {self.kind})"

    def covers(self, finding: Finding) -> bool:
        """Whether this is about a finding and names all that came."""
        if (finding.contract, finding.path, finding.kind) != (self.contract, self.path, self.kind):
            return False
        if self.kind in VALUE_KINDS:
            return finding.value in self.values
        return not self.actual or what_came(finding) <= set(self.actual)

    def gone(self, answers: Sequence[JudgedAnswer], complete: Collection[str]) -> tuple[str, ...] | None:
        """Return which of the values did not come any more; none of them where no value is the deviation.

        None where all came, or where no answer of the contract showed the path: see `Waivers.stale`.
        """
        findings = [f for answer in answers for f in answer.findings if (f.path, f.kind) == (self.path, self.kind)]
        if self.kind in VALUE_KINDS:
            missing = tuple(value for value in self.values if not any(finding.value == value for finding in findings))
            if not missing:
                return None
        elif any(self.covers(finding) for finding in findings):
            return None
        else:
            missing = ()
        if self.kind is Kind.WEIGHT_CHANGED:
            return None  # no answer shows a weight: that nothing was measured says nothing
        if self.kind in _ABOUT_A_CASE:
            looked = bool(answers) and self.contract in complete
        else:
            path = self.path if self.kind in _ABOUT_A_VALUE else parent_of(self.path)
            looked = any(contains(answer.response, path) for answer in answers)
        return missing if looked else None

    @property
    def binding_problem(self) -> str:
        """What is wrong with how the deviation is named, as a sentence; empty when nothing is."""
        if self.fingerprint != fingerprint(self.contract, self.path, self.kind):
            return "the fingerprint does not belong to this contract, path and kind."
        if self.kind in VALUE_KINDS and not self.values:
            return (
                f"it names no values, and of {self.kind} only those are tolerated that are named. Add them, such as"
                ' "values": ["TRADING_HALT"].'
            )
        if self.values and self.kind not in VALUE_KINDS:
            return f"'values' are of kinds that are about a value; for {self.kind} say in 'actual' what may come."
        if self.actual and self.kind in VALUE_KINDS:
            return f"'actual' is of kinds that are not about a value; for {self.kind} name the 'values'."
        return ""


class JudgedAnswer(Struct, frozen=True, kw_only=True):
    """One judged answer: which contract, the answer's bytes, and every finding, waived ones included."""

    contract: str
    response: bytes | str | None
    findings: tuple[Finding, ...]


def by_contract(judged: Iterable[JudgedAnswer]) -> dict[str, list[JudgedAnswer]]:
    """Return the answers of each contract."""
    found: dict[str, list[JudgedAnswer]] = {}
    for answer in judged:
        found.setdefault(answer.contract, []).append(answer)
    return found


def parted(findings: Iterable[Finding], holding: Sequence[T]) -> tuple[list[Finding], list[tuple[Finding, T]]]:
    """Part findings into those that nothing covers, and the others with what covers them."""
    still_open: list[Finding] = []
    covered: list[tuple[Finding, T]] = []
    for finding in findings:
        known = next((one for one in holding if one.covers(finding)), None)
        if known is None:
            still_open.append(finding)
        else:
            covered.append((finding, known))
    return still_open, covered


def is_expired(expires: str, today: date) -> bool:
    """Whether a last day, ISO 8601, is over."""
    return date.fromisoformat(expires) < today


def what_came(finding: Finding) -> set[str]:
    """Return what came, word by word: each kind of value, or each sentence without its numbers."""
    if finding.kind in {Kind.PROTOCOL_VIOLATION, Kind.SILENT_STREAM, Kind.UNPARSEABLE, Kind.REPEATED_KEY}:
        return {_NUMBER.sub("#", sentence) for sentence in _SENTENCE_END.split(finding.actual)}
    return set(_AROUND_WORDS.sub("", finding.actual).split(" or "))
