"""REST: what COIN-M answers in its own way."""

from __future__ import annotations

import pytest


async def test_coin_account(rest):
    """Coins and contracts, with what positions are worth: docs/exchange.md#worth-of-positions."""
    await rest.coin_order(type="MARKET", quantity="10")
    account = await rest.get("/dapi/v1/account")
    assert {row["asset"] for row in account["assets"]} >= {"BTC", "ETH", "BNB"}
    assert {"notionalValue", "isolatedWallet"} < set(account["positions"][0])
    balances = await rest.get("/dapi/v1/balance")
    assert {"withdrawAvailable", "accountAlias"} < set(balances[0])
    rows = await rest.get("/dapi/v1/positionRisk", marginAsset="BTC")
    assert [row["positionAmt"] for row in rows if row["symbol"] == "BTCUSD_PERP"] == ["10"]
    assert all(row["symbol"].startswith("BTCUSD_") for row in rows)
    assert [row["notionalValue"] for row in rows if row["symbol"] == "BTCUSD_PERP"] != ["0"]
    assert len(rows) == 3
    assert await rest.get("/fapi/v3/positionRisk") == []


async def test_coin_orders_are_searched_by_symbol_or_pair(rest):
    """One of both is needed; the pair covers the quarterly contracts."""
    perpetual = await rest.coin_order()
    quarterly = next(name for name in rest.venue.engine.symbols if name.startswith("BTCUSD_2"))
    dated = await rest.coin_order(symbol=quarterly)
    by_pair = await rest.get("/dapi/v1/allOrders", pair="BTCUSD")
    assert [one["orderId"] for one in by_pair] == [perpetual["orderId"], dated["orderId"]]
    assert {"cumQuote", "cumBase", "goodTillDate", "pair"} < set(by_pair[0])
    assert [one["symbol"] for one in await rest.get("/dapi/v1/allOrders", symbol=quarterly)] == [quarterly]
    assert len(await rest.get("/dapi/v1/openOrders", pair="BTCUSD")) == 2
    assert await rest.get("/dapi/v1/openOrders", pair="ETHUSD") == []
    for params, code in (({}, -1102), ({"pair": "BTCUSD", "symbol": quarterly}, -1128), ({"pair": "BTC"}, -4087)):
        assert await rest.refused("GET", "/dapi/v1/allOrders", **params) == code
    assert await rest.refused("GET", "/dapi/v1/openOrders", symbol="BTCUSDT") == -1121


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
