"""The second opinion names what anybody would name who reads a document beside its example."""

from __future__ import annotations

import pytest
from made_contracts import PRODUCT, made_contract

from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Kind
from wireproof.drift.proving.oracle import expected, expected_of_text

EXAMPLE = {"symbol": "BTCUSDT", "count": 7, "price": "1.5", "rows": [{"on": True}]}
NODE = Comparer(PRODUCT).response_judge(made_contract(EXAMPLE), "e0").node


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, set()),
        ({"symbol": None}, {("symbol", Kind.NULL_VALUE)}),
        ({"count": "7"}, {("count", Kind.TYPE_CHANGED)}),
        ({"price": "much"}, {("price", Kind.FORMAT_CHANGED)}),
        ({"more": 1}, {("more", Kind.UNDOCUMENTED_FIELD)}),
        ({"rows": [{"on": True}, {}]}, {("rows[].on", Kind.MISSING_FIELD)}),
        ({"rows": {}}, {("rows", Kind.TYPE_CHANGED)}),
    ],
)
def test_each_difference_is_named_by_path_and_kind(change, named):
    assert expected(NODE, {**EXAMPLE, **change}) == named


def test_a_key_that_is_named_twice_is_seen_in_a_text_only():
    text = '{"count": 7, "symbol": "BTCUSDT", "count": 7, "price": "1.5", "rows": []}'
    assert expected_of_text(NODE, text) == {("count", Kind.REPEATED_KEY)}
