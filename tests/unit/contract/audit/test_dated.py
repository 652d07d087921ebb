"""What the store says is what the last dated change of each part left."""

from __future__ import annotations

import pytest
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.audit.dated import contradictions
from wireproof.contract.dated_changes import Changes, DatedChange
from wireproof.contract.model import FieldRule, Param, Product, Refinement, Request, Security, Weight

PARAMS = (
    Param(name="symbol", type="STRING", required=True),
    Param(name="limit", type="INT", maximum=500),
    Param(name="side", type="ENUM", enum="Side"),
    Param(name="orders", type="ARRAY", items=(Param(name="price", type="DECIMAL"),)),
)
REQUEST = Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1), params=PARAMS)
PRODUCT = Product(
    product="usdm",
    title="test",
    hosts={},
    enums={"Side": ("BUY", "SELL"), "Status": ("NEW",)},
    fields=(FieldRule(where=("usdm/rest/* status",), enum="Status"),),
)
CONTRACT = made_contract(
    {"status": "NEW", "markets": {}, "type": "A"},
    subject=REQUEST,
    refinements=(
        Refinement(path="markets", free_keys=True, source="s"),
        Refinement(path="type", constant=("A",), source="s"),
    ),
)


def change(kind, path="", day="2026-10-01", **more):
    fields = {"basis": "change-log", "announced": day, "links": ("https://e.org",)}
    return DatedChange(contracts=(CONTRACT.id,), kind=kind, path=path, **{**fields, **more})


def said(*changes, contract=CONTRACT, revised="2026-11-22", retired=""):
    stored = {contract.id: replace(contract, revised=revised, retired=retired)}
    return list(contradictions(Changes(changes=changes), stored, PRODUCT))


@pytest.mark.parametrize(
    "agreed",
    [
        change("field-added", "status"),
        change("field-added", "markets.FX"),
        change("field-removed", "gone"),
        change("param-added", "orders[].price"),
        change("param-removed", "page"),
        change("param-mandatory", "symbol", before="optional", after="mandatory"),
        change("param-mandatory", "limit, side", before="mandatory", after="optional"),
        change("enum-value-added", "side", after="SELL"),
        change("enum-value-added", "status", after="NEW"),
        change("enum-value-added", "type", after="A"),
        change("enum-value-removed", "status", before="DONE"),
        change("limit-changed", "limit", before=1000, after=500),
        change("limit-changed", "history", before="6 months", after="3 months"),
        change("request-added"),
        change("weight-changed", "weight", before=1, after=2),
    ],
)
def test_what_the_store_says_is_no_contradiction(agreed):
    assert said(agreed) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (change("field-added", "st"), "no example shows the field"),
        (change("field-removed", "status"), "the field is still there"),
        (change("param-added", "page"), "the table has no such parameter"),
        (change("param-removed", "limit"), "the parameter is still in the table"),
        (change("param-mandatory", "limit", after="mandatory"), "limit is optional"),
        (change("param-mandatory", "symbol", after="optional"), "symbol is mandatory"),
        (change("param-mandatory", "page", after="mandatory"), "the table has no parameter page"),
        (change("enum-value-added", "side", after="BOTH"), "BOTH is not among its words (BUY, SELL)"),
        (change("enum-value-added", "limit", after="5"), "5 is not among its words (none)"),
        (change("enum-value-removed", "status", before="NEW"), "NEW is still among its words"),
        (change("limit-changed", "limit", before=500, after=1000), "the largest value is 500, not 1000"),
        (change("request-retired"), "'retired' is not set"),
    ],
)
def test_what_it_says_otherwise_is_named_with_the_change(wrong, sentence):
    [told] = said(wrong)
    assert told.startswith(f"{CONTRACT.id}: {wrong.kind}")
    assert sentence in told
    assert told.endswith(" Follow https://e.org, list the later change, or say in 'kept' why not.")


def test_the_last_change_of_a_part_holds():
    came, went = change("field-added", "st", "2026-08-01"), change("field-removed", "st", "2026-09-01")
    assert said(went, came) == []
    assert len(said(came, change("field-removed", "st", "2026-07-01"))) == 1


def test_changes_of_two_words_do_not_replace_each_other():
    changes = [change("enum-value-added", "side", after=word) for word in ("BOTH", "SELL")]
    assert len(said(*changes)) == 1


@pytest.mark.parametrize("more", [{"basis": "wire"}, {"environment": "testnet"}, {"kept": "the page says otherwise"}])
def test_what_is_not_documented_or_kept_on_purpose_decides_nothing(more):
    assert said(change("field-added", "st", **more)) == []


def test_a_contract_is_revised_no_earlier_than_its_newest_change():
    [told] = said(change("request-added"), revised="2026-08-19")
    assert told.endswith("revised 2026-08-19, and a change of 2026-10-01 is listed. Set 'revised' to that day.")


def test_a_retired_contract_names_the_day_and_has_the_change():
    gone = change("request-retired", in_force="2026-10-08")
    assert said(gone, retired="2026-10-08") == []
    assert "'retired' is 2026-10-01" in said(gone, retired="2026-10-01")[0]
    assert said(retired="2026-10-08") == [f"{CONTRACT.id}: retired 2026-10-08, and no change says so."]
    assert "it is retired since 2026-10-08" in said(change("request-added"), retired="2026-10-08")[0]
