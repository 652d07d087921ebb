"""`python -m wireproof.venue`: the venue as a process in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wireproof.venue.base import fault_kinds
from wireproof.venue.base.eras import read_day
from wireproof.venue.base.faults import Faults
from wireproof.venue.cassettes.cassette_venue import HOURS, CassetteVenue
from wireproof.venue.cassettes.recording import RecordingError, load_recording
from wireproof.venue.exchange.profile import PROFILES, TESTNET, Profile
from wireproof.venue.incidents import museum
from wireproof.venue.serving import inventory
from wireproof.venue.serving.server import HOST, PortInUseError, Venue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from wireproof.venue.cassettes.recording import Recording
    from wireproof.venue.incidents.museum import Incident

OK, USAGE = 0, 2
_MOST_HOURS = 100_000
_HOST = re.compile(r"[A-Za-z0-9_.:%-]{1,253}")
WEIGHT_LIMIT_HELP = (
    "weight per minute; the profile's by default. Ten times as much raises what is counted per five minutes"
    " (connections to streams, requests without weight), and the limits of products that have their own, ten times, too"
)
TLS_HELP = (
    "speak https and wss only, with a certificate made now; that of the authority to trust is written to CA.pem, or to"
    " a temporary file, which is printed"
)
ALGO_LAG_HELP = (
    "for so long GET algoOrder neither finds a new conditional order nor notices that one was cancelled; the testnet's"
    " does so for 1 to 1.5 seconds, the default is 0"
)


AS_OF_HELP = (
    "behave as the exchange did on that day, or will: requests, fields, stream roots, limits; the clock stays today's"
)


class OptionError(Exception):
    """An option has a value that the venue cannot serve with."""


@dataclass(frozen=True, slots=True)
class VenueOptions:
    """What `serve` needs to know. `credentials` is where the test accounts' keys are written."""

    port: int = 0
    latency_ms: int = 0
    seed: int = 0
    credentials: Path | None = None
    exit_with_parent: bool = False
    weight_limit: int | None = None
    profile: Profile = TESTNET
    routes: bool = False
    market_moves: bool = True
    algo_lag_ms: int = 0
    faults: Sequence[Any] = field(default_factory=tuple)
    list_faults: bool = False
    host: str = HOST
    name: str = ""
    tls: bool = False
    ca_file: Path | None = None
    as_of: date | None = None
    incident: Incident | None = None
    list_incidents: bool = False
    markdown: bool = False
    recording: Recording | None = None
    hours: float = HOURS
    shift: bool = True


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise OptionError(message)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a venue that serves in the foreground."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the system picks a free one by default")
    parser.add_argument(
        "--host", default=HOST, metavar="HOST", help=f"interface to serve on, such as 0.0.0.0 (default: {HOST})"
    )
    parser.add_argument(
        "--name", default="", metavar="HOST", help="what clients call this host, in all URLs and in the certificate"
    )
    parser.add_argument("--tls", nargs="?", type=Path, const=Path(), metavar="FILE", help=TLS_HELP)
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="delay of every answer, in milliseconds")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="fixes market moves and generated ids; keys stay random"
    )
    parser.add_argument("--credentials", type=Path, metavar="FILE", help="where to write the test accounts as JSON")
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        default=TESTNET.name,
        help="which host to imitate: limits, filters, stream roots, 404",
    )
    parser.add_argument("--routes", action="store_true", help="list what is served, how deep modelled, and end")
    parser.add_argument("--weight-limit", type=int, metavar="N", help=WEIGHT_LIMIT_HELP)
    parser.add_argument("--no-market-moves", action="store_true", help="keep prices where they are")
    parser.add_argument("--algo-lag", type=float, default=0, metavar="SECONDS", help=ALGO_LAG_HELP)
    parser.add_argument(
        "--fault", action="append", default=[], metavar="JSON", help="misbehave; may be repeated, see --faults"
    )
    parser.add_argument("--faults", action="store_true", help="list the kinds of faults, an example each, and end")
    parser.add_argument("--as-of", metavar="DATE", help=AS_OF_HELP)
    parser.add_argument("--incident", metavar="NAME", help="serve what went wrong for clients once, see --incidents")
    parser.add_argument("--incidents", action="store_true", help="list the incidents, and end")
    parser.add_argument("--markdown", action="store_true", help="with --incidents: as docs/incidents.md has them")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="serve a recorded run: the observations.jsonl that it left"
    )
    parser.add_argument(
        "--time-to-live",
        type=float,
        default=HOURS,
        metavar="N",
        help=f"hours after which a recording is not served any more: nothing is known then (default: {HOURS:g})",
    )
    parser.add_argument("--no-shift", action="store_true", help="leave the times of a recording as they are")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")


def read_options(argv: Sequence[str] | None = None) -> VenueOptions:
    """Return the options of a command line. Raise OptionError with a sentence for a bad one."""
    parser = _Parser(prog="python -m wireproof.venue", description="Serve the local stand-in for the exchange.")
    add_options(parser)
    return checked(parser.parse_args(argv))


def checked(found: argparse.Namespace) -> VenueOptions:
    """Return what was parsed as options to serve with. Raise OptionError with a sentence for a bad one."""
    if not 0 <= found.port <= 65_535:
        raise OptionError(f"--port is a number from 0 to 65535, not {found.port}.")
    if not 0 <= found.latency <= 600_000:
        raise OptionError(f"--latency is in milliseconds, from 0 to 600000, not {found.latency}.")
    if not 0 <= found.algo_lag <= 60:
        raise OptionError(f"--algo-lag is in seconds, from 0 to 60, not {found.algo_lag:g}.")
    if found.weight_limit is not None and found.weight_limit < 1:
        raise OptionError(f"--weight-limit is at least 1, not {found.weight_limit}.")
    for flag, host in (("--host", found.host), ("--name", found.name or HOST)):
        if not _HOST.fullmatch(host):
            raise OptionError(f"{flag} takes a name or an address such as 127.0.0.1, not {host[:80]!r}.")
    if found.credentials is not None:
        _refuse_unwritable("--credentials", found.credentials)
    if found.tls is not None and found.tls != Path():
        _refuse_unwritable("--tls", found.tls)
    day, found_incident = _read_day_and_incident(found)
    faults = []
    for text in found.fault:
        try:
            faults.append(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise OptionError(f"--fault is a JSON object, not {text[:80]!r} ({error}).") from error
        try:
            Faults().read(faults[-1])  # what it is about, the venue says
        except ValueError as error:
            raise OptionError(f"--fault: {error}") from error
    if found.replay is not None and (found.as_of is not None or found.incident is not None):
        raise OptionError("--replay serves what was recorded: leave --as-of and --incident out.")
    if found.replay is None and (found.no_shift or found.time_to_live != HOURS):
        raise OptionError("--time-to-live and --no-shift are about a recording: name it with --replay.")
    if not 0 < found.time_to_live <= _MOST_HOURS:
        raise OptionError(f"--time-to-live is in hours, up to {_MOST_HOURS}, not {found.time_to_live:g}.")
    try:
        recording = None if found.replay is None else load_recording(found.replay)
    except RecordingError as error:
        raise OptionError(f"--replay: {error}") from error
    return VenueOptions(
        recording=recording,
        hours=found.time_to_live,
        shift=not found.no_shift,
        port=found.port,
        latency_ms=found.latency,
        seed=found.seed,
        credentials=found.credentials,
        exit_with_parent=found.exit_with_parent,
        weight_limit=found.weight_limit,
        profile=PROFILES[found.profile],
        routes=found.routes,
        market_moves=not found.no_market_moves,
        algo_lag_ms=round(found.algo_lag * 1000),
        faults=faults,
        list_faults=found.faults,
        host=found.host,
        name=found.name,
        tls=found.tls is not None,
        ca_file=found.tls if found.tls is not None and found.tls.name else None,
        as_of=day,
        incident=found_incident,
        list_incidents=found.incidents,
        markdown=found.markdown,
    )


def _read_day_and_incident(found: argparse.Namespace) -> tuple[date | None, Incident | None]:
    if found.markdown and not found.incidents:
        raise OptionError("--markdown goes with --incidents.")
    if found.as_of is not None and found.incident is not None:
        raise OptionError("--incident has a day of its own: leave --as-of out.")
    try:
        day = None if found.as_of is None else read_day(found.as_of)
    except ValueError as error:
        raise OptionError(f"--as-of: {error}") from error
    try:
        return day, None if found.incident is None else museum.incident(found.incident)
    except ValueError as error:
        raise OptionError(f"--incident: {error}") from error


def _refuse_unwritable(flag: str, file: Path) -> None:
    try:
        if not file.parent.is_dir():
            raise OptionError(f"{flag}: there is no folder {file.parent}. Make it, or name another one.")
        if file.is_dir() or "\0" in str(file):
            raise OptionError(f"{flag}: {file} is no file. Name another one.")
    except OSError as error:
        raise OptionError(f"{flag}: {str(file)[:80]!r} is no name of a file: {error.strerror}.") from None


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def watch() -> None:
        # os.read, not sys.stdin: a thread inside a buffered reader cannot be left behind at exit.
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        try:
            loop.call_soon_threadsafe(stop.set)
        except RuntimeError:  # the loop is gone already
            return

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


async def _serve(options: VenueOptions) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    make = (
        Venue
        if options.recording is None
        else partial(CassetteVenue, options.recording, hours=options.hours, shift=options.shift)
    )
    venue = make(
        seed=options.seed,
        latency_ms=options.latency_ms,
        port=options.port,
        weight_limit=options.weight_limit,
        profile=options.profile,
        market_moves=options.market_moves,
        algo_lag_ms=options.algo_lag_ms,
        host=options.host,
        name=options.name,
        tls=options.tls,
        as_of=options.as_of,
        incident=options.incident,
    )
    try:
        venue.faults.add_documents(list(options.faults))
    except ValueError as error:
        raise OptionError(f"--fault: {error}") from error
    with tempfile.TemporaryDirectory(prefix="wireproof-venue-") as folder:
        if options.tls:
            venue.ca_file = (options.ca_file or Path(folder, "ca.pem")).absolute()
            try:
                venue.ca_file.write_text(venue.authority, "ascii")
            except OSError as error:
                raise OptionError(f"--tls: {venue.ca_file} cannot be written ({error.strerror}).") from error
        await _serve_until(venue, options, stop)
    for sentence in venue.faults.reports():
        sys.stderr.write(f"At the end: the fault {sentence}.\n")


async def _serve_until(venue: Venue, options: VenueOptions, stop: asyncio.Event) -> None:
    async with venue:
        if options.credentials is not None:
            try:
                venue.write_credentials(options.credentials)
            except OSError as error:
                raise OptionError(
                    f"--credentials: {options.credentials} cannot be written ({error.strerror})."
                ) from error
        sys.stdout.write(venue.ready_line + "\n")
        sys.stdout.flush()
        if options.exit_with_parent:
            _stop_at_end_of_input(asyncio.get_running_loop(), stop)
        await stop.wait()


def serve(options: VenueOptions) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status: 0, or 2 when it could not begin."""
    try:
        asyncio.run(_serve(options))
    except (OptionError, PortInUseError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    return OK


def carry_out(options: VenueOptions) -> int:
    """List what was asked for, or serve; return the exit status."""
    if options.list_incidents:
        sys.stdout.write(museum.markdown() if options.markdown else museum.listing())
        return OK
    if options.routes or options.list_faults:
        sys.stdout.write(inventory.text() if options.routes else fault_kinds.listing())
        return OK
    return serve(options)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, or the process's arguments; return the exit status."""
    try:
        options = read_options(argv)
    except OptionError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    return carry_out(options)


if __name__ == "__main__":
    sys.exit(main())
