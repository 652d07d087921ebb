"""What an import changes can be undone: the contract as of the day before is the one before, in each kind of change."""

from __future__ import annotations

import json

import pytest
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.as_of import contracts_then
from wireproof.contract.dated_changes import DatedChange, load_changes
from wireproof.contract.edits import Edit
from wireproof.contract.model import Param, Refinement, Request, Security, Weight
from wireproof.contract.store import load_store
from wireproof.pages.importer import import_pages
from wireproof.pages.patches import patch_of
from wireproof.suite.planning.check import check

PAGE = """source: https://docs.example.org/mini/orders

# All Orders (USER_DATA)

## HTTP Request

GET `/mapi/v1/orders`

**Weight:** 5

## Request Parameters

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES | |
| side | ENUM | NO | BUY, SELL |
| limit | INT | NO | Default 500; max 1000 |
| timestamp | LONG | YES | |

## Response Example

```json
[{"orderId": 7, "price": "1.0", "fee": {"asset": "AAA", "rate": "0.1"}, "isMaker": true, "time": 1499827319559}]
```
"""
PRODUCT = {
    "product": "mini",
    "title": "Mini",
    "hosts": {},
    "fields": [{"where": ["mini/* **.*"], "text": "words", "why": "a test"}],
}


@pytest.fixture
def store(tmp_path):
    (tmp_path / "mini").mkdir()
    (tmp_path / "mini" / "product.json").write_text(json.dumps(PRODUCT), "utf-8")
    return tmp_path


def imported(store, page, day):
    file = store / "orders.md"
    file.write_text(page, "utf-8")
    report = import_pages(
        [str(file)], "mini", store, write=True, today=day, check=lambda folder: check(folder).problems
    )
    assert report.failures == []
    [contract] = load_store(store).contracts.values()
    return contract


def plain(contract):
    """Return a contract without what says where it is from, and of when."""
    examples = tuple(replace(one, source="") for one in contract.examples)
    return replace(contract, revised="", examples=examples)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ('"price": "1.0", ', "", {"field-removed"}),
        ('"fee": {"asset": "AAA", "rate": "0.1"}, ', "", {"field-removed"}),
        ('"asset": "AAA", ', "", {"field-removed"}),
        ('"orderId": 7, "price": "1.0", ', "", {"field-removed"}),
        ('"isMaker": true', '"isMaker": true, "isBuyer": false', {"field-added"}),
        ('"price": "1.0"', '"price": 1.0', {"field-type-changed"}),
        ('"orderId": 7', '"orderId": "seven"', {"field-type-changed"}),
        ('"fee": {"asset": "AAA", "rate": "0.1"}', '"fee": ["0.1"]', {"field-removed", "field-type-changed"}),
        ("| side | ENUM | NO | BUY, SELL |\n", "", {"param-removed"}),
        ("| limit | INT |", "| page | INT | NO | |\n| limit | INT |", {"param-added"}),
        ("| symbol | STRING | YES |", "| symbol | STRING | NO |", {"param-mandatory"}),
        ("| side | ENUM | NO |", "| side | ENUM | YES |", {"param-mandatory"}),
        ("BUY, SELL", "BUY, BOTH", {"enum-value-added", "enum-value-removed"}),
        ("max 1000", "max 1500", {"limit-changed"}),
        ("Default 500", "Default 100", {"behaviour"}),
        ("| limit | INT |", "| limit | LONG |", {"behaviour"}),
        ("**Weight:** 5", "**Weight:** 20", {"weight-changed"}),
        ("(USER_DATA)", "(TRADE)", {"behaviour"}),
    ],
)
def test_the_day_before_an_import_the_contract_was_as_it_was(store, old, new, kinds):
    before = imported(store, PAGE, "2026-11-01")
    (store / "mini" / "changes.json").write_text('{"changes": []}', "utf-8")
    assert old in PAGE
    since = imported(store, PAGE.replace(old, new), "2026-11-20")
    changes = load_changes(store / "mini", [since.id]).changes
    assert {change.kind for change in changes} == kinds
    product = load_store(store).products["mini"]
    [then] = contracts_then({since.id: since}, changes, product, "2026-11-19")[0].values()
    assert plain(then) == plain(before)
    assert contracts_then({since.id: since}, changes, product, "2026-11-20")[0] == {since.id: since}


def test_several_changes_of_one_import_are_undone_together(store):
    before = imported(store, PAGE, "2026-11-01")
    (store / "mini" / "changes.json").write_text('{"changes": []}', "utf-8")
    altered = PAGE.replace('"orderId": 7, "price": "1.0", ', '"id": "x", ').replace(
        "| side | ENUM | NO | BUY, SELL |\n", ""
    )
    since = imported(store, altered.replace("max 1000", "max 500").replace("5\n\n##", "40\n\n##"), "2026-11-20")
    changes = load_changes(store / "mini", [since.id]).changes
    product = load_store(store).products["mini"]
    [then] = contracts_then({since.id: since}, changes, product, "2026-11-19")[0].values()
    assert plain(then) == plain(before)
    assert list(then.examples[0].response[0]) == list(before.examples[0].response[0])


REQUEST = Request(
    method="GET", path="/x", security=Security.NONE, weight=Weight(ip=1), params=(Param(name="page", type="INT"),)
)


def dated(kind, path):
    return DatedChange(
        contracts=("usdm/rest/test",), kind=kind, path=path, basis="comparison", seen="2026-11-20", links=("l",)
    )


def test_refinements_of_what_went_come_back_with_it():
    old = made_contract(
        {"a": 1, "b": {"c": "x"}},
        subject=REQUEST,
        refinements=(Refinement(path="b.c", text="id", source="s"), Refinement(path="a", optional=True, source="s")),
    )
    new = replace(old, examples=made_contract({"a": 1}).examples, refinements=old.refinements[1:])
    assert patch_of(old, new, "field gone", dated("field-removed", "b")) == (
        Edit(field="b", before={"c": "x"}, follows="a"),
        Edit(refinement="b.c", before={"text": "id", "source": "s"}),
    )


def test_what_the_new_contract_tells_by_itself_has_no_patch():
    contract = made_contract({"a": 1}, subject=REQUEST)
    assert patch_of(contract, contract, "field added", dated("field-added", "a")) == ()
    assert patch_of(contract, contract, "parameter now optional", dated("param-mandatory", "page")) == ()
