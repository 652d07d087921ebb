"""Loans, interest, transfers, collections and downloads over REST."""

from __future__ import annotations

import pytest

DAY_MS = 24 * 3_600_000


async def test_loans_and_repayments_are_recorded(papi):
    """The latest first, page by page; one alone by its number."""
    numbers = [(await papi.post("marginLoan", asset="USDT", amount="100"))["tranId"] for _ in range(3)]
    await papi.post("marginLoan", asset="BTC", amount="0.1")
    found = await papi.get("margin/marginLoan", asset="USDT", size=2)
    assert (found["total"], [row["txId"] for row in found["rows"]]) == (3, numbers[:0:-1])
    found = await papi.get("margin/marginLoan", asset="USDT", size=2, current=2)
    assert [row["txId"] for row in found["rows"]] == numbers[:1]
    (one,) = (await papi.get("margin/marginLoan", asset="USDT", txId=numbers[1]))["rows"]
    assert (one["principal"], one["status"]) == ("100.00000000", "CONFIRMED")
    assert (await papi.get("margin/marginLoan", asset="USDT", archived="true"))["total"] == 0
    repaid = await papi.post("repayLoan", asset="USDT", amount="50")
    (row,) = (await papi.get("margin/repayLoan", asset="USDT"))["rows"]
    assert (row["txId"], row["amount"], row["interest"]) == (repaid["tranId"], "50.00000000", "0.00165000")
    interest = await papi.get("margin/marginInterestHistory")
    assert [one["asset"] for one in interest["rows"]] == ["BTC", "USDT", "USDT", "USDT"]
    assert (await papi.get("margin/marginInterestHistory", asset="BTC"))["total"] == 1
    assert (await papi.get("margin/marginLoan", papi.venue.accounts[1], asset="USDT"))["total"] == 0


async def test_periods_of_records(papi):
    """Seven days by default, thirty at most."""
    await papi.post("marginLoan", asset="USDT", amount="100")
    papi.venue.clock.advance(8 * DAY_MS)
    now = papi.venue.clock.now_ms()
    assert (await papi.get("margin/marginLoan", asset="USDT"))["total"] == 0
    assert (await papi.get("margin/marginLoan", asset="USDT", startTime=now - 9 * DAY_MS))["total"] == 1
    for params, code in (
        ({"startTime": now - 31 * DAY_MS, "endTime": now}, -4165),
        ({"startTime": now, "endTime": now - 1}, -1023),
        ({"size": 101}, -1130),
        ({"current": 0}, -1130),
    ):
        assert await papi.refused("GET", "margin/repayLoan", asset="USDT", **params) == code


async def test_what_may_be_borrowed_and_withdrawn(papi):
    """Amounts are text."""
    assert await papi.get("margin/maxBorrowable", asset="BTC") == {"amount": "5.00000000", "borrowLimit": "5"}
    assert await papi.get("margin/maxWithdraw", asset="ETH") == {"amount": "10"}
    assert await papi.refused("GET", "margin/maxWithdraw", asset="XYZ") == -1108


async def test_debt_is_repaid_with_other_assets(papi):
    """Named with commas."""
    await papi.post("marginLoan", asset="USDT", amount="100")
    done = await papi.post("margin/repay-debt", asset="USDT", specifyRepayAssets="USDC,BTC")
    assert (done["amount"], done["specifyRepayAssets"], done["success"]) == ("100.00055000", ["USDC", "BTC"], True)
    for params, code in (({}, -3015), ({"specifyRepayAssets": "XYZ"}, -1108), ({"amount": "-1"}, -1130)):
        papi.venue.clock.advance(60_000)  # each is half of a minute's weight
        assert await papi.refused("POST", "margin/repay-debt", asset="USDT", **params) == code


async def test_negative_balances_and_their_interest(papi):
    """Covered by themselves when an hour begins, unless that is switched off; then they cost interest."""
    assert await papi.get("repay-futures-switch") == {"autoRepay": True}
    assert await papi.post("repay-futures-switch", autoRepay="false") == {"msg": "success"}
    engine = papi.venue.services.engines["portfolio-margin"]
    portfolio = engine.portfolios[papi.venue.accounts[0].name]
    portfolio.futures.coins["DOT"] -= 500
    portfolio.futures.coins["ETH"] -= 1
    papi.venue.clock.advance(3_600_000)
    papi.venue.tick()
    (row,) = await papi.get("portfolio/interest-history", asset="DOT")
    assert (row["principal"], row["interest"]) == ("500.00000000", "0.00275000")
    assert portfolio.wallet("ETH", unit="CM") == -1
    now = papi.venue.clock.now_ms()
    records = await papi.get("portfolio/negative-balance-exchange-record", startTime=now - 1, endTime=now)
    assert (records["total"], records["rows"][0]["details"][0]["asset"]) == (1, "DOT")
    assert await papi.post("repay-futures-negative-balance") == {"msg": "success"}
    assert portfolio.wallet("ETH", unit="CM") == 0
    await papi.post("repay-futures-switch", autoRepay="true")
    portfolio.futures.coins["ETH"] -= 1
    papi.venue.clock.advance(3_600_000)
    papi.venue.tick()
    assert portfolio.wallet("ETH", unit="CM") == 0
    path = "portfolio/negative-balance-exchange-record"
    assert await papi.refused("GET", path, startTime=now, endTime=now - 1) == -1023
    assert await papi.refused("GET", path, startTime=now - 93 * DAY_MS, endTime=now) == -4165


async def test_transfers_and_collections(papi):
    """An amount needs to say of which futures it is, and the other way round."""
    assert set(await papi.post("bnb-transfer", amount="1", transferSide="TO_UM")) == {"tranId"}
    assert await papi.refused("POST", "bnb-transfer", amount="1", transferSide="TO_CM") == -1130
    assert await papi.post("asset-collection", asset="USDT", amount="500", futureType="UM") == {"msg": "success"}
    assert (await papi.get("balance", asset="USDT"))["umWalletBalance"] == "1500.00000000"
    assert await papi.post("auto-collection") == {"msg": "success"}
    assert (await papi.get("balance", asset="USDT"))["umWalletBalance"] == "0.00000000"
    for params, code in (
        ({"asset": "USDT", "amount": "1"}, -1128),
        ({"asset": "USDT", "futureType": "UM"}, -1128),
        ({"asset": "USDT", "amount": "1", "futureType": "OPTION"}, -1130),
        ({"asset": "USDT", "amount": "-1", "futureType": "UM"}, -1130),
        ({"asset": "BNB"}, -1108),
    ):
        assert await papi.refused("POST", "asset-collection", **params) == code


@pytest.mark.parametrize("kind", ["order", "trade", "income"])
async def test_downloads_are_an_id_and_then_a_link(papi, kind):
    """The file has what the portfolio did, and nothing else."""
    await papi.rest.order(type="MARKET", price=None, timeInForce=None)
    mine = await papi.um_order(type="MARKET", price=None, timeInForce=None)
    now = papi.venue.clock.now_ms()
    asked = await papi.get(f"um/{kind}/asyn", startTime=now - 1000, endTime=now)
    link = await papi.get(f"um/{kind}/asyn/id", downloadId=asked["downloadId"])
    assert (link["status"], link["s3Link"], link["expirationTimestamp"]) == ("processing", None, -1)
    papi.venue.clock.advance(1000)
    link = await papi.get(f"um/{kind}/asyn/id", downloadId=asked["downloadId"])
    assert link["status"] == "completed"
    async with papi.rest.http.get(link["url"]) as answer:
        text = await answer.text()
    assert len(text.splitlines()) == 2
    assert kind != "order" or str(mine["orderId"]) in text
    other = papi.venue.accounts[1]
    assert await papi.refused("GET", f"um/{kind}/asyn/id", other, downloadId=asked["downloadId"]) == -1130
