"""What the ledger says of a difference, in words: how often its field was there, and when last.

`absent in 1 of 412 answers, present in the other 411 (30 nights)` is no field that is gone; `absent in all 19 answers;
last seen 2026-11-20` is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.counts import counted
from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.drift.finding import Finding
    from wireproof.ledger.model import PlaceRecord, Sighting, TargetLedger
    from wireproof.results.model import RunResult

_KINDS_SHOWN = 3
_OF_KIND = frozenset({Kind.TYPE_CHANGED, Kind.FORMAT_CHANGED, Kind.NULL_VALUE, Kind.UNDOCUMENTED_FORMAT})
_OF_ABSENCE = frozenset({Kind.MISSING_FIELD, Kind.LENGTH_CHANGED})
_OF_PRESENCE = frozenset({Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT})


def recorded(run: RunResult, ledger: TargetLedger, tonight: TargetLedger) -> dict[str, str]:
    """Return by fingerprint what the ledger says of each difference of a run; nothing of what it knows nothing of.

    `ledger` holds all runs, this one as well, `tonight` this one alone.
    """
    findings = {finding.fingerprint: finding for case in run.cases for finding in case.every_finding}
    said = {name: words_of(finding, ledger, tonight) for name, finding in sorted(findings.items())}
    return {name: words for name, words in said.items() if words}


def words_of(finding: Finding, ledger: TargetLedger, tonight: TargetLedger) -> str:
    """Return what the ledger says of one difference; empty where it knows nothing."""
    place = ledger.place(finding.contract, finding.path)
    if place is None:
        return ""
    if finding.kind in _OF_ABSENCE:
        return _absence(finding, ledger, tonight)
    if finding.kind in _OF_KIND:
        return _kinds(place, tonight.place(finding.contract, finding.path))
    if finding.kind in _OF_PRESENCE:
        return _often(place.answers, _could(ledger, finding), place.first)
    if finding.kind is Kind.UNDOCUMENTED_VALUE:
        word = place.words.get(finding.value)
        return _often(word.answers, place.answers, word.first) if word is not None else ""
    return ""


def _absence(finding: Finding, ledger: TargetLedger, tonight: TargetLedger) -> str:
    all_, now = (one.presence(finding.contract, finding.path) for one in (ledger, tonight))
    if all_ is None or now is None:
        return ""
    nights = counted(ledger.contracts[finding.contract].night_count(), "night")
    last = ledger.last_seen(finding.contract, finding.path)
    if now.answers or (all_.answers and all_.absent == 1):
        if all_.absent:
            return (
                f"absent in {all_.absent:,} of {all_.could:,} answers, present in the other {all_.answers:,} ({nights})"
            )
        lacking = all_.could_times - all_.times
        return f"absent in {lacking:,} of {all_.could_times:,} objects, present in every answer ({nights})"
    absent = f"absent in all {now.could:,} answers" if now.could > 1 else "absent in the only answer"
    if not all_.answers:
        return f"{absent}; never seen here ({nights})"
    return f"{absent}; last seen {last}"


def _kinds(place: PlaceRecord, tonight: PlaceRecord | None) -> str:
    """Return in how many answers each kind came, the kinds of tonight first, and when the others came last.

    Of the only answer there is nothing to say: the difference itself says what came in it.
    """
    if tonight is None or place.answers == 1:
        return ""
    total = f" of {counted(place.answers, 'answer')}"
    said = []
    ordered = sorted(place.kinds.items(), key=lambda item: (item[0] not in tonight.kinds, -item[1].answers, item[0]))
    for name, seen in ordered[:_KINDS_SHOWN]:
        last = "" if name in tonight.kinds else f" (last {seen.last})"
        said.append(f"{name} in {seen.answers:,}{total}{last}")
        total = ""
    return ", ".join(said)


def _could(ledger: TargetLedger, finding: Finding) -> int:
    presence = ledger.presence(finding.contract, finding.path)
    return presence.could if presence is not None else 0


def _often(answers: int, could: int, first: str) -> str:
    return f"in {answers:,} of {counted(max(could, answers), 'answer')}, first seen {first}"


def dates_of(seen: Mapping[str, Sighting]) -> list[tuple[str, Sighting]]:
    """Return kinds or words with what was seen of them, the most frequent first."""
    return sorted(seen.items(), key=lambda item: (-item[1].answers, item[0]))
