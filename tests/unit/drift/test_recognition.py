"""An error in place of a documented success is exactly one finding, over the whole store: never green, never a wall."""

from __future__ import annotations

import json

import pytest

from wireproof.contract.model import Surface
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.drift.documented_shape import is_enveloped
from wireproof.drift.finding import Kind, Severity
from wireproof.drift.offline import Offline
from wireproof.recognition import error_in

STORE = load_store()
COMPARERS = {name: Comparer(product) for name, product in STORE.products.items()}
TEXT = "An unknown error occurred while processing the request."

#: How an error is written: the style of REST, its code as text, below `error`, and what some gateways write.
STYLES = {
    "code-and-msg": {"code": -1000, "msg": TEXT},
    "code-as-text": {"code": "-1000", "msg": TEXT},
    "without-text": {"code": -1000},
    "below-error": {"error": {"code": -1000, "msg": TEXT}},
    "with-data": {"code": -1000, "msg": TEXT, "data": {"serverTime": 1}},
    "success-false": {"code": "-1000", "message": TEXT, "success": False},
    "status-and-data": {"status": "ERROR", "type": "GENERAL", "code": "-1000", "errorData": TEXT, "data": None},
}
SUCCESSES = [
    (contract, example)
    for contract in STORE.contracts.values()
    for example in contract.examples
    if error_in(example.response) is None
]


def in_envelope(example, **parts):
    """Return an envelope of the WebSocket API with these parts in place of the result."""
    shown = example.response if is_enveloped(example) else {}
    return {"id": "1", "status": 200, **parts, **{k: v for k, v in shown.items() if k == "rateLimits"}}


@pytest.mark.parametrize("style", STYLES)
def test_an_error_in_place_of_any_documented_success_is_one_finding(style):
    """Every contract, every success, every surface, all products: with `code` in the success and without."""
    wrong, walked = {}, set()
    for contract, example in SUCCESSES:
        body, comparer = STYLES[style], COMPARERS[contract.product]
        if contract.surface is Surface.WS_API:
            bodies = [in_envelope(example, result=body), in_envelope(example, error=body.get("error", body))]
            found = [comparer.response(contract, example.name, json.dumps(one).encode()) for one in bodies]
        elif contract.surface is Surface.REST:
            found = [comparer.response(contract, example.name, json.dumps(body).encode(), status=200)]
            found.append(comparer.payload(contract, "", json.dumps(body).encode()))
        else:
            found = [comparer.payload(contract, example.name, json.dumps(body).encode())]
            found.append(next(iter(comparer.burst(contract, example.name, [json.dumps(body).encode()]))))
        walked.add((contract.product, contract.surface))
        for findings in found:
            told = [(f.kind, f.path, f.severity, f.value) for f in findings]
            if told != [(Kind.ERROR_ANSWER, "", Severity.BREAKING, "-1000")] or "-1000" not in findings[0].actual:
                wrong[contract.id, example.name] = findings
    assert wrong == {}
    assert len(SUCCESSES) > 400
    assert len(walked) == len({(c.product, c.surface) for c in STORE.contracts.values()})


def test_the_finding_names_code_text_and_status():
    """One line says all there is to say."""
    contract = STORE.contracts["usdm/rest/DELETE.fapi.v1.allOpenOrders"]
    body = json.dumps(STYLES["code-and-msg"]).encode()
    (finding,) = COMPARERS["usdm"].response(contract, "default", body, status=200)
    assert finding.actual == f'an error answer -1000 "{TEXT}" with status 200'
    assert finding.value == "-1000"


@pytest.mark.parametrize("text", [True, False], ids=["text", "number"])
def test_a_changed_success_code_is_not_taken_for_an_error(text):
    """`code` 200 that became 201 is another constant; only a negative code is an error where codes are documented."""
    contract = STORE.contracts["usdm/rest/DELETE.fapi.v1.allOpenOrders"]
    shown = contract.examples[0].response
    changed = {**shown, "code": "201" if text else 201}
    found = COMPARERS["usdm"].response(contract, "default", json.dumps(changed).encode(), status=200)
    assert {f.kind for f in found} <= {Kind.VALUE_CHANGED, Kind.TYPE_CHANGED}
    assert [f.path for f in found] == ["code"]


@pytest.mark.parametrize(
    "name", [c.id for c in STORE.contracts.values() if "batchOrders" in c.id and c.surface is Surface.REST]
)
def test_an_error_within_a_batch_is_accepted_where_it_is_documented(name):
    """An element {code, msg} beside orders is how batches refuse one of them; an error in place of all is not."""
    contract = STORE.contracts[name]
    comparer, example = COMPARERS[contract.product], contract.examples[0]
    element = {"code": -2011, "msg": "Unknown order sent."}
    found = comparer.response(contract, example.name, json.dumps([*example.response, element]).encode(), status=200)
    documented = any("code" in one for one in example.response)
    assert [(f.kind, f.path) for f in found] == ([] if documented else [(Kind.ERROR_ANSWER, "[]")])


def test_an_error_among_elements_that_are_never_errors_is_counted():
    """The rest of the array is compared as well."""
    contract = next(c for c in STORE.contracts.values() if c.id.endswith("GET.fapi.v1.openOrders"))
    shown = contract.examples[0].response[0]
    renamed = {**{k: v for k, v in shown.items() if k != "symbol"}}
    body = json.dumps([shown, {"code": -1000, "msg": TEXT}, renamed]).encode()
    found = COMPARERS["usdm"].response(contract, contract.examples[0].name, body, status=200)
    assert [(f.kind, f.path) for f in found] == [(Kind.ERROR_ANSWER, "[]"), (Kind.MISSING_FIELD, "[].symbol")]
    assert found[0].samples == ("[1]",)


def test_a_positive_code_with_text_is_an_error_where_no_code_is_documented():
    """A gateway's `{"code": 0, "msg": "Service unavailable from a restricted location …"}` is no open interest."""
    contract = STORE.contracts["usdm/rest/GET.fapi.v1.openInterest"]
    body = b'{"code":0,"msg":"Service unavailable from a restricted location"}'
    found = COMPARERS["usdm"].response(contract, contract.examples[0].name, body, status=200)
    assert [(f.kind, f.value) for f in found] == [(Kind.ERROR_ANSWER, "0")]


COMMANDS = [(c, e) for c in STORE.contracts.values() if c.is_command for e in c.examples]


@pytest.mark.parametrize(("contract", "example"), COMMANDS, ids=[f"{c.id}/{e.name}" for c, e in COMMANDS])
def test_stream_commands_tell_an_error_for_a_success_and_a_success_for_an_error(contract, example):
    """One finding each way, and none for the documented answer."""
    comparer = COMPARERS[contract.product]
    documented = error_in(example.response)
    error, success = b'{"error":{"code":9,"msg":"Invalid"},"id":1}', b'{"result":null,"id":1}'
    told = [(f.kind, f.value) for f in comparer.payload(contract, example.name, error)]
    if documented is None:
        assert told == [(Kind.ERROR_ANSWER, "9")]
    else:
        assert told == [(Kind.ERROR_CODE_CHANGED, "9")]
        assert [f.kind for f in comparer.payload(contract, example.name, success)] == [Kind.ERROR_CODE_CHANGED]
    assert comparer.payload(contract, example.name, json.dumps(example.response).encode()) == []


@pytest.mark.parametrize(
    "documented",
    [
        {"code": 200, "msg": "success"},
        {"symbol": "BTCUSDT", "price": "1.5"},
        [{"symbol": "BTCUSDT"}],
        {"id": "1", "status": 200, "result": {}},
    ],
    ids=["with-code", "without-code", "array", "envelope"],
)
def test_two_documents_without_a_contract_are_compared_in_the_same_way(documented):
    """The first and the second time, when the documented example is compiled."""
    offline, body = Offline(), json.dumps(STYLES["code-and-msg"]).encode()
    for _ in range(2):
        found = offline.payloads(json.dumps(documented).encode(), body)
        assert [(f.kind, f.path, f.value) for f in found] == [(Kind.ERROR_ANSWER, "", "-1000")]
