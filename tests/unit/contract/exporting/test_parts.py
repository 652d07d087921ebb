"""What documents of several languages say alike."""

from __future__ import annotations

import pytest

from wireproof.contract.exporting.parts import camel, limits_of, opened, param_schema, params_schema, targets_of
from wireproof.contract.model import Param, Surface
from wireproof.contract.store import load_store

STORE = load_store()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("GET.fapi.v1.order", "getFapiV1Order"),
        ("GET.fapi.v1.ticker.24hr", "getFapiV1Ticker24hr"),
        ("order.place", "orderPlace"),
        ("ORDER_TRADE_UPDATE", "orderTradeUpdate"),
        ("listenKeyExpired", "listenKeyExpired"),
    ],
)
def test_names_are_made_one_word(name, word):
    assert camel(name) == word


@pytest.mark.parametrize(
    ("param", "schema"),
    [
        (Param(name="a", type="LONG", maximum=60000), {"type": "integer", "format": "int64", "maximum": 60000}),
        (Param(name="a", type="DECIMAL", minimum=0.1), {"type": "number", "minimum": 0.1}),
        (Param(name="a", type="INT", enum=("5", "10")), {"type": "integer", "enum": [5, 10]}),
        (Param(name="a", type="STRING", enum="Flag"), {"type": "string", "enum": ["true", "false"]}),
        (Param(name="a", type="BOOLEAN", default=False), {"type": "boolean", "default": False}),
    ],
)
def test_a_parameter_has_the_documented_type_words_and_range(param, schema):
    assert param_schema(param, {"Flag": ("true", "false")}) == schema


def test_decimals_in_json_may_be_strings():
    """And what is mandatory in an element of a list is so there."""
    orders = Param(name="orders", type="ARRAY", items=(Param(name="price", type="DECIMAL", required=True),))
    assert param_schema(orders, {})["items"] == {
        "type": "object",
        "properties": {"price": {"type": ["number", "string"]}},
        "required": ["price"],
    }
    assert params_schema((), {}) == {"type": "object", "properties": {}}


def test_objects_are_opened_and_maps_stay():
    closed = {"type": "object", "additionalProperties": False, "properties": {"additionalProperties": {"const": False}}}
    assert opened({"anyOf": [closed, {"additionalProperties": {"type": "string"}}]}) == {
        "anyOf": [
            {"type": "object", "properties": {"additionalProperties": {"const": False}}},
            {"additionalProperties": {"type": "string"}},
        ]
    }


def test_limits_and_hosts_are_those_of_the_exchange():
    """What holds for the local venue only is nobody else's."""
    product = STORE.product("options")
    assert {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 30} in limits_of(product)
    assert all(limit.get("target") != "local" for limit in limits_of(product))
    assert [target for target, _ in targets_of(product, Surface.REST)] == ["live", "testnet"]
