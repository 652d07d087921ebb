"""The JSON Schemas of the store's files, made from their models, so that editors complete, explain and check them."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import msgspec

from wireproof.contract.contract_file import KEYS, KINDS, ContractFile
from wireproof.contract.dated_changes import Changes
from wireproof.contract.model import Contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: What there is a schema of: contract files, and `changes.json` of a product.
SCHEMAS = {"contract": ContractFile, "changes": Changes}

_COMMENT = re.compile(r"^    (\w+): .*?  # (?!noqa)(.+)$", re.MULTILINE)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_schema(name: str, words: Mapping[str, Iterable[str]]) -> str:
    """Return one of `SCHEMAS` as indented JSON; each key has the words that its model says beside it.

    `words` are the names that a key may have, or each element of its list, by struct and key (`Case.needs`).
    """
    schema = {"$schema": _DIALECT, **msgspec.json.schema(SCHEMAS[name])}
    structs = dict(_structs(SCHEMAS[name]))
    for kind, definition in schema["$defs"].items():
        comments = _comments(structs[kind]) if kind in structs else {}
        for key, said in definition.get("properties", {}).items():
            if key in comments:
                said["description"] = comments[key]
            if names := sorted(words.get(f"{kind}.{key}", ())):
                said.get("items", said)["enum"] = names
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()


def _structs(kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield each struct that a type is made of, by its name in the schema."""
    for info in msgspec.inspect.multi_type_info([kind]):
        yield from _within(info, set())


def _within(info: Any, seen: set[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(info, msgspec.inspect.StructType):
        if info.cls in seen:
            return
        seen.add(info.cls)
        yield info.cls.__name__, info.cls
        parts = [one.type for one in info.fields]
    else:
        parts = [*getattr(info, "types", ()), *getattr(info, "item_types", ())]
        parts += [one for one in (getattr(info, name, None) for name in ("item_type", "value_type")) if one is not None]
    for part in parts:
        yield from _within(part, seen)


def _comments(struct: Any) -> dict[str, str]:
    """Return what stands beside the fields of a struct in its source, by key."""
    source = inspect.getsource(Contract if struct is ContractFile else struct)
    said = dict(_COMMENT.findall(source))
    found = {one.encode_name: said[one.name] for one in msgspec.structs.fields(struct) if one.name in said}
    if struct is ContractFile:
        found["$schema"] = "where this schema is, for editors"
        for key in KINDS:
            surfaces = " or ".join(surface.value for surface, one in KEYS.items() if one == key)
            found[key] = f"the subject of a contract of {surfaces}"
    return found
