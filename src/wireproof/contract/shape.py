"""What an example says about structure: the shape of a document.

A shape has one node for every generalised path. It is read from one or more documented examples of the same condition
and from the refinements that say what examples cannot. It records kinds, never values.

How an example is read, where reading it needs a decision:

- Fields are required and objects are closed. A field that only some elements of an array (or only some of the merged
  examples) show is optional.
- `null` and empty containers are "not shown": nothing is known about the value, or about the contents.
- A string that holds a number is a decimal (`"0"` as well as `"0.00"`), unless its name says that it is an identifier
  (`orderId`, `code`): identifiers that happen to consist of digits in an example need not do so on the wire. Beside
  decimals, or under a name that says "number", the empty string means "decimal or empty". Exponents and leading plus
  signs are documented only where an example shows one.
- An integer is a timestamp in milliseconds where its name says so (`updateTime`, `E`), whatever its digits, because
  many examples show a placeholder (123456789), which conforms as well; under other names where it has thirteen digits,
  unless its name says that it is an identifier. A whole number shown elsewhere is an integer of 64 bits; 0 beside
  timestamps means "never".
- Enumerated words, constants and what a free string holds come from refinements, or else from the rules of the product.
- Arrays of scalars inside an array are read by position, as tuples, when they have at least two elements of which
  all rows show the same number or which differ in kind.
- Objects of several shapes are variants when a type field tells them apart, unless more types are documented for it.
- Objects whose keys are trading symbols, well-known assets or dates have free keys.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.contract.leaves import (
    EARLIEST_MS,
    LATEST_MS,
    Scalar,
    is_decimal,
    is_plain_decimal,
    is_timestamp,
    placeholders_of,
    scalars_of,
    text_of,
)
from wireproof.contract.paths import child, element
from wireproof.contract.texts import check_text
from wireproof.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wireproof.contract.model import FieldRule, JsonScalar, Refinement, When

__all__ = [
    "EARLIEST_MS",
    "LATEST_MS",
    "Alternatives",
    "Elements",
    "Field",
    "Fields",
    "Map",
    "Node",
    "Positions",
    "Scalar",
    "ShapeBuilder",
    "Variants",
    "is_decimal",
    "is_timestamp",
]

_SYMBOL = re.compile(r"[A-Z0-9]{1,15}(?:USDT|USDC|BUSD|FDUSD|USD1|USD|BTC|ETH|EUR)(?:_PERP|_[0-9]{6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?|20[0-9]{6}|[0-9]{10}|[0-9]{13}")
_ASSETS = frozenset({"BTC", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE", "LTC", "DOT", "LINK", "TRX", "BCH", "AVAX"})
_ASSETS |= {"USDT", "USDC", "BUSD", "FDUSD", "DAI", "USD", "EUR"}

_TYPE_NAME = re.compile(r"e|event|kind|category|.*[tT]ype")
_TAG_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")


_WORDS = {
    Scalar.DECIMAL: "decimal string",
    Scalar.EMPTY: "empty string",
    Scalar.TIMESTAMP: "millisecond timestamp",
}


@dataclass(slots=True)
class Field:
    """A documented field of an object; with `when`, required only where the condition holds."""

    node: Node
    required: bool = True
    when: When | None = None


@dataclass(slots=True)
class Fields:
    """A closed object."""

    fields: dict[str, Field] = field(default_factory=dict)


@dataclass(slots=True)
class Map:
    """An object with free keys."""

    value: Node


@dataclass(slots=True)
class Variants:
    """Objects told apart by the value of a string field; with `constant`, no other value of it is tolerable."""

    tag: str
    objects: dict[str, Fields]
    constant: bool = False

    @property
    def tag_node(self) -> Node:
        """Return what may stand at the field that tells the variants apart."""
        return Node(scalars=frozenset({Scalar.STRING}), **self.values)

    @property
    def values(self) -> dict[str, Any]:
        """Return the documented values of that field, as constants or as enumerated words."""
        return {"constants" if self.constant else "enum": tuple(self.objects)}

    def agreed(self) -> Fields:
        """Return what all variants say alike: how an object of no known variant can be judged.

        A field that they document differently, or only some of them, may be anything or missing, and so may every
        field where only one variant is documented: there is nothing to agree with.
        """
        parts = [part.fields for part in self.objects.values()]
        agreed = Fields({self.tag: Field(self.tag_node)})
        for name in dict.fromkeys(name for part in parts for name in part if name != self.tag):
            entries = [part.get(name) for part in parts]
            same = entries[0] if len(parts) > 1 and all(entry == entries[0] for entry in entries) else None
            agreed.fields[name] = same or Field(Node(anything=True), required=False)
        return agreed


@dataclass(slots=True)
class Alternatives:
    """Objects that share no field, told apart by which fields they have (an order or an error, in a batch)."""

    objects: list[Fields]


@dataclass(slots=True)
class Elements:
    """An array read element by element; `node` is None where the example shows none."""

    node: Node | None


@dataclass(slots=True)
class Positions:
    """An array read by position: a tuple of which the first `required` elements are always there."""

    nodes: list[Node]
    required: int


@dataclass(slots=True)
class Node:
    """What may stand at one generalised path.

    `constants` are the documented values of a scalar; with the `role` of a status or an error code another value has a
    kind of its own. `odd_decimals` says that an example shows an exponent or a leading plus. `placeholders` are what
    examples show in place of a timestamp. `text` names what a free string holds; it checks nothing.
    """

    anything: bool = False
    nullable: bool = False
    scalars: frozenset[Scalar] = frozenset()
    enum: tuple[str, ...] = ()
    constants: tuple[JsonScalar, ...] = ()
    role: str = ""
    object: Fields | Map | Variants | Alternatives | None = None
    array: Elements | Positions | None = None
    odd_decimals: bool = False
    placeholders: frozenset[int] = frozenset()
    text: str = field(default="", compare=False)

    @property
    def parts(self) -> list[Fields]:
        """Return every object with named fields that may stand here: one, the variants, or the alternatives."""
        match self.object:
            case Fields():
                return [self.object]
            case Variants():
                return list(self.object.objects.values())
            case Alternatives():
                return self.object.objects
        return []

    @property
    def word(self) -> str:
        """Return what is documented here, in a few words for people."""
        if self.anything:
            return "anything"
        words = [_WORDS.get(kind, str(kind)) for kind in Scalar if kind in self.scalars and not self._named(kind)]
        if self.enum:
            words.insert(0, "one of " + ", ".join(self.enum))
        words += [
            value if value and isinstance(value, str) else json.dumps(value)
            for value in self.constants
            if value is not None
        ]
        words += ["object"] * (self.object is not None) + ["array"] * (self.array is not None)
        words += ["null"] * self.nullable
        return " or ".join(words)

    def _named(self, kind: Scalar) -> bool:
        return bool((self.enum and kind is Scalar.STRING) or self.constants)


class ShapeBuilder:
    """Reads documented values into a shape, with refinements and rules that are looked up by generalised path.

    `rules` finds what the product says of a field wherever it occurs. It holds where no refinement says what the field
    is, and where the example is of the kind that the rule is about.
    """

    def __init__(
        self,
        refinements: Iterable[Refinement] = (),
        enums: Mapping[str, Sequence[str]] | None = None,
        rules: Callable[[str], FieldRule | None] | None = None,
    ) -> None:
        self._enums = enums or {}
        self._rules = rules
        self._refinements: dict[str, list[Refinement]] = {}
        for refinement in refinements:
            self._refinements.setdefault(refinement.path, []).append(refinement)

    def build(self, values: Sequence[Any], path: str = "", name: str = "", generic: str | None = None) -> Node:
        """Return the shape that all `values` have together, at `path`.

        `name` is the field name, which tells identifiers from numbers; `generic` is the path without tuple positions
        (`result[][]` for `result[][3]`), whose refinements hold as well.
        """
        generic = path if generic is None else generic
        found = self._at(path) + (self._at(generic) if generic != path else [])
        shown = [value for value in values if value is not None]
        node = Node(nullable=len(shown) < len(values) and bool(shown), anything=not shown)
        node.scalars = scalars_of(shown, name)
        if objects := [value for value in shown if isinstance(value, dict)]:
            node.object = self._object(objects, path, generic, found)
        if arrays := [value for value in shown if isinstance(value, list)]:
            node.array = self._array(arrays, path, generic, name, found)
        self._decide(node, values, generic, found)
        _note_notations(node, shown, name)
        return node

    def _at(self, path: str) -> list[Refinement]:
        return self._refinements.get(path, [])

    def _decide(self, node: Node, values: Sequence[Any], generic: str, found: list[Refinement]) -> None:
        """Apply what the refinements of a place say, or else the rule of the product, to what its examples show."""
        if not any(r.kind or r.enum or r.constant or r.text for r in found):
            rule = self._rules(generic) if self._rules is not None else None
            if rule is not None and _is_about(rule, values):
                node.nullable = node.nullable or None in values
                self._refine(node, rule, generic)
        for refinement in found:
            self._refine(node, refinement, refinement.path)
            node.nullable = node.nullable or refinement.nullable
        if node.enum and "" in values and "" not in node.enum:
            node.scalars |= {Scalar.EMPTY}

    def _refine(self, node: Node, said: Refinement | FieldRule, path: str) -> None:
        if said.kind:
            _set_kind(node, said.kind, path)
        if said.text:
            node.text = check_text(said.text, f"What is said of {path!r}")
            node.scalars = node.scalars - {Scalar.DECIMAL, Scalar.EMPTY} | {Scalar.STRING}
            node.anything = False
        if said.enum:
            node.enum = self._enum(said.enum, path)
            node.scalars = node.scalars - {Scalar.DECIMAL} | {Scalar.STRING}
            node.anything = False
        if said.constant:
            _set_constants(node, said.constant)

    def _enum(self, enum: tuple[str, ...] | str, path: str) -> tuple[str, ...]:
        if not isinstance(enum, str):
            return tuple(enum)
        if enum not in self._enums:
            raise UsageError(
                f"What is said of {path!r} names an enumeration that its product does not have: {enum!r}. "
                f"{did_you_mean(enum, self._enums)}".rstrip()
            )
        return tuple(self._enums[enum])

    def _object(
        self, objects: list[dict[str, Any]], path: str, generic: str, found: list[Refinement]
    ) -> Fields | Map | Variants | Alternatives:
        if any(r.free_keys for r in found) or _has_free_keys(objects):
            values = [value for document in objects for value in document.values()]
            return Map(self.build(values, f"{path}.*" if path else "*", "", f"{generic}.*" if generic else "*"))
        tag = next((r.variants_by for r in found if r.variants_by), "") or self._tag_of_array(path)
        tag = tag or self._guessed_tag(objects, path, generic)
        if tag and all(isinstance(document.get(tag), str) for document in objects):
            groups: dict[str, list[dict[str, Any]]] = {}
            for document in objects:
                groups.setdefault(document[tag], []).append(document)
            parts = self._parts(list(groups.values()), path, generic)
            constant = any(bool(part.fields[tag].node.constants) for part in parts)
            variants = Variants(tag, dict(zip(groups, parts, strict=True)), constant)
            for value, fields in variants.objects.items():
                fields.fields[tag].node = Node(scalars=frozenset({Scalar.STRING}), enum=(value,))
            return variants
        if groups_apart := _disjoint(objects):
            return Alternatives(self._parts(groups_apart, path, generic))
        return self._parts([objects], path, generic)[0]

    def _guessed_tag(self, objects: list[dict[str, Any]], path: str, generic: str) -> str:
        """Return the field that tells variants apart; none when it has documented words of which no object is shown."""
        if not (tag := _tag(objects)):
            return ""
        found = [*self._at(child(path, tag)), *self._at(child(generic, tag))]
        said = next((r.enum for r in found if r.enum), "")
        if not said and self._rules is not None and (rule := self._rules(child(generic, tag))) is not None:
            said = rule.enum
        words = self._enum(said, child(path, tag)) if said else ()
        return tag if {document.get(tag) for document in objects}.issuperset(words) else ""

    def _parts(self, groups: list[list[dict[str, Any]]], path: str, generic: str) -> list[Fields]:
        shown = {key for group in groups for document in group for key in document}
        return [self._fields(group, path, generic, shown) for group in groups]

    def _tag_of_array(self, path: str) -> str:
        # `filters` as well as `filters[]` may carry the refinement.
        if not path.endswith("[]"):
            return ""
        return next((r.variants_by for r in self._at(path[:-2]) if r.variants_by), "")

    def _fields(self, objects: list[dict[str, Any]], path: str, generic: str, shown: set[str]) -> Fields:
        result = Fields()
        for key in dict.fromkeys(key for document in objects for key in document):
            present = [document[key] for document in objects if key in document]
            at, generic_at = child(path, key), child(generic, key)
            entry = Field(self.build(present, at, key, generic_at), required=len(present) == len(objects))
            result.fields[key] = entry
            for refinement in self._at(at):
                entry.when = refinement.when or entry.when
                entry.required = entry.required and not refinement.optional
                if refinement.when is not None:
                    entry.required = True
        self._add_fields_not_shown(result, path, shown)
        return result

    def _add_fields_not_shown(self, result: Fields, path: str, shown: set[str]) -> None:
        prefix = f"{path}." if path else ""
        for at, refinements in self._refinements.items():
            key = at[len(prefix) :]
            if not at.startswith(prefix) or not key or re.search(r"[.\[*]", key) or key in shown:
                continue
            entry = Field(Node(anything=True))
            self._decide(entry.node, (), at, refinements)
            _note_notations(entry.node, (), key)
            for refinement in refinements:
                entry.when = refinement.when or entry.when
                entry.required = entry.required and not refinement.optional
            result.fields[key] = entry

    def _array(
        self, arrays: list[list[Any]], path: str, generic: str, name: str, found: list[Refinement]
    ) -> Elements | Positions:
        positional = next((r.positional for r in found if r.positional is not None), None)
        rows = [row for row in arrays if row]
        if positional is None:
            positional = path.endswith("[]") and _reads_by_position(arrays)
        if positional and rows:
            width, required = max(map(len, arrays)), min(map(len, arrays))
            return Positions(
                [
                    self.build([r[i] for r in rows if len(r) > i], f"{path}[{i}]", "", f"{generic}[]")
                    for i in range(width)
                ],
                required,
            )
        values = [value for row in rows for value in row]
        if not values and not self._at(element(path)):
            return Elements(None)
        return Elements(self.build(values, element(path), name, element(generic)))


def _has_free_keys(objects: list[dict[str, Any]]) -> bool:
    keys = {key for document in objects for key in document}
    if len(keys) < 2:
        return False
    if not all(_SYMBOL.fullmatch(key) or key in _ASSETS or _DATE.fullmatch(key) for key in keys):
        return False
    return len({_outline(value) for document in objects for value in document.values()}) == 1


def _outline(value: Any) -> str:
    """Return the JSON type of a value, objects with their keys."""
    if isinstance(value, dict):
        return f"object {sorted(value)}"
    return "array" if isinstance(value, list) else str(scalars_of([value], "")) if value is not None else "null"


def _tag(objects: list[dict[str, Any]]) -> str:
    """Return the one string field whose value separates the shapes of the objects, if there is one."""
    outlines = [frozenset(document) for document in objects]
    if len(set(outlines)) < 2:
        return ""
    shared = [key for key in objects[0] if all(isinstance(document.get(key), str) for document in objects)]
    for key in shared:
        if not _TYPE_NAME.fullmatch(key) or not all(_TAG_VALUE.fullmatch(document[key]) for document in objects):
            continue
        by_value: dict[str, set[frozenset[str]]] = {}
        for document, outline in zip(objects, outlines, strict=True):
            by_value.setdefault(document[key], set()).add(outline)
        if all(len(found) == 1 for found in by_value.values()):
            return key
    return ""


def _disjoint(objects: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Part objects into groups that share no field name; empty when there is only one group."""
    groups: list[tuple[set[str], list[dict[str, Any]]]] = []
    for document in objects:
        keys, members = set(document), [document]
        apart = []
        for known, others in groups:
            if known & keys:
                keys |= known
                members = others + members
            else:
                apart.append((known, others))
        groups = [*apart, (keys, members)]
    return [members for _, members in groups] if len(groups) > 1 and all(keys for keys, _ in groups) else []


def _reads_by_position(rows: list[list[Any]]) -> bool:
    if not rows or any(isinstance(value, dict) or (isinstance(value, list) and value) for row in rows for value in row):
        return False
    lengths = {len(row) for row in rows}
    if min(lengths) < 2:
        return False
    return len(lengths) == 1 or len({type(value) for row in rows for value in row}) > 1


KINDS = ("any", "scalar", "object", "array", *(str(kind) for kind in Scalar))


def _set_kind(node: Node, kind: str, path: str) -> None:
    """Replace what the example shows by a kind, or kinds separated by `|`."""
    kinds = kind.split("|")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise UsageError(
            f"What is said of {path!r} names a kind that does not exist: {unknown[0]!r}. "
            f"{did_you_mean(unknown[0], KINDS)}"
        )
    if "any" in kinds:
        node.anything = True
        return
    node.anything = False
    scalars = {Scalar(kind) for kind in kinds if kind in set(Scalar)}
    if "scalar" in kinds:
        scalars |= {Scalar.BOOLEAN, Scalar.NUMBER, Scalar.STRING}
    node.scalars = frozenset(scalars)
    if Scalar.NUMBER in scalars:
        node.scalars -= {Scalar.INTEGER, Scalar.TIMESTAMP}
    if Scalar.STRING in scalars:
        node.scalars -= {Scalar.DECIMAL}
    if Scalar.INTEGER in scalars:
        node.scalars -= {Scalar.TIMESTAMP}
    node.object = (node.object or Fields()) if "object" in kinds else None
    node.array = (node.array or Elements(None)) if "array" in kinds else None


_SCALARS: dict[type, Scalar] = {
    bool: Scalar.BOOLEAN,
    int: Scalar.INTEGER,
    float: Scalar.NUMBER,
    str: Scalar.STRING,
}


def _set_constants(node: Node, constants: tuple[JsonScalar, ...]) -> None:
    """Replace the scalars that the example shows by documented values."""
    values = tuple(value for value in constants if value is not None)
    node.anything, node.enum, node.constants = False, (), values
    node.nullable = node.nullable or len(values) < len(constants)
    node.scalars = frozenset(_SCALARS[type(value)] for value in values)
    if Scalar.NUMBER in node.scalars:
        node.scalars -= {Scalar.INTEGER}


def _is_about(rule: FieldRule, values: Sequence[Any]) -> bool:
    """Whether a rule is about values such as the example's: words and texts are strings."""
    shown = [value for value in values if value is not None]
    if rule.enum or rule.text:
        return all(isinstance(value, str) for value in shown)
    return not any(isinstance(value, (dict, list)) for value in shown)


def _note_notations(node: Node, shown: Sequence[Any], name: str) -> None:
    """Note what the notation of the examples says of a leaf whose kind is settled."""
    if Scalar.STRING not in node.scalars:
        node.enum = ()
    if node.enum or node.constants or Scalar.STRING not in node.scalars:
        node.text = ""
    elif not node.text:
        node.text = text_of(name)
    if Scalar.STRING in node.scalars and not node.enum:
        node.scalars -= {Scalar.EMPTY}
    if Scalar.DECIMAL in node.scalars:
        node.odd_decimals = any(
            isinstance(text, str) and is_decimal(text) and not is_plain_decimal(text) for text in shown
        )
    if Scalar.TIMESTAMP in node.scalars:
        node.placeholders = placeholders_of(shown)
