"""Finds the requests, streams and events in the source of an SDK."""

from __future__ import annotations

import ast
import keyword
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.model import Param, Security, Surface
from wireproof.pages.extracting.parameters import default_of, enum_of, range_of
from wireproof.pages.extracting.weights import weight_of
from wireproof.pages.sdk.answer_models import ModelIndex
from wireproof.pages.sdk.described import Described
from wireproof.pages.sdk.docstrings import Docstring, read_docstring
from wireproof.pages.sdk.source_modules import parse_modules, statements

if TYPE_CHECKING:
    from wireproof.contract.model import ParamType
    from wireproof.pages.sdk.package_files import Package

_TYPES: dict[str, ParamType] = {
    "str": "STRING", "StrictStr": "STRING",
    "int": "LONG", "StrictInt": "LONG",
    "float": "DECIMAL", "StrictFloat": "DECIMAL", "Decimal": "DECIMAL",
    "bool": "BOOLEAN", "StrictBool": "BOOLEAN",
    "list": "ARRAY", "List": "ARRAY",
}  # fmt: skip
_VERBS = {"GET", "POST", "PUT", "DELETE", "PATCH"}


class SdkContents(Struct):
    """What an SDK describes, by key, and what of it could not be read."""

    package: str
    version: str
    entries: dict[tuple[str, str], Described]
    notes: list[str]


def contents_of(package: Package) -> SdkContents:
    """Return all requests, streams and events that an SDK describes."""
    modules = parse_modules(package.files)
    models = ModelIndex({**modules.models, **modules.clients})
    out = SdkContents(package.name, package.version, {}, list(modules.unreadable))
    for path, tree in modules.clients.items():
        near = PurePosixPath(path).parent.as_posix()
        for function in (node for node in statements(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            try:
                found = _entries(function, near, models)
            except RecursionError:
                out.notes.append(f"{path}: {function.name}: nested deeper than can be read")
                continue
            for entry in found:
                known = out.entries.get(entry.key)
                if known is None or (not known.fields and entry.fields):
                    out.entries[entry.key] = entry
    return out


def _entries(function: ast.FunctionDef | ast.AsyncFunctionDef, near: str, models: ModelIndex) -> list[Described]:
    """Return what a function sends or subscribes to; for the user's data, each event of it."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    said = read_docstring(ast.get_docstring(function, clean=False) or "")
    for call in calls:
        words = {word.arg: word.value for word in call.keywords}
        verb, path = _text(words.get("method")), _text(words.get("path"))
        if verb in _VERBS and path.startswith("/"):
            entry = _described(Surface.REST, verb, said, words.get("response_model"), near, models, path=path)
            return [_with_params(entry, function, said, near, models, signed=_is_true(words.get("is_signed")))]
    for call in calls:
        sends = _called(call)
        if sends in {"send_message", "send_signed_message"} and (method := _ws_method(function)):
            words = {word.arg: word.value for word in call.keywords}
            entry = _described(Surface.WS_API, method, said, words.get("response_model"), near, models)
            signed = sends == "send_signed_message" or _is_true(words.get("is_signed"))
            return [_with_params(entry, function, said, near, models, signed=signed)]
    pattern = next(
        (_text(call.args[0]) for call in calls if _called(call) == "ws_streams_placeholder" and call.args), ""
    )
    for call in calls:
        if _called(call) != "RequestStream":
            continue
        words = {word.arg: word.value for word in call.keywords}
        model = words.get("response_model")
        if pattern:
            entry = _described(Surface.STREAM, pattern.strip("/"), said, model, near, models)
            return [_with_params(entry, function, said, near, models, signed=False)]
        if isinstance(model, ast.Name):
            return [
                _event(event, member, near, models) for event, member in models.events(model.id, _sibling(near)).items()
            ]
    return []


def _event(event: str, member: str, near: str, models: ModelIndex) -> Described:
    found = models.fields(member, _sibling(near))
    return Described(
        surface=Surface.EVENT,
        name=event,
        model=member,
        fields={path: tuple(kinds) for path, kinds in found.kinds.items()},
        open_paths=frozenset(found.open_paths),
        shown=found.shown,
        field_words=found.words,
    )


def _described(  # noqa: PLR0917  # what it is, what is said of it, and where its models are
    surface: Surface,
    name: str,
    said: Docstring,
    model: ast.expr | None,
    near: str,
    models: ModelIndex,
    *,
    path: str = "",
) -> Described:
    fields = models.fields(model.id, near) if isinstance(model, ast.Name) and models.has(model.id, near) else None
    return Described(
        surface=surface,
        name=name,
        path=path,
        title=said.title,
        url=said.url,
        security=said.security,
        weight_words=said.weight,
        speed=said.speed,
        deprecated=said.deprecated,
        fields={at: tuple(kinds) for at, kinds in fields.kinds.items()} if fields else {},
        open_paths=frozenset(fields.open_paths) if fields else frozenset({""}),
        shown=fields.shown if fields else {},
        words=tuple(said.words),
        field_words=fields.words if fields else {},
    )


def _with_params(  # as above
    entry: Described,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    said: Docstring,
    near: str,
    models: ModelIndex,
    *,
    signed: bool,
) -> Described:
    """Return an entry with the parameters of its function, under their names on the wire, and its weight."""
    names = _wire_names(function)
    arguments = [*function.args.posonlyargs, *function.args.args]
    defaults = [*([None] * (len(arguments) - len(function.args.defaults))), *function.args.defaults]
    pairs = [
        *zip(arguments, defaults, strict=True),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]
    params: list[Param] = []
    words: dict[str, str] = {}
    for argument, default in pairs:
        if argument.arg in {"self", "cls"}:
            continue
        wire = names.get(argument.arg, _camel(argument.arg))
        # The id of a request over a socket, and of a subscription, is the envelope's.
        if argument.arg == "id" and entry.surface in {Surface.WS_API, Surface.STREAM} and f"<{wire}>" not in entry.name:
            continue
        told = said.params.get(argument.arg, "")
        params.append(_param(wire, argument.annotation, default, told, near, models))
        words[f"parameter {wire}"] = told
    if signed and not any(param.name == "timestamp" for param in params):
        params.append(Param(name="timestamp", type="LONG", required=True))
    limit = next((param.default for param in params if param.name == "limit"), None)
    weight = weight_of(entry.weight_words, tuple(said.weight_tables), limit_default=limit)
    if weight is not None and said.weight_of == "UID" and not weight.uid:
        weight = replace(weight, ip=0, uid=weight.ip)
    if weight is not None and said.weight_of.startswith("ORDER") and not weight.orders_1m:
        weight = replace(weight, ip=0, orders_1m=weight.ip)
    security = entry.security
    if security is None and entry.surface in {Surface.REST, Surface.WS_API} and not signed and entry.title:
        security = Security.NONE
    return replace(
        entry,
        params=tuple(params),
        weight=weight,
        security=security,
        field_words={**entry.field_words, **{name: told for name, told in words.items() if told}},
    )


def _param(  # noqa: PLR0917  # what a declaration consists of
    name: str, annotation: ast.expr | None, default: ast.expr | None, words: str, near: str, models: ModelIndex
) -> Param:
    named = [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)] if annotation is not None else []
    optional = default is not None
    enum = next((one for one in named if models.is_enum(one, near)), "")
    values = models.enum_values(enum, near) if enum else ()
    listed = next((one for one in named if one in {"List", "list"}), "")
    type_: ParamType = "ENUM" if values else next((_TYPES[one] for one in named if one in _TYPES), "STRING")
    items: tuple[Param, ...] = ()
    if listed:
        type_, values = "ARRAY", ()
        inner = next((one for one in named if models.has(one, near) and not models.is_enum(one, near)), "")
        if inner:
            items = tuple(
                _param(wire, said, kept, _described_words(kept), near, models)
                for wire, said, kept in models.own_fields(inner, near)
            )
            items = tuple(replace(one, required=False) for one in items)
    elif values and {value.casefold() for value in values} == {"true", "false"}:
        type_ = "BOOLEAN"
    low, high = range_of(type_, words)
    bounds = _bounds(annotation)
    given = enum_of(type_, words) if not values and type_ == "ENUM" else values
    literal = default.value if isinstance(default, ast.Constant) else None
    said = literal if isinstance(literal, str | int | float) else default_of(type_, words, values)
    return Param(
        name=name,
        type=type_,
        required=not optional,
        enum=given,
        items=items,
        default=said,
        # A bound in the annotation is a whole number: of 0.1 the generator makes 1.
        minimum=bounds.get("ge") if low is None else low,
        maximum=bounds.get("le") if high is None else high,
    )


def _described_words(default: ast.expr | None) -> str:
    if isinstance(default, ast.Call):
        for word in default.keywords:
            if word.arg == "description":
                return _text(word.value)
    return ""


def _bounds(annotation: ast.expr | None) -> dict[str, int | float]:
    """Return the bounds that `Field(le=…)` of an annotation gives."""
    if annotation is None:
        return {}
    return {
        str(word.arg): word.value.value
        for call in ast.walk(annotation)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg in {"ge", "le"}
        and isinstance(word.value, ast.Constant)
        and isinstance(word.value.value, int | float)
    }


def _wire_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, str]:
    """Return the wire names of arguments, where a dictionary of the function sends them under a name."""
    out: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Name):
                    out.setdefault(value.id, _camel(key.value))
    return out


def _ws_method(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "method":
                    return _text(value).strip("/")
    return ""


def _text(node: ast.expr | None) -> str:
    """Return the first string in an expression: of `"/order.place".replace("/", "", 1)` the method."""
    if node is None:
        return ""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Call(func=ast.Attribute(value=value)):
            return _text(value)
    return ""


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _camel(name: str) -> str:
    # What Python has a meaning for gets a prefix from the generator: `var_from` is sent as `from`.
    plain = name.removeprefix("var_").strip("_")
    if keyword.iskeyword(plain) or (name != plain and plain in {"type", "id", "from"}):
        return plain
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:].lower() for part in rest)


def _sibling(near: str) -> str:
    """Return a folder beside the models that a module in `near` uses: `user_data` stands one level above the others."""
    return near if re.search(r"/(?:api|streams)$", near) else f"{near}/streams"
