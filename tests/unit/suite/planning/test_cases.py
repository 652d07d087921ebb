"""Which variants and faults a REST request gets depends on what it costs and on whether it can be undone."""

from __future__ import annotations

import pytest
from msgspec import structs

from wireproof.contract.model import Case, Request, Watch
from wireproof.errors import ContractFileError
from wireproof.suite.planning.cases import DEAREST_FAULT, KEY_TYPES, plan_cases


def variants(planned, contract, prefix):
    return [name for name in planned if name.startswith(f"{contract}/{prefix}")]


def test_a_cheap_signed_request_is_signed_with_every_kind_of_key(planned):
    """And sent as a form as well, when it is no GET."""
    contract = "usdm/rest/POST.fapi.v1.order"
    assert {planned[name].key_type for name in variants(planned, contract, "signed-by/")} == set(KEY_TYPES)
    [form] = variants(planned, contract, "sent-in/")
    assert planned[form].in_body
    assert not variants(planned, "usdm/rest/GET.fapi.v1.order", "sent-in/")


def test_a_dearer_one_is_signed_with_one_other_kind_and_every_kind_is_used(planned):
    some = {name for name in planned if "/rest/GET." in name and "/signed-by/" in name}
    assert len(variants(planned, "usdm/rest/GET.fapi.v3.account", "signed-by/")) == 1
    assert {planned[name].key_type for name in some} == set(KEY_TYPES)


def test_a_dear_request_is_sent_once(planned):
    """A download costs a thousand; nothing but its documented variant is sent."""
    asked = [name for name in planned if name.startswith("usdm/rest/GET.fapi.v1.income.asyn/")]
    assert asked == ["usdm/rest/GET.fapi.v1.income.asyn/default"]
    dear = [
        case.id
        for case in planned.values()
        if case.contract.surface == "rest"
        and case.id.rpartition("/rejects/")[1]
        and case.expect
        and case.contract.of(Request).weight.of(case.contract.base) > DEAREST_FAULT
        and case.id.split("/rejects/")[1] in {"wrong-key", "wrong-signature", "missing-key"}
    ]
    assert dear == []


RETIRED = "coinm/rest/GET.dapi.v1.pmAccountInfo"


def test_a_retired_request_is_only_asked_whether_it_is_still_there(planned):
    [case] = [case for case in planned.values() if case.contract.id == RETIRED]
    assert (case.kind, case.expect.status) == ("rejection", 404)


@pytest.mark.parametrize(
    "changes", [{"cases": (Case(id="a", title="A"),)}, {"subject": {"method": "POST"}}], ids=["success", "post"]
)
def test_no_other_case_of_a_retired_request_is_taken(store, changes):
    contract = store.contracts[RETIRED]
    request = structs.replace(contract.subject, **changes.get("subject", {}))
    changed = structs.replace(contract, **{**changes, "subject": request})
    with pytest.raises(ContractFileError, match="is of a contract that is retired since 2026-06-30"):
        plan_cases(store, [changed])


def test_a_missing_key_is_refused_over_rest_as_documented(planned):
    """Over the WebSocket API it is not tried, because no code is documented there."""
    case = planned["usdm/rest/GET.fapi.v1.openOrder/rejects/missing-key"]
    assert (case.expect.status, -2014 in case.expect.codes, case.omit) == (401, True, ("apiKey",))
    assert "usdm/ws-api/order.status/rejects/missing-key" not in planned


def test_a_parameter_that_only_limits_a_list_names_no_order(planned):
    assert "usdm/rest/GET.fapi.v1.allOrders/rejects/unknown-order" not in planned
    assert "usdm/rest/GET.fapi.v1.order/rejects/unknown-order" in planned


@pytest.mark.parametrize(
    ("contract", "cause", "words"),
    [
        ("usdm/event/TRADE_LITE", "market_ordr", "does not exist. Did you mean 'market_order'"),
        ("usdm/event/TRADE_LITE", "", "does not exist"),
        ("usdm/event/TRADE_LITE", "liquidated", 'Give the case the mark "venue_only"'),
        ("usdm/stream/aggTrade", "market_order", "which a stream cannot have"),
        ("usdm/stream/aggTrade", "liquidatd", "does not exist. Did you mean 'liquidated'"),
    ],
)
def test_a_cause_that_cannot_be_is_refused_with_its_case(store, contract, cause, words):
    known = store.contracts[contract]
    broken = structs.replace(known, cases=(structs.replace(known.cases[0], watch=Watch(cause=cause)),))
    with pytest.raises(ContractFileError, match=words) as refused:
        plan_cases(store, [broken])
    assert f"{contract}/{known.cases[0].id}" in str(refused.value)


def test_what_the_market_has_to_do_as_told_for_runs_apart(planned):
    """On an exchange its streams are watched like any other."""
    scripted = {name for name, case in planned.items() if case.scripted}
    assert "usdm/stream/forceOrder/symbol" in scripted
    assert "coinm/rest/GET.dapi.v1.forceOrders/after-liquidation" in scripted
    assert {name for name in scripted if "venue_only" not in planned[name].own_marks} == {
        f"{product}/stream/{stream}"
        for product in ("usdm", "coinm")
        for stream in ("forceOrder/symbol", "allForceOrder/all", "allContractInfo/all")
    } | {"options/stream/allOptionSymbol/default"}


def test_a_stream_that_lacks_a_parameter_of_its_name_is_refused(store):
    known = store.contracts["usdm/stream/aggTrade"]
    broken = structs.replace(known, cases=(structs.replace(known.cases[0], params={}),))
    with pytest.raises(ContractFileError, match="leaves out what its stream's name needs: symbol"):
        plan_cases(store, [broken])
