"""Reads parameter tables: wire name, type, mandatory, and what the description column says of values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from wireproof.contract.model import JsonScalar, Param, ParamType
from wireproof.pages.reading.blocks import half_width
from wireproof.pages.reading.terms import (
    DESCRIPTION_COLUMNS,
    NAME_COLUMNS,
    NO,
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    TYPE_COLUMNS,
    YES,
)

if TYPE_CHECKING:
    from wireproof.pages.reading.blocks import Table

_TYPES: dict[str, ParamType] = {
    "STRING": "STRING", "STR": "STRING", "TEXT": "STRING", "JSON": "STRING",
    "INT": "INT", "INTEGER": "INT", "SHORT": "INT",
    "LONG": "LONG", "BIGINT": "LONG", "TIMESTAMP": "LONG",
    "DECIMAL": "DECIMAL", "BIGDECIMAL": "DECIMAL", "FLOAT": "DECIMAL", "DOUBLE": "DECIMAL", "NUMBER": "DECIMAL",
    "ENUM": "ENUM",
    "BOOLEAN": "BOOLEAN", "BOOL": "BOOLEAN",
    "ARRAY": "ARRAY", "LIST": "ARRAY",
}  # fmt: skip

_NAME = re.compile(r"[A-Za-z_][\w.\[\]]*")
# A clause with one of these speaks of other parameters or of when to send this one, not of its values.
_OTHER_MATTER = re.compile(
    r"used with|avail?[ai]?able for|avaliable for|cannot|can't|can not|must|default to|mandatory|combination|provided|"
    r"required|effective|仅|必须|不能|配合",
    re.IGNORECASE,
)
_UPPER = re.compile(r"(?<![\w.])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?![\w.])")
# What a value is said of before the values are listed, and the default, which is none of the listed values by itself.
_ASIDE = re.compile(
    r"\b[Ff]or\s+[\"'`]?[A-Z][A-Z_]+[\"'`]?\s+[a-z]\w*\s*,"
    r"|[(,;]?\s*\b(?:[Dd]efault|DEFAULT)(?:\s+(?:is|value))?\s*:?\s*[\"'`]?[A-Z]\w*[\"'`]?"
)
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")
_NO_VALUES = {"STP", "ID", "TIF", "USDT", "USD", "UTC", "INCLUSIVE", "EXCLUSIVE", "MMP", "OR", "AND", "DEFAULT", "API",
              "JSON"}  # fmt: skip


def params_of(tables: tuple[Table, ...]) -> tuple[tuple[Param, ...], tuple[str, ...]]:
    """Return the parameters that the tables of a page's parameter part give, and notes on what was read with doubt.

    A second parameter table describes the elements of the one list parameter of the first.
    """
    notes: list[str] = []
    groups = [group for table in tables if (group := _rows(table, notes))]
    if not groups:
        return (), tuple(notes)
    first = groups[0]
    for items in groups[1:]:
        holder = next((i for i, param in enumerate(first) if param.type == "ARRAY" and not param.items), None)
        if holder is None:
            known = {param.name for param in first}
            first += [param for param in items if param.name not in known]
        else:
            first[holder] = msgspec.structs.replace(first[holder], items=tuple(items))
    return tuple(first), tuple(notes)


def is_parameter_table(table: Table) -> bool:
    """Whether a table's header is that of a parameter table."""
    return (
        _column(table, NAME_COLUMNS) is not None and _column(table, TYPE_COLUMNS) is not None and len(table.header) > 2
    )


def _column(table: Table, names: tuple[str, ...]) -> int | None:
    return next((i for i, cell in enumerate(table.header) if cell.strip(" *`_:").lower().rstrip("?") in names), None)


def _rows(table: Table, notes: list[str]) -> list[Param]:
    if not is_parameter_table(table):
        return []
    name_at, type_at = _column(table, NAME_COLUMNS) or 0, _column(table, TYPE_COLUMNS) or 0
    optional_at = _column(table, OPTIONAL_COLUMNS)
    required_at, words_at = _column(table, REQUIRED_COLUMNS), _column(table, DESCRIPTION_COLUMNS)
    out: dict[str, Param] = {}
    for row in table.rows:
        cells = (*row, *[""] * len(table.header))
        name = cells[name_at].strip(" *`")
        if not any(cell.strip() for cell in row):
            continue
        if not _NAME.fullmatch(name):
            notes.append(f"parameter row {name!r} has no name of a field and was left out")
            continue
        words = cells[words_at] if words_at is not None else ""
        required = cells[required_at] if required_at is not None else "NO"
        if required_at is None and optional_at is not None:
            required = "NO" if cells[optional_at].strip(" *`").lower() in YES else "YES"
        if name in out:
            notes.append(f"parameter {name} has two rows; the first was kept")
            continue
        out[name] = param_of(name, cells[type_at], required, words, notes)
    return list(out.values())


def param_of(name: str, kind: str, required: str, words: str, notes: list[str]) -> Param:
    """Return the parameter that one table row describes; doubts are appended to `notes`."""
    type_ = _type(name, kind, notes)
    mandatory = required.strip().lower().strip("*.` ")
    if mandatory not in YES and mandatory not in NO:
        notes.append(f"parameter {name}: {required!r} is neither yes nor no; read as not mandatory")
    values = enum_of(type_, words)
    low, high = range_of(type_, words)
    return Param(
        name=name,
        type=type_,
        required=mandatory in YES,
        enum=values,
        default=default_of(type_, words, values),
        minimum=low,
        maximum=high,
    )


def _type(name: str, kind: str, notes: list[str]) -> ParamType:
    word = re.sub(r"\s", "", kind).upper().strip("`*")
    base = re.split(r"[<(\[]", word)[0]
    if word.endswith("[]") or base in {"LIST", "ARRAY"}:
        return "ARRAY"
    if base in _TYPES:
        return _TYPES[base]
    notes.append(f"parameter {name}: type {kind!r} is not known; read as STRING")
    return "STRING"


def enum_of(type_: ParamType, words: str) -> tuple[str, ...]:
    """Return the values that a description lists; empty when it lists none."""
    if type_ in {"DECIMAL", "ARRAY", "BOOLEAN"} or not words:
        return ()
    words = half_width(words)
    if limits := re.search(r"valid (?:limits|values)\s*:?\s*(?:are)?\s*\[([^\]]+)\]", words, re.IGNORECASE):
        return tuple(part.strip().strip('"') for part in limits[1].split(","))
    if type_ in {"INT", "LONG"}:
        numbered = re.findall(r"(?<![\w.])(\d)\s*:", words)
        return tuple(dict.fromkeys(numbered)) if len(numbered) > 1 else ()
    values = _listed_values(type_, words)
    default = default_of(type_, words, values)
    # A default is a value, also where the list forgets it.
    if values and isinstance(default, str) and default.lower() not in map(str.lower, values):
        return (default, *values)
    return values


def _listed_values(type_: ParamType, words: str) -> tuple[str, ...]:
    named = re.findall(r"(?<![\w.])([A-Z][A-Z0-9_]{2,})\s*:(?!/)", words)
    if len(named) > 1:
        return tuple(dict.fromkeys(named))
    switch = re.match(r"[\"']?(true|false|TRUE|FALSE)[\"']?\s*(?:or|,|/|:)", words)
    if switch:
        found = re.findall(r"\b(true|false|TRUE|FALSE)\b", words)
        return tuple(dict.fromkeys(found)) if len(set(found)) > 1 else ()
    if type_ != "ENUM" and not (_QUOTED.match(words.strip()) or re.match(r"[A-Z][A-Z_]+,\s*[A-Z][A-Z_]+,", words)):
        return ()
    values: list[str] = []
    words = _ASIDE.sub(" ", words)
    for clause in re.split(r"[;.]\s|;|\.$", words):
        after = re.split(r"can be set to|valid values are|one of", clause, flags=re.IGNORECASE)
        if len(after) == 1 and _OTHER_MATTER.search(clause):
            continue
        text = after[-1]
        quoted = _QUOTED.findall(text)
        values += quoted or [v for v in _UPPER.findall(text) if len(v) > 2 and v not in _NO_VALUES]
        if not quoted and type_ == "ENUM":
            values += re.findall(r"(?<![\w.])\d+[smhdwM](?!\w)", text)
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def default_of(type_: ParamType, words: str, values: tuple[str, ...]) -> JsonScalar:
    """Return the default that a description names as a value; None when it names none or only describes it."""
    found = re.search(r"(?:default|默认)(?:\s+(?:is|value))?\s*[:为]?\s*[\"“]?([\w.]+)[\"”]?", words, re.IGNORECASE)
    if not found:
        return None
    value = found[1].rstrip(".")
    if type_ in {"INT", "LONG"}:
        return int(value) if re.fullmatch(r"\d{1,15}", value) else None
    if type_ == "BOOLEAN":
        return {"true": True, "false": False}.get(value.lower())
    if type_ == "DECIMAL":
        return value if re.fullmatch(r"\d+(?:\.\d+)?", value) else None
    if value in values or value in {"true", "false", "TRUE", "FALSE"}:
        return value
    return value if type_ == "ENUM" and re.fullmatch(r"[A-Z][A-Z_0-9]{2,}", value) else None


def range_of(type_: ParamType, words: str) -> tuple[int | float | None, int | float | None]:
    """Return the smallest and largest allowed value that a description names; the length of a list is no value."""
    if type_ in {"ARRAY", "STRING", "ENUM", "BOOLEAN"}:
        return None, None
    if span := re.search(r"from\s+(\d+)\s+to\s+(\d+)", words):
        return int(span[1]), int(span[2])
    if span := re.search(r"range\s*[(\[]\s*([\d.]+)\s*,\s*([\d.]+)\s*[)\]]", words, re.IGNORECASE):
        return None if "(" in span[0] else _amount(span[1]), None if span[0].endswith(")") else _amount(span[2])
    low = re.search(r"\bmin(?:imum)?\b(?: acceptable value is)?\s*:?\s*(\d[\d,.]*)", words, re.IGNORECASE)
    high = re.search(
        r"(?:\bmax(?:imum)?\b\s*:?\s*|cannot be greater than\s*|最大(?:值)?(?:为)?\s*:?\s*)(\d[\d,.]*)",
        words,
        re.IGNORECASE,
    )
    return (_amount(low[1]) if low else None), (_amount(high[1]) if high else None)


def _amount(text: str) -> int | float:
    text = text.replace(",", "").rstrip(".")
    return float(text) if "." in text else int(text)
