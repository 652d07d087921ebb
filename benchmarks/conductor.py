"""How well the conductor uses the wire: against the longest chain of dependent requests, and against a plain loop.

    python benchmarks/conductor.py [--latency 200]

Starts a venue that answers after so many milliseconds and runs every case of the USDⓈ-M WebSocket API. Prints
- the wire time of the run as a multiple of (longest chain of dependent requests x latency); three is the bound;
- the time per case as a fraction of that of a loop that sends one request after the other to the same venue.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.asyncio.client import connect

from wireproof.suite.planning.preview import PRELUDE
from wireproof.suite.target import VenueProcess

LOOPED = 25  # requests of the plain loop


def run_suite(venue: VenueProcess, reports: Path) -> dict:
    """Run the suite against the venue and return its result."""
    environ = {
        "WIREPROOF_USDM_WS_API_URL": venue.urls["ws-api"],
        "WIREPROOF_USDM_REST_URL": venue.urls["rest"],
        "WIREPROOF_USDM_STREAM_URL": venue.urls["stream"],
        "WIREPROOF_CREDENTIALS": str(venue.credentials_file),
    }
    command = ["run", "--no-html", "-q", "--product", "usdm", "--surface", "ws-api", "--reports", str(reports)]
    done = subprocess.run(
        [sys.executable, "-m", "wireproof", *command],
        env={**os.environ, **environ},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"The run ended with exit status {done.returncode}:\n{done.stdout[-2000:]}")
    return json.loads((reports / "result.json").read_text("utf-8"))


async def plain_loop(url: str) -> float:
    """Return the seconds per request of a loop that waits for each answer before it sends the next request."""
    async with connect(url) as connection:
        begin = time.perf_counter()
        for number in range(LOOPED):
            await connection.send(json.dumps({"id": number, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}}))
            await connection.recv()
        return (time.perf_counter() - begin) / LOOPED


def main() -> None:
    """Measure and print both ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latency", type=float, default=200, metavar="MS")
    latency = parser.parse_args().latency
    venue = VenueProcess.start("--latency", f"{latency:g}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            result = run_suite(venue, Path(folder))
        per_request = asyncio.run(plain_loop(venue.urls["ws-api"]))
    finally:
        venue.stop()
    chain = PRELUDE + max(case["requests"] for case in result["cases"])
    wire, cases = result["wire_ms"], result["exercised"]
    print(f"{cases} cases, {result['requests']} requests, {wire / 1000:.2f} s on the wire, latency {latency:g} ms")
    print(f"longest chain: {chain} requests; wire time / (chain x latency) = {wire / (chain * latency):.2f} (bound: 3)")
    ratio = wire / 1000 / cases / per_request
    print(f"per case {wire / cases:.1f} ms; per request of a plain loop {per_request * 1000:.1f} ms; ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
