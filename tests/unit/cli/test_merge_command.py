"""`wireproof merge` says what the whole comes to, and ends as a run of everything would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_results import Results

from wireproof.cli import main
from wireproof.drift.finding import Verdict
from wireproof.report.files import write_reports

if TYPE_CHECKING:
    from pathlib import Path


def leave(folder: Path, name: str, verdict: Verdict = Verdict.CONFORMS) -> Path:
    """Write the reports of a run of one case."""
    make = Results()
    findings = [make.finding()] if verdict is Verdict.BREAKING else []
    run = make.run(make.case(name, verdict, findings=findings), run=f"20261122T040000Z-{name}")
    write_reports(run, folder / name)
    return folder / name


@pytest.mark.parametrize(("verdict", "status"), [(Verdict.CONFORMS, 0), (Verdict.BREAKING, 1), (Verdict.BLOCKED, 3)])
def test_the_exit_status_is_that_of_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verdict: Verdict, status: int
) -> None:
    folders = [leave(tmp_path, "a"), leave(tmp_path, "b", verdict)]
    assert main(["merge", *map(str, folders), "--into", str(tmp_path / "all"), "--no-html"]) == status
    assert f"{1 if status == 3 else 2} of 2 cases exercised on testnet" in capsys.readouterr().out


def test_a_missing_shard_is_not_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = leave(tmp_path, "a")
    assert main(["merge", str(folder), str(tmp_path / "b"), "--into", str(tmp_path / "all"), "--no-html"]) == 3
    assert "A result is missing: " in capsys.readouterr().out


def test_nothing_at_all_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", str(tmp_path / "a"), "--into", str(tmp_path / "all")]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("wireproof: There is nothing to merge. A result is missing: ")
