"""The account as a whole, its listen key, and the time."""

from __future__ import annotations

from decimal import Decimal

WALLETS = ("crossMarginAsset", "umWalletBalance", "cmWalletBalance")


async def test_balances_add_up(papi):
    """The total is the sum of three wallets; one asset comes as an object, without what cross margin has of it."""
    rows = await papi.get("balance")
    for row in rows:
        assert Decimal(row["totalWalletBalance"]) == sum(Decimal(row[name]) for name in WALLETS)
        assert row["negativeBalance"] == "0"
    one = await papi.get("balance", asset="USDT")
    (listed,) = [row for row in rows if row["asset"] == "USDT"]
    assert one == {name: value for name, value in listed.items() if name != "crossMarginAsset"}
    assert await papi.refused("GET", "balance", asset="XYZ") == -1108


async def test_a_wallet_below_zero_shows_as_negative_balance(papi):
    """Fees in a coin that the account has none of are owed."""
    await papi.cm_order(symbol="ETHUSD_PERP", quantity="100", type="MARKET", timeInForce=None, price=None)
    (ether,) = [row for row in await papi.get("balance") if row["asset"] == "ETH"]
    assert Decimal(ether["cmWalletBalance"]) < 0
    assert ether["negativeBalance"] == "0"  # cross margin has more than that


async def test_account_is_counted_in_dollars(papi):
    """Nothing is bound without positions; with one, what is free is equity less initial margin."""
    calm = await papi.get("account")
    assert (calm["uniMMR"], calm["accountStatus"]) == ("99999999.00000000", "NORMAL")
    assert calm["accountEquity"] == calm["totalAvailableBalance"] == calm["virtualMaxWithdrawAmount"]
    await papi.um_order(type="MARKET", timeInForce=None, price=None)
    held = await papi.get("account")
    free = Decimal(held["accountEquity"]) - Decimal(held["accountInitialMargin"])
    assert Decimal(held["totalAvailableBalance"]) == free < Decimal(held["accountEquity"])
    assert Decimal(held["uniMMR"]) == (Decimal(held["accountEquity"]) / Decimal(held["accountMaintMargin"])).quantize(
        Decimal("0.00000001")
    )
    assert Decimal(held["actualEquity"]) > Decimal(held["accountEquity"])  # coins count by their collateral rate


async def test_listen_key(papi):
    """The same key upon the second request; neither an expiration nor anything else."""
    first = await papi.post("listenKey")
    assert set(first) == {"listenKey"}
    assert await papi.post("listenKey") == first
    assert await papi.put("listenKey") == {}
    assert await papi.delete("listenKey") == {}
    assert await papi.refused("PUT", "listenKey") == -1125
    other = await papi.rest.post("/fapi/v1/listenKey")
    assert other != await papi.post("listenKey"), "each product has its own"


async def test_time_and_ping(papi):
    """Both are public."""
    assert await papi.get("ping") == {}
    assert await papi.get("time") == {"serverTime": papi.venue.clock.now_ms()}
