"""Where a drift alters an answer: paths as findings write them, from the root of the answer as it is sent.

`symbols[0].status` and `symbols.0.status` are one place, `symbols[].status` is that of every element. A field whose
name has dots or brackets cannot be named.
"""

from __future__ import annotations

import re
from typing import Any

#: Stands for every element of a list.
EVERY = "[]"
_STEP = re.compile(r"\[\]|\[(\d+)\]|[^.\[\]]+")


def steps(path: str) -> list[str]:
    """Return the steps of a path: names, numbers of elements as digits, `EVERY`. Raise ValueError for none."""
    found = [match[1] or match[0] for match in _STEP.finditer(path)]
    if not found:
        raise ValueError(f"A path such as [].price or result.bids[0] was expected, not {path!r}.")
    return found


def alter(document: Any, path: str, value: Any, *, remove: bool = False) -> int:
    """Set what is at `path` to `value`, or remove it, in place; return in how many places.

    The last name of a path may be new to its object. The root of a document has no path.
    """
    return _alter(document, steps(path), value, remove=remove)


def _alter(at: Any, path: list[str], value: Any, *, remove: bool) -> int:
    head, *rest = path
    keys: list[Any] = []
    if isinstance(at, list):
        if head == EVERY:
            keys = list(range(len(at)))
        elif head.isdecimal() and int(head) < len(at):
            keys = [int(head)]
    elif isinstance(at, dict) and (head in at or not (rest or remove)):
        keys = [head]
    if rest:
        return sum(_alter(at[key], rest, value, remove=remove) for key in keys)
    for key in reversed(keys):
        if remove:
            del at[key]
        else:
            at[key] = value
    return len(keys)


def copied(value: Any) -> Any:
    """Return a copy of a JSON document that can be altered: answers that never change are one object for all."""
    if isinstance(value, dict):
        return {name: copied(held) for name, held in value.items()}
    return [copied(held) for held in value] if isinstance(value, list | tuple) else value
