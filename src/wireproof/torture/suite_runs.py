"""Runs of the suite through relays: as anybody runs it, by its command, with a target that the environment names."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from wireproof.errors import BlockedError, WireproofError
from wireproof.torture.relay import Relay
from wireproof.torture.traffic import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wireproof.torture.relay import Hooks

    MakeHooks = Callable[[Served], Hooks]

STARTING_SECONDS = 30.0
CREDENTIALS = "WIREPROOF_CREDENTIALS"

#: Weight per minute of a venue that is started for a run: it has nobody to protect.
OWN_WEIGHT = 60_000


@dataclass(frozen=True)
class Setting:
    """How the suite is run: at which target, on which products, with which further options.

    `urls` are those of the target by product and surface; empty for a venue that is started for each run.
    """

    target: str
    products: Sequence[str]
    urls: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    options: Sequence[str] = ()


class VenueCommand:
    """A local venue in a process of its own, by its command; it ends with us."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wireproof-torture-", ignore_cleanup_errors=True)
        self.credentials = Path(self._folder.name) / "credentials.json"
        self.urls: dict[str, dict[str, str]] = {}
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wireproof", "venue", "--port", "0", "--exit-with-parent"),
            *("--credentials", str(self.credentials), "--weight-limit", str(OWN_WEIGHT)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = b""
        try:
            async with asyncio.timeout(STARTING_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            pass
        if not line.startswith(b"wireproof venue ready:"):
            await self.__aexit__()
            raise WireproofError("The local venue did not start. `wireproof venue` says why.")
        self.urls = json.loads(self.credentials.read_bytes())["urls"]
        return self

    async def __aexit__(self, *_details: object) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(5):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        self._folder.cleanup()


@dataclass(frozen=True)
class SuiteOutcome:
    """What a run of the suite left: its exit status, its `result.json`, and what it printed last."""

    status: int
    result: Mapping[str, Any]
    said: str

    @property
    def cases(self) -> list[Mapping[str, Any]]:
        """The results of the cases."""
        found: list[Mapping[str, Any]] = self.result.get("cases", [])
        return found


def with_private_streams(urls: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the URLs of a product with that of its private streams, where a venue does not name it.

    `known` are the URLs of the exchange: where they are the same for both streams, or only private ones are known,
    it is so everywhere.
    """
    found = {surface: url for surface, url in urls.items() if url}
    if "event" not in found and "stream" in found:
        event = known.get("event", "")
        is_one = bool(event) and known.get("stream", event) == event
        found["event"] = found["stream"] if is_one else f"{found['stream']}/private"
    return found


def served_at(urls: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], Served]:
    """Return what is served at which URL and for which product: one relay stands before each of them.

    Both streams of COIN-M have the same URL, and must keep it: then their relay is the same.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for product, at in urls.items():
        for surface, url in at.items():
            found.setdefault((product, url), {})[surface.replace("-", "_")] = product
    return {at: Served(**of) for at, of in found.items()}


async def run_suite(
    setting: Setting, hosts: Mapping[str, Mapping[str, str]], make_hooks: MakeHooks, options: Sequence[str] = ()
) -> SuiteOutcome:
    """Run the suite through relays with these hooks, against the setting's target or a venue of the run's own.

    `hosts` are the exchange's URLs by product and surface. Raise WireproofError when the venue does not start,
    BlockedError when the suite leaves no result.
    """
    async with AsyncExitStack() as stack:
        environ = dict(os.environ)
        urls = setting.urls
        if not urls:
            venue = await stack.enter_async_context(VenueCommand())
            environ[CREDENTIALS] = str(venue.credentials)
            urls = venue.urls
        urls = {name: with_private_streams(urls[name], hosts.get(name, {})) for name in setting.products}
        relays: dict[tuple[str, str], Relay] = {}
        for at, served in served_at(urls).items():
            relays[at] = await stack.enter_async_context(Relay(at[1], make_hooks(served)))
        for product, named in urls.items():
            for surface, url in named.items():
                variable = f"WIREPROOF_{product}_{surface}_URL".upper().replace("-", "_")
                environ[variable] = relays[product, url].url
        with tempfile.TemporaryDirectory(prefix="wireproof-torture-", ignore_cleanup_errors=True) as folder:
            command = [sys.executable, "-m", "wireproof", "run", "--target", setting.target, "--no-html"]
            process = await asyncio.create_subprocess_exec(
                *command,
                *("--reports", folder),
                *setting.options,
                *options,
                env=environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                printed, _ = await process.communicate()
            finally:
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
            said = printed.decode("utf-8", "replace")
            file = Path(folder) / "result.json"
            if not file.is_file():
                last = "\n".join(said.strip().splitlines()[-5:])
                raise BlockedError(
                    f"The suite left no result (exit status {process.returncode}). It said last:\n{last}"
                )
            return SuiteOutcome(process.returncode or 0, json.loads(file.read_bytes()), said)
