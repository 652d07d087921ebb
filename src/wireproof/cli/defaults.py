"""What a project's settings stand for on the command line: the options that it does not name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.project_settings import read_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

#: Commands that take the settings, by the names of their functions.
COMMANDS = frozenset({"run", "judge", "plan", "doctor", "gate"})


def apply_settings(options: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Give the options of a run what the project's settings say, except for those that `arguments` name.

    Raises ConfigurationError for settings that are not sound.
    """
    if options.command.__name__ not in COMMANDS:
        return
    settings = read_settings()
    given = {
        "--target": settings.target,
        "--product": ",".join(settings.products),
        "--fail-on": settings.fail_on,
        "--no-confirm": settings.at_once,
        "--manifest": str(settings.manifest) if settings.manifest else "",
    }
    for flag, value in given.items():
        name = flag.removeprefix("--").replace("-", "_")
        if value and hasattr(options, name) and not _names(arguments, flag):
            setattr(options, name, value)
    for flag, name, expression in (("-k", "keyword", settings.select), ("-m", "mark", settings.marks)):
        if expression and hasattr(options, name) and not any(one.startswith(flag) for one in arguments):
            setattr(options, name, expression)


def _names(arguments: Sequence[str], flag: str) -> bool:
    """Whether arguments name an option, which they may cut short."""
    return any(len(one) > 2 and flag.startswith(one.partition("=")[0]) for one in arguments if one.startswith("--"))
