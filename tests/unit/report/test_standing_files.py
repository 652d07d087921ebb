"""How differences stand, from the files that lie beside a run's reports, in every report that says it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from made_results import Results
from selectolax.lexbor import LexborHTMLParser

from wireproof.contract.store import load_store
from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import UsageError
from wireproof.ledger.ledger_file import LEDGER, LedgerFile
from wireproof.ledger.model import ContractRecord, PlaceRecord, TargetLedger, night_bits
from wireproof.report.files import HISTORY, read_history, read_result, write_reports
from wireproof.report.issue import breaking_text
from wireproof.report.standing_files import add_standings, check_ledgers, folders_of_others
from wireproof.report.summary import terminal_summary
from wireproof.results.model import StandingClass
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from pathlib import Path

    from wireproof.results.model import RunResult

R = Results()
CONTRACT, PATH = "usdm/ws-api/order.place", "result.cumQty"
MISSING = R.finding(PATH, Kind.MISSING_FIELD, expected="decimal string", actual="nothing")
PAST = "2026-11-21"


def ledger(target: str) -> bytes:
    """Return the file of a target on which the field was there the night before."""
    places = {path: PlaceRecord(documented=True, first=PAST, last=PAST) for path in ("result", PATH)}
    known = ContractRecord(answers=1, first=PAST, last=PAST, nights=night_bits(PAST), places=places)
    return LedgerFile(ledgers={target: TargetLedger(target=target, contracts={CONTRACT: known})}).encoded()


def night(reports: Path, *, target: str = "testnet", ledgers: tuple[Path, ...] = ()) -> RunResult:
    """Return a run in which the field is missing, with its reports in a folder."""
    run = R.run(R.case("a", Verdict.BREAKING, findings=[MISSING]), target=target)
    reports.mkdir(parents=True, exist_ok=True)
    add_standings(run, reports, load_store(), ledgers)
    write_reports(run, reports)
    return run


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the reports of a night on testnet beside those of live, each with a ledger."""
    folder = tmp_path_factory.mktemp("reports")
    for target in ("testnet", "live"):
        (folder / target).mkdir()
        (folder / target / LEDGER).write_bytes(ledger(target))
    night(folder / "testnet")
    return folder / "testnet"


def test_the_result_says_how_a_difference_stands_by_what_lies_beside(reports: Path) -> None:
    [found] = read_result(reports / "result.json").standings
    assert (found.standing, found.announcement) == (StandingClass.REGRESSION, "unannounced")
    assert (found.documentation, found.testnet) == ("decimal string", "nothing")
    assert (found.live, found.last_good) == (f"as documented ({PAST})", PAST)


def test_each_report_says_it(reports: Path) -> None:
    run, history = read_result(reports / "result.json"), read_history(reports)
    line = next(one for one in terminal_summary(gather(run), history) if one.startswith("breaking"))
    assert line.endswith("[new, regression, unannounced]")
    row = next(one for one in (reports / "summary.md").read_text("utf-8").splitlines() if one.startswith("| `result"))
    assert f"| `as documented ({PAST})` | {PAST} | **regression**:" in row
    assert row in breaking_text(gather(run), history)
    table = LexborHTMLParser((reports / "index.html").read_text("utf-8")).css_first("#standings .q")
    cells = [cell.text(strip=True) for cell in table.css("tbody td")]
    assert cells[0].startswith("regressionunannounced")
    assert cells[2:] == ["decimal string", "nothing", f"as documented ({PAST})", PAST]


def test_ledgers_may_be_anywhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "artifact"
    elsewhere.mkdir()
    (elsewhere / LEDGER).write_bytes(ledger("live"))
    assert night(tmp_path / "reports", ledgers=(elsewhere,)).standings[0].live == f"as documented ({PAST})"
    assert night(tmp_path / "alone").standings[0].live == "unknown (was not looked at)"


def test_a_folder_without_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it has neither history"):
        check_ledgers([str(tmp_path)])
    (tmp_path / HISTORY).write_text("", "utf-8")
    assert check_ledgers([str(tmp_path)]) == [tmp_path]


def test_the_other_target_is_found_beside_the_reports_and_within_them(tmp_path: Path) -> None:
    for folder in ("live", "testnet", "reports/testnet"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / HISTORY).write_text("", "utf-8")
    assert folders_of_others(tmp_path / "testnet", "testnet") == [tmp_path.resolve() / "live"]
    assert folders_of_others(tmp_path / "reports", "live") == [tmp_path / "reports" / "testnet"]
    assert folders_of_others(tmp_path / "reports", "testnet") == []
    assert folders_of_others(tmp_path / "reports", "local") == []


def test_a_broken_ledger_and_a_broken_history_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / LEDGER).write_bytes(b"no gzip")
    (tmp_path / "live" / HISTORY).write_text("{", "utf-8")
    assert night(tmp_path).standings[0].live == "unknown (was not looked at)"


def test_the_schema_of_results_has_the_standings(reports: Path) -> None:
    [found] = json.loads((reports / "result.json").read_text("utf-8"))["standings"]
    assert set(found) >= {"standing", "announcement", "documentation", "testnet", "live", "last_good", "reason"}
