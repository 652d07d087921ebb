"""Market streams over real sockets: addresses, envelopes, control frames, limits, pings, user data on COIN-M's root."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import WSMsgType

from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.exchange.profile import PROFILES
from wireproof.venue.serving.server import Venue
from wireproof.venue.streams import hub
from wireproof.venue.streams.stream_server import LIFE_MS, PING_MS, PONG_MS, names_asked

WAIT = 10


@pytest.fixture
async def venue(keys):
    own_keys = [dataclasses.replace(key) for key in keys]
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, keys=own_keys) as one:
        yield one


async def run(venue: Venue, milliseconds: int = 1_000) -> None:
    for _ in range(0, milliseconds, 100):
        venue.clock.advance(100)
        venue.market_data.beat()
        venue.market_streams.beat()
    venue.tick()


async def ask(socket, method: str, *params):
    await socket.send_json({"method": method, "params": params, "id": 1})
    while True:
        document = await socket.receive_json(timeout=WAIT)
        if "result" in document or "error" in document:
            return document


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/market/ws/btcusdt@aggTrade/btcusdt@depth@100ms", {"aggTrade"}),
        ("/public/ws/btcusdt@aggTrade/btcusdt@depth@100ms", {"depthUpdate"}),
        ("/ws/btcusdt@aggTrade/btcusdt@depth@100ms", {"aggTrade", "depthUpdate"}),
        ("/dstream/ws/btcusd_perp@aggTrade/btcusd_perp@depth@100ms", {"aggTrade", "depthUpdate"}),
    ],
)
async def test_each_root_carries_what_it_carries(venue, http, path, kinds):
    """Bare payloads below /ws; the old roots carry everything on testnet."""
    async with http.ws_connect(f"{venue.stream_url}{path}") as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")
        await run(venue, 3_000)
        seen = {(await socket.receive_json(timeout=WAIT))["e"] for _ in range(8)}

    assert seen == kinds


async def test_on_live_the_old_roots_carry_books_only(keys, http):
    """Measured."""
    profile = PROFILES["live"]
    async with (
        Venue(clock=ManualClock(), tick_seconds=None, keys=keys, profile=profile) as venue,
        http.ws_connect(f"{venue.stream_url}/ws/btcusdt@aggTrade/btcusdt@depth@100ms") as socket,
    ):
        await ask(socket, "LIST_SUBSCRIPTIONS")
        await run(venue, 3_000)
        seen = {(await socket.receive_json(timeout=WAIT))["e"] for _ in range(8)}

    assert seen == {"depthUpdate"}


async def test_combined_streams_come_in_envelopes(venue, http):
    """Below /stream, also for what is subscribed later; SET_PROPERTY takes them away."""
    async with http.ws_connect(
        f"{venue.stream_url}/market/stream?streams=btcusdt@aggTrade/ethusdt@markPrice"
    ) as socket:
        assert (await ask(socket, "LIST_SUBSCRIPTIONS"))["result"] == ["btcusdt@aggTrade", "ethusdt@markPrice"]
        await run(venue)
        event = await socket.receive_json(timeout=WAIT)
        assert set(event) == {"stream", "data"}

        assert (await ask(socket, "SET_PROPERTY", "combined", False))["result"] is None
        await run(venue)
        assert "e" in await socket.receive_json(timeout=WAIT)


async def test_a_root_alone_is_like_stream(venue, http):
    """The official SDKs append /stream only where an address does not end so already."""
    async with http.ws_connect(f"{venue.stream_url}/dstream") as socket:
        assert (await ask(socket, "SUBSCRIBE", "btcusd_perp@markPrice@1s"))["result"] is None
        await run(venue)
        assert (await socket.receive_json(timeout=WAIT))["stream"] == "btcusd_perp@markPrice@1s"


async def test_a_name_of_no_meaning_does_not_fail_the_handshake(venue, http):
    """Clients dial /market/ws/0 and subscribe afterwards."""
    async with http.ws_connect(f"{venue.stream_url}/market/ws/0") as socket:
        assert (await ask(socket, "SUBSCRIBE", "btcusdt@aggTrade"))["result"] is None
        await run(venue)
        assert (await socket.receive_json(timeout=WAIT))["s"] == "BTCUSDT"


@pytest.mark.parametrize(
    ("path", "query", "names"),
    [
        ("/ws/a/b", "", ["a", "b"]),
        ("/market/stream", "streams=a/b", ["a", "b"]),
        ("/market/stream", "streams=a%2Fb", ["a", "b"]),
        ("/stream", "", []),
        ("/ws", "", []),
        ("/ws", "x", None),
        ("/stream", "streams=a,b", None),
        ("/ws/a,b", "", None),
    ],
)
def test_names_stand_between_slashes(path, query, names):
    """A comma, or a query after /ws, fails the handshake."""
    assert names_asked(path, query) == names


@pytest.mark.parametrize("path", ["/ws?x", "/stream?streams=a,b", "/market/ws/", "/x/market/ws"])
async def test_unsound_addresses_fail_the_handshake(venue, http, path):
    """With an HTTP status."""
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(f"{venue.stream_url}{path}")


async def test_invalid_json_is_answered_and_ends_the_connection(venue, http):
    """Code 3, then 1008."""
    async with http.ws_connect(f"{venue.stream_url}/market/ws") as socket:
        await socket.send_str("{")
        assert (await socket.receive_json(timeout=WAIT))["error"]["code"] == 3
        assert (await socket.receive(timeout=WAIT)).type is WSMsgType.CLOSE
        assert socket.close_code == 1008


async def test_the_1025th_stream_ends_the_connection(venue, http):
    """Code 4, then 1008."""
    async with http.ws_connect(f"{venue.stream_url}/market/ws") as socket:
        names = [f"x{number}@aggTrade" for number in range(1_025)]
        assert (await ask(socket, "SUBSCRIBE", *names))["error"]["code"] == 4
        assert (await socket.receive(timeout=WAIT)).extra == "Invalid request"
        assert socket.close_code == 1008


async def test_too_many_messages_end_the_connection(venue, http):
    """Fifteen at once are answered, forty are not."""
    async with http.ws_connect(f"{venue.stream_url}/market/ws") as socket:
        for number in range(40):
            await socket.send_str(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        answered = 0
        while (message := await socket.receive(timeout=WAIT)).type is WSMsgType.TEXT:
            answered += 1
        assert 15 <= answered < 40
        assert (message.extra, socket.close_code) == ("Too many requests", 1008)


@pytest.mark.parametrize("send", ["binary", "huge"])
async def test_binary_and_huge_frames_end_the_connection_and_no_other(venue, http, send):
    """Others go on."""
    async with (
        http.ws_connect(f"{venue.stream_url}/market/ws") as bad,
        http.ws_connect(f"{venue.stream_url}/market/ws/btcusdt@aggTrade") as good,
    ):
        await (bad.send_bytes(b"{}") if send == "binary" else bad.send_str("x" * 100_000))
        assert (await bad.receive(timeout=WAIT)).type is WSMsgType.CLOSE
        assert bad.close_code == (1008 if send == "binary" else 1009)
        await run(venue)
        assert (await good.receive_json(timeout=WAIT))["e"] == "aggTrade"


async def test_it_pings_with_the_time_and_answers_pings(venue, http):
    """Every three minutes; pongs copy the payload."""
    url = f"{venue.stream_url}/market/ws"
    async with http.ws_connect(url, autoping=False) as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")
        venue.clock.advance(PING_MS)
        venue.beat()
        ping = await socket.receive(timeout=WAIT)
        assert (ping.type, ping.data) == (WSMsgType.PING, str(venue.clock.now_ms()).encode())
        await socket.ping(b"hello")
        pong = await socket.receive(timeout=WAIT)
        assert (pong.type, pong.data) == (WSMsgType.PONG, b"hello")


@pytest.mark.parametrize(("pongs", "milliseconds"), [(False, PONG_MS), (True, LIFE_MS)])
async def test_who_does_not_answer_or_has_stayed_a_day_is_cut_off(venue, http, pongs, milliseconds):
    """Ten minutes without a pong, or 24 hours."""
    async with http.ws_connect(f"{venue.stream_url}/market/ws") as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")
        (visit,) = venue.market_streams._visits
        venue.clock.advance(milliseconds - 1)
        if pongs:
            visit.heard = venue.clock.now_ms()
        assert visit.keep_alive(venue.clock.now_ms())
        venue.clock.advance(1)
        venue.market_streams.beat()
        assert (await socket.receive(timeout=WAIT)).type in {WSMsgType.CLOSED, WSMsgType.ERROR}


async def test_user_data_comes_on_coin_ms_root(venue, http):
    """A listen key is a stream name there, in the address or subscribed."""
    account = venue.accounts[0]
    listen_key = venue.listen_keys.start(account, "coinm")
    async with http.ws_connect(f"{venue.urls['coinm']['stream']}/stream") as socket:
        assert (await ask(socket, "SUBSCRIBE", listen_key))["result"] is None
        venue.engine.publish(account, {"e": "TEST", "E": 1}, CM)
        assert await socket.receive_json(timeout=WAIT) == {"stream": listen_key, "data": {"e": "TEST", "E": 1}}
        assert (await ask(socket, "UNSUBSCRIBE", listen_key))["result"] is None
        venue.engine.publish(account, {"e": "TEST", "E": 2}, CM)
        assert (await ask(socket, "LIST_SUBSCRIPTIONS"))["result"] == []


async def test_connections_leave_nothing_behind(venue, http):
    """Neither streams nor visits."""
    async with http.ws_connect(f"{venue.urls['coinm']['stream']}/ws/btcusdt@aggTrade") as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")
        assert (venue.market_streams.count, venue.market_streams.hub.active) == (1, 1)
    async with http.ws_connect(f"{venue.stream_url}/ws") as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")

    assert venue.market_streams.hub.active == 0


async def test_who_does_not_read_is_cut_and_others_go_on(venue, http, monkeypatch):
    """Once too many bytes wait; nothing of them is kept."""
    monkeypatch.setattr(hub, "MOST_BEHIND", 50_000)
    loop = asyncio.get_running_loop()
    names = "/".join(f"{symbol.lower()}@depth@100ms" for symbol in venue.engine.markets)
    lines = ["Host: venue", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    lines += [f"GET /public/ws/{quote(names)} HTTP/1.1", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    with socket.socket() as idle:
        idle.setblocking(False)
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        await loop.sock_connect(idle, ("127.0.0.1", venue.port))
        await loop.sock_sendall(idle, ("\r\n".join([lines[4], *lines[:4], lines[5]]) + "\r\n\r\n").encode())
        await loop.sock_recv(idle, 12)
        async with http.ws_connect(f"{venue.stream_url}/public/ws/btcusdt@depth@100ms") as good:
            (slow,) = [one.reader for one in venue.market_streams._visits if len(one.reader.names) > 1]
            while not slow.wire.is_closing():
                await run(venue, 100)
                await good.receive_json(timeout=WAIT)
            await run(venue, 100)
            assert (await good.receive_json(timeout=WAIT))["e"] == "depthUpdate"


async def test_two_hundred_connections_come_and_go(venue, http):
    """Each gets its events; none leaves anything behind."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as many:
        url = f"{venue.stream_url}/market/stream?streams=btcusdt@aggTrade/ethusdt@markPrice@1s"
        sockets = [await many.ws_connect(url) for _ in range(200)]
        await run(venue)
        kinds = {(await socket.receive_json(timeout=WAIT))["stream"] for socket in sockets}
        assert kinds <= {"btcusdt@aggTrade", "ethusdt@markPrice@1s"}
        assert venue.market_streams.count == 200
        await asyncio.gather(*(socket.close() for socket in sockets))
    async with http.ws_connect(f"{venue.stream_url}/market/ws") as socket:
        await ask(socket, "LIST_SUBSCRIPTIONS")
        assert (venue.market_streams.count, venue.market_streams.hub.active) == (1, 0)
