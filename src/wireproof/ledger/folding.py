"""Folds the observations of a run into a ledger.

Only answers count: successes of requests, messages of streams, events. Refusals, trouble, errors in place of an answer,
and cases that were blocked or broken are none. A case that was exercised again counts once, as it was seen first; what
a waiver tolerates counts as what it is.

The documented shape decides what a path is: `*` for free keys, positions of tuples. What no contract has stands at its
own path, and an object there that has many keys has free ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.contract.leaves import is_decimal, is_timestamp
from wireproof.contract.model import Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Node, Positions, Scalar, Variants
from wireproof.drift.documented_shape import answer_shape
from wireproof.drift.finding import Verdict
from wireproof.drift.parse import Unparseable, parse
from wireproof.errors import UsageError
from wireproof.ledger.joining import MOST_PLACES, MOST_WORDS, bounded
from wireproof.ledger.model import ContractRecord, PlaceRecord, RunMark, Sighting, TargetLedger, night_bits
from wireproof.recognition import recognise
from wireproof.results.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.results.model import Observation, RunResult

#: Keys of an object that no contract has, beyond which they count as free; levels below such a place; characters of its
#: path.
MOST_KEYS, MOST_LEVELS, LONGEST_PLACE = 16, 4, 160

EMPTY_ARRAY, EMPTY_OBJECT, NULL = "empty array", "empty object", "null"

# The kinds of leaves by their names: an enumeration looks its own up anew for each of the values of a night.
_EMPTY, _STRING, _DECIMAL = Scalar.EMPTY.value, Scalar.STRING.value, Scalar.DECIMAL.value
_BOOLEAN, _TIMESTAMP = Scalar.BOOLEAN.value, Scalar.TIMESTAMP.value
_INTEGER, _NUMBER = Scalar.INTEGER.value, Scalar.NUMBER.value

#: What a word looks like. Anything else at an enumerated place is not kept as it came: it may be anybody's.
_IS_WORD = re.compile(r"(?!(?:.*[0-9]){6})[A-Za-z0-9][A-Za-z0-9_ .+/-]{0,39}").fullmatch
NO_WORD = "(no word)"

_UNKNOWN = Node(anything=True)


def fold(run: RunResult, observations: Iterable[Observation], store: Store) -> TargetLedger:
    """Return the ledger of one run: what its observations show, dated by the day on which it started.

    Args:
        run: Says of which target and when, and which cases say nothing.
        observations: What was observed, redacted.
        store: The contracts, whose documented shapes decide on paths and words.
    """
    silent = {case.id for case in run.cases if case.verdict in {Verdict.BLOCKED, Verdict.BROKEN}}
    tallies: dict[str, _ContractTally] = {}
    shapes: dict[tuple[str, str], Node | None] = {}
    for observation in observations:
        contract = store.contracts.get(observation.contract)
        if contract is None or observation.case in silent or observation.attempt > 1 or not observation.example:
            continue
        key = (contract.id, observation.example)
        if key not in shapes:
            shapes[key] = _shape_of(contract, observation.example, store)
        if (shape := shapes[key]) is None:
            continue
        for document in answers_of(contract, observation):
            tallies.setdefault(contract.id, _ContractTally()).take(shape, document, observation.case)
    day = moment(run.observed_at or run.started_at)[:10]
    mark = RunMark(day=day, began=run.observed_at or run.started_at, ended=run.ended_at)
    marks = dict.fromkeys(run.observed_in or [run.run], mark)
    return TargetLedger(target=run.target, runs=marks, contracts={name: tallies[name].record(day) for name in tallies})


def answers_of(contract: Contract, observation: Observation) -> Iterator[Any]:
    """Yield the documents that an observation holds of the documented kind: none of a refusal or of trouble."""
    if contract.surface in {Surface.STREAM, Surface.EVENT}:
        bodies = [message.encode() for message in observation.messages]
    elif observation.response is None or observation.expect_codes or contract.retired:
        return
    else:
        bodies = [observation.response.encode()]
        if not recognise(observation.status, bodies[0]).is_success:
            return
    for body in bodies:
        try:
            document = parse(body)
        except Unparseable:
            continue
        yield document


def _shape_of(contract: Contract, example: str, store: Store) -> Node | None:
    try:
        return answer_shape(contract, example, store.products[contract.product])
    except UsageError:
        return None  # the contract does not have that example any more


class _Tally:
    """What one run showed at one place."""

    __slots__ = (
        "absent_case",
        "absent_with",
        "answer",
        "answers",
        "case",
        "could",
        "could_answer",
        "could_times",
        "documented",
        "kinds",
        "parts",
        "path",
        "times",
        "words",
    )

    def __init__(self, path: str) -> None:
        self.path = path
        self.documented = False
        self.could = self.could_times = self.answers = self.times = 0
        self.answer = self.could_answer = 0  # number of the answer that was counted last
        self.case = self.absent_case = ""
        self.absent_with: dict[str, dict[str, int]] = {}
        self.kinds: dict[str, list[Any]] = {}  # answers, times, last answer, case
        self.words: dict[str, list[Any]] = {}  # the same, and whether it is documented
        # By how they are reached: a key, the number of a position, None for elements, `...` for values of free keys.
        self.parts: dict[Any, _Tally] = {}

    def expect(self, answer: int) -> None:
        """Count that an object was there that could show this place."""
        self.could_times += 1
        if self.could_answer != answer:
            self.could_answer = answer
            self.could += 1


class _ContractTally:
    """What one run showed of one contract."""

    def __init__(self) -> None:
        self.root = _Tally("")
        self.answers = 0
        self.case = ""
        self.left_out = False

    def take(self, shape: Node, document: Any, case: str) -> None:
        """Count one answer."""
        self.answers += 1
        self.case = case
        self.root.documented = True
        self.root.expect(self.answers)
        self._see(self.root, shape, document, 0)

    def _see(self, place: _Tally, node: Node, value: Any, levels: int) -> None:
        """Count a value at a place; `levels` is how far that is below what is documented."""
        answer = self.answers
        place.times += 1
        if place.answer != answer:
            place.answer = answer
            place.answers += 1
            if not place.case or self.case < place.case:
                place.case = self.case
        _count(place.kinds, kind_of(value, node), answer, self.case)
        if isinstance(value, dict):
            if levels < MOST_LEVELS:
                self._see_object(place, node, value, levels)
        elif isinstance(value, list):
            if levels < MOST_LEVELS:
                self._see_array(place, node, value, levels)
        elif isinstance(value, str) and (node.enum or node.constants):
            documented = value in node.enum or value in node.constants
            word = value if documented or _IS_WORD(value) else NO_WORD
            _count(place.words, word, answer, self.case, documented=documented)

    def _see_object(self, place: _Tally, node: Node, value: dict[str, Any], levels: int) -> None:
        shape = node.object
        if isinstance(shape, Map):
            part = self._part(place, ..., f"{place.path}.*" if place.path else "*", documented=True)
            part.expect(self.answers)
            for inner in value.values():
                self._see(part, shape.value, inner, levels)
            return
        documented = _documented_fields(shape, value)
        parts = place.parts
        for name, entry in documented.items():
            known = parts.get(name)
            if known is not None and known.documented:
                part = known
            else:
                part = self._part(place, name, child(place.path, name), documented=True)
            part.expect(self.answers)
            if name in value:
                self._see(part, entry.node, value[name], levels)
                continue
            if not part.absent_case or self.case < part.absent_case:
                part.absent_case = self.case
            if isinstance(shape, Fields) and entry.required:
                _note_siblings(part, documented, value)
        if len(documented) < len(value) or documented.keys() != value.keys():
            self._see_undocumented(place, {k: v for k, v in value.items() if k not in documented}, levels + 1)

    def _see_undocumented(self, place: _Tally, value: dict[str, Any], levels: int) -> None:
        free = len(value) > MOST_KEYS
        for name, inner in value.items():
            path = (f"{place.path}.*" if place.path else "*") if free else child(place.path, name)
            if len(path) > LONGEST_PLACE:
                self.left_out = True
                continue
            self._see(self._part(place, ... if free else name, path, documented=False), _UNKNOWN, inner, levels)

    def _see_array(self, place: _Tally, node: Node, value: list[Any], levels: int) -> None:
        shape = node.array
        if isinstance(shape, Positions):
            for number, inner_node in enumerate(shape.nodes):
                part = self._part(place, number, f"{place.path}[{number}]", documented=True)
                part.expect(self.answers)
                if number < len(value):
                    self._see(part, inner_node, value[number], levels)
                elif not part.absent_case or self.case < part.absent_case:
                    part.absent_case = self.case
            value = value[len(shape.nodes) :]
            shape = None
        of_elements = shape.node if isinstance(shape, Elements) else None
        if value:
            part = self._part(place, None, element(place.path), documented=of_elements is not None)
            below = levels if of_elements is not None else levels + 1
            for inner in value:
                part.expect(self.answers)
                self._see(part, of_elements or _UNKNOWN, inner, below)

    def _part(self, place: _Tally, step: Any, path: str, *, documented: bool) -> _Tally:
        part = place.parts.get(step)
        if part is None:
            part = place.parts[step] = _Tally(path)
        part.documented = part.documented or documented
        return part

    def record(self, day: str) -> ContractRecord:
        """Return what was counted, dated."""
        places: dict[str, PlaceRecord] = {}
        for tally in _every_tally(self.root):
            places[tally.path] = _record_of(tally, day)
        kept = bounded(places, MOST_PLACES)
        return ContractRecord(
            answers=self.answers,
            first=day,
            last=day,
            nights=night_bits(day),
            places=kept,
            left_out=self.left_out or len(kept) < len(places),
        )


def _every_tally(tally: _Tally) -> Iterator[_Tally]:
    yield tally
    for part in tally.parts.values():
        yield from _every_tally(part)


def _record_of(tally: _Tally, day: str) -> PlaceRecord:
    absent = day if tally.could_times > tally.times and tally.documented else ""
    return PlaceRecord(
        documented=tally.documented,
        could=tally.could,
        could_times=tally.could_times,
        answers=tally.answers,
        times=tally.times,
        first=day if tally.times else "",
        last=day if tally.times else "",
        case=tally.case,
        absent_first=absent,
        absent_last=absent,
        absent_case=tally.absent_case,
        mixed=int(tally.documented and 0 < tally.times < tally.could_times),
        absent_with=tally.absent_with,
        kinds={kind: _sighting_of(counts, day) for kind, counts in tally.kinds.items()},
        words=bounded({word: _sighting_of(counts, day) for word, counts in tally.words.items()}, MOST_WORDS),
    )


def _sighting_of(counts: list[Any], day: str) -> Sighting:
    answers, times, _, case, documented = counts
    return Sighting(answers=answers, times=times, runs=1, first=day, last=day, case=case, documented=documented)


def _note_siblings(part: _Tally, documented: dict[str, Any], value: dict[str, Any]) -> None:
    """Count the words of enumerated fields in an object that is without a required one."""
    for name, entry in documented.items():
        word = value.get(name)
        if isinstance(word, str) and word in entry.node.enum:
            words = part.absent_with.setdefault(name, {})
            words[word] = words.get(word, 0) + 1


def _count(counts: dict[str, list[Any]], name: str, answer: int, case: str, *, documented: bool = False) -> None:
    known = counts.get(name)
    if known is None:
        counts[name] = [1, 1, answer, case, documented]
        return
    known[1] += 1
    if known[2] != answer:
        known[2] = answer
        known[0] += 1
        known[3] = min(known[3], case)
    known[4] = known[4] or documented


def kind_of(value: Any, node: Node = _UNKNOWN) -> str:
    """Return the kind of a value: a kind of leaf, null, object or array, the last two apart where they are empty.

    A number in a string is a decimal unless text is documented there; an integer is a time where one is documented.
    """
    if value is None:
        return NULL
    if isinstance(value, str):
        if not value:
            return _EMPTY
        text = Scalar.STRING in node.scalars
        return _DECIMAL if not text and is_decimal(value) else _STRING
    if isinstance(value, bool):
        return _BOOLEAN
    if isinstance(value, int):
        time = node.anything or Scalar.TIMESTAMP in node.scalars
        return _TIMESTAMP if time and value and is_timestamp(value) else _INTEGER
    if isinstance(value, float):
        return _NUMBER
    if isinstance(value, dict):
        return "object" if value else EMPTY_OBJECT
    return "array" if value else EMPTY_ARRAY


def _documented_fields(shape: Any, value: dict[str, Any]) -> dict[str, Any]:
    """Return the documented fields of an object."""
    if isinstance(shape, Fields):
        return shape.fields
    if isinstance(shape, Variants):
        tag = value.get(shape.tag)
        known = shape.objects.get(tag) if isinstance(tag, str) else None
        fields = dict((known or shape.agreed()).fields)
        if shape.tag in fields:
            fields[shape.tag] = type(fields[shape.tag])(shape.tag_node)
        return fields
    if isinstance(shape, Alternatives):
        return max(shape.objects, key=lambda one: len(one.fields.keys() & value.keys())).fields
    return {}
