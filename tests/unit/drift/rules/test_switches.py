"""Parts of an envelope that are there unless they were switched off: `rateLimits` of the WebSocket API."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from wireproof.contract.model import Surface
from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind, Severity
from wireproof.drift.rules.switches import left_out
from wireproof.results.model import Observation
from wireproof.suite.judging.judge import Judge

STORE = load_store()
WS_API = [contract for contract in STORE.contracts.values() if contract.surface is Surface.WS_API]
OF_EXAMPLES = [pytest.param(contract, id=contract.id) for contract in WS_API]
LIMITS = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 1}]
ERROR = {"code": -1102, "msg": "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."}
ORDER = "usdm/ws-api/order.place"


def found(name: str, answer: Any, request: Any = None) -> list[str]:
    contract = STORE.contracts[name]
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    findings = left_out(contract, STORE.products[contract.product], json.dumps(request or {}), body)
    assert {(one.kind, one.severity) for one in findings} <= {(Kind.MISSING_FIELD, Severity.BREAKING)}
    return [one.path for one in findings]


@pytest.mark.parametrize("contract", OF_EXAMPLES)
@pytest.mark.parametrize("part", [{"status": 200, "result": {}}, {"status": 400, "error": ERROR}], ids=["ok", "error"])
def test_rate_limits_are_there_by_default(contract, part):
    """The documentation includes them in responses by default, in those of success and error alike."""
    assert found(contract.id, {"id": "1", **part}) == ["rateLimits"]
    assert found(contract.id, {"id": "1", **part, "rateLimits": LIMITS}) == []


@pytest.mark.parametrize("value", [False, "false"])
def test_a_request_may_switch_them_off(value):
    answer = {"id": "1", "status": 400, "error": ERROR}
    assert found(ORDER, answer, {"id": "1", "params": {"returnRateLimits": value}}) == []
    assert found(ORDER, answer, {"id": "1", "params": {"returnRateLimits": True}}) == ["rateLimits"]
    assert found(ORDER, answer, {"id": "1"}) == ["rateLimits"]


def test_an_answer_may_say_that_the_connection_has_them_switched_off():
    """As the examples of the requests about a session show it."""
    answer = {"id": "1", "status": 200, "result": {"returnRateLimits": False}}
    assert found("usdm/ws-api/session.status", answer) == []
    answer["result"]["returnRateLimits"] = True
    assert found("usdm/ws-api/session.status", answer) == ["rateLimits"]


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"not JSON", b'{"id":1', b"[" * 5000])
def test_what_is_no_envelope_has_nothing_to_leave_out(body):
    assert found(ORDER, body) == []


def test_bare_answers_have_no_switches():
    assert found("usdm/rest/GET.fapi.v1.depth", {}) == []


@pytest.mark.parametrize("contract", OF_EXAMPLES)
def test_the_judge_says_so_of_successes_and_refusals(contract):
    judge = Judge(STORE, {}, target="local", today=date(2026, 11, 22))
    example = contract.examples[0]
    shown = example.response if "status" in example.response else {"id": "1", "status": 200, "result": example.response}
    success = {name: value for name, value in shown.items() if name != "rateLimits"} | {"id": "1"}
    if isinstance(success["result"], dict) and success["result"].get("returnRateLimits") is False:
        success["result"] = success["result"] | {"returnRateLimits": True}
    seen = Observation(case="c", contract=contract.id, example=example.name, response="", request='{"id":"1"}')
    assert [(one.path, one.kind) for one in judge.findings(contract, seen, json.dumps(success).encode())] == [
        ("rateLimits", Kind.MISSING_FIELD)
    ]
    refusal = {"id": "1", "status": 400, "error": ERROR}
    seen = Observation(case="c", contract=contract.id, expect_status=400, expect_codes=(-1102,), response="")
    assert [(one.path, one.kind) for one in judge.findings(contract, seen, json.dumps(refusal).encode())] == [
        ("rateLimits", Kind.MISSING_FIELD)
    ]


ALTERED: dict[str, Any] = {
    "no error beside the status of one": (
        {"id": "1", "status": 400, "rateLimits": LIMITS},
        {("error", Kind.MISSING_FIELD)},
    ),
    "a result in place of the error": (
        {"id": "1", "status": 400, "result": {}, "rateLimits": LIMITS},
        {("error", Kind.MISSING_FIELD), ("result", Kind.UNDOCUMENTED_FIELD)},
    ),
    "a result beside the error": (
        {"id": "1", "status": 400, "error": ERROR, "result": {}, "rateLimits": LIMITS},
        {("result", Kind.UNDOCUMENTED_FIELD)},
    ),
    "status as text": (
        {"id": "1", "status": "400", "error": ERROR, "rateLimits": LIMITS},
        {("status", Kind.TYPE_CHANGED)},
    ),
    "status as a fraction": (
        {"id": "1", "status": 400.5, "error": ERROR, "rateLimits": LIMITS},
        {("status", Kind.TYPE_CHANGED)},
    ),
    "no status": ({"id": "1", "error": ERROR, "rateLimits": LIMITS}, {("status", Kind.MISSING_FIELD)}),
    "status null": ({"id": "1", "status": None, "error": ERROR, "rateLimits": LIMITS}, {("status", Kind.NULL_VALUE)}),
    "another status": (
        {"id": "1", "status": 409, "error": ERROR, "rateLimits": LIMITS},
        {("status", Kind.STATUS_CHANGED)},
    ),
    "status of success": (
        {"id": "1", "status": 200, "error": ERROR, "rateLimits": LIMITS},
        {("status", Kind.STATUS_CHANGED)},
    ),
    "a field more": (
        {"id": "1", "status": 400, "error": ERROR, "rateLimits": LIMITS, "more": 1},
        {("more", Kind.UNDOCUMENTED_FIELD)},
    ),
    "no id": ({"status": 400, "error": ERROR, "rateLimits": LIMITS}, {("id", Kind.MISSING_FIELD)}),
    "an object as id": ({"id": {}, "status": 400, "error": ERROR, "rateLimits": LIMITS}, {("id", Kind.TYPE_CHANGED)}),
    "limits null": (
        {"id": "1", "status": 400, "error": ERROR, "rateLimits": None},
        {("rateLimits", Kind.NULL_VALUE)},
    ),
    "limits as object": (
        {"id": "1", "status": 400, "error": ERROR, "rateLimits": LIMITS[0]},
        {("rateLimits", Kind.TYPE_CHANGED)},
    ),
    "a limit as text": (
        {"id": "1", "status": 400, "error": ERROR, "rateLimits": [LIMITS[0] | {"limit": "2400"}]},
        {("rateLimits[].limit", Kind.TYPE_CHANGED)},
    ),
    "a limit and nothing else": (
        {
            "id": "1",
            "status": 400,
            "error": ERROR,
            "rateLimits": [{"limit": 2400}],
        },
        {
            (f"rateLimits[].{name}", Kind.MISSING_FIELD)
            for name in ("rateLimitType", "interval", "intervalNum", "count")
        },
    ),
}


@pytest.mark.parametrize("product", ["usdm", "coinm"])
@pytest.mark.parametrize("how", ALTERED)
def test_each_part_of_an_error_envelope_is_judged(how, product):
    """Missing, of another kind, or beside what it excludes."""
    answer, wanted = ALTERED[how]
    contract = STORE.contracts[f"{product}/ws-api/order.place"]
    judge = Judge(STORE, {}, target="local", today=date(2026, 11, 22))
    seen = Observation(case="c", contract=contract.id, expect_status=400, expect_codes=(-1102,), response="")
    findings = judge.findings(contract, seen, json.dumps(answer).encode())
    assert {(one.path, one.kind) for one in findings} == wanted


SUCCESS = {"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": "1.5", "time": 1795714209199}}
SUCCESSES: dict[str, Any] = {
    "an error beside the result": (SUCCESS | {"rateLimits": LIMITS, "error": ERROR}, {("", Kind.ERROR_ANSWER)}),
    "an error in place of the result": (
        {"id": "1", "status": 200, "error": ERROR, "rateLimits": LIMITS},
        {("", Kind.ERROR_ANSWER)},
    ),
    "no result": ({"id": "1", "status": 200, "rateLimits": LIMITS}, {("result", Kind.MISSING_FIELD)}),
    "another status": (SUCCESS | {"rateLimits": LIMITS, "status": 201}, {("status", Kind.STATUS_CHANGED)}),
    "status as text": (SUCCESS | {"rateLimits": LIMITS, "status": "200"}, {("status", Kind.TYPE_CHANGED)}),
    "status true": (SUCCESS | {"rateLimits": LIMITS, "status": True}, {("status", Kind.TYPE_CHANGED)}),
    "a field more": (SUCCESS | {"rateLimits": LIMITS, "more": None}, {("more", Kind.UNDOCUMENTED_FIELD)}),
}


@pytest.mark.parametrize("how", SUCCESSES)
def test_each_part_of_the_envelope_of_a_success_is_judged(how):
    answer, wanted = SUCCESSES[how]
    contract = STORE.contracts["usdm/ws-api/ticker.price"]
    judge = Judge(STORE, {}, target="local", today=date(2026, 11, 22))
    seen = Observation(case="c", contract=contract.id, example="symbol-sent", response="")
    findings = judge.findings(contract, seen, json.dumps(answer).encode())
    assert {(one.path, one.kind) for one in findings} == wanted
