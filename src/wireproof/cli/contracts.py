"""`contracts`: look at the store, check it, and say how much of the documentation it covers and can prove."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wireproof.bounds import read_file
from wireproof.cli.arguments import add_as_of, add_json, add_reports, add_selection, folder, print_json
from wireproof.counts import counted
from wireproof.errors import ExitStatus, only_one
from wireproof.escape import say, say_json
from wireproof.run_options import InRange, day

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    group = commands.add_parser(
        "contracts",
        help="look at the stored contracts",
        description="Look at the stored contracts, check them, and say how much they can prove.",
        examples=("wireproof contracts list --product usdm", "wireproof contracts check"),
    )
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser(
        "list",
        help="one line per contract",
        description="Print one line per contract: id, documented name, examples, cases.",
        examples=(
            "wireproof contracts list --product usdm --surface event",
            "wireproof contracts list --as-of 2025-12-01",
            "wireproof contracts list --json",
        ),
    )
    add_selection(command)
    add_as_of(command)
    add_json(command)
    command.set_defaults(command=list_contracts)

    command = actions.add_parser(
        "check",
        help="every file valid, ids unique, examples sound and decided, every case resolvable",
        description="Check that every file is valid, ids unique, examples sound and decided, every case resolvable;"
        " one line per problem, and exit status 2 when there is one.",
        examples=("wireproof contracts check", "wireproof contracts check --verbose"),
    )
    command.add_argument("--verbose", action="store_true", help="list the places whose strings stay free, and why")
    add_as_of(command)
    add_json(command)
    command.set_defaults(command=check_contracts)

    command = actions.add_parser(
        "changes",
        help="dated changes of what is documented, oldest first",
        description="Print what changed in the documentation and when, oldest first.",
        examples=(
            "wireproof contracts changes --since 2026-09-01",
            "wireproof contracts changes --contract usdm/rest/PUT.fapi.v1.order --json",
            "wireproof contracts changes --unpatched   # what --as-of cannot bring back",
        ),
    )
    command.add_argument("--product", metavar="PRODUCT", help="only this product")
    command.add_argument("--contract", metavar="CONTRACT", help="only this contract; its id, or how it begins")
    command.add_argument("--since", metavar="DAY", type=day, help="only those since this day, such as 2026-08-01")
    command.add_argument(
        "--unpatched", action="store_true", help="only those of which nobody knows what the contract said before"
    )
    add_json(command)
    command.set_defaults(command=show_changes)

    command = actions.add_parser(
        "coverage",
        help="documented, with example, with case, exercised in the last run",
        description="Count per product and surface what is documented, has an example, has a case, and was exercised in"
        " the last run; name what has no case, and why.",
        examples=("wireproof contracts coverage", "wireproof contracts coverage --product options --reports reports"),
    )
    add_selection(command)
    add_reports(command)
    add_json(command)
    command.set_defaults(command=show_coverage)

    command = actions.add_parser(
        "lint",
        help="how much each contract's examples can prove",
        description="Score how much each contract's examples can prove, 0 to 100, the weakest first.",
        examples=("wireproof contracts lint --at-most 50", "wireproof contracts lint --product usdm --surface rest"),
    )
    add_selection(command)
    command.add_argument(
        "--at-most", type=InRange(0, 100), default=99, metavar="SCORE", help="show scores up to this; default: 99"
    )
    add_json(command)
    command.set_defaults(command=lint_contracts)

    command = actions.add_parser(
        "schema",
        help="the JSON Schema of the store's files, for editors",
        description="Print the JSON Schema that the store's files follow, for editors.",
        examples=("wireproof contracts schema > contract.schema.json",),
    )
    command.add_argument("file", nargs="?", choices=["contract", "changes"], default="contract", help="of which file")
    command.set_defaults(command=show_schema)


def list_contracts(options: argparse.Namespace) -> int:
    """Print one line per contract."""
    from wireproof.cli.outputs import ListedContract  # noqa: PLC0415
    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.suite.planning.cases import cases_of  # noqa: PLC0415

    store = load_as_of(options.as_of)
    chosen = store.select(product=options.product, surface=options.surface)
    listed = [(one, len(one.examples), len(cases_of(one, store.products[one.product]))) for one in chosen]
    if options.json:
        print_json("contracts-list", [ListedContract.of(*one) for one in listed])
        return ExitStatus.OK
    for contract, examples, cases in listed:
        say(f"{contract.id:60} {contract.name:45} {counted(examples, 'example')}, {counted(cases, 'case')}")
    return ExitStatus.OK


def check_contracts(options: argparse.Namespace) -> int:
    """Check every contract file; print each problem and return 2 when there is one."""
    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.contract.overlay import overlay_folder  # noqa: PLC0415
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.suite.planning.check import check, check_as_of  # noqa: PLC0415

    if options.as_of is None:
        report = check(default_folder(), overlay_folder())
    else:
        report = check_as_of(load_as_of(options.as_of))
    if options.json:
        print_json("contracts-check", report)
        return ExitStatus.USAGE if report.problems else ExitStatus.OK
    for line in report.problems:
        say(line, stream=sys.stderr)
    if options.verbose:
        say(*report.free)
    say(report.summary)
    return ExitStatus.USAGE if report.problems else ExitStatus.OK


def show_changes(options: argparse.Namespace) -> int:
    """Print one line per contract of each dated change: day, kind, contract, what, and a link."""
    from msgspec.structs import replace  # noqa: PLC0415

    from wireproof.contract.as_of import all_unpatched  # noqa: PLC0415
    from wireproof.contract.dated_changes import lines, load_changes, narrowed  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415

    store = load_store()
    names = list(store.products) if options.product is None else [store.product(options.product).product]
    why: dict[str, str] = {}
    if options.unpatched:
        unknown = [one for one in all_unpatched(store) if one[1].partition("/")[0] in names]
        every = [replace(change, contracts=(name,)) for change, name, _ in unknown]
        why = {line: reason for change, (_, _, reason) in zip(every, unknown, strict=True) for line in lines([change])}
    else:
        every = [change for name in names for change in load_changes(store.folder / name, store.contracts).changes]
    contract_id = (
        None if options.contract is None else only_one(options.contract, store.contracts, "There is no contract")
    )
    chosen = narrowed(every, since=options.since, contract_id=contract_id)
    if options.json:
        print_json("contracts-changes", chosen)
        return ExitStatus.OK
    for line in lines(chosen):
        say(f"{line}  {why[line]}" if line in why else line)
    return ExitStatus.OK


def show_coverage(options: argparse.Namespace) -> int:
    """Print per product and surface what is documented, and what of it is exercised."""
    import msgspec  # noqa: PLC0415

    from wireproof.contract.audit.coverage import coverage  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.report.files import RESULT, read_result  # noqa: PLC0415

    result = folder("--reports", options.reports) / RESULT
    run = None
    if result.exists():  # without a run there is no column for it
        read_result(result)
        run = msgspec.json.decode(read_file(result))
    store = load_store()
    report = coverage(store.select(product=options.product, surface=options.surface), run)
    if options.json:
        print_json("contracts-coverage", report)
        return ExitStatus.OK
    for line in report.lines():
        say(line)
    return ExitStatus.OK


def lint_contracts(options: argparse.Namespace) -> int:
    """Print the score of each contract, worst first, with what its examples cannot show."""
    from wireproof.contract.audit.lint import lines, lint  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415

    store = load_store()
    scores = lint(store.select(product=options.product, surface=options.surface), store.products)
    if options.json:
        print_json("contracts-lint", [score for score in scores if score.score <= options.at_most])
        return ExitStatus.OK
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
