"""Bankruptcy loan, interest, transfers and collections over REST."""

from __future__ import annotations

from decimal import Decimal

import pytest

DAY_MS = 24 * 3_600_000


async def test_a_bankruptcy_loan_and_its_history(sapi):
    assert await sapi.get("pmLoan") == {"asset": "USDT", "amount": "250"}
    done = await sapi.post("repay")
    assert await sapi.get("pmLoan") == {"asset": "USDT", "amount": "0"}
    history = await sapi.get("pmloan-history")
    assert (history["total"], history["rows"][0]["amount"]) == (1, "250.00000000")
    assert done["tranId"] == sapi.account.repayments[0].number
    assert await sapi.refused("POST", "repay") == -21004
    sapi.control(loan="10", spot="9")
    assert await sapi.refused("POST", "repay") == -21005


async def test_the_period_of_a_search(sapi):
    """Thirty days from its start, or to its end; 360 at most."""
    await sapi.post("repay")
    now = sapi.venue.clock.now_ms()

    async def found(**params):
        return (await sapi.get("pmloan-history", **params))["total"]

    sapi.venue.clock.advance(60 * DAY_MS)
    assert [await found(), await found(startTime=now - DAY_MS), await found(endTime=now + 29 * DAY_MS)] == [0, 1, 1]
    assert await found(startTime=now - 31 * DAY_MS) == 0
    assert await found(startTime=now - 31 * DAY_MS, endTime=now + DAY_MS) == 1
    assert await sapi.refused("GET", "pmloan-history", startTime=now, endTime=now + 361 * DAY_MS) == -3011
    assert await sapi.refused("GET", "pmloan-history", startTime=now, endTime=now - 1) == -3011
    assert await sapi.refused("GET", "interest-history", size=101) == -1130


async def test_each_account_has_paid_interest_of_a_negative_balance(sapi):
    (row,) = await sapi.get("interest-history")
    assert (row["asset"], row["principal"], row["interest"]) == ("USDT", "400.00000000", "0.00220000")


async def test_bnb_goes_to_futures_and_back_twice_in_ten_minutes(sapi):
    assert (await sapi.post("bnb-transfer", amount="3", transferSide="TO_UM"))["tranId"] > 0
    assert sapi.account.wallet("BNB", unit="UM") == 3
    await sapi.post("bnb-transfer", amount="1", transferSide="FROM_UM")
    assert sapi.account.wallet("BNB", unit="UM") == 2
    assert await sapi.refused("POST", "bnb-transfer", amount="1", transferSide="FROM_UM") == -1003
    sapi.venue.clock.advance(10 * 60_000)
    assert await sapi.refused("POST", "bnb-transfer", amount="1", transferSide="BACK") == -1130
    assert await sapi.refused("POST", "bnb-transfer", amount="0", transferSide="TO_UM") == -1102
    await sapi.post("auto-collection")
    assert sapi.account.wallet("BNB", unit="UM") == 2


async def test_collections(sapi):
    """All of an asset, or an amount of one of both futures; never BNB."""
    account = sapi.account
    cross = account.margin["USDT"].free
    await sapi.post("asset-collection", asset="USDT", amount="500", futureType="UM")
    assert (account.wallet("USDT", unit="UM"), account.margin["USDT"].free) == (1_500, cross + 500)
    await sapi.post("asset-collection", asset="USDT")
    await sapi.post("auto-collection")
    assert [account.wallet("USDT", unit="UM"), account.wallet("BTC", unit="CM")] == [0, 0]
    for params, code in (
        ({"asset": "BNB"}, -3027),
        ({"asset": "XYZ"}, -3027),
        ({"asset": "USDT", "amount": "1"}, -1128),
        ({"asset": "USDT", "futureType": "UM"}, -1128),
        ({"asset": "USDT", "amount": "-1", "futureType": "UM"}, -1130),
        ({"asset": "USDT", "amount": "1", "futureType": "OPTION"}, -1130),
    ):
        assert await sapi.refused("POST", "asset-collection", **params) == code


async def test_negative_balances_are_covered(sapi):
    sapi.account.futures.coins["ETH"] = Decimal(-1)
    assert await sapi.post("repay-futures-negative-balance") == {"msg": "success"}
    assert sapi.account.wallet("ETH", unit="CM") == 0


async def test_earn_assets(sapi):
    move = {"asset": "LDUSDT", "transferType": "EARN_TO_FUTURE"}
    assert await sapi.get("earn-asset-balance", **move) == {"asset": "LDUSDT", "amount": "1000"}
    assert await sapi.post("earn-asset-transfer", **move, amount="0.5") == {"msg": "success"}
    back = move | {"transferType": "FUTURE_TO_EARN"}
    assert await sapi.get("earn-asset-balance", **back) == {"asset": "LDUSDT", "amount": "0.5"}
    for params, code in (({"amount": "0"}, -1102), ({"amount": "1"}, -6018), ({"asset": "USDT", "amount": "1"}, -1130)):
        assert await sapi.refused("POST", "earn-asset-transfer", **(back | params)) == code
    assert await sapi.refused("GET", "earn-asset-balance", **(move | {"asset": "RWUSD"})) == -1130


@pytest.mark.parametrize("path", ["mint", "redeem"])
async def test_what_is_gone(sapi, path):
    assert await sapi.refused("POST", path) == -21015
