"""Control routes: what a test of another process can see and do."""

from __future__ import annotations

import json

import aiohttp
import pytest

from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.serving.server import Venue


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


DATED = {"timeInForce": "GTD", "goodTillDate": 1_790_000_040_000 + 86_400_000}


def place_dated(exchange, symbol: str, price: str, quantity: str):
    """Place a dated order and a dated conditional order; return both answers."""
    order = exchange.order(exchange.alice, "BUY", quantity, price, symbol=symbol, **DATED)
    algo = exchange.get(
        "algoOrder.place",
        exchange.alice,
        algoType="CONDITIONAL",
        symbol=symbol,
        side="BUY",
        type="TAKE_PROFIT",
        triggerPrice=price,
        price=price,
        quantity=quantity,
        **DATED,
    )
    return order, algo


async def post_market(venue, **document):
    """POST /venue/market; return status and answer."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{venue.rest_url}/venue/market", json=document) as answer,
    ):
        return answer.status, await answer.json()


async def test_dated_orders_expire_on_request(exchange):
    """Those of the named symbol, conditional ones too, with their events; all others stay."""
    dated, algo = place_dated(exchange, "BTCUSDT", "80000.0", "0.01")
    other, _ = place_dated(exchange, "ETHUSDT", "2600.00", "0.1")
    plain = exchange.order(exchange.alice, "BUY", "0.01", "80000.0")
    exchange.events.clear()
    async with exchange.venue as venue:
        assert (await post_market(venue, expire="BTCUSDT"))[0] == 200

    assert [exchange.status_of(exchange.alice, one) for one in (dated, other, plain)] == ["EXPIRED", "NEW", "NEW"]
    told = [(event["e"], event["o"].get("x"), event["o"]["X"]) for event in exchange.told(exchange.alice)]
    assert told == [("ORDER_TRADE_UPDATE", "EXPIRED", "EXPIRED"), ("ALGO_UPDATE", None, "EXPIRED")]
    assert [event["o"].get("aid") for event in exchange.told(exchange.alice, "ALGO_UPDATE")] == [algo["algoId"]]
    assert [one.symbol.name for one in exchange.alice.algos.values()] == ["ETHUSDT"]


async def test_orders_of_unlisted_symbols_cannot_expire(venue):
    """Refused as a move of such a symbol is."""
    assert await post_market(venue, expire="NOPE") == await post_market(venue, symbol="NOPE", price="1")
    assert (await post_market(venue, expire="NOPE"))[1]["code"] == -1121


async def test_a_moved_market_goes_back_wholly(venue):
    """With its old price to the same touch, with its old mark nearly so: book, mark, index and last price."""
    market = venue.engine.markets["BTCUSDT"]
    old, touch = market.mid, (market.book.bids.best(), market.book.asks.best())
    mark = market.mark_price
    for restored in (old, mark):
        await post_market(venue, symbol="BTCUSDT", price="95000")
        assert market.book.bids.best() > 94_000
        await post_market(venue, symbol="BTCUSDT", price=str(restored))
        assert (market.book.bids.best(), market.book.asks.best()) == touch or restored is mark
        assert abs(market.book.bids.best() - touch[0]) <= old / 100_000
        assert max(abs(market.mark_price - old), abs(market.index_price - old)) <= old / 50_000
        assert abs(market.last_price - old) <= old / 50_000
        assert abs(market.anchor - old) <= old / 50_000


async def test_a_product_is_asked_by_its_name(venue):
    """Its engine says what it can do; unknown names and nonsense are explained."""
    options = venue.services.engines["options"]
    symbol = next(iter(options.contracts))
    async with aiohttp.ClientSession() as http:

        async def ask(name, document):
            async with http.post(f"{venue.rest_url}/venue/products/{name}", json=document) as answer:
                return answer.status, await answer.json()

        assert await ask("options", {"exercise": symbol}) == (200, {})
        assert symbol in options.past
        assert (await ask("options", {"exercise": symbol}))[1]["code"] == -1121
        assert (await ask("options", [symbol]))[0] == 400
        assert (await ask("usdm", {}))[1] == {"error": "Nothing was done: nothing of this product can be controlled."}
        assert (await ask("mini", {}))[0] == 404


async def test_moments_pass_for_every_product(venue):
    options = venue.services.engines["options"]
    opened = len(options.markets)
    assert (await post_market(venue, ticks=1))[0] == 200
    assert len(options.markets) > opened
