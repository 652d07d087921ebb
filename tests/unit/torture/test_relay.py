"""A relay passes on what it gets as it came, and does to it what its hooks say, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import gzip

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from wireproof.torture import Close, Drip, Drop, Hooks, Link, Relay, Silence, WsFrame, bomb
from wireproof.torture.relay import _Way


@contextlib.asynccontextmanager
async def asking():
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        yield client


class Answering(Hooks):
    """Answers every HTTP request in one way, made of what the target answered."""

    def __init__(self, act):
        self.act = act

    async def http(self, request, forward):
        """Let the target answer, and act on that."""
        return self.act(await forward(request))


class Sending(Hooks):
    """Sends something else in place of every frame of the target."""

    def __init__(self, act):
        self.act = act

    async def to_client(self, line, frame):
        """Send what the act makes of the frame."""
        del line
        return self.act(frame)


def sockets(url):
    return url.replace("http://", "ws://")


async def test_a_request_arrives_as_it_was_sent(target):
    """Verb, path, query, key and body are what the client sent; status, headers and body what the target did."""
    async with Relay(target) as relay, asking() as client:
        url = f"{relay.url}/fapi/v1/order?a=%20b%2Fc&status=418&signature=x"
        answer = await client.post(url, data=b"x=1", headers={"X-MBX-APIKEY": "k"})
        said = await answer.json()
        assert (answer.status, answer.headers["X-MBX-USED-WEIGHT-1M"]) == (418, "7")
    assert said["verb"] == "POST"
    assert said["key"] == "k"
    assert said["body"] == "x=1"
    assert said["target"].startswith("/fapi/v1/order?a=")
    assert said["target"].endswith("&status=418&signature=x")


async def test_a_compressed_answer_stays_compressed(target):
    """The bytes of the body are the target's, and its content can be read all the same."""
    kept = []
    async with Relay(target, Answering(lambda answer: kept.append(answer) or answer)) as relay, asking() as client:
        answer = await client.get(f"{relay.url}/x?packed=1", headers={"Accept-Encoding": "gzip"})
        body = await answer.read()
    assert gzip.decompress(body) == kept[0].content
    assert kept[0].with_content(b"{}").headers.get("Content-Encoding") is None


async def test_frames_of_both_kinds_pass(target):
    """Text stays text and bytes stay bytes, in order."""
    async with Relay(target) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
        for said in ("a", b"\x00\xff", "b"):
            await socket.send(said)
        assert [await socket.recv() for _ in range(3)] == ["a", b"\x00\xff", "b"]


async def test_a_pong_comes_after_what_was_sent_before_it(target):
    """A ping goes all the way to the target, so that its pong says that everything before it arrived."""
    link = Link(round_trip=0.2)
    async with Relay(target, link=link) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
        await socket.send("before")
        await (await socket.ping())
        async with asyncio.timeout(0.05):
            assert await socket.recv() == "before"


async def test_a_close_passes_with_its_code_and_reason(target):
    """The client sees the close frame of the target."""
    async with Relay(target) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
        await socket.send("bye")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "as you say")


async def flood(socket):
    """Talk without a pause to a target that ends the connection, until it has ended."""
    await socket.send("bye")
    for _ in range(500):
        await socket.send("more")
    async for _ in socket:
        pass
    await socket.send("still there?")


async def test_a_close_passes_while_the_client_still_talks(target):
    """A client that floods a target sees the close frame that ends it, not an end without words."""
    async with Relay(target) as relay:
        for _ in range(5):
            async with connect(f"{sockets(relay.url)}/echo") as socket:
                with pytest.raises(ConnectionClosed) as closed:
                    await flood(socket)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001


async def test_a_direction_that_cannot_write_does_not_end_the_other():
    """Where the target is gone, what it said last must still pass; only reading tells that a connection ended."""

    async def gone():
        raise ConnectionResetError

    await _Way(Link(), "to target").send(gone)
    async with _Way(Link(round_trip=0.01), "to target") as slow:
        await slow.send(gone)
        await slow.send(gone)
        async with asyncio.timeout(5):
            await slow.done()


async def test_a_refused_handshake_keeps_its_body(target):
    """Status, headers and page of a refusal reach the client."""
    async with Relay(target) as relay:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{sockets(relay.url)}/echo?refused=1").__aenter__()
    response = refused.value.response
    assert (response.status_code, response.headers["Retry-After"], response.body) == (451, "9", b"not from there")


async def test_a_target_that_is_not_there_drops_the_client():
    """Where nothing listens, the client's connection ends; the relay stands."""
    async with Relay("http://127.0.0.1:9") as relay, asking() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(f"{relay.url}/x")
        with pytest.raises((OSError, InvalidHandshake)):
            await connect(f"{sockets(relay.url)}/echo").__aenter__()


async def test_hooks_change_an_answer(target):
    """What the hook returns is sent."""
    async with Relay(target, Answering(lambda answer: answer.with_content(b"[]"))) as relay, asking() as client:
        answer = await client.get(f"{relay.url}/x")
        assert await answer.read() == b"[]"


@pytest.mark.parametrize(
    "act",
    [lambda _a: Drop(), lambda a: Drop(a, after=10), lambda _a: Silence(0.05), lambda a: Drop(a, after=0)],
    ids=["drop", "drop-during", "silence", "drop-at-the-body"],
)
async def test_an_answer_that_does_not_come(target, act):
    """Dropped before, within or after a while: the client gets no whole answer."""
    async with Relay(target, Answering(act)) as relay, asking() as client:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await (await client.get(f"{relay.url}/x")).read()


async def test_drips_arrive_whole(target):
    """A slow drip of an answer and of a frame is what it would have been at once."""
    async with Relay(target, Answering(lambda answer: Drip(answer, 40, 0.001))) as relay, asking() as client:
        assert (await (await client.get(f"{relay.url}/x")).json())["target"] == "/x"
    for size in (5, 500, 70_000):
        dripping = Sending(lambda frame: (Drip(frame, 8_000, 0.001),))
        async with Relay(target, dripping) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
            await socket.send("x" * size)
            assert await socket.recv() == "x" * size


async def test_frames_are_replaced_multiplied_and_kept_back(target):
    """A hook sends what it likes in place of a frame, also nothing."""
    doubling = Sending(lambda frame: () if frame.data == "no" else (frame, WsFrame(b"!")))
    async with Relay(target, doubling) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
        for said in ("no", "yes"):
            await socket.send(said)
        assert [await socket.recv(), await socket.recv()] == ["yes", b"!"]


@pytest.mark.parametrize("what", [Close(1008, "enough"), Drop()], ids=["close", "drop"])
async def test_a_hook_ends_a_connection(target, what):
    """Close says a code, drop says nothing."""
    async with Relay(target, Sending(lambda _frame: (what,))) as relay, connect(f"{sockets(relay.url)}/echo") as socket:
        await socket.send("x")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    code = closed.value.rcvd.code if closed.value.rcvd is not None else None
    assert code == (1008 if isinstance(what, Close) else None)


async def test_all_connections_are_ended_at_once(target):
    """`close_all` says a code to each, `drop_all` ends them without a word."""
    async with Relay(target) as relay, connect(f"{sockets(relay.url)}/echo") as one:
        async with connect(f"{sockets(relay.url)}/echo") as other:
            await other.send("x")
            await other.recv()
            await one.send("x")
            await one.recv()
            await relay.close_all(1001, "going away")
            with pytest.raises(ConnectionClosed) as closed:
                await other.recv()
            assert closed.value.rcvd.code == 1001
        async with connect(f"{sockets(relay.url)}/echo") as third:
            await third.send("x")
            await third.recv()
            relay.drop_all()
            with pytest.raises(ConnectionClosed):
                await third.recv()


async def test_a_link_delays_both_ways(target):
    """A round trip takes as long as the link says, over HTTP and over WebSocket; nothing is overtaken."""
    link, now = Link(round_trip=0.2, jitter=0.05, seed=1), asyncio.get_running_loop().time
    async with Relay(target, link=link) as relay, asking() as client:
        began = now()
        await client.get(f"{relay.url}/x")
        assert now() - began >= 0.2
        async with connect(f"{sockets(relay.url)}/echo") as socket:
            began = now()
            for number in range(20):
                await socket.send(str(number))
            assert [await socket.recv() for _ in range(20)] == [str(number) for number in range(20)]
            assert now() - began >= 0.2


def test_a_link_draws_the_same_delays_again():
    """Seed and name decide; stalls come in the share that was asked for."""
    link = Link(round_trip=0.2, jitter=0.1, stall=2.0, stall_share=0.25, seed=7)
    drawn = [[link.delays("a").next() for _ in range(1)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    delays = link.delays("b")
    many = [delays.next() for _ in range(400)]
    assert 60 < sum(delay > 2 for delay in many) < 140
    assert min(many) >= 0.1


def test_a_bomb_is_small_until_it_is_opened():
    """A hundred megabytes travel as a hundred kilobytes."""
    answer = bomb(10)
    assert len(answer.body) < 20_000
    assert len(answer.content) == 10 * (1 << 20) + len(b'{"x":""}')


def test_nothing_shows_a_key():
    """Requests, answers and frames do not show what they hold."""
    frame = WsFrame('{"apiKey":"secret"}')
    assert "secret" not in repr(frame)
