"""Ledgers of different runs made one: in any order and any grouping the same.

What a target sends under names of its own making is bounded, by what depends on the names alone: of the places that no
contract has, and of the words, those are kept whose digests come first. Which runs came first makes no difference then.
"""

from __future__ import annotations

import hashlib
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from wireproof.errors import UsageError
from wireproof.ledger.model import ContractRecord, PlaceRecord, Sighting, TargetLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Places of a contract, and of a target, that no contract has; words of a place that no contract has.
MOST_PLACES, MOST_PLACES_OF_ALL, MOST_WORDS = 40, 4000, 20
MOST_RUNS = 1000

Kept = TypeVar("Kept")
Bounded = TypeVar("Bounded", PlaceRecord, Sighting)


def join_all(target: str, ledgers: Iterable[TargetLedger]) -> TargetLedger:
    """Return the ledger of all runs of several ledgers of one target."""
    return reduce(join, ledgers, TargetLedger(target=target))


def join(one: TargetLedger, other: TargetLedger) -> TargetLedger:
    """Return the ledger of the runs of both; where one holds every run of the other, that one.

    Neither is changed, and the result shares what only one of them has. Raises UsageError where they are of different
    targets, or share some runs only: their counts cannot be told apart then.
    """
    if one.target != other.target:
        raise UsageError(f"Ledgers of {one.target} and {other.target} are not one. Join those of each target.")
    if other.runs.keys() <= one.runs.keys():
        return one
    if one.runs.keys() <= other.runs.keys():
        return other
    if shared := sorted(one.runs.keys() & other.runs.keys()):
        raise UsageError(f"Both ledgers hold run {shared[0]}, and each holds others: their counts cannot be joined.")
    contracts = _union(one.contracts, other.contracts, _contract)
    runs = one.runs | other.runs
    kept = sorted(runs, key=lambda name: (runs[name].day, name))[-MOST_RUNS:]
    return TargetLedger(target=one.target, runs={name: runs[name] for name in kept}, contracts=_bounded(contracts))


def _contract(one: ContractRecord, other: ContractRecord) -> ContractRecord:
    found = _union(one.places, other.places, _place)
    places = bounded(found, MOST_PLACES)
    return ContractRecord(
        answers=one.answers + other.answers,
        first=_least(one.first, other.first),
        last=max(one.last, other.last),
        nights=format(int(one.nights or "0", 16) | int(other.nights or "0", 16), "x"),
        places=places,
        left_out=one.left_out or other.left_out or len(places) < len(found),
    )


def _place(one: PlaceRecord, other: PlaceRecord) -> PlaceRecord:
    first, case = min((_when(one.first), one.case), (_when(other.first), other.case))
    absent_first, absent_case = min(
        (_when(one.absent_first), one.absent_case), (_when(other.absent_first), other.absent_case)
    )
    return PlaceRecord(
        documented=one.documented or other.documented,
        could=one.could + other.could,
        could_times=one.could_times + other.could_times,
        answers=one.answers + other.answers,
        times=one.times + other.times,
        first=first.rstrip("~"),
        last=max(one.last, other.last),
        case=case,
        absent_first=absent_first.rstrip("~"),
        absent_last=max(one.absent_last, other.absent_last),
        absent_case=absent_case,
        mixed=one.mixed + other.mixed,
        absent_with=_union(one.absent_with, other.absent_with, _counts),
        kinds=_union(one.kinds, other.kinds, _sighting),
        words=bounded(_union(one.words, other.words, _sighting), MOST_WORDS),
    )


def _sighting(one: Sighting, other: Sighting) -> Sighting:
    first, case = min((one.first, one.case), (other.first, other.case))
    return Sighting(
        answers=one.answers + other.answers,
        times=one.times + other.times,
        runs=one.runs + other.runs,
        first=first,
        last=max(one.last, other.last),
        case=case,
        documented=one.documented or other.documented,
    )


def _counts(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return _union(one, other, lambda here, there: here + there)


def bounded(found: dict[str, Bounded], most: int) -> dict[str, Bounded]:
    """Return the places of a contract, or the words of a place, with `most` undocumented ones at most."""
    kept = first_by_digest((name for name, one in found.items() if not one.documented), most)
    if kept is None:
        return found
    return {name: one for name, one in found.items() if one.documented or name in kept}


def _bounded(contracts: dict[str, ContractRecord]) -> dict[str, ContractRecord]:
    """Return contracts with no more undocumented places than are kept of a target."""
    found = [
        f"{contract} {path}"
        for contract, record in contracts.items()
        for path, place in record.places.items()
        if not place.documented
    ]
    kept = first_by_digest(found, MOST_PLACES_OF_ALL)
    if kept is None:
        return contracts
    fewer = {}
    for contract, record in contracts.items():
        places = {p: place for p, place in record.places.items() if place.documented or f"{contract} {p}" in kept}
        left_out = record.left_out or len(places) < len(record.places)
        fewer[contract] = replace(record, places=places, left_out=left_out)
    return fewer


def first_by_digest(names: Iterable[str], most: int) -> set[str] | None:
    """Return those of the names that are kept when there are more than `most`; None when all are."""
    names = list(names)
    if len(names) <= most:
        return None
    return set(sorted(names, key=_digest)[:most])


def _digest(name: str) -> tuple[bytes, str]:
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).digest()[:8], name


def _union(one: dict[str, Kept], other: dict[str, Kept], both: Callable[[Kept, Kept], Kept]) -> dict[str, Kept]:
    """Return what either holds; what both hold as `both` makes of it."""
    result = dict(one)
    for name, there in other.items():
        here = result.get(name)
        result[name] = there if here is None else both(here, there)
    return result


def _least(one: str, other: str) -> str:
    return min(_when(one), _when(other)).rstrip("~")


def _when(day: str) -> str:
    """Return a day for a comparison in which none comes last."""
    return day or "~"
