"""Matching, self-trade prevention, cancellation, expiry, and the events of each."""

from __future__ import annotations

from decimal import Decimal

import pytest


def statuses(options, account):
    """Return execution type and status of each order event."""
    return [(event["o"]["x"], event["o"]["X"]) for event in options.told(account, "ORDER_TRADE_UPDATE")]


def test_an_order_that_meets_a_quote_is_filled_at_its_price(options):
    ask = options.engine.open(options.contract).touch().ask
    order = options.order(price=str(ask + 50), quantity="0.01")
    assert (order.status, order.average_price, order.fee) == ("FILLED", ask, Decimal("0.207"))
    assert options.alice.wallet == 10_000 - ask / 100 - Decimal("0.207")
    assert options.alice.amount(options.contract) == Decimal("0.01")
    assert [bill.kind for bill in options.alice.bills] == ["TRANSFER", "CONTRACT", "FEE"]


def test_events_of_a_fill_come_in_their_order(options):
    options.order(quantity="0.01")
    assert [event["e"] for event in options.told(options.alice)] == [
        "ORDER_TRADE_UPDATE",
        "ORDER_TRADE_UPDATE",
        "BALANCE_POSITION_UPDATE",
        "ACCOUNT_UPDATE",
        "GREEK_UPDATE",
    ]
    assert statuses(options, options.alice) == [("NEW", "NEW"), ("TRADE", "FILLED")]


def test_an_order_away_from_the_market_rests(options):
    order = options.order(price="2000", quantity="0.1")
    assert order.status == "NEW"
    assert options.engine.market(options.contract).user_orders() == [order]
    assert statuses(options, options.alice) == [("NEW", "NEW")]


def test_users_trade_with_each_other_in_price_and_time(options):
    bid = options.engine.open(options.contract).touch().bid + 5
    first = options.order(price=str(bid), quantity="0.1")
    second = options.order(price=str(bid), quantity="0.1")
    taker = options.order(options.bob, "SELL", "0.15", str(bid))
    assert (first.status, second.status, taker.status) == ("FILLED", "PARTIALLY_FILLED", "FILLED")
    assert second.remaining == Decimal("0.05")
    fills = options.alice.fills
    assert [fill.maker for fill in fills] == [True, True]
    assert [fill.trade_id for fill in fills] == [fill.trade_id for fill in options.bob.fills]
    assert options.bob.amount(options.contract) == Decimal("-0.15")


def test_what_remains_of_an_immediate_order_expires(options):
    market = options.engine.open(options.contract)
    everything = sum(level.quantity for level in market.depth(1)[1])
    touch = market.touch()
    options.alice.credit("TRANSFER", Decimal(10_000_000), 0)
    order = options.order(price=str(touch.ask), quantity=str(everything + 1), time_in_force="IOC")
    assert (order.status, order.executed) == ("EXPIRED", everything)
    assert statuses(options, options.alice)[-1] == ("EXPIRED", "EXPIRED")


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "NEW"),
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        ("NONE", "FILLED", "FILLED"),
    ],
)
def test_self_trades_are_prevented_as_the_taker_asked(options, mode, maker, taker):
    bid = options.engine.open(options.contract).touch().bid + 5
    resting = options.order(price=str(bid), quantity="0.1", stp="EXPIRE_TAKER")
    taking = options.order(side="SELL", price=str(bid), quantity="0.1", stp=mode)
    assert (resting.status, taking.status) == (maker, taker)


def test_cancelling_takes_an_order_off_the_book(options):
    order = options.order(price="2000")
    options.engine.flow.cancel(order)
    assert order.status == "CANCELED"
    assert options.engine.market(options.contract).user_orders() == []
    assert options.alice.open_orders == {}
    assert statuses(options, options.alice)[-1] == ("CANCELED", "CANCELED")


def test_quotes_that_move_fill_what_stands_in_their_way(options):
    ask = options.engine.open(options.contract).touch().ask
    order = options.order(price=str(ask - 5), quantity="0.1")
    options.indexes["BTCUSDT"] -= 2_000
    options.engine.flow.fresh(options.contract)
    assert order.status == "FILLED"
    assert order.average_price == ask - 5
    assert options.alice.fills[0].maker


def test_a_reduce_only_order_trades_no_more_than_the_position(options):
    options.order(quantity="0.1")
    ask = options.engine.open(options.contract).touch().ask
    reducing = options.order(side="SELL", quantity="0.1", price=str(ask - 5), reduce_only=True)
    options.order(side="SELL", quantity="0.06")
    taker = options.order(options.bob, "BUY", "0.1", str(ask - 5))
    assert (reducing.executed, taker.executed) == (Decimal("0.04"), Decimal("0.04"))
    assert options.alice.amount(options.contract) == 0
    options.indexes["BTCUSDT"] += 3_000
    options.engine.flow.fresh(options.contract)
    assert reducing.status == "EXPIRED"


def test_books_are_renewed_once_a_second(options):
    market = options.engine.open(options.contract)
    update = market.update_id
    assert options.engine.open(options.contract).update_id == update
    options.clock.advance(1_000)
    assert options.engine.open(options.contract).update_id > update


def test_order_ids_exceed_what_a_double_holds(options):
    first, second = options.order(price="2000"), options.order(price="2000")
    assert second.order_id == first.order_id + 1
    assert first.order_id > 2**53


@pytest.mark.parametrize(("amount", "reason"), [("100", "DEPOSIT"), ("-100.5", "WITHDRAW")])
def test_transfers_are_reported(options, amount, reason):
    options.engine.flow.transfer(options.alice, Decimal(amount))
    first, second, _ = options.told(options.alice)
    assert (first["m"], first["B"][0]["bc"], first["P"]) == (reason, amount, [])
    assert second["e"] == "ACCOUNT_UPDATE"
    assert options.alice.wallet == 10_000 + Decimal(amount)


def test_a_reduce_only_order_without_a_position_expires_when_somebody_takes_it(options):
    options.order(quantity="0.1")
    ask = options.engine.open(options.contract).touch().ask
    reducing = options.order(side="SELL", quantity="0.1", price=str(ask - 5), reduce_only=True)
    options.order(side="SELL", quantity="0.1")
    taker = options.order(options.bob, "BUY", "0.1", str(ask - 5))
    assert (reducing.status, taker.executed) == ("EXPIRED", 0)
