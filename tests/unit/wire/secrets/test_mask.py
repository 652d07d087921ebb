"""Hidden values keep their kinds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_peers import unhurried

from wireproof.contract.shape import is_decimal, is_timestamp
from wireproof.wire.secrets.mask import hide_values, hide_values_text, masked_integer, masked_string

decimals = st.from_regex(r"\A[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
strings = st.text(max_size=30) | decimals | st.from_regex(r"\A[A-Z0-9_]{1,30}\Z")
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.integers(10**12 - 5, 10**13 + 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | strings
)
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@unhurried
@given(documents)
def test_every_value_keeps_its_kind(document: Any) -> None:
    """Types, decimal strings, timestamps, whole numbers, lengths and names of fields."""
    hidden = hide_values(document)
    assert kinds(hidden) == kinds(document)


@unhurried
@given(documents)
def test_text_is_masked_like_decoded_json(document: Any) -> None:
    """Masking the text and decoding it is decoding it and masking it; nothing else changes."""
    text = json.dumps(document)
    hidden = hide_values_text(text)

    assert kinds(json.loads(hidden)) == kinds(document)
    assert re.sub(r"\d", "", re.sub(r'"(?:[^"\\]|\\.)*"', "", hidden)) == re.sub(
        r"\d", "", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    )


def kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: kinds(item) for name, item in value.items()}
    if isinstance(value, list):
        return [kinds(item) for item in value]
    if isinstance(value, str):
        return "decimal" if is_decimal(value) else "string"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return ("timestamp" if is_timestamp(value) else "integer", value < 2**63)
    return ("number", float(value).is_integer()) if abs(value) < 1e15 else "number"


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("52000.10", "11111.11"),
        ("-0.00", "-1.11"),
        ("0", "1"),
        ("007.5", "011.1"),
        ("7.0E-4", "1.1E-1"),
        ("1705311512994", "1700000000000"),
        ("BTCUSDT", "BTCUSDT"),
        ("1000PEPEUSDT", "1000PEPEUSDT"),
        ("IN_PROGRESS", "IN_PROGRESS"),
        ("isolated", "isolated"),
        ("wp-abc-7", "xx-xxx-0"),
        ("SgsR", "XxxX"),
        ("A" * 25, "X" * 25),
        ("币安USDT", "xxXXXX"),
        ("", ""),
        ("<redacted api key>", "<redacted api key>"),
    ],
)
def test_strings_become_others_of_their_kind(value: str, hidden: str) -> None:
    """Decimals keep their format, enums and symbols stay, everything else is masked letter by letter."""
    assert masked_string(value) == hidden


@pytest.mark.parametrize(
    ("value", "hidden"),
    [(0, 0), (7, 7), (-3, -3), (12, 11), (-4014, -1111), (1705311512994, 1700000000000), (2**63, 2**63), (10**30,) * 2],
)
def test_integers_become_others_of_as_many_digits(value: int, hidden: int) -> None:
    """Single digits are flags and stay; timestamps become another one."""
    assert masked_integer(value) == hidden


def test_the_envelope_stays_readable() -> None:
    """Status, id, error and rate limits say nothing of the account, and are judged."""
    text = '{"id":"a-1","status":200,"result":{"status":"NEW","id":99,"balance":"12.5"},"rateLimits":[{"count":77}]}'
    hidden = '{"id":"a-1","status":200,"result":{"status":"NEW","id":11,"balance":"11.1"},"rateLimits":[{"count":77}]}'

    assert hide_values_text(text) == hidden
    assert hide_values(json.loads(text)) == json.loads(hidden)
    error = '{"id":"a","status":400,"error":{"code":-2013,"msg":"Order does not exist."}}'
    assert hide_values_text(error) == error


def test_codes_and_event_types_stay_because_they_are_judged_by_value() -> None:
    text = '{"e":"outboundAccountPosition","result":[{"code":"200","quantity":"200","e":"7.5"},{"code":-2011,"id":42}]}'
    hidden = (
        '{"e":"outboundAccountPosition","result":[{"code":"200","quantity":"111","e":"1.1"},{"code":-2011,"id":11}]}'
    )

    assert hide_values_text(text) == hidden
    assert hide_values(json.loads(text)) == json.loads(hidden)
    assert hide_values_text('{"result":{"code":[42,{"a":42}]}}') == '{"result":{"code":[11,{"a":11}]}}'


def test_words_that_a_contract_knows_can_be_kept() -> None:
    """Enums that are not upper case come from the caller."""
    assert hide_values(["manual", "other"], keep={"manual"}) == ["manual", "xxxxx"]
    assert hide_values_text('["manual","other"]', keep={"manual"}) == '["manual","xxxxx"]'


def test_what_is_no_json_is_masked_as_far_as_it_looks_like_it() -> None:
    """A cut answer shows no balance either."""
    assert hide_values_text('{"result":{"balance":"123.45","id":8886774,"x":"ab') == (
        '{"result":{"balance":"111.11","id":1111111,"x":"ab'
    )


def test_numbers_keep_their_notation() -> None:
    """7.0E-4 stays in exponent form, 5.00 and 1.20e1 whole; the ends of a float's range stay."""
    assert hide_values_text("[7.0E-4,5.00,-12.5,2.50e1,5e-324]") == "[1.1E-4,5.00,-11.1,1.10e1,5e-324]"
