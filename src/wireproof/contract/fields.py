"""What a field means wherever it occurs in a product: the rules of `product.json`, looked up by contract and path.

A place is a contract id as a glob and a generalised path, parted by a space. In the glob `*` stands for any text and
`?` for one character. In the path `*` stands for one key or a part of it, `[]` for any position of an array, and a
leading `**.` for any path, none included. A path of the WebSocket API is looked up below `result` as well. The first
rule that matches holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wireproof.contract.model import FieldRule, Product

Rules = Callable[[str], "FieldRule | None"]

_ANYWHERE = "**."
_KEY = r"[^.\[\]\"]+"
_PART = r"[^.\[\]\"]*"
_QUOTED = r'\["(?:[^"\\]|\\.)*"\]'
_TOKEN = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\]|\.\*(?=[.\[]|$)|\*|.', re.DOTALL)
_POSITIONS = re.compile(r"\[\d*\]")
_LAST_KEY = re.compile(r'[^.\[\]"]*"?\]?$')


class Place(NamedTuple):
    """One entry of `where` or `except`, read."""

    text: str
    contracts: str  # a glob
    path: str

    def is_at(self, contract_id: str, path: str) -> bool:
        """Say whether this place is at a path of a contract, below `result` included for the WebSocket API."""
        if not _glob(self.contracts).fullmatch(contract_id):
            return False
        matches = _path(self.path).fullmatch
        below = _below_result(contract_id, path)
        return matches(path) is not None or (below is not None and matches(below) is not None)


def place(text: str) -> Place:
    """Read an entry of `where` or `except`."""
    contracts, _, path = text.partition(" ")
    return Place(text, contracts, path)


class _Entry(NamedTuple):
    order: int
    place: Place
    rule: FieldRule
    exceptions: tuple[Place, ...]


class _Index:
    """The places of a product's rules, by the last key of their paths."""

    def __init__(self, fields: tuple[FieldRule, ...]) -> None:
        self.fields = fields
        self.globs: set[str] = set()
        self._by_key: dict[str, list[_Entry]] = {}
        self._others: list[_Entry] = []
        for order, rule in enumerate(fields):
            exceptions = tuple(map(place, rule.except_))
            for where in map(place, rule.where):
                entry = _Entry(order, where, rule, exceptions)
                self.globs.add(where.contracts)
                key = _last_key(where.path)
                self._others.append(entry) if "*" in key else self._by_key.setdefault(key, []).append(entry)

    def at(self, contract_id: str, globs: set[str], path: str) -> FieldRule | None:
        """Return the first rule that holds at a path of a contract, whose matching globs are `globs`."""
        entries = [e for e in self._by_key.get(_last_key(path), ()) if e.place.contracts in globs]
        entries += [e for e in self._others if e.place.contracts in globs]
        for entry in sorted(entries, key=lambda e: e.order):
            if entry.place.is_at(contract_id, path) and not any(e.is_at(contract_id, path) for e in entry.exceptions):
                return entry.rule
        return None


def rules_of(product: Product, contract_id: str) -> Rules:
    """Return what finds the rule for a generalised path of a contract; None where no rule of the product holds."""
    index = _index(product.fields)
    globs = {glob for glob in index.globs if _glob(glob).fullmatch(contract_id)}
    known: dict[str, FieldRule | None] = {}

    def rule_at(path: str) -> FieldRule | None:
        if path not in known:
            known[path] = index.at(contract_id, globs, path)
        return known[path]

    return rule_at


_indexes: dict[int, _Index] = {}
_MOST_INDEXES = 64


def _index(fields: tuple[FieldRule, ...]) -> _Index:
    """Return the index of a product's rules, made once for each tuple of them."""
    found = _indexes.get(id(fields))
    if found is None or found.fields is not fields:
        if len(_indexes) >= _MOST_INDEXES:
            _indexes.clear()
        found = _indexes[id(fields)] = _Index(fields)
    return found


def _last_key(path: str) -> str:
    found = _LAST_KEY.search(_POSITIONS.sub("", path))
    return found.group() if found is not None else ""


def _below_result(contract_id: str, path: str) -> str | None:
    if "/ws-api/" not in contract_id or not path.startswith(("result.", "result[")):
        return None
    return path[len("result") :].removeprefix(".")


@lru_cache(maxsize=4096)
def _glob(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob))


@lru_cache(maxsize=4096)
def _path(pattern: str) -> re.Pattern[str]:
    parts = [r"(?:.*\.)?" if pattern.startswith(_ANYWHERE) else ""]
    rest = pattern.removeprefix(_ANYWHERE)
    for found in _TOKEN.finditer(rest):
        part = found.group()
        if part == "[]":
            parts.append(r"\[\d*\]")
        elif part == ".*":
            parts.append(rf"(?:\.{_KEY}|{_QUOTED})")
        elif part == "*" and (found.start() == 0 and rest[1:2] in {"", ".", "["}):
            parts.append(rf"(?:{_KEY}|{_QUOTED})")
        elif part == "*":
            parts.append(_PART)
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts), re.DOTALL)
