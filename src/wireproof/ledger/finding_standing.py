"""What a difference is: the documentation, testnet, live and the last good night of the same target beside each other.

The first rule that holds decides. *Here* is the target of the run, *there* the other one of testnet and live.

| # | here | announced | past | there | class |
| --: | :-- | :-- | :-- | :-- | :-- |
| 1 | local | any | back / good / else | - | rollback / regression / local venue |
| 2 | any | not forward | back, or good though the change is backward | any | rollback |
| 3 | any | backward, or the document changed under it | any | as documented | testnet behind; on live: testnet ahead |
| 4 | any | backward, or the document changed under it | any | else | documentation ahead |
| 5 | any | any | any | differs alike | documentation stale |
| 6 | any | forward | any | as documented | testnet ahead; on live: testnet behind |
| 7 | any | forward, in force | any | unknown, none | documentation stale |
| 8 | any | forward, early or seen by others | any | none / unknown | documentation stale / cannot be told |
| 9 | any | no | first night | any | cannot be told |
| 10 | any | no | good | as documented, unknown, none | regression, of a loss |
| 11 | any | no | good, always so | as documented | testnet ahead, of a gain; on live: testnet behind |
| 12 | any | no | always so | as documented | testnet behind, of a loss; on live: testnet ahead |
| 13 | any | no | good, always so | none | documentation stale |
| 14 | any | no | good, always so | unknown | cannot be told |

*Forward* and *backward* are those of `change_matching`. A *loss* is what does not come any more, or comes broken; on
live whatever is breaking. The rest is a *gain*: something new, of which testnet has more often than live. *Good* says
that an earlier night had it as documented; *back*, that it went away for `ROLLBACK_NIGHTS` nights, or that the state
now shown is older than the documented one; *always so*, that no night had it otherwise. What the other target showed
counts for `FRESH_DAYS` days. A target that a product does not have is *none*; it never is unknown.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from wireproof.counts import counted
from wireproof.drift.finding import Kind, Severity, without_lead
from wireproof.drift.value_paths import parent_of
from wireproof.escape import one_line
from wireproof.ledger.change_matching import ChangeMatch, ChangeState
from wireproof.results.model import FindingStanding, StandingClass
from wireproof.results.renames import rename_pairs
from wireproof.results.wording import moment, parted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.drift.finding import Finding
    from wireproof.ledger.change_matching import ChangeIndex
    from wireproof.ledger.model import ContractRecord, PlaceRecord, Sighting, TargetLedger
    from wireproof.results.model import RunResult

#: Days for which the other target counts as it was seen. A night may fail, and one more.
FRESH_DAYS = 3
#: Nights on which a difference was looked for and not there, after which it is back and not still there.
ROLLBACK_NIGHTS = 2

#: The other target.
OTHER = {"testnet": "live", "live": "testnet"}

_GAINS = {
    Kind.TYPE_CHANGED,
    Kind.VALUE_CHANGED,
    Kind.UNDOCUMENTED_VALUE,
    Kind.UNDOCUMENTED_FORMAT,
    Kind.UNDOCUMENTED_FIELD,
    Kind.UNDOCUMENTED_ELEMENT,
    Kind.UNDOCUMENTED_EVENT,
}
_OF_KINDS = {Kind.TYPE_CHANGED, Kind.NULL_VALUE, Kind.FORMAT_CHANGED}
_OF_WORDS = {Kind.UNDOCUMENTED_VALUE, Kind.VALUE_CHANGED}


class OtherTarget(StrEnum):
    """What the other target shows in the same place."""

    ALIKE = "differs alike"
    AS_DOCUMENTED = "as documented"
    UNKNOWN = "unknown"
    NONE = "none"


class EarlierNights(StrEnum):
    """What the same target showed on earlier nights."""

    FIRST = "first night"  # nothing is known of the place before this run
    ALWAYS = "always so"
    GOOD = "good"
    BACK = "back"
    UNCHANGED = "the document changed"  # the target shows what it showed, which was documented then


class NightSeen(Struct, frozen=True, kw_only=True):
    """One run of a target, as its history knows it: the day, and the fingerprints of what it showed for certain."""

    day: str
    fingerprints: frozenset[str] = frozenset()
    is_conclusive: bool = True


class TargetMemory(Struct, kw_only=True):
    """What is known of a target: what it ever showed, and its nights, oldest first."""

    ledger: TargetLedger
    nights: list[NightSeen] = field(default_factory=list)


def standings(
    run: RunResult,
    changes: ChangeIndex,
    *,
    own: TargetMemory,
    since: Mapping[str, str],
    there: TargetMemory | None,
    targets: Mapping[str, set[str]],
) -> list[FindingStanding]:
    """Return how each difference of a run stands, once per fingerprint, in the order of its cases.

    Args:
        run: Whose differences; those that are waived or of the baseline included, unsteady ones not.
        changes: The dated changes of the documentation.
        own: What is known of the target before this run; what the run itself showed may be in it.
        since: The day on which each difference was first seen on this target, by fingerprint.
        there: What is known of the other target; None where nobody gave it.
        targets: The targets that each product has.

    """
    day, found = moment(run.started_at)[:10], {}
    target = parted(run.target)[0]  # contracts of another day are compared with what the target is today
    matches = _matches(run, changes, target, day)
    for case in run.cases:
        for finding in case.lasting_findings:
            if finding.fingerprint not in found:
                first = since.get(finding.fingerprint) or day
                has_other = OTHER.get(target, "") in targets.get(case.product, set())
                found[finding.fingerprint] = standing_of(
                    finding,
                    matches.get(finding.fingerprint),
                    target=target,
                    day=day,
                    first=first,
                    own=own,
                    there=there,
                    has_other=has_other,
                )
    return list(found.values())


def _matches(run: RunResult, changes: ChangeIndex, target: str, day: str) -> dict[str, ChangeMatch]:
    """Return the change that each difference is, by fingerprint; of a renamed field, both halves are that of either."""
    every = {one.fingerprint: one for case in run.cases for one in case.lasting_findings}
    found = {
        name: match for name, one in every.items() if (match := changes.match(one, day=day, target=target)) is not None
    }
    for pair in rename_pairs((one, one.occurrences) for one in every.values()):
        old, new = (one.fingerprint for one in pair)
        if (old in found) is not (new in found):
            found[old] = found[new] = found.get(old) or found[new]
    return found


def standing_of(
    finding: Finding,
    match: ChangeMatch | None,
    *,
    target: str,
    day: str,
    first: str,
    own: TargetMemory,
    there: TargetMemory | None,
    has_other: bool,
) -> FindingStanding:
    """Return how one difference stands that was first seen on the day `first`; see `standings` for the rest."""
    past, last_good = _past(finding, own, first=first, day=day)
    other, seen = _there(finding, there, day=day) if has_other else (OtherTarget.NONE, "")
    found = classify(
        target,
        state=match.state if match else ChangeState.UNANNOUNCED,
        is_forward=match.is_forward if match else None,
        past=past,
        there=other,
        is_loss=is_loss(finding, target),
    )
    name = OTHER.get(target, "")
    cells = {"testnet": "", "live": "", target: _shown(finding.actual) or "nothing"}
    if name:
        cells[name] = f"{other.value}{f' ({seen})' if seen else ''}" if has_other else "not there"
    known = match.change if match else None
    return FindingStanding(
        fingerprint=finding.fingerprint,
        contract=finding.contract,
        path=finding.path,
        kind=finding.kind,
        severity=finding.severity,
        standing=found,
        announcement=(match.state if match else ChangeState.UNANNOUNCED).value,
        documentation=_shown(finding.expected) or "nothing",
        testnet=cells["testnet"],
        live=cells["live"],
        last_good=last_good or {EarlierNights.FIRST: "first night", EarlierNights.ALWAYS: "never"}.get(past, ""),
        since=first,
        reason=_reason(found, target, past, other, seen),
        change=known.kind if known else "",
        change_path=known.path if known else "",
        announced=known.announced if known else "",
        in_force=known.in_force if known else "",
        seen_by_others=known.seen if known else "",
        link=known.links[0] if known else "",
    )


def classify(  # a line for each rule of the table
    target: str, *, state: ChangeState, is_forward: bool | None, past: EarlierNights, there: OtherTarget, is_loss: bool
) -> StandingClass:
    """Return the class by the table above."""
    on_testnet = target == "testnet"
    newer = StandingClass.TESTNET_AHEAD if on_testnet else StandingClass.TESTNET_BEHIND
    older = StandingClass.TESTNET_BEHIND if on_testnet else StandingClass.TESTNET_AHEAD
    is_backward = is_forward is False
    if target not in OTHER:
        named = {EarlierNights.BACK: StandingClass.ROLLBACK, EarlierNights.GOOD: StandingClass.REGRESSION}
        return named.get(past, StandingClass.LOCAL)
    if (past is EarlierNights.BACK and not is_forward) or (is_backward and past is EarlierNights.GOOD):
        return StandingClass.ROLLBACK
    if is_backward or (past is EarlierNights.UNCHANGED and not is_forward):
        return older if there is OtherTarget.AS_DOCUMENTED else StandingClass.DOCUMENTATION_AHEAD
    if there is OtherTarget.ALIKE:
        return StandingClass.DOCUMENTATION_STALE
    if is_forward:
        if there is OtherTarget.AS_DOCUMENTED:
            return newer
        certain = state is ChangeState.IN_FORCE or there is OtherTarget.NONE
        return StandingClass.DOCUMENTATION_STALE if certain else StandingClass.UNTOLD
    if past is EarlierNights.FIRST:
        return StandingClass.UNTOLD
    if past is EarlierNights.GOOD and is_loss:
        return StandingClass.REGRESSION
    if there is OtherTarget.AS_DOCUMENTED:
        return older if is_loss else newer
    return StandingClass.DOCUMENTATION_STALE if there is OtherTarget.NONE else StandingClass.UNTOLD


def is_loss(finding: Finding, target: str) -> bool:
    """Whether something documented does not come any more, or comes broken, rather than something new."""
    return finding.kind not in _GAINS or (target == "live" and finding.severity is Severity.BREAKING)


def _shown(words: str) -> str:
    return one_line(without_lead(words), 80)


def _reason(found: StandingClass, target: str, past: EarlierNights, there: OtherTarget, seen: str) -> str:
    """Return why a difference has its class, in one sentence; what kept it from having one."""
    other = OTHER.get(target, "")
    if found is StandingClass.UNTOLD:
        why = [f"{other} {seen or 'was not looked at'}"] if there is OtherTarget.UNKNOWN else []
        why += ["this is the first night that looked at it"] if past is EarlierNights.FIRST else []
        return f"It cannot be told: {' and '.join(why) or 'it is not in force yet'}."
    words = {
        StandingClass.LOCAL: "The venue or the suite is wrong: no exchange was asked.",
        StandingClass.ROLLBACK: "It went back to an earlier state.",
        StandingClass.REGRESSION: "It was as documented here, and no longer is.",
        StandingClass.DOCUMENTATION_AHEAD: "The documentation says what this target does not show yet.",
        StandingClass.TESTNET_AHEAD: "Testnet shows what live does not show yet.",
        StandingClass.TESTNET_BEHIND: "Testnet does not show yet what live shows.",
    }
    if found is StandingClass.DOCUMENTATION_STALE:
        if there is OtherTarget.ALIKE:
            return "Testnet and live agree, and the documentation differs."
        if there is OtherTarget.NONE:
            return "Only live has this product, and the documentation differs."
        return f"It was announced and is in force; {other} {seen or 'was not looked at'}."
    return words[found]


# -- the other target ----------------------------------------------------------------------------------------------


def _there(finding: Finding, witness: TargetMemory | None, *, day: str) -> tuple[OtherTarget, str]:
    """Return what the other target shows where a finding is, and when, or why that is unknown."""
    if witness is None or not (witness.nights or witness.ledger.contracts):
        return OtherTarget.UNKNOWN, "was not looked at"
    record = witness.ledger.contracts.get(finding.contract)
    shown = [night.day for night in witness.nights if finding.fingerprint in night.fingerprints and night.day <= day]
    looked = record.last if record else ""
    if shown and max(shown) >= looked:
        return (OtherTarget.ALIKE, max(shown)) if _is_fresh(max(shown), day) else _too_old(max(shown))
    if record is None:
        return OtherTarget.UNKNOWN, "never answered it"
    if not _is_fresh(record.last, day):
        return _too_old(record.last)
    return _there_by_ledger(finding, record, day)


def _there_by_ledger(finding: Finding, record: ContractRecord, day: str) -> tuple[OtherTarget, str]:
    place, around = record.places.get(finding.path), record.places.get(parent_of(finding.path))
    if finding.kind is Kind.MISSING_FIELD:
        if place is None:
            return OtherTarget.UNKNOWN, "never showed the place"
        absent, latest = place.absent_last, max(place.absent_last, place.last)
    elif finding.kind is Kind.UNDOCUMENTED_FIELD:
        if around is None or record.left_out:
            return OtherTarget.UNKNOWN, "never showed the place"
        absent, latest = (place.last if place else ""), around.last
    elif finding.kind in _OF_KINDS | _OF_WORDS:
        if place is None:
            return OtherTarget.UNKNOWN, "never showed the place"
        alike = _alike(finding, place)
        absent, latest = max((one.last for one in alike), default=""), place.last
    elif finding.kind in {Kind.RETIRED_ANSWER, Kind.UNDOCUMENTED_EVENT}:
        return OtherTarget.UNKNOWN, "is not known to have been asked"
    else:
        absent, latest = "", record.last  # it answered with a success, and no night shows the same difference
    if not latest:
        return OtherTarget.UNKNOWN, "never showed the place"
    if not _is_fresh(latest, day):
        return _too_old(latest)
    return (OtherTarget.ALIKE, latest) if absent == latest else (OtherTarget.AS_DOCUMENTED, latest)


def _alike(finding: Finding, place: PlaceRecord) -> list[Sighting]:
    """Return what was seen at a place of the kinds, or of the word, that a finding found."""
    if finding.kind in _OF_WORDS:
        return [place.words[finding.value]] if finding.value in place.words else []
    said = finding.actual.split(" or ")
    return [seen for kind, seen in place.kinds.items() if kind in said]


def _is_fresh(seen: str, day: str) -> bool:
    """Whether a day is near enough to count; one that a broken file names never is."""
    try:
        return (date.fromisoformat(day) - date.fromisoformat(seen)).days <= FRESH_DAYS
    except ValueError:
        return False


def _too_old(seen: str) -> tuple[OtherTarget, str]:
    return OtherTarget.UNKNOWN, f"was last looked at on {seen}, more than {counted(FRESH_DAYS, 'day')} ago"


# -- earlier nights of the same target -----------------------------------------------------------------------------


def _past(finding: Finding, own: TargetMemory, *, first: str, day: str) -> tuple[EarlierNights, str]:
    """Return what earlier nights showed where a finding is, and the last one that was good."""
    record = own.ledger.contracts.get(finding.contract)
    if (gone := _nights_without(finding, own.nights, record, day)) and len(gone) >= ROLLBACK_NIGHTS:
        return EarlierNights.BACK, gone[-1]
    before = [one for one in record.days() if one < first] if record else []
    began = EarlierNights.FIRST if first == day else EarlierNights.ALWAYS
    if record is None or not before:
        return began, ""
    place, around = record.places.get(finding.path), record.places.get(parent_of(finding.path))
    if finding.kind is Kind.MISSING_FIELD:
        if place is not None and place.first and place.first < first:
            came_later = bool(around and around.first < place.first)
            last = place.last if place.last < first else before[-1]
            return (EarlierNights.BACK if came_later else EarlierNights.GOOD), last
        known = around is not None and around.first and around.first < first
        return (EarlierNights.UNCHANGED, "") if known and _is_covered(own.nights, first) else (began, "")
    if finding.kind is Kind.UNDOCUMENTED_FIELD:
        seen = [place] if place is not None else []
        known = around is not None and around.first < first
        return _by_sightings(seen, own.nights, before, first) or (
            (EarlierNights.GOOD, before[-1]) if known else (began, "")
        )
    if finding.kind in _OF_KINDS | _OF_WORDS:
        if place is None:
            return began, ""
        alike = _alike(finding, place)
        others = place.words if finding.kind in _OF_WORDS else place.kinds
        documented = any(one.first < first for one in others.values() if one not in alike)
        if finding.kind in _OF_KINDS and documented and any(one.first < first for one in alike):
            return EarlierNights.BACK, before[-1]
        known = documented or place.first < first
        return _by_sightings(alike, own.nights, before, first) or (
            (EarlierNights.GOOD, before[-1]) if known else (began, "")
        )
    return EarlierNights.GOOD, before[-1]


def _by_sightings(
    alike: Iterable[PlaceRecord | Sighting], nights: Iterable[NightSeen], before: list[str], first: str
) -> tuple[EarlierNights, str] | None:
    """Return what it means that what is shown now was seen before it became a difference; None where it was not."""
    last = max((one.last for one in alike if one.first and one.first < first), default="")
    if not last:
        return None
    if without := [one for one in before if one > last]:
        return EarlierNights.BACK, without[-1]
    return (EarlierNights.UNCHANGED, "") if _is_covered(nights, first) else None


def _is_covered(nights: Iterable[NightSeen], first: str) -> bool:
    """Whether a night before a day came to a verdict, so that what it did not call a difference was none."""
    return any(night.day < first and night.is_conclusive for night in nights)


def _nights_without(finding: Finding, nights: list[NightSeen], record: ContractRecord | None, day: str) -> list[str]:
    """Return the last days in a row that looked at a contract and did not show a difference seen before and now."""
    looked = set(record.days()) if record else None
    shown: dict[str, bool] = {}
    for night in nights:
        here = finding.fingerprint in night.fingerprints
        if night.day < day and (here or (night.is_conclusive and (looked is None or night.day in looked))):
            shown[night.day] = shown.get(night.day, False) or here
    days = sorted(shown)
    if not any(shown.values()):
        return []
    # Since it came back it may have been there for some nights already.
    while days and shown[days[-1]]:
        days.pop()
    gone: list[str] = []
    while days and not shown[days[-1]]:
        gone.insert(0, days.pop())
    return gone if days else []
