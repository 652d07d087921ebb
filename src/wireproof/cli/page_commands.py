"""`pages`: documentation pages into contracts, and how they differ from what is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, print_json
from wireproof.errors import UsageError
from wireproof.escape import say
from wireproof.run_options import page

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands
    from wireproof.pages.importer import ImportReport

PRODUCT = "the product that the pages are about"


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    group = commands.add_parser(
        "pages",
        help="read documentation pages",
        description="Make contracts of documentation pages, or say how they differ from what is stored.",
        examples=("wireproof pages diff pages/", "wireproof pages import new-order.html --product usdm --write"),
    )
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser(
        "import",
        help="write or update contract files from pages",
        description="Show what pages change in the store; with --write, write it.",
        examples=(
            "wireproof pages import new-order.html --product usdm",
            "wireproof pages import pages/ --product options --write",
        ),
    )
    _add_pages(command)
    command.add_argument("--product", required=True, metavar="PRODUCT", help=f"{PRODUCT}, such as usdm")
    command.add_argument("--write", action="store_true", help="without it, only show what would change")
    command.set_defaults(command=import_)
    command = actions.add_parser(
        "diff",
        help="the same judgement as an exit status: 0 same, 1 changed",
        description="Say how pages differ from the store. Exit status: 0 same, 1 changed, 2 a page cannot be read.",
        examples=(
            "wireproof pages diff pages/",
            "wireproof pages diff https://developers.binance.com/docs/derivatives/change-log --product usdm",
        ),
    )
    _add_pages(command)
    command.add_argument("--product", metavar="PRODUCT", help=f"{PRODUCT}; default: what each page's address says")
    command.set_defaults(command=diff)


def _add_pages(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "pages", nargs="+", type=page, metavar="PAGE", help="a file, a folder or a URL; HTML, Markdown or MHTML"
    )
    command.add_argument("--verbose", action="store_true", help="name every repair and doubt while reading")
    add_json(command)


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
    _show(report, options)
    return report.exit_status


def diff(options: argparse.Namespace) -> int:
    """Show how pages differ from the store."""
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.pages.importer import diff_pages  # noqa: PLC0415

    report = diff_pages(options.pages, options.product, default_folder())
    _show(report, options)
    return report.diff_status


def _show(report: ImportReport, options: argparse.Namespace) -> None:
    if options.json:
        print_json("pages", report)
        return
    for line in report.lines(verbose=options.verbose):
        say(line, stream=sys.stderr if line.startswith("error: ") else sys.stdout)
