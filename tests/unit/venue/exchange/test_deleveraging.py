"""Automatic deleveraging: who pays when the insurance fund cannot."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.exchange.liquidation import OPENING_FUND

D = Decimal


@pytest.fixture
def opposed(exchange):
    """Return an exchange whose first account is long 1 BTC; bob is short 0.6 with high leverage, carol 0.6 with low."""
    for account, leverage in ((exchange.bob, 100), (exchange.carol, 20)):
        exchange.engine.settings.set_leverage(account, exchange.engine.symbols["BTCUSDT"], leverage)
        exchange.order(account, "SELL", "0.6")
    exchange.order(exchange.alice, "BUY", "1")
    exchange.events.clear()
    return exchange


def crash(exchange) -> None:
    """Let the market fall through the margin of the first account."""
    exchange.engine.set_price("BTCUSDT", D(70_000))


def test_a_fund_with_means_takes_over(opposed):
    """And bears the loss from the price at which the margin was used up to the mark; nobody else is touched."""
    crash(opposed)
    fund = opposed.engine.liquidator.fund_of("USDT")
    assert OPENING_FUND - 12_000 < fund < OPENING_FUND - 10_000
    assert [opposed.position(one)["positionAmt"] for one in (opposed.bob, opposed.carol)] == ["-0.6000", "-0.6000"]
    assert opposed.told(opposed.bob, "ORDER_TRADE_UPDATE") == []


def test_without_means_the_other_side_is_closed(opposed):
    """First whoever has the highest return on margin, then the next one, by as much as is needed, at one price."""
    opposed.engine.liquidator.set_fund("USDT", D(100))
    crash(opposed)
    sizes = [opposed.position(one)["positionAmt"] for one in (opposed.alice, opposed.bob, opposed.carol)]
    assert sizes == ["0.0000", "0.0000", "-0.2000"]
    assert 100 <= opposed.engine.liquidator.fund_of("USDT") < 101  # what rounding left of the margin
    orders = [opposed.told(one, "ORDER_TRADE_UPDATE")[-1]["o"] for one in (opposed.bob, opposed.carol)]
    assert [(one["c"], one["S"], one["X"], one["z"]) for one in orders] == [
        ("adl_autoclose", "BUY", "FILLED", "0.6"),
        ("adl_autoclose", "BUY", "FILLED", "0.4"),
    ]
    assert orders[0]["L"] == orders[1]["L"]
    assert D(orders[0]["L"]) > 80_000
    assert [event["e"] for event in opposed.told(opposed.bob)] == [
        "ORDER_TRADE_UPDATE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]
    assert 0 <= D(opposed.wallet(opposed.alice)) < 1


def test_losing_positions_are_left_alone(opposed):
    """What nobody is there for, the fund bears with what it has, never below nothing."""
    for account in (opposed.bob, opposed.carol):
        opposed.order(account, "BUY", "0.7")
    opposed.engine.liquidator.set_fund("USDT", D(100))
    crash(opposed)
    assert [opposed.position(one)["positionAmt"] for one in (opposed.bob, opposed.carol)] == ["0.1000", "0.1000"]
    assert opposed.engine.liquidator.fund_of("USDT") < 1


def test_orders_that_reduce_go_with_their_position(opposed):
    """As after any other fill that closes it."""
    order = opposed.order(opposed.bob, "BUY", "0.1", "69000.0", reduceOnly="true", priceMatch="NONE")
    opposed.engine.liquidator.set_fund("USDT", D(0))
    crash(opposed)
    assert opposed.status_of(opposed.bob, order) == "EXPIRED"


def test_the_queue_is_told(opposed):
    """From 1 to 4 by return on margin, in every answer alike; 0 without a position."""
    opposed.engine.set_price("BTCUSDT", D(84_500))
    shown = [opposed.position(one)["adlQuantile"] for one in (opposed.alice, opposed.bob, opposed.carol)]
    assert shown == [1, 4, 2]
    rows = opposed.get("v2/account.position", opposed.bob)
    assert [row["adl"] for row in rows] == [4]
    assert {row["adlQuantile"] for row in opposed.get("account.position", opposed.bob, symbol="ETHUSDT")} == {0}


async def test_the_queue_has_an_endpoint(rest):
    """adlQuantile: LONG or SHORT as the position is, and BOTH."""
    engine = rest.venue.engine
    engine.settings.set_leverage(rest.account, engine.symbols["BTCUSDT"], 100)
    await rest.order(side="SELL", type="MARKET")
    engine.set_price("BTCUSDT", D(84_500))
    (row,) = await rest.get("/fapi/v1/adlQuantile")
    assert row == {"symbol": "BTCUSDT", "adlQuantile": {"LONG": 0, "SHORT": 4, "BOTH": 4}}


async def test_forced_orders_are_told_apart(rest):
    """By autoCloseType; ADL is not LIQUIDATION."""
    engine = rest.venue.engine
    await rest.order(rest.other, side="SELL", type="MARKET", quantity="1")
    await rest.order(type="MARKET", quantity="1")
    async with rest.http.post(f"{rest.venue.rest_url}/venue/market", json={"fund": "USDT", "amount": 0}) as answer:
        assert answer.status == 200
    engine.set_price("BTCUSDT", D(70_000))
    (row,) = await rest.get("/fapi/v1/forceOrders", rest.other, autoCloseType="ADL")
    assert (row["clientOrderId"], row["status"]) == ("adl_autoclose", "FILLED")
    assert await rest.get("/fapi/v1/forceOrders", rest.other, autoCloseType="LIQUIDATION") == []
    assert len(await rest.get("/fapi/v1/forceOrders", autoCloseType="LIQUIDATION")) == 1


def test_risk_grows_as_the_fund_goes(exchange, ask):
    """Low, medium, high, by what is left of it."""
    found = []
    for amount in (OPENING_FUND, OPENING_FUND / 4, D(0)):
        exchange.engine.liquidator.set_fund("USDT", amount)
        found.append(ask("/fapi/v1/symbolAdlRisk", symbol="BTCUSDT")["adlRisk"])
    assert found == ["low", "medium", "high"]


@pytest.mark.parametrize("wish", [{"fund": "GOLD", "amount": 1}, {"fund": "USDT", "amount": -1}, {"amount": "x"}])
async def test_funds_that_there_cannot_be(rest, wish):
    """An asset that nothing is margined in, less than nothing, no number."""
    async with rest.http.post(f"{rest.venue.rest_url}/venue/market", json=wish) as answer:
        assert answer.status == 400
    assert rest.venue.engine.liquidator.fund == {}


async def test_ids_of_users_force_nothing(rest):
    """An order whose client id only looks like the exchange's is not among the forced ones."""
    for number, begin in enumerate(("autoclose-", "adl_autoclose")):
        await rest.order(newClientOrderId=f"{begin}{number}")
    assert await rest.get("/fapi/v1/forceOrders") == []
