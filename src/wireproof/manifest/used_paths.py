"""How the path of a finding lies to a path that a client reads: at it, above it, below it, or elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from wireproof.drift.value_paths import ANY_ELEMENT, ANY_KEY, steps
from wireproof.manifest.client_manifest import ALL_BELOW

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Where a finding is, seen from what is read: at that place; above it, so that it is part of what changed; below it,
#: in something that is read whole.
Lie = Literal["at", "above", "below"]


def lies(found: str, read: str) -> Lie | None:
    """Return where the path of a finding lies to a path that is read; None where neither touches the other.

    `[]` is any position and `*` any key, on both sides. Only what is read whole (`**`) is touched from below.
    """
    whole = read.endswith(ALL_BELOW)
    theirs, ours = _steps(found), _steps(bare(read))
    if not all(map(_meet, theirs, ours)):  # as far as both go
        return None
    if len(theirs) < len(ours):
        return "above"
    if len(theirs) == len(ours):
        return "at"
    return "below" if whole else None


def bare(read: str) -> str:
    """Return a path that is read without the `**` that says that everything below is read too."""
    return read.removesuffix(ALL_BELOW).removesuffix(".")


def all_below(path: str) -> str:
    """Return the path that says that a place, and everything below it, is read."""
    return f"{path}.{ALL_BELOW}" if path else ALL_BELOW


@lru_cache(maxsize=16_384)
def _steps(path: str) -> Sequence[Any]:
    return tuple(steps(path))


def _meet(one: Any, other: Any) -> bool:
    if one == other:
        return True
    for wide, narrow in ((one, other), (other, one)):
        if wide is ANY_ELEMENT and isinstance(narrow, int):
            return True
        if wide is ANY_KEY and isinstance(narrow, str):
            return True
    return False
