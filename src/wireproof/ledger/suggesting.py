"""Refinements that the ledger has learnt: fields that only some accounts or symbols show, null now and then, new words.

They are offered for review, with their evidence, and never taken over by themselves. Nothing is offered out of a
handful of answers: what is seen on one night only may be that night's drift.

- Some runs showed a field and its absence *side by side*: a field that is gone, or that was gone for some nights, is
  absent in all objects of those runs. `MOST_DOUBT` such runs rule out that one bad deployment made all of the evidence.
- A condition on a sibling has no exception in `EACH_SIDE` objects with it and as many without. After 30 objects without
  an exception, the share of exceptions is below 10 % with 95 % confidence (the rule of three: 3 of n).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.model import Contract, Refinement, When
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Elements, Fields, Map, Positions
from wireproof.counts import counted
from wireproof.drift.documented_shape import answer_shape, groups
from wireproof.drift.value_paths import parent_of
from wireproof.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Product
    from wireproof.contract.shape import Node
    from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger

MOST_DOUBT, EACH_SIDE, FEW_WORDS = 3, 30, 8

THRESHOLD = (
    f"Offered is what {MOST_DOUBT} runs showed side by side with what is documented; a condition, what {EACH_SIDE}"
    " objects on each side have without exception: fewer may be one night's drift."
)


class Suggestion(Struct, kw_only=True, frozen=True):
    """A refinement that would make the contract say what a target shows, for review."""

    contract: str
    path: str
    what: str  # `optional`, `when`, `nullable` or `enum`
    refinement: dict[str, Any]  # as it stands in a contract file, with what is said of that path already
    evidence: str
    cases: tuple[str, ...]  # that show it


class _Documented(Struct, frozen=True):
    """What a contract says of a place."""

    node: Any
    required: bool


def suggestions(contract: Contract, product: Product, ledger: TargetLedger) -> list[Suggestion]:
    """Return the refinements that a target's ledger offers for a contract, by path."""
    record = ledger.contracts.get(contract.id)
    if record is None or contract.retired:
        return []
    documented = _documented(contract, product)
    found = []
    for path, place in sorted(record.places.items()):
        known = documented.get(path)
        if known is None or known.node.anything:
            continue
        if known.required and (one := _presence(contract, ledger, record, path, place)) is not None:
            found.append(one)
        if not known.node.nullable and (one := _null(contract, ledger, path, place)) is not None:
            found.append(one)
        if known.node.enum and (one := _words(contract, ledger, path, place, known.node)) is not None:
            found.append(one)
    return found


def _presence(
    contract: Contract, ledger: TargetLedger, record: ContractRecord, path: str, place: PlaceRecord
) -> Suggestion | None:
    presence = record.presence(path)
    if presence is None or place.mixed < MOST_DOUBT or not place.times:
        return None
    counts = f"in {place.times:,} of {counted(presence.could_times, 'object')}"
    evidence = (
        f"{counts}, in {place.answers:,} of {counted(presence.could, 'answer')}, side by side in"
        f" {counted(place.mixed, 'run')}; present {place.first} to {place.last}, absent {place.absent_first} to"
        f" {place.absent_last}"
    )
    cases = tuple(dict.fromkeys((place.case, place.absent_case)))
    condition = _condition(record, path, place)
    if condition is not None:
        sibling, words = condition
        when = f"; always with {sibling} {' or '.join(words)}, never without"
        said = _refinement(contract, path, ledger, evidence + when, when=When(field=sibling, one_of=words))
        return _suggested(contract, "when", said, evidence + when, cases)
    said = _refinement(contract, path, ledger, evidence, optional=True)
    return _suggested(contract, "optional", said, evidence, cases)


def _condition(record: ContractRecord, path: str, place: PlaceRecord) -> tuple[str, tuple[str, ...]] | None:
    """Return the sibling whose words decide without exception whether a field is there, and the words with which it is.

    An object counts where it showed a documented word; a sibling that not every object has decides nothing.
    """
    around = parent_of(path)
    for sibling, absent in sorted(place.absent_with.items()):
        beside = record.places.get(child(around, sibling))
        if beside is None or not 1 < len(beside.words) <= FEW_WORDS:
            continue
        if any(not seen.documented for seen in beside.words.values()):
            continue
        if sum(seen.times for seen in beside.words.values()) != place.could_times:
            continue
        with_it = [word for word, seen in beside.words.items() if not absent.get(word)]
        without = [word for word, seen in beside.words.items() if absent.get(word) == seen.times]
        if len(with_it) + len(without) < len(beside.words) or not with_it or not without:
            continue
        if min(sum(beside.words[word].times for word in words) for words in (with_it, without)) >= EACH_SIDE:
            return sibling, tuple(sorted(with_it))
    return None


def _null(contract: Contract, ledger: TargetLedger, path: str, place: PlaceRecord) -> Suggestion | None:
    null = place.kinds.get("null")
    others = [seen for name, seen in place.kinds.items() if name != "null"]
    if null is None or not others or null.runs < MOST_DOUBT or max(seen.runs for seen in others) < MOST_DOUBT:
        return None
    first, last = min(seen.first for seen in others), max(seen.last for seen in others)
    if null.first > last or null.last < first:  # the one took the place of the other
        return None
    evidence = (
        f"null {null.times:,} of {counted(place.times, 'time')}, in {counted(null.runs, 'run')}, {null.first} to"
        f" {null.last}; otherwise as documented, {first} to {last}"
    )
    said = _refinement(contract, path, ledger, evidence, nullable=True)
    return _suggested(contract, "nullable", said, evidence, (null.case,))


def _words(contract: Contract, ledger: TargetLedger, path: str, place: PlaceRecord, node: Node) -> Suggestion | None:
    new = {
        word: seen
        for word, seen in sorted(place.words.items())
        if word not in node.enum and not seen.documented and seen.runs >= MOST_DOUBT and word[:1] != "("
    }
    if not new:
        return None
    evidence = "; ".join(
        f"{one_line(word, 60)} {seen.times:,} of {counted(place.times, 'time')}, in {counted(seen.runs, 'run')},"
        f" {seen.first} to {seen.last}"
        for word, seen in new.items()
    )
    said = _refinement(contract, path, ledger, evidence, enum=(*node.enum, *new))
    return _suggested(contract, "enum", said, evidence, tuple(dict.fromkeys(seen.case for seen in new.values())))


def _refinement(contract: Contract, path: str, ledger: TargetLedger, evidence: str, **said: Any) -> Refinement:
    """Return a refinement with what is known, together with what the contract's own one says of that path."""
    source = f"observed on {ledger.target}, {evidence}"
    own = next((one for one in contract.refinements if one.path == path and not one.examples), None)
    if own is None:
        return Refinement(path=path, source=source, **said)
    return replace(own, source=f"{own.source}; {source}", **said)


def _suggested(contract: Contract, what: str, said: Refinement, evidence: str, cases: tuple[str, ...]) -> Suggestion:
    return Suggestion(
        contract=contract.id,
        path=said.path,
        what=what,
        refinement=msgspec.json.decode(msgspec.json.encode(said)),
        evidence=evidence,
        cases=tuple(case for case in cases if case),
    )


def _documented(contract: Contract, product: Product) -> dict[str, _Documented]:
    """Return what a contract says of each place; it is required where all examples that have it say so."""
    found: dict[str, _Documented] = {}
    for group in groups(contract):
        for path, entry in _places(answer_shape(contract, group[0].name, product), "", required=False):
            known = found.get(path)
            found[path] = entry if known is None else _Documented(known.node, known.required and entry.required)
    return found


def _places(node: Node, path: str, *, required: bool) -> Iterator[tuple[str, _Documented]]:
    yield path, _Documented(node, required)
    shape = node.object
    for fields in node.parts:
        for name, entry in fields.fields.items():
            plain = entry.required and entry.when is None and isinstance(shape, Fields)
            yield from _places(entry.node, child(path, name), required=plain)
    if isinstance(shape, Map):
        yield from _places(shape.value, f"{path}.*" if path else "*", required=False)
    if isinstance(node.array, Elements) and node.array.node is not None:
        yield from _places(node.array.node, element(path), required=False)
    elif isinstance(node.array, Positions):
        for number, inner in enumerate(node.array.nodes):
            yield from _places(inner, f"{path}[{number}]", required=False)
