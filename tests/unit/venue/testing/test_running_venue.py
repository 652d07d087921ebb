"""A venue as the tests of a client see it; these tests are such tests, plain and async ones."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import timedelta
from decimal import Decimal

import aiohttp
import pytest
from checkout import ROOT

from wireproof.venue import testing
from wireproof.venue.products.registry import PRODUCTS
from wireproof.venue.testing import (
    ProductUrls,
    RunningVenue,
    VenueRefusalError,
    VenueSettings,
    connect_venue,
    start_venue,
)

MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
LIMIT = {**MARKET, "type": "LIMIT", "timeInForce": "GTC", "price": "80000"}


@pytest.fixture(scope="module")
def server():
    """Start a venue in a thread of this process."""
    with start_venue(VenueSettings(market_moves=False)) as started:
        yield started


@pytest.fixture
def venue(server):
    """Return it, begun anew."""
    server.reset()
    return server


def test_it_knows_every_surface_of_every_product(venue):
    assert list(venue.urls) == [product.name for product in PRODUCTS]
    usdm = venue.urls["usdm"]
    assert usdm == ProductUrls(
        rest=venue.url,
        ws_api=f"ws{venue.url[4:]}/ws-fapi/v1",
        stream=f"ws{venue.url[4:]}",
        **{root: f"ws{venue.url[4:]}/{root}" for root in ("public", "market", "private")},
    )
    assert venue.urls["coinm"].private.endswith("/dstream")
    assert venue.urls["portfolio-margin"].private.endswith("/pm")


@pytest.mark.parametrize("name", ["hmac", "rsa", "ed25519"])
def test_each_kind_of_key_signs(venue, name):
    account = venue.accounts[name]
    assert getattr(venue, name) is account
    assert account.key_type == name.upper()
    assert venue.ask("POST /fapi/v1/order", name, **LIMIT)["status"] == "NEW"
    assert "PRIVATE KEY" not in repr(account)
    assert not account.api_secret or account.api_secret not in repr(account)


def test_a_price_that_moves_fills_an_order(venue):
    placed = venue.ask("POST /fapi/v1/order", **LIMIT)
    venue.move_price("BTCUSDT", Decimal("79000.5"))
    found = venue.ask("GET /fapi/v1/order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert found["status"] == "FILLED"
    assert abs(float(venue.state["marks"]["BTCUSDT"]) - 79000.5) < 1


def test_a_reset_leaves_nothing(venue):
    venue.ask("POST /fapi/v1/order", **MARKET)
    venue.reset()
    assert venue.requests == {}
    assert [row for row in venue.ask("GET /fapi/v3/positionRisk") if float(row["positionAmt"])] == []


def test_time_that_passes_brings_funding(venue):
    venue.ask("POST /fapi/v1/order", **MARKET)
    venue.advance(1)
    venue.advance(timedelta(hours=8))
    assert venue.ask("GET /fapi/v1/income", incomeType="FUNDING_FEE")


def test_funding_at_once(venue):
    venue.ask("POST /fapi/v1/order", **MARKET)
    venue.settle_funding()
    assert venue.ask("GET /fapi/v1/income", incomeType="FUNDING_FEE")


def test_a_fault_strikes_and_says_so(venue):
    fault = venue.fault("answer", "POST /fapi/v1/order", status=503, code=-1008, msg="busy", times=2)
    assert (fault.kind, fault.used, [one.id for one in venue.faults]) == ("answer", 0, [fault.id])
    with pytest.raises(VenueRefusalError, match=r"POST /fapi/v1/order was refused with 503: .*busy") as refused:
        venue.ask("POST /fapi/v1/order", **LIMIT)
    assert (refused.value.status, refused.value.document["code"]) == (503, -1008)
    assert [(one.seen, one.used) for one in venue.faults] == [(1, 1)]
    venue.clear_faults()
    assert (venue.faults, venue.fault_reports) == ([], [])


def test_a_misspelt_fault_says_what_was_meant(venue):
    with pytest.raises(VenueRefusalError, match="Did you mean 'POST /fapi/v1/order'"):
        venue.fault("silent", "POST /fapi/v1/ordre")
    with pytest.raises(VenueRefusalError, match="there is no 'prise'"):
        venue.market(symbol="BTCUSDT", prise=1)


def test_a_drift_alters_answers_from_now_on(venue):
    venue.drift("GET /fapi/v2/ticker/price", set={"[].price": 1.5}, remove=["[].time", "[].nowhere"])
    for _ in range(2):
        row = venue.ask("GET /fapi/v2/ticker/price", None)[0]
        assert (row["price"], "time" in row) == (1.5, False)
    assert "changed nothing at [].nowhere" in venue.fault_reports[0]


async def _private(venue, http, account="hmac"):
    key = venue.ask("POST /fapi/v1/listenKey", account)["listenKey"]
    return await http.ws_connect(f"{venue.urls['usdm'].private}/ws?listenKey={key}")


@pytest.mark.parametrize(
    ("wanted", "gone"),
    [
        ({"private": True}, {"private"}),
        ({"market": True}, {"market"}),
        ({"ws_api": True}, {"ws-api"}),
        ({}, {"private", "market", "ws-api"}),
    ],
)
async def test_connections_drop(venue, wanted, gone):
    """Without a close frame; the others go on. An async test that calls the venue as a plain one does."""
    async with aiohttp.ClientSession() as http:
        sockets = {
            "private": await _private(venue, http),
            "market": await http.ws_connect(f"{venue.urls['usdm'].market}/ws/btcusdt@markPrice@1s"),
            "ws-api": await http.ws_connect(venue.urls["usdm"].ws_api),
        }
        venue.drop(**wanted)
        for name in gone:
            async with asyncio.timeout(5):
                while (message := await sockets[name].receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
            assert message.type is not aiohttp.WSMsgType.CLOSE
        for name in sockets.keys() - gone:
            await sockets[name].ping()
            assert not sockets[name].closed
        for socket in sockets.values():
            await socket.close()


async def test_a_listen_key_ends(venue):
    async with aiohttp.ClientSession() as http:
        socket = await _private(venue, http)
        venue.expire_listen_key("hmac")
        assert (await socket.receive_json(timeout=5))["e"] == "listenKeyExpired"
        assert venue.streams["private"] == {"listenKeyExpired": 1}
        await socket.close()


async def test_an_event_of_user_data_drifts(venue):
    async with aiohttp.ClientSession() as http:
        socket = await _private(venue, http)
        venue.drift("ORDER_TRADE_UPDATE", set={"o.s": "NOPE"})
        venue.ask("POST /fapi/v1/order", **LIMIT)
        assert (await socket.receive_json(timeout=5))["o"]["s"] == "NOPE"
        await socket.close()


def test_products_are_controlled(venue):
    venue.product("portfolio-margin", account="hmac", level="MARGIN_CALL")
    with pytest.raises(VenueRefusalError, match="Known: usdm"):
        venue.product("spot")


def test_one_that_runs_elsewhere_is_connected_to(venue):
    other = connect_venue(venue.url)
    assert (other.urls, other.accounts) == (venue.urls, venue.accounts)
    other.close()
    assert venue.state["requests"] == {}


def test_an_address_that_is_no_venue(venue):
    with pytest.raises(VenueRefusalError, match=r"GET /venue/credentials|404"):
        RunningVenue(json.loads(json.dumps({"rest_url": venue.url, "urls": {}, "roots": {}, "accounts": []}))).ask(
            "GET /nowhere", None
        )


def test_every_public_name_is_typed_and_documented():
    """What stands in `__all__` is there, annotated, and described in docs/venue.md."""
    page = (ROOT / "docs/venue.md").read_text("utf-8")
    assert sorted(testing.__all__) == testing.__all__
    for name in testing.__all__:
        public = getattr(testing, name)
        assert f"`{name}`" in page or f"{name}(" in page, name
        if inspect.isfunction(public):
            assert set(inspect.signature(public).parameters) <= public.__annotations__.keys() - {"return"}, name
    methods = [name for name, one in vars(RunningVenue).items() if not name.startswith("_") and callable(one)]
    assert [name for name in methods if f"{name}(" not in page] == []
