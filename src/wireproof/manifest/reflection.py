"""Reads what a client reads from its model classes: pydantic, msgspec, dataclasses, attrs and TypedDict.

Each place that a class reads becomes a `ReadPath`, with the names as they come over the wire. A class that holds itself
is read whole from there on. What the libraries say of strictness is taken over where they say it: pydantic converts
numbers unless it is strict, `extra="forbid"` and `forbid_unknown_fields` refuse unknown fields.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections import abc
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from wireproof.contract.paths import child, element
from wireproof.manifest.client_manifest import ALL_BELOW, ReadPath, Strictness
from wireproof.manifest.used_paths import all_below, bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wireproof.manifest.client_manifest import EnumRule

#: Annotations of scalars, and the kinds of JSON that stand for them.
_SCALARS: dict[Any, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer",),
    float: ("integer", "number"),
    Decimal: ("decimal", "integer", "number"),
    bytes: ("string",),
    bytearray: ("string",),
    UUID: ("string",),
    datetime: ("integer", "number", "string"),
    date: ("integer", "string"),
    time: ("string",),
    timedelta: ("integer", "number", "string"),
}
_LISTS = (list, set, frozenset, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, abc.Set)
_DICTS = (dict, abc.Mapping, abc.MutableMapping)
_OFFICIAL_UNION = "actual_instance"  # the field of an official SDK's models that hold one of several
_OFFICIAL_REST = "additional_properties"  # and the one that takes what they do not know


class ModelField(NamedTuple):
    """A field of a class: its names, what is written as its type, and whether the class fails without it."""

    name: str
    wire_names: tuple[str, ...]
    annotation: Any
    required: bool


class ModelClass(NamedTuple):
    """A class as its library understands it: its fields, and what it says of its strictness."""

    fields: tuple[ModelField, ...]
    rules: Strictness = Strictness()
    tag: tuple[str, str] | None = None  # the field that tells it from others, and its value
    as_array: bool = False  # whether it is read of an array, by position


class Reflection:
    """What classes read. `models` collects the rules of those that say something of their strictness."""

    def __init__(self) -> None:
        self.models: dict[str, Strictness] = {}

    def reads(self, model: Any, path: str = "") -> list[ReadPath]:
        """Return each place that a class, or an annotation such as `list[Order]`, reads below a path."""
        by = full_name(model) if isinstance(model, type) else ""
        return list(self._place(model, ReadPath(path=path, by=by, required=True), ()))

    def _place(self, annotation: Any, read: ReadPath, inside: tuple[Any, ...]) -> Iterator[ReadPath]:
        """Yield what stands at one place and below it; `read` is that place with all but its kinds."""
        annotation = _bare_annotation(annotation)
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if annotation is Any or annotation is object or isinstance(annotation, typing.TypeVar):
            yield replace(read, path=all_below(read.path), nullable=True)
        elif origin in {typing.Union, types.UnionType}:
            yield from self._union(arguments, read, inside)
        elif origin is typing.Literal:
            yield of_words(read, arguments, "closed")
        elif isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            is_open = "_missing_" in {name for base in annotation.__mro__[:-1] for name in _own(base)}
            yield of_words(read, [member.value for member in annotation], "open" if is_open else "closed")
        elif annotation in _SCALARS:
            yield replace(read, kinds=_SCALARS[annotation])
        elif annotation is type(None):
            yield replace(read, nullable=True)
        elif (origin or annotation) is tuple:
            yield from self._tuple(arguments, read, inside)
        elif (origin or annotation) in _LISTS and arguments and _is_official_array(arguments[0]):
            yield from self._place(arguments[0], read, inside)  # it says itself that it is a list
        elif (origin or annotation) in _LISTS:
            yield replace(read, kinds=("array",))
            below = replace(read, path=element(read.path), required=False)
            yield from self._place(arguments[0] if arguments else Any, below, inside)
        elif (origin or annotation) in _DICTS:
            yield replace(read, kinds=("object",))
            below = replace(read, path=f"{read.path}.*" if read.path else "*", required=False)
            yield from self._place(arguments[1] if len(arguments) > 1 else Any, below, inside)
        elif (shown := class_of(origin or annotation)) is not None:
            yield from self._class(origin or annotation, shown, read, inside)
        elif isinstance(annotation, type) and (base := _scalar_base(annotation)):
            yield replace(read, kinds=_SCALARS[base])
        else:
            yield replace(read, path=all_below(read.path), nullable=True)  # a type of the client's own, with a hook

    def _union(self, parts: Iterable[Any], read: ReadPath, inside: tuple[Any, ...]) -> Iterator[ReadPath]:
        """Yield what the parts of a union read: what only some of them require, the union does not."""
        there = [part for part in map(_bare_annotation, parts) if part is not msgspec.UnsetType]
        some = [part for part in there if part is not type(None)]
        nullable = len(some) < len(there) or read.nullable
        found = [list(self._place(part, replace(read, nullable=nullable), inside)) for part in some]
        yield from united(found, read)

    def _tuple(self, arguments: tuple[Any, ...], read: ReadPath, inside: tuple[Any, ...]) -> Iterator[ReadPath]:
        if not arguments or arguments[-1] is Ellipsis:
            yield from self._place(list[arguments[0] if arguments else Any], read, inside)  # type: ignore[misc]
            return
        yield replace(read, kinds=("array",), unknown_fields="refused")
        for number, part in enumerate(arguments):
            yield from self._place(part, replace(read, path=f"{read.path}[{number}]", required=True), inside)

    def _class(self, model: Any, shown: ModelClass, read: ReadPath, inside: tuple[Any, ...]) -> Iterator[ReadPath]:
        name = full_name(model)
        if _is_official_array(model):
            yield replace(read, kinds=("array",))
            if not shown.fields:  # rows without names
                yield replace(read, path=all_below(element(read.path)), required=False, nullable=True)
                return
            read = replace(read, path=element(read.path), required=False)
        union = next((one for one in shown.fields if one.name == _OFFICIAL_UNION), None)
        if union is not None:
            yield from self._place(union.annotation, read, inside)
            return
        if model in inside:
            yield replace(read, path=all_below(read.path), kinds=("object",), model=name)
            return
        if shown.rules != Strictness():
            self.models[name] = shown.rules
        refused = "refused" if shown.as_array and shown.rules.unknown_fields == "refused" else ""
        yield replace(read, kinds=("array",) if shown.as_array else ("object",), model=name, unknown_fields=refused)
        if shown.tag is not None and not shown.as_array:
            tag, value = shown.tag
            yield ReadPath(
                path=child(read.path, tag), by=f"{name}.{tag}", required=True, kinds=("string",), enum=(value,)
            )
        for number, field in enumerate(shown.fields):
            for wire_name in field.wire_names:
                path = f"{read.path}[{number}]" if shown.as_array else child(read.path, wire_name)
                required = field.required and len(field.wire_names) == 1
                there = ReadPath(path=path, by=f"{name}.{field.name}", required=required)
                yield from self._place(field.annotation, there, (*inside, model))


def united(found: list[list[ReadPath]], read: ReadPath) -> Iterator[ReadPath]:
    """Yield what one of several alternatives reads at a place: required is what all require.

    Kinds of scalars at one place by one reader are taken together; words stay closed only where all are lists of them.
    """
    together: dict[tuple[str, str, str], list[tuple[int, ReadPath]]] = {}
    for number, reads in enumerate(found):
        for one in reads:
            together.setdefault((bare(one.path), one.by, one.model), []).append((number, one))
    for group in together.values():
        several = [one for _, one in group]
        first = several[0]
        whole = any(one.path.endswith(ALL_BELOW) and not one.kinds for one in several)
        is_root = bare(first.path) == bare(read.path)
        required = all(one.required for one in several) and (is_root or len({n for n, _ in group}) == len(found))
        words = () if not all(one.enum for one in several) else tuple(w for one in several for w in one.enum)
        is_closed = all(one.enums == "closed" for one in several)
        yield replace(
            first,
            path=next((one.path for one in several if one.path.endswith(ALL_BELOW)), first.path),
            required=required,
            nullable=any(one.nullable for one in several),
            kinds=() if whole else tuple(dict.fromkeys(kind for one in several for kind in one.kinds)),
            enum=words or tuple(w for one in several for w in one.enum),
            enums="closed" if words and is_closed else "open" if any(one.enum for one in several) else "",
        )


def full_name(model: Any) -> str:
    """Return `module.Class` of a class."""
    return f"{model.__module__}.{model.__qualname__}"


def class_of(model: Any) -> ModelClass | None:
    """Return a class as its library understands it; None for what is no class with fields."""
    if not isinstance(model, type):
        return None
    if hasattr(model, "model_fields") and hasattr(model, "model_config"):
        return _pydantic(model)
    if hasattr(model, "__fields__") and hasattr(model, "__config__"):
        return _pydantic_v1(model)
    if issubclass(model, msgspec.Struct):
        return _msgspec(model)
    if hasattr(model, "__attrs_attrs__"):
        return _attrs(model)
    if dataclasses.is_dataclass(model):
        return _dataclass(model)
    if hasattr(model, "__required_keys__") and hasattr(model, "__total__"):
        return _typed_dict(model)
    if issubclass(model, tuple) and hasattr(model, "_fields"):
        return _named_tuple(model)
    return None


def _pydantic(model: Any) -> ModelClass:
    config: Mapping[str, Any] = model.model_config
    fields = []
    for name, one in model.model_fields.items():
        if name == _OFFICIAL_REST:
            continue
        wire = (name,) if one.validation_alias is None and one.alias is None else tuple(_aliases(one))
        fields.append(ModelField(name, wire, _with_metadata(one), one.is_required()))
    return ModelClass(
        tuple(fields),
        Strictness(
            unknown_fields="refused" if config.get("extra") == "forbid" else "",
            numbers="" if config.get("strict") else "any" if _converts(fields) else "",
        ),
    )


def _converts(fields: Iterable[ModelField]) -> bool:
    """Whether a lax model has a number that it would make of text: none that is strict by its own annotation."""
    return any(_holds_lax_number(one.annotation) for one in fields)


def _holds_lax_number(annotation: Any) -> bool:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        return not any(getattr(one, "strict", None) for one in metadata) and _holds_lax_number(inner)
    if annotation in {int, float, Decimal}:
        return True
    return any(map(_holds_lax_number, typing.get_args(annotation)))


def _with_metadata(field: Any) -> Any:
    """Return the annotation of a pydantic field together with what pydantic took out of it."""
    metadata = tuple(field.metadata)
    return typing.Annotated[(field.annotation, *metadata)] if metadata else field.annotation


def _aliases(field: Any) -> Iterator[str]:
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    for one in getattr(alias, "choices", (alias,)):
        if isinstance(one, str):
            yield one
        elif (path := getattr(one, "path", None)) and isinstance(path[0], str):
            yield path[0]


def _pydantic_v1(model: Any) -> ModelClass:
    fields = tuple(
        ModelField(name, (one.alias,), one.outer_type_ if one.required else one.outer_type_ | None, bool(one.required))
        for name, one in model.__fields__.items()
    )
    extra = getattr(model.__config__, "extra", "")
    refused = getattr(extra, "value", extra) == "forbid"
    return ModelClass(fields, Strictness(unknown_fields="refused" if refused else "", numbers="any"))


def _msgspec(model: Any) -> ModelClass:
    config = model.__struct_config__
    hints = typing.get_type_hints(model, include_extras=True)
    fields = tuple(
        ModelField(one.name, (one.encode_name,), hints[one.name], one.required) for one in msgspec.structs.fields(model)
    )
    tag = (str(config.tag_field), str(config.tag)) if config.tag is not None else None
    rules = Strictness(unknown_fields="refused" if config.forbid_unknown_fields else "")
    return ModelClass(fields, rules, tag, config.array_like)


def _attrs(model: Any) -> ModelClass:
    hints = _hints(model)
    fields = []
    for one in model.__attrs_attrs__:
        if one.init:
            required = type(one.default).__name__ == "_Nothing"
            name = str(one.metadata.get("alias", one.alias or one.name))
            fields.append(ModelField(one.name, (name,), hints.get(one.name, one.type or Any), required))
    return ModelClass(tuple(fields))


def _dataclass(model: Any) -> ModelClass:
    hints = _hints(model)
    fields = tuple(
        ModelField(
            one.name,
            (str(one.metadata.get("alias", one.name)),),
            hints.get(one.name, Any),
            one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING,
        )
        for one in dataclasses.fields(model)
        if one.init
    )
    config = getattr(model, "__pydantic_config__", None)  # pydantic's own dataclasses
    refused = config is not None and config.get("extra") == "forbid"
    return ModelClass(fields, Strictness(unknown_fields="refused" if refused else ""))


def _typed_dict(model: Any) -> ModelClass:
    fields = []
    for name, hint in _hints(model).items():
        # What is written as text does not reach `__required_keys__`: https://github.com/python/cpython/issues/97727.
        said = {typing.Required: True, typing.NotRequired: False}.get(typing.get_origin(hint))
        fields.append(ModelField(name, (name,), hint, name in model.__required_keys__ if said is None else said))
    return ModelClass(tuple(fields))


def _named_tuple(model: Any) -> ModelClass:
    hints, defaults = _hints(model), model._field_defaults
    fields = tuple(ModelField(name, (name,), hints.get(name, Any), name not in defaults) for name in model._fields)
    return ModelClass(fields, as_array=True)


def _hints(model: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(model, include_extras=True)
    except (NameError, TypeError, AttributeError):  # of names that are there for type checkers alone
        return dict(getattr(model, "__annotations__", {}))


def _bare_annotation(annotation: Any) -> Any:
    """Return an annotation without what only qualifies it: Annotated, Required, Final, a new name for a type."""
    while True:
        origin = typing.get_origin(annotation)
        if origin in {typing.Annotated, typing.Required, typing.NotRequired, typing.Final, typing.ClassVar}:
            annotation = typing.get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif hasattr(annotation, "__value__"):  # a type alias of Python 3.12
            annotation = annotation.__value__
        else:
            return annotation


def _scalar_base(annotation: type) -> Any:
    return next((base for base in annotation.__mro__ if base in _SCALARS), None)


def _own(base: type) -> Iterable[str]:
    """Return what a class of words defines itself; the library's own say nothing."""
    return () if base.__module__ == "enum" else vars(base)


def of_words(read: ReadPath, values: Sequence[Any], rule: EnumRule) -> ReadPath:
    """Return a place with the words, numbers and truth values that it takes, null among them or not."""
    words = [value for value in values if value is not None]
    return replace(
        read,
        kinds=tuple(sorted(set(map(_kind_of_word, words)))),
        nullable=read.nullable or len(words) < len(values),
        enum=tuple(one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in words),
        enums=rule,
    )


def _kind_of_word(word: Any) -> str:
    if isinstance(word, bool):
        return "boolean"
    if isinstance(word, int):
        return "integer"
    return "number" if isinstance(word, float) else "string"


def _is_official_array(model: Any) -> bool:
    """Whether a class of an official SDK stands for an array of what it describes."""
    is_array = getattr(model, "is_array", None)
    return callable(is_array) and hasattr(model, "model_fields") and is_array() is True
