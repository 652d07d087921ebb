"""Whatever comes in: a documented error or a documented close, the others undisturbed, nothing that grows."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import socket
from collections.abc import Generator

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wireproof.venue.api.call import Call
from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.base.turns import at_once
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving import ws_api
from wireproof.venue.serving.server import Venue
from wireproof.venue.streams import private_streams
from wireproof.venue.streams.private_streams import Connection, Subscriptions
from wireproof.venue.streams.stream_commands import obey

BATCH = '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"80000"}]'
# A value that is right for each parameter, so that a wrong one is reached behind it.
SOUND = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "80000",
    "orderId": "1",
    "leverage": "20",
    "marginType": "ISOLATED",
    "dualSidePosition": "false",
    "multiAssetsMargin": "false",
    "algoType": "CONDITIONAL",
    "triggerPrice": "70000",
    "interval": "1m",
    "period": "5m",
    "contractType": "PERPETUAL",
    "fromAsset": "USDT",
    "toAsset": "USDC",
    "fromAmount": "20",
    "asset": "USDT",
    "startTime": "1790000000000",
    "endTime": "1790000030000",
    "downloadId": "1",
    "quoteId": "1",
    "amount": "1",
    "countdownTime": "1000",
    "feeBurn": "true",
    "batchOrders": BATCH,
    "orderIdList": "[1]",
    "strategyType": "STOP_MARKET",
    "transferSide": "TO_UM",
    "autoRepay": "true",
}
OTHERS = (
    "activatePrice algoId autoCloseType callbackRate clientAlgoId closePosition fromId goodTillDate incomeType limit"
    " marginAsset modifyId newClientOrderId newOrderRespType origClientOrderId origClientOrderIdList page positionSide"
    " priceMatch priceProtect recvWindow reduceOnly selfTradePreventionMode stopPrice toAmount validTime workingType"
    " activationPrice current futureType icebergQty listClientOrderId newClientStrategyId orderListId quoteOrderQty"
    " sideEffectType size specifyRepayAssets stopLimitPrice stopLimitTimeInForce strategyId txId"
)
WRONG = (
    *("", "0", "-1", "1e99", "1e-30", "NaN", "Infinity", "null", "true", "1.5", " 1", "+1", "-0", "0x10", "1_000"),
    *("[]", "{}", "[[]]", "[{}]", "[null]", '[{"symbol":1}]', '[{"symbol":"BTCUSDT","orderId":[]}]'),
    *("9" * 400, "9223372036854775808", "\x00", "\u5e01", "\uff11", "' OR 1=1", "BTCUSD_PERP", "ETHUSDT"),
    *("SELL", "MARKET", "STOP_MARKET", "TRAILING_STOP_MARKET", "GTX", "FOK", "GTD", "SHORT", "OPPONENT", "1M", "1s"),
)
REQUESTS = [
    (product, operation)
    for product in PRODUCTS
    for operation in sorted((*product.routes, *product.methods.values()), key=lambda one: one.name)
]


@pytest.fixture(scope="module")
def still(keys):
    """Return a venue that serves nobody and stands still."""
    return Venue(seed=1, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys)


@settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    request=st.sampled_from(REQUESTS),
    left_out=st.sets(st.sampled_from(sorted(SOUND))),
    wrong=st.dictionaries(
        st.sampled_from([*SOUND, *OTHERS.split()]), st.sampled_from(WRONG) | st.text(max_size=12), max_size=3
    ),
)
def test_parameters_of_every_wrong_kind(still, request, left_out, wrong):
    """Every request of both products answers JSON or refuses; it never fails in a way of its own."""
    product, operation = request
    sound = SOUND | ({"symbol": "BTCUSD_PERP", "pair": "BTCUSD", "quantity": "1"} if product.unit == CM else {})
    params = Params({key: value for key, value in sound.items() if key not in left_out} | wrong)
    with contextlib.suppress(Refusal):
        operation.weight(params)
        params.need(operation.mandatory)
        answer = operation.run(Call(still.services, product, params, "127.0.0.1", still.accounts[0]))
        orjson.dumps(at_once(answer) if isinstance(answer, Generator) else answer)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=60) | st.from_regex(r'\{"(method|params|id)": ?.{0,30}', fullmatch=True))
def test_frames_of_every_wrong_kind(text):
    """The WebSocket API finds a request or an error in any text; a stream answers any command."""
    found = ws_api.read(text)
    assert isinstance(found, tuple) or found.method
    connection = Connection("", Subscriptions(), lambda: None, combined=False)
    answer = orjson.loads(obey(connection, text).data)
    assert set(answer) in ({"result", "id"}, {"error", "id"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 3),
        ("[]", 2),
        ("{}", 2),
        ('{"method":[],"id":1}', 2),
        ('{"method":"SUBSCRIBE","params":{"a":1},"id":1}', 2),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1),
        ('{"method":"GET_PROPERTY","params":[["combined"]],"id":1}', 2),
        ("[" * 100_000, 3),
    ],
)
def test_malformed_stream_commands(text, code):
    """Each with its documented code."""
    connection = Connection("", Subscriptions(), lambda: None, combined=False)
    assert orjson.loads(obey(connection, text).data)["error"]["code"] == code


@pytest.fixture
async def venue(keys):
    """Serve a venue that stands still, with weight to spare."""
    async with Venue(
        seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys, weight_limit=10**9
    ) as served:
        yield served


@pytest.fixture
async def http():
    """Return a client session without a limit of connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


async def alive(venue, http):
    """Prove that the venue still answers others."""
    async with http.get(f"{venue.rest_url}/fapi/v1/ping") as answer:
        assert (answer.status, await answer.json()) == (200, {})


async def nobody_is_connected(venue):
    """Wait until the venue has let go of every connection; there is nothing that reports it."""
    async with asyncio.timeout(10):
        while venue.streams.count or venue.ws_api.connections:  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.01)


async def end(connection):
    """Return the close code of a connection, past whatever is still said."""
    async with asyncio.timeout(10):
        while True:
            message = await connection.receive()
            if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING}:
                return connection.close_code


STREAM_PATHS = ["/private/ws", "/market/ws", "/public/stream", "/ws", "/dstream/ws"]


@pytest.mark.parametrize("path", STREAM_PATHS)
async def test_too_many_messages_a_second(venue, http, path):
    """Forty at once end the connection with 1008, as measured; another one goes on."""
    async with http.ws_connect(venue.stream_url + path) as other:
        async with http.ws_connect(venue.stream_url + path) as fast:
            for number in range(40):
                await fast.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
            assert await end(fast) == 1008
        await other.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert (await other.receive_json(timeout=5))["result"] == []


@pytest.mark.parametrize("path", STREAM_PATHS)
async def test_too_many_subscriptions(venue, http, path):
    """The 1025th: code 4, then 1008."""
    async with http.ws_connect(venue.stream_url + path) as connection:
        for first in (0, 512):
            names = [f"key{number}" for number in range(first, first + 512)]
            await connection.send_json({"method": "SUBSCRIBE", "params": names, "id": first})
            assert (await connection.receive_json(timeout=5))["result"] is None
        await connection.send_json({"method": "SUBSCRIBE", "params": ["one-more"], "id": 3})
        assert (await connection.receive_json(timeout=5))["error"] == {"code": 4, "msg": "Too many subscriptions"}
        assert await end(connection) == 1008


@pytest.mark.parametrize("path", [*STREAM_PATHS, "/ws-fapi/v1", "/ws-dapi/v1"])
@pytest.mark.parametrize("kind", ["huge", "binary", "fragments"])
async def test_frames_that_are_too_much(venue, http, path, kind):
    """Huge frames end their own connection with 1009; binary ones are refused or end it; others do not notice."""
    async with http.ws_connect(venue.stream_url + path) as other, http.ws_connect(venue.stream_url + path) as one:
        if kind == "huge":
            await one.send_str("x" * 400_000)
            assert await end(one) == 1009
        elif kind == "binary":
            await one.send_bytes(b"\x00\xff" * 20)
            message = await one.receive(timeout=5)
            assert message.type is aiohttp.WSMsgType.CLOSE or json.loads(message.data)["error"]["code"] == -1135
        else:
            await one.send_frame(b"[" * 50_000, aiohttp.WSMsgType.TEXT)
            answer = await one.receive_json(timeout=5)
            assert answer["error"]["code"] in {3, -1135}
        text = '{"method":"session.status","id":1}' if "api" in path else '{"method":"LIST_SUBSCRIPTIONS","id":1}'
        await other.send_str(text)
        assert (await other.receive_json(timeout=5))["id"] == 1
    await alive(venue, http)


async def shake_hands(venue, path):
    """Return a raw connection that has become a WebSocket and will never say anything again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", venue.port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


@pytest.mark.parametrize("path", ["/private/ws", "/ws-fapi/v1"])
async def test_half_open_connections_are_dropped(venue, http, monkeypatch, path):
    """Who does not answer pings is dropped, and nothing is left of the connection."""
    for module in (ws_api, private_streams):
        monkeypatch.setattr(module, "PING_SECONDS", 0.05)
    reader, writer = await shake_hands(venue, path)
    async with asyncio.timeout(10):
        while await reader.read(1000):
            pass
    await nobody_is_connected(venue)
    writer.close()
    await alive(venue, http)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /fapi/v1/depth?symbol=%ff%fe&limit=%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ids=["binary", "version", "length", "chunks", "long", "escapes"],
)
async def test_broken_http(venue, http, data):
    """An error of 400 or more, or a closed connection; the next request of others is served."""
    reader, writer = await asyncio.open_connection("127.0.0.1", venue.port)
    writer.write(data)
    async with asyncio.timeout(10):
        line = await reader.readline()
    assert line == b"" or int(line.split()[1]) in {400, 404, 413, 414, 431}
    writer.close()
    await alive(venue, http)


async def test_a_body_that_is_too_big(venue, http):
    """413, without a word of JSON."""
    with contextlib.suppress(aiohttp.ClientOSError):  # the venue may hang up before everything is sent
        async with http.post(f"{venue.rest_url}/fapi/v1/order", data=io.BytesIO(b"x" * 3_000_000)) as answer:
            assert answer.status == 413
    await alive(venue, http)


async def test_replayed_and_forged_requests(venue, http):
    """A signed request may be repeated within its recvWindow, not after; a changed one is -1022, always."""
    key = venue.accounts[0].key
    query = f"symbol=BTCUSDT&leverage=7&timestamp={venue.clock.now_ms()}"
    url, headers = f"{venue.rest_url}/fapi/v1/leverage", {"X-MBX-APIKEY": key.api_key}

    async def send(text):
        async with http.post(f"{url}?{text}&signature={key.sign(query)}", headers=headers) as answer:
            return (await answer.json()).get("code", answer.status)

    assert [await send(query) for _ in range(2)] == [200, 200]
    assert await send(query.replace("leverage=7", "leverage=8")) == -1022
    venue.clock.advance(5_001)
    assert await send(query) == -1021


async def test_hundreds_of_connections_leave_nothing_behind(venue, http):
    """They all open, all answer, all close; afterwards no connection and no object of one is left."""
    await alive(venue, http)
    for _ in range(3):
        streams = [await http.ws_connect(f"{venue.stream_url}/private/ws?listenKey=k{n}") for n in range(150)]
        apis = [await http.ws_connect(venue.ws_api_url) for _ in range(150)]
        assert (venue.streams.count, len(venue.ws_api.connections)) == (150, 150)
        for connection in streams:
            await connection.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        for connection in apis:
            await connection.send_json({"method": "session.status", "id": 1})
        for connection in (*streams, *apis):
            assert (await connection.receive_json(timeout=10))["id"] == 1
            await connection.close()
        await nobody_is_connected(venue)
    gc.collect()
    left = sum(isinstance(one, Connection) for one in gc.get_objects())
    assert left < 150, f"{left} stream connections are still in memory"
    await alive(venue, http)


async def test_thousands_of_handshakes_meet_the_weight_limit(keys, http):
    """Each costs five: on live the 481st within a minute is refused with 429, then the address is banned with 418."""
    async with Venue(clock=ManualClock(), tick_seconds=None, keys=keys, weight_limit=50) as venue:
        statuses = []
        for _ in range(25):
            try:
                async with http.ws_connect(venue.ws_api_url):
                    statuses.append(101)
            except aiohttp.WSServerHandshakeError as error:
                statuses.append(error.status)
        assert statuses == [101] * 10 + [429] * 10 + [418] * 5
        venue.clock.advance(120_000)
        await alive(venue, http)


async def test_connections_that_vanish(venue, http):
    """Sockets reset in the middle of a handshake, a request or a stream disturb nobody."""
    for data in (b"", b"GET /fapi", b"POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 99\r\nHost: x\r\n\r\nsym"):
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", venue.port)
            writer.write(data)
            await writer.drain()
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            writer.transport.abort()
    for _ in range(20):
        _, writer = await shake_hands(venue, "/private/ws?listenKey=k")
        writer.transport.abort()
    await nobody_is_connected(venue)
    await alive(venue, http)
