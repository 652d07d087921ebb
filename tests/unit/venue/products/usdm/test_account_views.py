"""Accounts of USDⓈ-M as its answers show them."""

from __future__ import annotations


async def test_usdm_account(rest):
    """v2 has feeBurn and every symbol, v3 what is in use; configuration and symbols have routes of their own."""
    await rest.order(type="MARKET", quantity="0.01")
    second, third = await rest.get("/fapi/v2/account"), await rest.get("/fapi/v3/account")
    assert (second["feeBurn"], second["canTrade"]) == (True, True)
    held = next(row for row in second["positions"] if row["symbol"] == "BTCUSDT")
    assert held["notional"] == third["positions"][0]["notional"] != "0"
    assert [row["symbol"] for row in third["positions"]] == ["BTCUSDT"]
    assert "marginAvailable" not in third["assets"][0]
    assert await rest.get("/fapi/v2/balance") == await rest.get("/fapi/v3/balance")
    config = await rest.get("/fapi/v1/accountConfig")
    assert (config["dualSidePosition"], config["multiAssetsMargin"]) == (False, False)
    (row,) = await rest.get("/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert (row["marginType"], row["leverage"], row["isAutoAddMargin"]) == ("CROSSED", 20, False)
    assert len(await rest.get("/fapi/v1/symbolConfig")) == len(second["positions"])
    assert await rest.refused("GET", "/fapi/v1/symbolConfig", symbol="BTCUSD_PERP") == -1121
