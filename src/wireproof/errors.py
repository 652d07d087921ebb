"""Errors written for the person who runs wireproof.

Every error here says what is wrong, where, what was allowed and what to do next, and knows the exit status that it
ends a command with. Nothing below the command line prints a traceback for one of these.

The tree, with exit statuses, and the modules of what stands elsewhere:

    WireproofError                      4
    ├── UsageError                      2
    │   ├── ConfigurationError
    │   ├── ContractFileError
    │   └── PageError                   pages.reading.page
    ├── BlockedError                    3
    │   ├── KeyInUseError               wire.secrets.key_lock
    │   ├── TargetBlockedError          wire.failures
    │   ├── RefusedError                suite.state.account
    │   ├── ConditionNotMetError        suite.state.conditions
    │   ├── StreamEndedError            suite.state.drops
    │   └── UnknownStateError           suite.state.own_answers
    │       └── UnreadableError
    ├── WireError                       4, wire.failures
    ├── ComparisonError                 4, drift.explain
    ├── DeadStreamError                 4, suite.events.stream_life
    ├── GitHubError                     4, report.github_api
    └── ToolsMissingError               4, report.tools
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class ExitStatus(IntEnum):
    """What a command's exit status says."""

    OK = 0  # nothing at or above --fail-on
    FINDINGS = 1  # findings at or above --fail-on
    USAGE = 2  # usage, configuration or contract-file error
    BLOCKED = 3  # blocked, or fewer cases exercised than the selection contains, or none
    BROKEN = 4  # wireproof itself broke


class WireproofError(Exception):
    """Base of every error that is shown to a person as a sentence."""

    exit_status: ExitStatus = ExitStatus.BROKEN


class UsageError(WireproofError):
    """What was asked for cannot be done: an unknown name, a bad option, a missing setting."""

    exit_status = ExitStatus.USAGE


class ConfigurationError(UsageError):
    """A setting of the environment or a key file is missing or malformed."""


class ContractFileError(UsageError):
    """A contract or product file is not what the format allows."""

    def __init__(self, file: Path | str, problem: str, *, hint: str = "") -> None:
        super().__init__(file, problem, hint)
        self.file, self.problem, self.hint = file, problem, hint

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}" + (f" {self.hint}" if self.hint else "")


class BlockedError(WireproofError):
    """The target cannot be judged now: unreachable, refusing, limiting or under maintenance."""

    exit_status = ExitStatus.BLOCKED


def did_you_mean(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return a sentence with the nearest known names, or all of them; empty when nothing is known.

    `prefix` is what all of them begin with: names are compared without it, which would make any of them near.
    """
    names = sorted(set(known))
    bare = {name.removeprefix(prefix): name for name in names}
    near = [bare[name] for name in get_close_matches(word.removeprefix(prefix), bare, n=1, cutoff=0.6)]
    hint = f"Did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
    return f"{hint}Known: {shown}." if names else ""
