"""What watching a market stream costs, as a multiple of merely decoding its frames.

    python benchmarks/streams.py [--events 50000] [--socket]

Takes combined frames (`{"stream", "data"}`) of aggregate trades, book tickers and diff. depth events, as the example of
each contract shows them, and measures, per frame:
- decoding with `orjson.loads`, the yardstick;
- receiving: unwrapping a frame and handing it to its case, as the receive path does;
- receiving and judging, in batches after receiving, as a run does it.
With `--socket` the frames also go through a WebSocket on loopback, sent by a process of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from typing import TYPE_CHECKING, Any

import orjson
from timing import best
from websockets.asyncio.server import serve

from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.wire.websocket.market_stream import Message, StreamConnection

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

STREAMS = ("aggTrade", "bookTicker", "depth")


def frames(number: int) -> list[bytes]:
    """Return combined frames of three streams in turn, with ids and times that go on."""
    contracts = load_store().contracts
    shown = [contracts[f"usdm/stream/{name}"].examples[0].response for name in STREAMS]
    made = []
    for index in range(number):
        turn = index % len(STREAMS)
        data = {**shown[turn], "E": 1_700_000_000_000 + index}
        made.append(orjson.dumps({"stream": f"btcusdt@{STREAMS[turn]}", "data": data}))
    return made


def received(made: list[bytes]) -> dict[str, list[Message]]:
    """Take frames in as a connection does, by stream."""
    by_stream: dict[str, list[Message]] = {f"btcusdt@{name}": [] for name in STREAMS}
    connection = StreamConnection("ws://127.0.0.1/stream", lambda message: by_stream[message.stream].append(message))
    take = connection._take  # noqa: SLF001  # the receive path, without a socket
    for frame in made:
        take(frame, 0.0)
    return by_stream


def judge_all(by_stream: dict[str, list[Message]], comparer: Comparer, contracts: dict[str, Any]) -> int:
    """Judge every message; return how many conform."""
    good = 0
    for name in STREAMS:
        bodies = [message.raw for message in by_stream[f"btcusdt@{name}"]]
        good += sum(not found for found in comparer.burst(contracts[f"usdm/stream/{name}"], "default", bodies))
    return good


def send_frames(number: int, report: Connection) -> None:
    """Serve the frames to whoever connects; a process of its own."""

    async def run() -> None:
        made = frames(number)

        async def push(connection: Any) -> None:
            for frame in made:
                await connection.send(frame, text=True)
            await connection.wait_closed()

        async with serve(push, "127.0.0.1", 0, compression=None) as server:
            report.send(server.sockets[0].getsockname()[1])
            await asyncio.Event().wait()

    asyncio.run(run())


async def through_a_socket(port: int, number: int) -> tuple[float, dict[str, list[Message]]]:
    """Receive so many frames over loopback; return the seconds from the first to the last, and the messages."""
    by_stream: dict[str, list[Message]] = {f"btcusdt@{name}": [] for name in STREAMS}
    count, first, last, done = 0, 0.0, 0.0, asyncio.Event()

    def deliver(message: Message) -> None:
        nonlocal count, first, last
        by_stream[message.stream].append(message)
        count += 1
        last = time.perf_counter()
        first = first or last
        if count == number:
            done.set()

    async with StreamConnection(f"ws://127.0.0.1:{port}/stream", deliver):
        await done.wait()
    return last - first, by_stream


def over_loopback(number: int, judge: Callable[[dict[str, list[Message]]], int]) -> None:
    """Print how many events a second arrive over a socket, and arrive and are judged."""
    ours, theirs = multiprocessing.Pipe()
    sender = multiprocessing.get_context("spawn").Process(target=send_frames, args=(number, theirs), daemon=True)
    sender.start()
    try:
        seconds, by_stream = asyncio.run(through_a_socket(ours.recv(), number))
    finally:
        sender.terminate()
    start = time.perf_counter()
    judge(by_stream)
    judging = time.perf_counter() - start
    print(f"over a socket: {number / seconds:,.0f} events/s received, {number / (seconds + judging):,.0f} with judging")


def main() -> None:
    """Measure and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--socket", action="store_true", help="send the frames over a WebSocket as well")
    options = parser.parse_args()
    made, store = frames(options.events), load_store()
    comparer, contracts = Comparer(store.products["usdm"]), dict(store.contracts)
    by_stream = received(made)
    if judge_all(by_stream, comparer, contracts) != options.events:
        raise SystemExit("Not every frame conforms; the benchmark would measure explanations.")
    decoding = best(lambda: [orjson.loads(frame) for frame in made])
    taking = best(lambda: received(made))
    judging = best(lambda: judge_all(by_stream, comparer, contracts))
    per_second = options.events / (taking + judging)
    print(f"{options.events:,} events, {sum(map(len, made)) / options.events:.0f} bytes each")
    print(f"decoding with orjson: {options.events / decoding:,.0f} events/s")
    print(f"receiving / decoding = {taking / decoding:.2f}")
    print(f"judging / decoding = {judging / decoding:.2f}")
    print(f"receiving and judging / decoding = {(taking + judging) / decoding:.2f}, {per_second:,.0f} events/s")
    if options.socket:
        over_loopback(options.events, lambda messages: judge_all(messages, comparer, contracts))


if __name__ == "__main__":
    main()
