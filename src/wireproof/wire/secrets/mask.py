"""Hides values of private answers and keeps their kinds, so that a hidden answer is judged like the original.

Balances, order ids and prices of an account are nobody's business; that a balance is a decimal string and an order id
an integer is what a contract is about.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

MASKED_TIMESTAMP = 1_700_000_000_000
TIMESTAMPS = range(1_000_000_000_000, 10_000_000_000_000)  # epoch milliseconds of thirteen digits
KEPT_WORDS = frozenset({"", "true", "false", "isolated", "cross", "crossed", "success"})
ENVELOPE = frozenset({"id", "status", "error", "rateLimits", "method", "code", "msg", "e"})
CONSTANTS = frozenset({"code"})  # judged by value, at any depth: the code of a success or an error

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WORD = re.compile(r"(?=[A-Z0-9_]*[A-Z])[A-Z0-9_]{1,24}")
_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|([{}\[\]])|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?', re.ASCII)


def masked_decimal(text: str) -> str:
    """Return another decimal string of the same format, or "" when the text is no decimal string."""
    if not _DECIMAL.fullmatch(text):
        return ""
    if text.isdigit() and int(text) in TIMESTAMPS:
        return str(MASKED_TIMESTAMP)
    digits = re.sub(r"\d", "1", text)
    # A leading zero of a longer whole part is part of the format.
    return re.sub(r"^([+-]?)1", r"\g<1>0", digits) if re.match(r"[+-]?0\d", text) else digits


def masked_string(text: str, keep: Collection[str] = ()) -> str:
    """Return another string of the same kind: decimals stay decimals; short upper-case words and symbols are kept."""
    if text in KEPT_WORDS or text in keep or _WORD.fullmatch(text) or text.startswith("<redacted "):
        return text
    return masked_decimal(text) or "".join(map(_masked_char, text))


def masked_integer(value: int) -> int:
    """Return another integer of as many digits; timestamps become another one, single digits (flags, enums) stay."""
    if -10 < value < 10:
        return value
    if value in TIMESTAMPS:
        return MASKED_TIMESTAMP
    if not -(2**63) <= value < 2**64:
        return value  # no value of an account, and a kind of its own to any decoder
    if value >= 2**63:
        return 2**63
    masked = int("1" * len(str(abs(value))))
    return masked if value > 0 else -masked


def hide_values(value: Any, *, keep: Collection[str] = (), envelope: Collection[str] = ENVELOPE) -> Any:
    """Return decoded JSON of the same shape and kinds with its values masked.

    Booleans, nulls, names of fields, short upper-case words (enums, symbols) and the strings in `keep` stay. So does
    what stands under one of the names in `envelope` at the top, and codes: they say nothing of the account and are
    judged by value.
    """
    if isinstance(value, dict):
        return {
            name: item if name in envelope or _is_code(name, item) else hide_values(item, keep=keep, envelope=())
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [hide_values(item, keep=keep, envelope=()) for item in value]
    if isinstance(value, str):
        return masked_string(value, keep)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return masked_integer(value)
    return float(_masked_number(repr(value))) if isinstance(value, float) else value


def _is_code(name: str, value: Any) -> bool:
    return name in CONSTANTS and not isinstance(value, (dict, list))


def hide_values_text(text: str, *, keep: Collection[str] = (), envelope: Collection[str] = ENVELOPE) -> str:
    """Return JSON text with its values masked as `hide_values` does, every other character as it stands.

    Text that is no JSON is masked as far as it looks like JSON.
    """
    parts: list[str] = []
    done = depth = 0
    in_envelope = is_code = False
    for match in _TOKEN.finditer(text):
        string, colon, bracket = match[1], match[2], match[3]
        if bracket:
            depth += 1 if bracket in "{[" else -1
            is_code = False
        elif colon is not None:
            name = _plain(string)
            is_code = name in CONSTANTS
            if depth == 1:
                in_envelope = name in envelope
        elif is_code:
            is_code = False
        elif not in_envelope:
            masked = _masked_number(match[0]) if string is None else _masked_token(string, keep)
            parts += [text[done : match.start()], masked]
            done = match.end()
    return "".join([*parts, text[done:]])


def _masked_token(token: str, keep: Collection[str]) -> str:
    plain = _plain(token)
    masked = masked_string(plain, keep)
    return token if masked == plain else json.dumps(masked)


def _plain(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token


def _masked_number(text: str) -> str:
    """Return a number's text with other digits; a whole number stays one, however it is written."""
    if re.fullmatch(r"-?\d{1,40}", text):
        return str(masked_integer(int(text)))
    whole = re.fullmatch(r"(-?)(\d+)\.(0+)", text)
    if whole:
        return f"{whole[1]}{masked_integer(int(whole[2][:40]))}.{whole[3]}"
    mantissa, mark, exponent = re.fullmatch(r"([^eE]*)([eE]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    # Zeros kept in the second attempt: 1.20e1 is whole. What is at the end of a float's range stays.
    attempts = (re.sub(pattern, "1", mantissa) + mark + exponent for pattern in (r"\d", r"[1-9]"))
    return next((masked for masked in attempts if _is_whole(masked) == _is_whole(text)), text)


def _is_whole(text: str) -> bool:
    return float(text).is_integer()


def _masked_char(char: str) -> str:
    if char.isascii() and char.isdigit():
        return "0"
    if char.isalnum():
        return "X" if char.isupper() else "x"
    return char
