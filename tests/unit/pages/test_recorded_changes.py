"""What an import changes is listed with its day, so that the list and the contracts agree."""

from __future__ import annotations

import json

import msgspec
import pytest
from checkout import CONTRACTS
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.dated_changes import FILE, load_changes
from wireproof.contract.model import Param, Product, Refinement, Request, Security, Weight
from wireproof.pages.changes import Change
from wireproof.pages.recorded_changes import changes_file

PARAMS = (Param(name="symbol", type="STRING", required=True), Param(name="side", type="ENUM", enum=("BUY", "BOTH")))
REQUEST = Request(method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1), params=PARAMS)
CONTRACT = made_contract({"price": "1"}, subject=REQUEST, revised="2026-11-27")
PRODUCT = Product(product="usdm", title="test", hosts={})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILE).write_text(json.dumps({"without_contract": {CONTRACT.id: "no page"}, "changes": []}), "utf-8")
    return tmp_path


def listed(folder, *changes):
    files = changes_file(folder, changes, {CONTRACT.id: CONTRACT}, PRODUCT, "2026-11-27")
    for file, data in files.items():
        file.write_bytes(data)
    return [(one.kind, one.path, one.before, one.after) for one in load_changes(folder).changes]


def change(what, where="", detail="", contract=CONTRACT.id):
    return Change(contract=contract, what=what, where=where, detail=detail)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (change("new contract"), ("request-added", "", None, None)),
        (change("field gone", "qty", "decimal"), ("field-removed", "qty", None, None)),
        (change("field added", "price", "decimal"), ("field-added", "price", None, None)),
        (change("type changed", "price", "integer → decimal"), ("field-type-changed", "price", "integer", "decimal")),
        (change("parameter gone", "page", "INT"), ("param-removed", "page", None, None)),
        (change("parameter added", "side", "ENUM, optional"), ("param-added", "side", None, None)),
        (change("parameter now mandatory", "symbol"), ("param-mandatory", "symbol", "optional", "mandatory")),
        (change("parameter now optional", "side"), ("param-mandatory", "side", "mandatory", "optional")),
        (change("weight", detail="5 → 1"), ("weight-changed", "", "5", "1")),
        (change("deprecated"), ("behaviour", "", "current", "marked deprecated")),
        (change("no longer deprecated"), ("behaviour", "", "marked deprecated", "current")),
    ],
)
def test_each_difference_becomes_a_change_of_today(folder, told, expected):
    assert listed(folder, told) == [expected]
    [one] = load_changes(folder, {CONTRACT.id}).changes
    assert (one.date, one.basis, one.links, one.contracts) == (
        *("2026-11-27", "comparison", (CONTRACT.docs_url,), (CONTRACT.id,)),
    )


def test_each_word_that_came_or_went_is_a_change_of_its_own(folder):
    assert listed(folder, change("parameter's values", "side", "BOTH came; SELL, NONE went")) == [
        ("enum-value-added", "side", None, "BOTH"),
        ("enum-value-removed", "side", "SELL", None),
        ("enum-value-removed", "side", "NONE", None),
    ]


def test_what_was_listed_before_stays(folder):
    assert listed(folder, change("contract gone")) == []  # the contract does not say so
    first = listed(folder, change("parameter's values", "side", "BOTH came"))
    assert listed(folder, change("field gone", "qty", "decimal")) == [*first, ("field-removed", "qty", None, None)]


def test_the_words_of_a_field_are_listed_alike(folder):
    contract = msgspec.structs.replace(
        CONTRACT, refinements=(Refinement(path="price", enum=("HALT",), source="https://e.org"),)
    )
    told = change("field's values", "price", "HALT came; OPEN went")
    [data] = changes_file(folder, [told], {CONTRACT.id: contract}, PRODUCT, "2026-11-27").values()
    found = [(one["kind"], one["path"], one.get("after"), one.get("before")) for one in json.loads(data)["changes"]]
    assert found == [("enum-value-added", "price", "HALT", None), ("enum-value-removed", "price", None, "OPEN")]


@pytest.mark.parametrize(
    "told",
    [
        change("field gone", "price", "decimal"),  # another example shows it still
        change("title", detail="a → b"),
        change("field gone", "qty", contract="usdm/rest/other"),  # was not written
    ],
)
def test_what_is_no_change_of_a_written_contract_is_not_listed(folder, told):
    assert listed(folder, told) == []


@pytest.mark.parametrize("product", ["usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro"])
def test_the_stores_own_are_written_alike(product):
    """So that a diff is the change."""
    data = (CONTRACTS / product / FILE).read_bytes()
    assert msgspec.json.format(msgspec.json.encode(load_changes(CONTRACTS / product)), indent=2) + b"\n" == data


def test_a_product_without_a_list_gets_none(tmp_path):
    assert changes_file(tmp_path, [change("new contract")], {CONTRACT.id: CONTRACT}, PRODUCT, "2026-11-27") == {}


def test_words_where_there_were_none_are_listed_with_what_stood_there(folder):
    open_then = replace(REQUEST, params=(PARAMS[0], replace(PARAMS[1], enum=())))
    told = change("parameter's values", "side", "any → BUY, BOTH")
    before = {CONTRACT.id: replace(CONTRACT, subject=open_then)}
    files = changes_file(folder, [told], {CONTRACT.id: CONTRACT}, PRODUCT, "2026-11-27", before=before)
    [one] = json.loads(files[folder / FILE])["changes"]
    assert (one["kind"], one["note"]) == ("behaviour", "values changed")
    assert one["patch"] == [{"param": "side", "before": {"enum": None}, "after": {"enum": ["BUY", "BOTH"]}}]
    assert changes_file(folder, [told], {CONTRACT.id: CONTRACT}, PRODUCT, "2026-11-27") == {}
