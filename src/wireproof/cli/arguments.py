"""Options that several commands share."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wireproof.errors import UsageError, WireproofError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.wire.secrets.redact import Redactor

PRODUCT_HELP = "only this product, such as usdm"
SURFACE_HELP = "only this surface: ws-api, rest, stream or event"
SEVERITIES = ("additive", "risky", "breaking")

Commands = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for what add_subparsers returns


def add_selection(command: argparse.ArgumentParser) -> None:
    """Add --product and --surface."""
    command.add_argument("--product", help=PRODUCT_HELP)
    command.add_argument("--surface", help=SURFACE_HELP)


def add_target(command: argparse.ArgumentParser) -> None:
    """Let a command choose what is asked: `local` unless it is named."""
    command.add_argument("--target", choices=["local", "testnet", "live"], default="local", help="default: local")


def add_fail_on(command: argparse.ArgumentParser) -> None:
    """Let a command choose the least severity of a finding that ends it in 1."""
    command.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default="breaking",
        help="fail on findings this bad or worse; default: breaking",
    )


def add_reports(command: argparse.ArgumentParser) -> None:
    """Let a command choose the folder that reports are written to or read from."""
    command.add_argument("--reports", default="reports", metavar="DIR", help="default: reports")


def open_input(name: str) -> BinaryIO:
    """Open a file that the command line names, `-` for standard input; UsageError when it cannot be read."""
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise UsageError(f"{name!r} is no name of a file.") from None


def printing_redactor() -> Redactor:
    """Return what keeps secrets out of what is printed: by their names, and the values of the environment's keys."""
    if {"WIREPROOF_API_KEY", "WIREPROOF_CREDENTIALS"} & os.environ.keys():
        from wireproof.suite.target import redactor_of_environment  # noqa: PLC0415  # slow, and rarely needed

        return redactor_of_environment()
    from wireproof.wire.secrets.redact import Redactor  # noqa: PLC0415

    return Redactor()


@contextlib.contextmanager
def writing(file: Path) -> Iterator[None]:
    """Turn what keeps a file from being written into a sentence; our writers replace files whole or not at all."""
    try:
        yield
    except OSError as error:
        raise WireproofError(f"{file} cannot be written: {error.strerror}. It is unchanged.") from None
