"""Counts as people say them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 case`, `2,280 cases`; `plural` where the noun takes no s at its end."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
