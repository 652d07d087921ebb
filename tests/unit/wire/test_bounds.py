"""What a target sends costs no more than 200 MB of memory, and what is too much of it is a finding that says so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from wire_peers import RawServer

from wireproof.bounds import MIB, MOST_BYTES, MOST_OF_A_FRAME, MOST_VALUES, bounded, excess, read_file
from wireproof.recognition import Sort, recognise
from wireproof.wire.clock import ServerClock
from wireproof.wire.limits import RateLimiter
from wireproof.wire.rest import RestClient
from wireproof.wire.websocket.handshake import open_connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

CONTRACT = "usdm/rest/GET.fapi.v2.ticker.price"
MOST_MB = 200

# Asks one URL, judges the answer with a contract and prints how much memory that took at most, in MB.
CHILD = """
import asyncio, pathlib, sys
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer
from wireproof.recognition import recognise
from wireproof.wire.clock import ServerClock
from wireproof.wire.websocket.handshake import open_connection
from wireproof.wire.limits import RateLimiter
from wireproof.wire.secrets.redact import Redactor
from wireproof.wire.rest import RestClient
import json

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024

async def fetch(url):
    if url.startswith("ws"):
        connection = await open_connection(url, now_ms=lambda: 0.0)
        try:
            return (await connection.receive())[0]
        finally:
            await connection.close()
    clock = ServerClock()
    async with RestClient(url, clock=clock, limiter=RateLimiter(clock.now_ms)) as client:
        return (await client.request("GET", "/x")).raw

store = load_store()
contract = store.contract(sys.argv[2])
comparer = Comparer(store.products[contract.product])
comparer.payload(contract, "", b"{}")
before = peak()
raw = asyncio.run(fetch(sys.argv[1]))
recognise(200, raw)
found = comparer.payload(contract, "", raw)
shown = Redactor().text(raw.decode("utf-8", "replace"))
print(json.dumps({"mb": peak() - before, "kept": len(raw), "found": [f.actual for f in found][:3], "all": len(found)}))
"""


async def child(url: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, url, CONTRACT), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, err.decode()
    read: dict[str, Any] = json.loads(out)
    return read


def bomb(piece: bytes, times: int) -> bytes:
    """Return a gzip stream of a piece again and again, without the time that compressing all of it would take."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed * times


def answer(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


GZIP = b"Content-Encoding: gzip"
ZEROS, LISTS, OBJECTS = b"0" * MIB, b"[],[" * (MIB // 4), b'{"a":1},' * (MIB // 8)


def keys() -> bytes:
    """Return as many keys as are read, with values."""
    return json.dumps({f"k{i}": i for i in range(MOST_VALUES - 10)}).encode()


def repeated_keys() -> bytes:
    """Return as many keys as are read, each of them twice."""
    return ("{" + ",".join(f'"k{i // 2}":1' for i in range(MOST_VALUES - 10)) + "}").encode()


def text() -> bytes:
    """Return as much text as is read, with characters that take four bytes."""
    return json.dumps(["\U0001f600" + "x" * 1000] * 8000, ensure_ascii=False).encode()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory was used at most")
@pytest.mark.parametrize(
    ("make", "headers", "kept"),
    [
        pytest.param(lambda: bomb(ZEROS, 1000), (GZIP,), False, id="gzip"),
        pytest.param(lambda: bomb(LISTS, 400), (GZIP, b"Content-Length: 450000"), False, id="lists"),
        pytest.param(lambda: bomb(OBJECTS, 7), (GZIP,), False, id="objects"),
        pytest.param(lambda: bomb(keys(), 1), (GZIP,), True, id="as many keys as are read"),
        pytest.param(repeated_keys, (), True, id="as many repeated keys as are read"),
        pytest.param(text, (), True, id="as much text as is read"),
    ],
)
async def test_no_answer_over_rest_costs_more_than_200_mb(
    make: Callable[[], bytes], headers: tuple[bytes, ...], kept: bool
) -> None:
    async with RawServer(answer(make(), *headers)) as server:
        said = await child(f"http://127.0.0.1:{server.port}")
    assert said["mb"] < MOST_MB, said
    assert said["all"] <= 310, said
    if not kept:
        assert said["kept"] < MIB, said


@contextlib.asynccontextmanager
async def sending(*frames: bytes | str, raw: bytes = b"") -> AsyncIterator[str]:
    """Serve a WebSocket that sends frames, and bytes as they are, to whoever connects."""

    async def handle(connection: Any) -> None:
        with contextlib.suppress(ConnectionClosed):
            for frame in frames:
                await connection.send(frame)
            if raw:
                connection.transport.write(raw)
            await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0, max_size=None, compression=None, close_timeout=0.1) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory was used at most")
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("[" + "[]," * (MIB // 3) + "[]]", id="a megabyte of lists"),
        pytest.param('{"a":' + "9" * (30 * MIB) + "}", id="30 MB"),
    ],
)
async def test_no_frame_costs_more_than_200_mb(frame: str) -> None:
    async with sending(frame) as url:
        said = await child(url)
    assert said["mb"] < MOST_MB, said
    assert said["kept"] <= max(MIB * 1.1, MIB), said


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"\xc1\x7e\x04\x01" + zlib.compress(b"0" * MIB)[2:1027], 1002, id="deflated"),
        pytest.param(b"\x81\x7f" + (100 * MIB).to_bytes(8, "big") + b"[" * 1000, 1009, id="100 MB"),
        pytest.param(b"\x81\x7f" + (2**62).to_bytes(8, "big"), 1009, id="2^62 bytes"),
    ],
)
async def test_a_frame_that_was_not_agreed_on_or_is_too_long_ends_the_connection_at_once(raw: bytes, code: int) -> None:
    """Nothing of it is unpacked or waited for: compression is never offered, so no frame may use it."""
    async with sending(raw=raw) as url:
        connection = await open_connection(url, now_ms=lambda: 0.0)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(connection.receive(), 5)
        await connection.close()
    assert closed.value.sent is not None
    assert closed.value.sent.code == code


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_long_is_no_answer_and_says_so(declared: bool) -> None:
    body = b'{"a":"' + b"x" * (MOST_BYTES + MIB) + b'"}'

    raw = answer(body, *([b"Content-Length: %d" % len(body)] if declared else [b"Connection: close"]))
    clock = ServerClock()
    async with RawServer(raw) as server:
        limiter = RateLimiter(clock.now_ms)
        async with RestClient(f"http://127.0.0.1:{server.port}", clock=clock, limiter=limiter) as client:
            reply = await client.request("GET", "/x")
    assert excess(reply.raw) == "more than 8 MiB"
    assert reply.raw.startswith(b'{"a":"xxx')
    told = recognise(reply.status, reply.raw)
    assert (told.sort, told.page) == (Sort.NO_ANSWER, "an answer of more than 8 MiB")


def test_what_is_little_enough_is_left_as_it_is() -> None:
    for raw in (b"", b"[" * MIB, b"x" * MOST_BYTES, keys(), repeated_keys()):
        assert bounded(raw) is raw
        assert excess(raw) == ""


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"x" * (MOST_BYTES + 1), "more than 8 MiB"),
        (b"[1" + b",1111" * MOST_VALUES + b"]", "more than 250,000 values"),
        (b"[" + b"[]        " * MOST_VALUES, "more than 250,000 values"),
        (b"[" + b"{}        " * MOST_VALUES, "more than 250,000 values"),
    ],
)
def test_what_is_too_much_keeps_its_ends_and_says_so(raw: bytes, said: str) -> None:
    """It stays so when it is cut again: a run may be judged from what was kept."""
    kept = bounded(raw)
    assert len(kept) < 70_000
    assert (kept[:1000], excess(kept)) == (raw[:1000], said)
    assert raw[-1000:] in kept
    assert bounded(kept) is kept


def test_a_longer_frame_is_received_than_is_read() -> None:
    """So that its request can be told, which a lost connection cannot."""
    assert MOST_OF_A_FRAME > MOST_BYTES


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x" * 11)
    assert read_file(file, 11) == b"x" * 11
    with pytest.raises(OSError, match="it has more than 0 MiB") as refused:
        read_file(file, 10)
    assert refused.value.strerror == "it has more than 0 MiB"
    with pytest.raises(OSError, match="no name of a file"):
        read_file("a\0b")
