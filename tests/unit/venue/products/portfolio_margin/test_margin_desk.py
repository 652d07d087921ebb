"""What can happen to a margin order."""

from __future__ import annotations

from decimal import Decimal

import pytest

BTC = {"symbol": "BTCUSDT"}
FEE = Decimal("0.001")


async def place(papi, account=None, **changes):
    """Place a limit order that buys below the market, with `changes`; None leaves a parameter out."""
    sound = BTC | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "80000"} | changes
    given = {name: value for name, value in sound.items() if value is not None}
    return await papi.post("margin/order", account, **given)


async def take(papi, side, **changes):
    """Place an order at the market."""
    return await place(papi, side=side, type="MARKET", timeInForce=None, price=None, **changes)


async def status_of(papi, order, account=None):
    """Return the status of an order."""
    return (await papi.get("margin/order", account, **BTC, orderId=order["orderId"]))["status"]


def amounts(papi, asset, which=0):
    """Return what is free, locked and owed of an asset."""
    engine = papi.venue.services.engines["portfolio-margin"]
    cross = list(engine.portfolios.values())[which].margin[asset]
    return cross.free, cross.locked, cross.owed


async def test_an_order_locks_what_it_pays_until_it_ends(papi):
    """Its fill pays from the lock, gives back what it saves, and costs a tenth of a per cent of what comes in."""
    resting = await place(papi)
    assert amounts(papi, "USDT") == (19_200, 800, 0)
    await papi.delete("margin/order", **BTC, orderId=resting["orderId"])
    assert amounts(papi, "USDT") == (20_000, 0, 0)
    bought = await place(papi, price="90000", timeInForce="IOC")
    assert (bought["status"], bought["fills"][0]["price"]) == ("FILLED", "86250.01000000")
    assert amounts(papi, "USDT") == (20_000 - Decimal("862.5001"), 0, 0)
    assert amounts(papi, "BTC")[0] == 1 + Decimal("0.01") * (1 - FEE)
    await take(papi, "SELL")
    assert amounts(papi, "BTC")[0] == 1 - Decimal("0.01") * FEE


async def test_a_resting_order_fills_when_the_price_comes(papi):
    """At its own price, as the maker."""
    order = await place(papi)
    papi.engine.set_price("BTCUSDT", Decimal(79_000))
    assert await status_of(papi, order) == "FILLED"
    (trade,) = await papi.get("margin/myTrades", **BTC)
    assert (trade["isMaker"], trade["isBuyer"], trade["price"]) == (True, True, "80000.00000000")
    assert amounts(papi, "USDT") == (19_200, 0, 0)


async def test_users_trade_with_each_other(papi):
    """The better price first, though it is a user's."""
    await place(papi, side="SELL", price="86250")
    other = papi.venue.accounts[1]
    bought = await place(papi, other, price="86260", quantity="0.02")
    assert [fill["price"] for fill in bought["fills"]] == ["86250.00000000", "86250.01000000"]
    assert amounts(papi, "BTC")[:2] == (Decimal("0.99"), 0)


@pytest.mark.parametrize(
    ("mode", "resting", "incoming"),
    [
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "FILLED"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        ("NONE", "FILLED", "FILLED"),
    ],
)
async def test_an_account_does_not_trade_with_itself(papi, mode, resting, incoming):
    """Unless it asks for that."""
    first = await place(papi, side="SELL", price="86250")
    second = await place(papi, price="86260", selfTradePreventionMode=mode)
    assert (await status_of(papi, first), second["status"]) == (resting, incoming)
    seen = await papi.get("margin/order", **BTC, orderId=first["orderId"])
    assert (seen["preventedQuantity"] == "0.01000000") is (resting == "EXPIRED_IN_MATCH")


async def test_what_cannot_fill_expires(papi):
    """All of a fill-or-kill order, what is left of others."""
    killed = await place(papi, timeInForce="FOK", price="86250.01", quantity="0.9", sideEffectType="MARGIN_BUY")
    assert (killed["status"], killed["executedQty"]) == ("EXPIRED", "0.00000000")
    left = await place(papi, timeInForce="IOC", price="86250.01", quantity="0.9", sideEffectType="MARGIN_BUY")
    assert (left["status"], Decimal(left["executedQty"])) == ("EXPIRED", Decimal("0.23188"))
    assert amounts(papi, "USDT")[1] == 0


async def test_a_stop_works_once_it_triggers(papi):
    """It locks what it needs before; one at the market takes what there is, one with a limit may rest."""
    sold = await place(papi, side="SELL", type="STOP_LOSS", stopPrice="80000", price=None, timeInForce=None)
    limit = await place(papi, side="SELL", type="STOP_LOSS_LIMIT", stopPrice="80000", price="85000")
    assert amounts(papi, "BTC")[:2] == (Decimal("0.98"), Decimal("0.02"))
    seen = await papi.get("margin/order", **BTC, orderId=sold["orderId"])
    assert (seen["isWorking"], seen["status"]) == (False, "NEW")
    papi.engine.set_price("BTCUSDT", Decimal(79_000))
    assert await status_of(papi, sold) == "FILLED"
    seen = await papi.get("margin/order", **BTC, orderId=limit["orderId"])
    assert (seen["isWorking"], seen["status"]) == (True, "NEW")


async def test_an_order_borrows_what_is_missing_and_repays_what_comes_in(papi):
    """As its side effect says."""
    bought = await take(papi, "BUY", quantity="0.4", sideEffectType="MARGIN_BUY")
    borrowed = Decimal(bought["marginBuyBorrowAmount"])
    assert (bought["marginBuyBorrowAsset"], borrowed) == ("USDT", Decimal(bought["cummulativeQuoteQty"]) - 20_000)
    assert amounts(papi, "USDT")[2] > borrowed
    await take(papi, "SELL", quantity="0.1")
    assert amounts(papi, "USDT")[2] > borrowed
    await take(papi, "SELL", quantity="0.3", sideEffectType="AUTO_REPAY")
    assert amounts(papi, "USDT")[2] == 0


@pytest.mark.parametrize(("flag", "owed"), [({}, False), ({"autoRepayAtCancel": "false"}, True)])
async def test_a_loan_for_an_order_is_repaid_when_it_is_cancelled(papi, flag, owed):
    """Unless it should stay."""
    order = await place(papi, quantity="0.5", sideEffectType="MARGIN_BUY", **flag)
    await papi.delete("margin/order", **BTC, orderId=order["orderId"])
    assert (amounts(papi, "USDT")[2] > 1) is owed


async def test_a_loan_that_was_taken_otherwise_stays(papi):
    """When an order is cancelled that borrowed nothing."""
    await papi.post("marginLoan", asset="USDT", amount="100")
    order = await place(papi)
    await papi.delete("margin/order", **BTC, orderId=order["orderId"])
    assert amounts(papi, "USDT")[2] > 100


async def test_a_loan_for_a_list_is_repaid_with_it(papi):
    """Whichever of its orders is cancelled."""
    found = await place_list(papi, quantity="2", sideEffectType="MARGIN_BUY")
    assert amounts(papi, "BTC")[2] > 1
    await papi.delete("margin/order", **BTC, orderId=found["orders"][0]["orderId"])
    assert amounts(papi, "BTC")[2] < Decimal("0.001")


async def place_list(papi, **changes):
    """Place a list that sells, with `changes`."""
    sound = {"side": "SELL", "quantity": "0.01", "price": "95000", "stopPrice": "80000"}
    return await papi.post("margin/order/oco", **BTC | sound | changes)


@pytest.mark.parametrize(("price", "statuses"), [(79_000, ["FILLED", "EXPIRED"]), (96_000, ["EXPIRED", "FILLED"])])
async def test_one_order_of_a_list_ends_the_other(papi, price, statuses):
    """Both are paid from one lock."""
    found = await place_list(papi)
    assert amounts(papi, "BTC")[:2] == (Decimal("0.99"), Decimal("0.01"))
    papi.engine.set_price("BTCUSDT", Decimal(price))
    assert [await status_of(papi, one) for one in found["orders"]] == statuses
    assert amounts(papi, "BTC")[:2] == (Decimal("0.99"), 0)
    assert await papi.get("margin/openOrderList") == []


async def test_cancelling_one_order_cancels_its_list(papi):
    """And unlocks what it had locked."""
    found = await place_list(papi, side="BUY", price="80000", stopPrice="95000")
    assert amounts(papi, "USDT")[1] == 1900
    await papi.delete("margin/order", **BTC, orderId=found["orders"][1]["orderId"])
    assert [await status_of(papi, one) for one in found["orders"]] == ["CANCELED", "CANCELED"]
    assert amounts(papi, "USDT") == (20_000, 0, 0)


async def test_client_ids_of_open_orders_are_unique(papi):
    """One that is done may be used again."""
    order = await place(papi, newClientOrderId="mine")
    _, answer = await papi.rest.ask(
        "POST",
        "/papi/v1/margin/order",
        **BTC | {"side": "BUY", "type": "MARKET", "quantity": "0.01", "newClientOrderId": "mine"},
    )
    assert answer == {"code": -2010, "msg": "Duplicate order sent."}
    await papi.delete("margin/order", **BTC, origClientOrderId="mine", newClientOrderId="gone")
    assert await status_of(papi, order) == "CANCELED"
    await place(papi, newClientOrderId="mine")


async def test_open_losses_are_what_a_bad_price_would_cost(papi):
    """Of a stop that buys far above the market."""
    assert (await papi.get("account"))["totalMarginOpenLoss"] == "0.00000000"
    await place(papi, type="STOP_LOSS_LIMIT", stopPrice="95000", price="95000")
    loss = Decimal((await papi.get("account"))["totalMarginOpenLoss"])
    assert abs(loss - (95_000 - 86_250) * Decimal("0.01")) < 1
