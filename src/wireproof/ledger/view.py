"""The history of a contract's fields, as `wireproof ledger show` and the site lay it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.contract.paths import is_below
from wireproof.counts import counted
from wireproof.errors import UsageError, did_you_mean
from wireproof.ledger.recorded import dates_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.ledger.model import ContractRecord, Sighting, TargetLedger


class Dated(Struct, kw_only=True, frozen=True):
    """A kind or a word that was seen at a place."""

    name: str
    answers: int
    times: int
    first: str
    last: str
    case: str
    documented: bool | None = None  # of a word


class PlaceHistory(Struct, kw_only=True, frozen=True):
    """What was seen of one place: in `answers` of `could` answers, in `times` of `could_times` objects."""

    path: str
    documented: bool
    answers: int
    could: int
    times: int
    could_times: int
    first: str
    last: str
    case: str
    absent_first: str
    absent_last: str
    absent_case: str
    kinds: list[Dated]
    words: list[Dated]

    @property
    def presence(self) -> str:
        """In how many answers it was, in words; in how many objects where only some of them had it."""
        if not self.times:
            return f"never, in {counted(self.could, 'answer')}"
        said = f"{self.answers:,} of {self.could:,}"
        if self.times < self.could_times and self.could_times > self.could:
            said += f" ({self.times:,} of {self.could_times:,} objects)"
        return said

    @property
    def absence(self) -> str:
        """When it was absent; empty where it never was."""
        if not self.absent_first:
            return ""
        later = f" to {self.absent_last}" if self.absent_last != self.absent_first else ""
        return f"{self.absent_first}{later}"


class ContractHistory(Struct, kw_only=True, frozen=True):
    """What was seen of one contract on one target."""

    target: str
    contract: str
    answers: int
    nights: int
    first: str
    last: str
    left_out: bool
    places: list[PlaceHistory]


def history_of(ledger: TargetLedger, contract: str, path: str | None = None) -> ContractHistory:
    """Return the history of a contract, or of one place of it and what is below.

    Raises UsageError with the nearest names for a contract or a path that the ledger does not know.
    """
    record = ledger.contracts.get(contract)
    if record is None:
        near = did_you_mean(contract, ledger.contracts)
        raise UsageError(f"No answer of {contract!r} was seen on {ledger.target}. {near}".rstrip())
    if path is not None and path not in record.places:
        near = did_you_mean(path, filter(None, record.places))
        raise UsageError(f"{contract} showed no path {path!r} on {ledger.target}. {near}".rstrip())
    places = [_place(record, one) for one in record.places if not path or one == path or is_below(one, path)]
    return ContractHistory(
        target=ledger.target,
        contract=contract,
        answers=record.answers,
        nights=record.night_count(),
        first=record.first,
        last=record.last,
        left_out=record.left_out,
        places=places,
    )


def _place(record: ContractRecord, path: str) -> PlaceHistory:
    place, presence = record.places[path], record.presence(path)
    assert presence is not None
    absent_first, absent_last = place.absent_first, place.absent_last
    if not place.documented:  # nobody looked for it before it came, and the object around it says since when it is gone
        absent_first = record.first if record.first < place.first else absent_first
        absent_last = max(absent_last, record.last if record.last > place.last else "")
        absent_first = absent_first or absent_last
        absent_last = absent_last or absent_first
    return PlaceHistory(
        path=path,
        documented=place.documented,
        answers=presence.answers,
        could=presence.could,
        times=presence.times,
        could_times=presence.could_times,
        first=place.first,
        last=place.last,
        case=place.case,
        absent_first=absent_first,
        absent_last=absent_last,
        absent_case=place.absent_case,
        kinds=_dated(place.kinds),
        words=_dated(place.words, of_words=True),
    )


def _dated(seen: Mapping[str, Sighting], *, of_words: bool = False) -> list[Dated]:
    return [
        Dated(
            name=name,
            answers=one.answers,
            times=one.times,
            first=one.first,
            last=one.last,
            case=one.case,
            documented=one.documented if of_words else None,
        )
        for name, one in dates_of(seen)
    ]


def lines_of(history: ContractHistory) -> list[str]:
    """Return a history as lines for people: one per place, with a line per kind and word below it where they differ."""
    nights = counted(history.nights, "night")
    seen = f"{counted(history.answers, 'answer')} on {nights}, {history.first} to {history.last}"
    lines = [f"{history.contract} on {history.target}: {seen}"]
    for place in history.places:
        mark = "" if place.documented else " (undocumented)"
        when = f", {place.first} to {place.last}" if place.first else ""
        absent = f"; absent {place.absence}" if place.absence else ""
        lines.append(f"  {place.path or '(top level)'}{mark}: {place.presence}{when}{absent}")
        several = [*(place.kinds if len(place.kinds) > 1 or place.words else []), *place.words]
        lines += [_line(one, place) for one in several]
        if len(place.kinds) == 1 and not place.words:
            lines[-1] += f": {place.kinds[0].name}"
    if history.left_out:
        lines.append("  More came under undocumented names than a ledger keeps.")
    return lines


def _line(one: Dated, place: PlaceHistory) -> str:
    mark = " (undocumented)" if one.documented is False else ""
    dates = "" if (one.first, one.last) == (place.first, place.last) else f", {one.first} to {one.last}"
    return f"    {one.name}{mark}: {counted(one.answers, 'answer')}{dates}"
