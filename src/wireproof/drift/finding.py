"""Findings: one difference between contract and observation each."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from msgspec import Struct

#: How `Finding.actual` begins where what came is in no documented place.
LEADS = ("undocumented field, ", "undocumented element, ")


class Severity(StrEnum):
    """How bad a finding is, mildest first."""

    ADDITIVE = "additive"
    RISKY = "risky"
    BREAKING = "breaking"

    @property
    def rank(self) -> int:
        """Return 0 for the mildest; higher is worse."""
        return list(Severity).index(self)


class Verdict(StrEnum):
    """A case's outcome."""

    CONFORMS = "conforms"
    ADDITIVE = "additive"
    RISKY = "risky"
    UNSTEADY = "unsteady"  # differed, and did not when it was exercised again
    BREAKING = "breaking"
    BLOCKED = "blocked"
    BROKEN = "broken"


class Kind(StrEnum):
    """What kind of difference a finding is."""

    MISSING_FIELD = "missing-field"
    TYPE_CHANGED = "type-changed"
    NULL_VALUE = "null-value"
    FORMAT_CHANGED = "format-changed"
    LENGTH_CHANGED = "length-changed"
    STATUS_CHANGED = "status-changed"
    ERROR_CODE_CHANGED = "error-code-changed"
    UNPARSEABLE = "unparseable"
    PROTOCOL_VIOLATION = "protocol-violation"  # a rule of the exchange's protocol that no example shows
    VALUE_CHANGED = "value-changed"  # another value than the documented constant: an event type, a success code
    REPEATED_KEY = "repeated-key"  # an object names one key more than once
    ERROR_ANSWER = "error-answer"  # an error where a success was to come, whatever the status says
    SILENT_STREAM = "silent-stream"  # a stream that sent nothing while an independent witness moved
    HEADER_CHANGED = "header-changed"  # a documented header of an HTTP answer is missing, or says something else
    WEIGHT_CHANGED = "weight-changed"  # a request was measured to cost otherwise than documented
    UNDOCUMENTED_VALUE = "undocumented-value"
    UNDOCUMENTED_FORMAT = "undocumented-format"  # a number written in a way that no example shows: "2.8E-4"
    UNDOCUMENTED_FIELD = "undocumented-field"
    UNDOCUMENTED_ELEMENT = "undocumented-element"  # a longer tuple, an element where the example shows none
    UNDOCUMENTED_EVENT = "undocumented-event"  # an event type that no contract knows
    RETIRED_ANSWER = "retired-answer"  # a request that was retired is carried out all the same


#: Kinds of which the path is that of a field.
FIELD_KINDS = frozenset(
    {
        Kind.MISSING_FIELD,
        Kind.TYPE_CHANGED,
        Kind.NULL_VALUE,
        Kind.FORMAT_CHANGED,
        Kind.LENGTH_CHANGED,
        Kind.VALUE_CHANGED,
        Kind.UNDOCUMENTED_VALUE,
        Kind.UNDOCUMENTED_FORMAT,
        Kind.UNDOCUMENTED_FIELD,
    }
)

#: Kinds of which the value is the deviation: each value is a finding of its own.
VALUE_KINDS = frozenset(
    {
        Kind.STATUS_CHANGED,
        Kind.ERROR_CODE_CHANGED,
        Kind.VALUE_CHANGED,
        Kind.ERROR_ANSWER,
        Kind.WEIGHT_CHANGED,
        Kind.UNDOCUMENTED_VALUE,
        Kind.UNDOCUMENTED_EVENT,
    }
)


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One difference: `occurrences` of `of` looked at, at one generalised path, with up to three exact positions.

    `value` is the deviating value where the value is the deviation (an undocumented word, a changed status or code);
    then it is part of the fingerprint. `tried` is how often its case was exercised, `seen` how often that showed the
    difference; `repetition` is what else there is to say of repeating it, such as why that was not possible.
    """

    contract: str
    path: str
    kind: Kind
    severity: Severity
    expected: str
    actual: str
    occurrences: int = 1
    of: int = 1
    samples: tuple[str, ...] = ()
    fingerprint: str
    value: str = ""
    seen: int = 1
    tried: int = 1
    repetition: str = ""


def fingerprint(contract: str, path: str, kind: Kind, value: str = "") -> str:
    """Return twelve hex digits that stand for a deviation, whatever the run, order or commit.

    `value` is given where the value is the deviation, so that another one is another deviation.
    """
    parts = [contract, path, str(kind), *([value] if value else [])]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def without_lead(actual: str) -> str:
    """Return what came as `Finding.actual` says it, without the words that nothing documents it."""
    for lead in LEADS:
        actual = actual.removeprefix(lead)
    return actual
