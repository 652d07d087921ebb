"""Shape -> msgspec type, and what collects the decimals and timestamps out of decoded values.

msgspec's rules that this relies on: https://jcristharif.com/msgspec/supported-types.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, defstruct

from wireproof.contract.leaves import GREATEST_INTEGER, LEAST_INTEGER, fits_integer, is_decimal
from wireproof.contract.shape import Alternatives, Elements, Field, Fields, Map, Node, Positions, Scalar, Variants

_NONE_SHOWN = Annotated[list[Any], Meta(max_length=0)]
_INTEGER = Annotated[int, Meta(ge=LEAST_INTEGER, le=GREATEST_INTEGER)]

# Puts the decimals and timestamps found in a column of decoded values into two lists.
Collect = Callable[[list[Any], list[str], list[int]], None]

# structure -> its struct; equal objects share one
types: dict[Any, tuple[Any, Collect | None]] = {}
MOST_TYPES = 10_000


class ValueRefusedError(ValueError):
    """A raw array or a value does not conform; raised from inside a collection."""


def _refuse(_text: bytes) -> bool:
    return False


@dataclass(slots=True)
class RawArray(Node):
    """Stands for an array that is left raw when its document is decoded; `judge` says whether its text conforms."""

    formats: bool = True
    judge: Callable[[bytes], bool] = field(default=_refuse, compare=False)


def forget_types() -> None:
    """Drop the types of earlier shapes once they are many: a batch of ever new examples must not grow without end."""
    if len(types) > MOST_TYPES:
        types.clear()


def type_of(node: Node) -> tuple[Any, Collect | None, Any]:
    """Return the type for a node, what collects its formats, and a key that equal nodes share."""
    if node.anything:
        return Any, None, "any"
    if isinstance(node, RawArray):
        return _raw_array(node)
    parts: list[Any] = []
    collectors: dict[type, Collect] = {}
    keys: list[Any] = [node.nullable]
    for python, part, collect, key in _parts(node):
        parts.append(part)
        keys.append(key)
        if collect is not None:
            collectors[python] = collect
    single = len(parts) == 1 and not node.nullable
    if node.nullable:
        parts.append(None)
    kind_of_all = parts[0] if len(parts) == 1 else Union[tuple(parts)]  # noqa: UP007  # the members are data
    return kind_of_all, _one_of(collectors, single=single), tuple(keys)


def _raw_array(node: RawArray) -> tuple[Any, Collect | None, Any]:
    judge = node.judge

    def judge_each(values: list[Any], _decimals: list[str], _stamps: list[int]) -> None:
        if not all(judge(bytes(value)) for value in values):
            raise ValueRefusedError

    return msgspec.Raw, judge_each, ("raw", node.formats, type_of(Node(array=node.array))[2])


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


_Part = tuple[type, Any, Collect | None, Any]  # of which Python type, its type for msgspec, what collects, a key


def _parts(node: Node) -> Iterator[_Part]:
    """Yield what may stand at a node: at most one for each type that a decoded value has."""
    yield from _scalars(node)
    if node.object is not None:
        yield dict, *_object(node.object)
    if node.array is not None:
        yield list, *_array(node.array)


def _scalars(node: Node) -> Iterator[_Part]:
    kinds = node.scalars
    if Scalar.BOOLEAN in kinds:
        wanted = _constants(node, bool)
        yield bool, bool, _refuse_but(wanted) if wanted else None, (bool, wanted)
    if Scalar.NUMBER in kinds:
        wanted = _constants(node, float, int)
        yield float, float, _refuse_but(wanted) if wanted else None, (float, wanted)
    elif Scalar.INTEGER in kinds:
        wanted = _constants(node, int)
        if wanted or not isinstance(node.array, Positions):
            yield int, Literal[wanted] if wanted else _INTEGER, None, (int, wanted)
        else:
            # msgspec 0.22 crashes when it frees a union of an integer with bounds and a tuple.
            yield int, int, _refuse_beyond, (int, "unbounded")
    elif Scalar.TIMESTAMP in kinds:
        yield int, int, _stamps(node.placeholders), ("timestamp", node.placeholders)
    if kinds & {Scalar.STRING, Scalar.DECIMAL, Scalar.EMPTY}:
        yield _text(node)


def _constants(node: Node, *types: type) -> tuple[Any, ...]:
    return tuple(value for value in node.constants if type(value) in types)


def _text(node: Node) -> _Part:
    kinds = node.scalars
    words = _constants(node, str) or (node.enum if Scalar.STRING in kinds else ())
    if Scalar.STRING in kinds and not words:
        return str, str, None, (str, ())
    if Scalar.DECIMAL in kinds:
        empty = Scalar.EMPTY in kinds
        collect = _decimals(empty=empty, odd=node.odd_decimals) if empty or node.odd_decimals else _collect_decimals
        return str, str, collect, ("decimal", empty, node.odd_decimals)
    words = (*words, "") if Scalar.EMPTY in kinds else words
    return str, Literal[words], None, (str, words)


def _refuse_but(wanted: tuple[Any, ...]) -> Collect:
    """Return what refuses other values than these, where msgspec has no type for them."""

    def refuse(values: list[Any], _decimals: list[str], _stamps: list[int]) -> None:
        if any(value not in wanted for value in values):
            raise ValueRefusedError

    return refuse


def _refuse_beyond(values: list[Any], _decimals: list[str], _stamps: list[int]) -> None:
    if not all(map(fits_integer, values)):
        raise ValueRefusedError


def _decimals(*, empty: bool, odd: bool) -> Collect:
    """Return what collects decimals that may be empty, or written in any notation."""

    def collect(values: list[Any], decimals: list[str], _stamps: list[int]) -> None:
        found = list(filter(None, values)) if empty else values
        if not odd:
            decimals += found
        elif not all(map(is_decimal, found)):
            raise ValueRefusedError

    return collect


def _stamps(placeholders: frozenset[int]) -> Collect:
    if not placeholders:
        return _collect_stamps

    def collect(values: list[Any], _decimals: list[str], stamps: list[int]) -> None:
        stamps += [value for value in values if value not in placeholders]

    return collect


def _collect_decimals(values: list[Any], decimals: list[str], _stamps: list[int]) -> None:
    decimals += values


def _collect_stamps(values: list[Any], _decimals: list[str], stamps: list[int]) -> None:
    stamps += values


def _object(shape: Fields | Map | Variants | Alternatives) -> tuple[Any, Collect | None, Any]:
    if isinstance(shape, Fields):
        return _struct(shape)
    if isinstance(shape, Map):
        kind, collect, key = type_of(shape.value)
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
    compiled = {name: type_of(entry.node) for name, entry in shape.fields.items() if tag is None or name != tag[0]}
    groups = tuple(tuple((name, entry.required) for name, entry in part.items()) for part in alternatives)
    key = (
        "object",
        tag,
        groups,
        tuple((n, c[2], shape.fields[n].required, _condition(shape.fields[n])) for n, c in compiled.items()),
    )
    if key not in types:
        types[key] = _new_struct(shape, compiled, tag, groups)
    return *types[key], key


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
        kind, collect, key = type_of(shape.node)
        return list[kind], _of_elements(collect), ("list", key)  # type: ignore[valid-type]
    compiled = [type_of(node) for node in shape.nodes]
    key = ("tuple", shape.required, tuple(part[2] for part in compiled))
    if shape.required == len(shape.nodes):
        return tuple[tuple(part[0] for part in compiled)], _of_positions(compiled), key  # type: ignore[misc]
    if key not in types:
        definitions = [
            (f"f{i}", part[0]) if i < shape.required else (f"f{i}", part[0], UNSET) for i, part in enumerate(compiled)
        ]
        struct = defstruct("Row", definitions, array_like=True, forbid_unknown_fields=True, gc=False)
        others = [(f"f{i}", part[1], i < shape.required) for i, part in enumerate(compiled) if part[1] is not None]
        types[key] = struct, _of_fields([], others)
    return *types[key], key


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
