"""Reports of several shards made into those of one run: `wireproof merge`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from wireproof.contract.store import load_store
from wireproof.errors import UsageError
from wireproof.ledger.ledger_file import LEDGER, load_ledger
from wireproof.report.files import (
    HISTORY,
    OBSERVATIONS,
    RESULT,
    forget_run,
    prepare_folder,
    read_history,
    read_observations,
    read_result,
    write_reports,
)
from wireproof.report.history import History
from wireproof.report.standing_files import add_standings
from wireproof.results.merging import merge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wireproof.results.model import RunResult

ALLURE_RESULTS = "allure-results"


def merge_reports(shards: Sequence[Path], into: Path, *, ledgers: Sequence[Path] = ()) -> RunResult:
    """Write into `into` what a run of all shards would have left, and return that run.

    Each of `shards` is the folder of a run's reports. One that holds no result is missing: it is said, and the run is
    not good. The history is that of `into` and of all shards, with one line for the shards together. Raises UsageError
    when no shard left a result, or they are of several targets.

    It is said anew how each difference stands; `ledgers` are folders with what is known of the other target.
    """
    if any(folder.resolve() == into.resolve() for folder in shards):
        raise UsageError(f"{into} holds results that are to be merged. Name another folder with --into.")
    prepare_folder(into)
    forget_run(into)
    runs, doubts = [], []
    for folder in shards:
        try:
            runs.append(_read(folder))
        except UsageError as problem:
            doubts.append(f"A result is missing: {problem}")
    if not runs:
        raise UsageError(f"There is nothing to merge. {' '.join(doubts)}")
    run = merge(runs, doubts)
    _history(shards, into, {one.run for one in runs}).save(into / HISTORY)
    _copy_allure_results(shards, into / ALLURE_RESULTS)
    if not (into / LEDGER).exists() and (ledger := _fullest_ledger(shards)) is not None:
        shutil.copyfile(ledger, into / LEDGER)
    store = load_store()
    add_standings(run, into, store, ledgers)
    write_reports(run, into, store, parts=runs if len(runs) > 1 else ())
    return run


def _read(folder: Path) -> RunResult:
    """Return the run in `folder`, with what was observed in each of its cases."""
    run = read_result(folder / RESULT)
    if not run.requests and not run.exercised:
        return run  # it observed nothing
    cases = {case.id: case for case in run.cases}
    for observation in read_observations(folder / OBSERVATIONS):
        case = cases.get(observation.case)
        if case is not None and case.observation is None:
            case.observation = observation
        elif case is not None:
            case.repeats.append(observation)
    return run


def _fullest_ledger(folders: Sequence[Path]) -> Path | None:
    """Return the file of that ledger in some folders which knows most runs; None where no folder has one."""
    known = {file: load_ledger(file, look=True).ledgers.values() for file in (one / LEDGER for one in folders)}
    found = [file for file, ledgers in known.items() if ledgers]
    return max(found, key=lambda file: sum(len(one.runs) for one in known[file]), default=None)


def _history(shards: Sequence[Path], into: Path, parts: set[str]) -> History:
    """Return the runs that any of the folders knows, without those that are merged."""
    found = [entry for folder in (into, *shards) for entry in read_history(folder, look=True).entries]
    entries = {entry.run: entry for entry in found if entry.run not in parts}
    return History(sorted(entries.values(), key=lambda entry: entry.date))


def _copy_allure_results(shards: Sequence[Path], folder: Path) -> None:
    """Replace what `folder` holds by the files of all shards; their names are unique."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for shard in shards:
        for file in sorted((shard / ALLURE_RESULTS).glob("*-*")):
            shutil.copyfile(file, folder / file.name)
