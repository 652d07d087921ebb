"""What answers showed of what is documented: of a field that never came, a conforming answer proves nothing.

A documented shape is a tree of places: fields, elements, values of free keys, positions, variants. A place was seen
when a value other than null stood there. The leaves of the tree are what is counted as documented fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.contract.model import Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Node, Positions, Variants
from wireproof.drift.documented_shape import group_of, payload_shape, response_shape
from wireproof.drift.parse import Unparseable, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wireproof.contract.model import Contract, Example, Product

EMPTY, NULL, ABSENT = "empty", "null", "absent"
NULL_ALONE = Node(nullable=True)  # what is documented as nothing but null
NO_ANSWER = "no documented answer"
NO_CASE = "no case for its example"  # documented for a condition that no case met


class UnseenField(Struct, kw_only=True, frozen=True):
    """A documented place that was never seen, and so nothing below it."""

    path: str  # generalised; positions of tuples as they are
    why: str  # `empty` (the list around it), `null`, `absent`, or which variant did not come
    fields: int  # documented fields at and below it
    because: str = ""  # what the contracts or a waiver say about it, where they do


class Sight(Struct, kw_only=True, frozen=True):
    """What the answers of one contract showed of its documented fields."""

    contract: str
    fields: int
    seen: int
    unseen: tuple[UnseenField, ...] = ()  # the highest places that were not seen, in the order of the example

    @property
    def is_empty(self) -> bool:
        """Whether three quarters of the documented fields stand in lists or maps that were always empty."""
        return is_empty(self.fields, self.unseen)


def is_empty(fields: int, unseen: Iterable[UnseenField]) -> bool:
    """Whether three quarters of so many documented fields are unseen because the lists that hold them were empty.

    Not all of them: a list often stands beside a count of its elements.
    """
    missed = sum(one.fields for one in unseen if EMPTY in one.why.split(" or "))
    return missed > 0 and 4 * missed >= 3 * fields


@dataclass(slots=True)
class DocumentedField:
    """A documented place and the documented places below it, by how they are reached."""

    path: str
    step: str = "document"  # document, field, element, value, position or variant
    name: Any = ""  # of a field, of a position its number, of a variant its tag and value
    anything: bool = False  # null is all that is documented, so null is seeing it
    parts: dict[tuple[str, Any], DocumentedField] = field(default_factory=dict)

    def part(self, step: str, name: Any, path: str) -> DocumentedField:
        """Return the place below, which is made at the first call."""
        return self.parts.setdefault((step, name), DocumentedField(path, step, name))

    def add(self, node: Node) -> None:
        """Take in what is documented here; a place that has several shapes has the parts of all."""
        self.anything = self.anything or node.anything or node == NULL_ALONE
        if isinstance(node.object, Variants):
            for value, fields in node.object.objects.items():
                self.part("variant", (node.object.tag, value), self.path).add(Node(object=fields))
        elif isinstance(node.object, Map):
            self.part("value", "", f"{self.path}.*" if self.path else "*").add(node.object.value)
        elif isinstance(node.object, Alternatives):
            for part in node.object.objects:
                self._add_fields(part)
        elif isinstance(node.object, Fields):
            self._add_fields(node.object)
        if isinstance(node.array, Positions):
            for number, inner in enumerate(node.array.nodes):
                self.part("position", number, f"{self.path}[{number}]").add(inner)
        elif isinstance(node.array, Elements) and node.array.node is not None:
            self.part("element", "", element(self.path)).add(node.array.node)

    def _add_fields(self, shape: Fields) -> None:
        for name, entry in shape.fields.items():
            self.part("field", name, child(self.path, name)).add(entry.node)

    @property
    def fields(self) -> int:
        """How many documented fields there are at and below this place."""
        return sum(part.fields for part in self.parts.values()) if self.parts else 1

    def values_in(self, above: Any) -> Iterable[Any]:
        """Return the values of this place in a value of the place above."""
        if self.step in {"element", "position"}:
            if not isinstance(above, list):
                return ()
            return above if self.step == "element" else above[self.name : self.name + 1]
        if not isinstance(above, dict):
            return ()
        if self.step == "field":
            return (above[self.name],) if self.name in above else ()
        if self.step == "value":
            return above.values()
        tag, value = self.name
        return (above,) if above.get(tag) == value else ()

    @property
    def why_not(self) -> str:
        """What is said of a place that stood nowhere."""
        if self.step == "variant":
            return f"no {self.name[0]} {self.name[1]}"
        return EMPTY if self.step in {"element", "value"} else ABSENT


class FieldTracker:
    """A look at some answers: which documented places they showed. Places that were seen whole cost nothing more."""

    def __init__(self, tree: DocumentedField) -> None:
        self.tree = tree
        self.seen: set[tuple[Any, ...]] = set()  # chains of steps from the document
        self.why: dict[tuple[Any, ...], set[str]] = {}
        self.complete = False
        self._left: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], DocumentedField]]] = {}

    def at(self, document: Any) -> None:
        """Note what a parsed document shows; null and a missing document show nothing."""
        if document is not None and not self.complete:
            self.complete = self._see((), self.tree, document)

    def _see(self, key: tuple[Any, ...], place: DocumentedField, value: Any) -> bool:
        """Note a value at a place; say whether everything below was seen by now."""
        left = self._left.get(key)
        if left is None:
            self.seen.add(key)
            left = [((*key, step), part) for step, part in place.parts.items()]
        if left:
            left = [(inner, part) for inner, part in left if not self._part(inner, part, value)]
        self._left[key] = left
        return not left

    def _part(self, key: tuple[Any, ...], part: DocumentedField, value: Any) -> bool:
        why = ""
        for inner in part.values_in(value):
            if inner is None and not part.anything:
                why = NULL
            elif self._see(key, part, inner):
                return True
        if key not in self._left:
            self.why.setdefault(key, set()).add(why or part.why_not)
        return False

    def take(self, other: FieldTracker) -> None:
        """Add what another look at the same contract saw."""
        self.seen |= other.seen
        for key, words in other.why.items():
            self.why.setdefault(key, set()).update(words)

    def unseen(self) -> tuple[UnseenField, ...]:
        """Return the highest places that were not seen, in the order of the example."""
        return tuple(self._unseen((), self.tree))

    def _unseen(self, key: tuple[Any, ...], place: DocumentedField) -> Iterator[UnseenField]:
        if key in self.seen:
            for step, part in place.parts.items():
                yield from self._unseen((*key, step), part)
        else:
            words = self.why.get(key) or {NO_CASE if key else NO_ANSWER}
            yield UnseenField(path=place.path, why=" or ".join(sorted(words)), fields=place.fields)

    def sight(self, contract: str) -> Sight:
        """Return what was seen, in numbers and places."""
        fields, unseen = self.tree.fields if self.tree.parts else 0, self.unseen()
        missed = sum(one.fields for one in unseen) if fields else 0
        return Sight(contract=contract, fields=fields, seen=fields - missed, unseen=unseen if fields else ())


def documented_places(contract: Contract, product: Product, examples: Sequence[Example]) -> DocumentedField:
    """Return the places that examples document; of the WebSocket API those of the result, without its envelope."""
    enveloped = contract.surface is Surface.WS_API
    tree = DocumentedField("result" if enveloped else "")
    parts = [group_of(contract, name) for name in {example.when: example.name for example in examples}.values()]
    for group in parts:
        if enveloped:
            node, _ = response_shape(contract, group, product)
            result = node.object.fields.get("result") if isinstance(node.object, Fields) else None
            if result is not None:
                tree.add(result.node)
        else:
            tree.add(payload_shape(contract, group, product))
    return tree


def payload_of(surface: Surface, body: bytes, status: int | None = None) -> Any:
    """Return the part of an answer that documented places are looked for in; None when it is no documented answer."""
    try:
        document = parse(body)
    except Unparseable:
        return None
    if surface is Surface.WS_API:
        return document.get("result") if isinstance(document, dict) else None
    return document if status is None or 200 <= status < 300 else None
