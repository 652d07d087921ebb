"""The command's own commands: what they print, and their exit status."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from wireproof.cli import main
from wireproof.contract.store import load_store
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
        (["run", "--reports", "/proc/nowhere"], "Reports cannot be written to /proc/nowhere: "),
        (["prove", "--sample", "0"], "--sample: takes a whole number from 1 to "),
        (["plan", "--product", "usd"], "There is no product 'usd'. Did you mean 'usdm'?"),
        (["pages", "import", "/nowhere.html", "--product", "usdm"], "/nowhere.html"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_2(capsys, arguments, said):
    assert main(arguments) == 2
    assert said in "".join(capsys.readouterr())


def test_unknown_arguments_are_refused(capsys):
    assert main(["plan", "--prodcut", "usdm"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("wireproof: nothing here takes '--prodcut'. Did you mean '--product'? Known: ")
    assert said.endswith("See `wireproof plan --help`.\n")


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
    assert "--days: takes a whole number from 1 to 90, not '91'" in capsys.readouterr().err


def test_a_beginning_is_enough_for_a_fingerprint_and_a_case(contracts, reports, capsys):
    options = ["--reason", "r", "--link", "https://example.org/", "--reports", str(reports)]
    assert main(["waive", FINGERPRINT[:4], *options]) == 0
    assert FINGERPRINT in capsys.readouterr().out
    assert main(["accept", CASE[:-3], "--reports", str(reports)]) == 0


def test_accept_writes_what_was_observed_into_the_contract(contracts, reports, capsys):
    assert main(["accept", CASE, "--reports", str(reports)]) == 0
    assert "result.added" in capsys.readouterr().out
    assert "added" in (contracts / f"{CONTRACT}.json").read_text("utf-8")
    assert main(["contracts", "check"]) == 0


def test_accept_with_an_overlay_writes_a_contract_of_ones_own(contracts, reports, tmp_path, monkeypatch, capsys):
    """Which the next one goes on from, and a run uses."""
    monkeypatch.setenv("WIREPROOF_OVERLAY", str(tmp_path / "own"))
    before = (contracts / f"{CONTRACT}.json").read_bytes()
    for _ in range(2):
        assert main(["accept", CASE, "--reports", str(reports)]) == 0
    own = tmp_path / "own" / f"{CONTRACT}.json"
    assert str(own) in capsys.readouterr().out
    assert (contracts / f"{CONTRACT}.json").read_bytes() == before
    held = load_store().contract(CONTRACT)
    marks = {(one.path, one.target) for example in held.examples for one in example.observed}
    assert marks == {("result.added", "testnet")}
    assert held.over
    assert load_store().outdated == []


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


def test_a_finding_about_a_key_is_waived_without_it(reports, contracts, own_key):
    """Of a result that was written without redaction."""
    result = reports / "result.json"
    result.write_text(result.read_text("utf-8").replace("result.added", f"result.{own_key}"), "utf-8")
    arguments = ["--reason", "known", "--link", "https://example.org/1", "--reports", str(reports)]
    assert main(["waive", FINGERPRINT, *arguments]) == 0

    assert own_key[:8] not in (contracts / "usdm" / "waivers.json").read_text("utf-8")
