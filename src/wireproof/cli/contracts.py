"""`contracts`: look at the store, check it, and say how much of the documentation it covers and can prove."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.bounds import read_file
from wireproof.cli.arguments import add_reports, add_selection
from wireproof.counts import counted
from wireproof.errors import ExitStatus
from wireproof.escape import say, say_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add this module's commands."""
    group = commands.add_parser("contracts", help="look at the stored contracts")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser("list", help="one line per contract")
    add_selection(command)
    command.set_defaults(command=list_contracts)

    command = actions.add_parser(
        "check", help="every file valid, ids unique, examples sound and decided, every case resolvable"
    )
    command.add_argument("--verbose", action="store_true", help="list the places whose strings stay free, and why")
    command.set_defaults(command=check_contracts)

    command = actions.add_parser("changes", help="dated changes of what is documented, oldest first")
    command.add_argument("--product", metavar="NAME", help="only this product")
    command.add_argument("--contract", metavar="ID", help="only this contract")
    command.add_argument("--since", metavar="DAY", type=_day, help="only those since this day, such as 2026-08-01")
    command.set_defaults(command=show_changes)

    command = actions.add_parser("coverage", help="documented, with example, with case, exercised in the last run")
    add_selection(command)
    add_reports(command)
    command.set_defaults(command=show_coverage)

    command = actions.add_parser("lint", help="how much each contract's examples can prove")
    add_selection(command)
    command.add_argument("--at-most", type=int, default=99, metavar="SCORE", help="show scores up to this; default: 99")
    command.set_defaults(command=lint_contracts)

    command = actions.add_parser("schema", help="the JSON Schema of the store's files, for editors")
    command.add_argument("file", nargs="?", choices=["contract", "changes"], default="contract", help="of which file")
    command.set_defaults(command=show_schema)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write one such as 2026-08-01") from None


def list_contracts(options: argparse.Namespace) -> int:
    """Print one line per contract."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.planning.cases import cases_of  # noqa: PLC0415

    store = load_store()
    for contract in store.select(product=options.product, surface=options.surface):
        cases = counted(len(cases_of(contract, store.products[contract.product])), "case")
        say(f"{contract.id:60} {contract.name:45} {counted(len(contract.examples), 'example')}, {cases}")
    return ExitStatus.OK


def check_contracts(options: argparse.Namespace) -> int:
    """Check every contract file; print each problem and return 2 when there is one."""
    from wireproof.contract.overlay import overlay_folder  # noqa: PLC0415
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.suite.planning.check import check  # noqa: PLC0415

    report = check(default_folder(), overlay_folder())
    for line in report.problems:
        say(line, stream=sys.stderr)
    if options.verbose:
        say(*report.free)
    say(report.summary)
    return ExitStatus.USAGE if report.problems else ExitStatus.OK


def show_changes(options: argparse.Namespace) -> int:
    """Print one line per contract of each dated change: day, kind, contract, what, and a link."""
    from wireproof.contract.dated_changes import lines, load_changes  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415

    store = load_store()
    names = list(store.products) if options.product is None else [store.product(options.product).product]
    every = [change for name in names for change in load_changes(store.folder / name, store.contracts).changes]
    contract_id = options.contract and store.contract(options.contract).id
    for line in lines(every, since=options.since, contract_id=contract_id):
        say(line)
    return ExitStatus.OK


def show_coverage(options: argparse.Namespace) -> int:
    """Print per product and surface what is documented, and what of it is exercised."""
    import msgspec  # noqa: PLC0415

    from wireproof.contract.audit.coverage import coverage  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.report.files import RESULT, read_result  # noqa: PLC0415

    result = Path(options.reports) / RESULT
    run = None
    if result.exists():  # without a run there is no column for it
        read_result(result)
        run = msgspec.json.decode(read_file(result))
    store = load_store()
    for line in coverage(store.select(product=options.product, surface=options.surface), run).lines():
        say(line)
    return ExitStatus.OK


def lint_contracts(options: argparse.Namespace) -> int:
    """Print the score of each contract, worst first, with what its examples cannot show."""
    from wireproof.contract.audit.lint import lines, lint  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415

    store = load_store()
    scores = lint(store.select(product=options.product, surface=options.surface), store.products)
    for line in lines(scores, at_most=options.at_most):
        say(line)
    return ExitStatus.OK


def show_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema that contract files, or lists of dated changes, follow."""
    from wireproof.contract.json_schema import file_schema  # noqa: PLC0415

    say_json(file_schema(options.file, schema_words()).encode())
    return ExitStatus.OK


def schema_words() -> dict[str, Collection[str]]:
    """Return the names that keys of a contract may have, by struct and key."""
    from wireproof.suite.running.post_checks import POST_CHECKS  # noqa: PLC0415
    from wireproof.suite.streams.watched import ORDER_BOOK  # noqa: PLC0415
    from wireproof.suite.vocabulary.causes import CAUSES  # noqa: PLC0415
    from wireproof.suite.vocabulary.marks import CASE_MARKS  # noqa: PLC0415
    from wireproof.suite.vocabulary.needs import NEEDS  # noqa: PLC0415

    return {
        "Contract.base_needs": NEEDS,
        "Case.needs": NEEDS,
        "Case.marks": CASE_MARKS,
        "Case.proves": [*POST_CHECKS, ORDER_BOOK],
        "Watch.cause": ["", *CAUSES],
    }
