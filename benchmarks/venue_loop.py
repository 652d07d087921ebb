"""How long a ping waits at the venue beside its longest requests, and beside as many short ones.

    python benchmarks/venue_loop.py [--seconds 5]

Starts a venue in a process of its own. One client asks for 1,500 candles of every kind and 1,000 fundings, as fast as
they come, while another one pings; then the first one asks for the time instead. Prints how long pings waited both
times, and the ratio: whatever else the machine does slows both. Exit status 1 when a ping waited more than 20 times
longer beside long requests.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import time
from itertools import cycle

import aiohttp

LONG = (
    "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500",
    "/fapi/v1/premiumIndexKlines?symbol=ETHUSDT&interval=1m&limit=1500",
    "/fapi/v1/markPriceKlines?symbol=SOLUSDT&interval=1h&limit=1500",
    "/fapi/v1/fundingRate?limit=1000",
    "/fapi/v1/depth?symbol=BTCUSDT&limit=1000",
    "/eapi/v1/mark",
)
SHORT = ("/fapi/v1/time",)
MOST_TIMES = 20


async def waits(root: str, paths: tuple[str, ...], seconds: float) -> list[float]:
    """Return how long each ping waited while `paths` were asked for in turn, in milliseconds, sorted."""
    found: list[float] = []
    async with aiohttp.ClientSession(root) as http:

        async def ask(path: str) -> None:
            async with http.get(path) as answer:
                await answer.read()
                assert answer.status == 200, await answer.text()

        async def press() -> None:
            for path in cycle(paths):
                await ask(path)

        pressing = asyncio.create_task(press())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.perf_counter()
            await ask("/fapi/v1/ping")
            found.append((time.perf_counter() - begin) * 1_000)
        pressing.cancel()
    return sorted(found)


def main() -> int:
    """Measure both and print what pings waited."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    command = [sys.executable, "-m", "wireproof.venue", "--port", "0", "--weight-limit", "60000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = re.search(r"rest=(\S+)", process.stdout.readline())
        assert ready is not None
        try:
            medians = []
            for name, paths in (("long", LONG), ("short", SHORT)):
                found = asyncio.run(waits(ready[1], paths, chosen.seconds))
                medians.append(found[len(found) // 2])
                print(
                    f"beside {name} requests: {len(found)} pings, {medians[-1]:.1f} ms in the middle,"
                    f" {found[len(found) * 99 // 100]:.1f} ms of 99 in 100, {found[-1]:.1f} ms at most"
                )
        finally:
            process.terminate()
    ratio = medians[0] / medians[1]
    print(f"wait of a ping, beside long / beside short requests = {ratio:.1f}")
    return int(ratio > MOST_TIMES)


if __name__ == "__main__":
    sys.exit(main())
