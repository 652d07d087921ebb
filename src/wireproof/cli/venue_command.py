"""`venue`: the local stand-in for the exchange, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, print_json
from wireproof.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands, *, whole: bool = False) -> None:
    """Add this module's command; with its options when it is `whole`, for which the venue must be imported."""
    command = commands.add_parser(
        "venue",
        help="serve the local stand-in for the exchange",
        description="Serve the local stand-in for the exchange, until Ctrl-C: REST, WebSocket API, market and private"
        " streams of every product.",
        examples=(
            "wireproof venue --credentials venue.json   # then: WIREPROOF_CREDENTIALS=venue.json wireproof run",
            "wireproof venue --port 8080 --profile live --latency 50",
            "wireproof venue --tls ca.pem --host 0.0.0.0 --name venue.test",
            """wireproof venue --fault '{"kind": "silent"}'   # --faults lists the kinds""",
            "wireproof venue --as-of 2026-05-01   # as the exchange was on that day",
            "wireproof venue --incident algo-migration   # --incidents lists them",
            "wireproof venue --routes --json",
        ),
    )
    if whole:
        from wireproof.venue.__main__ import add_options  # noqa: PLC0415  # only this command needs it

        add_options(command)
    add_json(command)
    command.set_defaults(command=venue)


def venue(options: argparse.Namespace) -> int:
    """Serve until stopped, or list what is served."""
    from wireproof.venue.__main__ import OptionError, carry_out, checked  # noqa: PLC0415
    from wireproof.venue.incidents import museum  # noqa: PLC0415
    from wireproof.venue.serving.inventory import rows  # noqa: PLC0415

    try:
        asked = checked(options)
    except OptionError as error:
        raise UsageError(str(error)) from None
    if options.json:
        if asked.list_incidents:
            print_json("incidents", museum.rows())
            return ExitStatus.OK
        if not asked.routes:
            raise UsageError("--json goes with --routes: what is served, how deep modelled; and with --incidents.")
        print_json("routes", [row._asdict() for row in rows()])
        return ExitStatus.OK
    return carry_out(asked)
