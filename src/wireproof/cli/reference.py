"""The reference of the command line as a page of the handbook: made of the parser, so that it cannot go stale."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from wireproof.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = (
    "Every command with its options, as `wireproof COMMAND --help` prints them. What lists or judges takes `--json`;"
    " `wireproof schema NAME` prints the schemas."
)

#: What each exit status means, as docs/running.md has it at more length.
STATUSES = {
    ExitStatus.OK: "as documented: nothing at or above `--fail-on`",
    ExitStatus.FINDINGS: "findings at or above it, or a waiver or baseline that expired",
    ExitStatus.USAGE: "usage, configuration or contract-file error",
    ExitStatus.BLOCKED: "blocked, or fewer cases exercised than selected: no statement",
    ExitStatus.BROKEN: "wireproof itself broke, reports could not be written, or something was left on the account",
}


def commands_of(parser: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command that can be called, by its words without `wireproof`: `contracts check`."""
    below = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001  # no public name
    for action in below:
        for word, command in action.choices.items():
            yield from commands_of(command, f"{words} {word}".strip())
    if not below:
        yield words, parser


def reference(parser: argparse.ArgumentParser) -> str:
    """Return the page in Markdown: each command with what it does, its options and its examples."""
    parts = [
        "# Commands",
        INTRODUCTION,
        _table("exit status", "means", ((str(int(status)), words) for status, words in STATUSES.items())),
    ]
    for words, command in commands_of(parser):
        parts += [f"## wireproof {words}", _plain(command.description or "")]
        for group in command._action_groups:  # noqa: SLF001  # argparse has no public name for them
            shown = [one for one in group._group_actions if one.help is not argparse.SUPPRESS and one.dest != "help"]  # noqa: SLF001
            if shown:
                title = (group.title or "").removeprefix("positional ")
                parts.append(_table(title, "", ((_call(one), _words(one)) for one in shown)))
        if examples := getattr(command, "examples", ()):
            parts.append("\n".join(("```sh", *examples, "```")))
    return "\n\n".join(part for part in parts if part) + "\n"


def _call(action: argparse.Action) -> str:
    """Return how an option or argument is written, as code."""
    value = action.metavar if isinstance(action.metavar, str) else ""
    if not value and action.choices is not None:
        value = "{" + ",".join(str(one) for one in action.choices) + "}"
    value = value or (action.dest.upper() if action.nargs != 0 else "")
    names = ", ".join(action.option_strings)
    return f"`{' '.join(part for part in (names, value if action.nargs != 0 else '') if part)}`"


def _words(action: argparse.Action) -> str:
    """Return the help of an option with its placeholders filled in."""
    values: dict[str, Any] = {**vars(action), "prog": "wireproof"}
    return _plain((action.help or "") % values)


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, except for the code in single backticks."""
    pieces = text.split("`")
    pieces[::2] = ["".join(f"\\{one}" if one in "\\*_<>[]|#" else one for one in piece) for piece in pieces[::2]]
    pieces[1::2] = [piece.replace("|", "\\|") for piece in pieces[1::2]]
    return "`".join(pieces)


def _table(first: str, second: str, rows: Iterator[tuple[str, str]]) -> str:
    """Return a table of two columns."""
    lines = [f"| {first} | {second} |", "| :-- | :-- |"]
    return "\n".join((*lines, *(f"| {left.replace('|', chr(92) + '|')} | {right} |" for left, right in rows)))
