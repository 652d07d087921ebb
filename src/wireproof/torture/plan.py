"""Which alterations are tried, and in which run: chosen by seed from the traffic that was learned."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wireproof.torture.alteration import Alteration
from wireproof.torture.documents import EACH, Object, nodes, write
from wireproof.torture.kinds import KINDS, PAYLOADS
from wireproof.torture.traffic import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wireproof.torture.documents import Path
    from wireproof.torture.traffic import Learned

#: Alterations of contracts that others depend on, in one run: few, so that it is known which did what.
MOST_FOUNDATIONS = 5

#: Kinds that keep nobody from reading an answer as it was meant.
GENTLE = frozenset({"extra", "duplicate-key", "envelope-extra", "weight-removed", "weight-renamed"})

#: Longest text that stands for a value before it was altered.
SHOWN = 60


@dataclass(frozen=True)
class Choice:
    """An alteration that is possible: a place, a kind, and the paths where it fits with a value of each."""

    place: Place
    kind: str
    paths: Mapping[Path, str]


def payload_of(bucket: str, document: Any) -> Any:
    """Return what a message carries, without its envelope."""
    if not isinstance(document, Object):
        return document
    if bucket == "ws-api success":
        return document.value("result")
    if bucket == "stream message" and document.has("stream") and document.has("data"):
        return document.value("data")
    return document


def choices(place: Place, learned: Learned) -> list[Choice]:
    """Return every alteration that is possible at a place."""
    found = []
    if place.bucket in PAYLOADS:
        fitting: dict[str, dict[Path, str]] = {}
        for document in learned.documents:
            for path, value in nodes(payload_of(place.bucket, document)):
                for kind in KINDS.values():
                    if kind.fits is not None and kind.fits(path, value):
                        fitting.setdefault(kind.name, {}).setdefault(path, write(value)[:SHOWN])
        found = [Choice(place, name, dict(sorted(paths.items()))) for name, paths in fitting.items()]
    for kind in KINDS.values():
        if kind.edit is None and place.bucket in kind.buckets and _is_possible(kind.name, place, learned):
            found.append(Choice(place, kind.name, {}))
    return found


def _is_possible(kind: str, place: Place, learned: Learned) -> bool:
    """Whether an alteration of messages as a whole finds in them what it alters."""
    documents = [one for one in learned.documents if isinstance(one, Object)]
    payloads = [payload_of(place.bucket, one) for one in learned.documents]
    events = [one for payload in payloads for one in (payload if type(payload) is list else [payload])]
    match kind:
        case "rate-limits-removed" | "rate-limits-typed":
            return any(one.value("rateLimits") for one in documents)
        case "weight-removed" | "weight-renamed" | "weight-words":
            return any(name.startswith("x-mbx-used-weight") for name in learned.headers)
        case "other-symbol":
            return any(isinstance(one, Object) and isinstance(one.value("s"), str) for one in events)
        case "other-event":
            return any(isinstance(one, Object) and isinstance(one.value("e"), str) for one in events)
        case "envelope-renamed" | "stream-unknown":
            return any(one.has("stream") and one.has("data") for one in documents)
    return True


def plan(
    learned: Mapping[Place, Learned],
    *,
    seed: int,
    count: int | None,
    foundations: Collection[str],
    wanted: Callable[[Place, str], bool] = lambda _place, _kind: True,
    together: bool = False,
) -> list[Alteration]:
    """Return alterations in the order of their runs, each contract at most once in a run.

    `count` is how many; None for one of each kind at each place. Alterations of `foundations`, on whose answers cases
    of other contracts depend, get runs of their own, a few in each; `together` with the rest they are gentle ones.
    `wanted` says which may be chosen.
    """
    possible: dict[str, list[Choice]] = {}
    for place, one in sorted(learned.items(), key=lambda pair: (pair[0].contract, pair[0].bucket)):
        possible.setdefault(place.contract, []).extend(
            choice
            for choice in choices(place, one)
            if wanted(place, choice.kind)
            and not (together and place.contract in foundations and choice.kind not in GENTLE)
        )
    possible = {contract: found for contract, found in possible.items() if found}
    rounds = _rounds(possible, seed, count)
    planned: list[Alteration] = []
    for run, group in enumerate(rounds if together else _grouped(rounds, foundations)):
        planned += [replace(one, index=len(planned) + place, run=run) for place, one in enumerate(group)]
    return planned


def _rounds(possible: Mapping[str, Sequence[Choice]], seed: int, count: int | None) -> list[list[Alteration]]:
    """Return rounds in which each contract is altered once, the kinds that were tried least first."""
    used: Counter[tuple[str, str]] = Counter()
    left = {contract: list(found) for contract, found in possible.items()}
    rounds: list[list[Alteration]] = []
    total = 0
    while any(left.values()) and (count is None or total < count):
        chosen: list[Alteration] = []
        contracts = [contract for contract, found in left.items() if found]
        contracts.sort(key=lambda contract: _chance(seed, len(rounds), contract).random())
        for contract in contracts if count is None else contracts[: count - total]:
            found = left[contract]
            choice = min(found, key=lambda one: (used[one.place.bucket, one.kind], _luck(seed, one)))
            found.remove(choice)
            used[choice.place.bucket, choice.kind] += 1
            chosen.append(_alteration(choice, _chance(seed, choice.place, choice.kind)))
        total += len(chosen)
        rounds.append(chosen)
    return rounds


def _chance(*of: object) -> random.Random:
    """Return chance that is the same for the same things, whatever else there is to be chosen."""
    return random.Random(f"torture {of}")  # noqa: S311  # to be repeated, not to be secret


def _luck(seed: int, choice: Choice) -> float:
    return _chance(seed, choice.place.contract, choice.place.bucket, choice.kind).random()


def _alteration(choice: Choice, chance: random.Random) -> Alteration:
    path = chance.choice(list(choice.paths)) if choice.paths else ()
    one = EACH in path and chance.random() < 0.5
    before = choice.paths.get(path, "")
    place = choice.place
    return Alteration(
        index=0, contract=place.contract, bucket=place.bucket, kind=choice.kind, path=path, one=one, before=before
    )


def _grouped(rounds: Iterable[Sequence[Alteration]], foundations: Collection[str]) -> list[list[Alteration]]:
    """Return the runs: first what nothing depends on, then the rest, a few of one product at a time."""
    groups, small = [], []
    for chosen in rounds:
        groups.append([one for one in chosen if one.contract not in foundations])
        for product in sorted({one.product for one in chosen}):
            rest = [one for one in chosen if one.contract in foundations and one.product == product]
            small += [rest[at : at + MOST_FOUNDATIONS] for at in range(0, len(rest), MOST_FOUNDATIONS)]
    return [group for group in [*groups, *small] if group]


def by_place(alterations: Iterable[Alteration]) -> dict[Place, Alteration]:
    """Return the alterations of one run by the place whose messages they alter."""
    return {Place(one.contract, one.bucket): one for one in alterations}


def foundations_of(learned: Mapping[Place, Learned], own: Mapping[tuple[str, str], int]) -> set[str]:
    """Return the contracts on whose answers the suite depends for others: it asks more often than it has cases.

    `own` counts cases by contract and by whether they are a `success` or an `error`.
    """
    return {
        place.contract
        for place, one in learned.items()
        if not place.bucket.endswith(" message")
        if one.messages > own.get((place.contract, place.bucket.rpartition(" ")[2]), 0)
    }
