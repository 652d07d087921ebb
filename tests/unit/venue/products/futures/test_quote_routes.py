"""REST: what COIN-M lists, and its books and last prices."""

from __future__ import annotations

import pytest


async def test_exchange_information(rest):
    """Contracts only; no assets, and limits shared with USDⓈ-M."""
    coin, linear = await rest.get("/dapi/v1/exchangeInfo"), await rest.get("/fapi/v1/exchangeInfo")
    assert set(coin) == {"timezone", "serverTime", "rateLimits", "exchangeFilters", "symbols"}
    assert coin["rateLimits"] == linear["rateLimits"]
    kinds = {one["contractType"] for one in coin["symbols"]}
    assert kinds == {"PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER"}
    assert not {one["symbol"] for one in coin["symbols"]} & {one["symbol"] for one in linear["symbols"]}


async def test_book(rest):
    """With contract and pair; whole contracts."""
    book = await rest.get("/dapi/v1/depth", symbol="BTCUSD_PERP", limit=5)
    assert (book["symbol"], book["pair"], len(book["bids"]), len(book["asks"])) == ("BTCUSD_PERP", "BTCUSD", 5, 5)
    assert "." not in book["bids"][0][1]
    assert await rest.refused("GET", "/dapi/v1/depth", symbol="BTCUSDT") == -1121


@pytest.mark.parametrize(("path", "field"), [("price", "ps"), ("bookTicker", "pair")])
async def test_tickers_are_lists(rest, path, field):
    """Of one symbol, of one pair, of all; not of both at once."""
    path = f"/dapi/v1/ticker/{path}"
    (one,) = await rest.get(path, symbol="ETHUSD_PERP")
    assert (one["symbol"], one[field]) == ("ETHUSD_PERP", "ETHUSD")
    assert len(await rest.get(path, pair="ETHUSD")) == 3
    assert len(await rest.get(path)) > 10
    assert await rest.refused("GET", path, pair="ETHUSD", symbol="ETHUSD_PERP") == -1128
    assert await rest.refused("GET", path, pair="ETH") == -4087


async def test_nothing_and_the_time(rest):
    """Ping and time, for either product."""
    for root in ("/fapi", "/dapi"):
        assert await rest.get(f"{root}/v1/ping") == {}
        assert await rest.get(f"{root}/v1/time") == {"serverTime": rest.venue.clock.now_ms()}


async def test_best_prices_have_no_update_id_over_rest(rest):
    """USDⓈ-M's only; the WebSocket API and COIN-M have one (documented)."""
    row = await rest.get("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")
    rows = await rest.get("/fapi/v1/ticker/bookTicker")
    assert "lastUpdateId" not in row
    assert "lastUpdateId" not in rows[0]
    assert "lastUpdateId" in (await rest.get("/dapi/v1/ticker/bookTicker", symbol="BTCUSD_PERP"))[0]
