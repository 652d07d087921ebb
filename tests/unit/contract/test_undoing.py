"""What a change did is made of what stands; what cannot be is unknown, never made up."""

from __future__ import annotations

import copy

import pytest
from made_contracts import made_contract

from wireproof.contract.dated_changes import DatedChange
from wireproof.contract.edits import Edit, apply, as_document, from_document
from wireproof.contract.model import (
    Example,
    FieldRule,
    Monotonic,
    Param,
    Product,
    Refinement,
    Request,
    Security,
    Stream,
    Surface,
    Weight,
    WeightRule,
)
from wireproof.contract.undoing import edits_of, unpatched

PARAMS = (
    Param(name="symbol", type="STRING", required=True),
    Param(name="limit", type="INT", maximum=1000, default=500),
    Param(name="side", type="ENUM", enum="Side"),
)
WEIGHT = Weight(ip=200, rules=(WeightRule(param="limit", at_most=100, ip=5),))
CONTRACT = made_contract(
    Example(name="e0", request={"params": {"limit": 5, "symbol": "B"}}, response={"status": "NEW", "id": 7, "time": 1}),
    subject=Request(method="GET", path="/x", security=Security.NONE, weight=WEIGHT, params=PARAMS),
    refinements=(Refinement(path="time", kind="timestamp", nullable=True, source="s"),),
    base={"symbol": "B", "limit": 5},
)
PRODUCT = Product(
    product="usdm",
    title="test",
    hosts={},
    enums={"Side": ("BUY", "SELL"), "Status": ("NEW", "DONE")},
    fields=(FieldRule(where=("usdm/rest/* status",), enum="Status"),),
)


def change(kind, path="", **more):
    fields = {"basis": "change-log", "announced": "2026-10-01", "links": ("https://e.org",)}
    return DatedChange(contracts=(CONTRACT.id,), kind=kind, path=path, **{**fields, **more})


def before(one, contract=CONTRACT):
    document = as_document(contract)
    edits = edits_of(document, one, PRODUCT)
    for edit in reversed(edits):
        apply(document, edit, back=True)
    then = from_document(copy.deepcopy(document))
    for edit in edits:
        apply(document, edit, back=False)
    assert from_document(document) == contract
    return then


def params(contract):
    return {param.name: param for param in contract.params}


def test_a_field_that_was_added_was_not_there_nor_what_is_said_of_it():
    then = before(change("field-added", "time"))
    assert then.examples[0].response == {"status": "NEW", "id": 7}
    assert then.refinements == ()


def test_the_order_and_the_repetition_of_a_field_go_with_it():
    stream = Stream(name="<symbol>@x", monotonic=(Monotonic(path="u", per=("s",)),), repeats={"s": "<symbol>"})
    contract = made_contract({"u": 1, "s": "B"}, surface=Surface.STREAM, subject=stream)
    then = before(change("field-added", "s"), contract)
    assert (then.subject.monotonic, then.subject.repeats) == ((), {})


def test_a_field_that_was_removed_comes_back_as_its_patch_says():
    patch = (Edit(field="avgPrice", follows="status", before="0.0"),)
    assert list(before(change("field-removed", "avgPrice", patch=patch)).examples[0].response) == [
        *("status", "avgPrice", "id", "time")
    ]


def test_of_a_removed_field_without_a_patch_only_its_name_is_known():
    one = change("field-removed", "avgPrice")
    [*_, then] = before(one).refinements
    assert (then.path, then.kind, then.optional) == ("avgPrice", "any", True)
    assert unpatched(as_document(CONTRACT), one, PRODUCT) == "nothing tells what the field held"


def test_a_value_is_written_in_its_earlier_kind():
    assert (
        before(change("field-type-changed", "id", before="string", after="integer")).examples[0].response["id"] == "7"
    )
    then = before(change("field-type-changed", "time", before="integer", after="integer or null"))
    assert then.refinements == (Refinement(path="time", kind="timestamp", source="s"),)


def test_a_kind_that_a_value_cannot_have_is_unknown():
    one = change("field-type-changed", "status", before="object", after="string")
    assert unpatched(as_document(CONTRACT), one, PRODUCT) == "the contract does not tell what it said before"


def test_a_parameter_that_was_added_was_sent_by_nobody():
    then = before(change("param-added", "limit"))
    assert "limit" not in params(then)
    assert then.examples[0].request == {"params": {"symbol": "B"}}
    assert then.base == {"symbol": "B"}
    assert then.subject.weight.rules == ()


@pytest.mark.parametrize(
    ("one", "name", "expected"),
    [
        (change("param-mandatory", "symbol", before="optional", after="mandatory"), "symbol", {"required": False}),
        (change("param-mandatory", "limit", before="mandatory", after="optional"), "limit", {"required": True}),
        (change("enum-value-added", "side", after="SELL"), "side", {"enum": ("BUY",)}),
        (change("enum-value-removed", "side", before="BOTH"), "side", {"enum": ("BUY", "SELL", "BOTH")}),
        (change("limit-changed", "limit", before=1500, after=1000), "limit", {"maximum": 1500}),
        (change("limit-changed", "limit", after=1000), "limit", {"maximum": None}),
    ],
)
def test_a_row_of_the_table_says_what_it_said(one, name, expected):
    then = params(before(one))[name]
    assert {key: getattr(then, key) for key in expected} == expected


def test_words_of_a_field_are_the_contracts_own_then():
    then = before(change("enum-value-added", "status", after="DONE"))
    assert [(one.path, one.enum) for one in then.refinements][-1] == ("status", ("NEW",))


def test_an_example_that_shows_a_word_was_not_there_where_others_remain():
    other = made_contract({"status": "NEW"}, {"status": "DONE"}, subject=CONTRACT.subject)
    then = before(change("enum-value-added", "status", after="DONE"), other)
    assert [one.name for one in then.examples] == ["e0"]


def test_a_weight_in_one_number_is_derived_and_one_in_words_is_not():
    then = before(change("weight-changed", "weight", before=20, after=200))
    assert (then.subject.weight.ip, then.subject.weight.rules) == (20, ())
    assert unpatched(as_document(CONTRACT), change("weight-changed", "weight", before="20 or 40"), PRODUCT)


def test_a_route_and_a_retirement_are_undone():
    stream = made_contract({"u": 1}, surface=Surface.STREAM, subject=Stream(name="x", route="market"))
    assert before(change("host-moved", "path", before="/ws", after="/market/ws"), stream).subject.route == ""
    retired = made_contract({"u": 1}, retired="2026-10-01")
    assert before(change("request-retired"), retired).retired == ""


@pytest.mark.parametrize(
    "one",
    [
        change("behaviour", "error.code", after=-4120),
        change("limit-changed", "history", before="6 months", after="3 months"),
        change("field-added", "markets.FX"),
        change("request-added"),
    ],
)
def test_what_no_contract_says_needs_no_patch(one):
    assert unpatched(as_document(CONTRACT), one, PRODUCT) == ""


def test_what_the_page_said_before_is_not_undone():
    patch = (Edit(param="side", already="the page said it in 2025"),)
    one = change("enum-value-added", "side", after="SELL", patch=patch)
    assert before(one) == CONTRACT
    assert unpatched(as_document(CONTRACT), one, PRODUCT) == ""


def test_unknown_is_said_with_its_reason():
    patch = (Edit(field="avgPrice", unknown="no page shows it"),)
    one = change("field-removed", "avgPrice", patch=patch)
    assert unpatched(as_document(CONTRACT), one, PRODUCT) == "no page shows it"
