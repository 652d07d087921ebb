"""Formats over whole columns: one pass says what a look at each value would say."""

import pytest

from wireproof.contract.compiling.columns import all_decimals, all_timestamps
from wireproof.contract.leaves import is_plain_decimal, is_timestamp

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    "text", ["1", "-1.50", "0.", "", "-", "1e-4", "+1", ".5", "1 ", "1\n", "1\n2", "\ud800", "NaN"]
)
def test_one_text_that_is_no_decimal_spoils_the_column(text):
    expected = is_plain_decimal(text) and "\n" not in text
    assert all_decimals([text]) is expected
    assert all_decimals(["1.0", text, "2.0"]) is expected


@pytest.mark.parametrize("number", [NOW, 0, 1, -1, NOW // 1000, 10**12, 10**13 - 1, 10**13])
def test_one_number_that_is_no_time_spoils_the_column(number):
    assert all_timestamps([number]) is is_timestamp(number)
    assert all_timestamps([NOW, number, NOW]) is is_timestamp(number)


def test_an_empty_column_is_sound():
    assert all_decimals([])
    assert all_timestamps([])
