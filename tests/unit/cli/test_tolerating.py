"""`wireproof waive` by pattern and `wireproof baseline`: what is known, where it is written, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_results import Results

from wireproof.cli import main
from wireproof.contract.store import load_store
from wireproof.drift.baseline import Gone, load_baseline
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind, Verdict
from wireproof.drift.waivers import load_waivers, waivers_of
from wireproof.report.files import write_reports

if TYPE_CHECKING:
    from wireproof.drift.finding import Finding

DEPTH, PRICE = "usdm/ws-api/depth", "usdm/ws-api/ticker.price"
FOUND = [
    new_finding(DEPTH, "result.note", Kind.UNDOCUMENTED_FIELD, "", "undocumented field, string"),
    new_finding(DEPTH, "result.E", Kind.NULL_VALUE, "integer", "null"),
    new_finding(PRICE, "result[].note", Kind.UNDOCUMENTED_FIELD, "", "undocumented field, string"),
    new_finding(PRICE, "result[].status", Kind.UNDOCUMENTED_VALUE, "one of A", "B", value="B"),
    new_finding(PRICE, "result[].status", Kind.UNDOCUMENTED_VALUE, "one of A", "C", value="C"),
]
WHY = ["--reason", "they said so", "--link", "https://example.org/note"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder on a known day."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIREPROOF_TODAY", "2026-11-27")


def reported(findings: list[Finding] = FOUND, **fields: object) -> None:
    """Write the reports of a run on testnet in which these were found."""
    made = Results()
    cases = [
        made.case(f"{number}", Verdict.BREAKING, contract=one.contract, findings=[one])
        for number, one in enumerate(findings)
    ] or [made.case("0")]
    write_reports(made.run(*cases, **fields), Path("reports"))


def waived(folder: Path) -> list[tuple[str, str]]:
    return [(one.contract.rpartition("/")[2], one.path) for one in load_waivers(folder / "usdm/waivers.json").waivers]


@pytest.mark.parametrize(
    ("chosen", "paths"),
    [
        (["--contract", "usdm/ws-api/depth"], ["result.E", "result.note"]),
        (["--contract", "*price", "--path", "result[].*"], ["result[].note", "result[].status"]),
        (["--kind", "undocumented-field"], ["result.note", "result[].note"]),
        ([FOUND[0].fingerprint[:6], "--path", "result.E"], ["result.E", "result.note"]),
    ],
)
def test_several_findings_are_waived_at_once(contracts: Path, chosen: list[str], paths: list[str]) -> None:
    reported()
    (contracts / "usdm/waivers.json").unlink()
    assert main(["waive", *chosen, *WHY]) == 0
    assert [path for _, path in waived(contracts)] == paths


def test_findings_are_waived_anew_by_the_reason_of_their_waivers(contracts: Path) -> None:
    reported()
    (contracts / "usdm/waivers.json").unlink()
    assert main(["waive", "--kind", "undocumented-field", *WHY, "--days", "1"]) == 0
    assert main(["waive", "--path", "result.E", "--reason", "another", *WHY[2:], "--days", "1"]) == 0
    assert main(["waive", "--reason-was", "they said*", "--reason", "still so", *WHY[2:], "--days", "30"]) == 0
    reasons = {one.path: one.reason for one in load_waivers(contracts / "usdm/waivers.json").waivers}
    assert reasons == {"result.note": "still so", "result[].note": "still so", "result.E": "another"}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], "Name what to waive"),
        (["--kind", "undocumented-feld"], "Did you mean 'undocumented-field'?"),
        (["--path", "nothing.*"], "None of the last run's 5 findings fits --path 'nothing.*'."),
        (["zzz"], "The last run has no finding with fingerprint 'zzz'."),
        ([""], "The last run has no finding with fingerprint ''."),
    ],
)
def test_what_names_no_finding_is_refused(
    contracts: Path, capsys: pytest.CaptureFixture[str], chosen: list[str], said: str
) -> None:
    reported()
    before = (contracts / "usdm/waivers.json").read_bytes()
    assert main(["waive", *chosen, *WHY]) == 2
    assert said in capsys.readouterr().err
    assert (contracts / "usdm/waivers.json").read_bytes() == before


def test_a_beginning_that_two_fingerprints_share_is_refused(
    contracts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings: dict[str, Finding] = {}
    for number in range(17):  # of so many, two begin alike
        one = new_finding(DEPTH, f"result.n{number}", Kind.UNDOCUMENTED_FIELD, "", "undocumented field, string")
        findings[one.fingerprint] = one
    first = next(name[0] for name in findings if sum(other[0] == name[0] for other in findings) > 1)
    reported(list(findings.values()))
    assert contracts.is_dir()
    assert main(["waive", first, *WHY]) == 2
    assert "begins several: " in capsys.readouterr().err


def test_a_baseline_takes_every_difference_and_the_next_one_only_what_is_new(
    contracts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reported()
    assert main(["baseline"]) == 0
    said = capsys.readouterr().out
    assert "4 new differences on testnet, known until 2027-02-25." in said
    baseline = load_baseline(contracts / "baseline.json")
    assert baseline.apply(FOUND, target="testnet", today=date(2026, 11, 27))[0] == []
    assert {one.since for one in baseline.differences} == {"2026-11-27"}
    assert main(["baseline", "reports/result.json", "--days", "30"]) == 0
    assert "0 new differences on testnet, 4 taken again, known until 2026-12-27." in capsys.readouterr().out


def test_what_is_gone_is_pruned(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported()
    main(["baseline"])
    gone = Gone(
        fingerprint=load_baseline(contracts / "baseline.json").differences[-1].fingerprint,
        contract=PRICE,
        path="result[].status",
        kind="undocumented-value",
        values=("C",),
        remains=True,
    )
    reported([], baseline_gone=[gone])
    capsys.readouterr()
    assert main(["baseline", "--prune"]) == 0
    said = capsys.readouterr().out
    assert "Gone from the baseline: usdm/ws-api/ticker.price result[].status: undocumented-value (C)." in said
    assert "1 difference on testnet removed." in said
    assert load_baseline(contracts / "baseline.json").differences[-1].values == ("B",)
    assert main(["baseline", "--prune"]) == 0
    assert "Nothing to remove." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere/result.json does not exist"),
        (["--days", "91"], "from 1 to 90"),
    ],
)
def test_a_baseline_that_cannot_be_taken_is_refused(
    contracts: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    reported()
    assert main(["baseline", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (contracts / "baseline.json").exists()


def test_a_run_that_exercised_nothing_is_no_baseline(contracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported([], exercised=0)
    assert contracts.is_dir()
    assert main(["baseline"]) == 2
    assert "nothing was exercised" in capsys.readouterr().err


def test_with_an_overlay_the_contracts_stay_as_they_are(
    contracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its waivers take in what the shipped one of the same deviation tolerates."""
    reported()
    assert main(["waive", FOUND[3].fingerprint, *WHY, "--days", "1"]) == 0
    before = {file: file.read_bytes() for file in contracts.rglob("*") if file.is_file()}
    monkeypatch.setenv("WIREPROOF_OVERLAY", str(tmp_path / "own"))
    assert main(["waive", FOUND[4].fingerprint, *WHY]) == 0
    assert main(["baseline"]) == 0
    assert {file: file.read_bytes() for file in contracts.rglob("*") if file.is_file()} == before
    assert sorted(file.name for file in (tmp_path / "own").rglob("*.json")) == ["baseline.json", "waivers.json"]
    [own] = load_waivers(tmp_path / "own/usdm/waivers.json").waivers
    assert own.values == ("B", "C")
    [held] = [one for one in waivers_of(load_store(), "usdm").waivers if one.path == "result[].status"]
    assert held == own
    assert json.loads((tmp_path / "own/baseline.json").read_text("utf-8"))["differences"]
