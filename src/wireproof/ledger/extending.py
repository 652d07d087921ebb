"""The ledger of a folder of reports, extended by a run: each run once, however often its observations are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wireproof.counts import counted
from wireproof.escape import one_line
from wireproof.ledger.folding import fold
from wireproof.ledger.joining import join, join_all
from wireproof.ledger.recorded import recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wireproof.contract.store import Store
    from wireproof.ledger.ledger_file import LedgerFile
    from wireproof.ledger.model import TargetLedger
    from wireproof.results.model import Observation, RunResult

#: How the id of a run begins that is known only by when its first request was sent, in epoch milliseconds.
UNNAMED = "observed-"


class Extension(NamedTuple):
    """What folding a run comes to."""

    ledgers: LedgerFile
    recorded: dict[str, str]  # what the ledger says of each difference, by fingerprint
    notes: list[str]


def extend(ledgers: LedgerFile, run: RunResult, store: Store, parts: Sequence[RunResult] = ()) -> Extension:
    """Return the ledgers with a run in them; `parts` are the runs that it was merged of, if it was.

    A run that they know already changes nothing.
    """
    known = ledgers.of(run.target)
    folded = [fold(part, observations_of(part), store) for part in parts or (run,)]
    new, notes = [], [*([ledgers.note] if ledgers.note else [])]
    for one in folded:
        names = {_known_name(known, name) for name in one.runs}
        if names.isdisjoint(known.runs):
            new.append(one)
        elif not names <= known.runs.keys():
            notes.append(
                "The ledger knows some of the runs that this one was merged of; it does not take in the others."
            )
    tonight = join_all(run.target, folded)
    together = join_all(run.target, [known, *new])
    extended = ledgers.joined_with(together) if new else ledgers
    notes += _bounds_note(together)
    return Extension(extended, recorded(run, together if new else join_known(known, tonight), tonight), notes)


def join_known(known: TargetLedger, tonight: TargetLedger) -> TargetLedger:
    """Return the ledger that speaks of tonight: the known one, where it holds any of tonight's runs."""
    return known if not tonight.runs or not known.runs.keys().isdisjoint(tonight.runs) else join(known, tonight)


def observations_of(run: RunResult) -> list[Observation]:
    """Return what was observed in the cases of a run, repetitions included."""
    return [one for case in run.cases for one in (case.observation, *case.repeats) if one is not None]


def _known_name(known: TargetLedger, name: str) -> str:
    """Return the id under which a ledger knows a run: of a run without one, that of the run that was under way then."""
    if not name.startswith(UNNAMED) or name in known.runs:
        return name
    moment = float(name.removeprefix(UNNAMED) or 0)
    return next((one for one, mark in known.runs.items() if mark.began <= moment <= mark.ended), name)


def _bounds_note(ledger: TargetLedger) -> list[str]:
    """Return that the target sent more under names of its own making than a ledger keeps, if it did."""
    full = sorted(name for name, record in ledger.contracts.items() if record.left_out)
    if not full:
        return []
    number = counted(len(full), "contract")
    return [f"The ledger keeps a part of what has undocumented names: of {number}, first {one_line(full[0], 200)}."]
