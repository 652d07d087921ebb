"""Whose message it is: fields that repeat what the name of a stream asked for (symbol, pair, interval).

Which fields do its contract says (`repeats`). Symbols, pairs and contract types stand in names in lower case, and in
messages in upper case. A contract's pair is what stands before the underscore of its symbol.
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Connect
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from wireproof.drift.value_paths import values_at
from wireproof.suite.vocabulary.stream_names import LOWERED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.contract.model import Contract

_HOLE = re.compile(r"<(\w+)>")


def addressed(contract: Contract, params: Mapping[str, Any]) -> dict[str, str]:
    """Return what the messages of a subscription must hold: by generalised path, a value in which `*` is anything.

    What depends on a parameter that was not given is left out.
    """
    known = {name: str(value).upper() if name in LOWERED else str(value) for name, value in params.items()}
    if "symbol" in known:
        known.setdefault("pair", known["symbol"].partition("_")[0])
    return {
        path: _HOLE.sub(lambda hole: known[hole[1]], pattern)
        for path, pattern in contract.repeats.items()
        if all(name in known for name in _HOLE.findall(pattern))
    }


def others(wanted: Mapping[str, str], document: Any) -> Iterator[tuple[str, str, str]]:
    """Yield each value that is not of the subscription: its path, what was wanted, what came."""
    for path, pattern in wanted.items():
        for value in values_at(document, path):
            if isinstance(value, str) and value != pattern and not ("*" in pattern and fnmatchcase(value, pattern)):
                yield path, pattern, value


def address_problems(contract: Contract) -> Iterator[str]:
    """Yield what a contract says of fields that repeat its stream's name and that cannot be."""
    params = {param.name for param in contract.params}
    params |= {"pair"} if "symbol" in params else set()
    for path, pattern in contract.repeats.items():
        if not any(next(values_at(example.response, path), None) is not None for example in contract.examples):
            yield f"repeats names {path!r}, which no example shows."
        for name in _HOLE.findall(pattern):
            if name not in params:
                yield f"repeats {path!r} names the parameter {name!r}, which its stream does not have."
