"""What was ever seen of a target: contract -> generalised path -> kinds, words, presence, with dates and counts.

A ledger is a sum over runs: counts add up, first dates are the least, last dates the greatest. So ledgers of different
runs can be joined in any order, see `joining.join`. It holds no value of an answer besides words of fields that the
contracts enumerate. Days are those on which runs started, `2026-11-22`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from wireproof.drift.value_paths import parent_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The day of bit 0 of `ContractRecord.nights`.
FIRST_NIGHT = date(2025, 1, 1)
MOST_NIGHTS = 20_000  # bits

OBJECT = "object"


class Sighting(Struct, kw_only=True, omit_defaults=True):
    """What was seen of one kind or one word at a place."""

    answers: int = 0  # that showed it
    times: int = 0  # how often they did, all together
    runs: int = 0  # that showed it
    first: str = ""
    last: str = ""
    case: str = ""  # that showed it first
    documented: bool = False  # of a word: whether a contract had it when it was seen


class PlaceRecord(Struct, kw_only=True, omit_defaults=True):
    """What was seen at one generalised path of a contract.

    An answer could show a place when it had the object that the place is a field of, or the list that it is an element
    of. `answers` of `could` answers showed it; `times` of `could_times` objects did. Of a place that is not documented
    the second numbers are those of the object around it: see `ContractRecord.presence`.
    """

    documented: bool = False  # whether a contract had it in any run
    could: int = 0
    could_times: int = 0
    answers: int = 0
    times: int = 0
    first: str = ""
    last: str = ""
    case: str = ""
    absent_first: str = ""  # days on which an object was without it
    absent_last: str = ""
    absent_case: str = ""  # that first was without it
    mixed: int = 0  # runs in which some objects had it and some had not
    absent_with: dict[str, dict[str, int]] = field(default_factory=dict)  # enumerated sibling -> its word -> objects
    kinds: dict[str, Sighting] = field(default_factory=dict)
    words: dict[str, Sighting] = field(default_factory=dict)  # of enumerated places only


class PlacePresence(Struct, frozen=True):
    """How often a place was there: in `answers` of `could` answers, in `times` of `could_times` objects."""

    answers: int
    could: int
    times: int
    could_times: int

    @property
    def absent(self) -> int:
        """How many answers could show the place and did not."""
        return max(self.could - self.answers, 0)


class ContractRecord(Struct, kw_only=True, omit_defaults=True):
    """What was seen of one contract."""

    answers: int = 0
    first: str = ""
    last: str = ""
    nights: str = ""  # hexadecimal: bit n is the nth day after FIRST_NIGHT
    places: dict[str, PlaceRecord] = field(default_factory=dict)
    left_out: bool = False  # whether places or words came that are not kept, see `joining`

    def days(self) -> list[str]:
        """Return the days on which the contract was answered, oldest first."""
        bits, found = int(self.nights or "0", 16), []
        while bits:
            lowest = bits & -bits
            found.append((FIRST_NIGHT + timedelta(days=lowest.bit_length() - 1)).isoformat())
            bits ^= lowest
        return found

    def night_count(self, *, since: str = "") -> int:
        """Return on how many days the contract was answered, from a day on."""
        bits = int(self.nights or "0", 16)
        return (bits >> _bit(since) if since else bits).bit_count()

    def presence(self, path: str) -> PlacePresence | None:
        """Return how often a place was there; None for one that no answer showed and no contract has."""
        place = self.places.get(path)
        if place is None:
            return None
        could, could_times = place.could, place.could_times
        if not place.documented:
            around = self.places.get(parent_of(path))
            objects = around.kinds.get(OBJECT) if around is not None else None
            could, could_times = (objects.answers, objects.times) if objects is not None else (0, 0)
        return PlacePresence(place.answers, max(could, place.answers), place.times, max(could_times, place.times))


class RunMark(Struct, kw_only=True, frozen=True):
    """A run that a ledger holds. Times in epoch milliseconds: of the first request and of the last answer."""

    day: str
    began: float = 0.0
    ended: float = 0.0


class TargetLedger(Struct, kw_only=True, omit_defaults=True):
    """What was ever seen of one target."""

    target: str
    runs: dict[str, RunMark] = field(default_factory=dict)  # the last ones, by id
    contracts: dict[str, ContractRecord] = field(default_factory=dict)

    def place(self, contract: str, path: str) -> PlaceRecord | None:
        """Return what was seen at a generalised path of a contract; None when nothing is known of it."""
        record = self.contracts.get(contract)
        return record.places.get(path) if record is not None else None

    def presence(self, contract: str, path: str) -> PlacePresence | None:
        """Return how often a place was there; None when nothing is known of it."""
        record = self.contracts.get(contract)
        return record.presence(path) if record is not None else None

    def first_seen(self, contract: str, path: str, word: str = "") -> str:
        """Return the day on which a place, or an enumerated word there, was first seen; empty when it never was."""
        seen = self._seen(contract, path, word)
        return seen.first if seen is not None else ""

    def last_seen(self, contract: str, path: str, word: str = "") -> str:
        """Return the day on which a place, or an enumerated word there, was last seen; empty when it never was."""
        seen = self._seen(contract, path, word)
        return seen.last if seen is not None else ""

    def _seen(self, contract: str, path: str, word: str) -> PlaceRecord | Sighting | None:
        place = self.place(contract, path)
        return place.words.get(word) if place is not None and word else place

    def every_place(self) -> Iterator[tuple[str, str, PlaceRecord]]:
        """Yield contract, path and record of each place."""
        for contract, record in self.contracts.items():
            for path, place in record.places.items():
                yield contract, path, place


def night_bits(day: str) -> str:
    """Return `ContractRecord.nights` of one day."""
    return format(1 << _bit(day), "x")


def _bit(day: str) -> int:
    return min(max((date.fromisoformat(day) - FIRST_NIGHT).days, 0), MOST_NIGHTS)
