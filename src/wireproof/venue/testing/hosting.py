"""Starts a venue beside the caller, in a thread or in a process of its own, and stops it."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wireproof.venue.base.eras import read_day
from wireproof.venue.cassettes.cassette_venue import HOURS, CassetteVenue
from wireproof.venue.cassettes.recording import load_recording
from wireproof.venue.exchange.profile import PROFILES
from wireproof.venue.incidents.museum import incident
from wireproof.venue.serving.server import Venue
from wireproof.venue.testing.running_venue import RunningVenue, connect_venue

if TYPE_CHECKING:
    from collections.abc import Callable

STOPPING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """How a venue is started.

    Args:
        own_process: Whether it runs in a process of its own, not in a thread of this one: it starts in a second more,
            and then takes no time from the tests' interpreter.
        profile: The host that it imitates.
        seed: Fixes market moves and generated ids; keys are made afresh.
        market_moves: Whether prices move and others trade by themselves; else only `move_price` moves them, and streams
            of trades stay silent.
        latency_ms: The delay of every answer, in milliseconds.
        weight_limit: Weight per minute; the profile's by default.
        algo_lag_ms: How far queries of one conditional order are behind, in milliseconds; the testnet's by about 1,000.
        tls: Whether it speaks https and wss only; `RunningVenue.ca_file` is what clients must trust.
        port: The port; the system picks a free one by default.
        as_of: The day whose behaviour is served, such as 2026-05-01; today's by default.
        replay: The observations.jsonl of a run, which is served in place of an exchange.
        time_to_live: Hours after which a recording is not served any more.
        shift: Whether the times of a recording are moved to now.
        incident: The incident that is served, such as `algo-migration`; `wireproof venue --incidents` lists them.
    """

    own_process: bool = False
    profile: Literal["testnet", "live"] = "testnet"
    seed: int = 0
    market_moves: bool = True
    latency_ms: int = 0
    weight_limit: int | None = None
    algo_lag_ms: int = 0
    tls: bool = False
    port: int = 0
    as_of: str = ""
    incident: str = ""
    replay: str = ""
    time_to_live: float = HOURS
    shift: bool = True

    def arguments(self) -> list[str]:
        """Return the same as options of `wireproof venue`."""
        options = [f"--profile={self.profile}", f"--seed={self.seed}", f"--latency={self.latency_ms}"]
        options += [f"--port={self.port}", f"--algo-lag={self.algo_lag_ms / 1000:g}"]
        options += [f"--weight-limit={self.weight_limit}"] if self.weight_limit is not None else []
        options += [f"--as-of={self.as_of}"] if self.as_of else []
        options += [f"--incident={self.incident}"] if self.incident else []
        if self.replay:
            options += [f"--replay={self.replay}", f"--time-to-live={self.time_to_live}"]
            options += [] if self.shift else ["--no-shift"]
        return [*options, *(["--tls"] if self.tls else []), *([] if self.market_moves else ["--no-market-moves"])]


def start_venue(settings: VenueSettings | None = None) -> RunningVenue:
    """Start a venue and return it once it serves; use it as a context, or `close` it. RuntimeError when it cannot."""
    wanted = settings or VenueSettings()
    return _in_process(wanted) if wanted.own_process else _in_thread(wanted)


def _in_thread(settings: VenueSettings) -> RunningVenue:
    serving: Future[tuple[Venue, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        make: Callable[..., Venue] = Venue
        if settings.replay:
            recording = load_recording(Path(settings.replay))
            make = partial(CassetteVenue, recording, hours=settings.time_to_live, shift=settings.shift)
        async with make(
            profile=PROFILES[settings.profile],
            seed=settings.seed,
            market_moves=settings.market_moves,
            latency_ms=settings.latency_ms,
            weight_limit=settings.weight_limit,
            algo_lag_ms=settings.algo_lag_ms,
            tls=settings.tls,
            port=settings.port,
            as_of=read_day(settings.as_of) if settings.as_of else None,
            incident=incident(settings.incident) if settings.incident else None,
        ) as venue:
            if settings.tls:
                venue.ca_file = Path(folder.name, "ca.pem")
                venue.ca_file.write_text(venue.authority, "ascii")
            serving.set_result((venue, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except Exception as error:  # whoever starts it gets it
            if serving.done():
                raise
            serving.set_exception(error)

    folder = tempfile.TemporaryDirectory(prefix="wireproof-venue-", ignore_cleanup_errors=True)
    thread = threading.Thread(target=run, name="wireproof-venue", daemon=True)
    thread.start()
    try:
        venue, loop, stop = serving.result()
    except Exception as error:
        folder.cleanup()
        raise RuntimeError(f"The venue did not start: {error}") from error
    trust = ssl.create_default_context(cadata=venue.authority) if settings.tls else None

    def end() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join(STOPPING_SECONDS)
        folder.cleanup()

    return RunningVenue(venue.credentials(), trust, end)


def _in_process(settings: VenueSettings) -> RunningVenue:
    command = [sys.executable, "-m", "wireproof.venue", "--exit-with-parent", *settings.arguments()]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stderr=errors, **pipes)  # noqa: S603  # this module's own interpreter
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def end() -> None:
            stdin.close()  # it ends with its parent, and with this
            try:
                process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            stdout.close()

        words = dict(word.partition("=")[::2] for word in stdout.readline().split())
        if "rest" not in words:
            end()
            errors.seek(0)
            raise RuntimeError(f"The venue did not start: {errors.read().strip()[-800:]}")
    return connect_venue(words["rest"], ca_file=words.get("ca", ""), stop=end)
