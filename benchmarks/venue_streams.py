"""How many stream messages the venue sends to how many connections, and what that costs beside a bare server.

    python benchmarks/venue_streams.py [--connections 200] [--streams 40] [--seconds 10]

Starts a venue in a process of its own and subscribes every connection to order books, which come every 100 ms where the
book has changed. Counts what arrives, and the processor time of the venue's process. Then the same clients take as many
frames of the same size from a server that does nothing but send them. The ratio of both processor times, per message,
is what books, trades, and the making of messages cost. For Linux. Exit status 1 when a connection is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web

SYMBOLS = (
    *("btcusdt", "ethusdt", "bnbusdt", "solusdt", "xrpusdt", "adausdt"),
    *("dogeusdt", "ltcusdt", "linkusdt", "avaxusdt", "dotusdt", "trxusdt", "bchusdt"),
)
EVERY_SECONDS = 0.1
NAMES = [f"{symbol}@depth{levels}@100ms" for levels in ("20", "10", "5", "") for symbol in SYMBOLS]


async def bare(frames: int, size: int) -> None:
    """Send frames of *size* bytes to whoever connects, so many every 100 ms, and nothing else."""
    sockets: set[web.WebSocketResponse] = set()
    frame = "x" * size

    async def accept(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets.add(socket)
        async for _ in socket:
            pass
        sockets.discard(socket)
        return socket

    app = web.Application()
    app.router.add_get("/{path:.*}", accept)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"bare ready: stream=ws://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += EVERY_SECONDS
        await asyncio.sleep(max(0, due - loop.time()))
        for socket in list(sockets):
            for _ in range(frames):
                await socket.send_str(frame)


def processor_seconds(process: subprocess.Popen[str]) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Clients:
    """Connections that count what they receive."""

    def __init__(self) -> None:
        self.messages = self.bytes = 0

    async def listen(self, session: aiohttp.ClientSession, url: str, names: list[str]) -> None:
        """Subscribe and count until cancelled."""
        async with session.ws_connect(url, max_msg_size=0) as socket:
            await socket.send_str(orjson.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}).decode())
            async for message in socket:
                self.messages += 1
                self.bytes += len(message.data)


async def measure(url: str, process: subprocess.Popen[str], chosen: argparse.Namespace) -> dict[str, Any]:
    """Return messages per second, bytes per message, and the share of one processor that the server took."""
    clients, names = Clients(), NAMES[: chosen.streams]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        tasks = [asyncio.create_task(clients.listen(session, url, names)) for _ in range(chosen.connections)]
        await asyncio.sleep(2)  # until all are subscribed
        before, used = clients.messages, processor_seconds(process)
        begin = asyncio.get_running_loop().time()
        await asyncio.sleep(chosen.seconds)
        seconds = asyncio.get_running_loop().time() - begin
        received, used = clients.messages - before, processor_seconds(process) - used
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    lost = sum(not isinstance(one, asyncio.CancelledError) for one in ended)
    size = clients.bytes // max(clients.messages, 1)
    return {"rate": received / seconds, "size": size, "processor": used / seconds, "lost": lost}


def run(command: list[str], path: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Start a server, measure it and stop it."""
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = re.search(r"(?:^| )stream=(\S+)", process.stdout.readline())
        assert ready is not None
        try:
            return asyncio.run(measure(ready[1] + path, process, chosen))
        finally:
            process.terminate()


def main() -> int:
    """Measure both servers and print what they did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--streams", type=int, default=40, choices=range(1, len(NAMES) + 1), metavar="N")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--bare", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare is not None:
        asyncio.run(bare(*chosen.bare))
    venue = run(["-m", "wireproof.venue", "--port", "0", "--weight-limit", "60000"], "/public/ws", chosen)
    frames = max(1, round(venue["rate"] / chosen.connections * EVERY_SECONDS))
    beside = run([__file__, "--bare", str(frames), str(venue["size"])], "/", chosen)
    for name, found in (("venue", venue), ("bare server", beside)):
        print(
            f"{name}: {found['rate']:,.0f} messages/s to {chosen.connections} connections,"
            f" {found['size']} bytes each, {found['processor']:.0%} of one processor, {found['lost']} connections lost"
        )
    ratio = (venue["processor"] / venue["rate"]) / (beside["processor"] / beside["rate"])
    print(f"processor time per message, venue / bare server = {ratio:.2f}")
    return int(venue["lost"] > 0)


if __name__ == "__main__":
    sys.exit(main())
