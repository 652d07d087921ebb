"""Fields that are documented as conditional: which they are, in each product, and that they are judged so.

A condition is a sibling's value (`ot: TRAILING_STOP_MARKET`): where it holds the field must be there, elsewhere it may
be. What no sibling tells (whether the request had a modifyId, whether an order is an iceberg) is there sometimes.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.contract.model import Surface
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.drift.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.contract.model import Contract, Refinement

STORE = load_store()
SOMETIMES = ""
#: With FUNDING_FEE of a crossed position, ACCOUNT_UPDATE has balances only.
OTHER_THAN_FUNDING = (
    "m: DEPOSIT WITHDRAW ORDER WITHDRAW_REJECT ADJUSTMENT INSURANCE_CLEAR ADMIN_DEPOSIT ADMIN_WITHDRAW MARGIN_TRANSFER"
    " MARGIN_TYPE_CHANGE ASSET_TRANSFER OPTIONS_PREMIUM_FEE OPTIONS_SETTLE_PROFIT AUTO_EXCHANGE COIN_SWAP_DEPOSIT"
    " COIN_SWAP_WITHDRAW"
)

#: product -> condition -> contract -> paths
DOCUMENTED: dict[str, dict[str, dict[str, str]]] = {
    "usdm": {
        SOMETIMES: {
            "event/ACCOUNT_UPDATE": "a.P[].S",
            "event/ALGO_UPDATE": "o.ia",
            "event/MARGIN_CALL": "cw",
            "event/ORDER_TRADE_UPDATE": "o.M o.N o.n",
            "rest/DELETE.fapi.v1.batchOrders": "[].activatePrice [].priceRate",
            "rest/GET.fapi.v1.algoOrder": "activatePrice actualQty callbackRate",
            "rest/GET.fapi.v1.allAlgoOrders": "[].activatePrice [].callbackRate",
            "rest/GET.fapi.v1.leverageBracket": "[].notionalCoef notionalCoef",
            "rest/GET.fapi.v1.openAlgoOrders": "[].activatePrice [].callbackRate",
            "rest/GET.fapi.v1.orderAmendment": "[].amendment.modifyId",
            "rest/PUT.fapi.v1.batchOrders": "[].modifyId",
            "rest/PUT.fapi.v1.order": "modifyId",
            "stream/allContractInfo": "bks",
            "ws-api/order.modify": "result.modifyId",
        },
        "X: REJECTED": {
            "event/ALGO_UPDATE": "o.rm",
        },
        "X: TRIGGERED FINISHED": {
            "event/ALGO_UPDATE": "o.act o.ap o.aq",
        },
        "algoStatus: TRIGGERED FINISHED": {
            "rest/GET.fapi.v1.algoOrder": "actualType",
        },
        OTHER_THAN_FUNDING: {
            "event/ACCOUNT_UPDATE": "a.P",
        },
        "m: FUNDING_FEE": {
            "event/ACCOUNT_UPDATE": "a.S",
        },
        "orderType: TRAILING_STOP_MARKET": {
            "rest/POST.fapi.v1.algoOrder": "activatePrice callbackRate",
        },
        "origType: TRAILING_STOP_MARKET": {
            "ws-api/order.cancel": "result.activatePrice result.priceRate",
            "ws-api/order.status": "result.activatePrice result.priceRate",
        },
        "ot: STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET": {
            "event/ORDER_TRADE_UPDATE": "o.cp",
        },
        "ot: TRAILING_STOP_MARKET": {
            "event/ORDER_TRADE_UPDATE": "o.AP o.cr",
        },
        "st: 1": {
            "stream/allMarkPrice": "[].ap",
        },
        "type: TRAILING_STOP_MARKET": {
            "rest/DELETE.fapi.v1.order": "activatePrice priceRate",
            "rest/GET.fapi.v1.allOrders": "[].activatePrice [].priceRate",
            "rest/GET.fapi.v1.openOrder": "activatePrice priceRate",
            "rest/GET.fapi.v1.openOrders": "[].activatePrice [].priceRate",
            "rest/GET.fapi.v1.order": "activatePrice priceRate",
            "rest/POST.fapi.v1.order.test": "activatePrice priceRate",
        },
    },
    "coinm": {
        SOMETIMES: {
            "event/ACCOUNT_UPDATE": "a.P[].S",
            "event/MARGIN_CALL": "cw",
            "event/ORDER_TRADE_UPDATE": "o.M o.N o.n",
            "rest/DELETE.dapi.v1.batchOrders": "[].activatePrice [].priceRate",
            "rest/GET.dapi.v1.orderAmendment": "[].amendment.modifyId",
            "rest/GET.dapi.v2.leverageBracket": "[].notionalCoef",
            "rest/POST.dapi.v1.batchOrders": "[].activatePrice [].priceRate",
            "rest/PUT.dapi.v1.batchOrders": "[].modifyId",
            "rest/PUT.dapi.v1.order": "modifyId",
            "stream/allContractInfo": "bks",
            "ws-api/order.modify": "result.modifyId",
        },
        OTHER_THAN_FUNDING: {
            "event/ACCOUNT_UPDATE": "a.P",
        },
        "m: FUNDING_FEE": {
            "event/ACCOUNT_UPDATE": "a.S",
        },
        "ot: STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET": {
            "event/ORDER_TRADE_UPDATE": "o.cp",
        },
        "ot: TRAILING_STOP_MARKET": {
            "event/ORDER_TRADE_UPDATE": "o.AP o.cr",
        },
        "type: TRAILING_STOP_MARKET": {
            "rest/DELETE.dapi.v1.order": "activatePrice priceRate",
            "rest/GET.dapi.v1.allOrders": "[].activatePrice [].priceRate",
            "rest/GET.dapi.v1.openOrder": "activatePrice priceRate",
            "rest/GET.dapi.v1.openOrders": "[].activatePrice [].priceRate",
            "rest/GET.dapi.v1.order": "activatePrice priceRate",
            "rest/POST.dapi.v1.order": "activatePrice priceRate",
        },
    },
    "options": {
        SOMETIMES: {
            "rest/GET.eapi.v1.bill": "[].symbol",
            "rest/GET.eapi.v1.countdownCancelAll": "countdownTime underlying",
        },
    },
    "portfolio-margin": {
        SOMETIMES: {
            "event/ACCOUNT_UPDATE": "a.P[].S",
            "event/ALGO_UPDATE": "ao.ia",
            "event/ORDER_TRADE_UPDATE": "o.M o.N o.n o.si o.st",
            "event/executionReport": "D F J N Q d j u",
            "rest/GET.papi.v1.cm.orderAmendment": "[].amendment.modifyId",
            "rest/GET.papi.v1.um.adlQuantile": "[].adlQuantile.BOTH [].adlQuantile.HEDGE",
            "rest/GET.papi.v1.um.orderAmendment": "[].amendment.modifyId",
            "rest/POST.papi.v1.margin.order": "marginBuyBorrowAmount marginBuyBorrowAsset",
            "rest/POST.papi.v1.margin.order.oco": "marginBuyBorrowAmount marginBuyBorrowAsset",
            "rest/POST.papi.v1.um.algo.order": "closePosition",
            "rest/PUT.papi.v1.cm.order": "modifyId",
            "rest/PUT.papi.v1.um.order": "modifyId",
        },
        "X: EXPIRED EXPIRED_IN_MATCH": {
            "event/executionReport": "eR",
        },
        "X: REJECTED": {
            "event/ALGO_UPDATE": "ao.rm",
        },
        "X: TRIGGERED FINISHED": {
            "event/ALGO_UPDATE": "ao.act ao.ap ao.aq",
        },
        OTHER_THAN_FUNDING: {
            "event/ACCOUNT_UPDATE": "a.P",
        },
        "m: FUNDING_FEE": {
            "event/ACCOUNT_UPDATE": "a.S",
        },
        "st: TRAILING_STOP_MARKET": {
            "event/CONDITIONAL_ORDER_TRADE_UPDATE": "so.AP so.cr",
        },
        "type: STOP_LOSS STOP_LOSS_LIMIT TAKE_PROFIT TAKE_PROFIT_LIMIT": {
            "rest/DELETE.papi.v1.margin.allOpenOrders": "[].orderReports[].stopPrice",
            "rest/DELETE.papi.v1.margin.orderList": "orderReports[].stopPrice",
            "rest/POST.papi.v1.margin.order.oco": "orderReports[].stopPrice",
        },
        "strategyStatus: TRIGGERED FINISHED": {
            "rest/GET.papi.v1.cm.conditional.allOrders": "[].orderId [].status [].type",
            "rest/GET.papi.v1.cm.conditional.orderHistory": "orderId status type",
            "rest/GET.papi.v1.um.conditional.allOrders": "[].orderId [].status [].type",
            "rest/GET.papi.v1.um.conditional.orderHistory": "orderId status type",
        },
        "strategyType: TRAILING_STOP_MARKET": {
            "rest/DELETE.papi.v1.cm.conditional.order": "activatePrice priceRate",
            "rest/DELETE.papi.v1.um.conditional.order": "activatePrice priceRate",
            "rest/GET.papi.v1.cm.conditional.allOrders": "[].activatePrice [].priceRate",
            "rest/GET.papi.v1.cm.conditional.openOrder": "activatePrice priceRate",
            "rest/GET.papi.v1.cm.conditional.openOrders": "[].activatePrice [].priceRate",
            "rest/GET.papi.v1.cm.conditional.orderHistory": "activatePrice priceRate",
            "rest/GET.papi.v1.um.conditional.allOrders": "[].activatePrice [].priceRate",
            "rest/GET.papi.v1.um.conditional.openOrder": "activatePrice priceRate",
            "rest/GET.papi.v1.um.conditional.openOrders": "[].activatePrice [].priceRate",
            "rest/GET.papi.v1.um.conditional.orderHistory": "activatePrice priceRate",
            "rest/POST.papi.v1.cm.conditional.order": "activatePrice priceRate",
            "rest/POST.papi.v1.um.conditional.order": "activatePrice priceRate",
        },
        "w: true": {
            "event/executionReport": "W",
        },
        "x: CANCELED": {
            "event/executionReport": "C",
        },
        "x: REJECTED": {
            "event/executionReport": "r",
        },
        "x: TRADE_PREVENTION": {
            "event/executionReport": "A B Cs U pL pY pl v",
        },
    },
    "portfolio-margin-pro": {},
}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _condition(refinement: Refinement) -> str:
    when = refinement.when
    return SOMETIMES if when is None else f"{when.field}: {' '.join(map(_word, when.one_of))}"


def _conditional() -> Iterator[tuple[Contract, Refinement]]:
    for contract in STORE.contracts.values():
        for refinement in contract.refinements:
            if refinement.optional or refinement.when is not None:
                yield contract, refinement


ALL = list(_conditional())
IDS = [f"{contract.id} {refinement.path}" for contract, refinement in ALL]


@pytest.mark.parametrize("product", STORE.products)
def test_the_store_says_which_fields_are_conditional(product: str) -> None:
    """Neither more nor fewer than the documentation of the product calls so."""
    stored: dict[str, dict[str, set[str]]] = {}
    for contract, refinement in ALL:
        if contract.product == product:
            of_condition = stored.setdefault(_condition(refinement), {})
            of_condition.setdefault(contract.id.partition("/")[2], set()).add(refinement.path)
    documented = {
        condition: {contract: set(paths.split()) for contract, paths in contracts.items()}
        for condition, contracts in DOCUMENTED[product].items()
    }
    assert stored == documented


@pytest.mark.parametrize(("contract", "refinement"), ALL, ids=IDS)
def test_absent_where_its_condition_does_not_hold_a_field_conforms(contract: Contract, refinement: Refinement) -> None:
    """And so does one that is there sometimes, without a condition that the answer shows."""
    example, document = _example(contract, refinement)
    for parent, name in _places(document, refinement):
        parent.pop(name, None)
        _refuse(parent, refinement)
    assert not _is_missing(contract, example, document, refinement)


@pytest.mark.parametrize(("contract", "refinement"), ALL, ids=IDS)
def test_present_where_its_condition_does_not_hold_a_field_conforms(contract: Contract, refinement: Refinement) -> None:
    """No page says of a conditional field that it must not be there; several examples show one all the same."""
    example, document = _example(contract, refinement)
    shown = [parent for parent, name in _places(document, refinement) if name in parent]
    for parent in shown:
        _refuse(parent, refinement)
    assert not any(path == refinement.path for path, _ in _findings(contract, example, document))


WHEN = [(contract, refinement) for contract, refinement in ALL if refinement.when is not None]


@pytest.mark.parametrize(
    ("contract", "refinement"), WHEN, ids=[f"{contract.id} {refinement.path}" for contract, refinement in WHEN]
)
def test_absent_where_its_condition_holds_a_field_is_missing(contract: Contract, refinement: Refinement) -> None:
    """For every value of the sibling that the documentation names."""
    assert refinement.when is not None
    for value in refinement.when.one_of:
        example, document = _example(contract, refinement)
        for parent, name in _places(document, refinement):
            parent.pop(name, None)
            parent[refinement.when.field] = value
        assert _is_missing(contract, example, document, refinement), value


def _example(contract: Contract, refinement: Refinement) -> tuple[str, Any]:
    """Return the first example, copied, that shows the object the field belongs to."""
    for example in contract.examples:
        if refinement.examples and example.name not in refinement.examples:
            continue
        document = copy.deepcopy(example.response)
        if any(True for _ in _places(document, refinement)):
            return example.name, document
    raise AssertionError(f"no example of {contract.id} shows where {refinement.path} belongs")


def _places(document: Any, refinement: Refinement) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the objects that the field belongs to: those that show it, or any when none does."""
    *steps, name = refinement.path.replace("[]", ".[]").strip(".").split(".")
    found = [document]
    for step in steps:
        if step == "[]":
            found = [item for one in found if isinstance(one, list) for item in one]
        else:
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
    parents = [one for one in found if isinstance(one, dict)]
    showing = [one for one in parents if name in one]
    yield from ((parent, name) for parent in showing or parents)


def _refuse(parent: dict[str, Any], refinement: Refinement) -> None:
    """Make the condition, if there is one, not hold in this object."""
    if refinement.when is not None:
        held = refinement.when.one_of
        parent[refinement.when.field] = next(
            value
            for value in (False, 2, "NEW", "LIMIT", "FUNDING_FEE")
            if type(value) is type(held[0]) and value not in held
        )


def _findings(contract: Contract, example: str, document: Any) -> list[tuple[str, Kind]]:
    comparer = Comparer(STORE.products[contract.product])
    status = None if contract.surface is Surface.WS_API else 200
    found = comparer.response(contract, example, json.dumps(document).encode(), status=status)
    return [(finding.path, finding.kind) for finding in found]


def _is_missing(contract: Contract, example: str, document: Any, refinement: Refinement) -> bool:
    return (refinement.path, Kind.MISSING_FIELD) in _findings(contract, example, document)


def test_an_event_is_stored_without_the_frame_of_its_connection() -> None:
    """`{stream, data}` belongs to combined connections, whatever the page of one event shows."""
    framed = [
        contract.id
        for contract in STORE.contracts.values()
        if contract.surface in {Surface.EVENT, Surface.STREAM}
        for example in contract.examples
        if isinstance(example.response, dict) and {"stream", "data"} & set(example.response)
    ]
    assert framed == []


def test_rates_of_delivered_contracts_are_empty_in_every_alternative() -> None:
    """USDⓈ-M's premiumIndex of one symbol as well as of all, and the mark price streams of both products."""
    contract = STORE.contracts["usdm/rest/GET.fapi.v1.premiumIndex"]
    one = copy.deepcopy(contract.examples[0].response) | {"lastFundingRate": "", "interestRate": ""}
    assert _findings(contract, "symbol-sent", one) == []
    assert _findings(contract, "symbol-omitted", [one]) == []
    for name in ("usdm/stream/markPrice", "coinm/stream/markPrice"):
        stream = STORE.contracts[name]
        event = copy.deepcopy(stream.examples[0].response)
        assert (
            _findings(stream, "default", event | {"r": ""}) == _findings(stream, "default", event | {"r": "0.1"}) == []
        )
