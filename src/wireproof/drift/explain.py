"""Two shapes -> findings, by way of DeepDiff, and findings -> lines for people.

DeepDiff compares shapes, never values: it sees no difference between `[1]` and `[true]`, nor between `[2]` and `[2.0]`,
and leaves keys that begin with `__` out unless told otherwise (DeepDiff 9.1,
https://zepworks.com/deepdiff/current/diff.html).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.drift.deviations import SAMPLES, Deviation, Picture, observe
from wireproof.drift.finding import LEADS, Finding, Kind, Severity, fingerprint
from wireproof.drift.repeats import Repeat, repeats
from wireproof.errors import WireproofError
from wireproof.escape import one_line as flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.contract.shape import Node

    _Placed = tuple[str, Deviation]  # and the place that it was found at

NAMED_REPEATS = 100  # paths of repeated keys with a finding of their own
NAMED_VALUES = 10  # values with a finding of their own at one path; beyond, one finding counts the rest

SEVERITIES = {
    Kind.MISSING_FIELD: Severity.BREAKING,
    Kind.TYPE_CHANGED: Severity.BREAKING,
    Kind.NULL_VALUE: Severity.BREAKING,
    Kind.FORMAT_CHANGED: Severity.BREAKING,
    Kind.LENGTH_CHANGED: Severity.BREAKING,
    Kind.STATUS_CHANGED: Severity.BREAKING,
    Kind.ERROR_CODE_CHANGED: Severity.BREAKING,
    Kind.UNPARSEABLE: Severity.BREAKING,
    Kind.PROTOCOL_VIOLATION: Severity.BREAKING,
    Kind.VALUE_CHANGED: Severity.BREAKING,
    Kind.REPEATED_KEY: Severity.BREAKING,
    Kind.ERROR_ANSWER: Severity.BREAKING,
    Kind.SILENT_STREAM: Severity.BREAKING,
    Kind.HEADER_CHANGED: Severity.RISKY,
    Kind.WEIGHT_CHANGED: Severity.RISKY,  # additive where it costs less: nobody is banned for that
    Kind.UNDOCUMENTED_VALUE: Severity.RISKY,
    Kind.UNDOCUMENTED_FORMAT: Severity.RISKY,
    Kind.UNDOCUMENTED_FIELD: Severity.ADDITIVE,
    Kind.UNDOCUMENTED_ELEMENT: Severity.ADDITIVE,
    Kind.UNDOCUMENTED_EVENT: Severity.ADDITIVE,
    Kind.RETIRED_ANSWER: Severity.ADDITIVE,
}

# Which kinds each of DeepDiff's report types can stand for.
_CHANGES = {
    "dictionary_item_removed": {Kind.MISSING_FIELD},
    "dictionary_item_added": {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT},
    "values_changed": set(Kind) - {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT, Kind.UNPARSEABLE},
}

# Kinds of which what was found says everything: nothing was documented, or the sentence names it.
_SAID_ALREADY = {
    Kind.UNDOCUMENTED_FIELD,
    Kind.UNDOCUMENTED_ELEMENT,
    Kind.UNDOCUMENTED_EVENT,
    Kind.RETIRED_ANSWER,
    Kind.PROTOCOL_VIOLATION,
    Kind.SILENT_STREAM,
}

_LINE = 1000  # characters of a path, or of what is said of it, in a line for people


class ComparisonError(WireproofError):
    """The comparison contradicts itself or met a difference that it has no name for; no verdict can be given."""


def new_finding(contract: str, path: str, kind: Kind, expected: str, actual: str, *, value: str = "") -> Finding:
    """Return a finding that is not counted over elements; `value` is what came where the value is the deviation."""
    return Finding(
        contract=contract,
        path=path,
        kind=kind,
        severity=SEVERITIES[kind],
        expected=expected,
        actual=actual,
        fingerprint=fingerprint(contract, path, kind, value),
        value=value,
    )


def explain(contract: str, node: Node, document: Any, *, repeated: bool = False) -> list[Finding]:
    """Return how a parsed document differs from a shape, in document order; empty when it does not.

    `repeated` says that the document comes from `parse_with_repeats`. Raises ComparisonError for a difference of a kind
    that is not known.
    """
    picture = observe(node, document)
    found = _findings(contract, picture, _changed_places(picture))
    return found + _repeated(contract, node, document) if repeated else found


def _repeated(contract: str, node: Node, document: Any) -> list[Finding]:
    """Return one finding for each path at which objects name a key more than once; beyond 100, one for the rest."""
    found: dict[str, list[Repeat]] = {}
    for repeat in repeats(node, document):
        path = repeat.path if repeat.path in found or len(found) < NAMED_REPEATS else ""
        found.setdefault(path, []).append(repeat)
    return [
        Finding(
            contract=contract,
            path=path,
            kind=Kind.REPEATED_KEY,
            severity=SEVERITIES[Kind.REPEATED_KEY],
            expected="a key that is named once",
            actual=f"a key that is named {max(one.times for one in group)} times",
            occurrences=len(group),
            of=len(group),
            samples=tuple(one.sample for one in group[:SAMPLES]),
            fingerprint=fingerprint(contract, path, Kind.REPEATED_KEY),
        )
        for path, group in found.items()
    ]


def _changed_places(picture: Picture) -> dict[str, str]:
    """Return what DeepDiff calls the change at each place where the two shapes differ."""
    documented, observed = picture.documented.items(), picture.observed.items()
    if documented == observed:
        return {}
    # What is the same is left out: DeepDiff is slow, and most of a large shape is as documented.
    return _changes(
        tuple(one for one in documented if one not in observed), tuple(one for one in observed if one not in documented)
    )


@lru_cache(maxsize=2048)
def _changes(documented: tuple[tuple[str, str], ...], observed: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Let DeepDiff compare two shapes. The same drift comes many times in a run or a batch, so its answer is kept."""
    from deepdiff import DeepDiff  # noqa: PLC0415  # slow to load, and rarely needed

    differences = DeepDiff(
        dict(documented),
        dict(observed),
        view="tree",
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,  # the default reports two very different objects as one changed value
        verbose_level=0,
    )
    places: dict[str, str] = {}
    for change, levels in differences.items():
        for level in levels:
            places[level.path(output_format="list")[0]] = change
    return places


def _findings(contract: str, picture: Picture, places: dict[str, str]) -> list[Finding]:
    for place, change in places.items():
        kinds = {deviation.kind for deviation in picture.deviations.get(place, ())}
        if change not in _CHANGES or not kinds or not kinds <= _CHANGES[change]:
            raise ComparisonError(
                f"{contract}: a difference at {place!r} has no name: DeepDiff calls it {change!r}, "
                f"the walk {', '.join(kinds) or 'nothing'}. This is a fault of wireproof; please report it."
            )
    if unseen := picture.deviations.keys() - places.keys():
        raise ComparisonError(
            f"{contract}: a difference at {min(unseen)!r} was noticed by the walk but not by DeepDiff. "
            "This is a fault of wireproof; please report it."
        )
    merged: dict[tuple[str, Kind, str], list[_Placed]] = {}
    for place, deviations in picture.deviations.items():
        for deviation in deviations:
            merged.setdefault((deviation.path, deviation.kind, deviation.value), []).append((place, deviation))
    return most_frequent_values([_merge(contract, found) for found in merged.values()])


def most_frequent_values(findings: list[Finding]) -> list[Finding]:
    """Return findings with the ten most frequent values at one path named; one more finding counts all others there."""
    named: dict[tuple[str, Kind], list[Finding]] = {}
    for finding in findings:
        if finding.value:
            named.setdefault((finding.path, finding.kind), []).append(finding)
    for (path, kind), found in named.items():
        if len(found) > NAMED_VALUES:
            ordered = sorted(found, key=lambda finding: (-finding.occurrences, finding.value))
            kept = {id(finding) for finding in ordered[:NAMED_VALUES]}
            alike = [finding for finding in findings if (finding.path, finding.kind) == (path, kind)]
            rest = [finding for finding in alike if id(finding) not in kept]
            findings = [finding for finding in findings if (finding.path, finding.kind) != (path, kind)]
            findings += [*ordered[:NAMED_VALUES], _others(rest)]
    return findings


def _others(rest: list[Finding]) -> Finding:
    first = rest[0]
    return msgspec.structs.replace(
        first,
        actual="more values",
        occurrences=sum(finding.occurrences for finding in rest),
        of=max(finding.of for finding in rest),
        fingerprint=fingerprint(first.contract, first.path, first.kind),
        value="",
    )


def _merge(contract: str, found: Sequence[_Placed]) -> Finding:
    deviations = [deviation for _, deviation in found]
    first = deviations[0]
    return Finding(
        contract=contract,
        path=first.path,
        kind=first.kind,
        severity=SEVERITIES[first.kind],
        expected=_joined(d.expected for d in deviations),
        actual=_came(d.actual for d in deviations),
        occurrences=sum(d.occurrences for d in deviations),
        of=sum({place: d.of for place, d in found}.values()),
        samples=tuple(sample for d in deviations for sample in d.samples)[:SAMPLES],
        fingerprint=fingerprint(contract, first.path, first.kind, first.value),
        value=first.value,
    )


def _joined(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _came(said: Iterable[str]) -> str:
    """Join what came at several places of one path: each kind of value once, after what is said of all of them."""
    first, *others = dict.fromkeys(said)
    if not others:
        return first
    lead = next((one for one in LEADS if first.startswith(one)), "")
    return lead + _joined(kind for one in (first, *others) for kind in one.removeprefix(lead).split(" or "))


def one_line(finding: Finding) -> str:
    """Return a finding as one line.

    `result.symbols[].filters[].tickSize  expected decimal string, got number  (breaking, 650 of 650)`
    """
    path = finding.path or "(document)"
    said = f"expected {finding.expected}, got {finding.actual}"
    if finding.kind in _SAID_ALREADY:
        said = finding.actual
    count = f", {finding.occurrences} of {finding.of}" if finding.of > 1 or finding.occurrences > 1 else ""
    return f"{flat(path, _LINE)}  {flat(said, _LINE)}  ({finding.severity}{count})"


def readable(findings: Sequence[Finding], limit: int = 50) -> str:
    """Return findings as lines, the worst first, and at most `limit` of them; a last line counts the rest."""
    ordered = sorted(findings, key=lambda finding: -finding.severity.rank)
    lines = [one_line(finding) for finding in ordered[:limit]]
    if rest := ordered[limit:]:
        counts = {severity: sum(f.severity is severity for f in rest) for severity in reversed(Severity)}
        said = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
        lines.append(f"and {len(rest)} more ({said})")
    return "\n".join(lines)
