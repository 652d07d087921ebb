"""Control routes: what a test of another process can see and do."""

from __future__ import annotations

import json

import aiohttp
import pytest

from wireproof.venue.clock import ManualClock
from wireproof.venue.server import Venue


@pytest.fixture
async def venue(keys):
    """Serve a venue whose clock stands still."""
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys) as served:
        yield served


def test_state_shows_what_accounts_have(exchange):
    """Orders, positions, algo orders, listen keys, requests and weight."""
    exchange.order(exchange.alice, "BUY", "0.01", "60000.0")
    exchange.order(exchange.bob, "BUY", "0.01")
    exchange.ask("userDataStream.start", apiKey=exchange.carol.key.api_key)
    state = exchange.venue.control.state()

    alice, bob, carol = (state["accounts"][name] for name in ("hmac", "rsa", "ed25519"))
    assert [order["symbol"] for order in alice["open_orders"]] == ["BTCUSDT"]
    assert [position["positionAmt"] for position in bob["positions"]] == ["0.0100"]
    assert carol["listen_key"]["active"] is True
    assert (alice["listen_key"]["active"], alice["algo_orders"], alice["positions"]) == (False, [], [])
    assert state["requests"] == {"order.place": 2, "userDataStream.start": 1}
    assert state["weight"] == {"127.0.0.1": 1}


def test_state_holds_no_secret(exchange):
    """No API key, secret or listen key."""
    listen_key = exchange.ask("userDataStream.start", apiKey=exchange.alice.key.api_key)["result"]["listenKey"]
    text = json.dumps(exchange.venue.control.state())
    for secret in (listen_key, exchange.alice.key.secret, *(one.key.api_key for one in exchange.venue.accounts)):
        assert secret not in text


async def test_market_is_moved_over_http(venue):
    """To a price, or by letting moments pass; nonsense is explained."""
    url = f"{venue.rest_url}/venue/market"
    async with aiohttp.ClientSession() as http:
        async with http.post(url, json={"symbol": "BTCUSDT", "price": "90000", "ticks": 2}) as answer:
            assert (await answer.json())["marks"]["BTCUSDT"].startswith(("90000", "89999"))
        for nonsense in ({"symbol": "BTCUSDT", "price": "x"}, {"ticks": -1}, [], {"symbol": "NOPE", "price": "1"}):
            async with http.post(url, json=nonsense) as answer:
                assert answer.status == 400
        async with http.get(f"{venue.rest_url}/venue/state") as answer:
            assert (await answer.json())["connections"] == {"ws-api": 0, "private": 0}


async def test_funding_is_settled_over_http(venue):
    """At once, for every perpetual contract of both products, and no others."""
    url = f"{venue.rest_url}/venue/market"
    async with aiohttp.ClientSession() as http, http.post(url, json={"funding": True}) as answer:
        assert answer.status == 200
    history = venue.engine.funding.history
    assert {"BTCUSDT", "BTCUSD_PERP"} <= set(history)
    assert all(name.endswith("_PERP") or "_" not in name for name in history)


async def test_a_changed_contract_is_announced(venue):
    """On !contractInfo; what is not listed is refused."""
    url = f"{venue.rest_url}/venue/market"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{venue.stream_url}/market/ws/!contractInfo") as socket,
    ):
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await socket.receive_json(timeout=10)
        async with http.post(url, json={"contract": "BTCUSDT"}) as answer:
            assert answer.status == 200
        venue.market_streams.beat()
        assert (await socket.receive_json(timeout=10))["s"] == "BTCUSDT"
        async with http.post(url, json={"contract": "NOPE"}) as answer:
            assert (await answer.json())["code"] == -1121
