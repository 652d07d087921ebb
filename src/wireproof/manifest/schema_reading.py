"""Reads what a client reads from a JSON Schema or an OpenAPI document, as clients in other languages can give it.

References within the document are followed; parts of `allOf` read together, those of `oneOf` and `anyOf` as
alternatives. An object with `additionalProperties: false` refuses unknown fields. A schema that holds itself is read
whole from there on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec.structs import replace

from wireproof.bounds import MIB, MOST_LEVELS, is_deeper, read_file
from wireproof.contract.paths import child, element
from wireproof.errors import UsageError
from wireproof.manifest.client_manifest import ReadPath
from wireproof.manifest.reflection import of_words, united
from wireproof.manifest.used_paths import all_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_OF_A_SCHEMA = 64 * MIB
_VERBS = ("get", "put", "post", "delete", "patch")
_KINDS: dict[str, tuple[str, ...]] = {
    "object": ("object",),
    "array": ("array",),
    "string": ("string",),
    "boolean": ("boolean",),
    "integer": ("integer",),
    "number": ("integer", "number"),
}
_DECIMAL_FORMATS = frozenset({"decimal", "decimal-string", "bigdecimal"})


class SchemaUse(NamedTuple):
    """What one operation of an OpenAPI document reads: its verb, its paths with and without the server's, its reads."""

    method: str
    paths: tuple[str, ...]
    reads: list[ReadPath]


class SchemaReader:
    """Reads the schemas of one document.

    `said` is how the document is named in errors.
    """

    def __init__(self, document: Any, said: str) -> None:
        self._document, self._said = document, said

    def whole(self, name: str) -> list[ReadPath]:
        """Return what the document itself, a JSON Schema, reads; `name` stands for it where it has no title."""
        return list(self._place(self._document, ReadPath(path="", required=True), name, ()))

    def operations(self) -> Iterator[SchemaUse]:
        """Yield what each operation of an OpenAPI document reads of its answer of success."""
        paths = self._document.get("paths")
        if not isinstance(paths, dict) or not paths:
            raise UsageError(f"{self._said} has no paths. --openapi takes an OpenAPI document of version 3.")
        servers = self._document.get("servers") or []
        bases = {urlsplit(str(one.get("url", ""))).path.rstrip("/") for one in servers if isinstance(one, dict)}
        for path, item in paths.items():
            for verb in _VERBS:
                operation = self._followed(item).get(verb)
                if not isinstance(operation, dict):
                    continue
                schema = self._success(operation)
                if schema is not None:
                    name = str(operation.get("operationId") or f"{verb.upper()} {path}")
                    found = list(self._place(schema, ReadPath(path="", required=True), name, ()))
                    yield SchemaUse(verb.upper(), tuple(dict.fromkeys([path, *(base + path for base in bases)])), found)

    def _success(self, operation: dict[str, Any]) -> Any:
        answers = self._followed(operation.get("responses"))
        for status in sorted(answers):
            if str(status).startswith("2") or status == "default":
                content = self._followed(answers[status]).get("content")
                for media, one in content.items() if isinstance(content, dict) else ():
                    if "json" in media and isinstance(one, dict) and "schema" in one:
                        return one["schema"]
        return None

    def _followed(self, schema: Any) -> dict[str, Any]:
        """Return what a schema refers to, or itself; of true, which takes anything, an empty one."""
        for _ in range(MOST_LEVELS):
            if not isinstance(schema, dict):
                return {}
            if "$ref" not in schema:
                return schema
            schema = {**self._target(str(schema["$ref"])), **{k: v for k, v in schema.items() if k != "$ref"}}
        raise UsageError(f"{self._said}: references lead in a circle.")

    def _target(self, reference: str) -> dict[str, Any]:
        if not reference.startswith("#"):
            raise UsageError(
                f"{self._said} refers to {reference!r}, which is another document. Bundle all into one file first."
            )
        found = self._document
        for step in filter(None, reference[1:].split("/")):
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                raise UsageError(f"{self._said}: there is nothing at {reference!r}.")
        return found if isinstance(found, dict) else {}

    def _place(self, schema: Any, read: ReadPath, name: str, inside: tuple[str, ...]) -> Iterator[ReadPath]:
        """Yield what a schema reads at a place and below; `name` is what the object there is called."""
        reference = str(schema.get("$ref", "")) if isinstance(schema, dict) else ""
        if reference:
            name = reference.rpartition("/")[2]
            if reference in inside:
                yield replace(read, path=all_below(read.path), kinds=("object",))
                return
            inside = (*inside, reference)
        schema = self._followed(schema)
        name = str(schema.get("title", name)).replace(" ", "")
        read = replace(read, by=read.by or name, nullable=read.nullable or schema.get("nullable") is True)
        for word in ("oneOf", "anyOf"):
            if isinstance(schema.get(word), list):
                rest = {key: value for key, value in schema.items() if key != word}
                yield from self._alternatives(schema[word], rest, read, name, inside)
                return
        if isinstance(schema.get("allOf"), list):
            yield from self._together(schema, read, name, inside)
            return
        if "enum" in schema or "const" in schema:
            yield of_words(read, schema.get("enum", [schema.get("const")]), "closed")
            return
        yield from self._typed(schema, read, name, inside)

    def _alternatives(
        self, parts: list[Any], rest: dict[str, Any], read: ReadPath, name: str, inside: tuple[str, ...]
    ) -> Iterator[ReadPath]:
        some = [part for part in parts if not (isinstance(part, dict) and part.get("type") == "null")]
        there = replace(read, nullable=read.nullable or len(some) < len(parts))
        found = [list(self._place(part, there, name, inside)) for part in some]
        beside = list(self._typed(rest, there, name, inside)) if "properties" in rest else []
        yield from united(found, read)
        yield from beside

    def _together(
        self, schema: dict[str, Any], read: ReadPath, name: str, inside: tuple[str, ...]
    ) -> Iterator[ReadPath]:
        """Yield what the parts of `allOf` read: one object with the fields of all."""
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            one = self._followed(part)
            if "allOf" in one or "oneOf" in one or "anyOf" in one:
                yield from self._place(part, read, name, inside)
                continue
            properties = {**one.get("properties", {}), **merged.get("properties", {})}
            required = [*one.get("required", []), *merged.get("required", [])]
            merged = {**one, **merged, "properties": properties, "required": required}
        if merged.get("properties") or merged.get("type") or "enum" in merged:
            yield from self._place({key: value for key, value in merged.items() if key != "$ref"}, read, name, inside)

    def _typed(self, schema: dict[str, Any], read: ReadPath, name: str, inside: tuple[str, ...]) -> Iterator[ReadPath]:
        types = schema.get("type")
        several = [str(one) for one in types] if isinstance(types, list) else [str(types)] if types else []
        if not several:
            several = ["object"] * ("properties" in schema) + ["array"] * ("items" in schema or "prefixItems" in schema)
        read = replace(read, nullable=read.nullable or "null" in several)
        kinds = tuple(kind for one in several for kind in _KINDS.get(one, ()))
        if not kinds:
            yield replace(read, path=all_below(read.path), nullable=True)
            return
        if kinds == ("string",) and schema.get("format") in _DECIMAL_FORMATS:
            kinds = ("decimal",)
        has_fields = "object" in kinds and (schema.get("properties") or schema.get("additionalProperties") is False)
        rest = schema.get("additionalProperties")
        refused = "refused" if "object" in kinds and rest is False else ""
        yield replace(read, kinds=kinds, model=name if has_fields else "", unknown_fields=refused)
        if "object" in kinds:
            yield from self._object(schema, read, name, inside)
        if "array" in kinds:
            yield from self._array(schema, read, name, inside)

    def _object(self, schema: dict[str, Any], read: ReadPath, name: str, inside: tuple[str, ...]) -> Iterator[ReadPath]:
        properties, required = schema.get("properties") or {}, schema.get("required") or []
        for key, one in properties.items():
            there = ReadPath(path=child(read.path, key), by=f"{name}.{key}", required=key in required)
            yield from self._place(one, there, f"{name}.{key}", inside)
        rest = schema.get("additionalProperties")
        if isinstance(rest, dict) or not properties:
            below = f"{read.path}.*" if read.path else "*"
            if isinstance(rest, dict) and rest:
                yield from self._place(rest, ReadPath(path=below, by=read.by), name, inside)
            elif rest is not False:
                yield ReadPath(path=all_below(read.path), by=read.by, nullable=True)

    def _array(self, schema: dict[str, Any], read: ReadPath, name: str, inside: tuple[str, ...]) -> Iterator[ReadPath]:
        positions = schema.get("prefixItems")
        if isinstance(positions, list):
            least = int(schema.get("minItems", 0))
            for number, one in enumerate(positions):
                there = ReadPath(path=f"{read.path}[{number}]", by=read.by, required=number < least)
                yield from self._place(one, there, name, inside)
            return
        there = ReadPath(path=element(read.path), by=read.by)
        yield from self._place(schema.get("items", {}), there, name, inside)


def read_schema(file: Path) -> SchemaReader:
    """Return a reader of a JSON file; UsageError for what is none, or is nested too deep."""
    try:
        document = msgspec.json.decode(read_file(file, _MOST_OF_A_SCHEMA))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}. Save YAML as JSON first.") from None
    if not isinstance(document, dict) or is_deeper(document, 4 * MOST_LEVELS):
        raise UsageError(f"{file} is no JSON Schema and no OpenAPI document: it holds no object, or one too deep.")
    return SchemaReader(document, str(file))
