"""The two profiles: what was measured on testnet and on live."""

from __future__ import annotations

import aiohttp
import pytest

from wireproof.venue.__main__ import read_options
from wireproof.venue.base.rate_limits import HOST_LIMITS
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.exchange.profile import PROFILES
from wireproof.venue.serving.server import Venue


async def ask(venue, path):
    """Return status, content type and body of a GET."""
    async with aiohttp.ClientSession() as http, http.get(venue.rest_url + path) as answer:
        return (
            answer.status,
            answer.content_type,
            await (answer.json() if answer.content_type == "application/json" else answer.text()),
        )


def serve(keys, name, **more):
    """Return a venue with a profile, not yet started."""
    return Venue(keys=keys, clock=ManualClock(), tick_seconds=None, profile=PROFILES[name], **more)


@pytest.mark.parametrize(("name", "kind"), [("testnet", "application/json"), ("live", "text/html")])
async def test_unknown_path(keys, name, kind):
    """JSON on testnet, one generic page on live; a 404 either way, and it costs weight."""
    async with serve(keys, name) as venue:
        status, content_type, body = await ask(venue, "/fapi/v1/nope")
        assert (status, content_type) == (404, kind)
        assert ("nope" in str(body)) == (name == "testnet")
        assert venue.services.pools.of(HOST_LIMITS).weights.used("127.0.0.1") == 1


@pytest.mark.parametrize(
    ("name", "limit", "step", "orders", "bound"),
    [("testnet", 6000, "0.0001", 10_000, "0.30"), ("live", 2400, "0.001", 200, "0.05")],
)
async def test_limits_and_filters(keys, name, limit, step, orders, bound):
    """Weight a minute, BTCUSDT's step, open orders, reach of market orders."""
    async with serve(keys, name) as venue:
        _, _, info = await ask(venue, "/fapi/v1/exchangeInfo")
    assert info["rateLimits"][0]["limit"] == limit
    (bitcoin,) = (one for one in info["symbols"] if one["symbol"] == "BTCUSDT")
    filters = {one["filterType"]: one for one in bitcoin["filters"]}
    assert filters["LOT_SIZE"]["stepSize"] == step
    assert (filters["MAX_NUM_ORDERS"]["limit"], bitcoin["marketTakeBound"]) == (orders, bound)


def test_options():
    """--profile chooses; --weight-limit wins over the profile's."""
    assert read_options([]).profile.name == "testnet"
    assert read_options(["--profile", "live"]).profile is PROFILES["live"]
    assert read_options(["--profile", "live", "--weight-limit", "7"]).weight_limit == 7


async def test_weight_limit_wins(keys):
    """A limit of one's own is used instead of the profile's."""
    venue = serve(keys, "live", weight_limit=9)
    assert venue.services.pools.of(HOST_LIMITS).weights.limit == 9


async def heard(venue, path):
    """Return the names of the events that a connection receives for a trade, a mark, and a change of leverage.

    `path` has {} where the account's listen key belongs.
    """
    account = venue.accounts[0]
    address = venue.stream_url + path.format(venue.listen_keys.start(account, "usdm"))
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        listed = await socket.receive_json(timeout=10)
        venue.engine.settings.set_leverage(account, venue.engine.symbols["BTCUSDT"], 7)
        venue.clock.advance(3_000)
        venue.tick()
        venue.beat()
        venue.clock.advance(3_000)
        venue.beat()
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        found = set()
        while (event := await socket.receive_json(timeout=10)).get("id") != 2:
            found.add(event.get("data", event)["e"])
        return listed["result"], found


ROOTS = {
    "/ws/btcusdt@bookTicker/btcusdt@aggTrade/btcusdt@markPrice": (
        {"bookTicker", "aggTrade", "markPriceUpdate"},
        {"bookTicker"},
    ),
    "/stream?streams=btcusdt@bookTicker/btcusdt@markPrice": ({"bookTicker", "markPriceUpdate"}, {"bookTicker"}),
    "/ws/{}": (set(), set()),
    "/private/ws/{}": ({"ACCOUNT_CONFIG_UPDATE"}, set()),
    "/private/ws?listenKey={}": ({"ACCOUNT_CONFIG_UPDATE"}, {"ACCOUNT_CONFIG_UPDATE"}),
}


@pytest.mark.parametrize("name", ["testnet", "live"])
@pytest.mark.parametrize("path", ROOTS)
async def test_what_roots_carry(keys, name, path):
    """Old roots: books only on live, all market data on testnet, user data on neither. Keys in paths: testnet only."""
    async with serve(keys, name) as venue:
        _, found = await heard(venue, path)
    assert found == ROOTS[path][name == "live"]


async def test_old_roots_list_the_listen_key(keys):
    """As it was sent, without the names of events (measured)."""
    async with serve(keys, "testnet") as venue:
        listed, _ = await heard(venue, "/ws/{}")
        assert listed == [venue.listen_keys.active(venue.accounts[0], "usdm")]
