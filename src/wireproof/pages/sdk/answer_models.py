"""What the models of an SDK say of answers: the kinds at each generalised path.

Every field of theirs is optional, so they say what an answer may hold and nothing of what it must.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from wireproof.bounds import MOST_LEVELS
from wireproof.contract.paths import child, element
from wireproof.pages.sdk.source_modules import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Paths of one answer; that of the largest model has 120.
MOST_PATHS = 5000

_KINDS = {
    "StrictStr": "string", "str": "string", "constr": "string", "UUID": "string", "datetime": "string",
    "StrictInt": "integer", "int": "integer", "conint": "integer",
    "StrictFloat": "number", "float": "number", "Decimal": "number", "confloat": "number", "condecimal": "number",
    "StrictBool": "boolean", "bool": "boolean",
    "Any": "any", "object": "any",
}  # fmt: skip
_LISTS = {"List", "list", "Sequence", "Tuple", "tuple", "Set", "set", "conlist"}
_MAPS = {"Dict", "dict", "Mapping"}
_ASIDE = {"additional_properties", "model_config", "one_of_schemas", "any_of_schemas", "actual_instance",
          "discriminator_value_class_map"}  # fmt: skip


class FieldsOfModel(Struct):
    """The kinds at each path, the paths below which nothing is said, examples that are shown, and the fields' words."""

    kinds: dict[str, list[str]] = field(default_factory=dict)
    open_paths: set[str] = field(default_factory=set)
    shown: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    visits: int = 0  # of models; variants of variants may be more than there are paths

    def add(self, path: str, kind: str) -> None:
        """Note that a value of a kind may stand at a path."""
        known = self.kinds.setdefault(path, [])
        if kind not in known:
            known.append(kind)

    def leave_open(self, path: str, kind: str) -> None:
        """Note that a value of a kind may stand at a path, of which nothing more is said."""
        self.add(path, kind)
        self.open_paths.add(path)


class _Model(Struct):
    """A class of the SDK and the folder that it stands in."""

    folder: str
    tree: ast.ClassDef


class ModelIndex:
    """The models and enumerations of an SDK by name; of several of one name, those beside whoever asks come first."""

    def __init__(self, modules: Mapping[str, ast.Module]) -> None:
        self._models: dict[str, list[_Model]] = {}
        self._event_names: dict[str, list[tuple[str, dict[str, str]]]] = {}
        for path, tree in modules.items():
            folder = PurePosixPath(path).parent.as_posix()
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    self._models.setdefault(node.name, []).append(_Model(folder, node))
            names = _event_map(tree)
            if names:
                for node in tree.body:
                    if isinstance(node, ast.ClassDef):
                        self._event_names.setdefault(node.name, []).append((folder, names))

    def enum_values(self, name: str, near: str) -> tuple[str, ...]:
        """Return the values of an enumeration; none when there is no such."""
        found = self._find(name, near)
        if found is None:
            return ()
        return tuple(
            str(node.value.value)
            for node in found.tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str | int)
        )

    def is_enum(self, name: str, near: str) -> bool:
        """Whether a name is that of an enumeration."""
        found = self._find(name, near)
        return found is not None and any("Enum" in _name(base) for base in found.tree.bases)

    def has(self, name: str, near: str) -> bool:
        """Whether there is a model of that name."""
        return self._find(name, near) is not None

    def fields(self, name: str, near: str) -> FieldsOfModel:
        """Return what an answer of that model may hold."""
        out = FieldsOfModel()
        self._model(name, near, "", out, ())
        return out

    def own_fields(self, name: str, near: str) -> Iterator[tuple[str, ast.expr, ast.expr | None]]:
        """Yield the wire name, the annotation and the default of each field of a model and of what it derives from."""
        found = self._find(name, near)
        seen: set[str] = set()
        depth = 0
        while found is not None and depth < MOST_LEVELS:
            declared = _declared(found.tree)
            yield from (one for one in declared if one[0] not in seen)
            seen |= {one[0] for one in declared}
            bases = [_name(base) for base in found.tree.bases]
            found = next((at for base in bases if (at := self._find(base, near)) is not None and at is not found), None)
            depth += 1

    def union(self, name: str, near: str) -> list[str]:
        """Return the models that a model may be instead (oneOf); none for an ordinary one."""
        found = self._find(name, near)
        if found is None:
            return []
        out: list[str] = []
        for node in found.tree.body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            if node.target.id.startswith(("oneof_schema_", "anyof_schema_")):
                out += [one for one in _names(node.annotation) if self.has(one, near) and one not in out]
        return out

    def events(self, name: str, near: str) -> dict[str, str]:
        """Return the models of a union of events by the name of the event: as it is told, else that of the model."""
        members = self.union(name, near)
        told = next((names for at, names in self._event_names.get(name, ()) if _near(at, near)), {})
        by_model = {model: event for event, model in told.items()}
        return {by_model.get(member, member): member for member in members}

    def _find(self, name: str, near: str) -> _Model | None:
        known = self._models.get(name, ())
        return next((one for one in known if _near(one.folder, near)), known[0] if known else None)

    def _is_array(self, found: _Model) -> bool:
        for node in found.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "is_array":
                return any(
                    isinstance(one, ast.Return) and isinstance(one.value, ast.Constant) and one.value.value is True
                    for one in node.body
                )
        # What streams send as a list is generated as a model without fields of its own, made of that of its elements.
        own = [name for name, *_ in _declared(found.tree)]
        return not own and any(_name(base) == f"{found.tree.name}Inner" for base in found.tree.bases)

    def _model(self, name: str, near: str, path: str, out: FieldsOfModel, within: tuple[str, ...]) -> None:
        found = self._find(name, near)
        out.visits += 1
        is_too_much = len(within) > MOST_LEVELS or max(len(out.kinds), out.visits) > MOST_PATHS
        if found is None or name in within or is_too_much:
            out.leave_open(path, "any")
            return
        if self.is_enum(name, near):
            out.add(path, "string")
            return
        within = (*within, name)
        if members := self.union(name, near):
            for member in members:
                self._model(member, near, path, out, within)
            return
        if self._is_array(found) and not (within[:-1] and path.endswith("[]")):
            out.add(path, "array")
            path = element(path)
        fields = list(self.own_fields(name, near))
        if [one[0] for one in fields] == ["root"]:
            self._annotated(fields[0][1], near, path, out, within)
            return
        if not fields:
            # A list of lists, or an object of which the SDK says nothing: its generator leaves both empty.
            if not path.endswith("[]"):
                out.add(path, "object")
            out.open_paths.add(path)
            return
        out.add(path, "object")
        for wire, annotation, default in fields:
            here = child(path, wire)
            self._annotated(annotation, near, here, out, within)
            _told(default, here, out)

    def _annotated(  # what, where it stands, and what is known of there
        self, annotation: ast.expr, near: str, path: str, out: FieldsOfModel, within: tuple[str, ...]
    ) -> None:
        """Note what an annotation says; one that says nothing leaves the path open."""
        if len(out.kinds) > MOST_PATHS or path.count("[]") > MOST_LEVELS:
            return
        match annotation:
            case ast.Constant(value=None):
                return
            case ast.Constant(value=str() as text):
                try:
                    self._annotated(ast.parse(text, mode="eval").body, near, path, out, within)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    out.add(path, "any")
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                self._annotated(left, near, path, out, within)
                self._annotated(right, near, path, out, within)
            case ast.Subscript(value=holder, slice=inner):
                self._subscript(_name(holder), inner, near, path, out, within)
            case ast.Name() | ast.Attribute():
                name = _name(annotation)
                if name in _KINDS:
                    out.add(path, _KINDS[name])
                    if _KINDS[name] == "any":
                        out.open_paths.add(path)
                elif name in _LISTS:
                    out.leave_open(path, "array")
                elif name in _MAPS:
                    out.leave_open(path, "object")
                elif name != "None":
                    self._model(name, near, path, out, within)
            case ast.Call(func=function) if _name(function) in _KINDS:
                out.add(path, _KINDS[_name(function)])
            case _:
                out.leave_open(path, "any")

    def _subscript(  # noqa: PLR0917  # as above
        self, holder: str, inner: ast.expr, near: str, path: str, out: FieldsOfModel, within: tuple[str, ...]
    ) -> None:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if holder in {"Optional", "Union", "ClassVar", "Final"}:
            for part in parts:
                self._annotated(part, near, path, out, within)
        elif holder == "Annotated":
            self._annotated(parts[0], near, path, out, within)
        elif holder == "Literal":
            for part in parts:
                value = part.value if isinstance(part, ast.Constant) else None
                out.add(path, {str: "string", bool: "boolean", int: "integer"}.get(type(value), "any"))
        elif holder in _LISTS:
            out.add(path, "array")
            for part in parts:
                if not (isinstance(part, ast.Constant) and part.value is ...):
                    self._annotated(part, near, element(path), out, within)
        elif holder in _MAPS:
            out.leave_open(path, "object")
        else:
            out.leave_open(path, "any")


def _declared(tree: ast.ClassDef) -> list[tuple[str, ast.expr, ast.expr | None]]:
    """Return the fields that a class itself declares: wire name, annotation, default."""
    out: list[tuple[str, ast.expr, ast.expr | None]] = []
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        name = node.target.id
        if name in _ASIDE or name.startswith(("__", "oneof_schema_", "anyof_schema_")):
            continue
        if isinstance(node.annotation, ast.Subscript) and _name(node.annotation.value) == "ClassVar":
            continue
        out.append((str(_of_field(node, "alias") or name), node.annotation, node.value))
    return out


def _of_field(node: ast.AnnAssign, keyword: str) -> object:
    """Return a constant that `Field(...)` of a declaration has for a keyword, in its default or its annotation."""
    for one in (node.value, node.annotation):
        for call in (inner for inner in (ast.walk(one) if one is not None else ()) if isinstance(inner, ast.Call)):
            if _name(call.func) == "Field":
                found = next((k.value for k in call.keywords if k.arg == keyword), None)
                if isinstance(found, ast.Constant):
                    return found.value
    return None


def _told(default: ast.expr | None, path: str, out: FieldsOfModel) -> None:
    """Note the words and the example that `Field(...)` has for a field."""
    if not (isinstance(default, ast.Call) and _name(default.func) == "Field"):
        return
    for keyword in default.keywords:
        try:
            value = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
        if keyword.arg == "description" and isinstance(value, str):
            out.words[path] = " ".join(value.split())
        elif keyword.arg == "examples" and isinstance(value, list) and value:
            out.shown[path] = value[0]
        elif keyword.arg == "example":
            out.shown[path] = value


def _event_map(tree: ast.Module) -> dict[str, str]:
    """Return the models of a module of events by event name, where the module lists them."""
    for node in statements(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any("EVENT_SCHEMA_MAP" in _name(one) or "class_map" in _name(one) for one in targets):
                pairs = zip(node.value.keys, node.value.values, strict=True)
                found = {
                    str(key.value): str(value.value) if isinstance(value, ast.Constant) else _name(value)
                    for key, value in pairs
                    if isinstance(key, ast.Constant)
                }
                if found:
                    return found
    return {}


def _names(annotation: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)]


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name(value)
    return ""


def _near(folder: str, near: str) -> bool:
    """Whether two folders of an SDK are of the same part of it: `rest_api/api` and `rest_api/models`."""
    return folder.rpartition("/")[0] == near.rpartition("/")[0]
