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
    │   ├── PackageDownloadError        pages.sdk.pip_download
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


def only_one(word: str, known: Iterable[str], none: str) -> str:
    """Return the known name that `word` is, or the only one that it begins.

    UsageError names those that it begins, or says `none` ("There is no contract") with the nearest.
    """
    names = set(known)
    if word in names:
        return word
    longer = sorted(name for name in names if word and name.startswith(word))
    if len(longer) == 1:
        return longer[0]
    if longer:
        raise UsageError(f"{word!r} begins several: {_listed(longer)}. Write more of the one that is meant.")
    raise UsageError(f"{none} {word!r}. {did_you_mean(word, names)}".rstrip())


def did_you_mean(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return a sentence with the nearest known names, or all of them; empty when nothing is known.

    `prefix` is what all of them begin with: names are compared without it, which would make any of them near.
    """
    names = sorted(set(known))
    bare = {name.removeprefix(prefix): name for name in names}
    near = nearest(word.removeprefix(prefix), bare)
    hint = f"Did you mean {bare[near]!r}? " if near else ""
    return f"{hint}Known: {_listed(names)}." if names else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to a word; empty when none is near."""
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=0.6)), "")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
