"""What the store says is what the last dated change of each part left."""

from __future__ import annotations

import pytest
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.audit.dated import anachronisms, contradictions
from wireproof.contract.dated_changes import Changes, DatedChange
from wireproof.contract.model import FieldRule, Param, Product, Refinement, Request, Security, Stream, Surface, Weight

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
        change("weight-changed", "weight", before=2, after=1),
        change("weight-changed", "weight", before=1, after="1 or 2"),
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


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (change("field-type-changed", "status", after="integer"), "an example shows str, not integer"),
        (change("weight-changed", "weight", after=5), "the weight is 1, not 5"),
        (change("enum-value-added", "state", after="NEW"), "no parameter has that path, and no example shows such a"),
    ],
)
def test_types_weights_and_words_are_compared_too(wrong, problem):
    [told] = said(wrong)
    assert problem in told


def test_a_host_that_moved_is_the_route_of_the_stream():
    moved = change("host-moved", "path", before="/ws, /stream", after="/market/ws, /market/stream")
    market, public = (
        made_contract({"a": 1}, surface=Surface.STREAM, subject=Stream(name="x", route=route))
        for route in ("market", "public")
    )
    of = lambda contract: replace(moved, contracts=(contract.id,))  # noqa: E731
    assert said(of(market), contract=market) == []
    assert "the route is public, not one of /market/ws" in said(of(public), contract=public)[0]


def test_what_is_kept_or_pending_and_in_the_store_is_named():
    assert "is 'kept', and the store says it. Delete 'kept'." in said(change("field-added", "status", kept="why"))[0]
    [told] = said(change("field-added", "status", pending=True))
    assert "of 2026-10-01 is 'pending', and the store says it. Delete 'pending' and its patch." in told


def later(*changes, day="2026-09-01"):
    return list(anachronisms(Changes(changes=changes), {CONTRACT.id: CONTRACT}, PRODUCT, day))


@pytest.mark.parametrize(
    "one",
    [
        change("field-added", "status"),
        change("field-removed", "gone"),
        change("param-added", "limit"),
        change("param-mandatory", "symbol", before="optional", after="mandatory"),
        change("enum-value-added", "status", after="NEW"),
        change("enum-value-removed", "side", before="BOTH"),
    ],
)
def test_what_came_later_must_not_be_there_on_a_day_before(one):
    assert later(one) == [f"{CONTRACT.id}: {one.kind} {one.path} of 2026-10-01 is there on 2026-09-01 already."]
    assert later(one, day="2026-10-01") == []


@pytest.mark.parametrize(
    "one",
    [
        change("field-added", "markets.FX"),  # a key of a map
        change("param-removed", "page"),  # nobody knows its row
        change("field-removed", "deep.gone"),  # its object is not there either
        change("field-added", "status", kept="why"),
        change("behaviour", "error.code"),
    ],
)
def test_what_cannot_be_told_of_a_day_before_is_not(one):
    assert later(one) == []


def test_what_had_changed_before_as_well_is_not_told():
    assert (
        later(
            change("enum-value-added", "status", "2026-08-01", after="NEW"),
            change("enum-value-added", "status", after="NEW"),
        )
        == []
    )
