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
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec.structs import replace

from wireproof.contract.model import Refinement

if TYPE_CHECKING:
    from wireproof.contract.model import Contract, FieldRule, Product

FREE_TEXTS = frozenset({"words", "name", "number"})  # texts that say little, so that a rule gives its reason

_SAYS_NOTHING = Refinement(path="", source="")

T = TypeVar("T")
Rules = Callable[[str], "FieldRule | None"]

_ANYWHERE = "**."
_KEY = r"[^.\[\]\"]+"
_PART = r"[^.\[\]\"]*"
_QUOTED = r'\["(?:[^"\\]|\\.)*"\]'
_TOKEN = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\]|\.\*(?=[.\[]|$)|\*|.', re.DOTALL)


class RulePlace(NamedTuple):
    """One entry of `where` or `except`, read."""

    text: str
    contracts: str  # a glob
    path: str

    def is_at(self, contract_id: str, path: str) -> bool:
        """Whether this place is at a path of a contract, below `result` included for the WebSocket API."""
        if not _glob(self.contracts).fullmatch(contract_id):
            return False
        matches = path_pattern(self.path).fullmatch
        below = _below_result(contract_id, path)
        return matches(path) is not None or (below is not None and matches(below) is not None)


def place(text: str) -> RulePlace:
    """Read an entry of `where` or `except`."""
    contracts, _, path = text.partition(" ")
    return RulePlace(text, contracts, path)


class RuleEntry(NamedTuple):
    """One place of one rule, in the order of the rules."""

    order: int
    place: RulePlace
    rule: FieldRule
    exceptions: tuple[RulePlace, ...]


class FieldMeaning(NamedTuple):
    """What the rules say of a path: the entry that holds, and the exceptions that took the path from earlier ones."""

    entry: RuleEntry | None
    exceptions: tuple[tuple[int, str], ...] = ()  # the order of the rule, and the exception as it is written


class _Index:
    """The places of a product's rules, by the last key of their paths."""

    def __init__(self, fields: tuple[FieldRule, ...]) -> None:
        self.fields = fields
        self._entries: list[RuleEntry] = []
        for order, rule in enumerate(fields):
            exceptions = tuple(map(place, rule.except_))
            self._entries += [RuleEntry(order, place(where), rule, exceptions) for where in rule.where]
        self.globs = {entry.place.contracts for entry in self._entries}
        self._by_key: dict[str, list[RuleEntry]] = {}

    def find(self, contract_id: str, globs: set[str], path: str) -> FieldMeaning:
        """Return the first rule that holds at a path of a contract; `globs` are those that match its id."""
        key = _last_key(path)
        if key not in self._by_key:
            self._by_key[key] = [entry for entry in self._entries if _may_end_with(entry.place.path, key)]
        left: list[tuple[int, str]] = []
        for entry in self._by_key[key]:
            if entry.place.contracts in globs and entry.place.is_at(contract_id, path):
                taken = [(entry.order, one.text) for one in entry.exceptions if one.is_at(contract_id, path)]
                if not taken:
                    return FieldMeaning(entry, tuple(left))
                left += taken
        return FieldMeaning(None, tuple(left))


def rules_of(product: Product, contract_id: str) -> Rules:
    """Return what finds the rule for a generalised path of a contract; None where no rule of the product holds."""
    find = finder(product, contract_id)
    known: dict[str, FieldRule | None] = {}

    def rule_at(path: str) -> FieldRule | None:
        if path not in known:
            entry = find(path).entry
            known[path] = entry.rule if entry is not None else None
        return known[path]

    return rule_at


def why_unshown(product: Product, contract_id: str, path: str) -> str:
    """Return why no answer shows a documented field; empty where the product does not say so."""
    return next(
        (one.why for one in product.unshown if any(place(where).is_at(contract_id, path) for where in one.where)), ""
    )


def without_repetition(contract: Contract, product: Product) -> Contract:
    """Return the contract without refinements that only say again which words its product documents for the field."""
    find = rules_of(product, contract.id)

    def repeats(one: Refinement) -> bool:
        rule = find(one.path) if one.enum and replace(one, path="", enum=(), source="") == _SAYS_NOTHING else None
        return rule is not None and set(product.enums.get(rule.enum, ())) == set(words_of(one.enum, product))

    kept = tuple(one for one in contract.refinements if not repeats(one))
    return contract if len(kept) == len(contract.refinements) else replace(contract, refinements=kept)


def words_of(enum: tuple[T, ...] | str, product: Product) -> tuple[T, ...] | tuple[str, ...]:
    """Return the words of an enumeration, a list or the name of one of the product's; none for a name of none."""
    return product.enums.get(enum, ()) if isinstance(enum, str) else enum


def envelope_id(product: str, surface: str) -> str:
    """Return the id under which rules find the fields of a surface's envelope; no contract has it."""
    return f"{product}/{surface}/envelope"


def finder(product: Product, contract_id: str) -> Callable[[str], FieldMeaning]:
    """Return what finds, for a path of a contract, which place of which rule holds there."""
    index = _index(product.fields)
    globs = {glob for glob in index.globs if _glob(glob).fullmatch(contract_id)}
    return lambda path: index.find(contract_id, globs, path)


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
    return path.rpartition(".")[2].partition("[")[0]


def _may_end_with(pattern: str, key: str) -> bool:
    """Whether a path that ends with a key can match at all; a pattern that ends with `*` matches any key."""
    last = _last_key(pattern)
    return last in {key, "*"} or ("*" in last and path_pattern(last).fullmatch(key) is not None)


def _below_result(contract_id: str, path: str) -> str | None:
    if "/ws-api/" not in contract_id or not path.startswith(("result.", "result[")):
        return None
    return path[len("result") :].removeprefix(".")


@lru_cache(maxsize=4096)
def _glob(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob))


@lru_cache(maxsize=4096)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """Return what a generalised path with `*`, `[]` and a leading `**.` matches."""
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
