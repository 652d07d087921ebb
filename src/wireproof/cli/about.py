"""`completion` and `schema`: what shells and other programs need to know of the command."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from wireproof.errors import ExitStatus
from wireproof.escape import say_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.cli.arguments import Commands

SHELLS = ("bash", "zsh", "fish")

#: What `wireproof schema` has a schema of; `cli.outputs` says where each is printed.
SCHEMAS = (
    "replay",
    *("result", "observation", "plan", "compare", "compare-batch", "contracts-list", "contracts-check"),
    *("contracts-changes", "contracts-coverage", "contracts-lint", "pages", "sources-sdk", "prove", "torture"),
    *("doctor", "routes", "incidents", "changes", "ledger", "ledger-suggest"),
    *("manifest", "gate", "decode"),
)


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "schema",
        help="the JSON Schema of what a command prints or a run leaves",
        description="Print the JSON Schema (draft 2020-12) of result.json, or of what a command prints with --json.",
        examples=("wireproof schema result > result.schema.json", "wireproof schema plan"),
    )
    command.add_argument("name", choices=SCHEMAS, metavar="NAME", help=f"one of {', '.join(SCHEMAS)}")
    command.set_defaults(command=show_schema)

    command = commands.add_parser(
        "completion",
        help="what makes a shell complete wireproof's commands, options and names",
        description="Print a script that makes a shell complete commands, options, products, contracts, files. Print it"
        " anew after an update.",
        examples=(
            "wireproof completion bash > ~/.local/share/bash-completion/completions/wireproof",
            'wireproof completion zsh > "${fpath[1]}/_wireproof"',
            "wireproof completion fish > ~/.config/fish/completions/wireproof.fish",
        ),
    )
    command.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    command.set_defaults(command=completion)


def show_schema(options: argparse.Namespace) -> int:
    """Print one of the schemas."""
    from wireproof.cli.outputs import schema  # noqa: PLC0415

    say_json(schema(options.name))
    return ExitStatus.OK


def completion(options: argparse.Namespace) -> int:
    """Print the script of a shell, for the parser with all its options."""
    import shtab  # noqa: PLC0415  # only this command needs it

    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.vocabulary.marks import MARKS  # noqa: PLC0415

    store = load_store()
    names = {"PRODUCT": tuple(store.products), "CONTRACT": tuple(store.contracts), "MARKS": tuple(MARKS)}
    parser = options.whole_parser()
    for action in actions_of(parser):
        word = action.metavar if isinstance(action.metavar, str) else ""
        if word in names:
            action.choices = names[word]
        elif re.match("FILE|PAGE|OBSERVATIONS", word):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # how shtab is told
        elif word == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    sys.stdout.write(shtab.complete(parser, shell=options.shell) + "\n")
    return ExitStatus.OK


def actions_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield every option and argument of a parser and of its commands."""
    for action in parser._actions:  # noqa: SLF001  # argparse has no public name for what a parser takes
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from actions_of(command)
