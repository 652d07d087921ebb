"""What an SDK says, beside a contract: its known weaknesses are no differences, everything else is."""

from __future__ import annotations

import pytest
from made_contracts import made_contract

from wireproof.contract.model import (
    Example,
    Observed,
    Param,
    Refinement,
    Request,
    Security,
    Surface,
    Weight,
    WeightRule,
)
from wireproof.pages.sdk.client_code import SdkContents
from wireproof.pages.sdk.described import Described
from wireproof.pages.sdk.store_comparison import compare_with_store

ENUMS = {"Side": ("BUY", "SELL")}


def contract(response, *params, weight=None, **more):
    subject = Request(
        method="GET", path="/fapi/v1/x", security=Security.NONE, weight=weight or Weight(ip=1), params=params
    )
    shown = response if isinstance(response, Example) else Example(name="default", response=response)
    return made_contract(shown, subject=subject, **more)


def said(fields=None, *params, **more):
    return Described(
        surface=Surface.REST,
        name="GET",
        path="/fapi/v1/x",
        fields={path: (kinds,) if isinstance(kinds, str) else kinds for path, kinds in (fields or {}).items()},
        params=params,
        **({"open_paths": frozenset({""})} if fields is None else {}),
        **more,
    )


def told(one, entry):
    contents = SdkContents("sdk", "1", {entry.key: entry}, [])
    found = compare_with_store(contents, [one], ENUMS)
    return [(change.what, change.where) for both in found.both for change in both.changes]


@pytest.mark.parametrize(
    ("response", "fields"),
    [
        ({"p": "1.5"}, {"": "object", "p": "string"}),
        ({"p": 27103.5}, {"": "object", "p": "integer"}),
        ({"p": None}, {"": "object", "p": "string"}),
        ({"p": []}, {"": "object", "p": "array", "p[]": "object", "p[].a": "string"}),
        ({"p": [["1", 2]]}, {"": "object", "p": "array"}),
        ({"p": {}}, {"": "object", "p": "object", "p.q": "string"}),
        ({"p": {"q": 1}}, {"": "object", "p": "any"}),
    ],
)
def test_what_an_sdk_leaves_out_or_says_coarsely_is_no_difference(response, fields):
    opened = frozenset({"p", "p[]"}) if response in ({"p": [["1", 2]]}, {"p": {"q": 1}}) else frozenset()
    assert told(contract(response), said(fields, open_paths=opened) if fields else said()) == []


@pytest.mark.parametrize(
    ("response", "fields", "change"),
    [
        ({"p": 1, "q": 1}, {"": "object", "p": "integer"}, ("field gone", "q")),
        ({"p": 1}, {"": "object", "p": "integer", "q": "string"}, ("field added", "q")),
        ({"p": 1}, {"": "object", "p": "string"}, ("type changed", "p")),
        ([{"p": 1}], {"": "array", "[]": "object", "[].p": "string"}, ("type changed", "[].p")),
        ({"p": {"q": 1}}, {"": "object", "p": "array", "p[]": "object"}, ("type changed", "p")),
    ],
)
def test_what_an_sdk_says_otherwise_is_a_difference(response, fields, change):
    assert change in told(contract(response), said(fields))


def test_free_keys_conditions_refusals_and_observed_fields_are_no_differences():
    free = contract({"BTCUSDT": {"p": 1}}, refinements=(Refinement(path="", free_keys=True, source="test"),))
    assert told(free, said({"": "object", "ETHUSDT": "object", "ETHUSDT.p": "integer"})) == []
    hidden = contract({"p": 1}, refinements=(Refinement(path="q", optional=True, source="test"),))
    assert told(hidden, said({"": "object", "p": "integer", "q": "string"})) == []
    assert told(hidden, said({"": "object", "p": "integer"})) == []
    assert told(contract({"code": -2013, "msg": "no"}), said({"": "object", "p": "integer"})) == []
    seen = Example(
        name="default", response={"p": 1, "q": 1}, observed=(Observed(path="q", target="live", date="2026-10-01"),)
    )
    assert told(contract(seen), said({"": "object", "p": "integer"})) == []


SIDE = Param(name="side", type="ENUM", enum="Side")
LIMIT = Param(name="limit", type="INT", default=100, maximum=1000)
SIGNED = Param(name="timestamp", type="LONG", required=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SIDE, Param(name="side", type="STRING")),
        (SIDE, Param(name="side", type="ENUM", enum=("SELL", "BUY"))),
        (LIMIT, Param(name="limit", type="LONG")),
        (Param(name="on", type="STRING", enum=("true", "false")), Param(name="on", type="BOOLEAN")),
        (Param(name="qty", type="DECIMAL"), Param(name="qty", type="LONG")),
    ],
)
def test_a_parameter_of_which_less_is_said_is_the_same(old, new):
    assert told(contract({}, old, SIGNED), said(None, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (SIDE, Param(name="side", type="ENUM", enum=("BUY", "SELL", "BOTH")), "parameter's values"),
        (SIDE, Param(name="side", type="ENUM", required=True), "parameter now mandatory"),
        (LIMIT, Param(name="limit", type="LONG", maximum=1500), "parameter's range"),
        (LIMIT, Param(name="limit", type="LONG", default=500), "parameter's default"),
        (LIMIT, Param(name="limit", type="ARRAY"), "parameter's type"),
        (LIMIT, Param(name="other", type="LONG"), "parameter gone"),
        (LIMIT, Param(name="other", type="LONG"), "parameter added"),
    ],
)
def test_a_parameter_that_changed_is_told(old, new, what):
    assert what in {change for change, _ in told(contract({}, old, SIGNED), said(None, new))}


def test_a_weight_is_compared_where_an_sdk_names_a_value():
    rules = (WeightRule(param="limit", at_most=50, ip=2), WeightRule(param="limit", at_most=100, ip=5))
    old = contract({}, LIMIT, weight=Weight(ip=10, rules=rules))
    named = (WeightRule(param="limit", one_of=(5, 50), ip=2), WeightRule(param="limit", one_of=(100,), ip=5))
    assert told(old, said(None, LIMIT, weight=Weight(ip=10, rules=named))) == []
    dear = (WeightRule(param="limit", one_of=(5, 50), ip=3),)
    assert told(old, said(None, LIMIT, weight=Weight(ip=10, rules=dear))) == [("weight", "")]
    orders = contract({}, weight=Weight(ip=0, orders_1m=1))
    assert told(orders, said(None, weight=Weight(ip=1), weight_words="1")) == []
    assert told(orders, said(None, weight=Weight(ip=5), weight_words="5")) == [("weight", "")]


def test_contracts_that_only_one_side_has_are_listed_and_retired_ones_are_not():
    entry = Described(surface=Surface.REST, name="PUT", path="/fapi/v1/new")
    contents = SdkContents("sdk", "1", {entry.key: entry}, [])
    found = compare_with_store(contents, [contract({})], {})
    assert ([one.id for one in found.new], [one.id for one in found.gone]) == (
        ["rest/PUT.fapi.v1.new"],
        ["usdm/rest/test"],
    )
    assert compare_with_store(contents, [contract({}, retired="2026-01-01")], {}).gone == []
    assert compare_with_store(contents, [made_contract({}, surface=Surface.STREAM)], {}).gone == []
