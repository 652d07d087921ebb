"""The `wireproof` command.

Exit status: 0 nothing at or above `--fail-on`; 1 findings at or above it; 2 usage, configuration or contract-file
error; 3 blocked, or fewer cases exercised than the selection contains; 4 wireproof itself broke.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.cli import comparing, contracts, exporting, pages, running, venue
from wireproof.errors import ExitStatus, WireproofError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; every error that is expected is one sentence on stderr."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if rest and not getattr(options, "passes_rest_on", False):
        parser.error(f"unrecognised arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return int(options.command(options))
    except WireproofError as error:
        print(f"wireproof: {error}", file=sys.stderr)
        return int(error.exit_status)
    except KeyboardInterrupt:
        print("wireproof: stopped.", file=sys.stderr)
        return int(ExitStatus.BLOCKED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; say nothing more
        return int(ExitStatus.OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wireproof", description="Contract tests for Binance's derivatives APIs.")
    parser.add_argument("--version", action="version", version=f"wireproof {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in (running, venue, contracts, comparing, exporting, pages):
        group.add_commands(commands)
    return parser
