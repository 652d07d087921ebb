"""How the differences of a run stand, from what lies beside its reports: the histories and ledgers of both targets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.contract.dated_changes import load_changes
from wireproof.contract.paths import walk
from wireproof.errors import UsageError, WireproofError
from wireproof.ledger.change_matching import ChangeIndex
from wireproof.ledger.finding_standing import OTHER, NightSeen, TargetMemory, standings
from wireproof.ledger.ledger_file import LEDGER, load_ledger
from wireproof.report.files import HISTORY, read_history
from wireproof.results.conclusion import Outcome
from wireproof.results.wording import parted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.store import Store
    from wireproof.ledger.change_matching import Documented
    from wireproof.report.history import History
    from wireproof.results.model import RunResult


def add_standings(run: RunResult, reports: Path, store: Store, ledgers: Sequence[Path] = ()) -> None:
    """Say in `run` how each of its differences stands; what keeps that from being known becomes a note.

    Args:
        run: The run; nothing of it has to be in its history yet.
        reports: The folder of its reports, with the history and the ledger of its target.
        store: The contracts, with their dated changes beside them.
        ledgers: Folders with those of the other target; without one, `folders_of_others` finds them.

    """
    products = sorted({case.product for case in run.cases} & store.products.keys())
    try:
        changes = {name: load_changes(store.folder / name) for name in products}
    except WireproofError as problem:
        run.notes.append(f"What was announced is not known: {problem}")
        changes = {}
    history, target = read_history(reports, look=True), parted(run.target)[0]
    found = [finding for case in run.cases for finding in case.lasting_findings]
    run.standings = standings(
        run,
        ChangeIndex(changes, _documented_in(store)),
        own=_witness(reports, history, run.target, without=run.run),
        since={one.fingerprint: history.first_seen_of(run.target, one)[:10] for one in found},
        there=_other(target, list(ledgers) or folders_of_others(reports, target)),
        targets={
            name: {target for hosts in store.products[name].hosts.values() for target in hosts} for name in products
        },
    )


def folders_of_others(reports: Path, target: str) -> list[Path]:
    """Return the folders of the other target that lie beside the reports of a target, or within them.

    `reports/testnet` finds `reports/live`, and `reports` finds `reports/live`.
    """
    other = OTHER.get(target)
    if other is None:
        return []
    beside = [reports.resolve().parent / other] if reports.resolve().name == target else []
    return [folder for folder in (*beside, reports / other) if _has_memory(folder)]


def check_ledgers(names: Sequence[str]) -> list[Path]:
    """Return the folders that `--ledgers` names; UsageError for one that has neither a history nor a ledger."""
    for name in names:
        if not _has_memory(Path(name)):
            raise UsageError(
                f"--ledgers {name}: it has neither {HISTORY} nor {LEDGER}. Name the reports of the other target."
            )
    return [Path(name) for name in names]


def _witness(folder: Path, history: History, target: str, *, without: str = "") -> TargetMemory:
    """Return what a folder and the history in it know of a target, but for the run `without`."""
    ledger = load_ledger(folder / LEDGER, look=True).of(target)
    return TargetMemory(ledger=ledger, nights=nights_of(history, target, without=without))


def _other(target: str, folders: Sequence[Path]) -> TargetMemory | None:
    """Return what the first folder that knows the other target knows of it."""
    other = OTHER.get(target)
    if other is None:
        return None
    known = (_witness(folder, read_history(folder, look=True), other) for folder in folders)
    return next((one for one in known if one.nights or one.ledger.contracts), None)


def nights_of(history: History, target: str, *, without: str = "") -> list[NightSeen]:
    """Return the nights of a target that a history knows, oldest first, but for the run `without`."""
    return [
        NightSeen(
            day=entry.date[:10],
            fingerprints=frozenset(entry.fingerprints).difference(entry.unsteady),
            is_conclusive=entry.outcome != Outcome.UNKNOWN,
        )
        for entry in sorted(history.entries, key=lambda entry: entry.date)
        if entry.target == target and entry.run != without
    ]


def _has_memory(folder: Path) -> bool:
    return (folder / HISTORY).is_file() or (folder / LEDGER).is_file()


def _documented_in(store: Store) -> Documented:
    @cache
    def documented(contract_id: str) -> frozenset[str]:
        contract = store.contracts.get(contract_id)
        examples = contract.examples if contract else ()
        return frozenset(path for example in examples for path, _ in walk(example.response))

    return documented
