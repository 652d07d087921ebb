"""Observed document -> shape, read along the documented one.

The document is walked level by level: all values that stand at one generalised path form a column and are looked at
together. That keeps the cost near that of parsing, and makes counts independent of the order of elements.

The result is two flat pictures of the same structure, documented and observed: for every place a few words. Where the
observed values are what is documented, the words are the same. `explain` lets DeepDiff compare the two.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from wireproof.contract.compiling.columns import all_decimals, all_timestamps
from wireproof.contract.leaves import Scalar, fits_integer, is_decimal, is_plain_decimal, is_timestamp
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Field, Fields, Map, Node, Positions, Variants
from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SAMPLES = 3  # exact positions per finding
NAMED_UNKNOWN_FIELDS = 100  # more unknown fields than this in one place are reported together
_SHOWN = 60  # characters of an enum value, status or message in a finding
_ABSENT = object()


class RepeatedKeys(dict[str, Any]):
    """An object that names a key more than once; `earlier` holds the values that a plain dict would lose."""

    earlier: list[tuple[str, Any]]


@dataclass(slots=True)
class Deviation:
    """What is wrong at one place, and how often; `value` is what came where the value is the deviation."""

    kind: Kind
    path: str
    expected: str
    actual: str
    occurrences: int
    of: int
    samples: tuple[str, ...]
    value: str = ""


@dataclass(slots=True)
class Column:
    """All values at one place, and how each got there."""

    values: Sequence[Any]
    parent: Column | None = None
    step: str = ""  # `.name` or `[position]`, when `starts` and `keys` are not given
    picked: Sequence[int] | None = None  # index in the parent of each value; None: the same index
    starts: Sequence[int] | None = None  # for elements: index of the first element of each array of the parent
    keys: Sequence[str] | None = None  # for values of free keys

    def where(self, index: int) -> str:
        """Return the exact position of a value: `result.symbols[17].tickSize`."""
        if self.parent is None:
            return ""
        if self.starts is not None:
            of = bisect_right(self.starts, index) - 1
            return f"{self.parent.where(of)}[{index - self.starts[of]}]"
        above = self.parent.where(index if self.picked is None else self.picked[index])
        if self.keys is not None:
            return child(above, self.keys[index])
        if self.step.startswith("["):
            return above + self.step
        return child(above, self.step[1:]) if self.step else above

    def only(self, indexes: Sequence[int]) -> Column:
        """Return the column of some of the values."""
        return Column([self.values[i] for i in indexes], self, picked=indexes)


@dataclass(slots=True)
class Picture:
    """Both shapes in words, by place, and what deviates at each place."""

    documented: dict[str, str] = field(default_factory=dict)
    observed: dict[str, str] = field(default_factory=dict)
    deviations: dict[str, list[Deviation]] = field(default_factory=dict)


@dataclass(slots=True)
class _Spot:
    """A place of the walk: its unique key, its generalised path, and the values that stand there."""

    key: str
    path: str
    column: Column

    def only(self, indexes: Sequence[int], mark: str = "") -> _Spot:
        """Return the spot with some of its values; `mark` keeps the keys below it apart from others'."""
        return _Spot(self.key + mark, self.path, self.column.only(indexes))

    def with_column(self, column: Column) -> _Spot:
        return _Spot(self.key, self.path, column)


def observe(node: Node, document: Any) -> Picture:
    """Return both shapes of a parsed document: the documented one as far as the document goes, and its own."""
    walk = _Walk()
    walk.place(node, _Spot("", "", Column([document])))
    return walk.picture


class _Walk:
    def __init__(self) -> None:
        self.picture = Picture()

    def deviate(
        self, kind: Kind, spot: _Spot, expected: str, actual: str, at: Sequence[int], *, value: str = ""
    ) -> None:
        """Note that the values `at` these indexes of the spot deviate."""
        column = spot.column
        samples = tuple(column.where(i) for i in at[:SAMPLES])
        found = Deviation(kind, spot.path, expected, actual, len(at), len(column.values), samples, value)
        self.picture.deviations.setdefault(spot.key, []).append(found)

    def place(self, node: Node, spot: _Spot) -> None:
        """Look at all values of one place, and at the places below it."""
        if not spot.column.values:
            return
        picture = self.picture
        picture.documented[spot.key] = node.word
        if not node.anything:
            self._kinds(node, spot)
            if node.object is not None:
                self._objects(node.object, _of_type(spot, dict, RepeatedKeys))
            if node.array is not None:
                self._arrays(node.array, _of_type(spot, list))
        found = picture.deviations.get(spot.key, [])
        here = [f"{d.kind}: {d.actual}" for d in found[:SAMPLES]]
        picture.observed[spot.key] = "; ".join([node.word, *here])

    def _kinds(self, node: Node, spot: _Spot) -> None:
        values = spot.column.values
        types = set(map(type, values))
        accepted = _accepted_types(node)
        if types - accepted:
            wrong = [i for i, value in enumerate(values) if type(value) not in accepted]
            if other := [i for i in wrong if values[i] is not None]:
                self.deviate(Kind.TYPE_CHANGED, spot, node.word, _kinds_of(values, other), other)
            if nulls := [i for i in wrong if values[i] is None]:
                self.deviate(Kind.NULL_VALUE, spot, node.word, "null", nulls)
        if node.constants:
            self._constants(node, spot, accepted)
            return
        if str in types and str in accepted:
            self._texts(node, spot)
        if int in types and int in accepted:
            self._integers(node, spot)

    def _constants(self, node: Node, spot: _Spot, accepted: set[type]) -> None:
        kind = {"status": Kind.STATUS_CHANGED, "error-code": Kind.ERROR_CODE_CHANGED}.get(node.role, Kind.VALUE_CHANGED)
        scalars = {str, int, float, bool} & accepted
        other = [i for i, value in enumerate(spot.column.values) if type(value) in scalars and not _is_one(value, node)]
        self._values(kind, node, spot, other)

    def _values(self, kind: Kind, node: Node, spot: _Spot, at: Sequence[int]) -> None:
        """Note values that deviate as such, each on its own."""
        values = spot.column.values
        for value, found in _group(at, lambda i: value_word(values[i])).items():
            self.deviate(kind, spot, node.word, value if values[found[0]] != "" else "empty string", found, value=value)

    def _texts(self, node: Node, spot: _Spot) -> None:
        kinds = node.scalars
        if Scalar.STRING in kinds and not node.enum:
            return
        values = spot.column.values
        if not node.enum and Scalar.DECIMAL in kinds and all_decimals([v for v in values if isinstance(v, str)]):
            return
        allowed = {*node.enum, ""} if Scalar.EMPTY in kinds else set(node.enum)
        at = [i for i, value in enumerate(values) if isinstance(value, str) and value not in allowed]
        if node.enum:
            self._values(Kind.UNDOCUMENTED_VALUE, node, spot, at)
            return
        if Scalar.DECIMAL in kinds:
            odd = [i for i in at if is_decimal(values[i]) and not is_plain_decimal(values[i])]
            if odd and not node.odd_decimals:
                words = _by_count(notation_word(values[i]) for i in odd)
                self.deviate(Kind.UNDOCUMENTED_FORMAT, spot, f"{node.word} in plain notation", words, odd)
            at = [i for i in at if not is_decimal(values[i])]
        if at:
            self.deviate(Kind.FORMAT_CHANGED, spot, node.word, _kinds_of(values, at), at)

    def _integers(self, node: Node, spot: _Spot) -> None:
        values = spot.column.values
        numbers = [value for value in values if type(value) is int]
        if Scalar.TIMESTAMP in node.scalars:
            if all_timestamps(numbers):
                return
            allowed = node.placeholders
            at = [i for i, v in enumerate(values) if type(v) is int and not is_timestamp(v) and v not in allowed]
            words = _by_count(_digits(values[i]) for i in at)
        else:
            if Scalar.INTEGER not in node.scalars or (fits_integer(min(numbers)) and fits_integer(max(numbers))):
                return
            at = [i for i, value in enumerate(values) if type(value) is int and not fits_integer(value)]
            words = "integer beyond 64 bits"
        if at:
            self.deviate(Kind.FORMAT_CHANGED, spot, node.word, words, at)

    def _objects(self, shape: Fields | Map | Variants | Alternatives, spot: _Spot) -> None:
        objects = spot.column.values
        if not objects:
            return
        if isinstance(shape, Fields):
            self._fields(shape, spot)
        elif isinstance(shape, Map):
            pairs = [(i, name, value) for i, o in enumerate(objects) for name, value in items(o)]
            owners, names, values = zip(*pairs, strict=True) if pairs else ((), (), ())
            column = Column(values, spot.column, picked=owners, keys=names)
            self.place(shape.value, _Spot(f"{spot.key}/*", f"{spot.path}.*" if spot.path else "*", column))
        elif isinstance(shape, Variants):
            self._variants(shape, spot)
        else:
            chosen = _group(range(len(objects)), lambda i: _nearest(shape, objects[i]))
            for n, part in enumerate(shape.objects):
                if n in chosen:
                    self._fields(part, spot.only(chosen[n], f"|{n}"))

    def _variants(self, shape: Variants, spot: _Spot) -> None:
        objects = spot.column.values
        tags = _group(range(len(objects)), lambda i: _tag_of(objects[i], shape))
        if None in tags:
            # Fields that no variant has are the unknown variant's own.
            for name, entry in shape.agreed().fields.items():
                self._field(name, entry, spot.only(tags[None], "|?"))
        for tag, fields in shape.objects.items():
            if tag in tags:
                self._fields(fields, spot.only(tags[tag], f"|{_plain(tag)}"))

    def _fields(self, shape: Fields, spot: _Spot) -> None:
        for name, entry in shape.fields.items():
            self._field(name, entry, spot)
        self._unknown(shape, spot)

    def _field(self, name: str, entry: Field, spot: _Spot) -> None:
        """Look at one documented field of all objects of a place."""
        objects, step = spot.column.values, f".{name}"
        here = _Spot(_place(spot.key, name), child(spot.path, name), _nothing(spot.column, step))
        try:
            values = Column(list(map(itemgetter(name), objects)), spot.column, step)
        except KeyError:
            found = [o.get(name, _ABSENT) for o in objects]
            present = [i for i, value in enumerate(found) if value is not _ABSENT]
            values = Column([found[i] for i in present], spot.column, step, picked=present)
            absent = [i for i, value in enumerate(found) if value is _ABSENT and _is_required(entry, objects[i])]
            if absent:
                self.deviate(Kind.MISSING_FIELD, here, entry.node.word, "nothing", absent)
                self.picture.documented[here.key] = entry.node.word
        if any(type(o) is RepeatedKeys for o in objects):
            values = _with_repeats(values, spot.column, name)
        self.place(entry.node, here.with_column(values))

    def _unknown(self, shape: Fields, spot: _Spot) -> None:
        known = shape.fields.keys()
        objects = spot.column.values
        unknown: dict[str, list[int]] = {}
        for i, o in enumerate(objects):
            if not o.keys() <= known:
                for name in o:
                    if name not in known:
                        unknown.setdefault(name, []).append(i)
        if len(unknown) > NAMED_UNKNOWN_FIELDS:
            words = _by_count(kind_word(objects[i][name]) for name, found in unknown.items() for i in found)
            actual = f"{len(unknown)} undocumented fields, {words}"
            below = _Spot(f"{spot.key}/*", f"{spot.path}.*" if spot.path else "*", spot.column)
            self._add(Kind.UNDOCUMENTED_FIELD, below, actual, sorted({i for at in unknown.values() for i in at}))
            return
        for name, at in unknown.items():
            actual = f"undocumented field, {_by_count(kind_word(objects[i][name]) for i in at)}"
            here = _Spot(_place(spot.key, name), child(spot.path, name), _nothing(spot.column, f".{name}"))
            self._add(Kind.UNDOCUMENTED_FIELD, here, actual, at)

    def _add(self, kind: Kind, spot: _Spot, actual: str, at: Sequence[int]) -> None:
        self.deviate(kind, spot, "nothing", actual, at)
        self.picture.observed[spot.key] = actual

    def _arrays(self, shape: Elements | Positions, spot: _Spot) -> None:
        arrays = spot.column.values
        if not arrays:
            return
        if isinstance(shape, Positions):
            self._rows(shape, spot)
            return
        starts = [0, *accumulate(map(len, arrays))][:-1]
        values = Column(list(chain.from_iterable(arrays)), spot.column, starts=starts)
        below = _Spot(f"{spot.key}/[]", element(spot.path), values)
        if shape.node is not None:
            self.place(shape.node, below)
        elif values.values:
            at = range(len(values.values))
            actual = f"undocumented element, {_kinds_of(values.values, at)}"
            self._add(Kind.UNDOCUMENTED_ELEMENT, below, actual, at)

    def _rows(self, shape: Positions, spot: _Spot) -> None:
        rows, width = spot.column.values, len(shape.nodes)
        lengths = list(map(len, rows))
        shortest = min(lengths)
        if shortest < shape.required:
            at = [i for i, length in enumerate(lengths) if length < shape.required]
            words = _by_count(_elements(lengths[i]) for i in at)
            self.deviate(Kind.LENGTH_CHANGED, spot, _elements(shape.required), words, at)
        for n, node in enumerate(shape.nodes):
            present = range(len(rows)) if shortest > n else [i for i, length in enumerate(lengths) if length > n]
            values = Column([rows[i][n] for i in present], spot.column, f"[{n}]", picked=present)
            self.place(node, _Spot(f"{spot.key}/[{n}]", element(spot.path), values))
        if max(lengths) > width:
            at = [i for i, length in enumerate(lengths) if length > width]
            words = _by_count(_elements(lengths[i]) for i in at)
            beyond = _Spot(f"{spot.key}/[+]", element(spot.path), _nothing(spot.column, f"[{width}]"))
            self._add(Kind.UNDOCUMENTED_ELEMENT, beyond, f"undocumented element, {words} instead of {width}", at)


def kind_word(value: Any) -> str:
    """Return the kind of a value in words; never the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "decimal string" if is_decimal(value) else "string" if value else "empty string"
    return "object" if isinstance(value, dict) else "array"


def _digits(number: int) -> str:
    count = len(str(abs(number)))
    return f"integer of {count} digit" + "s" * (count > 1)


def notation_word(text: str) -> str:
    """Return how a decimal is written that is not in plain notation."""
    return "decimal string with an exponent" if "e" in text.lower() else "decimal string with a sign or no digit first"


def value_word(value: Any) -> str:
    """Return a value as findings and waivers name it: words as they are, the empty string and all else as JSON."""
    return shorten(value) if value and isinstance(value, str) else json.dumps(value)


def items(document: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Return all pairs of an object, repeated keys included."""
    return [*document.earlier, *document.items()] if isinstance(document, RepeatedKeys) else document.items()


def shorten(text: str) -> str:
    """Cut text that came from the wire to what a line can carry; half surrogates become escapes."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


_TYPES: dict[Scalar, set[type]] = {
    Scalar.EMPTY: {str},
    Scalar.BOOLEAN: {bool},
    Scalar.INTEGER: {int},
    Scalar.TIMESTAMP: {int},
    Scalar.NUMBER: {int, float},
    Scalar.STRING: {str},
    Scalar.DECIMAL: {str},
}


def _accepted_types(node: Node) -> set[type]:
    accepted: set[type] = {type(None)} if node.nullable else set()
    for kind in node.scalars:
        accepted |= _TYPES[kind]
    if node.object is not None:
        accepted |= {dict, RepeatedKeys}
    if node.array is not None:
        accepted.add(list)
    return accepted


def _place(key: str, name: str) -> str:
    return f"{key}/.{_plain(name)}"


def _plain(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("|", "~2")


def _nothing(objects: Column, step: str) -> Column:
    """Return a column as long as `objects`, for a field or position that some of them lack or should not have."""
    return Column([None] * len(objects.values), objects, step)


def _of_type(spot: _Spot, *types: type) -> _Spot:
    values = spot.column.values
    if all(type(value) in types for value in values):
        return spot
    return spot.only([i for i, value in enumerate(values) if type(value) in types])


def _group(indexes: Iterable[int], key: Callable[[int], Any]) -> dict[Any, list[int]]:
    groups: dict[Any, list[int]] = {}
    for i in indexes:
        groups.setdefault(key(i), []).append(i)
    return groups


def _kinds_of(values: Sequence[Any], at: Iterable[int]) -> str:
    return _by_count(kind_word(values[i]) for i in at)


def _by_count(words: Iterable[str]) -> str:
    """Return the distinct words, the most frequent first."""
    return " or ".join(word for word, _ in sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0])))


def _is_one(value: Any, node: Node) -> bool:
    """Whether a scalar is one of the documented constants; true is not 1, and 1.0 is 1 only among numbers."""
    numbers = {int, float} if Scalar.NUMBER in node.scalars else set()
    return any(
        value == wanted and (type(value) is type(wanted) or {type(value), type(wanted)} <= numbers)
        for wanted in node.constants
    )


def _elements(count: int) -> str:
    return f"{count} element" + "s" * (count != 1)


def _tag_of(document: dict[str, Any], shape: Variants) -> str | None:
    tag = document.get(shape.tag)
    if isinstance(document, RepeatedKeys):
        tag = next((value for name, value in items(document) if name == shape.tag), None)
    return tag if isinstance(tag, str) and tag in shape.objects else None


def _nearest(shape: Alternatives, document: dict[str, Any]) -> int:
    """Return the index of the alternative that shares most fields with an object."""
    shared = [len(document.keys() & part.fields.keys()) for part in shape.objects]
    return shared.index(max(shared))


def _is_required(entry: Field, document: dict[str, Any]) -> bool:
    if not entry.required or entry.when is None:
        return entry.required
    value = document.get(entry.when.field, _ABSENT)
    return any(type(value) is type(wanted) and value == wanted for wanted in entry.when.one_of)


def _with_repeats(values: Column, objects: Column, name: str) -> Column:
    extra = [
        (i, value)
        for i, o in enumerate(objects.values)
        if isinstance(o, RepeatedKeys)
        for key, value in o.earlier
        if key == name
    ]
    if not extra:
        return values
    indexes = range(len(objects.values)) if values.picked is None else values.picked
    pairs = sorted([*zip(indexes, values.values, strict=True), *extra], key=itemgetter(0))
    return Column([p[1] for p in pairs], objects, values.step, picked=[p[0] for p in pairs])
