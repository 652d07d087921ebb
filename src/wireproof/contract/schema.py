"""Shape -> msgspec type: decoding an answer's bytes into it parses and judges in one pass.

What msgspec cannot say natively is checked afterwards over whole columns: all decimal strings of a document by one
regular expression, all timestamps by their smallest and largest.

msgspec's rules that this relies on: https://jcristharif.com/msgspec/supported-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, defstruct

from wireproof.contract.shape import (
    EARLIEST_MS,
    LATEST_MS,
    Alternatives,
    Elements,
    Field,
    Fields,
    Map,
    Node,
    Positions,
    Scalar,
    Variants,
    is_decimal,
    is_timestamp,
)

_LARGE = 32_768  # bytes of an answer from which on it is judged in windows
_WINDOW = 10_000  # bytes of a window, or an eighth of an array up to _WIDEST
_WIDEST = 100_000

_NONE_SHOWN = Annotated[list[Any], Meta(max_length=0)]
_PLAIN_DECIMALS = re.compile(rb"(?:-?+[0-9]++\.?+[0-9]*+\n)*+").fullmatch

# Puts the decimals and timestamps found in a column of decoded values into two lists.
Collect = Callable[[list[Any], list[str], list[int]], None]

_types: dict[Any, tuple[Any, Collect | None]] = {}  # structure -> its struct; equal objects share one
_MOST_TYPES = 10_000


class Schema:
    """A compiled shape. `conforms` is the verdict when it says yes; the explanation follows when it says no.

    Answers of more than 32 kB are judged in windows, so that memory does not grow with them: their arrays are left raw
    at first and then decoded piece by piece.
    """

    def __init__(self, node: Node, *, formats: bool = True) -> None:
        """Compile `node`; without `formats`, decimals and timestamps are judged as any string and any integer."""
        self._formats = formats
        self._node = node
        if len(_types) > _MOST_TYPES:
            _types.clear()  # a batch of ever new examples must not grow without end
        self._large: Callable[[bytes], bool] | None = None  # compiled on first use: most answers are small
        self._decoder: msgspec.json.Decoder[Any] | None
        try:
            kind, self._collect, _ = _compile(node)
            self._decoder = msgspec.json.Decoder(kind)
        except (TypeError, ValueError):
            # A shape that msgspec has no type for (a key with a quote, two kinds of array): always explained.
            self._decoder = self._collect = None
        if not formats:
            self._collect = None

    @property
    def compiled(self) -> bool:
        """Whether there is a fast path for this shape."""
        return self._decoder is not None

    def conforms(self, body: bytes) -> bool:
        """Say whether these bytes are JSON of this shape.

        Raises RecursionError when the document is nested deeper than the interpreter's stack allows.
        """
        if self._decoder is None:
            return False
        if len(body) > _LARGE:
            if self._large is None:
                self._large = _in_windows(self._node, formats=self._formats)
            return self._large(body)
        try:
            document = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return self._collect is None or _formats_hold(self._collect, [document])

    def conform_all(self, bodies: Sequence[bytes]) -> bool:
        """Say whether each of several small documents is of this shape: part of a burst of events.

        False may also mean that they cannot be judged together; then each is to be judged on its own.
        """
        lines = b"\n".join(bodies)
        if self._decoder is None or lines.count(b"\n") != len(bodies) - 1:
            return False
        try:
            documents = self._decoder.decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if len(documents) != len(bodies):
            return False
        return self._collect is None or _formats_hold(self._collect, documents)


def _formats_hold(collect: Collect, documents: list[Any]) -> bool:
    decimals: list[str] = []
    stamps: list[int] = []
    collect(documents, decimals, stamps)
    return all_decimals(decimals) and all_timestamps(stamps)


class _RefusedError(ValueError):
    """A raw array does not conform; raised from inside a collection."""


@dataclass(slots=True)
class _RawArray(Node):
    """Stands for an array that is left raw when its document is decoded."""

    formats: bool = True


def _in_windows(node: Node, *, formats: bool) -> Callable[[bytes], bool]:
    """Return what judges large answers of a shape: the outline first, then each array piece by piece."""
    outline = _without_arrays(node, formats)
    if isinstance(outline, _RawArray):
        return _array_judge(outline)
    kind, collect, _ = _compile(outline)
    decoder = msgspec.json.Decoder(kind)

    def judge(body: bytes) -> bool:
        decimals: list[str] = []
        stamps: list[int] = []
        try:
            document = decoder.decode(body)
            if collect is not None:
                collect([document], decimals, stamps)
        except (msgspec.DecodeError, UnicodeDecodeError, _RefusedError):
            return False
        return not formats or (all_decimals(decimals) and all_timestamps(stamps))

    return judge


def _without_arrays(node: Node, formats: bool) -> Node:
    if isinstance(node.array, Elements) and node.array.node is not None and node == Node(array=node.array):
        return _RawArray(array=node.array, formats=formats)
    if isinstance(node.object, Fields):
        fields = {
            name: replace(entry, node=_without_arrays(entry.node, formats))
            for name, entry in node.object.fields.items()
        }
        return replace(node, object=Fields(fields))
    return node


def _array_judge(shape: _RawArray) -> Callable[[bytes], bool]:
    """Return what judges the text of an array.

    It is cut where an element seems to end and the next to begin. If every piece, put in brackets, is an array of
    such elements, then so is the whole; if one is not, the cut may have been wrong (inside a string, in an inner
    array), so the whole is looked at.
    """
    kind, collect, _ = _compile(Node(array=shape.array))
    decode = msgspec.json.Decoder(kind).decode
    between = _between_elements(shape)
    formats = collect if shape.formats else None

    def conforms(text: bytes) -> bool:
        try:
            document = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return formats is None or _formats_hold(formats, [document])

    def judge(text: bytes) -> bool:
        if len(text) <= _WINDOW or not between:
            return conforms(text)
        return all(map(conforms, _windows(text, between))) or conforms(text)

    return judge


def _between_elements(shape: _RawArray) -> bytes:
    """Return what probably stands between two elements of an array, as the exchange writes it."""
    node = shape.array.node if isinstance(shape.array, Elements) else None
    if node is None or (node.object is not None) is (node.array is not None):
        return b""
    if node.array is not None:
        return b"],["
    fields = next(iter(node.object.objects.values())) if isinstance(node.object, Variants) else node.object
    if not isinstance(fields, Fields) or not fields.fields:
        return b""
    return b"},{" + msgspec.json.encode(next(iter(fields.fields)))


def _windows(text: bytes, between: bytes) -> Iterator[bytes]:
    start, width = 0, max(_WINDOW, min(len(text) // 8, _WIDEST))
    while (cut := text.find(between, start + width)) >= 0:
        yield b"%b%b]" % (b"[" if start else b"", text[start : cut + 1])
        start = cut + 2
    yield (b"[" if start else b"") + text[start:]


def all_decimals(texts: list[str]) -> bool:
    """Say whether every string holds a number, at the cost of one pass of a regular expression."""
    if not texts:
        return True
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        return False
    # Exponents and plus signs are rare: a simpler expression over bytes takes a third of the time.
    return _PLAIN_DECIMALS(joined.encode() + b"\n") is not None or all(map(is_decimal, texts))


def all_timestamps(numbers: list[int]) -> bool:
    """Say whether every integer is a time in milliseconds, or 0."""
    if not numbers or (min(numbers) >= EARLIEST_MS and max(numbers) <= LATEST_MS):
        return True
    return all(map(is_timestamp, numbers))


def _compile(node: Node) -> tuple[Any, Collect | None, Any]:
    """Return the type for a node, what collects its formats, and a key that equal nodes share."""
    if node.anything:
        return Any, None, "any"
    if isinstance(node, _RawArray):
        return _raw_array(node)
    parts: list[Any] = []
    collectors: dict[type, Collect] = {}
    keys: list[Any] = [node.nullable]
    for kind in sorted(node.scalars):
        part, collect = _scalar(kind, node)
        parts.append(part)
        keys.append((kind, node.enum if kind is Scalar.STRING else node.constants))
        if collect is not None:
            collectors[str if kind is Scalar.DECIMAL else int] = collect
    if node.object is not None:
        part, collect, key = _object(node.object)
        parts.append(part)
        keys.append(key)
        if collect is not None:
            collectors[dict] = collect
    if node.array is not None:
        part, collect, key = _array(node.array)
        parts.append(part)
        keys.append(key)
        if collect is not None:
            collectors[list] = collect
    single = len(parts) == 1 and not node.nullable
    if node.nullable:
        parts.append(None)
    kind_of_all = parts[0] if len(parts) == 1 else Union[tuple(parts)]  # noqa: UP007  # the members are data
    return kind_of_all, _one_of(collectors, single=single), tuple(keys)


def _raw_array(node: _RawArray) -> tuple[Any, Collect | None, Any]:
    judge = _array_judge(node)

    def judge_each(values: list[Any], _decimals: list[str], _stamps: list[int]) -> None:
        if not all(judge(bytes(value)) for value in values):
            raise _RefusedError

    return msgspec.Raw, judge_each, ("raw", node.formats, _compile(Node(array=node.array))[2])


def _one_of(collectors: dict[type, Collect], *, single: bool) -> Collect | None:
    """Return what collects from a column whose values may be of several kinds."""
    if not collectors:
        return None
    if single:
        return next(iter(collectors.values()))
    pick: list[tuple[Callable[[Any], bool], Collect]] = []
    for kind, collect in collectors.items():
        if kind is dict:
            pick.append((lambda value: isinstance(value, (dict, msgspec.Struct)), collect))
        elif kind is list:
            pick.append((lambda value: isinstance(value, (list, tuple)), collect))
        else:
            pick.append((lambda value, kind=kind: type(value) is kind, collect))  # type: ignore[misc]

    def collect_each(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        for fits, collect in pick:
            collect([value for value in values if fits(value)], decimals, stamps)

    return collect_each


def _scalar(kind: Scalar, node: Node) -> tuple[Any, Collect | None]:
    if kind is Scalar.BOOLEAN:
        return bool, None
    if kind is Scalar.NUMBER:
        return float, None
    if kind is Scalar.INTEGER:
        return (Literal[node.constants] if node.constants else int), None
    if kind is Scalar.TIMESTAMP:
        return int, _collect_stamps
    if kind is Scalar.DECIMAL:
        return str, _collect_decimals
    return (Literal[node.enum] if node.enum else str), None


def _collect_decimals(values: list[Any], decimals: list[str], _stamps: list[int]) -> None:
    decimals += values


def _collect_stamps(values: list[Any], _decimals: list[str], stamps: list[int]) -> None:
    stamps += values


def _object(shape: Fields | Map | Variants | Alternatives) -> tuple[Any, Collect | None, Any]:
    if isinstance(shape, Fields):
        return _struct(shape)
    if isinstance(shape, Map):
        kind, collect, key = _compile(shape.value)
        return dict[str, kind], _of_map(collect), ("map", key)  # type: ignore[valid-type]
    if isinstance(shape, Variants):
        return _variants(shape)
    merged = Fields({name: entry for part in shape.objects for name, entry in part.fields.items()})
    if any(merged.fields[name] != entry for part in shape.objects for name, entry in part.fields.items()):
        raise TypeError("alternatives that document one field in two ways")
    if any(entry.when is not None for entry in merged.fields.values()):
        raise TypeError("alternatives with conditions of their own")
    return _struct(merged, alternatives=[part.fields for part in shape.objects])


def _of_map(collect: Collect | None) -> Collect | None:
    if collect is None:
        return None

    def collect_values(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        collect([item for value in values for item in value.values()], decimals, stamps)

    return collect_values


def _variants(shape: Variants) -> tuple[Any, Collect | None, Any]:
    structs, collectors, keys = [], {}, []
    for value, fields in shape.objects.items():
        kind, collect, key = _struct(_known(fields, shape.tag, value), tag=(shape.tag, value))
        structs.append(kind)
        keys.append(key)
        if collect is not None:
            collectors[kind] = collect
    union = structs[0] if len(structs) == 1 else Union[tuple(structs)]  # noqa: UP007  # the members are data

    def collect_each(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        for kind, collect in collectors.items():
            collect([value for value in values if type(value) is kind], decimals, stamps)

    return union, collect_each if collectors else None, ("variants", tuple(keys))


def _known(fields: Fields, tag: str, value: str) -> Fields:
    """Decide conditions on the tag, whose value is known in each variant and which its struct does not hold."""
    decided = {}
    for name, entry in fields.fields.items():
        if entry.when is not None and entry.when.field == tag:
            required = entry.required and value in entry.when.one_of
            decided[name] = Field(entry.node, required)
        else:
            decided[name] = entry
    return Fields(decided)


def _struct(
    shape: Fields, *, tag: tuple[str, str] | None = None, alternatives: Iterable[dict[str, Any]] = ()
) -> tuple[Any, Collect | None, Any]:
    compiled = {name: _compile(entry.node) for name, entry in shape.fields.items() if tag is None or name != tag[0]}
    groups = tuple(tuple((name, entry.required) for name, entry in part.items()) for part in alternatives)
    key = (
        "object",
        tag,
        groups,
        tuple((n, c[2], shape.fields[n].required, _condition(shape.fields[n])) for n, c in compiled.items()),
    )
    if key not in _types:
        _types[key] = _new_struct(shape, compiled, tag, groups)
    return *_types[key], key


def _condition(entry: Any) -> Any:
    return (entry.when.field, tuple((type(v), v) for v in entry.when.one_of)) if entry.when is not None else None


def _new_struct(
    shape: Fields,
    compiled: dict[str, tuple[Any, Collect | None, Any]],
    tag: tuple[str, str] | None,
    groups: tuple[tuple[tuple[str, bool], ...], ...],
) -> tuple[Any, Collect | None]:
    wire_names = {f"f{i}": name for i, name in enumerate(compiled)}
    attribute = {name: attr for attr, name in wire_names.items()}
    definitions: list[Any] = []
    plain: list[str] = []
    decimal_names: list[str] = []
    others: list[tuple[str, Collect, bool]] = []
    for name, (kind, collect, _) in compiled.items():
        entry = shape.fields[name]
        always = entry.required and entry.when is None and not groups
        attr = attribute[name]
        definitions.append((attr, kind) if always else (attr, kind, UNSET))
        if collect is _collect_decimals and always:
            decimal_names.append(attr)
        elif collect is not None:
            others.append((attr, collect, always))
        plain.append(attr)
    check = _presence(shape, attribute, groups)
    struct = defstruct(
        "Object",
        definitions,
        rename=wire_names,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
        tag_field=tag[0] if tag else None,
        tag=tag[1] if tag else None,
        namespace={"__post_init__": check} if check is not None else None,
    )
    return struct, _of_fields(decimal_names, others)


def _of_fields(decimal_names: list[str], others: list[tuple[str, Collect, bool]]) -> Collect | None:
    if not decimal_names and not others:
        return None
    several = len(decimal_names) > 1
    decimals_of = attrgetter(*decimal_names) if decimal_names else None
    rest = [(attrgetter(name), collect, always) for name, collect, always in others]

    def collect_fields(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        if decimals_of is not None:
            found: Any = map(decimals_of, values)
            decimals += chain.from_iterable(found) if several else found
        for get, collect, always in rest:
            column = list(map(get, values))
            collect(column if always else [v for v in column if v is not UNSET], decimals, stamps)

    return collect_fields


def _presence(
    shape: Fields, attribute: dict[str, str], groups: tuple[tuple[tuple[str, bool], ...], ...]
) -> Callable[[Any], None] | None:
    """Return what judges presence where it depends on other fields; it runs once per decoded object."""
    conditional = [
        (attribute[name], attribute.get(entry.when.field, ""), {(type(v), v) for v in entry.when.one_of})
        for name, entry in shape.fields.items()
        if entry.when is not None and entry.required and name in attribute
    ]
    if not conditional and not groups:
        return None
    needed = [({attribute[n] for n, required in g if required}, {attribute[n] for n, _ in g}) for g in groups]
    names = list(attribute.values())

    def judge_presence(self: Any) -> None:
        for name, sibling, values in conditional:
            if getattr(self, name) is UNSET:
                value = getattr(self, sibling, UNSET)
                if isinstance(value, (str, int, float, bool, type(None))) and (type(value), value) in values:
                    raise ValueError(name)
        if needed:
            present = {name for name in names if getattr(self, name) is not UNSET}
            if not any(required <= present <= known for required, known in needed):
                raise ValueError("no alternative has these fields")

    return judge_presence


def _array(shape: Elements | Positions) -> tuple[Any, Collect | None, Any]:
    if isinstance(shape, Elements):
        if shape.node is None:
            return _NONE_SHOWN, None, "nothing shown"
        kind, collect, key = _compile(shape.node)
        return list[kind], _of_elements(collect), ("list", key)  # type: ignore[valid-type]
    compiled = [_compile(node) for node in shape.nodes]
    key = ("tuple", shape.required, tuple(part[2] for part in compiled))
    if shape.required == len(shape.nodes):
        return tuple[tuple(part[0] for part in compiled)], _of_positions(compiled), key  # type: ignore[misc]
    if key not in _types:
        definitions = [
            (f"f{i}", part[0]) if i < shape.required else (f"f{i}", part[0], UNSET) for i, part in enumerate(compiled)
        ]
        struct = defstruct("Row", definitions, array_like=True, forbid_unknown_fields=True, gc=False)
        others = [(f"f{i}", part[1], i < shape.required) for i, part in enumerate(compiled) if part[1] is not None]
        _types[key] = struct, _of_fields([], others)
    return *_types[key], key


def _of_elements(collect: Collect | None) -> Collect | None:
    if collect is None:
        return None

    def collect_elements(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        collect(values[0] if len(values) == 1 else list(chain.from_iterable(values)), decimals, stamps)

    return collect_elements


def _of_positions(compiled: list[tuple[Any, Collect | None, Any]]) -> Collect | None:
    """Return what collects from rows of equal width: all rows are laid end to end, and other columns cut out."""
    width = len(compiled)
    columns = [(i, part[1]) for i, part in enumerate(compiled) if part[1] not in (None, _collect_decimals)]
    others = [i for i, part in enumerate(compiled) if part[1] is not _collect_decimals]
    if not columns and len(others) == width:
        return None

    def collect_positions(values: list[Any], decimals: list[str], stamps: list[int]) -> None:
        flat = list(chain.from_iterable(values))
        for i, collect in columns:
            collect(flat[i::width], decimals, stamps)
        if len(others) < width:
            # From the last to the first, so that the positions before stay where they are.
            for cut, i in enumerate(reversed(others)):
                del flat[i :: width - cut]
            decimals += flat

    return collect_positions
