"""Folders of reports made into one: results, observations, histories, Allure's results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from wireproof.contract.store import load_store
from wireproof.drift.finding import Verdict
from wireproof.errors import ExitStatus, UsageError
from wireproof.ledger.extending import extend
from wireproof.ledger.ledger_file import LEDGER, LedgerFile, load_ledger
from wireproof.report.files import OBSERVATIONS, RESULT, SUMMARY, read_history, read_result, write_reports
from wireproof.report.history import Entry, History
from wireproof.report.shards import merge_reports
from wireproof.results.conclusion import conclude

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Results

BEFORE = Entry(run="before", date="2026-11-21T04:00:00Z", target="testnet", outcome="ok")


@pytest.fixture
def shards(results: Results, tmp_path: Path) -> list[Path]:
    """Return two folders of reports: a case that breaks and was repeated, and one that conforms."""
    broken = results.case("a", Verdict.BREAKING, findings=[results.finding()])
    broken.repeats = [broken.observation]
    runs = [
        results.run(broken, run="20261122T040000Z-aaaa"),
        results.run(results.case("b"), run="20261122T041000Z-bbbb"),
    ]
    folders = [tmp_path / "usdm", tmp_path / "coinm"]
    for run, folder in zip(runs, folders, strict=True):
        History([BEFORE]).save(folder / "history.jsonl")
        run.exit_status = conclude(run).exit_status
        write_reports(run, folder)
        (folder / "allure-results").mkdir()
        (folder / "allure-results" / f"{folder.name}-result.json").write_text("{}")
        (folder / "allure-results" / "environment.properties").write_text("old")
    return folders


def test_a_merged_folder_has_what_a_run_of_all_would_have_left(shards: list[Path], tmp_path: Path) -> None:
    into = tmp_path / "all"
    merged = merge_reports(shards, into)
    read = read_result(into / RESULT)
    assert (read.run, read.selected, read.exit_status) == (merged.run, 2, ExitStatus.FINDINGS)
    observed = [(folder / OBSERVATIONS).read_bytes() for folder in shards]
    assert (into / OBSERVATIONS).read_bytes() == b"".join(observed)
    assert (into / OBSERVATIONS).read_bytes().count(b"\n") == 3
    assert (into / SUMMARY).read_text("utf-8").startswith("# Breaking: 1 difference in 1 contract; 2 of 2 cases")
    assert {file.name for file in (into / "allure-results").iterdir()} == {"usdm-result.json", "coinm-result.json"}


def test_the_history_has_one_line_for_the_shards_together(shards: list[Path], tmp_path: Path) -> None:
    into = tmp_path / "all"
    for _ in range(2):  # again, as when a job is started anew
        merged = merge_reports(shards, into)
    entries = read_history(into).entries
    assert [entry.run for entry in entries] == ["before", merged.run]
    assert (entries[1].outcome, entries[1].verdicts) == ("breaking", {"breaking": 1, "conforms": 1})


def test_an_older_run_is_remembered_once(shards: list[Path], tmp_path: Path) -> None:
    into = tmp_path / "all"
    older = Entry(run="older", date="2026-11-20T04:00:00Z", target="testnet", outcome="ok")
    History([older, BEFORE]).save(into / "history.jsonl")
    merge_reports(shards, into)
    assert [entry.run for entry in read_history(into).entries][:2] == ["older", "before"]


def test_a_missing_shard_is_said_and_a_good_rest_is_not_good(shards: list[Path], tmp_path: Path) -> None:
    merged = merge_reports([shards[1], tmp_path / "options"], tmp_path / "all")
    assert merged.exit_status == ExitStatus.BLOCKED
    assert merged.doubts == [
        f"A result is missing: {tmp_path}/options/result.json does not exist. Run `wireproof run` to make it."
    ]
    assert (tmp_path / "all" / SUMMARY).read_text("utf-8").startswith("# Unknown: 1 of 1 case exercised on testnet.")


@pytest.mark.parametrize("file", [RESULT, OBSERVATIONS])
def test_half_of_a_file_is_a_missing_result(shards: list[Path], tmp_path: Path, file: str) -> None:
    (shards[0] / file).write_bytes((shards[0] / file).read_bytes()[:-30])
    merged = merge_reports(shards, tmp_path / "all")
    assert (len(merged.doubts), merged.exit_status) == (1, ExitStatus.BLOCKED)
    assert file in merged.doubts[0]


def test_a_shard_that_was_blocked_observed_nothing_and_is_there_all_the_same(
    results: Results, shards: list[Path], tmp_path: Path
) -> None:
    blocked = results.case("c", Verdict.BLOCKED, observation=None)
    write_reports(results.run(blocked, run="20261122T042000Z-cccc", requests=0), tmp_path / "options")
    merged = merge_reports([*shards, tmp_path / "options"], tmp_path / "all")
    assert (merged.doubts, merged.selected, merged.exercised) == ([], 3, 2)


def test_nothing_to_merge_leaves_nothing_of_an_earlier_merge(shards: list[Path], tmp_path: Path) -> None:
    into = tmp_path / "all"
    merge_reports(shards, into)
    with pytest.raises(UsageError, match=r"There is nothing to merge\. A result is missing: "):
        merge_reports([tmp_path / "options"], into)
    assert not (into / RESULT).exists()


def test_a_shard_is_no_place_for_the_whole(shards: list[Path]) -> None:
    with pytest.raises(UsageError, match=r"holds results that are to be merged\. Name another folder with --into"):
        merge_reports(shards, shards[0] / ".." / shards[0].name)
    assert json.loads((shards[0] / RESULT).read_text("utf-8"))["run"] == "20261122T040000Z-aaaa"


def test_the_ledger_takes_in_each_shard_once_whoever_knows_it_already(shards: list[Path], tmp_path: Path) -> None:
    """The merged folder has no ledger, as on a runner of its own: that of the shard that knows most is gone on with."""
    into, run = tmp_path / "all", read_result(shards[1] / RESULT)
    (shards[1] / LEDGER).write_bytes(extend(LedgerFile(), run, load_store()).ledgers.encoded())
    for _ in range(2):
        merge_reports(shards, into)
        ledger = load_ledger(into / LEDGER).of("testnet")
        assert sorted(ledger.runs) == ["20261122T040000Z-aaaa", "20261122T041000Z-bbbb"]
    assert set(read_result(into / RESULT).observed_in) == set(ledger.runs)
