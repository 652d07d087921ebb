"""`sources`: what else documents the exchange, beside its pages: the official SDKs."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, print_json
from wireproof.errors import UsageError, did_you_mean
from wireproof.escape import say
from wireproof.run_options import InRange, address, day

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wireproof.cli.arguments import Commands
    from wireproof.pages.sdk.package_files import Package


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    group = commands.add_parser(
        "sources",
        help="read official SDKs as documentation",
        description="Read what else documents the exchange, and say how it differs from what is stored.",
        examples=("wireproof sources sdk binance-sdk-derivatives-trading-options",),
    )
    actions = group.add_subparsers(title="actions", required=True, metavar="ACTION")
    command = actions.add_parser(
        "sdk",
        help="compare an official SDK with the store, or with an older version of itself",
        description="Download an SDK through pip, read its source without running it, and say how it differs. Exit"
        " status: 0 same, 1 something differs, 2 it cannot be read or there is none, 3 the index cannot be reached.",
        examples=(
            "wireproof sources sdk binance-sdk-derivatives-trading-usds-futures",
            "wireproof sources sdk binance-sdk-derivatives-trading-options==8.7.0 --write",
            "wireproof sources sdk sdk-8.7.0.whl --against sdk-8.2.0.whl --words   # texts as well",
            "wireproof sources sdk ./sdk-18.1.0-py3-none-any.whl --product usdm",
        ),
    )
    command.add_argument(
        "package", metavar="PACKAGE", help="PACKAGE or PACKAGE==VERSION, or a wheel, source archive or folder"
    )
    command.add_argument("--product", metavar="PRODUCT", help="default: the one that its requests belong to")
    command.add_argument(
        "--against", metavar="OLDER", help="compare with this package instead of the store: its name, or a file"
    )
    command.add_argument("--write", action="store_true", help="bring into the store what an SDK decides")
    command.add_argument(
        "--released",
        metavar="DATE",
        type=day,
        help="day of the release; default: what its change log says, else today",
    )
    command.add_argument("--words", action="store_true", help="with --against: changes of running text as well")
    add_json(command)
    command.set_defaults(command=sdk)
    command = actions.add_parser(
        "pages",
        help="fetch the pages of a product's contracts, and say how they differ",
        description="Fetch the page of each contract of a product, one at a time with a pause, and say how they differ"
        " from the store. Exit status: 0 same or written, 1 changed, 2 a page cannot be had or read.",
        examples=(
            "wireproof sources pages --product usdm --most 20",
            "wireproof sources pages --product options --write",
        ),
    )
    command.add_argument("--product", required=True, metavar="PRODUCT", help="the product whose pages are fetched")
    command.add_argument(
        "--pause", type=InRange(0, 3600, float), default=1.0, metavar="SECONDS", help="before each page; default: 1"
    )
    command.add_argument(
        "--most", type=InRange(1, 10_000, int), default=500, metavar="N", help="pages at most; default: 500"
    )
    command.add_argument("--mirror", type=address, metavar="URL", help="a site that serves the same paths")
    command.add_argument("--write", action="store_true", help="bring into the store what they say")
    command.add_argument("--verbose", action="store_true", help="name every repair and doubt while reading")
    add_json(command)
    command.set_defaults(command=pages)


def sdk(options: argparse.Namespace) -> int:
    """Show how an SDK differs, and bring it in when asked to."""
    from wireproof.contract.store import default_folder, read_products  # noqa: PLC0415
    from wireproof.pages.sdk.sdk_import import compare_package, compare_versions  # noqa: PLC0415
    from wireproof.suite.planning.check import check  # noqa: PLC0415

    if options.against is not None and options.write:
        raise UsageError("--against compares two packages; there is nothing to --write. Leave one of them out.")
    folder = default_folder()
    products = read_products(folder)
    if options.product is not None and options.product not in products:
        raise UsageError(f"There is no product {options.product!r}. {did_you_mean(options.product, products)}")
    if options.write:
        _refuse_shipped(folder)
    with _package("PACKAGE", options.package) as package:
        if options.against is not None:
            with _package("--against", options.against) as older:
                report = compare_versions(package, older, options.product, products)
        else:
            report = compare_package(
                package,
                options.product,
                folder,
                write=options.write,
                released=options.released or "",
                check=lambda place: check(place).problems,
            )
    if options.json:
        print_json("sources-sdk", report)
    else:
        for line in report.lines(words=options.words):
            say(line, stream=sys.stderr if line.startswith("error: ") else sys.stdout)
    return report.exit_status


def pages(options: argparse.Namespace) -> int:
    """Show how the pages of a product's contracts differ, and bring that in when asked to."""
    from wireproof.contract.store import default_folder, load_store  # noqa: PLC0415
    from wireproof.pages.importer import import_pages  # noqa: PLC0415
    from wireproof.pages.reading.polite import PoliteLoader  # noqa: PLC0415
    from wireproof.suite.planning.check import check  # noqa: PLC0415

    folder = default_folder()
    if options.write:
        _refuse_shipped(folder)
    contracts = load_store(folder).select(product=options.product)
    addresses = dict.fromkeys(one.docs_url for one in contracts if not (one.retired or one.is_command))
    report = import_pages(
        addresses,
        options.product,
        folder,
        write=options.write,
        check=lambda place: check(place).problems,
        load=PoliteLoader(options.pause, options.most, mirror=options.mirror or ""),
    )
    if options.json:
        print_json("pages", report)
    else:
        for line in report.lines(verbose=options.verbose):
            say(line, stream=sys.stderr if line.startswith("error: ") else sys.stdout)
    return report.exit_status if options.write else report.diff_status


def _refuse_shipped(folder: Path) -> None:
    from wireproof.contract.overlay import shipped_folder  # noqa: PLC0415

    if folder == shipped_folder():
        raise UsageError(
            "The contracts of an installed wireproof are not written to. Write into a checkout, or into a copy of"
            f" {folder} that WIREPROOF_CONTRACTS names."
        )


@contextlib.contextmanager
def _package(flag: str, name: str) -> Iterator[Package]:
    """Yield a package that `flag` of the command line names: what is there as it is, anything else downloaded."""
    from wireproof.pages.sdk.package_files import is_package_path, read_package  # noqa: PLC0415
    from wireproof.pages.sdk.pip_download import downloaded  # noqa: PLC0415

    if not name.strip() or "://" in name:
        problem = "is an address" if name.strip() else "is empty"
        raise UsageError(f"{flag} {name!r} {problem}. Name a package, or a wheel, source archive or folder of one.")
    if is_package_path(name):
        yield read_package(Path(name))
        return
    with downloaded(name) as file:
        yield read_package(file)
