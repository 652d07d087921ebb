"""Counts as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 case`, `2,280 cases`; `plural` where the noun takes no s at its end."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def first_few(names: Iterable[str], most: int = 3) -> str:
    """Return `a, b, c and 2 more`: the first of some names, and how many there are beside them."""
    shown = list(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
