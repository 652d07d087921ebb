"""Portfolio margin."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("root", "asset", "amount"), [("/fapi", "USDT", "5000"), ("/dapi", "BTC", "1")])
async def test_portfolio_margin(rest, root, asset, amount):
    """What could be withdrawn, in the asset and in dollars; an asset nobody holds is -1108."""
    answer = await rest.get(f"{root}/v1/pmAccountInfo", asset=asset)
    assert set(answer) == {"maxWithdrawAmountUSD", "asset", "maxWithdrawAmount"}
    assert (answer["asset"], answer["maxWithdrawAmount"]) == (asset, f"{amount}.00000000")
    assert float(answer["maxWithdrawAmountUSD"]) >= 5000
    assert await rest.refused("GET", f"{root}/v1/pmAccountInfo", asset="GOLD") == -1108
    assert await rest.refused("GET", f"{root}/v1/pmAccountInfo") == -1102
