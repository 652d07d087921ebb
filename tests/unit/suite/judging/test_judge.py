"""What a judge makes of an observation beside its findings: which documented fields the answer did not show."""

from __future__ import annotations

import json
from datetime import date

import pytest
from checkout import ROOT

from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import load_waivers
from wireproof.results.model import Observation
from wireproof.suite.judging.judge import Judge
from wireproof.suite.planning.cases import blank_result

RETIRED = "coinm/rest/GET.dapi.v1.pmAccountInfo"
TRADES = "usdm/rest/GET.fapi.v1.trades"
TICKERS = "usdm/ws-api/ticker.price"


@pytest.fixture
def judge(store):
    return Judge(store, {}, target="local", today=date(2026, 11, 22))


def judged(judge, planned, case, answer, *, status=200, **fields):
    """Return the result of a case that was answered like this."""
    case = planned[case]
    observation = Observation(case=case.id, contract=case.contract.id, example=case.example, status=status, **fields)
    result = blank_result(case)
    judge.settle(result, judge.findings(case.contract, observation, json.dumps(answer).encode()))
    return result


def first_case(planned, contract):
    return next(case.id for case in planned.values() if case.contract.id == contract and case.kind == "documented")


def test_an_empty_list_conforms_and_is_said_to_show_nothing(judge, planned):
    result = judged(judge, planned, first_case(planned, TRADES), [])
    assert result.verdict is Verdict.CONFORMS
    assert [(one.path, one.why, one.fields) for one in result.unseen] == [("[]", "empty", result.fields)]
    [sight] = judge.sights()
    assert (sight.contract, sight.seen, sight.is_empty) == (TRADES, 0, True)


def test_a_whole_answer_leaves_nothing_unseen(judge, planned, store):
    shown = store.contracts[TRADES].examples[0].response
    result = judged(judge, planned, first_case(planned, TRADES), shown)
    assert (result.verdict, result.unseen) == (Verdict.CONFORMS, [])
    assert result.fields > 3


def test_what_one_case_of_a_contract_shows_is_seen(judge, planned, store):
    """An empty answer is reported for its case; for the contract only what no case saw is."""
    case = first_case(planned, TRADES)
    judged(judge, planned, case, store.contracts[TRADES].examples[0].response)
    assert judged(judge, planned, case, []).unseen
    [sight] = judge.sights()
    assert (sight.seen, sight.unseen) == (sight.fields, ())


def test_what_no_answer_shows_has_the_reason_that_contracts_or_waivers_give(store, planned):
    """A waiver of a missing field says why it is missing; the product, why the other fields are."""
    asked = "usdm/rest/GET.fapi.v1.openAlgoOrders", "usdm/rest/GET.fapi.v1.order"
    waivers = load_waivers(ROOT / "contracts/usdm/waivers.json")
    judge = Judge(store, {"usdm": waivers}, target="local", today=date(2026, 11, 22))
    for contract in asked:
        shown = json.loads(json.dumps(store.contracts[contract].examples[0].response))
        one = shown[0] if isinstance(shown, list) else shown
        for name in ("tpPrice", "activatePrice", "time", "createTime"):
            one.pop(name, None)
        judged(judge, planned, first_case(planned, contract), shown)
    said = {(sight.contract, one.path): one.because for sight in judge.sights() for one in sight.unseen}
    assert said[asked[0], "[].tpPrice"].startswith("measured on live")
    assert said[asked[0], "[].createTime"] == ""
    assert said[asked[1], "activatePrice"].startswith("trailing stops alone have it")
    assert said[asked[1], "time"] == ""


@pytest.mark.parametrize(
    ("status", "answer", "verdict"),
    [
        (200, {"asset": "BTC"}, Verdict.ADDITIVE),
        (404, {"code": -5000, "msg": "Path /dapi/v1/pmAccountInfo, Method GET is invalid"}, Verdict.CONFORMS),
        (400, {"code": -1102, "msg": "x"}, Verdict.CONFORMS),
        (200, {"code": -4109, "msg": "x"}, Verdict.CONFORMS),
    ],
)
def test_a_retired_request_that_is_carried_out_is_worth_a_line(judge, planned, status, answer, verdict):
    """However it is refused, it is gone."""
    result = judged(judge, planned, f"{RETIRED}/retired", answer, status=status, expect_status=404)
    assert result.verdict is verdict
    assert [(one.kind, one.actual) for one in result.findings] == [
        (Kind.RETIRED_ANSWER, "a success, though retired since 2026-06-30")
    ] * (verdict is Verdict.ADDITIVE)


def test_a_refusal_that_is_documented_has_no_fields_to_show(judge, planned):
    case = next(c.id for c in planned.values() if c.contract.id == TRADES and c.kind == "rejection")
    result = judged(judge, planned, case, {"code": -1121, "msg": ""}, expect_status=400, expect_codes=(-1121,))
    assert (result.fields, result.unseen, judge.sights()) == (0, [], [])


def test_a_refusal_instead_of_an_answer_showed_nothing(judge, planned):
    """Also when a waiver tolerates it: then this line is all that tells."""
    answer = {"id": "1", "status": 400, "error": {"code": -1121, "msg": ""}}
    result = judged(judge, planned, first_case(planned, TICKERS), answer)
    assert [(one.path, one.why) for one in result.unseen] == [("result", "no documented answer")]


def test_messages_are_looked_at_together(judge, planned, store):
    case = next(case for case in planned.values() if case.contract.id == "usdm/event/ORDER_TRADE_UPDATE")
    shown = case.contract.examples[0].response
    part = {**shown, "o": {name: value for name, value in shown["o"].items() if name != "cr"}}
    observation = Observation(case=case.id, contract=case.contract.id, example=case.contract.examples[0].name)
    result = blank_result(case)
    judge.settle(result, judge.messages(case.contract, observation, [json.dumps(part).encode()] * 2))
    assert ("o.cr", "absent") in [(one.path, one.why) for one in result.unseen]
    judge.settle(result, judge.messages(case.contract, observation, [json.dumps(m).encode() for m in (part, shown)]))
    assert "o.cr" not in [one.path for one in result.unseen]


def test_no_message_is_no_statement_about_fields(judge, planned):
    """Silence that is documented is not an empty answer."""
    case = next(case for case in planned.values() if case.contract.id == "usdm/stream/forceOrder")
    observation = Observation(case=case.id, contract=case.contract.id)
    result = blank_result(case)
    judge.settle(result, judge.messages(case.contract, observation, []))
    assert (result.fields, result.unseen, judge.sights()) == (0, [], [])


DEEP = b"[" * 5000 + b"]" * 5000


@pytest.mark.parametrize(
    "body",
    [DEEP, b'{"result":' + DEEP + b"}", b'[{"id":' + DEEP + b"}]", b'{"a":' * 5000 + b"1" + b"}" * 5000],
    ids=["arrays", "in a result", "in an element", "objects"],
)
@pytest.mark.parametrize("contract", [TRADES, TICKERS, "usdm/stream/aggTrade", "usdm/event/ORDER_TRADE_UPDATE"])
def test_json_that_is_nested_too_deep_is_one_finding(judge, planned, contract, body):
    """Whatever surface it came over; no reader can follow it, and no traceback says so."""
    case = next(case for case in planned.values() if case.contract.id == contract and case.kind != "rejection")
    observation = Observation(
        case=case.id, contract=contract, example=case.example, status=200, messages=(body.decode(),)
    )
    result = blank_result(case)
    judge.settle(result, judge.findings(case.contract, observation, body))
    [finding] = result.findings
    assert (finding.kind, finding.actual) == ("unparseable", "JSON nested deeper than can be read")
