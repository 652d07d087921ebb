"""What else an answer may be, by its documentation, and which values must be found again."""

from __future__ import annotations

import json

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import load_store
from wireproof.drift.documented_shape import answer_shape
from wireproof.drift.explain import explain
from wireproof.manifest import documented_variants as dv
from wireproof.manifest.decoder_process import normal
from wireproof.manifest.documented_variants import marked, variants


@pytest.fixture(scope="module")
def store():
    return load_store(CONTRACTS)


def of(store, contract_id, most=1000):
    contract = store.contract(contract_id)
    example = contract.examples[0]
    node = answer_shape(contract, example.name, store.products[contract.product])
    return list(variants(node, example.response, most=most))


def test_an_order_varies_as_it_is_documented(store):
    found = {}
    for one in of(store, "usdm/ws-api/order.place"):
        found.setdefault(one.kind, []).append(one.where)
    assert found.keys() == {dv.RECORDED, dv.ABSENT, dv.NULL, dv.EMPTY, dv.NUMBER, dv.WORD, dv.NEW_FIELD, dv.NEW_WORD}
    assert "rateLimits" in found[dv.ABSENT]
    assert "result.side: SELL" in found[dv.WORD]
    assert "result.status" in found[dv.NEW_WORD]
    assert "result.price" in found[dv.NUMBER]
    assert not any("clientOrderId" in where for where in found[dv.NUMBER])  # a text, whatever stands in it


@pytest.mark.parametrize(
    "contract_id",
    ["usdm/rest/GET.fapi.v1.exchangeInfo", "coinm/event/ORDER_TRADE_UPDATE", "options/rest/POST.eapi.v1.order"],
)
def test_documented_variants_conform_and_the_two_new_ones_do_not(store, contract_id):
    """By the comparison, which knows what is documented."""
    contract = store.contract(contract_id)
    node = answer_shape(contract, contract.examples[0].name, store.products[contract.product])
    for one in of(store, contract_id, 3):
        findings = explain(contract_id, node, json.loads(one.body))
        assert bool(findings) == (one.kind in {dv.NEW_FIELD, dv.NEW_WORD}), (one.kind, one.where, findings)


def test_of_each_kind_there_are_at_most_so_many_from_the_whole_answer(store):
    several = [one for one in of(store, "usdm/rest/GET.fapi.v1.exchangeInfo", 2) if one.kind == dv.NEW_FIELD]
    assert len(several) == 2


def test_values_are_marked_so_that_each_stands_once():
    document = {"a": 5000, "b": 5000, "c": "1.5", "d": "1.5", "e": "BUY", "f": "BUY", "g": "X", "h": 200, "i": True}
    changed, expected = marked(document)
    assert sorted(expected.values()) == ["a", "b", "c", "d", "g", "h"]
    assert (changed["h"], changed["i"], changed["e"]) == (200, True, "BUY")
    assert json.loads(json.dumps(changed)).keys() == document.keys()
    assert marked(document, unlike=False)[1] == {"X": "g", "200": "h"}


@pytest.mark.parametrize(
    ("one", "other"), [("1.50", 1.5), (2.0, 2), ("7", 7), ("x.y", "x.y"), ("900000001.25", 900000001.25)]
)
def test_a_value_is_the_same_in_each_type(one, other):
    assert normal(one) == normal(other)
