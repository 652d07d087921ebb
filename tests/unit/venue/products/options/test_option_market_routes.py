"""REST: public market data of options, as it goes over HTTP."""

from __future__ import annotations

import pytest

SYMBOL = "BTC-261225-90000-C"


@pytest.fixture
def get(rest):
    """Return what asks for public data, without key and signature."""

    async def run(path, **params):
        async with rest.http.get(f"{rest.venue.rest_url}/eapi/v1/{path}", params=params) as answer:
            return answer.status, await answer.json()

    return run


@pytest.fixture
def ok(get):
    """Return what asks for public data and must get it."""

    async def run(path, **params):
        status, document = await get(path, **params)
        assert status == 200, document
        return document

    return run


async def test_ping_and_time(ok, rest):
    assert await ok("ping") == {}
    assert await ok("time") == {"serverTime": rest.venue.clock.now_ms()}


async def test_contracts_and_limits(ok):
    """`nakedSell` on underlyings only; limits as measured."""
    info = await ok("exchangeInfo")
    assert set(info) == {
        "timezone",
        "serverTime",
        "optionContracts",
        "optionAssets",
        "optionSymbols",
        "rateLimits",
    }
    rates = [tuple(row.values()) for row in info["rateLimits"]]
    assert rates == [("REQUEST_WEIGHT", "MINUTE", 1, 400), ("ORDERS", "MINUTE", 1, 100), ("ORDERS", "SECOND", 10, 30)]
    assert info["optionAssets"] == [{"name": "USDT"}]
    assert {row["underlying"] for row in info["optionContracts"] if row["nakedSell"]} == {"BTCUSDT", "ETHUSDT"}
    assert len(info["optionSymbols"]) > 500
    row = next(row for row in info["optionSymbols"] if row["symbol"] == SYMBOL)
    mark = float((await ok("mark", symbol=SYMBOL))[0]["markPrice"])
    lowest, highest = str(int(mark * 0.2 // 5 * 5)), str(int(mark * 1.8 // 5 * 5 + 5))
    assert row.pop("filters") == [
        {"filterType": "PRICE_FILTER", "minPrice": lowest, "maxPrice": highest, "tickSize": "5"},
        {"filterType": "LOT_SIZE", "minQty": "0.01", "maxQty": "200", "stepSize": "0.01"},
    ]
    assert row == {
        "expiryDate": 1_798_185_600_000,
        "symbol": SYMBOL,
        "side": "CALL",
        "strikePrice": "90000",
        "underlying": "BTCUSDT",
        "unit": 1,
        "liquidationFeeRate": "0.0019",
        "minQty": "0.01",
        "maxQty": "200",
        "initialMargin": "0.15",
        "maintenanceMargin": "0.075",
        "minInitialMargin": "0.1",
        "minMaintenanceMargin": "0.05",
        "priceScale": 3,
        "quantityScale": 2,
        "quoteAsset": "USDT",
        "contractType": "CRYPTO_OPTIONS",
        "underlyingType": "CRYPTO",
        "status": "TRADING",
    }
    kinds = {(row["contractType"], row["underlyingType"]) for row in info["optionSymbols"]}
    assert kinds == {("CRYPTO_OPTIONS", "CRYPTO"), ("TRADFI_OPTIONS", "COMMODITY")}


async def test_order_book(ok, get):
    book = await ok("depth", symbol=SYMBOL, limit=5)
    assert set(book) == {"bids", "asks", "T", "lastUpdateId"}
    assert len(book["bids"]) == len(book["asks"]) == 5
    price, quantity = book["bids"][0]
    assert (price.partition(".")[2], len(quantity.partition(".")[2])) == ("000", 2)
    assert float(price) < float(book["asks"][0][0])
    assert len((await ok("depth", symbol=SYMBOL))["bids"]) == 20
    assert await get("depth", symbol=SYMBOL, limit=7) == (
        400,
        {"code": -6008, "msg": "parameter 'limit' is invalid."},
    )


async def test_trades(ok, get):
    rows = await ok("trades", symbol=SYMBOL, limit=3)
    assert len(rows) <= 3
    assert set(rows[0]) == {"id", "tradeId", "symbol", "price", "qty", "quoteQty", "side", "time"}
    assert rows[0]["id"] > 2**53
    assert rows[0]["side"] in {1, -1}
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert (await get("trades", symbol=SYMBOL, limit=501))[1]["code"] == -6008


async def test_block_trades(ok):
    rows = await ok("blockTrades")
    assert rows
    assert [row["time"] for row in rows] == sorted((row["time"] for row in rows), reverse=True)
    assert all((float(row["qty"]) < 0) == (row["side"] == -1) for row in rows)
    one = rows[0]["symbol"]
    assert {row["symbol"] for row in await ok("blockTrades", symbol=one)} == {one}


async def test_candles(ok, get):
    rows = await ok("klines", symbol=SYMBOL, interval="1h", limit=24)
    assert len(rows) == 24
    assert all(len(row) == 12 and row[11] == "0" for row in rows)
    opened, *prices, volume, closed, _value, trades = rows[-1][:9]
    assert closed == opened + 3_599_999
    assert all(len(price.partition(".")[2]) == 3 for price in prices)
    assert (len(volume.partition(".")[2]), len(rows[-1][7].partition(".")[2]), type(trades)) == (2, 5, int)
    assert (await get("klines", symbol=SYMBOL, interval="2m"))[1] == {"code": -1120, "msg": "Invalid interval."}
    assert (await get("klines", symbol=SYMBOL, interval="1h", startTime=2, endTime=1))[1]["code"] == -6031


async def test_mark_prices_fit_together(ok):
    (row,) = await ok("mark", symbol=SYMBOL)
    assert float(row["bidIV"]) < float(row["markIV"]) < float(row["askIV"])
    assert float(row["lowPriceLimit"]) < float(row["markPrice"]) < float(row["highPriceLimit"])
    assert 0 < float(row["delta"]) < 1
    assert float(row["theta"]) < 0 < float(row["vega"])
    assert row["riskFreeInterest"] == "0.0525"
    rows = await ok("mark")
    assert len(rows) > 500
    assert next(one for one in rows if one["symbol"] == SYMBOL) == row
    assert {"-1.0"} <= {one["bidIV"] for one in rows}


async def test_tickers(ok):
    (row,) = await ok("ticker", symbol=SYMBOL)
    trades = await ok("trades", symbol=SYMBOL, limit=500)
    assert (row["openTime"], row["closeTime"]) == (trades[0]["time"], trades[-1]["time"])
    assert (row["firstTradeId"], row["tradeCount"], row["lastPrice"]) == (1, len(trades), trades[-1]["price"])
    change = float(row["lastPrice"]) - float(row["open"])
    assert float(row["priceChange"]) == pytest.approx(change)
    assert float(row["priceChangePercent"]) == pytest.approx(change / float(row["open"]), abs=1e-4)
    assert float(row["exercisePrice"]) == float((await ok("index", underlying="BTCUSDT"))["indexPrice"])
    assert len(await ok("ticker")) > 500


async def test_index_prices(ok, get):
    found = await ok("index", underlying="BTCUSDT")
    assert found["time"] % 1_000 == 0
    assert float(found["indexPrice"]) == pytest.approx(86_250, rel=1e-4)
    assert await get("index", underlying="LTCUSDT") == (400, {"code": -1128, "msg": "Invalid underlying"})
    assert (await get("index"))[1]["code"] == -1102


async def test_open_interest(ok, get):
    rows = await ok("openInterest", underlyingAsset="BTC", expiration="261225")
    assert {row["symbol"].rpartition("-")[0].rpartition("-")[0] for row in rows} == {"BTC-261225"}
    assert isinstance(rows[0]["timestamp"], str)
    assert (await get("openInterest", underlyingAsset="BTC", expiration="261224"))[1]["code"] == -6010


async def test_past_exercises(ok):
    rows = await ok("exerciseHistory", underlying="ETHUSDT", limit=5)
    assert len(rows) == 5
    assert {row["strikeResult"] for row in rows} == {"REALISTIC_VALUE_STRICKEN", "EXTRINSIC_VALUE_EXPIRED"}
    assert all(row["symbol"].startswith("ETH-") for row in rows)
    last = rows[-1]["expiryDate"]
    assert await ok("exerciseHistory", startTime=last + 1) == []
    assert len(await ok("exerciseHistory", endTime=last - 1, underlying="ETHUSDT")) == 52


@pytest.mark.parametrize("path", ["depth", "trades", "klines", "mark", "ticker", "blockTrades"])
async def test_unknown_symbols_are_refused(get, path):
    status, document = await get(path, symbol="BTC-261225-90001-C", interval="1m")
    assert (status, document) == (400, {"code": -1121, "msg": "Invalid symbol."})


@pytest.mark.parametrize("path", ["account", "historicalTrades", "income/asyn", "income/asyn/id"])
async def test_retired_requests_are_gone(get, path):
    assert (await get(path))[0] == 404


async def test_orders_cannot_be_modified(rest):
    for path in ("order", "batchOrders"):
        status, _ = await rest.ask("PUT", f"/eapi/v1/{path}", symbol=SYMBOL)
        assert status == 404
