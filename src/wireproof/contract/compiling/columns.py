"""Formats that are judged over whole columns: all decimal strings of a document at once, and all timestamps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.contract.compiling.types import ValueRefusedError
from wireproof.contract.leaves import EARLIEST_MS, LATEST_MS, is_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.compiling.types import Collect

#: Numbers, each with a line feed behind it. Python before 3.11.6 does not give back what the last, failed round of a
#: possessive group took (python/cpython#106052); here that is never all of what is left, so it cannot match wrongly.
DECIMAL_LINES = r"(?:-?+[0-9]++\.?+[0-9]*+\n)*+"
_PLAIN_DECIMALS = re.compile(DECIMAL_LINES.encode()).fullmatch


def formats_hold(collect: Collect, documents: list[Any]) -> bool:
    """Whether the decimals and timestamps of decoded documents are what they must be."""
    decimals: list[str] = []
    stamps: list[int] = []
    try:
        collect(documents, decimals, stamps)
    except ValueRefusedError:
        return False
    return all_decimals(decimals) and all_timestamps(stamps)


def all_decimals(texts: list[str]) -> bool:
    """Whether every string holds a number in the notation of nearly all examples, at the cost of one pass.

    Exponents and leading plus signs are collected on their own where an example shows them.
    """
    if not texts:
        return True
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        return False
    return _PLAIN_DECIMALS(joined.encode("utf-8", "surrogatepass") + b"\n") is not None


def all_timestamps(numbers: Sequence[int]) -> bool:
    """Whether every integer is a time in milliseconds, or 0."""
    if not numbers or (min(numbers) >= EARLIEST_MS and max(numbers) <= LATEST_MS):
        return True
    return all(map(is_timestamp, numbers))
