"""Leaves of examples: their kind follows from what they show and what they are called."""

import pytest

from wireproof.contract.leaves import (
    Scalar,
    fits_integer,
    is_decimal,
    is_plain_decimal,
    is_timestamp,
    placeholders_of,
    scalars_of,
    text_of,
)

MARCH_2023 = 1_680_000_000_000


@pytest.mark.parametrize(
    ("values", "name", "kinds"),
    [
        ([True], "hedged", {Scalar.BOOLEAN}),
        ([5], "limit", {Scalar.INTEGER}),
        ([1.5], "ratio", {Scalar.NUMBER}),
        ([1, 1.5], "ratio", {Scalar.NUMBER}),
        (["0.10"], "price", {Scalar.DECIMAL}),
        (["", "0.10"], "price", {Scalar.DECIMAL, Scalar.EMPTY}),
        ([""], "avgPrice", {Scalar.DECIMAL, Scalar.EMPTY}),
        ([""], "remark", {Scalar.STRING}),
        (["12345"], "orderId", {Scalar.STRING}),
        ([MARCH_2023], "x", {Scalar.TIMESTAMP}),
        ([123], "updateTime", {Scalar.TIMESTAMP}),
        ([123], "E", {Scalar.TIMESTAMP}),
        ([5000], "countdownTime", {Scalar.INTEGER}),
        ([MARCH_2023], "orderId", {Scalar.INTEGER}),
        ([2**63], "x", {Scalar.NUMBER}),
        ([None], "x", set()),
    ],
)
def test_kinds_follow_values_and_names(values, name, kinds):
    assert scalars_of(values, name) == kinds


def test_notations_of_numbers():
    assert all(map(is_decimal, ["1", "-1.50", "1e-4", ".5", "+3"]))
    assert not any(map(is_decimal, ["", "1,000", "0x10", "1 ", "NaN", "\u0661"]))
    assert [is_plain_decimal(text) for text in ("1.50", "-1", "1e-4", "+3", ".5")] == [True, True, False, False, False]


def test_times_are_in_milliseconds_or_never():
    assert is_timestamp(0)
    assert is_timestamp(MARCH_2023)
    assert not is_timestamp(MARCH_2023 // 1000)
    assert placeholders_of([123456789, MARCH_2023, 0, "5", True]) == {123456789}


def test_integers_have_64_bits_with_a_sign():
    assert fits_integer(2**63 - 1)
    assert fits_integer(-(2**63))
    assert not fits_integer(2**63)


@pytest.mark.parametrize(
    ("name", "text"),
    [("symbol", "symbol"), ("clientOrderId", "id"), ("marginAsset", "asset"), ("listenKey", "key"), ("status", "")],
)
def test_some_names_say_what_a_text_is(name, text):
    assert text_of(name) == text
