"""`wireproof ledger`: what it prints, as lines and as JSON, and how it answers a slip."""

from __future__ import annotations

import json

import msgspec
import pytest

from wireproof.cli import main
from wireproof.cli.outputs import OUTPUTS
from wireproof.contract.store import load_store
from wireproof.ledger.folding import fold
from wireproof.ledger.joining import join_all
from wireproof.ledger.ledger_file import LEDGER, LedgerFile
from wireproof.results.model import Observation, RunResult

FUNDING = "usdm/rest/GET.fapi.v1.fundingInfo"
BEGAN, DAY = 1_795_000_000_000.0, 86_400_000


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return a folder of reports whose ledgers are of two targets."""
    store, folder = load_store(), tmp_path_factory.mktemp("reports")
    rows = [{"symbol": "A", "fundingIntervalHours": 8}, {"symbol": "B"}]
    observed = Observation(
        case=f"{FUNDING}/default", contract=FUNDING, example="default", response=json.dumps(rows), status=200
    )
    ledgers = LedgerFile()
    for target in ("testnet", "live"):
        runs = [
            RunResult(run=f"{target}-{n}", version="0", target=target, endpoints={}, started_at=BEGAN + n * DAY)
            for n in range(3)
        ]
        ledgers = ledgers.joined_with(join_all(target, (fold(run, [observed], store) for run in runs)))
    (folder / LEDGER).write_bytes(ledgers.encoded())
    return folder


def test_show_prints_lines_and_json(reports, capsys):
    given = ["ledger", "show", FUNDING, "[].fundingIntervalHours", "--reports", str(reports), "--target", "live"]
    assert main(given) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("  [].fundingIntervalHours: 3 of 3 (3 of 6 objects)")
    assert main([*given, "--json"]) == 0
    shown = msgspec.json.decode(capsys.readouterr().out, type=OUTPUTS["ledger"][0])
    assert (shown.target, shown.nights, shown.places[0].could_times) == ("live", 3, 6)


def test_suggest_prints_what_can_be_pasted_and_the_threshold(reports, capsys):
    given = ["ledger", "suggest", FUNDING, "--reports", str(reports), "--target", "live"]
    assert main(given) == 0
    out = capsys.readouterr().out
    assert f"{FUNDING} [].fundingIntervalHours: optional" in out
    assert '"optional": true' in out
    assert out.rstrip().splitlines()[-1].startswith("1 refinement to review. Offered is what 3 runs showed")
    assert main([*given, "--json"]) == 0
    (one,) = msgspec.json.decode(capsys.readouterr().out, type=OUTPUTS["ledger-suggest"][0])
    assert (one.what, one.cases) == ("optional", (f"{FUNDING}/default",))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["show", "usdm/rest/GET.fapi.v1.fundingInf", "--target", "live"], "Did you mean 'usdm/rest/GET.fapi.v1.fund"),
        (["show", FUNDING, "[].symbo", "--target", "live"], "Did you mean '[].symbol'?"),
        (["show", "usdm/rest/GET.fapi.v1.ping", "--target", "live"], "No answer of 'usdm/rest/GET.fapi.v1.ping'"),
        (["show", FUNDING], "of several targets: live, testnet. Name one with --target."),
        (
            ["show", FUNDING, "--target", "local"],
            "no ledger of target 'local' here. Known targets: live, testnet.",
        ),
        (["suggest", "nothing", "--target", "live"], "There is no contract 'nothing'"),
        (["suggest", "--write", "--target", "live"], "nothing here takes '--write'"),
    ],
)
def test_a_slip_is_answered_in_a_sentence(reports, capsys, given, said):
    assert main(["ledger", *given, "--reports", str(reports)]) == 2
    assert said in capsys.readouterr().err


def test_reports_without_a_ledger_are_refused(tmp_path, capsys):
    assert main(["ledger", "show", FUNDING, "--reports", str(tmp_path)]) == 2
    assert "does not exist. Run `wireproof run` to make it." in capsys.readouterr().err
    (tmp_path / LEDGER).write_bytes(b"text")
    assert main(["ledger", "show", FUNDING, "--reports", str(tmp_path)]) == 2
    assert "is no ledger" in capsys.readouterr().err
    assert (tmp_path / LEDGER).exists()
