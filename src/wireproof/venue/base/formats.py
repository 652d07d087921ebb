"""How the exchange writes numbers."""

from __future__ import annotations

import re
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
SATOSHI = Decimal("0.00000001")  # money is kept to eight decimals

# An exponent of three digits would make a number nobody means and everybody pays for.
_DECIMAL = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_SMALLEST_PLAIN = Decimal("0.001")


def read_decimal(text: str) -> Decimal | None:
    """Return the number that `text` holds, or None when it holds none."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def fixed(value: Decimal, digits: int) -> str:
    """Return `value` with exactly `digits` decimals: `74260.40`."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if text.startswith("-") and not text.strip("-0.") else text


def money(value: Decimal) -> str:
    """Return `value` with eight decimals."""
    return fixed(value, 8)


def zero_or_money(value: Decimal) -> str:
    """Return `0` for zero, else eight decimals."""
    return money(value) if value else "0"


def trimmed(value: Decimal, *, at_least: int = 0) -> str:
    """Return `value` without trailing zeros (`0.1`, `0`), but with `at_least` decimals."""
    text = f"{value.normalize():f}" if value else "0"
    have = len(text.partition(".")[2])
    if have >= at_least:
        return text
    return text + ("" if have else ".") + "0" * (at_least - have)


def exponent_when_small(value: Decimal, digits: int) -> str:
    """Return `value` as openAlgoOrders does: `7.0E-4` below a thousandth, else with `digits` decimals."""
    if not value or abs(value) >= _SMALLEST_PLAIN:
        return fixed(value, digits)
    mantissa, _, exponent = f"{value.normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def to_money(value: Decimal) -> Decimal:
    """Return `value` rounded to eight decimals."""
    return value.quantize(SATOSHI)
