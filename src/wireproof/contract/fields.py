"""What fields mean wherever they occur in a product: field rules by contract and generalised path."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.contract.model import FieldRule, Product


def rules_of(product: Product, contract_id: str) -> Callable[[str], FieldRule | None]:
    """Return what finds the first rule of a product for a generalised path of one contract."""
    rules = [
        (where, exceptions, rule)
        for rule in product.fields
        if (where := _patterns(rule.where, contract_id))
        for exceptions in [_patterns(rule.except_, contract_id)]
    ]

    def rule_for(path: str) -> FieldRule | None:
        for where, exceptions, rule in rules:
            if _any(where, path) and not _any(exceptions, path):
                return rule
        return None

    return rule_for


def _any(patterns: Iterable[re.Pattern[str]], path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in patterns)


def _patterns(places: Iterable[str], contract_id: str) -> list[re.Pattern[str]]:
    found = []
    for place in places:
        contract, _, path = place.partition(" ")
        if fnmatchcase(contract_id, contract):
            found.append(_pattern(path))
    return found


def _pattern(path: str) -> re.Pattern[str]:
    prefix = ""
    if path.startswith("**."):
        prefix, path = r"(?:.*\.|(?:\[\])+\.)?", path[3:]
    return re.compile(prefix + re.escape(path).replace(r"\*", r"[^.\[\]]+"), re.DOTALL)
