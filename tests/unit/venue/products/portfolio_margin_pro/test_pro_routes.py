"""The joint account, its settings and what is collateral over REST."""

from __future__ import annotations

from decimal import Decimal

import pytest


async def test_the_account_of_both_kinds(sapi):
    account = await sapi.get("account")
    assert (account["accountType"], account["accountStatus"], account["accountMaintMargin"]) == (
        "PM_1",
        "NORMAL",
        "100.00000000",
    )
    assert account["accountInitialMargin"] == account["totalAvailableBalance"] == ""
    sapi.control(type="PM_3", level="REDUCE_ONLY")
    span = await sapi.get("/sapi/v2/portfolio/account")
    assert (span["accountType"], span["accountStatus"], span["marginMM"]) == ("PM_3", "REDUCE_ONLY", "100.00000000")
    assert [row["asset"] for row in span["riskUnitMMList"]] == ["BTC", "ETH"]


async def test_without_the_mode_everything_of_the_account_is_refused(sapi):
    """Market data needs a key only."""
    sapi.control(enabled=False)
    for path in ("account", "/sapi/v2/portfolio/account", "balance", "pmLoan", "delta-mode", "margin-asset-leverage"):
        assert await sapi.refused("GET", path) == -21001
    assert len(await sapi.get("collateralRate")) > 5


async def test_balances_are_a_list_also_of_one_asset(sapi):
    everything = await sapi.get("balance")
    (one,) = await sapi.get("balance", asset="USDT")
    assert one in everything
    assert (one["crossMarginBorrowed"], one["optionWalletBalance"]) == ("2000.00000000", "0")
    assert Decimal(one["totalWalletBalance"]) == sum(
        Decimal(one[name]) for name in ("crossMarginAsset", "umWalletBalance", "cmWalletBalance")
    )
    assert await sapi.get("balance", asset="XYZ") == []


async def test_collateral(sapi):
    rates = {row["asset"]: row["collateralRate"] for row in await sapi.get("collateralRate")}
    assert (rates["USDT"], rates["BTC"]) == ("1.0000", "0.9500")
    tiers = {row["asset"]: row["collateralInfo"] for row in await sapi.get("/sapi/v2/portfolio/collateralRate")}
    assert [list(row.values()) for row in tiers["BTC"]] == [
        ["0.0000", "1000.0000", "0.9500", "0.0000"],
        ["1000.0000", "2000.0000", "0.9000", "950.0000"],
    ]
    assert {"asset": "USDT", "leverage": 10} in await sapi.get("margin-asset-leverage")
    (price,) = await sapi.get("asset-index-price", asset="BTC")
    assert Decimal(price["assetIndexPrice"]) > 0
    assert price in await sapi.get("asset-index-price")


async def test_switches(sapi):
    assert await sapi.get("delta-mode") == {"deltaEnabled": False}
    assert await sapi.post("delta-mode", deltaEnabled="true") == {"msg": "success"}
    assert await sapi.get("delta-mode") == {"deltaEnabled": True}
    assert await sapi.post("repay-futures-switch", autoRepay="false") == {"msg": "success"}
    assert await sapi.get("repay-futures-switch") == {"autoRepay": False}
    assert await sapi.refused("POST", "delta-mode", deltaEnabled="maybe") == -1102


async def test_the_level_of_margin_calls(sapi):
    """docs/exchange.md#margin-call-levels."""
    assert await sapi.get("margin-call-level") == {}
    assert await sapi.post("margin-call-level", marginCallLevel="1.50") == {"marginCallLevel": "1.5"}
    assert await sapi.get("margin-call-level") == {"marginCallLevel": "1.5"}
    for level in ("1.09", "2.01"):
        assert await sapi.refused("POST", "margin-call-level", marginCallLevel=level) == -1130
    assert await sapi.rest.delete("/sapi/v1/portfolio/margin-call-level") == {"msg": "success"}
    assert await sapi.get("margin-call-level") == {}


@pytest.mark.parametrize(
    ("path", "header", "used"),
    [
        ("account", "X-SAPI-USED-UID-WEIGHT-1M", "5"),
        ("balance", "X-SAPI-USED-IP-WEIGHT-1M", "20"),
        ("asset-index-price?asset=BTC", "X-SAPI-USED-IP-WEIGHT-1M", "1"),
    ],
)
async def test_weight_is_charged_to_the_address_or_to_the_account(sapi, path, header, used):
    """docs/exchange.md#portfolio-margin-pro-limits."""
    key = sapi.rest.account.key
    text = f"timestamp={sapi.venue.clock.now_ms()}"
    text = f"{path.partition('?')[2]}&{text}".lstrip("&")
    url = f"{sapi.venue.rest_url}/sapi/v1/portfolio/{path.partition('?')[0]}?{text}&signature={key.sign(text)}"
    async with sapi.rest.http.get(url, headers={"X-MBX-APIKEY": key.api_key}) as answer:
        assert answer.status == 200
        assert answer.headers[header] == used
        assert sum(name.upper().startswith("X-SAPI") for name in answer.headers) == 1


async def test_nine_dear_requests_are_too_many_for_a_minute(sapi):
    for _ in range(8):
        await sapi.get("delta-mode")
    assert await sapi.refused("GET", "delta-mode") == -1003
    await sapi.get("account")  # charged to the account
