"""The parser of the command line, and options that several commands share."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeAlias

from wireproof.errors import UsageError, WireproofError, did_you_mean
from wireproof.escape import say_json
from wireproof.run_options import RUN_OPTIONS, SENT, day, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    # argparse has no public name for what add_subparsers returns.
    Commands: TypeAlias = argparse._SubParsersAction["Parser"]  # noqa: SLF001
    from wireproof.results.model import RunResult
    from wireproof.wire.secrets.redact import Redactor

JSON_HELP = "print JSON instead of lines for people; `wireproof schema` has its schema"


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence with the nearest known name, and ends its help with examples.

    Args:
        examples: Command lines, each with what it does after a `#` if that needs words.
        passes_rest_on: Whether what the parser does not know is for somebody else.
        more: What `ArgumentParser` takes.

    """

    def __init__(self, *, examples: Sequence[str] = (), passes_rest_on: bool = False, **more: Any) -> None:
        super().__init__(formatter_class=_Help, **more)
        self.passes_rest_on = passes_rest_on
        if passes_rest_on:
            self.set_defaults(passes_rest_on=True)
        self.examples = tuple(examples)
        if examples:
            self.epilog = "\n".join(("examples:", *(f"  {example}" for example in examples)))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse; what is left over is an error, except where it is passed on."""
        found, rest = super().parse_known_args(args, namespace)
        if rest and not (self.passes_rest_on or getattr(found, "passes_rest_on", False)):
            first = rest[0]
            hint = did_you_mean(first, self.flags()) if first.startswith("-") else ""
            self.error(f"nothing here takes {first!r}. {hint}")
        return found, rest

    def flags(self) -> list[str]:
        """Return the names of the parser's own options, in its order."""
        return [flag for action in self._actions for flag in action.option_strings]

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with one sentence."""
        said = message.removeprefix("argument ").strip()
        said += "" if said.endswith((".", "?")) else "."
        raise UsageError(f"{said} See `{self.prog} --help`.")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"there is no {value!r}. {did_you_mean(str(value), action.choices)}")


class _Help(argparse.HelpFormatter):
    """Wraps descriptions, and leaves the lines of examples as they are."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, max_help_position=28, **more)
        self._action_max_length = 14  # a table of commands has them all on lines of their own otherwise

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith("examples:") else super()._fill_text(text, width, indent)


def add_run_options(command: argparse.ArgumentParser, *names: str) -> None:
    """Add options of a run by their names, in groups; all of them when none is named."""
    for option in RUN_OPTIONS:
        if option.name in names or not names:
            group_of(command, option.group).add_argument(option.flag, **option.more)


def add_expressions(command: argparse.ArgumentParser) -> None:
    """Add -k and -m, which choose cases as they do for pytest."""
    group = group_of(command, SENT)
    group.add_argument(
        "-k", dest="keyword", metavar="WORDS", help="only cases whose id has these words: 'order.place and not limit'"
    )
    group.add_argument("-m", dest="mark", metavar="MARKS", help="only cases with these marks: 'public and not stream'")


def group_of(command: argparse.ArgumentParser, title: str) -> argparse._ArgumentGroup:
    """Return the group of options with that title, made when it is not there yet."""
    for group in command._action_groups:  # noqa: SLF001  # argparse has no public name for them
        if group.title == title:
            return group
    return command.add_argument_group(title)


def add_selection(command: argparse.ArgumentParser) -> None:
    """Add --product and --surface."""
    add_run_options(command, "product", "surface")


def add_as_of(command: argparse.ArgumentParser) -> None:
    """Let a command take the contracts of another day."""
    command.add_argument(
        "--as-of", metavar="DAY", type=day, help="the contracts of this day, such as 2026-05-01; docs/as-of.md"
    )


def refuse_another_day(run: RunResult) -> None:
    """Raise UsageError where a run was as of another day: it says nothing of what is documented, or sent, today."""
    if run.as_of:
        raise UsageError(f"Run {run.run} was as of {run.as_of}, and nothing of it is taken over. Run without --as-of.")


def add_json(command: argparse.ArgumentParser) -> None:
    """Let a command print JSON."""
    command.add_argument("--json", action="store_true", help=JSON_HELP)


def print_json(name: str, value: Any) -> None:
    """Print a value as JSON that follows the schema of that name."""
    from wireproof.cli.outputs import as_json  # noqa: PLC0415  # slow, and rarely needed

    say_json(as_json(name, value))


def add_reports(command: argparse.ArgumentParser) -> None:
    """Let a command choose the folder that reports are read from."""
    command.add_argument("--reports", type=place, default="reports", metavar="DIR", help="default: reports")


def open_input(name: str) -> BinaryIO:
    """Open a file that the command line names, `-` for standard input; UsageError when it cannot be read."""
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None


def folder(flag: str, name: str) -> Path:
    """Return a folder that an option names, there or not; UsageError where a file is in its place."""
    place = Path(name)
    for part in (place, *place.parents):
        if part.exists() and not part.is_dir():
            raise UsageError(f"{flag}: {part} is a file, and a folder is needed there. Name another one.")
    return place


def refuse_unwritable(flag: str, name: str | None) -> None:
    """Raise UsageError where a file that an option names cannot be written, before there is anything to write."""
    if name is None:
        return
    file = Path(name)
    if file.is_dir():
        raise UsageError(f"{flag}: {file} is a folder, and a file is to be written there. Name another one.")
    if not file.parent.is_dir():
        raise UsageError(f"{flag}: there is no folder {file.parent}. Make it, or name another one.")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise UsageError(f"{flag}: {file} cannot be written: permission denied. Name another one.")


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
