"""A venue, a relay before it that plays tricks, and `wireproof run` in a process that only knows the relay."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from checkout import ROOT

from wireproof.torture.relay import Hooks, Relay
from wireproof.venue.base.auth import ApiKey
from wireproof.venue.serving.server import KEY_TYPES, Venue
from wireproof.wire.delay import machine_delay

if TYPE_CHECKING:
    from pathlib import Path

    from .forked import ForkedRun, Forks

TODAY = "2026-11-22"  # waivers expire; what these tests state does not

#: A few cases of each surface: reads, orders, rejections, a session, streams, events.
READS = "GET.fapi.v1.depth/ or GET.fapi.v1.openOrders/ or GET.fapi.v1.time/"
REST_ORDERS = "POST.fapi.v1.order/limit-gtc or DELETE.fapi.v1.order/by-order-id or POST.fapi.v1.order/rejects/missing"
WS_READS = "ws-api/ticker.price/ or ws-api/depth/limit or ws-api/account.balance/default"
WS_ORDERS = "ws-api/order.place/limit-gtc or ws-api/order.status/by-order-id or ws-api/order.place/rejects/missing"
SESSION = "ws-api/session.status/ or ws-api/session.logon/ or signed-by/session"
STREAMS = "usdm/stream/aggTrade/symbol or usdm/stream/bookTicker/symbol or usdm/stream/depth/default"
EVENTS = "ORDER_TRADE_UPDATE/new or ORDER_TRADE_UPDATE/cancelled or ORDER_TRADE_UPDATE/filled or ALGO_UPDATE/new"
REST = f"{READS} or {REST_ORDERS}"
WS_API = f"{WS_READS} or {WS_ORDERS} or {SESSION}"
REQUESTS = f"{REST} or {WS_API}"
ALL = f"{REQUESTS} or {STREAMS} or {EVENTS}"

#: No run of the table may take longer than this, in seconds.
LONGEST = 300.0

#: A stop of the machine this long, in seconds, may have made an answer late that was to be in time.
SPOILED_BY = 1.0


@dataclass(repr=False)
class Outcome:
    """What a run left behind."""

    status: int
    printed: str
    seconds: float
    result: dict[str, Any]
    left: list[str] = field(default_factory=list)
    stood_still: float = 0.0  # the longest time, in seconds, in which venue and relay or the run could not act

    def __repr__(self) -> str:
        """How the run ended, in as many words as it takes to find out why."""
        others = self.with_verdict("broken", "breaking", "risky", "additive", "unsteady", "blocked")
        said = [f"{self.cases[name]['verdict']} {name}: {reason}" for name, reason in others.items()]
        conforming = sum(case["verdict"] == "conforms" for case in self.cases.values())
        ended = f"exit status {self.status} after {self.seconds:.1f} s, {conforming} of {len(self.cases)} cases conform"
        ended += f", the machine stood still for {self.stood_still:.1f} s at most"
        left = [f"left: {what}" for what in self.left]
        return "\n".join([ended, *said[:20], *left, "...", self.printed[-1500:] if not self.cases else ""])

    @property
    def is_spoiled(self) -> bool:
        """Whether something else than the fault may have caused this: the machine did not run all the time."""
        return self.stood_still >= SPOILED_BY

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        """The cases of the run by id."""
        return {case["id"]: case for case in self.result.get("cases", [])}

    def with_verdict(self, *verdicts: str) -> dict[str, str]:
        """Return why each case with one of these verdicts has it."""
        return {name: why(case) for name, case in self.cases.items() if case["verdict"] in verdicts}


def why(case: dict[str, Any]) -> str:
    """Return a case's reason, or its findings in short."""
    found = [f"{one['kind']} at {one['path'] or 'the answer'}: {one['actual']}" for one in case.get("findings", [])]
    return "; ".join([case.get("reason") or "", *found])[:400]


@functools.cache
def _keys() -> list[ApiKey]:
    """Return one key of each kind, made once: an RSA key takes longer than the rest of a venue."""
    return [ApiKey.generate(kind) for kind in KEY_TYPES]


class Stand:
    """Serves a venue behind a relay and runs the suite against the relay, in forks of one process if there are any."""

    def __init__(self, folder: Path, hooks: Hooks, *, forks: Forks | None = None, **venue: Any) -> None:
        self.folder, self.hooks, self._forks = folder, hooks, forks
        own_keys = [dataclasses.replace(key) for key in _keys()]
        self.venue = Venue(seed=3, keys=own_keys, **({"weight_limit": 1_000_000} | venue))
        self.environ = {
            "PATH": os.environ["PATH"],
            "WIREPROOF_TODAY": TODAY,
            "WIREPROOF_CONTRACTS": f"{ROOT}/contracts",
        }

    async def __aenter__(self) -> Self:
        await self.venue.__aenter__()
        self.relay = await Relay(self.venue.rest_url, self.hooks).__aenter__()
        file = self.folder / "credentials.json"
        self.venue.write_credentials(file)
        before, after = f"127.0.0.1:{self.venue.port}", f"127.0.0.1:{self.relay.port}"
        urls = self.venue.urls["usdm"]
        self.environ |= {
            f"WIREPROOF_USDM_{surface.upper().replace('-', '_')}_URL": url.replace(before, after)
            for surface, url in urls.items()
        }
        self.environ["WIREPROOF_CREDENTIALS"] = str(file)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.relay.__aexit__(None, None, None)
        await self.venue.__aexit__(None, None, None)

    async def start(self, cases: str, *arguments: str) -> asyncio.subprocess.Process | ForkedRun:
        """Start a run of some cases."""
        asked = ("run", "--no-html", "--product", "usdm", "-k", cases, *arguments)
        if self._forks is not None:
            return await self._forks.start(asked, cwd=self.folder, env=self.environ)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wireproof", *asked),
            cwd=self.folder,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, cases: str = ALL, *arguments: str) -> Outcome:
        """Run some cases to the end and return what came of it."""
        began = asyncio.get_running_loop().time()
        process = await self.start(cases, *arguments)
        try:
            printed, _ = await asyncio.wait_for(process.communicate(), LONGEST)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        ended = asyncio.get_running_loop().time()
        result: dict[str, Any] = {}
        with suppress(FileNotFoundError):
            result = json.loads((self.folder / "reports" / "result.json").read_text("utf-8"))
        delay = machine_delay()
        of_the_stand = 0.0 if delay is None else delay.worst_between(began, ended)
        of_the_run = ((result.get("machine") or {}).get("worst_stall_ms") or 0.0) / 1000
        stood_still = max(of_the_stand, of_the_run)
        return Outcome(process.returncode or 0, printed.decode(), ended - began, result, self.left(), stood_still)

    def left(self) -> list[str]:
        """Return what stands on any account: orders, positions, an active listen key, a changed mode."""
        found = []
        for name, account in self.venue.control.state()["accounts"].items():
            standing = {what: account[what] for what in ("open_orders", "algo_orders", "positions")}
            standing |= {"listen key": account["listen_key"]["active"]}
            standing |= {mode: account[mode] for mode in ("hedge_mode", "multi_assets")}
            found += [f"{name}: {what} {value}" for what, value in standing.items() if value]
        return found
