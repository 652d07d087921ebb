"""The `wireproof` command.

Exit status: 0 nothing at or above `--fail-on`; 1 findings at or above it; 2 usage, configuration or contract-file
error; 3 blocked, or fewer cases exercised than the selection contains, or none; 4 wireproof itself broke.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli import (
    about,
    changes_command,
    client_commands,
    comparing,
    contracts,
    decode_command,
    doctor_command,
    exporting,
    init_command,
    ledger_command,
    merge_command,
    page_commands,
    replay_command,
    report_command,
    run_command,
    source_commands,
    tolerating,
    torturing,
    venue_command,
)
from wireproof.cli.arguments import Parser
from wireproof.cli.defaults import apply_settings
from wireproof.contract.variables import refuse_unknown
from wireproof.errors import ExitStatus, WireproofError
from wireproof.escape import SENTENCE, one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "make_parser", "parser"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; every error that is expected is one sentence on stderr."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = argparse.Namespace()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # no terminal is too old for our words
    try:
        options, options.rest = parser(whole=arguments[:1] == ["venue"]).parse_known_args(arguments)
        options.whole_parser = partial(make_parser, whole=True)  # completion changes its own
        refuse_unknown()
        apply_settings(options, arguments)
        status = int(options.command(options))
        sys.stdout.flush()
    except WireproofError as error:
        say(f"wireproof: {one_line(str(error), SENTENCE)}", stream=sys.stderr)
        return int(error.exit_status)
    except KeyboardInterrupt:
        say("wireproof: stopped.", stream=sys.stderr)
        return int(ExitStatus.BLOCKED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; say nothing more
        return int(ExitStatus.OK)
    except OSError as error:  # a full disk, mostly: commands say themselves what they cannot read
        what = f"{error.filename} cannot be used" if error.filename else "The output cannot be written"
        say(f"wireproof: {one_line(f'{what}: {error.strerror or error}', SENTENCE)}.", stream=sys.stderr)
        _drop_output()
        return int(ExitStatus.BROKEN)
    except Exception as error:  # noqa: BLE001  # Python's own status of an error is 1: that the target differs
        say(f"wireproof: {_unforeseen(error, options)}", stream=sys.stderr)
        _drop_output()
        return int(ExitStatus.BROKEN)
    return status


def _unforeseen(error: Exception, options: argparse.Namespace) -> str:
    """Return the sentence for an error that nobody foresaw; its traceback goes into a file."""
    from wireproof.report.unforeseen import explain  # noqa: PLC0415  # other commands start without it
    from wireproof.suite.target import redactor_of_environment  # noqa: PLC0415
    from wireproof.wire.secrets.redact import Redactor  # noqa: PLC0415

    try:
        redactor = redactor_of_environment()
    except Exception:  # noqa: BLE001  # it may be what broke
        redactor = Redactor()
    # And what stands there as it is, of whatever use: a password, half of a key.
    for name, value in os.environ.items():
        if name.startswith("WIREPROOF_") and any(word in name for word in ("KEY", "SECRET", "PASS")):
            redactor.register(value, "secret")
    return explain(error, Path(getattr(options, "reports", "reports")), redactor.text)


def _drop_output() -> None:
    """Forget what standard output did not take, so that the interpreter does not try again at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _PrintVersion(argparse.Action):
    """Print the version and exit. Only then it is looked up, which is slow."""

    def __call__(self, called: argparse.ArgumentParser, *_: object) -> None:
        from wireproof import __version__  # noqa: PLC0415

        say(f"wireproof {__version__}")
        called.exit()


def make_parser(*, whole: bool = False) -> Parser:
    """Return a new parser of the command; `whole` with the options of the venue, which take longer to import."""
    made = Parser(
        prog="wireproof",
        description="Contract tests for Binance's derivatives APIs: what the exchange answers, compared with what it"
        " documents. Exit status: 0 as documented, 1 findings, 2 usage, 3 blocked or incomplete, 4 wireproof broke.",
        examples=(
            "wireproof run   # everything, against a venue that the run starts and stops",
            "wireproof run -k order.place",
            "wireproof plan --target testnet",
            "wireproof run --help   # each command says more of itself",
        ),
    )
    made.add_argument("--version", action=_PrintVersion, nargs=0, help="show the version and exit")
    commands = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for group in (
        *(run_command, replay_command, merge_command, ledger_command, torturing, contracts, changes_command, comparing),
        *(tolerating, init_command, doctor_command, exporting, page_commands, source_commands, report_command, about),
        *(client_commands, decode_command),
    ):
        group.add_commands(commands)
    venue_command.add_commands(commands, whole=whole)
    return made


#: The same, made once: making it takes longer than many a command, and parsing leaves it as it is.
parser = cache(make_parser)
