"""Refusals of option orders, each with its code."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options import option_placement
from wireproof.venue.products.options.option_placement import read_answer_type, read_option_order

SOUND = {"symbol": "BTC-261225-90000-C", "side": "BUY", "type": "LIMIT", "quantity": "0.1", "price": "2000"}


def code(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_a_sound_order_is_read_with_its_defaults(options):
    found = read_option_order(options.engine, Params(SOUND))
    assert found.contract is options.contract
    assert (found.time_in_force, found.stp, found.client_id) == ("GTC", "EXPIRE_MAKER", "")
    assert not any((found.reduce_only, found.post_only, found.mmp, found.rests_only))
    assert read_option_order(options.engine, Params(SOUND | {"timeInForce": "GTX"})).rests_only


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"symbol": "BTC-261225-90001-C"}, -1121),
        ({"side": "LONG"}, -1117),
        ({"type": "MARKET"}, -1116),
        ({"timeInForce": "GTD"}, -1115),
        ({"timeInForce": "FOK", "postOnly": "true"}, -1014),
        ({"clientOrderId": "x" * 37}, -1130),
        ({"quantity": "much"}, -1102),
        ({"price": ""}, -1102),
        ({"reduceOnly": "maybe"}, -1130),
        ({"selfTradePreventionMode": "ALWAYS"}, -1130),
    ],
)
def test_what_cannot_be_read_is_refused(options, changed, expected):
    assert code(read_option_order, options.engine, Params(SOUND | changed)) == expected


def test_only_two_kinds_of_answers_are_known():
    assert read_answer_type(Params({})) == "ACK"
    assert code(read_answer_type, Params({"newOrderRespType": "FULL"})) == -1130


def test_an_expired_contract_does_not_trade(options):
    options.engine.settlement.settle(options.contract)
    assert code(read_option_order, options.engine, Params(SOUND)) == -6049


@pytest.mark.parametrize(
    ("side", "quantity", "price", "expected"),
    [
        ("BUY", "0", "2000", -4003),
        ("BUY", "0.001", "2000", -4004),
        ("BUY", "201", "2000", -4005),
        ("BUY", "0.015", "2000", -4030),
        ("BUY", "0.1", "0", -4001),
        ("BUY", "0.1", "2001", -4029),
        ("BUY", "0.1", "13000", -4002),
        ("SELL", "0.1", "1000", -4013),
        ("BUY", "3", "6000", -2018),
        ("SELL", "1", "7500", -2027),
    ],
)
def test_filters_and_funds(options, side, quantity, price, expected):
    assert code(options.order, side=side, quantity=quantity, price=price) == expected


def test_buyers_may_bid_below_the_lowest_price(options):
    assert options.order(price="5").status == "NEW"


def test_a_client_id_is_unique_among_open_orders(options):
    order = options.order(price="2000", client_id="mine")
    assert code(options.order, price="2000", client_id="mine") == -6044
    options.engine.flow.cancel(order)
    options.order(price="2000", client_id="mine")


def test_so_many_orders_may_be_open(options, monkeypatch):
    monkeypatch.setattr(option_placement, "MOST_ON_CONTRACT", 1)
    options.order(price="2000")
    assert code(options.order, price="2000") == -6050
    monkeypatch.setattr(option_placement, "MOST_ON_CONTRACT", 100)
    monkeypatch.setattr(option_placement, "MOST_ON_UNDERLYING", 1)
    assert code(options.order, price="2000", contract=options.engine.contract("BTC-261225-90000-P")) == -6051


def test_a_post_only_order_must_not_take(options):
    ask = options.engine.open(options.contract).touch().ask
    assert code(options.order, price=str(ask), post_only=True) == -6047
    assert code(options.order, price=str(ask), time_in_force="GTX") == -6047
    assert options.order(price=str(ask - 5), time_in_force="GTX").status == "NEW"


def test_a_fill_or_kill_order_that_cannot_fill_is_refused(options):
    touch = options.engine.open(options.contract).touch()
    options.alice.credit("TRANSFER", Decimal(10_000_000), 0)
    more = str(touch.ask_quantity + Decimal("0.01"))
    assert code(options.order, price=str(touch.ask), quantity=more, time_in_force="FOK") == -6046
    order = options.order(price=str(touch.ask), quantity=str(touch.ask_quantity), time_in_force="FOK")
    assert order.status == "FILLED"


def test_reduce_only_needs_a_position_that_no_other_order_closes(options):
    assert code(options.order, side="SELL", price="9000", reduce_only=True) == -6045
    options.order(quantity="0.1")
    options.order(side="SELL", quantity="0.1", price="9000", reduce_only=True)
    assert code(options.order, side="SELL", quantity="0.01", price="9000", reduce_only=True) == -6045


def test_not_everything_may_be_written(options):
    bnb = next(one for one in options.engine.contracts.values() if one.underlying.base == "BNB")
    assert code(options.order, side="SELL", contract=bnb, quantity="1") == -6057
    options.alice.writes = False
    assert code(options.order, side="SELL", price="9000") == -5010
    options.order(quantity="0.1")
    assert options.order(side="SELL", quantity="0.1", price="9000").status == "NEW"


def test_written_positions_have_a_cap(options, monkeypatch):
    options.alice.credit("TRANSFER", Decimal(10_000_000), 0)
    monkeypatch.setattr(option_placement, "MOST_WRITTEN", 1)
    assert code(options.order, side="SELL", quantity="1.01", price="9000") == -6052
    monkeypatch.setattr(option_placement, "MOST_WRITTEN_ON_UNDERLYING", 1)
    put = options.engine.contract("BTC-261225-90000-P")
    options.order(side="SELL", quantity="0.6")
    assert code(options.order, side="SELL", quantity="0.6", contract=put, price="20000") == -6053


def test_metals_need_an_agreement(options):
    gold = next(one for one in options.engine.contracts.values() if one.underlying.base == "XAU")
    assert code(options.order, contract=gold, quantity="0.1") == -6062
    options.alice.metals_agreed = True
    assert options.order(contract=gold, quantity="0.1").status == "FILLED"
