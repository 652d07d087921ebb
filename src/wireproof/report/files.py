"""The files a run leaves under `reports/`: index.html, result.json, observations.jsonl, summary.md, history.jsonl."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from wireproof.bounds import MIB, bounded, read_file
from wireproof.errors import UsageError
from wireproof.escape import json_bytes, json_text
from wireproof.ledger.extending import extend, observations_of
from wireproof.ledger.ledger_file import LEDGER, load_ledger
from wireproof.report.history import History, load_history
from wireproof.report.reproductions import FOLDER as REPRODUCTIONS
from wireproof.report.reproductions import (
    forget_reproductions,
    reproduction_files,
    reproductions,
    write_reproductions,
)
from wireproof.report.storage import replace_file
from wireproof.report.summary import summary_markdown
from wireproof.results.model import CaseResult, Observation, RunResult
from wireproof.results.run_summary import gather

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wireproof.contract.store import Store
    from wireproof.ledger.ledger_file import LedgerFile
    from wireproof.results.run_summary import Summary

RESULT = "result.json"
OBSERVATIONS = "observations.jsonl"
SUMMARY = "summary.md"
HISTORY = "history.jsonl"
JUNIT = "junit.xml"
FIRST_SCREEN = "index.html"
ALLURE = "allure/index.html"

# What speaks of one run only; histories and the journal speak of many. The HTML report of 0.1 stood below html/.
_OF_ONE_RUN = (FIRST_SCREEN, RESULT, OBSERVATIONS, SUMMARY, JUNIT, ALLURE, "html/index.html")
_FOLDERS = ("allure-results", "allure", ".cache", REPRODUCTIONS)

# Observations have a file of their own, examples are in the contracts.
_BULKY = {"observation", "repeats", "documented"}


def prepare_folder(folder: Path) -> None:
    """Make `folder` and see that reports can be written there; UsageError, before anything is sent, when they cannot.

    How much room there is only shows when they are written.
    """
    for place in (folder, *(folder / name for name in _FOLDERS)):
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is a file, and a folder is needed there. Name another folder with --reports.")
    for file in (folder / name for name in (*_OF_ONE_RUN, HISTORY, LEDGER)):
        if file.is_dir():
            raise UsageError(f"{file} is a folder, and a file is to be written there. Remove it, or use --reports.")
    try:
        replace_file(folder / ".probe", b"\n").unlink()
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "not a valid path"
        raise UsageError(f"Reports cannot be written to {folder}: {why}. Name another folder with --reports.") from None


def forget_run(folder: Path) -> None:
    """Remove what an earlier run said from `folder`, so that it never stands for one that ends early."""
    try:
        forget_reproductions(folder)
    except OSError as problem:
        what = f"{folder / REPRODUCTIONS}, of an earlier run, cannot be removed: {problem.strerror}."
        raise UsageError(f"{what} Use another --reports.") from None
    for name in _OF_ONE_RUN:
        try:
            (folder / name).unlink(missing_ok=True)
        except NotADirectoryError:
            continue
        except OSError as problem:
            raise UsageError(
                f"{folder / name}, of an earlier run, cannot be removed: {problem.strerror}. Use another --reports."
            ) from None


def write_reports(
    run: RunResult, folder: Path, store: Store | None = None, *, parts: Sequence[RunResult] = ()
) -> list[Path]:
    """Write every file of `run` into `folder`, each replaced in one step; return those that were written.

    The history in `folder` is read first and extended by this run, and with a `store` of contracts the ledger as well;
    `parts` are the runs that this one was merged of. The verdict comes last: result.json is there only when everything
    else is. Raises OSError when something cannot be written; then nothing says anything of the run.
    """
    try:
        return _write_reports(run, folder, store, parts)
    except OSError:
        with contextlib.suppress(UsageError):
            forget_run(folder)
        raise


def _write_reports(run: RunResult, folder: Path, store: Store | None, parts: Sequence[RunResult]) -> list[Path]:
    ledgers: LedgerFile | None = None
    if store is not None:
        ledgers, run.recorded, notes = extend(load_ledger(folder / LEDGER), run, store, parts)
        run.notes += [one for one in notes if one not in run.notes]
    history, summary = load_history(folder / HISTORY).with_run(run), gather(run)
    found = reproductions(summary)
    written = [
        *write_reproductions(found, folder),
        replace_file(folder / OBSERVATIONS, observations_jsonl(run)),
        replace_file(folder / SUMMARY, summary_markdown(summary, history, scripts=found).encode()),
        write_first_screen(summary, history, folder),
        replace_file(folder / RESULT, result_json(run)),
    ]
    memory = {HISTORY: history.encoded(), **({LEDGER: ledgers.encoded()} if ledgers is not None else {})}
    lost = ""
    for name, content in memory.items():
        try:
            written.append(replace_file(folder / name, content))
        except OSError as problem:
            lost += f" {folder / name} cannot be written ({problem.strerror}): later runs will not know this one."
    if lost:
        history.note = f"{history.note}{lost}".lstrip()
        replace_file(folder / SUMMARY, summary_markdown(summary, history, scripts=found).encode())
        write_first_screen(summary, history, folder)
    return written


def write_first_screen(
    summary: Summary,
    history: History,
    folder: Path,
    *,
    files: Sequence[str] = (SUMMARY, RESULT, OBSERVATIONS),
    fields: Mapping[str, str] | None = None,
) -> Path:
    """Write the first page of the reports in `folder`, which links to `files` and to an Allure report that is there.

    `fields` are the addresses of pages with the history of a contract's fields, by contract.
    """
    from wireproof.report.first_screen import first_screen  # noqa: PLC0415  # with its template engine: only who writes

    allure = ALLURE if (folder / ALLURE).is_file() else ""
    page = first_screen(
        summary, history, allure=allure, files=files, scripts=reproduction_files(folder), fields=fields or {}
    )
    return replace_file(folder / FIRST_SCREEN, page.encode())


def result_json(run: RunResult) -> bytes:
    """Return the run as indented JSON with every key present, in the order of `RunResult` and `CaseResult`."""
    return json_bytes(msgspec.json.format(msgspec.json.encode(_record(run), order=None), indent=2)) + b"\n"


def _record(value: Any) -> Any:
    """Return `value` with every field of its structs, defaults included, so that readers need no rules."""
    if isinstance(value, Struct):
        hidden = _BULKY if isinstance(value, CaseResult) else ()
        return {name: _record(getattr(value, name)) for name in value.__struct_fields__ if name not in hidden}
    if isinstance(value, dict):
        return {key: _record(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_record(item) for item in value]
    return json_text(value) if isinstance(value, str) else value


def observations_jsonl(run: RunResult) -> bytes:
    """Return one line of JSON per observation, in the order of the run: those of a repeated case after its first."""
    return b"".join(json_bytes(msgspec.json.encode(_storable(one))) + b"\n" for one in observations_of(run))


def _storable(value: Any) -> Any:
    """Return a struct in whose texts half surrogates, which no file can hold, are escapes."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return _record(value)
    return value


def read_result(file: Path) -> RunResult:
    """Read a result.json; observations and documented examples are not part of it."""
    try:
        return msgspec.json.decode(_content(file), type=RunResult)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise UsageError(f"{file} is no result of wireproof: {problem}. Run `wireproof run` to make one.") from problem


def read_observations(file: Path) -> list[Observation]:
    """Read an observations.jsonl."""
    observations = []
    for number, line in enumerate(_content(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            observations.append(_bounded(msgspec.json.decode(line, type=Observation)))
        except (msgspec.DecodeError, RecursionError) as problem:
            raise UsageError(
                f"{file}, line {number} is no observation: {problem}. Run `wireproof run` to make the file anew."
            ) from problem
    if not observations:
        raise UsageError(f"{file} holds no observation. Run `wireproof run` to make it.")
    return observations


def _bounded(observation: Observation) -> Observation:
    """Return an observation whose answer is no longer than one that a target may send."""
    response = observation.response or ""
    if len(response) <= MIB:
        return observation
    return msgspec.structs.replace(observation, response=bounded(response.encode()).decode("utf-8", "replace"))


def read_history(folder: Path, *, look: bool = False) -> History:
    """Read the history beside the other reports in `folder`; see `load_history`."""
    return load_history(folder / HISTORY, look=look)


def _content(file: Path) -> bytes:
    try:
        content = read_file(file)
        content.decode()
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist. Run `wireproof run` to make it.") from None
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise UsageError(f"{file} is not UTF-8 text: {problem.reason} at byte {problem.start}.") from problem
    return content
