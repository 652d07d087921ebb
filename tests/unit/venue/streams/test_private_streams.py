"""Private streams over real sockets: who hears what, and control frames."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue
from wireproof.venue.streams.private_streams import QUEUE, Connection, Subscriptions, read_query
from wireproof.venue.streams.stream_commands import MOST_STREAMS

pytestmark = pytest.mark.usefixtures("http")


@pytest.fixture
async def venue(keys):
    """Serve a venue whose clock stands still."""
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys) as served:
        yield served


async def _next(socket):
    message = await socket.receive(timeout=5)
    return json.loads(message.data)


def _leverage(venue, leverage):
    account = venue.accounts[0]
    venue.engine.settings.set_leverage(account, venue.engine.markets["BTCUSDT"].symbol, leverage)


def _enable(venue):
    venue.engine.settings.set_multi_assets(venue.accounts[0], enabled=True)


@pytest.mark.parametrize(
    "path", ["/private/ws?listenKey={}", "/private/ws/{}", "/private/ws?listenKey={}&events=ACCOUNT_CONFIG_UPDATE"]
)
async def test_events_arrive_bare_below_ws(venue, http, path):
    """By query or by path."""
    key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(venue.stream_url + path.format(key)) as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await _next(socket)
        _leverage(venue, 7)
        event = await _next(socket)
    assert (event["e"], event["ac"]) == ("ACCOUNT_CONFIG_UPDATE", {"s": "BTCUSDT", "l": 7})


async def test_events_arrive_wrapped_below_stream(venue, http):
    """{"stream", "data"} by path, as for market streams."""
    key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(f"{venue.stream_url}/private/stream?listenKey={key}") as socket:
        await socket.send_json({"method": "GET_PROPERTY", "params": ["combined"], "id": 2})
        assert await _next(socket) == {"result": True, "id": 2}
        _leverage(venue, 8)
        event = await _next(socket)
    assert (event["stream"], event["data"]["ac"]["l"]) == (key, 8)


async def test_stopped_key_says_so_and_falls_silent(venue, http):
    """listenKeyExpired, then nothing, although the account goes on; the socket stays open."""
    key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(f"{venue.stream_url}/private/ws?listenKey={key}") as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await _next(socket)
        venue.listen_keys.stop(venue.accounts[0], "usdm")
        expired = await _next(socket)
        venue.listen_keys.start(venue.accounts[0], "usdm")
        _leverage(venue, 9)
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        after = await _next(socket)
    assert expired == {"e": "listenKeyExpired", "E": venue.clock.now_ms(), "listenKey": key}
    assert after == {"result": [key], "id": 2}


async def test_made_up_key_connects_and_stays_silent(venue, http):
    """A successful connection proves nothing."""
    venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(f"{venue.stream_url}/private/ws?listenKey=nobody") as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await _next(socket)
        _leverage(venue, 9)
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": "text"})
        assert await _next(socket) == {"result": ["nobody"], "id": "text"}


async def test_subscribe_on_an_open_connection(venue, http):
    """The SDK opens /private/stream and subscribes the listen key."""
    key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(f"{venue.stream_url}/private/stream") as socket:
        await socket.send_json({"method": "SUBSCRIBE", "params": [f"{key}@ACCOUNT_CONFIG_UPDATE"], "id": 1})
        assert await _next(socket) == {"result": None, "id": 1}
        _leverage(venue, 9)
        assert (await _next(socket))["data"]["e"] == "ACCOUNT_CONFIG_UPDATE"
        await socket.send_json({"method": "UNSUBSCRIBE", "params": [f"{key}@ACCOUNT_CONFIG_UPDATE", "never"], "id": 2})
        assert await _next(socket) == {"result": None, "id": 2}


async def test_two_listeners_both_hear(venue, http):
    """Every connection of a key gets every event."""
    url = f"{venue.stream_url}/private/ws?listenKey={venue.listen_keys.start(venue.accounts[0], 'usdm')}"
    async with http.ws_connect(url) as one, http.ws_connect(url) as two:
        for socket in (one, two):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await _next(socket)
        _enable(venue)
        assert (await _next(one))["ai"] == (await _next(two))["ai"] == {"j": True}


async def test_invalid_json_is_answered_and_ends_the_connection(venue, http):
    """Code 3, then the connection closes (documented)."""
    async with http.ws_connect(f"{venue.stream_url}/private/ws") as socket:
        await socket.send_str("{")
        assert (await _next(socket))["error"]["code"] == 3
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_old_root_serves_no_user_data(venue, http):
    """It connects, as any name does there, and stays silent (measured on testnet)."""
    listen_key = venue.listen_keys.start(venue.accounts[0], "usdm")
    async with http.ws_connect(f"{venue.stream_url}/ws?listenKey={listen_key}") as socket:
        venue.engine.settings.set_multi_assets(venue.accounts[0], enabled=True)
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert await _next(socket) == {"result": [], "id": 1}


async def test_commands_are_those_of_all_streams(venue, http):
    """An id of the wrong type is named, and one subscription too many ends the connection."""
    async with http.ws_connect(f"{venue.stream_url}/private/ws") as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": -1})
        assert (await _next(socket))["error"]["msg"] == "Invalid request: request ID must be an unsigned integer"
        names = [f"K@{number}" for number in range(MOST_STREAMS + 1)]
        await socket.send_json({"method": "SUBSCRIBE", "params": names, "id": 1})
        assert (await _next(socket))["error"]["code"] == 4
        closed = await socket.receive(timeout=5)
        assert (closed.type, closed.data, closed.extra) == (aiohttp.WSMsgType.CLOSE, 1008, "Invalid request")


def test_query_pairs_each_key_with_its_events():
    """events= belongs to the listenKey= before it; %2F separates like a slash; no events lets all through."""
    found = read_query("listenKey=A&events=X%2FY&listenKey=B&other=1")
    assert found.names() == ["A@X", "A@Y", "B"]
    assert (found.wants("A", "X"), found.wants("A", "Z"), found.wants("B", "Z"), found.wants("C", "X")) == (
        True,
        False,
        True,
        False,
    )
    assert read_query("events=X&listenKey=A").names() == ["A@X"]


def test_without_a_filter_of_events_all_come():
    """Whichever are named, when connecting or later."""
    found = read_query("listenKey=A&events=X", event_filter=False)
    found.add("B@X")
    assert found.names() == ["A", "B"]


def test_slow_reader_is_cut_off_and_nobody_else_waits():
    """Beyond its queue a connection is broken; pushing never blocks."""
    cuts = []
    connection = Connection("", Subscriptions(), lambda: cuts.append(1), combined=False)
    for _ in range(QUEUE):
        connection.push(b"event")
    assert cuts == []
    connection.push(b"event")
    assert cuts == [1]


async def test_streams_end_when_the_venue_stops(keys, http):
    """1001, at once."""
    venue = Venue(keys=keys, tick_seconds=None)
    await venue.start()
    async with http.ws_connect(f"{venue.stream_url}/private/ws") as socket:
        stopping = asyncio.ensure_future(venue.stop())
        message = await socket.receive(timeout=5)
        await stopping
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)


@pytest.mark.parametrize("path", ["/dstream/ws/{}", "/private/ws?listenKey={}"])
async def test_coin_events_come_with_the_listen_key_of_coin_m(venue, http, path):
    """Each product has a listen key of its own; COIN-M's is connected like a stream, without a root."""
    account = venue.accounts[0]
    linear, coin = venue.listen_keys.start(account, "usdm"), venue.listen_keys.start(account, "coinm")
    assert linear != coin
    async with http.ws_connect(venue.stream_url + path.format(coin)) as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await _next(socket)
        _leverage(venue, 9)
        venue.engine.settings.set_leverage(account, venue.engine.symbols["ETHUSD_PERP"], 5)
        assert (await _next(socket))["ac"] == {"s": "ETHUSD_PERP", "l": 5}
        venue.listen_keys.stop(account, "coinm")
        assert (await _next(socket))["e"] == "listenKeyExpired"
    assert venue.listen_keys.active(account, "usdm") == linear
