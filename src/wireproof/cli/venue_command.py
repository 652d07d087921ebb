"""`venue`: the local stand-in for the exchange, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add this module's command."""
    command = commands.add_parser(
        "venue",
        help="serve the local stand-in for the exchange",
        add_help=False,
    )
    command.set_defaults(command=venue, passes_rest_on=True)


def venue(options: argparse.Namespace) -> int:
    """Serve until stopped; the venue reads its own options."""
    from wireproof.venue.__main__ import main as serve  # noqa: PLC0415  # only this command needs it

    return serve(options.rest)
