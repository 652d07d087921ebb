"""Which missing field probably stands beside its new name: the exchange renames fields, and no answer says so."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from wireproof.drift.finding import Kind
from wireproof.drift.value_paths import parent_of
from wireproof.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.drift.finding import Finding

ALIKE = 0.6  # `avgPrice` and `averagePrice` have 0.8, `price` and `side` 0.44

_NUMBERS = {"integer", "number"}
_NO_STRINGS = {*_NUMBERS, "boolean", "object", "array", "anything", "nothing"}
_NAME = re.compile(r"[^.\[\]]*$")


def likely_renames(findings: Iterable[tuple[Finding, int]]) -> dict[str, str]:
    """Return by fingerprint what a missing field is probably called now, and what a new field was called, in words.

    A missing field and a new one are a pair when they stand in the same object of one contract, hold values of one kind
    and differ equally often, which is the number beside each finding; and when their names are alike, or no other field
    of that object is missing or new.
    """
    said = {}
    for old, now in rename_pairs(findings):
        said[old.fingerprint] = f"likely renamed to {one_line(_name(now), 80)}"
        said[now.fingerprint] = f"likely the new name of {one_line(_name(old), 80)}"
    return said


def rename_pairs(findings: Iterable[tuple[Finding, int]]) -> list[tuple[Finding, Finding]]:
    """Return each missing field with its probable new name; see `likely_renames`."""
    missing: dict[tuple[str, str], list[tuple[Finding, int]]] = {}
    new: dict[tuple[str, str], list[tuple[Finding, int]]] = {}
    for finding, often in findings:
        found = {Kind.MISSING_FIELD: missing, Kind.UNDOCUMENTED_FIELD: new}.get(finding.kind)
        if found is not None and _name(finding):
            found.setdefault((finding.contract, parent_of(finding.path)), []).append((finding, often))
    return [pair for place in missing if place in new for pair in _pairs(missing[place], new[place])]


def _pairs(missing: list[tuple[Finding, int]], new: list[tuple[Finding, int]]) -> Iterator[tuple[Finding, Finding]]:
    """Yield each missing field with its new name, those that are most alike first, none of them twice."""
    alone = len(missing) == len(new) == 1
    candidates = [
        (_likeness(_name(old), _name(now)), old, now)
        for old, seldom in missing[:50]
        for now, often in new[:50]
        if seldom == often and _sorts(old.expected) & _sorts(now.actual.removeprefix("undocumented field, "))
    ]
    used: Counter[str] = Counter()
    for likeness, old, now in sorted(candidates, key=lambda one: (-one[0], one[1].path, one[2].path)):
        if (alone or likeness >= ALIKE) and not used[old.fingerprint] and not used[now.fingerprint]:
            used.update((old.fingerprint, now.fingerprint))
            yield old, now


def _name(finding: Finding) -> str:
    """Return a field's own name; empty where a path stands for several fields, or ends in something quoted."""
    found = _NAME.search(finding.path)
    return found[0] if found and found[0] != "*" else ""


def _likeness(one: str, other: str) -> float:
    one, other = (re.sub(r"[\W_]", "", name).lower() for name in (one, other))
    short, long = sorted((one, other), key=len)
    return 1.0 if len(short) > 2 and short in long else SequenceMatcher(None, one, other, autojunk=False).ratio()


def _sorts(words: str) -> set[str]:
    """Return the kinds of values that words name; whatever is no other kind is a string, such as `one of BUY, SELL`."""
    parts = {part for part in words.split(" or ") if part != "null"}
    return {"number" if part in _NUMBERS else part if part in _NO_STRINGS else "string" for part in parts}
