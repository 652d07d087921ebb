"""Placeholders in a case's parameters: `{open_order.orderId}` becomes that value, with its type.

A placeholder is a whole value, never a part of one, so that numbers stay numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.errors import ContractFileError, did_you_mean
from wireproof.suite.vocabulary.needs import NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PLACEHOLDER = re.compile(r"^\{(\w+)\.(\w+)\}$")


def resolve(params: Any, state: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return `params` with every placeholder replaced by the value that `state` holds for it."""
    if isinstance(params, dict):
        return {name: resolve(value, state) for name, value in params.items()}
    if isinstance(params, list):
        return [resolve(value, state) for value in params]
    if isinstance(params, str) and (found := PLACEHOLDER.match(params)):
        return state[found.group(1)][found.group(2)]
    return params


def check_placeholders(file: Path, case_id: str, params: Any, needs: Iterable[str]) -> None:
    """Refuse an unknown need, a placeholder of state that the case does not need, or of a value it does not offer."""
    needs = {*needs, *(name for name, row in NEEDS.items() if row.always)}
    for need in sorted(needs):
        if need not in NEEDS:
            raise ContractFileError(
                file, f"case {case_id!r} needs {need!r}, which does not exist.", hint=did_you_mean(need, NEEDS)
            )
    for name, field in _placeholders(params):
        if name not in needs:
            problem = f"case {case_id!r} uses {{{name}.{field}}} without needing {name!r}."
            raise ContractFileError(file, problem, hint=did_you_mean(name, needs))
        if field not in NEEDS[name].offers:
            problem = f"case {case_id!r} uses {{{name}.{field}}}; {name!r} offers no {field!r}."
            raise ContractFileError(file, problem, hint=did_you_mean(field, NEEDS[name].offers))


def _placeholders(params: Any) -> list[tuple[str, str]]:
    if isinstance(params, dict):
        return [found for value in params.values() for found in _placeholders(value)]
    if isinstance(params, list):
        return [found for value in params for found in _placeholders(value)]
    found = PLACEHOLDER.match(params) if isinstance(params, str) else None
    return [(found.group(1), found.group(2))] if found else []
