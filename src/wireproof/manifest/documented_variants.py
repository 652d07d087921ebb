"""An answer, and what else the documentation lets it be: optional fields gone, null, other words, other numbers.

The changes are those that prove the comparison (`drift.proving.mutations`), of these the ones that are documented, and
two that nobody documents in advance and that every client meets one day: a new field, and a new word.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from wireproof.contract.leaves import Scalar
from wireproof.contract.paths import child, element
from wireproof.contract.shape import Elements, Fields, Map, Node, Positions, Variants
from wireproof.drift.proving.mutations import mutations
from wireproof.manifest.decoder_process import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What kinds of variants are called, in the order of the report.
RECORDED, OTHER_EXAMPLE, ABSENT, NULL = "as it came", "another example", "an optional field is absent", "null"
EMPTY, NUMBER, WORD = "an empty list", "another notation of a number", "another documented word"
NEW_FIELD, NEW_WORD = "a new field", "a new word"
KINDS = (RECORDED, OTHER_EXAMPLE, ABSENT, NULL, EMPTY, NUMBER, WORD, NEW_FIELD, NEW_WORD)

#: Beginnings of what `mutations` calls its changes, the reason that it gives where they are documented, and our word.
_OF_PROOF = (
    ("dropped ", "the field is not in every example, or optional", ABSENT),
    ("null at ", "null is documented here", NULL),
    ("an empty array at ", "an empty array is an array", EMPTY),
    ("a whole number at ", "another value of a documented kind", NUMBER),
    ("a number with a fraction at ", "another value of a documented kind", NUMBER),
    ("a decimal string at ", "another value of a documented kind", NUMBER),
    ("an added object in ", "", NEW_FIELD),
    ("another enum value at ", "", NEW_WORD),
)
_MOST_WORDS = 30  # of one enumeration that are tried


class Variant(NamedTuple):
    """One answer to decode: what kind of variant it is, where it differs, and the document."""

    kind: str
    where: str
    body: bytes


def variants(node: Node, document: Any, *, most: int) -> Iterator[Variant]:
    """Yield an answer as it came and its documented variants, of each kind at most so many, spread over the answer."""
    yield Variant(RECORDED, "", msgspec.json.encode(document))
    held = [copy.deepcopy(document)]
    nodes: dict[str, list[Node]] = {}
    _note_nodes(node, "", nodes)
    found: dict[str, list[tuple[str, Any]]] = {}
    for one in mutations(node, held):
        word = next((name for start, cause, name in _OF_PROOF if one.what.startswith(start) and one.cause == cause), "")
        if word and not one.twice and not (word == NUMBER and not _is_number(nodes, one.what)):
            found.setdefault(word, []).append((_place(one.what), one.apply))
    for kind, several in found.items():
        for where, apply in _spread(several, most):
            undo = apply()
            yield Variant(kind, where, msgspec.json.encode(held[0]))
            undo()
    for where, container, key, words in list(_words(node, held, 0, ""))[: most * 2]:
        before = container[key]
        for word in words[:_MOST_WORDS]:
            if word != before:
                container[key] = word
                yield Variant(WORD, f"{where}: {word}", msgspec.json.encode(held[0]))
        container[key] = before


def _place(what: str) -> str:
    for word in (" at ", " in ", "dropped "):
        if word in what:
            return what.partition(word)[2]
    return what


def _is_number(nodes: dict[str, list[Node]], what: str) -> bool:
    """Whether the place of a change is a documented number, and no free text that a number would fit too."""
    path = _place(what)
    there = nodes.get("" if path == "the document" else path, [])
    return any({Scalar.DECIMAL, Scalar.NUMBER, Scalar.INTEGER} & one.scalars for one in there)


def _note_nodes(node: Node, path: str, found: dict[str, list[Node]]) -> None:
    found.setdefault(path, []).append(node)
    for fields in node.parts:
        for name, entry in fields.fields.items():
            _note_nodes(entry.node, child(path, name), found)
    if isinstance(node.object, Map):
        _note_nodes(node.object.value, f"{path}.*" if path else "*", found)
    if isinstance(node.array, Positions):
        for inner in node.array.nodes:
            _note_nodes(inner, element(path), found)
    elif isinstance(node.array, Elements) and node.array.node is not None:
        _note_nodes(node.array.node, element(path), found)


def _spread(several: list[tuple[str, Any]], most: int) -> list[tuple[str, Any]]:
    """Return at most so many, each place once, from the whole length."""
    once = list({where: (where, apply) for where, apply in several}.values())
    if len(once) <= most:
        return once
    return [once[number * len(once) // most] for number in range(most)]


def _words(node: Node, container: Any, key: Any, path: str) -> Iterator[tuple[str, Any, Any, tuple[str, ...]]]:
    """Yield each place of a document that holds one of several documented words."""
    value = container[key]
    if node.enum and isinstance(value, str):
        yield path, container, key, node.enum
    elif isinstance(value, dict):
        if isinstance(node.object, Map):
            for name in value:
                yield from _words(node.object.value, value, name, f"{path}.*" if path else "*")
        for fields in node.parts if not isinstance(node.object, Variants) else _of_tag(node.object, value):
            for name, entry in fields.fields.items():
                if name in value:
                    yield from _words(entry.node, value, name, child(path, name))
    elif isinstance(value, list) and value:
        if isinstance(node.array, Positions):
            for number, inner in enumerate(node.array.nodes[: len(value)]):
                yield from _words(inner, value, number, element(path))
        elif isinstance(node.array, Elements) and node.array.node is not None:
            yield from _words(node.array.node, value, 0, element(path))


def _of_tag(shape: Variants, value: dict[str, Any]) -> list[Fields]:
    fields = shape.objects.get(str(value.get(shape.tag)))
    return [] if fields is None else [Fields({k: v for k, v in fields.fields.items() if k != shape.tag})]


def marked(document: Any, *, unlike: bool = True) -> tuple[Any, dict[str, str]]:
    """Return a copy of an answer with numbers `unlike` each other, and the path of each value that stands once.

    So a value that a decoded object does not show is one that it lost, and not one that stands elsewhere as well.
    """
    count = iter(range(1, 1_000_000))
    seen: dict[str, list[str]] = {}

    def copied(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: copied(inner, child(path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [copied(inner, element(path)) for inner in value]
        made = _unlike(value, next(count)) if unlike else value
        if made is not None and not isinstance(made, bool) and made != "":
            seen.setdefault(normal(made), []).append(path)
        return made

    changed = copied(document, "")
    return changed, {value: paths[0] for value, paths in seen.items() if len(paths) == 1}


def _unlike(value: Any, number: int) -> Any:
    """Return a value of the same kind that stands nowhere else; of words, which may be enumerated, the same."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if abs(value) < 1000:  # a status, or what else is not any number
            return value
        return value + number if abs(value) > 10**9 else 700_000_000 + number  # of times, a time
    if isinstance(value, float):
        return 800_000_000.5 + number
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal() and "." in value:
        return f"{900_000_000 + number}.25"
    return value
