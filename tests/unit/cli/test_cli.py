"""The command's own commands: what they print, and their exit status."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from wireproof.cli import main
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Finding, Kind, Severity, Verdict, fingerprint
from wireproof.drift.waivers import load_waivers
from wireproof.report.files import write_reports
from wireproof.results.model import CaseResult, Observation, RunResult

CONTRACT = "usdm/ws-api/ticker.price"
CASE = f"{CONTRACT}/symbol-sent"
FINGERPRINT = fingerprint(CONTRACT, "result.added", Kind.UNDOCUMENTED_FIELD)


@pytest.fixture
def reports(tmp_path):
    """Return the reports of a run in which ticker.price answered with an undocumented field."""
    finding = Finding(
        contract=CONTRACT,
        path="result.added",
        kind=Kind.UNDOCUMENTED_FIELD,
        severity=Severity.ADDITIVE,
        expected="nothing",
        actual="undocumented field, integer",
        fingerprint=FINGERPRINT,
    )
    answer = {
        "id": "1",
        "status": 200,
        "result": {"symbol": "BTCUSDT", "price": "1.0", "time": 1700000000000, "added": 1},
    }
    observation = Observation(
        case=CASE, contract=CONTRACT, example="symbol-sent", request="{}", response=json.dumps(answer), status=200
    )
    return reports_of(tmp_path, Verdict.ADDITIVE, [finding], observation)


def reports_of(tmp_path, verdict, findings, observation=None):
    """Write the reports of a run of one case; return their folder."""
    case = CaseResult(
        id=CASE,
        contract=CONTRACT,
        product="usdm",
        surface="ws-api",
        subject="ticker.price",
        title="with a symbol",
        docs_url="https://example.org/",
        kind="documented",
        verdict=verdict,
        findings=findings,
        observation=observation,
    )
    run = RunResult(run="r1", version="0", target="testnet", endpoints={}, selected=1, exercised=1, cases=[case])
    write_reports(run, tmp_path / "reports")
    return tmp_path / "reports"


def file(folder, name, document):
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("documented", "actual", "more", "status", "said"),
    [
        ({"a": 1}, {"a": 2}, (), 0, "conforms"),
        ({"a": 1}, {"a": True}, (), 1, "a  expected integer, got boolean  (breaking)"),
        ({"a": 1}, {"a": 2, "b": 3}, (), 0, "additive"),
        ({"a": 1}, {"a": 2, "b": 3}, ("--fail-on", "additive"), 1, "b  "),
        ({"a": 1}, "not JSON", (), 1, "breaking"),
    ],
)
def test_compare_two_payloads(tmp_path, capsys, documented, actual, more, status, said):
    arguments = [file(tmp_path, "documented.json", documented), file(tmp_path, "actual.json", actual), *more]
    assert main(["compare", *arguments]) == status
    assert said in capsys.readouterr().out


def test_compare_prints_json_for_programs(tmp_path, capsys):
    documented, actual = file(tmp_path, "d.json", {"a": ["1.5"]}), file(tmp_path, "a.json", {"a": ["1.5", 2]})
    assert main(["compare", documented, actual, "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["path"], finding["kind"], finding["occurrences"], finding["of"]) == ("a[]", "type-changed", 1, 2)


def test_compare_with_a_stored_contract(tmp_path, capsys):
    answer = {"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": 1.5, "time": 1700000000000}}
    assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer)]) == 1
    assert "result.price  expected decimal string, got number" in capsys.readouterr().out


def test_compare_a_batch_line_by_line(tmp_path, capfdbinary):
    lines = [
        {"id": 1, "documented": {"a": 1}, "actual": {"a": 2}},
        {"id": "two", "documented": {"a": 1}, "actual": {}},
        {"id": 3, "actual": {}},
    ]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch]) == 2
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "two", 3]
    assert [answer.get("verdict") for answer in answers] == ["conforms", "breaking", None]
    assert "neither 'documented' nor 'contract'" in answers[2]["error"]


@pytest.mark.parametrize(
    ("actual", "arguments", "status"),
    [
        ({"a": 2}, (), 0),
        ({"a": "x"}, (), 1),
        ({"a": 2, "b": 1}, (), 0),
        ({"a": 2, "b": 1}, ("--fail-on", "risky"), 0),
        ({"a": 2, "b": 1}, ("--fail-on", "additive"), 1),
        ({"a": None}, ("--fail-on", "additive"), 1),
    ],
)
def test_a_batch_ends_with_the_status_of_its_worst_finding(tmp_path, capfdbinary, actual, arguments, status):
    """As a single comparison does, wherever the line stands."""
    lines = [{"documented": {"a": 1}, "actual": one} for one in ({"a": 1}, actual, {"a": 1})]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch, *arguments]) == status
    documented, got = file(tmp_path, "d.json", {"a": 1}), file(tmp_path, "a.json", actual)
    assert main(["compare", documented, got, *arguments]) == status


def test_a_line_of_a_batch_may_name_an_example(tmp_path, capfdbinary):
    """Without it, the nearest is taken."""
    answer = {"id": "1", "status": 200, "result": [{"symbol": "BTCUSDT", "price": "1.0", "time": 1700000000000}]}
    lines = [{"contract": CONTRACT, "actual": answer}]
    lines += [{"contract": CONTRACT, "example": name, "actual": answer} for name in ("symbol-sent", "no-such")]
    lines += [{"documented": answer, "example": "symbol-sent", "actual": answer}]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch]) == 2
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [one.get("verdict") for one in answers] == ["conforms", "breaking", None, None]
    assert "has no example 'no-such'" in answers[2]["error"]
    assert "names an example, but no contract" in answers[3]["error"]


@pytest.mark.parametrize(
    "arguments", [["--example", "x", "a", "b"], ["--batch", "b", "--example", "x"], ["--batch", "b", "--contract", "c"]]
)
def test_an_option_of_compare_that_would_have_no_effect_is_refused(capsys, arguments):
    assert main(["compare", *arguments]) == 2
    assert "contract" in capsys.readouterr().err


TROUBLE = [
    (503, -1008, "Request throttled by system-level protection."),
    (503, -1000, "Unknown error, please check your request or try again later."),
    (408, -1007, "Timeout waiting for response from backend server."),
    (400, -1016, "This service is no longer available."),
    (429, -1003, "Too many requests."),
    (401, -2015, "Invalid API-key, IP, or permissions for action"),
    (400, -1021, "Timestamp for this request is outside of the recvWindow."),
]


@pytest.mark.parametrize(("status", "code", "text"), TROUBLE)
def test_an_envelope_that_says_nothing_of_its_contract_is_blocked(status, code, text, tmp_path, capsys):
    """One sentence with the exchange's words, and exit status 3."""
    answer = {"id": "1", "status": status, "error": {"code": code, "msg": text}}
    for more in ([], ["--json"]):
        assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer), *more]) == 3
        output = capsys.readouterr()
        assert output.out == ""
        [sentence] = output.err.splitlines()
        assert f'status {status}, error {code} "{text}"' in sentence


def test_an_error_envelope_that_is_about_the_request_is_a_finding(tmp_path, capsys):
    """So is one with a success's status: a client would mistake it for one."""
    for status, code in ((400, -1121), (200, -1000)):
        answer = {"id": "1", "status": status, "error": {"code": code, "msg": "No."}}
        assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer)]) == 1
    assert "breaking" in capsys.readouterr().out


def lines_of_trouble():
    return [
        {
            "id": number,
            "contract": CONTRACT,
            "actual": {"id": "1", "status": status, "error": {"code": code, "msg": text}},
        }
        for number, (status, code, text) in enumerate(TROUBLE)
    ]


@pytest.mark.parametrize(
    ("more", "options", "status"),
    [
        ([], [], 3),
        ([{"documented": 1, "actual": 2}], [], 3),
        ([{"documented": {"a": 1}, "actual": {"a": 1, "b": 2}}], [], 3),
        ([{"documented": {"a": 1}, "actual": {"a": 1, "b": 2}}], ["--fail-on", "additive"], 1),
        ([{"documented": {"a": 1}, "actual": {}}], [], 1),
        ([{"actual": 2}], [], 2),
    ],
    ids=["alone", "conforming", "additive", "additive-fails", "breaking", "unreadable"],
)
def test_blocked_lines_of_a_batch_are_named_and_decide_where_no_finding_does(
    more, options, status, tmp_path, capfdbinary
):
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, [*lines_of_trouble(), *more])))
    assert main(["compare", "--batch", batch, *options]) == status
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()][: len(TROUBLE)]
    assert [(answer["id"], answer["verdict"], answer["findings"]) for answer in answers] == [
        (number, "blocked", []) for number in range(len(TROUBLE))
    ]
    assert all(text in answer["reason"] for answer, (_, _, text) in zip(answers, TROUBLE, strict=True))


def test_compare_reads_a_batch_from_standard_input(monkeypatch, capfdbinary):
    line = json.dumps({"id": 1, "documented": [1], "actual": [2]}).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(line)))
    assert main(["compare", "--batch", "-"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["verdict"] == "conforms"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "one.json"], "compare takes 2 file(s) here, not 1"),
        (["compare", "/nowhere/a.json", "/nowhere/b.json"], "/nowhere/b.json cannot be read: No such file"),
        (["compare", "--contract", "usdm/ws-api/ticker.prise", __file__], "Did you mean 'usdm/ws-api/ticker.price'?"),
        (["judge", "/nowhere/observations.jsonl"], "does not exist"),
        (
            ["waive", "000000000000", "--reason", "r", "--link", "https://x.org", "--reports", "/nowhere"],
            "does not exist",
        ),
        (["plan", "--product", "usd"], "There is no product 'usd'. Did you mean 'usdm'?"),
        (["pages", "import", "/nowhere.html", "--product", "usdm"], "/nowhere.html"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_2(capsys, arguments, said):
    assert main(arguments) == 2
    assert said in "".join(capsys.readouterr())


def test_unknown_arguments_are_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["plan", "--prodcut", "usdm"])
    assert stopped.value.code == 2
    assert "--prodcut" in capsys.readouterr().err


def test_waive_writes_a_waiver_that_holds(contracts, reports, capsys):
    options = ["--reason", "they said so", "--link", "https://example.org/note", "--reports", str(reports)]
    assert main(["waive", FINGERPRINT, *options, "--days", "30"]) == 0
    assert "is waived until" in capsys.readouterr().out
    written = json.loads((contracts / "usdm" / "waivers.json").read_text("utf-8"))["waivers"]
    assert [w["reason"] for w in written if w["fingerprint"] == FINGERPRINT] == ["they said so"]


def test_waive_counts_from_the_day_that_the_environment_names(contracts, reports, capsys, monkeypatch):
    """The day that a run judges by, so that both agree on what has expired."""
    options = ["--reason", "r", "--link", "https://example.org/", "--days", "30", "--reports", str(reports)]
    monkeypatch.setenv("WIREPROOF_TODAY", "2031-01-02")
    assert main(["waive", FINGERPRINT, *options]) == 0
    written = json.loads((contracts / "usdm" / "waivers.json").read_text("utf-8"))["waivers"]
    (waiver,) = [waiver for waiver in written if waiver["fingerprint"] == FINGERPRINT]
    assert (waiver["created"], waiver["expires"]) == ("2031-01-02", "2031-02-01")
    monkeypatch.setenv("WIREPROOF_TODAY", "tomorrow")
    assert main(["waive", FINGERPRINT, *options]) == 2
    assert "WIREPROOF_TODAY is 'tomorrow'" in capsys.readouterr().err


def test_waive_names_the_value_and_extends_the_waiver_of_its_path(contracts, tmp_path, capsys):
    """One fingerprint per value; the values that are waived at one path stand in one waiver, and others stay open."""
    found = [
        new_finding(CONTRACT, "result.status", Kind.UNDOCUMENTED_VALUE, "one of A", value, value=value)
        for value in ("HALTED", "PAUSED", "GONE")
    ]
    reports = reports_of(tmp_path, Verdict.RISKY, found)
    options = ["--reason", "r", "--link", "https://example.org/", "--reports", str(reports)]
    for finding in found[:2]:
        assert main(["waive", finding.fingerprint, *options]) == 0
    waivers = load_waivers(contracts / "usdm" / "waivers.json")
    [waiver] = [waiver for waiver in waivers.waivers if waiver.contract == CONTRACT]
    assert waiver.values == ("HALTED", "PAUSED")
    assert waivers.apply(found, target="testnet", today=date.fromisoformat(waiver.created))[0] == found[2:]
    assert main(["waive", waiver.fingerprint, *options]) == 2
    assert "The last run has no finding" in capsys.readouterr().err


def test_waive_refuses_what_is_no_finding_of_the_last_run(contracts, reports, capsys):
    options = ["--reason", "r", "--link", "https://example.org/", "--reports", str(reports)]
    assert main(["waive", "0" * 12, *options]) == 2
    assert f"Known: {FINGERPRINT}" in capsys.readouterr().err
    assert main(["waive", FINGERPRINT, *options, "--days", "91"]) == 2


def test_accept_writes_what_was_observed_into_the_contract(contracts, reports, capsys):
    assert main(["accept", CASE, "--reports", str(reports)]) == 0
    assert "result.added" in capsys.readouterr().out
    assert "added" in (contracts / f"{CONTRACT}.json").read_text("utf-8")
    assert main(["contracts", "check"]) == 0


def test_accept_refuses_an_unknown_case(contracts, reports, capsys):
    assert main(["accept", f"{CASE}x", "--reports", str(reports)]) == 2
    assert f"Did you mean {CASE!r}?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["waive", "accept"])
def test_a_full_disk_leaves_the_store_as_it_is(contracts, reports, capsys, monkeypatch, command):
    """One sentence and 4; every file of the store is whole, and the old one."""
    before = {file: file.read_bytes() for file in contracts.rglob("*") if file.is_file()}

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    waive = ["waive", FINGERPRINT, "--reason", "r", "--link", "https://example.org/"]
    arguments = waive if command == "waive" else ["accept", CASE]
    assert main([*arguments, "--reports", str(reports)]) == 4
    said = capsys.readouterr().err
    assert "cannot be written: No space left on device. It is unchanged." in said
    assert len(said.splitlines()) == 1
    assert {file: file.read_bytes() for file in contracts.rglob("*") if file.is_file()} == before


def test_prove_prints_a_score_and_gives_0_when_nothing_is_missed(capsys):
    assert main(["prove", "--product", "usdm", "--surface", "ws-api", "--sample", "5"]) == 0
    assert "The comparison catches 100 % of" in capsys.readouterr().out


def test_coverage_counts_what_the_store_documents(capsys, tmp_path):
    assert main(["contracts", "coverage", "--reports", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["usdm", "ws-api", "18", "18"] in [row[:4] for row in rows]
    assert len([row for row in rows if row[:2] == ["no", "example:"]]) == 3


def test_changes_are_listed_by_product_contract_and_day(capsys):
    assert main(["contracts", "changes", "--product", "usdm", "--since", "2026-09-15"]) == 0
    listed = [line.split()[:4] for line in capsys.readouterr().out.splitlines()]
    assert ["2026-09-15", "param-added", "usdm/rest/PUT.fapi.v1.order", "reduceOnly"] in listed
    assert min(day for day, *_ in listed) >= "2026-09-15"
    assert main(["contracts", "changes", "--contract", "coinm/rest/GET.dapi.v1.income"]) == 0
    assert {line.split()[2] for line in capsys.readouterr().out.splitlines()} == {"coinm/rest/GET.dapi.v1.income"}


def test_changes_since_no_day_are_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["contracts", "changes", "--since", "yesterday"])
    assert refused.value.code == 2
    assert "'yesterday' is no day; write one such as 2026-08-01" in capsys.readouterr().err


def test_lint_and_schema_print(capsys):
    assert main(["contracts", "lint", "--product", "usdm", "--surface", "ws-api"]) == 0
    assert "usdm/ws-api/algoOrder.place" in capsys.readouterr().out
    assert main(["contracts", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$ref"] == "#/$defs/Contract"


def test_check_names_every_broken_file_and_goes_on(contracts, capsys):
    place = contracts / "usdm" / "ws-api"
    text = (place / "depth.json").read_text("utf-8")
    (place / "depth.json").write_text(text.replace('"market"', '"marekt"'), "utf-8")
    text = (place / "order.place.json").read_text("utf-8")
    (place / "order.place.json").write_text(text.replace('"OrderTypePlaced"', '"OrderTypePlacde"'), "utf-8")
    assert main(["contracts", "check"]) == 2
    said = capsys.readouterr().err
    assert "depth.json" in said
    assert "needs 'marekt', which does not exist. Did you mean 'market'?" in said
    assert "enumeration 'OrderTypePlacde' is not in product.json. Did you mean 'OrderTypePlaced'?" in said


def test_check_names_a_refinement_of_nothing_with_its_file_contract_and_path(contracts, capsys):
    """A slip of typing would leave the example unrefined, without a word."""
    place = contracts / "usdm" / "ws-api" / "order.place.json"
    contract = json.loads(place.read_text("utf-8"))
    contract.setdefault("refinements", []).append(
        {"path": "result.timeInFroce", "optional": True, "source": "https://example.org/"}
    )
    place.write_text(json.dumps(contract), "utf-8")
    assert main(["contracts", "check"]) == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "timeInFroce" in line]
    assert said.startswith(f"{place}: refinement of 'result.timeInFroce' matches nothing in ")
    assert "of usdm/ws-api/order.place. Did you mean 'result.timeInForce'? Correct the path, delete " in said


def test_check_names_an_undecided_string_with_its_file_contract_path_and_value(contracts, capsys):
    """A field that nobody looked at would hold any word for ever."""
    place = contracts / "usdm" / "rest" / "GET.fapi.v1.symbolConfig.json"
    contract = json.loads(place.read_text("utf-8"))
    contract["examples"][0]["response"][0]["mood"] = "GOOD"
    place.write_text(json.dumps(contract), "utf-8")
    assert main(["contracts", "check"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{place}: usdm/rest/GET.fapi.v1.symbolConfig, [].mood: example 'default' shows 'GOOD', ")
    assert 'in contracts/usdm/product.json under "fields"' in said


def test_check_names_a_faulty_rule_once_and_goes_on(contracts, capsys):
    """A slip in one rule is one line, not one for each of a hundred contracts."""
    place = contracts / "usdm" / "product.json"
    product = json.loads(place.read_text("utf-8"))
    product["fields"].append({"where": ["usdm/* **.nothingHere"], "enum": "Sied"})
    product["fields"].append({"where": ["usdm/* **.nothingThere"], "text": "id"})
    place.write_text(json.dumps(product), "utf-8")
    assert main(["contracts", "check"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{place}: rule ")
    assert "names an enumeration that is not in product.json: 'Sied'. Did you mean 'Side'?" in first
    assert second.startswith(f"{place}: the place 'usdm/* **.nothingThere' in 'fields' decides nothing")


def test_check_lists_free_places_with_their_reason_when_asked(capsys):
    assert main(["contracts", "check", "--verbose"]) == 0
    assert "usdm: name, 1 place (usdm/rest/GET.fapi.v1.exchangeInfo symbols[].underlyingSubType[]): names of " in (
        capsys.readouterr().out
    )


def test_pages_diff_says_changed_or_same(contracts, tmp_path, capsys):
    page = file(
        tmp_path,
        "page.md",
        """---
source: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/websocket-api/Symbol-Price-Ticker
---

# Symbol Price Ticker

## Method

`ticker.price`

## Response

```javascript
{"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": 6000.01, "time": 1589437530011}}
```
""",
    )
    before = (contracts / f"{CONTRACT}.json").read_bytes()
    assert main(["pages", "diff", page]) == 1
    assert "ticker.price" in capsys.readouterr().out
    assert (contracts / f"{CONTRACT}.json").read_bytes() == before


def test_pages_diff_asks_for_the_product_of_a_page_that_does_not_say(contracts, tmp_path, capsys):
    page = file(tmp_path, "page.md", "# Ticker\n\n## Method\n\n`ticker.price`\n")
    assert main(["pages", "diff", page]) == 2
    assert "name it with --product" in capsys.readouterr().err


KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture
def own_key(monkeypatch):
    """Set a key in the environment."""
    monkeypatch.setenv("WIREPROOF_API_KEY", KEY)
    monkeypatch.setenv("WIREPROOF_API_SECRET", "s3cr3t" * 8)


@pytest.mark.usefixtures("own_key")
def test_compare_prints_no_key_of_the_environment(tmp_path, capfdbinary):
    """Names and values of fields, for people and for programs, in a batch, in an error."""
    documented, actual = {"a": "x"}, {"a": "x", KEY: 1, "b": {KEY[:20]: 1}}
    two = [file(tmp_path, "d.json", documented), file(tmp_path, "a.json", actual)]
    lines = [{"id": 1, "documented": documented, "actual": actual}, {"id": 2, "contract": KEY, "actual": 1}]
    batch = file(tmp_path, "b.jsonl", "\n".join(map(json.dumps, lines)))
    main(["compare", *two])
    main(["compare", *two, "--json"])
    main(["compare", "--batch", batch])
    status = {"id": 1, "status": 400, "error": {"code": -2015, "msg": f"Invalid API-key {KEY}"}}
    assert main(["compare", "--contract", CONTRACT, file(tmp_path, "e.json", status)]) == 3
    printed = "".join(stream.decode() for stream in capfdbinary.readouterr())

    assert KEY[:8] not in printed
    assert printed.count("<redacted api key>") >= 5
    assert '"verdict":"additive"' in printed


@pytest.mark.usefixtures("own_key")
def test_a_finding_about_a_key_is_waived_without_it(reports, contracts):
    """Of a result that was written without redaction."""
    result = reports / "result.json"
    result.write_text(result.read_text("utf-8").replace("result.added", f"result.{KEY}"), "utf-8")
    arguments = ["--reason", "known", "--link", "https://example.org/1", "--reports", str(reports)]
    assert main(["waive", FINGERPRINT, *arguments]) == 0

    assert KEY[:8] not in (contracts / "usdm" / "waivers.json").read_text("utf-8")
