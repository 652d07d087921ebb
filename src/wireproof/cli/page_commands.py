"""`pages`: documentation pages into contracts, and how they differ from what is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wireproof.errors import UsageError
from wireproof.escape import say

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands

PRODUCT = "the product that the pages are about"


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add this module's commands."""
    group = commands.add_parser("pages", help="read documentation pages")
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser("import", help="write or update contract files from pages")
    _add_pages(command)
    command.add_argument("--product", required=True, help=f"{PRODUCT}, such as usdm")
    command.add_argument("--write", action="store_true", help="without it, only show what would change")
    command.set_defaults(command=import_)
    command = actions.add_parser("diff", help="the same judgement as an exit status: 0 same, 1 changed")
    _add_pages(command)
    command.add_argument("--product", help=f"{PRODUCT}; default: what each page's address says")
    command.set_defaults(command=diff)


def _add_pages(command: argparse.ArgumentParser) -> None:
    command.add_argument("pages", nargs="+", metavar="PAGE", help="a file, a folder or a URL; HTML, Markdown or MHTML")
    command.add_argument("--verbose", action="store_true", help="name every repair and doubt while reading")


def import_(options: argparse.Namespace) -> int:
    """Show what pages change in the store, and write it when asked to."""
    from wireproof.contract.overlay import shipped_folder  # noqa: PLC0415
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.pages.importer import import_pages  # noqa: PLC0415
    from wireproof.suite.planning.check import check  # noqa: PLC0415

    if options.write and default_folder() == shipped_folder():
        raise UsageError(
            "The contracts of an installed wireproof are not written to. Import into a checkout, or into a copy of"
            f" {shipped_folder()} that WIREPROOF_CONTRACTS names."
        )
    report = import_pages(
        options.pages,
        options.product,
        default_folder(),
        write=options.write,
        check=lambda folder: check(folder).problems,
    )
    _show(report.lines(verbose=options.verbose))
    return report.exit_status


def diff(options: argparse.Namespace) -> int:
    """Show how pages differ from the store."""
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.pages.importer import diff_pages  # noqa: PLC0415

    report = diff_pages(options.pages, options.product, default_folder())
    _show(report.lines(verbose=options.verbose))
    return report.diff_status


def _show(lines: list[str]) -> None:
    for line in lines:
        say(line, stream=sys.stderr if line.startswith("error: ") else sys.stdout)
