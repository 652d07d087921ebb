"""REST: keys, signatures, headers, and the housekeeping requests."""

from __future__ import annotations

import asyncio
import dataclasses
from urllib.parse import quote

import aiohttp
import pytest

from wireproof.venue.api.call import CallSecurity
from wireproof.venue.api.routes import route
from wireproof.venue.base import turns
from wireproof.venue.base.rate_limits import HOST_LIMITS
from wireproof.venue.base.venue_clock import ManualClock
from wireproof.venue.products.registry import PRODUCTS, ROUTES
from wireproof.venue.serving.rest_server import signed_text
from wireproof.venue.serving.server import Venue


class Client:
    """Signs and sends REST requests to a venue."""

    def __init__(self, venue, http):
        self.venue, self.http = venue, http

    async def ask(self, verb, path, account=None, *, body=False, signed=True, **params):
        """Return status, document and headers."""
        headers = {}
        if account is not None:
            headers["X-MBX-APIKEY"] = account.key.api_key
            if signed:
                params["timestamp"] = self.venue.clock.now_ms()
        text = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())
        if account is not None and signed:
            text += f"&signature={quote(account.key.sign(text), safe='')}"
        url = self.venue.rest_url + path
        data = None
        if body:
            data, headers["Content-Type"] = text, "application/x-www-form-urlencoded"
        elif text:
            url += f"?{text}"
        from yarl import URL  # noqa: PLC0415

        async with self.http.request(verb, URL(url, encoded=True), headers=headers, data=data) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers


@pytest.fixture
async def venue(keys):
    """Serve a venue whose clock stands still."""
    async with Venue(seed=7, clock=ManualClock(), tick_seconds=None, market_moves=False, keys=keys) as served:
        yield served


@pytest.fixture
async def client(venue):
    """Return what sends requests to the venue, signed."""
    async with aiohttp.ClientSession() as session:
        yield Client(venue, session)


ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
}


@pytest.mark.parametrize("body", [False, True])
@pytest.mark.parametrize("which", [0, 1, 2])
async def test_order_by_query_or_body_with_each_key(venue, client, which, body):
    """HMAC, RSA and Ed25519 signatures, percent-encoded, in query string or form body."""
    status, order, headers = await client.ask("POST", "/fapi/v1/order", venue.accounts[which], body=body, **ORDER)
    assert (status, order["status"]) == (200, "NEW")
    assert (headers["X-MBX-ORDER-COUNT-10S"], headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "1")
    assert headers["X-MBX-USED-WEIGHT-1M"] == "-1"


def test_signed_text_joins_query_and_body_without_a_separator():
    """The signature is the last parameter of all; elsewhere it is none."""
    assert signed_text("a=1", "b=2&signature=x%2By") == ("a=1b=2", "x+y")
    assert signed_text("a=1&signature=x", "") == ("a=1", "x")
    assert signed_text("signature=x&a=1", "") == ("signature=x&a=1", None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, -2014)),
        ({"X-MBX-APIKEY": "short"}, (401, -2014)),
        ({"X-MBX-APIKEY": "x" * 64}, (401, -2015)),
    ],
)
async def test_keys(venue, client, headers, expected):
    """No or a short key is -2014, an unknown one -2015."""
    url = f"{venue.rest_url}/fapi/v1/listenKey"
    async with client.http.post(url, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == expected


async def test_wrong_signature(venue, client):
    """Refused with -1022."""
    url = f"{venue.rest_url}/fapi/v1/openOrders?timestamp={venue.clock.now_ms()}&signature=00"
    async with client.http.get(url, headers={"X-MBX-APIKEY": venue.accounts[0].key.api_key}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, -1022)


@pytest.mark.parametrize(("verb", "path"), [("GET", "/fapi/v1/nope"), ("DELETE", "/fapi/v1/ping"), ("GET", "/")])
async def test_unknown_path_or_verb(client, verb, path):
    """404 as JSON, the testnet's form."""
    status, answer, _ = await client.ask(verb, path)
    assert (status, answer) == (404, {"code": -5000, "msg": f"Path {path}, Method {verb} is invalid"})


async def test_weight_header_counts(client):
    """Shared by all requests of the address."""
    _, _, first = await client.ask("GET", "/fapi/v1/depth", symbol="BTCUSDT")
    _, _, second = await client.ask("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    assert (first["X-MBX-USED-WEIGHT-1M"], second["X-MBX-USED-WEIGHT-1M"]) == ("1", "21")


@pytest.mark.parametrize(
    "path",
    ["/fapi/v1/fundingInfo", "/fapi/v1/fundingRate", "/futures/data/delivery-price?pair=BTCUSDT"],
)
async def test_requests_with_limits_of_their_own_have_no_weight_header(client, path):
    """Measured."""
    status, _, headers = await client.ask("GET", path)
    assert status == 200
    assert "X-MBX-USED-WEIGHT-1M" not in headers


async def test_too_much_weight(venue, client):
    """429 with Retry-After in seconds; a WebSocket handshake is refused alike."""
    venue.services.pools.of(HOST_LIMITS).weights.limit = 1
    await client.ask("GET", "/fapi/v1/ping")
    status, answer, headers = await client.ask("GET", "/fapi/v1/ping")
    assert (status, answer["code"]) == (429, -1003)
    assert 1 <= int(headers["Retry-After"]) <= 60
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.http.ws_connect(venue.ws_api_url)
    assert refused.value.status == 429


async def test_exchange_information(client):
    """Every symbol with its filters, in an order that varies; a symbol parameter is ignored."""
    _, info, _ = await client.ask("GET", "/fapi/v1/exchangeInfo", symbol="NOPE")
    kinds = {tuple(one["filterType"] for one in symbol["filters"]) for symbol in info["symbols"]}
    assert len(info["symbols"]) >= 10
    assert len(kinds) > 1
    assert {frozenset(kind) for kind in kinds} == {
        frozenset(
            (
                "PRICE_FILTER",
                "LOT_SIZE",
                "MARKET_LOT_SIZE",
                "MAX_NUM_ORDERS",
                "MIN_NOTIONAL",
                "PERCENT_PRICE",
                "POSITION_RISK_CONTROL",
            )
        )
    }
    btc = info["symbols"][0]
    assert (btc["symbol"], btc["quantityPrecision"], btc["marketTakeBound"]) == ("BTCUSDT", 4, "0.30")


async def test_listen_key(venue, client):
    """POST, PUT and DELETE are start, ping and stop; PUT answers the key (measured)."""
    account = venue.accounts[0]
    _, started, _ = await client.ask("POST", "/fapi/v1/listenKey", account, signed=False)
    _, renewed, _ = await client.ask("PUT", "/fapi/v1/listenKey", account, signed=False)
    _, ended, _ = await client.ask("DELETE", "/fapi/v1/listenKey", account, signed=False)
    status, answer, _ = await client.ask("PUT", "/fapi/v1/listenKey", account, signed=False)
    assert (renewed, ended) == (started, {})
    assert (status, answer["code"]) == (400, -1125)


async def test_open_orders_and_cancelling_them(venue, client):
    """List, cancel one, cancel all of a symbol."""
    account = venue.accounts[0]
    orders = [(await client.ask("POST", "/fapi/v1/order", account, **ORDER))[1] for _ in range(3)]
    _, listed, _ = await client.ask("GET", "/fapi/v1/openOrders", account)
    assert [one["orderId"] for one in listed] == [one["orderId"] for one in orders]
    one = {"symbol": "BTCUSDT", "orderId": orders[0]["orderId"]}
    assert (await client.ask("DELETE", "/fapi/v1/order", account, **one))[1]["status"] == "CANCELED"
    assert (await client.ask("GET", "/fapi/v1/order", account, **one))[1]["status"] == "CANCELED"
    _, done, _ = await client.ask("DELETE", "/fapi/v1/allOpenOrders", account, symbol="BTCUSDT")
    assert done == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert (await client.ask("GET", "/fapi/v1/openOrders", account, symbol="BTCUSDT"))[1] == []


async def test_algo_orders(venue, client):
    """List shows small quantities in exponent form (measured); cancel one, cancel all."""
    account = venue.accounts[0]
    stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET"}
    for quantity in ("0.0007", "0.01", "0.02"):
        await client.ask("POST", "/fapi/v1/algoOrder", account, **stop, quantity=quantity, triggerPrice="80000")
    _, listed, _ = await client.ask("GET", "/fapi/v1/openAlgoOrders", account)
    assert [one["quantity"] for one in listed] == ["7.0E-4", "0.0100", "0.0200"]
    _, gone, _ = await client.ask("DELETE", "/fapi/v1/algoOrder", account, algoId=listed[0]["algoId"])
    assert gone["code"] == "200"
    assert (await client.ask("DELETE", "/fapi/v1/algoOpenOrders", account, symbol="BTCUSDT"))[1]["code"] == 200
    assert (await client.ask("GET", "/fapi/v1/openAlgoOrders", account, symbol="BTCUSDT"))[1] == []


async def test_settings_and_their_refusals(venue, client):
    """Modes, leverage and margin type: changed, unchanged, and refused while orders or positions are open."""
    account = venue.accounts[0]

    async def post(path, **params):
        status, answer, _ = await client.ask("POST", f"/fapi/v1/{path}", account, **params)
        return answer["code"] if status != 200 else answer

    success = {"code": 200, "msg": "success"}
    assert await post("positionSide/dual", dualSidePosition="false") == -4059
    assert await post("positionSide/dual", dualSidePosition="true") == success
    assert (await client.ask("GET", "/fapi/v1/positionSide/dual", account))[1] == {"dualSidePosition": True}
    assert await post("positionSide/dual", dualSidePosition="false") == success
    assert await post("leverage", symbol="BTCUSDT", leverage=21) == {
        "symbol": "BTCUSDT",
        "leverage": 21,
        "maxNotionalValue": "70000000",
    }
    assert await post("leverage", symbol="BTCUSDT", leverage=126) == -4028
    assert await post("leverage", symbol="BTCUSDT", leverage="x") == -1102
    assert await post("marginType", symbol="BTCUSDT", marginType="CROSSED") == -4046
    assert await post("marginType", symbol="BTCUSDT", marginType="ISOLATED") == success
    assert await post("multiAssetsMargin", multiAssetsMargin="true") == -4167
    assert await post("marginType", symbol="BTCUSDT", marginType="CROSSED") == success
    assert await post("multiAssetsMargin", multiAssetsMargin="false") == -4171
    assert await post("multiAssetsMargin", multiAssetsMargin="true") == success
    assert await post("marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4168
    assert (await client.ask("GET", "/fapi/v1/multiAssetsMargin", account))[1] == {"multiAssetsMargin": True}

    await client.ask("POST", "/fapi/v1/order", account, **ORDER)
    assert await post("positionSide/dual", dualSidePosition="true") == -4067
    assert await post("multiAssetsMargin", multiAssetsMargin="false") == -4170
    await client.ask("DELETE", "/fapi/v1/allOpenOrders", account, symbol="BTCUSDT")
    await client.ask("POST", "/fapi/v1/order", account, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
    assert await post("positionSide/dual", dualSidePosition="true") == -4068
    await post("multiAssetsMargin", multiAssetsMargin="false")
    assert await post("marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4048
    _, rows, _ = await client.ask("GET", "/fapi/v3/positionRisk", account)
    assert [row["symbol"] for row in rows] == ["BTCUSDT"]
    assert len((await client.ask("GET", "/fapi/v2/positionRisk", account))[1]) > 10


async def test_non_ascii_symbol(venue, client):
    """A symbol in Chinese is percent-encoded, and that form is what is signed."""
    changes = {"symbol": "币安人生USDT", "quantity": "100", "price": "0.10000"}
    _, order, _ = await client.ask("POST", "/fapi/v1/order", venue.accounts[0], **ORDER | changes)
    assert order["symbol"] == "币安人生USDT"


async def test_query_wins_over_body(venue, client):
    """A parameter in both is taken from the query string."""
    key = venue.accounts[0].key
    query, body = "leverage=5", f"leverage=7&symbol=BTCUSDT&timestamp={venue.clock.now_ms()}"
    headers = {"X-MBX-APIKEY": key.api_key, "Content-Type": "application/x-www-form-urlencoded"}
    url = f"{venue.rest_url}/fapi/v1/leverage?{query}"
    async with client.http.post(url, headers=headers, data=f"{body}&signature={key.sign(query + body)}") as answer:
        assert (await answer.json())["leverage"] == 5


def test_every_route_is_a_request():
    """Names are verb and path."""
    for name in ROUTES:
        verb, _, path = name.partition(" ")
        assert verb in {"GET", "POST", "PUT", "DELETE"}
        assert path.startswith(tuple(root for product in PRODUCTS for root in product.roots))


async def test_the_weight_of_an_account_has_a_header_of_its_own(venue, http, monkeypatch):
    """Where the product counts by account; its other requests show the weight of the address."""
    for name, by_account in (("own", True), ("shared", False)):
        made = route("GET", f"/sapi/v1/{name}", CallSecurity.KEY, lambda _call: {}, 5, by_account=by_account)
        monkeypatch.setitem(ROUTES, made.name, made)
    key = {"X-MBX-APIKEY": venue.accounts[0].key.api_key}
    shown = []
    for path, sent in (("own", key), ("own", key), ("own", {}), ("shared", key)):
        async with http.get(f"{venue.rest_url}/sapi/v1/{path}", headers=sent) as answer:
            shown.append({name: value for name, value in answer.headers.items() if "USED" in name.upper()})
    account, address = "X-SAPI-USED-UID-WEIGHT-1M", "X-SAPI-USED-IP-WEIGHT-1M"
    assert shown == [{account: "5"}, {account: "10"}, {account: "0"}, {address: "5"}]


async def test_long_requests_let_others_in_between(rest, monkeypatch):
    """The loop is given back again and again: while a market's past is made up, and while the rows are."""
    given_back = []
    sleep = asyncio.sleep

    async def count(seconds):
        given_back.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(turns.asyncio, "sleep", count)
    path, asked = "/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1_500}
    first = await rest.get(path, **asked)
    with_the_past = len(given_back)
    assert await rest.get(path, **asked) == first
    assert len(given_back) - with_the_past >= len(first) // turns.ROWS_A_TURN == 15
    assert with_the_past > 2 * 15


async def test_a_failure_in_a_later_turn_is_answered(rest, monkeypatch, capsys):
    """As one in the first is: -1000, and a trace on standard error."""

    def broken(_call):
        yield
        raise ZeroDivisionError

    name = "GET /fapi/v1/fundingRate"
    monkeypatch.setitem(ROUTES, name, dataclasses.replace(ROUTES[name], run=broken))
    assert await rest.refused("GET", "/fapi/v1/fundingRate") == -1000
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/fapi/v1/depth?symbol=", -1102),  # mandatory there
        ("/fapi/v1/openInterest?pair=", -1102),  # not of that request at all
        ("/fapi/v1/ticker/price?symbol=", -1105),
        ("/eapi/v1/blockTrades?symbol=", -1105),
    ],
)
async def test_an_empty_symbol_is_refused_like_any_other_text(client, path, code):
    """No server error comes of it, although the past of a symbol is recalled before its request is served."""
    status, document, _ = await client.ask("GET", path)
    assert (status, document.get("code")) == (400, code)
