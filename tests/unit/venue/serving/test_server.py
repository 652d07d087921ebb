"""The venue as a server: life, latency, credentials, frames that are too much."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat

import aiohttp
import pytest

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.base.rate_limits import HOST_LIMITS
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.serving import server
from wireproof.venue.serving.server import PortInUseError, Venue
from wireproof.venue.streams.named_streams import StreamRoot


async def test_it_serves_where_it_says(keys, http):
    """The system picks the port; the URLs name it."""
    async with Venue(keys=keys) as venue:
        assert venue.ready_line.startswith(
            f"wireproof venue ready: ws-api=ws://127.0.0.1:{venue.port}/ws-fapi/v1"
            f" rest=http://127.0.0.1:{venue.port} stream=ws://127.0.0.1:{venue.port}"
            f" coinm-ws-api=ws://127.0.0.1:{venue.port}/ws-dapi/v1 coinm-stream=ws://127.0.0.1:{venue.port}/dstream"
            f" options-stream=ws://127.0.0.1:{venue.port}"
        )
        async with http.ws_connect(venue.ws_api_url) as socket:
            await socket.send_json({"id": 1, "method": "session.status"})
            assert (await socket.receive_json(timeout=5))["status"] == 200


async def test_port_in_use(keys):
    """The error names the port and the way out."""
    async with Venue(keys=keys) as first:
        with pytest.raises(PortInUseError, match=f"Port {first.port} of 127.0.0.1 is in use. Name another one"):
            await Venue(keys=keys, port=first.port).start()


async def test_latency_does_not_serialise_requests(keys, http):
    """Twenty requests sent at once all wait at the same time: each answer is late, none waits for another."""
    async with Venue(keys=keys, latency_ms=300) as venue, http.ws_connect(venue.ws_api_url) as socket:
        for identity in range(20):
            await socket.send_json({"id": identity, "method": "session.status"})
        await socket.receive_json(timeout=5)
        # All were taken in before the first answer left.
        assert venue.services.requests["session.status"] == 20
        assert {(await socket.receive_json(timeout=5))["id"] for _ in range(19)} <= set(range(20))


async def test_binary_and_broken_frames_leave_the_socket_open(keys, http):
    """They are answered with id null; the next request works."""
    async with Venue(keys=keys) as venue, http.ws_connect(venue.ws_api_url) as socket:
        await socket.send_bytes(b"\0\1")
        await socket.send_str("{")
        for _ in range(2):
            answer = await socket.receive_json(timeout=5)
            assert (answer["id"], answer["status"]) == (None, 400)
        await socket.send_json({"id": 2, "method": "session.status"})
        assert (await socket.receive_json(timeout=5))["id"] == 2


async def test_huge_frame_ends_the_connection_only(keys, http):
    """1009 for the one who sent it; the venue goes on."""
    async with Venue(keys=keys) as venue:
        async with http.ws_connect(venue.ws_api_url) as socket:
            await socket.send_str("x" * 300_000)
            assert (await socket.receive(timeout=5)).data == 1009
        async with http.ws_connect(venue.ws_api_url) as socket:
            await socket.send_json({"id": 1, "method": "session.status"})
            assert (await socket.receive_json(timeout=5))["status"] == 200


async def test_plain_http_on_a_websocket_address(keys, http):
    """A sentence instead of a riddle."""
    async with Venue(keys=keys) as venue, http.get(f"{venue.rest_url}/ws-fapi/v1") as answer:
        assert (answer.status, await answer.text()) == (400, "This address speaks WebSocket only.\n")


async def test_return_rate_limits_by_address(keys, http):
    """?returnRateLimits=false hides them on the whole connection."""
    async with Venue(keys=keys) as venue, http.ws_connect(f"{venue.ws_api_url}?returnRateLimits=false") as socket:
        await socket.send_json({"id": 1, "method": "session.status"})
        answer = await socket.receive_json(timeout=5)
        assert "rateLimits" not in answer
        assert answer["result"]["returnRateLimits"] is False


async def test_handshake_costs_five(keys, http):
    """It is counted with the address's weight."""
    async with Venue(keys=keys) as venue:
        async with http.ws_connect(venue.ws_api_url):
            pass
        assert venue.services.pools.of(HOST_LIMITS).weights.used("127.0.0.1") == 5


async def test_credentials_file(keys, tmp_path):
    """Three accounts, one key each, readable by the owner only, and nothing half written beside it."""
    async with Venue(keys=keys) as venue:
        file = tmp_path / "credentials.json"
        file.write_text("old")
        venue.write_credentials(file)
        document = json.loads(file.read_text("utf-8"))

        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [file]
        assert (document["ws_api_url"], document["rest_url"]) == (venue.ws_api_url, venue.rest_url)
        assert document["stream_url"] == venue.stream_url
        assert [(one["name"], one["key_type"]) for one in document["accounts"]] == [
            ("hmac", "HMAC"),
            ("rsa", "RSA"),
            ("ed25519", "ED25519"),
        ]
        assert ["api_secret" in one for one in document["accounts"]] == [True, False, False]
        assert ["private_key_pem" in one for one in document["accounts"]] == [False, True, True]


async def test_stop_closes_connections_and_frees_the_port(keys, http):
    """1001 to whoever is connected; the port can be bound again."""
    venue = Venue(keys=keys)
    await venue.start()
    async with http.ws_connect(venue.ws_api_url) as socket:
        stopping = asyncio.ensure_future(venue.stop())
        assert (await socket.receive(timeout=5)).data == 1001
        await stopping
    async with Venue(keys=keys, port=venue.port) as again:
        assert again.port == venue.port


async def test_markets_move_by_themselves(keys):
    """Ticks come from a task of the venue's own."""
    venue = Venue(keys=keys, tick_seconds=0.001)
    ticked, tick = asyncio.Event(), venue.engine.tick

    def tell() -> None:
        tick()
        ticked.set()

    venue.engine.tick = tell
    before = venue.engine.markets["BTCUSDT"].update_id
    async with venue, asyncio.timeout(5):
        await ticked.wait()
    assert venue.engine.markets["BTCUSDT"].update_id > before


async def test_coin_m_is_served_on_the_same_port(keys, http):
    """Its WebSocket API with sessions of its own; weight and orders are counted together with USDⓈ-M's."""
    async with Venue(keys=keys, clock=ManualClock(), tick_seconds=None) as venue:
        account = venue.accounts[2]
        for url, symbol in ((venue.ws_api_url, "BTCUSDT"), (venue.urls["coinm"]["ws-api"], "BTCUSD_PERP")):
            async with http.ws_connect(url) as socket:
                now = venue.clock.now_ms()
                signature = account.key.sign(f"apiKey={account.key.api_key}&timestamp={now}")
                params = {"apiKey": account.key.api_key, "timestamp": now, "signature": signature}
                await socket.send_json({"id": 1, "method": "session.logon", "params": params})
                assert (await socket.receive_json(timeout=5))["status"] == 200
                order = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": "1", "timestamp": now}
                await socket.send_json({"id": 2, "method": "order.place", "params": order})
                answer = await socket.receive_json(timeout=5)
                assert answer["status"] == 200, answer
        assert [one["count"] for one in answer["rateLimits"][:2]] == [2, 2]


async def test_pings_are_answered_but_not_any_number_of_them(keys, http):
    """Each with its own payload; more than five within a second end the connection (documented)."""
    async with Venue(keys=keys) as venue, http.ws_connect(venue.ws_api_url, autoping=False) as socket:
        await socket.ping(b"one")
        answer = await socket.receive(timeout=10)
        assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"one")
        for _ in range(40):
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await socket.ping(b"many")
        while (answer := await socket.receive(timeout=10)).type is aiohttp.WSMsgType.PONG:
            assert answer.data == b"many"
        assert answer.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert socket.close_code == 1008


async def test_a_product_may_say_its_own_of_events_below_its_own_root(keys, http, monkeypatch):
    """With the listen key of another product, whose streams do not get it."""
    joint = VenueProduct(
        "joint",
        ("/joint/",),
        stream_roots=lambda _profile, _era: (StreamRoot("/joint", private=True),),
        user_event=lambda event: {"e": "JOINT", "of": event.unit} if event.document["e"] == "ONE" else None,
        listen_keys_of=PRODUCTS[0].name,
    )
    monkeypatch.setattr(server, "PRODUCTS", (*PRODUCTS, joint))
    async with Venue(keys=keys, tick_seconds=None) as venue:
        account = venue.accounts[0]
        key = venue.listen_keys.start(account, PRODUCTS[0].name)
        async with (
            http.ws_connect(f"{venue.stream_url}/joint/ws/{key}") as own,
            http.ws_connect(f"{venue.stream_url}/private/ws/{key}") as other,
        ):
            for socket in (own, other):
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                assert await socket.receive_json(timeout=5) == {"result": [key], "id": 1}
            venue.engine.publish(account, {"e": "TWO"})
            venue.engine.publish(account, {"e": "ONE"}, "CM")
            venue.listen_keys.end(account, PRODUCTS[0].name)
            assert await own.receive_json(timeout=5) == {"e": "JOINT", "of": "CM"}
            assert (await own.receive_json(timeout=5))["e"] == "listenKeyExpired"
            assert (await other.receive_json(timeout=5))["e"] == "TWO"
            assert (await other.receive_json(timeout=5))["e"] == "listenKeyExpired"
