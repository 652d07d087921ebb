"""Every way in which an answer changes, tried at every place of an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from wireproof.contract.paths import child, element
from wireproof.contract.shape import Alternatives, Elements, Fields, Map, Node, Positions, Scalar, Variants
from wireproof.drift.proving.oracle import is_required

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

REPLACEMENTS: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("a boolean", True),
    ("a whole number", 7),
    ("a number with a fraction", 7.5),
    ("a whole number written with a fraction", 1.0),
    ("text", "wp text"),
    ("an empty string", ""),
    ("a decimal string", "7.5"),
    ("a decimal with an exponent", "2.8E-4"),
    ("a whole number beyond 64 bits", 2**63),  # signed, as the documentation's LONG
    ("an empty object", {}),
    ("an empty array", []),
)

_TWICE = "__wireproofTwice"  # stands for the second time that a key is named until the document is text

_SAME = "another value of a documented kind"
_FREE = "the example shows null, or a refinement allows anything"


class Mutation(Struct, kw_only=True, eq=False):
    """One change; `apply` makes it in the example itself and returns what takes it back.

    `cause` says why nothing can be noticed, in case nothing should be.
    """

    what: str
    apply: Callable[[], Callable[[], None]]
    cause: str = ""
    twice: str = ""  # the key that is named twice: no decoded document can hold that

    def body(self, document: Any) -> bytes:
        """Return the changed document as it comes over the wire."""
        text = msgspec.json.encode(document)
        return text.replace(f'"{_TWICE}"'.encode(), msgspec.json.encode(self.twice), 1) if self.twice else text


def mutations(node: Node, document: list[Any]) -> Iterator[Mutation]:
    """Yield every mutation of a document, which stands alone in a list so that it can be replaced as a whole."""
    yield from _of_place(node, document, 0, "")


def _of_place(node: Node, container: Any, key: Any, path: str) -> Iterator[Mutation]:
    yield from _replacements(node, container, key, path)
    value = container[key]
    if node.anything:
        return
    if isinstance(value, dict) and node.object is not None:
        yield from _of_object(node.object, value, path)
    elif isinstance(value, list) and node.array is not None:
        yield from _of_array(node.array, value, path)


def _replacements(node: Node, container: Any, key: Any, path: str) -> Iterator[Mutation]:
    value = container[key]
    where = path or "the document"
    free = _FREE if node.anything else ""
    for word, new in REPLACEMENTS:
        cause = free or _cause(node, new)
        yield Mutation(what=f"{word} at {where}", apply=_setter(container, key, new), cause=cause)
    wrapped = free or ("wrapping what an array may hold" if node.array is not None else "")
    yield Mutation(what=f"wrapped in a list at {where}", apply=_setter(container, key, [value]), cause=wrapped)
    if isinstance(value, list) and len(value) == 1:
        same = free or _cause(node, value[0])
        yield Mutation(what=f"unwrapped from a list at {where}", apply=_setter(container, key, value[0]), cause=same)
    if isinstance(value, int) and Scalar.TIMESTAMP in node.scalars:
        # Whatever the example shows: it may be a placeholder.
        yield Mutation(what=f"seconds at {where}", apply=_setter(container, key, 1_700_000_000))
        yield Mutation(what=f"microseconds at {where}", apply=_setter(container, key, 1_700_000_000_000_000))
    if node.enum:
        yield Mutation(what=f"another enum value at {where}", apply=_setter(container, key, "NO_SUCH_VALUE"))


def _cause(node: Node, value: Any) -> str:
    """Return why a replacement may be within what is documented."""
    if value == [] and isinstance(value, list):
        return "an empty array is an array" if node.array is not None else ""
    if isinstance(value, dict):
        return "an object without required fields" if node.object is not None else ""
    if value is None:
        return "null is documented here" if node.nullable else ""
    accepted = set(node.scalars)
    kinds = {
        bool: {Scalar.BOOLEAN},
        int: {Scalar.INTEGER, Scalar.NUMBER},
        float: {Scalar.NUMBER},
        str: {Scalar.STRING, Scalar.DECIMAL},
    }
    return _SAME if accepted & kinds.get(type(value), set()) else ""


def _of_object(shape: Any, document: dict[str, Any], path: str) -> Iterator[Mutation]:
    if isinstance(shape, Map):
        below = f"{path}.*" if path else "*"
        for key in list(document):
            yield from _of_place(shape.value, document, key, below)
            renamed = _renamer(document, key, f"{key}X")
            yield Mutation(what=f"renamed key at {below}", apply=renamed, cause="keys are free here")
        yield Mutation(what=f"an added value at {below}", apply=_adder(document, {"wp": []}), cause=_any_of(shape))
        return
    fields = _fields_of(shape, document)
    if fields is None:
        return
    where = path or "the document"
    yield Mutation(what=f"an added field in {where}", apply=_adder(document, 1))
    yield Mutation(what=f"an added object in {where}", apply=_adder(document, {"a": {"b": None}}))
    for name, entry in fields.fields.items():
        if name not in document:
            continue
        at = child(path, name)
        cause = "" if is_required(entry, document) else "the field is not in every example, or optional"
        again = _adder_of(document, _TWICE, document[name])
        yield Mutation(what=f"{at} named twice", apply=again, twice=name)
        yield Mutation(what=f"dropped {at}", apply=_dropper(document, name), cause=cause)
        yield Mutation(what=f"renamed {at}", apply=_renamer(document, name, f"{name}X"))
        yield from _of_place(entry.node, document, name, at)


def _any_of(shape: Map) -> str:
    return _FREE if shape.value.anything else ""


def _fields_of(shape: Any, document: dict[str, Any]) -> Fields | None:
    if isinstance(shape, Variants):
        tag = document.get(shape.tag)
        return shape.objects.get(tag) if isinstance(tag, str) else None
    if isinstance(shape, Alternatives):
        return max(shape.objects, key=lambda part: len(document.keys() & part.fields.keys()))
    return shape if isinstance(shape, Fields) else None


def _of_array(shape: Elements | Positions, array: list[Any], path: str) -> Iterator[Mutation]:
    where = path or "the document"
    if isinstance(shape, Positions):
        cause = "the last position is not in every row" if len(array) > shape.required else ""
        yield Mutation(what=f"a shorter row at {where}", apply=_slicer(array, array[:-1]), cause=cause)
        cause = "" if len(array) == len(shape.nodes) else "longer rows are documented"
        yield Mutation(what=f"a longer row at {where}", apply=_slicer(array, [*array, "7.5"]), cause=cause)
        for i, node in enumerate(shape.nodes[: len(array)]):
            yield from _of_place(node, array, i, element(path))
        return
    if shape.node is None:
        for word, new in REPLACEMENTS:
            yield Mutation(what=f"{word} in the empty array at {where}", apply=_slicer(array, [new]))
        return
    for i in sorted({0, len(array) // 2, len(array) - 1}) if array else ():
        yield from _of_place(shape.node, array, i, element(path))
    if len(array) > 1:
        for word, new in REPLACEMENTS:
            cause = _FREE if shape.node.anything else _cause(shape.node, new)
            every = _slicer(array, [new] * len(array))
            yield Mutation(what=f"{word} as every element of {where}", apply=every, cause=cause)


def _setter(container: Any, key: Any, value: Any) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        before = container[key]
        container[key] = value

        def undo() -> None:
            container[key] = before

        return undo

    return apply


def _slicer(array: list[Any], value: list[Any]) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        before = list(array)
        array[:] = value

        def undo() -> None:
            array[:] = before

        return undo

    return apply


def _changed(document: dict[str, Any], after: Callable[[], dict[str, Any]]) -> Callable[[], Callable[[], None]]:
    def apply() -> Callable[[], None]:
        before, new = dict(document), after()

        def put(content: dict[str, Any]) -> None:
            document.clear()
            document.update(content)

        put(new)
        return lambda: put(before)

    return apply


def _dropper(document: dict[str, Any], name: str) -> Callable[[], Callable[[], None]]:
    return _changed(document, lambda: {key: value for key, value in document.items() if key != name})


def _renamer(document: dict[str, Any], name: str, new: str) -> Callable[[], Callable[[], None]]:
    return _changed(document, lambda: {new if key == name else key: value for key, value in document.items()})


def _adder(document: dict[str, Any], value: Any) -> Callable[[], Callable[[], None]]:
    return _adder_of(document, "__wireproofAdded", value)


def _adder_of(document: dict[str, Any], name: str, value: Any) -> Callable[[], Callable[[], None]]:
    return _changed(document, lambda: {**document, name: value})


def other_values(node: Node, value: Any, draw: random.Random) -> Any:
    """Return a document of the same shape with other values of the same kinds and other numbers of elements."""
    if node.anything or value is None:
        return value
    if isinstance(value, dict):
        return _other_object(node.object, value, draw)
    if isinstance(value, list):
        if isinstance(node.array, Positions):
            pairs = zip(node.array.nodes, value, strict=False)
            return [other_values(position, item, draw) for position, item in pairs]
        if node.array is None or node.array.node is None:
            return value
        elements = [other_values(node.array.node, item, draw) for item in value for _ in range(draw.randint(1, 3))]
        draw.shuffle(elements)
        return elements
    return _other_scalar(node, value, draw)


def _other_object(shape: Any, document: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    if isinstance(shape, Map):
        return {f"WP{key}": other_values(shape.value, value, draw) for key, value in document.items()}
    fields = _fields_of(shape, document)
    if fields is None:
        return document
    conditions = {entry.when.field for entry in fields.fields.values() if entry.when is not None}
    pairs = [
        (name, value if name in conditions else other_values(fields.fields[name].node, value, draw))
        for name, value in document.items()
    ]
    draw.shuffle(pairs)
    return dict(pairs)


def _other_scalar(node: Node, value: Any, draw: random.Random) -> Any:
    if node.constants:
        return draw.choice(node.constants)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        if Scalar.TIMESTAMP in node.scalars:
            return draw.choice([0, draw.randrange(10**12, 10**13)])
        return draw.choice([0, -1, draw.randrange(10**6), draw.randrange(10**18), 2**63 - 1])
    if isinstance(value, float):
        return draw.choice([0, 3, draw.uniform(-1e6, 1e6)])
    if node.enum:
        return draw.choice(node.enum)
    if Scalar.DECIMAL in node.scalars:
        plain = ["0", "-0.5", "0.00000000", "123456789.123456789", str(draw.randrange(10**9))]
        return draw.choice(plain + ["1E-8"] * node.odd_decimals + [""] * (Scalar.EMPTY in node.scalars))
    return draw.choice(["", "0", "wp-1", "7.5", 'ü\u2028"\\', "true"])
