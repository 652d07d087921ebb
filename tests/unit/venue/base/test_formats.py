"""How numbers are read and written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base import formats


@pytest.mark.parametrize("text", ["1", "0.10", "-5", ".5", "5.", "1e-3", "1E2", "+7"])
def test_numbers(text):
    """What a number may look like."""
    assert formats.read_decimal(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,5", "0x10", "1e999", "--1", "1 ", "٣", "9" * 31])
def test_not_numbers(text):
    """What it may not."""
    assert formats.read_decimal(text) is None


def test_written_forms():
    """Fixed digits, eight decimals, trimmed, exponent."""
    assert formats.fixed(Decimal("74260.4"), 2) == "74260.40"
    assert formats.fixed(Decimal("-0.001"), 2) == "0.00"
    assert formats.money(Decimal(5)) == "5.00000000"
    assert (formats.zero_or_money(Decimal(0)), formats.zero_or_money(Decimal(1))) == ("0", "1.00000000")
    assert [formats.trimmed(Decimal(one)) for one in ("0.10", "100", "0.00", "1E+3")] == ["0.1", "100", "0", "1000"]
    assert [formats.trimmed(Decimal(one), at_least=1) for one in ("0", "22185.20", "5")] == ["0.0", "22185.2", "5.0"]
    small = [formats.exponent_when_small(Decimal(one), 4) for one in ("0.0007", "0.00012", "0.001", "0", "12")]
    assert small == ["7.0E-4", "1.2E-4", "0.0010", "0.0000", "12.0000"]
