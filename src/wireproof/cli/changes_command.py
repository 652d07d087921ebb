"""`changes`: what changed in the documentation, and what is about to."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, print_json
from wireproof.errors import ExitStatus, UsageError, did_you_mean
from wireproof.escape import one_line, say
from wireproof.run_options import day, place, text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterable, Sequence

    from wireproof.cli.arguments import Commands
    from wireproof.cli.outputs import ListedChange
    from wireproof.contract.dated_changes import DatedChange
    from wireproof.ledger.model import TargetLedger
    from wireproof.manifest.client_manifest import Manifest

STATES = ("coming", "early", "in-force", "overdue", "unannounced", "announced", "kept")


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "changes",
        help="dated changes of what is documented, and what is about to change",
        description="List what changed in the documentation, with the day of its announcement, the day since when it is"
        " in force, and the day on which wireproof first saw it.",
        examples=("wireproof changes list --state coming",),
    )
    actions = command.add_subparsers(title="commands", required=True, metavar="COMMAND")
    action = actions.add_parser(
        "list",
        help="list the changes, oldest first",
        description="List the changes, oldest first. A state is `coming` (announced, not in force yet), `early` (a"
        " target shows it already), `in-force`, `overdue` (in force, and a target that was looked at since does not"
        " show it), `unannounced` (others saw it, nothing documents it); `announced` are all that are documented,"
        " `kept` those of which the contracts still say what was said before. Early and overdue need ledgers.",
        examples=(
            "wireproof changes list --since 2026-09-01 --affects usdm",
            "wireproof changes list --affects 'usdm/*/order*' --state coming",
            "wireproof changes list --affects usdm/rest/PUT.fapi.v1.order --json",
        ),
    )
    action.add_argument("--since", metavar="DAY", type=day, help="only what was announced, seen or in force since then")
    action.add_argument("--until", metavar="DAY", type=day, help="only what was announced, seen or in force until then")
    action.add_argument(
        "--affects",
        action="append",
        default=[],
        type=text,
        metavar="WHAT",
        help="only changes of this product, contract, or pattern such as 'usdm/rest/*order*'; repeatable",
    )
    action.add_argument(
        "--manifest",
        type=place,
        metavar="FILE",
        help="only changes of what a client reads, by the manifest that `wireproof uses` makes of it",
    )
    action.add_argument(
        "--state", action="append", default=[], choices=STATES, help="only changes in this state; repeatable"
    )
    action.add_argument(
        "--ledgers",
        action="append",
        default=[],
        type=place,
        metavar="DIR",
        help="reports that say when each target showed it; default: reports, and the folders in it",
    )
    add_json(action)
    action.set_defaults(command=list_changes)


def list_changes(options: argparse.Namespace) -> int:
    """Print one line per change: the day, its state, kind, contracts, what, all its days, and a link."""
    from wireproof.cli.outputs import ListedChange  # noqa: PLC0415
    from wireproof.contract.dated_changes import in_order, load_changes  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.day import today  # noqa: PLC0415
    from wireproof.ledger.first_sightings import first_sightings, state_of  # noqa: PLC0415
    from wireproof.manifest.client_manifest import read_manifest  # noqa: PLC0415

    store, now = load_store(), today().isoformat()
    every = [one for name in store.products for one in load_changes(store.folder / name, store.contracts).changes]
    known = {*store.contracts, *(contract for one in every for contract in one.contracts)}
    for what in options.affects:
        if not any(_is_affected(contract, [what]) for contract in known):
            near = did_you_mean(what, {*known, *store.products})
            raise UsageError(f"--affects {what}: no product or contract has that name. {near}")
    ledgers = _ledgers(options.ledgers)
    manifest = read_manifest(Path(options.manifest)) if options.manifest else None
    listed = []
    for change in in_order(every):
        contracts = tuple(one for one in change.contracts if not options.affects or _is_affected(one, options.affects))
        contracts = tuple(one for one in contracts if manifest is None or _is_read(one, change, manifest))
        days = [one for one in (change.announced, change.in_force, change.seen) if one]
        in_time = any((options.since or "") <= one <= (options.until or "9") for one in days)
        state = state_of(change, ledgers, now)
        if contracts and in_time and _is_in(change, state, options.state):
            seen = {name: one.day for name, one in first_sightings(ledgers, change).items()}
            listed.append(ListedChange.of(change, contracts, state, seen))
    if options.json:
        print_json("changes", listed)
        return ExitStatus.OK
    say(*map(_line, listed))
    return ExitStatus.OK


def _is_affected(contract: str, wanted: Iterable[str]) -> bool:
    """Whether a contract is one of those that are named: a product, the beginning of an id, or a pattern."""
    return any(contract == what or contract.startswith(f"{what}/") or fnmatchcase(contract, what) for what in wanted)


def _is_read(contract: str, change: DatedChange, manifest: Manifest) -> bool:
    """Whether a client calls what changes, and of fields and their words, whether it reads them."""
    from wireproof.manifest.used_paths import lies  # noqa: PLC0415

    use = manifest.contracts.get(contract)
    if use is None or not change.kind.startswith(("field-", "enum-value-")):
        return use is not None
    return any(lies(change.path, read.path) is not None for read in use.reads)


def _is_in(change: DatedChange, state: str, wanted: Collection[str]) -> bool:
    names = {
        state.replace(" ", "-"),
        *(("announced",) if change.documented else ()),
        *(("kept",) if change.kept else ()),
    }
    return not wanted or bool(names.intersection(wanted))


def _ledgers(names: Sequence[str]) -> dict[str, TargetLedger]:
    """Return the ledgers in folders, by target; of a target that several have, that of the first one."""
    from wireproof.ledger.ledger_file import LEDGER, load_ledger  # noqa: PLC0415

    folders = [Path(name) for name in names]
    for folder in folders:
        if not (folder / LEDGER).is_file():
            raise UsageError(f"--ledgers {folder}: there is no {LEDGER}. Name a folder of reports that has one.")
    found: dict[str, TargetLedger] = {}
    for folder in folders or [Path("reports"), *sorted(Path("reports").glob("*/"))]:
        for target, ledger in load_ledger(folder / LEDGER, look=True).ledgers.items():
            found.setdefault(target, ledger)
    return found


def _line(one: ListedChange) -> str:
    others = f" and {len(one.contracts) - 1:,} more" if len(one.contracts) > 1 else ""
    before, after = ("" if value is None else str(value) for value in (one.before, one.after))
    days = {"announced": one.announced, "in force": one.in_force, "seen by others": one.seen_by_others}
    said = [f"{word} {when}" for word, when in days.items() if when]
    said += [f"first seen on {target} {when}" for target, when in one.first_seen.items()]
    parts = [one.path, f"{before} → {after}".strip() if before or after else "", ", ".join(said), one.links[0]]
    head = f"{one.date}  {one.state:11}  {one.kind:18}  {one.contracts[0]}{others}"
    return "  ".join([head, *(one_line(part, 300) for part in parts if part)])
