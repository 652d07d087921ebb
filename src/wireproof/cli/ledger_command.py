"""`ledger`: what was ever seen of a field on a target, and which refinements that suggests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, add_reports, folder, print_json
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import one_line, say

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands, Parser
    from wireproof.ledger.model import TargetLedger

_WIDTH = 400


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "ledger",
        help="say what was ever seen of a field: since when, how often, which kinds and words",
        description="Each run adds to the ledger what its answers showed, beside the history in the folder of its"
        " reports: of each field the kinds and words, how often it was there, first and last dates. No other value.",
        examples=("wireproof ledger show usdm/rest/GET.fapi.v1.exchangeInfo 'symbols[].status'",),
    )
    actions = command.add_subparsers(title="commands", required=True, metavar="COMMAND")
    show = actions.add_parser(
        "show",
        help="show the history of a contract's fields",
        description="Show of each field how often it was there, since when and until when, its kinds and words.",
        examples=(
            "wireproof ledger show usdm/rest/GET.fapi.v1.openInterest",
            "wireproof ledger show usdm/stream/aggTrade nq --reports reports/testnet --json",
        ),
    )
    show.add_argument("contract", metavar="CONTRACT", help="id of a contract, see `wireproof contracts list`")
    show.add_argument("path", nargs="?", metavar="PATH", help="generalised path; what is below it is shown as well")
    show.set_defaults(command=show_history)
    suggest = actions.add_parser(
        "suggest",
        help="offer refinements that the ledger has learnt, for review",
        description="Offer a refinement for each field that only some objects show, each that is null now and then, and"
        " each undocumented word, as it would stand in the contract's file, with what speaks for it. Nothing is"
        " written: what a target shows may as well be its fault. Nothing is offered out of a handful of answers.",
        examples=("wireproof ledger suggest", "wireproof ledger suggest usdm/rest/GET.fapi.v1.exchangeInfo --json"),
    )
    suggest.add_argument("contracts", nargs="*", metavar="CONTRACT", help="ids of contracts; none: all")
    suggest.set_defaults(command=suggest_refinements)
    for one in (show, suggest):
        _add_place(one)


def _add_place(command: Parser) -> None:
    command.add_argument("--target", metavar="NAME", help="whose ledger; needed where the reports are of several")
    add_reports(command)
    add_json(command)


def show_history(options: argparse.Namespace) -> int:
    """Print the history of a contract's fields."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.ledger.view import history_of, lines_of  # noqa: PLC0415

    ledger = _ledger(options)
    if options.contract not in ledger.contracts:
        load_store().contract(options.contract)  # which of all contracts was meant
    history = history_of(ledger, options.contract, options.path)
    if options.json:
        print_json("ledger", history)
    else:
        say(*(one_line(line, _WIDTH) if line[:1] != " " else _indented(line) for line in lines_of(history)))
    return ExitStatus.OK


def suggest_refinements(options: argparse.Namespace) -> int:
    """Print the refinements that are offered; finding some is no failure."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.ledger.suggesting import THRESHOLD, suggestions  # noqa: PLC0415

    ledger, store = _ledger(options), load_store()
    chosen = [store.contract(name) for name in options.contracts] or list(store.contracts.values())
    found = [one for contract in chosen for one in suggestions(contract, store.products[contract.product], ledger)]
    if options.json:
        print_json("ledger-suggest", found)
        return ExitStatus.OK
    for one in found:
        say(
            f"{one.contract} {one_line(one.path, 200)}: {one.what}",
            f"  {one_line(one.evidence, _WIDTH)}",
            *(f"  seen in {one_line(case, 200)}" for case in one.cases),
            f"  {one_line(json.dumps(one.refinement, ensure_ascii=False), 2000)}",
        )
    say(f"{len(found) or 'No'} {'refinement' if len(found) == 1 else 'refinements'} to review. {THRESHOLD}")
    return ExitStatus.OK


def _ledger(options: argparse.Namespace) -> TargetLedger:
    """Return the ledger that is meant: of --target, or the only one; UsageError where that is not clear."""
    from wireproof.ledger.ledger_file import LEDGER, check_target, load_ledger  # noqa: PLC0415

    file = folder("--reports", options.reports) / LEDGER
    ledgers = load_ledger(file, look=True)
    if not ledgers.ledgers:
        raise UsageError(ledgers.note or f"{file} does not exist. Run `wireproof run` to make it.")
    if options.target is None and len(ledgers.ledgers) > 1:
        raise UsageError(f"{file} is of several targets: {', '.join(sorted(ledgers.ledgers))}. Name one with --target.")
    return check_target(ledgers, next(iter(ledgers.ledgers)) if options.target is None else options.target)


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return " " * (len(line) - len(text)) + one_line(text, _WIDTH)
