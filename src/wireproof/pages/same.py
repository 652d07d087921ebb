"""Whether two statements of pages say the same in other words: what is no difference to anybody who sends a request.

The order of an enumeration, the letter case of a default and of a title, `"5000"` beside `5000`, `3s` beside
`3000ms`, a slash at the end of an address, rules of a weight in another order: none of it is a change of the
documentation. The letter case of an enumerated value is one: the exchange tells `perpetual` from `PERPETUAL`.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from wireproof.pages.reading.blocks import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import JsonScalar, Param, Weight

_DURATION = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b", re.IGNORECASE
)
_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000}
_FILLING = re.compile(r"\b(?:or|and|every|per|updates?)\b|[,/;.*\s-]", re.IGNORECASE)
_COMBINATIONS = 4096  # of parameters; the documentation has no weight with more


def same_values(old: tuple[str, ...] | str, new: tuple[str, ...] | str, enums: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether two enumerations (names or lists) hold the same values; `TRUE` is `true`, else letter case counts."""
    here, there = (set(map(_truth, values_of(enum, enums))) for enum in (old, new))
    return old == new or (bool(here) and here == there)


def values_of(enum: tuple[str, ...] | str, enums: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the values of an enumeration (a name or a list); none for a name that nobody defines."""
    return enums.get(enum, ()) if isinstance(enum, str) else enum


def _truth(value: str) -> str:
    return value.lower() if value.lower() in {"true", "false"} else value


def same_default(old: JsonScalar, new: JsonScalar) -> bool:
    """Whether two defaults are the same value: `"5000"` is 5000, `"TRUE"` is true, `gtc` is `GTC`."""
    return _plain(old) == _plain(new)


def _plain(value: JsonScalar) -> str | float | None:
    if value is None:
        return None
    text = str(value).strip().strip("\"'`").casefold()
    return float(text) if re.fullmatch(r"[+-]?\d+(?:\.\d*)?", text) else text


def same_speed(old: str, new: str) -> bool:
    """Whether two update speeds name the same times: `3s or 1s` is `3000ms or 1000ms`, `Real-time` is `Realtime`."""
    return _times(old) == _times(new)


def _times(text: str) -> tuple[frozenset[float], str]:
    times = frozenset(float(number) * _scale(unit.lower()) for number, unit in _DURATION.findall(text))
    return times, _FILLING.sub("", _DURATION.sub("", clean(text))).casefold()


def _scale(unit: str) -> int:
    return 1 if unit.startswith(("ms", "milli")) else _UNITS[unit[0]]


def same_words(old: str, new: str) -> bool:
    """Whether two titles differ in spacing, letter case and punctuation at most."""
    return re.sub(r"\W+", "", clean(old)).casefold() == re.sub(r"\W+", "", clean(new)).casefold()


def same_weight(old: Weight, new: Weight, params: Iterable[Param] = ()) -> bool:
    """Whether two weights charge the same for every request that `params` allow, whatever the rules that say so."""
    if (old.uid, old.orders_10s, old.orders_1m) != (new.uid, new.orders_10s, new.orders_1m):
        return False
    allowed = {param.name: param.enum for param in params if param.enum and not isinstance(param.enum, str)}
    values: dict[str, list[Any]] = {}
    for rule in (*old.rules, *new.rules):
        known = values.setdefault(rule.param, [None, "x"])
        known += [value for value in rule.one_of if value not in known]
        if rule.at_most is not None:
            known += [value for value in (rule.at_most, rule.at_most + 1) if value not in known]
    for name, listed in allowed.items():
        if name in values:
            values[name] = [v for v in values[name] if v is None or str(v) in listed]
    combinations = itertools.islice(itertools.product(*values.values()), _COMBINATIONS)
    requests = (dict(zip(values, combination, strict=True)) for combination in combinations)
    return all(old.of(request) == new.of(request) for request in requests)
