"""A case becomes an Allure result with an identity of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import allure
import pytest
from allure_commons import model2

from wireproof.drift.finding import Severity, Verdict
from wireproof.report.allure import (
    CATEGORIES,
    SEVERITIES,
    AllureCases,
    categories_for_allure_3,
    end_test,
    executor_of,
    global_errors,
    message_of,
    write_metadata,
)
from wireproof.report.attachments import exchange_body
from wireproof.results.model import Blockage, Observation
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Results

GTC = "usdm/ws-api/order.place/limit-gtc"


@pytest.fixture(scope="module")
def written(allure_run: Path) -> dict[str, dict[str, Any]]:
    """Return what a real pytest run with allure-pytest left, by full name."""
    found = [json.loads(file.read_text("utf-8")) for file in sorted(allure_run.glob("*-result.json"))]
    return {result["fullName"]: result for result in found}


def _attachment(folder: Path, result: dict[str, Any], name: str) -> str:
    source = next(one["source"] for one in result["attachments"] if one["name"] == name)
    return (folder / source).read_text("utf-8")


def test_every_verdict_has_its_status(written: dict[str, dict[str, Any]]) -> None:
    statuses = {result["fullName"].rpartition("/")[2]: result["status"] for result in written.values()}
    assert statuses == {
        "limit-gtc": "failed",
        "limit-ioc": "failed",
        "hedge": "passed",
        "all": "passed",
        "missing-symbol": "passed",
        "away": "skipped",
        "no-key": "skipped",
        "odd": "broken",
    }


def test_a_result_says_what_where_and_how_bad(written: dict[str, dict[str, Any]]) -> None:
    result = written[GTC]
    labels = [(label["name"], label["value"]) for label in result["labels"]]
    assert result["name"] == "a limit-gtc order"
    assert labels == [
        ("epic", "USDⓈ-M futures"),
        ("feature", "WebSocket API"),
        ("story", "order.place"),
        ("severity", "critical"),
        ("verdict", "breaking"),
        ("target", "testnet"),
        (
            "difference",
            "usdm/ws-api/order.place: type-changed at result.price: documented decimal string, got integer",
        ),
        ("tag", "breaking"),
        ("tag", "documented"),
        ("tag", "private"),
        ("tag", "type-changed"),
        ("tag", "undocumented-value"),
    ]
    assert result["links"] == [
        {
            "type": "link",
            "url": "https://docs.example.org/usdm/ws-api/order.place",
            "name": "Documentation: order.place",
        }
    ]
    assert {one["name"]: one["value"] for one in result["parameters"]} == {
        "case": GTC,
        "contract": "usdm/ws-api/order.place",
        "status": "200 (documented 200)",
        "weight": "1",
        "requests": "2",
        "waited": "1.0 s",
    }
    assert result["statusDetails"] == {
        "message": (
            "breaking: type-changed at result.price: documented decimal string, got integer · ed25a99c1be3\n"
            "risky: undocumented-value at result.status: documented NEW, got `HELD|` · ab2a4e7bbf85"
        ),
        "expected": "result.price: decimal string\nresult.status: NEW",
        "actual": "result.price: integer\nresult.status: `HELD|`",
    }
    assert f"Again: `wireproof run --target testnet -k '{GTC}'`" in result["description"]
    assert (result["start"], result["stop"]) == (1_795_320_001_000, 1_795_320_001_250)


def test_nothing_of_this_machine_is_in_a_result(written: dict[str, dict[str, Any]], allure_run: Path) -> None:
    text = json.dumps(list(written.values()))
    for word in ("host", "thread", "test_cases.py", str(allure_run.parent), "CaseResult("):
        assert word not in text


def test_identity_survives_another_file_name_and_another_order(
    written: dict[str, dict[str, Any]], case_project: Path
) -> None:
    (case_project / "test_cases.py").rename(case_project / "test_renamed.py")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--alluredir=again", "-k", GTC]
        subprocess.run(command, cwd=case_project, check=False, capture_output=True, timeout=300)
    finally:
        (case_project / "test_renamed.py").rename(case_project / "test_cases.py")
    again = [json.loads(file.read_text("utf-8")) for file in (case_project / "again").glob("*-result.json")]
    identity = ("historyId", "testCaseId", "fullName")
    assert [[one[key] for key in identity] for one in again] == [[written[GTC][key] for key in identity]]


def test_bodies_hang_on_the_case_as_they_were(written: dict[str, dict[str, Any]], allure_run: Path) -> None:
    result = written[GTC]
    assert [one["name"] for one in result["attachments"]] == [
        "findings",
        "request as sent",
        "response as received",
        "documented example",
    ]
    assert '"stopPrice": 0.10000' in _attachment(allure_run, result, "response as received")
    assert '"signature": "***"' in _attachment(allure_run, result, "request as sent")
    assert _attachment(allure_run, result, "documented example") == '{\n  "result": {\n    "price": "0.10000"\n  }\n}'
    assert "<td>result.price</td>" in _attachment(allure_run, result, "findings")


def test_a_verdict_that_the_status_hides_stands_in_the_title(written: dict[str, dict[str, Any]]) -> None:
    names = {result["name"] for result in written.values()}
    assert {"a hedge order · risky", "a all order · additive", "a away order · blocked"} <= names
    assert "a rejects/missing-symbol order · waived" in names


def test_fixtures_that_went_well_make_no_file(allure_run: Path) -> None:
    assert list(allure_run.glob("*-container.json")) == []


@pytest.mark.parametrize(
    ("verdict", "attached"),
    [(Verdict.CONFORMS, []), (Verdict.BLOCKED, ["request as sent", "response as received", "documented example"])],
)
def test_a_case_that_conforms_has_nothing_attached_and_says_where_its_bodies_are(
    results: Results, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, attached: list[str]
) -> None:
    """Every body of every case is in observations.jsonl."""
    names: list[str] = []
    monkeypatch.setattr(allure, "attach", lambda _, name, **__: names.append(name))
    case = results.case("all", verdict, documented={})
    case.observation = Observation(case=case.id, contract=case.contract, request="{}", response="{}")
    cases = AllureCases()
    cases.describe(case)
    cases.report_result(result := model2.TestResult(labels=[model2.Label("case", case.id)]))
    assert names == attached
    assert ("observations.jsonl under the id of this case" in result.description) == (not attached)


def test_a_request_over_http_and_its_answer_are_one_exchange() -> None:
    seen = Observation(
        case="usdm/rest/POST.fapi.v1.order/limit",
        contract="usdm/rest/POST.fapi.v1.order",
        request="POST /fapi/v1/order?symbol=BTCUSDT&signature=<redacted signature>\nquantity=1",
        response='{"orderId":1}',
        status=200,
        headers={"x-mbx-used-weight-1m": "8"},
        sent_at=1_000.4,
        received_at=1_062.0,
    )
    assert json.loads(exchange_body(seen)) == {
        "schemaVersion": 1,
        "start": 1000,
        "stop": 1062,
        "request": {
            "method": "POST",
            "url": "/fapi/v1/order?symbol=BTCUSDT&signature=<redacted signature>",
            "body": {"encoding": "utf8", "value": "quantity=1", "contentType": "text/plain"},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "x-mbx-used-weight-1m", "value": "8"}],
            "body": {"encoding": "utf8", "value": '{\n  "orderId": 1\n}', "contentType": "application/json"},
        },
    }


def test_a_frame_of_a_websocket_is_no_exchange() -> None:
    assert exchange_body(Observation(case="c", contract="k", request='{"id":1}', response="{}", status=200)) == ""


def test_what_is_wrong_beside_the_cases_is_said_before_them(results: Results) -> None:
    run = results.mixed()
    run.blocked = [Blockage(host="fapi.binance.com", reason="banned until 10:00", advice="Wait.")]
    run.not_cleaned, run.leftovers = ["order 7 of BTCUSDT"], ["order 5 of BTCUSDT"]
    run.waivers_expired = ["The waiver of abc expired on 2026-11-01."]
    said = [one["message"] for one in global_errors(gather(run))]
    assert said == [
        "Blocked: fapi.binance.com: banned until 10:00 Wait.",
        "Not undone: order 7 of BTCUSDT",
        "Left by an earlier run and removed: order 5 of BTCUSDT",
        "The waiver of abc expired on 2026-11-01.",
    ]


def test_tests_that_are_no_cases_stay_as_they_are() -> None:
    result = model2.TestResult(name="test_other", fullName="module#test_other", historyId="x")
    AllureCases().report_result(result)
    assert (result.name, result.fullName, result.historyId) == ("test_other", "module#test_other", "x")


def test_what_else_goes_wrong_in_a_test_keeps_its_message_and_trace(results: Results) -> None:
    cases = AllureCases()
    case = results.case("a")
    cases.describe(case)
    result = model2.TestResult(name="t", statusDetails=model2.StatusDetails(message="KeyError: 'x'", trace="Traceback"))
    result.labels = [model2.Label("case", case.id)]
    cases.report_result(result)
    assert (result.statusDetails.message, result.statusDetails.trace) == ("KeyError: 'x'", "Traceback")


def test_the_bar_decides_what_fails(results: Results) -> None:
    risky = results.case("a", Verdict.RISKY, findings=[results.finding(severity=Severity.RISKY)])
    end_test(risky, Severity.BREAKING)
    with pytest.raises(pytest.fail.Exception, match=r"^risky: type-changed at result\.price"):
        end_test(risky, Severity.RISKY)
    with pytest.raises(pytest.skip.Exception, match=r"^blocked: It answered 451"):
        end_test(results.case("a", Verdict.BLOCKED, reason="It answered 451."), Severity.BREAKING)
    with pytest.raises(pytest.skip.Exception, match=r"^skipped: no key"):
        end_test(results.case("a", None, reason="no key"), Severity.BREAKING)
    with pytest.raises(pytest.fail.Exception, match=r"^broken: no symbol"):
        end_test(results.case("a", Verdict.BROKEN, reason="no symbol"), Severity.BREAKING)


def test_a_message_lists_at_most_twenty_findings(results: Results) -> None:
    case = results.case("a", Verdict.BREAKING, findings=[results.finding(f"p{number}") for number in range(30)])
    lines = message_of(case).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 10 more"


def test_severity_and_category_exist_for_every_verdict() -> None:
    assert set(SEVERITIES) == {*Verdict, None}
    assert {verdict for verdict, _ in CATEGORIES.values()} == set(Verdict) - {Verdict.CONFORMS}
    matchers = {rule["id"]: rule["matchers"] for rule in categories_for_allure_3()}
    assert matchers["risky"] == {"labels": {"verdict": "^risky$"}}
    assert matchers["shown empty"] == {"labels": {"tag": "^shown empty$"}}


def test_metadata_names_target_verdict_and_who_ran_it(results: Results, tmp_path: Path) -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "owner/repo",
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_NUMBER": "5",
        "GITHUB_WORKFLOW": "nightly",
    }
    written = write_metadata(gather(results.mixed()), tmp_path, github)
    assert [file.name for file in written] == [
        "wireproof-globals.json",
        "environment.properties",
        "categories.json",
        "executor.json",
    ]
    properties = written[1].read_text("utf-8").splitlines()
    assert properties[:3] == [
        "Verdict=Breaking",
        "Differences=1 difference in 1 contract",
        "Exercised=5 of 8 cases",
    ]
    assert properties[-1] == "Endpoint\\ usdm\\ ws-api=wss://testnet.example.org/ws-fapi/v1"
    assert json.loads(written[3].read_text())["buildUrl"] == "https://github.com/owner/repo/actions/runs/77"
    assert json.loads(written[2].read_text())[0] == {
        "name": "breaking: the target does not answer as documented",
        "matchedStatuses": ["failed"],
        "messageRegex": "(?s)^breaking: .*",
    }


def test_outside_of_github_nobody_is_named_as_executor() -> None:
    assert executor_of({"GITHUB_REPOSITORY": "owner/repo"}) == {}
