"""REST: the options account over HTTP."""

from __future__ import annotations

import pytest

SYMBOL = "BTC-261225-90000-C"


@pytest.fixture
def written(rest):
    """Return what writes an option at the best price."""

    async def run(**changes):
        sound = {"symbol": SYMBOL, "side": "SELL", "type": "LIMIT", "quantity": "0.1", "price": "2000"}
        return await rest.post("/eapi/v1/order", **(sound | changes))

    return run


async def test_a_new_account_has_its_opening_balance(rest):
    account = await rest.get("/eapi/v1/marginAccount")
    assert set(account) == {
        "asset",
        "greek",
        "time",
        "canTrade",
        "canDeposit",
        "canWithdraw",
        "reduceOnly",
        "tradeGroupId",
    }
    (asset,) = account["asset"]
    assert asset == {
        "asset": "USDT",
        "marginBalance": "10000",
        "equity": "10000",
        "available": "10000",
        "initialMargin": "0",
        "maintMargin": "0",
        "unrealizedPNL": "0",
        "adjustedEquity": "10000",
    }
    assert (account["greek"], account["reduceOnly"], account["tradeGroupId"]) == ([], False, -1)


async def test_a_written_option_shows_in_margins_and_greeks(rest, written):
    await written()
    account = await rest.get("/eapi/v1/marginAccount")
    (asset,), (greek,) = account["asset"], account["greek"]
    assert float(asset["equity"]) < 10_000 < float(asset["marginBalance"])
    assert float(asset["maintMargin"]) < float(asset["initialMargin"])
    available = float(asset["marginBalance"]) - float(asset["initialMargin"])
    assert float(asset["available"]) == pytest.approx(available)
    assert (greek["underlying"], greek["delta"][0], greek["theta"][0]) == ("BTCUSDT", "-", "4")


async def test_an_account_that_may_only_reduce_says_so(rest):
    engine = rest.venue.services.engines["options"]
    engine.risk.set_level(engine.account(rest.account.name), "REDUCE_ONLY")
    assert (await rest.get("/eapi/v1/marginAccount"))["reduceOnly"] is True


async def test_bills(rest, written):
    await written()
    opening, contract, fee = await rest.get("/eapi/v1/bill", currency="USDT")
    assert (opening["type"], opening["amount"]) == ("TRANSFER", "10000")
    assert "symbol" not in opening
    assert (contract["type"], contract["symbol"], contract["amount"][0] != "-") == ("CONTRACT", SYMBOL, True)
    assert (fee["type"], float(fee["amount"])) == ("FEE", pytest.approx(-2.07, rel=1e-4))
    assert await rest.get("/eapi/v1/bill", currency="USDT", recordId=fee["id"]) == [fee]
    assert await rest.get("/eapi/v1/bill", currency="USDT", limit=1) == [fee]
    assert await rest.get("/eapi/v1/bill", currency="USDT", endTime=1) == []
    assert await rest.refused("GET", "/eapi/v1/bill", currency="BTC") == -1129


async def test_fees(rest):
    rows = (await rest.get("/eapi/v1/commission"))["commissions"]
    assert rows[0] == {"underlying": "BTCUSDT", "makerFee": "0.000240", "takerFee": "0.000240"}
    assert len(rows) == 8


async def test_metals_trade_after_the_agreement(rest, written):
    engine = rest.venue.services.engines["options"]
    gold = next(name for name in engine.contracts if name.startswith("XAU"))
    order = {"symbol": gold, "side": "BUY", "type": "LIMIT", "quantity": "0.1", "price": "5"}
    assert await rest.refused("POST", "/eapi/v1/order", **order) == -6062
    assert await rest.post("/eapi/v1/stock/contract") == {"code": 200, "msg": "success"}
    assert (await rest.post("/eapi/v1/order", **order))["status"] == "NEW"


async def test_listen_keys(rest):
    """With the key in the header alone; options have one of their own."""

    async def ask(verb, root="eapi"):
        headers = {"X-MBX-APIKEY": rest.account.key.api_key}
        async with rest.http.request(verb, f"{rest.venue.rest_url}/{root}/v1/listenKey", headers=headers) as answer:
            return answer.status, await answer.json()

    status, first = await ask("POST")
    assert (status, set(first)) == (200, {"listenKey", "expiration"})
    assert first["expiration"] == rest.venue.clock.now_ms() + 3_600_000
    rest.venue.clock.advance(60_000)
    _, again = await ask("POST")
    assert (again["listenKey"], again["expiration"]) == (first["listenKey"], first["expiration"] + 60_000)
    assert (await ask("POST", "fapi"))[1]["listenKey"] != first["listenKey"]
    assert await ask("PUT") == (200, {})
    assert await ask("DELETE") == (200, {})
    assert (await ask("PUT"))[1]["code"] == -1125
