"""The store of another day is a sound store, says what held then, and comes back to itself."""

from __future__ import annotations

import copy

import pytest
from checkout import CONTRACTS
from made_contracts import made_contract

from wireproof.contract.as_of import all_unpatched, contracts_then, documented, said_again, store_as_of, undo
from wireproof.contract.dated_changes import DatedChange, load_changes
from wireproof.contract.edits import Edit, apply, as_document, from_document
from wireproof.contract.model import Product, Stream
from wireproof.contract.paths import walk
from wireproof.contract.store import Store, load_store
from wireproof.contract.tables import named_params
from wireproof.contract.undoing import BORN, edits_of
from wireproof.errors import UsageError
from wireproof.suite.planning.check import check_as_of

PRODUCTS = ("usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro")


@pytest.fixture(scope="module")
def store():
    return load_store(CONTRACTS)


@pytest.fixture(scope="module")
def on(store):
    stores: dict[str, Store] = {}

    def on(day):
        if day not in stores:
            stores[day] = store_as_of(store, day)
        return stores[day]

    return on


def fields(store, contract_id):
    return {path for one in store.contracts[contract_id].examples for path, _ in walk(one.response)}


def params(store, contract_id):
    return dict(named_params(store.contracts[contract_id]))


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_change_is_undone_and_done_again(store, product):
    """Rule: from the newest change to the oldest, each leads back to a contract, and from there to where it came."""
    changes = load_changes(CONTRACTS / product, store.contracts).changes
    documents = {one.id: as_document(one) for one in store.contracts.values() if one.product == product}
    again, seen = said_again(changes), 0
    for change in reversed(documented(changes)):
        for contract_id in () if change.kept else change.contracts:
            document = documents.get(contract_id)
            if document is None or change.kind in BORN or (contract_id, id(change)) in again:
                continue
            since = copy.deepcopy(document)
            edits = undo(document, change, store.products[product])
            if edits:
                seen += 1
                forth = copy.deepcopy(document)
                for edit in edits:
                    apply(forth, edit, back=False)
                assert from_document(forth) == from_document(since), f"{contract_id}: {change}"
                is_told = any(edit.already for edit in edits)
                assert is_told is (from_document(document) == from_document(since)), f"{contract_id}: {change}"
    assert seen


#: A day before and one between the changes of each product, so that all of them are undone and some of them are not.
@pytest.mark.parametrize(
    ("product", "day"),
    [
        ("usdm", "2025-12-08"),
        ("coinm", "2026-06-29"),
        ("options", "2025-11-30"),
        ("portfolio-margin", "2026-05-01"),
        ("portfolio-margin-pro", "2025-09-01"),
    ],
)
def test_a_store_of_another_day_is_checked_as_the_files_are(store, product, day):
    own = {name: one for name, one in store.contracts.items() if one.product == product}
    report = check_as_of(store_as_of(Store(CONTRACTS, {product: store.products[product]}, own), day))
    assert report.problems == []
    assert report.cases


def test_today_and_later_the_store_is_as_its_files_are(store, on):
    for day in ("2026-11-27", "2027-01-01"):
        assert on(day).contracts == store.contracts
        assert on(day).left_out == {}
        assert on(day).day == day


def test_the_acknowledgement_of_july_2026_has_no_modify_id(on):
    assert "modifyId" in fields(on("2026-07-30"), "usdm/rest/PUT.fapi.v1.order")
    assert "modifyId" not in fields(on("2026-07-29"), "usdm/rest/PUT.fapi.v1.order")
    assert params(on("2026-08-12"), "coinm/rest/GET.futures.data.topLongShortAccountRatio").keys() >= {"symbol"}
    assert "pair" not in params(on("2026-08-12"), "coinm/rest/GET.futures.data.topLongShortAccountRatio")
    assert params(on("2026-08-24"), "usdm/rest/GET.fapi.v1.allOrders")["symbol"].required


def test_coin_m_before_its_integration_acknowledges_with_avg_price_and_the_old_weights(on):
    before, since = on("2026-06-29"), on("2026-06-30")
    order = "coinm/rest/POST.dapi.v1.order"
    assert {"avgPrice", "cumBase"} <= fields(before, order)
    assert not {"avgPrice", "cumBase"} & fields(since, order)
    assert not params(before, "coinm/rest/PUT.dapi.v1.order")["price"].required
    assert before.contracts["coinm/rest/GET.dapi.v1.forceOrders"].subject.weight.rules == ()
    assert before.contracts["coinm/rest/GET.dapi.v1.pmAccountInfo"].retired == ""
    assert since.contracts["coinm/rest/GET.dapi.v1.pmAccountInfo"].retired == "2026-06-30"


def test_conditional_orders_of_usd_m_were_plain_orders_before_the_algo_service(on):
    assert {"stopPrice", "workingType", "callbackRate"} <= params(
        on("2025-12-08"), "usdm/rest/POST.fapi.v1.order"
    ).keys()
    assert "stopPrice" not in params(on("2025-12-20"), "usdm/rest/POST.fapi.v1.order")
    before = on("2025-11-01")
    assert "usdm/rest/POST.fapi.v1.algoOrder" not in before.contracts
    assert before.left_out["usdm/rest/POST.fapi.v1.algoOrder"].startswith("it came on 2025-12-09")
    assert before.contracts["usdm/event/CONDITIONAL_ORDER_TRIGGER_REJECT"].retired == ""


def test_options_before_the_engine_of_december_2025_answer_klines_as_objects(on):
    before = on("2025-11-30")
    [kline, *_] = before.contracts["options/rest/GET.eapi.v1.klines"].examples[0].response
    assert {"open", "closeTime", "takerVolume"} <= kline.keys()
    assert before.contracts["options/rest/GET.eapi.v1.historicalTrades"].retired == ""
    assert "options/stream/optionTicker" not in before.contracts


def test_streams_had_no_route_of_their_own_before_march_2026(on):
    routes = {day: on(day).contracts["usdm/stream/aggTrade"].of(Stream).route for day in ("2026-03-04", "2026-03-05")}
    assert routes == {"2026-03-04": "", "2026-03-05": "market"}


def test_a_day_before_the_first_change_is_refused(store):
    with pytest.raises(UsageError, match=r"Contracts are known since 2025-07-02, and --as-of 2025-07-01 is before"):
        store_as_of(store, "2025-07-01")


def test_what_nobody_knows_is_counted_and_has_a_reason(store):
    listed = all_unpatched(store)
    assert all(why for _, _, why in listed)
    assert {change.kind for change, _, _ in listed} <= {"field-removed", "param-removed"}
    assert len(listed) <= 56  # this number only falls


PRODUCT = Product(product="usdm", title="test", hosts={})


def change(kind, path, day, **more):
    fields = {"basis": "change-log", "links": ("https://e.org",)}
    return DatedChange(contracts=("usdm/rest/test",), kind=kind, path=path, in_force=day, **{**fields, **more})


def then(contract, day, *changes):
    return contracts_then({contract.id: contract}, changes, PRODUCT, day)[0][contract.id]


def test_a_pending_change_comes_on_its_day_and_not_before():
    contract = made_contract({"a": 1})
    patch = (Edit(field="b", follows="a", after="x"),)
    coming = change("field-added", "b", "2027-01-10", pending=True, patch=patch)
    retired = change("request-retired", "", "2027-02-01", pending=True)
    assert then(contract, "2027-01-09", coming, retired) == contract
    assert then(contract, "2027-01-10", coming, retired).examples[0].response == {"a": 1, "b": "x"}
    assert then(contract, "2027-02-01", coming, retired).retired == "2027-02-01"


def test_a_field_that_came_and_went_is_there_in_between():
    contract = made_contract({"a": 1})
    patch = (Edit(field="b", follows="a", before="x"),)
    both = (change("field-added", "b", "2026-02-01"), change("field-removed", "b", "2026-04-01", patch=patch))
    seen = [then(contract, day, *both).examples[0].response for day in ("2026-01-01", "2026-03-01", "2026-05-01")]
    assert seen == [{"a": 1}, {"a": 1, "b": "x"}, {"a": 1}]


def test_what_was_said_twice_was_there_since_the_first_time():
    contract = made_contract({"a": 1, "b": "x"})
    twice = (change("field-added", "b", "2026-02-01"), change("field-added", "b", "2026-04-01", basis="sdk"))
    assert then(contract, "2026-03-01", *twice) == contract
    assert then(contract, "2026-01-01", *twice).examples[0].response == {"a": 1}


@pytest.mark.parametrize("more", [{"kept": "why"}, {"environment": "testnet"}, {"basis": "wire"}])
def test_what_the_store_never_took_over_is_not_undone(more):
    contract = made_contract({"a": 1, "b": "x"})
    assert then(contract, "2026-01-01", change("field-added", "b", "2026-02-01", **more)) == contract


def test_a_change_of_what_a_later_change_took_away_does_nothing():
    contract = made_contract({"a": 1})
    assert (
        edits_of(as_document(contract), change("field-type-changed", "b", "2026-02-01", before="string"), PRODUCT) == []
    )
