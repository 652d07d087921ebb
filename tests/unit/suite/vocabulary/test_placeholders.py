"""Placeholders keep the type of what they stand for, and a slip of typing is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.errors import ContractFileError
from wireproof.suite.vocabulary.placeholders import check_placeholders, resolve


def test_values_keep_their_type():
    state = {"open_order": {"orderId": 42, "clientOrderId": "wp-1"}}
    params = {"orderId": "{open_order.orderId}", "nested": [{"id": "{open_order.clientOrderId}"}], "side": "BUY"}
    assert resolve(params, state) == {"orderId": 42, "nested": [{"id": "wp-1"}], "side": "BUY"}


def test_braces_inside_a_value_are_no_placeholder():
    assert resolve({"note": "see {open_order.orderId}"}, {}) == {"note": "see {open_order.orderId}"}


@pytest.mark.parametrize(
    ("params", "needs", "sentence"),
    [
        ({}, ("open_ordr",), "needs 'open_ordr', which does not exist. Did you mean 'open_order'?"),
        ({"x": "{open_order.orderId}"}, (), "uses {open_order.orderId} without needing 'open_order'."),
        ({"x": "{open_order.orderID}"}, ("open_order",), "'open_order' offers no 'orderID'. Did you mean 'orderId'?"),
    ],
)
def test_slips_are_refused_with_the_nearest_name(params, needs, sentence):
    with pytest.raises(ContractFileError) as error:
        check_placeholders(Path("depth.json"), "depth/x", params, needs)
    assert sentence in str(error.value)
