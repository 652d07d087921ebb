"""Liquidation of a portfolio."""

from __future__ import annotations

from decimal import Decimal

MARKET = {"type": "MARKET", "timeInForce": None, "price": None}


def engine_of(papi):
    """Return portfolio margin's engine."""
    return papi.venue.services.engines["portfolio-margin"]


async def test_a_falling_price_ends_in_liquidation(papi):
    """The account is called first; what is closed by force is listed, and nothing is left open."""
    events = []
    papi.engine.published.subscribe(lambda event: events.append(event.document) if event.unit == "PM" else None)
    await papi.um_order(quantity="20", **MARKET)
    await papi.um_order(symbol="ETHUSDT", price="2600", quantity="1")
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    await papi.post("margin/order", **order, price="70000")
    for price in range(79_000, 76_000, -50):
        papi.engine.set_price("BTCUSDT", Decimal(price))
    levels = [event["s"] for event in events if event["e"] == "riskLevelChange"]
    assert levels == ["MARGIN_CALL", "REDUCE_ONLY", "FORCE_LIQUIDATION"]
    assert await papi.get("um/positionRisk") == []
    assert await papi.get("um/openOrders") == await papi.get("margin/openOrders") == []
    forced = await papi.get("um/forceOrders", autoCloseType="LIQUIDATION")
    assert sum(Decimal(row["executedQty"]) for row in forced) == 20
    assert {row["clientOrderId"].partition("-")[0] for row in forced} == {"autoclose"}
    papi.venue.tick()
    assert (await papi.get("account"))["accountStatus"] == "NORMAL"


async def test_others_are_left_alone(papi):
    """Neither the account of the same key nor the portfolios of others are touched."""
    await papi.rest.order(type="MARKET", price=None, timeInForce=None)
    engine = engine_of(papi)
    engine.liquidate(engine.portfolios[papi.venue.accounts[0].name])
    assert len(await papi.rest.get("/fapi/v3/positionRisk")) == 1


async def test_coinm_positions_are_closed_too(papi):
    """Short ones are bought back."""
    await papi.cm_order(side="SELL", quantity="5", **MARKET)
    engine = engine_of(papi)
    engine.liquidate(engine.portfolios[papi.venue.accounts[0].name])
    (row,) = await papi.get("cm/forceOrders")
    assert (row["side"], row["executedQty"], row["pair"]) == ("BUY", "5", "BTCUSD")


async def test_loans_are_repaid_with_what_there_is(papi):
    """Dollars by selling coins, coins by buying them; each order by force is listed."""
    engine = engine_of(papi)
    portfolio = engine.portfolios[papi.venue.accounts[0].name]
    await papi.post("marginLoan", asset="USDT", amount="30000")
    await papi.post("marginLoan", asset="ETH", amount="1")
    portfolio.margin["USDT"].free, portfolio.margin["ETH"].free = Decimal(6_000), Decimal("0.5")
    engine.liquidate(portfolio)
    assert portfolio.margin["USDT"].owed == portfolio.margin["ETH"].owed == 0
    forced = await papi.get("margin/forceOrders")
    assert [(row["symbol"], row["side"]) for row in forced["rows"]] == [
        ("ETHUSDC", "BUY"),  # for what was left of the dollars was not enough
        ("ETHUSDT", "BUY"),
        ("BTCUSDT", "SELL"),
    ]
    assert all(row["qty"] == row["executedQty"] for row in forced["rows"])
    assert (await papi.get("margin/forceOrders", size=1, current=4)) == {"rows": [], "total": 3}


async def test_a_debt_that_nothing_is_there_for_stays(papi):
    """As much of it as can be paid is paid."""
    engine = engine_of(papi)
    portfolio = engine.portfolios[papi.venue.accounts[0].name]
    await papi.post("marginLoan", asset="DOT", amount="100")
    portfolio.margin["DOT"].free = Decimal(40)
    engine.liquidate(portfolio)
    assert portfolio.margin["DOT"].owed == Decimal("60.00055")
