"""Rejections are generated from the parameter table: one fault each, with the documented refusal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wireproof.contract.model import Param, RejectionRule, Request
from wireproof.contract.store import load_store
from wireproof.suite.planning.rejections import generate, rule_for

STORE = load_store()
USDM = STORE.products["usdm"]


def rejections(name):
    return {r.name: r for r in generate(STORE.contract(f"usdm/ws-api/{name}"), USDM)}


@pytest.mark.parametrize(
    "contract",
    [c for c in STORE.contracts.values() if c.surface == "ws-api" and c.product == "usdm"],
    ids=lambda c: c.id,
)
def test_every_fault_of_every_parameter_is_tried(contract):
    """Mandatory left out, enumerations and types wrong, symbol and order unknown, key, signature and time wrong."""
    written = {case.id.removeprefix("rejects/") for case in contract.cases}
    names = {r.name for r in generate(contract, USDM)} | written
    request = contract.of(Request)
    for param in request.params:
        assert not param.required or f"missing-{param.name}" in names
        assert not param.enum or f"wrong-value-{param.name}" in names
        assert param.enum or param.type not in {"INT", "LONG", "DECIMAL"} or f"mistyped-{param.name}" in names
        assert param.name != "symbol" or "unknown-symbol" in names
        assert param.name not in {"orderId", "algoId"} or "unknown-order" in names
    assert not request.security.needs_key or "wrong-key" in names
    signed = {"missing-signature", "wrong-signature", "stale-timestamp", "future-timestamp"}
    assert not request.security.is_signed or signed <= names


def test_a_missing_parameter_is_left_out_and_nothing_else():
    missing = rejections("order.place")["missing-side"]
    base = STORE.contract("usdm/ws-api/order.place").base
    assert missing.params == {name: value for name, value in base.items() if name != "side"}
    assert (missing.expect.status, missing.expect.codes) == (400, (-1102,))


def test_a_number_beyond_its_documented_range_is_sent_where_the_refusal_is_documented():
    contract = STORE.contract("usdm/rest/POST.fapi.v1.leverage")
    beyond = {r.name: r for r in generate(contract, USDM) if r.name.startswith("too-")}
    assert [r.params["leverage"] for r in beyond.values()] == [0, 126]
    assert list(beyond) == ["too-small-leverage", "too-large-leverage"]
    assert {r.expect.codes for r in beyond.values()} == {(-4028,)}
    assert {name: value for name, value in beyond["too-small-leverage"].params.items() if name != "leverage"} == {
        name: value for name, value in contract.base.items() if name != "leverage"
    }


def test_an_unknown_order_is_named_by_its_id_alone():
    assert rejections("order.cancel")["unknown-order"].params["orderId"] == 1
    assert "origClientOrderId" not in rejections("order.modify")["unknown-order"].params


def test_the_contract_s_rule_comes_before_the_product_s():
    contract = STORE.contract("usdm/ws-api/order.cancel")
    assert rule_for(contract, USDM, "unknown-order").codes == (-2011,)
    assert rule_for(STORE.contract("usdm/ws-api/algoOrder.cancel"), USDM, "unknown-order").codes == (-2011, -2013)


def test_rules_may_hold_for_one_type_only():
    contract = STORE.contract("usdm/ws-api/depth")
    rule = RejectionRule(fault="mistyped", types=("LONG",), codes=(-1,))
    special = replace(contract, rejections=(rule,))
    assert rule_for(special, USDM, "mistyped", Param(name="x", type="LONG")).codes == (-1,)
    assert rule_for(special, USDM, "mistyped", Param(name="x", type="INT")).codes != (-1,)


def test_a_fault_whose_answer_is_not_documented_is_not_tried():
    assert "missing-key" not in rejections("order.place")
