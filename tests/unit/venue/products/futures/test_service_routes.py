"""Portfolio margin."""

from __future__ import annotations


async def test_portfolio_margin(rest):
    """What could be withdrawn, in the asset and in dollars; an asset nobody holds is -1108."""
    answer = await rest.get("/fapi/v1/pmAccountInfo", asset="USDT")
    assert set(answer) == {"maxWithdrawAmountUSD", "asset", "maxWithdrawAmount"}
    assert (answer["asset"], answer["maxWithdrawAmount"]) == ("USDT", "5000.00000000")
    assert float(answer["maxWithdrawAmountUSD"]) >= 5000
    assert await rest.refused("GET", "/fapi/v1/pmAccountInfo", asset="GOLD") == -1108
    assert await rest.refused("GET", "/fapi/v1/pmAccountInfo") == -1102


async def test_coin_m_has_no_portfolio_margin_any_more(rest):
    """It was retired on 2026-06-30: the path is unknown."""
    assert await rest.refused("GET", "/dapi/v1/pmAccountInfo", asset="BTC") == -5000
