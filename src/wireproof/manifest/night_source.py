"""Where the gate finds a night: a folder of reports or an unpacked artifact, or one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from wireproof.bounds import read_file
from wireproof.errors import UsageError, did_you_mean
from wireproof.results.model import RunResult

if TYPE_CHECKING:
    from pathlib import Path

RESULT = "result.json"


def night_of_folder(folder: Path, target: str = "") -> tuple[RunResult, Path]:
    """Return the night in a folder, or in one below it that is of the target, and where it was found.

    Raises UsageError for a folder without a night, with several of which none was asked for, and of another target.
    """
    files = [folder / RESULT] if (folder / RESULT).is_file() else sorted(folder.glob(f"*/{RESULT}"))
    if not files:
        raise UsageError(
            f"{folder} holds no {RESULT}, nor does a folder in it. Name the reports of a run, or an artifact unpacked."
        )
    nights = [(night_of_file(file), file.parent) for file in files]
    if target:
        fitting = [one for one in nights if one[0].target == target]
        if not fitting:
            there = [run.target for run, _ in nights]
            raise UsageError(f"{folder} has no night of target {target!r}. {did_you_mean(target, there)}")
        nights = fitting
    if len(nights) > 1:
        names = ", ".join(str(place) for _, place in nights)
        raise UsageError(f"{folder} holds several nights: {names}. Say which with --target, or name one folder.")
    return nights[0]


def night_of_file(file: Path) -> RunResult:
    """Return the night in a result.json; UsageError for what is none."""
    try:
        content = read_file(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    return decoded_night(content, str(file))


def decoded_night(content: bytes, said: str) -> RunResult:
    """Return the night in the content of a result.json; UsageError with what is `said` for what is none."""
    try:
        return msgspec.json.decode(content, type=RunResult)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{said} is no result of wireproof: {error}.") from None
