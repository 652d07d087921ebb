"""How the leaves of an example are read: of what kind they are, by what they show and what they are called."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_IS_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_IS_PLAIN_DECIMAL = re.compile(r"-?[0-9]+\.?[0-9]*").fullmatch  # formats.py says it over whole columns

EARLIEST_MS, LATEST_MS = 10**12, 10**13 - 1  # thirteen digits: September 2001 to November 2286

# The documentation's LONG is the signed one of Java, and that is what clients decode identifiers into: one above 2^63
# already fails in most of them, although 64 bits without a sign would hold it.
LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**63 - 1

_ID_NAME = re.compile(r"(?:.*[a-z0-9])?(?:Id|ID|ids|Ids|IDs)|id|code|symbol|pair|asset|name|.*(?:Name|Alias|Key|Code)")
_COUNTER_NAMES = frozenset({"u", "U", "pu", "f", "l", "L", "a", "i"})  # update, trade and order ids of stream events

# Names that say "time". An integer so called is a time in milliseconds, unless a refinement says what else it is (in
# liabilityChange `T` is a transaction's number). A countdown's time is its length.
_TIME_NAME = re.compile(r"(?!countdown)(?:(?:.*[a-z])?(?:Time|Timestamp|Date|Since)|time|timestamp)")
# Of events: event, transaction or closing time, opening of a ticker, update, trigger, delivery, good till.
_SHORT_TIME_NAMES = frozenset({"E", "T", "C", "O", "ut", "tt", "dt", "gtd"})

# Names that say "number", which counts where the only example is an empty string.
_NUMBER_NAME = re.compile(r".*(?:Price|Rate|Qty|Quantity|Amount|Balance|Margin|Loss|PNL|Pnl|Profit)|price|qty|amount")

_TEXT_NAMES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"symbol|symbols"), "symbol"),
    (re.compile(r"pair"), "pair"),
    (re.compile(r"(?:.*[a-z])?Assets?|assets?|coin"), "asset"),
    (re.compile(r"(?:.*[a-z0-9])?(?:Id|ID|Ids|IDs)|id|ids"), "id"),
    (re.compile(r"listenKey|apiKey"), "key"),
    (re.compile(r"accountAlias"), "alias"),
    (re.compile(r"url"), "url"),
    (re.compile(r"timezone"), "timezone"),
)


class Scalar(StrEnum):
    """Kinds of leaf, as refinements and findings name them."""

    BOOLEAN = "boolean"
    INTEGER = "integer"  # of 64 bits, signed
    NUMBER = "number"  # a number that may have a fraction
    STRING = "string"
    DECIMAL = "decimal"  # a string that holds a number
    EMPTY = "empty"  # the empty string, beside decimals or enumerated words
    TIMESTAMP = "timestamp"  # milliseconds since 1970, or 0


def is_decimal(text: str) -> bool:
    """Whether a string holds a number, in any notation."""
    return _IS_DECIMAL(text) is not None


def is_plain_decimal(text: str) -> bool:
    """Whether a string holds a number in the notation of nearly all examples: no exponent, no leading plus."""
    return _IS_PLAIN_DECIMAL(text) is not None


def is_timestamp(number: int) -> bool:
    """Whether an integer is a time in milliseconds; 0 stands for never."""
    return number == 0 or EARLIEST_MS <= number <= LATEST_MS


def fits_integer(number: int) -> bool:
    """Whether an integer fits 64 bits."""
    return LEAST_INTEGER <= number <= GREATEST_INTEGER


def scalars_of(values: Sequence[Any], name: str) -> frozenset[Scalar]:
    """Return the kinds of the scalars among `values`, the wider kind standing for the narrower."""
    kinds = set()
    numbers = [value for value in values if type(value) is int]
    if numbers:
        kinds.add(_integer_kind(numbers, name))
    if any(isinstance(value, float) for value in values) or Scalar.NUMBER in kinds:
        kinds -= {Scalar.INTEGER, Scalar.TIMESTAMP}
        kinds.add(Scalar.NUMBER)
    if any(isinstance(value, bool) for value in values):
        kinds.add(Scalar.BOOLEAN)
    if texts := {value for value in values if isinstance(value, str)}:
        kinds |= _text_kinds(texts, name)
    return frozenset(kinds)


def _text_kinds(texts: set[str], name: str) -> set[Scalar]:
    words = texts - {""}
    is_number = all(map(is_decimal, words)) and not _ID_NAME.fullmatch(name)
    if not (is_number if words else _NUMBER_NAME.fullmatch(name)):
        return {Scalar.STRING}
    return {Scalar.DECIMAL, Scalar.EMPTY} if "" in texts else {Scalar.DECIMAL}


def _integer_kind(numbers: list[int], name: str) -> Scalar:
    if _TIME_NAME.fullmatch(name) or name in _SHORT_TIME_NAMES:
        return Scalar.TIMESTAMP
    if not all(map(fits_integer, numbers)):
        return Scalar.NUMBER
    if _ID_NAME.fullmatch(name) or name in _COUNTER_NAMES:
        return Scalar.INTEGER
    return Scalar.TIMESTAMP if any(numbers) and all(map(is_timestamp, numbers)) else Scalar.INTEGER


def placeholders_of(values: Iterable[Any]) -> frozenset[int]:
    """Return the integers that are no times: what an example shows in place of one (`"E": 123456789`)."""
    return frozenset(value for value in values if type(value) is int and not is_timestamp(value))


def text_of(name: str) -> str:
    """Return what a string holds whose name leaves no doubt; empty for any other name."""
    return next((text for names, text in _TEXT_NAMES if names.fullmatch(name)), "")
