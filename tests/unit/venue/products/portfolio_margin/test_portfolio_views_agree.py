"""What one view of a portfolio says, the others say as well."""

from __future__ import annotations

from decimal import Decimal

MARKET = {"type": "MARKET", "timeInForce": None, "price": None}


def number(row, name):
    """Return a field as a number."""
    return Decimal(row[name])


async def test_positions(papi):
    """In the account, in its second version, and in the list of positions; profit and size are the same."""
    await papi.um_order(**MARKET)
    await papi.cm_order(**MARKET)
    papi.engine.set_price("BTCUSDT", Decimal(87_000))
    papi.engine.set_price("BTCUSD_PERP", Decimal(87_000))
    (listed,) = await papi.get("um/positionRisk")
    first = next(row for row in (await papi.get("um/account"))["positions"] if row["symbol"] == "BTCUSDT")
    (second,) = (await papi.rest.get("/papi/v2/um/account"))["positions"]
    for row in (first, second):
        assert number(row, "positionAmt") == number(listed, "positionAmt")
        assert number(row, "unrealizedProfit") == number(listed, "unRealizedProfit") > 0
    assert number(first, "entryPrice") == number(listed, "entryPrice")
    assert number(first, "maintMargin") == number(second, "maintMargin")
    assert number(second, "notional") == number(listed, "notional")
    (coin,) = [row for row in await papi.get("cm/positionRisk") if row["positionAmt"] != "0"]
    shown = next(row for row in (await papi.get("cm/account"))["positions"] if row["symbol"] == "BTCUSD_PERP")
    assert (shown["positionAmt"], shown["entryPrice"], shown["leverage"]) == (
        *(coin["positionAmt"], coin["entryPrice"], coin["leverage"]),
    )
    assert number(shown, "unrealizedProfit") == number(coin, "unRealizedProfit")


async def test_wallets_and_margins(papi):
    """Of each asset in the balance and in the accounts of both futures; all together in the account."""
    await papi.um_order(**MARKET)
    await papi.um_order()
    await papi.cm_order(**MARKET)
    linear = {row["asset"]: row for row in (await papi.get("um/account"))["assets"]}
    inverse = {row["asset"]: row for row in (await papi.get("cm/account"))["assets"]}
    needed = {"initialMargin": Decimal(0), "maintMargin": Decimal(0)}
    engine = papi.venue.services.engines["portfolio-margin"]
    portfolio = engine.portfolios[papi.venue.accounts[0].name]
    for row in await papi.get("balance"):
        asset = row["asset"]
        for shown, wallet, profit in (
            (linear, "umWalletBalance", "umUnrealizedPNL"),
            (inverse, "cmWalletBalance", "cmUnrealizedPNL"),
        ):
            if asset in shown:
                assert number(shown[asset], "crossWalletBalance") == number(row, wallet)
                assert number(shown[asset], "crossUnPnl") == number(row, profit)
                for name in needed:
                    needed[name] += number(shown[asset], name) * portfolio.dollars(asset)
    account = await papi.get("account")
    assert abs(number(account, "accountInitialMargin") - needed["initialMargin"]) < Decimal("0.01")
    assert abs(number(account, "accountMaintMargin") - needed["maintMargin"]) < Decimal("0.01")


async def test_orders(papi):
    """One that is looked up alone, among the open ones and among all."""
    order = await papi.um_order()
    alone = await papi.get("um/order", symbol="BTCUSDT", orderId=order["orderId"])
    assert alone == await papi.get("um/openOrder", symbol="BTCUSDT", orderId=order["orderId"])
    assert [alone] == await papi.get("um/openOrders") == await papi.get("um/allOrders", symbol="BTCUSDT")
    assert {name: alone[name] for name in order.keys() & alone.keys() - {"price"}} == {
        name: order[name] for name in order.keys() & alone.keys() - {"price"}
    }
