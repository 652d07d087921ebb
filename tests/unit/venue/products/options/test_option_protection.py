"""Market maker protection and countdowns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.products.options.option_instruments import UNDERLYINGS

BTC = UNDERLYINGS["BTCUSDT"]


def protect(options, quantity="0.2", delta="5", frozen=0, window=3_000, name="BTCUSDT"):
    return options.engine.protection.set(options.alice, name, window, frozen, (Decimal(quantity), Decimal(delta)))


def refuses(call, expected):
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.code == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"window": 0}, -6001),
        ({"window": 5_001}, -6001),
        ({"frozen": -1}, -6002),
        ({"quantity": "0"}, -6040),
        ({"delta": "-1"}, -6040),
        ({"name": "LTCUSDT"}, -6003),
    ],
)
def test_bad_settings_are_refused(options, changed, expected):
    refuses(lambda: protect(options, **changed), expected)


def test_settings_that_nobody_set_are_not_found(options):
    refuses(lambda: options.engine.protection.get(options.alice, "BTCUSDT"), -6006)
    found = protect(options)
    assert options.engine.protection.get(options.alice, "BTCUSDT") is found


def test_it_is_for_market_makers(options):
    options.alice.maker = False
    refuses(lambda: protect(options), -6005)


def test_trading_too_much_cancels_the_protected_orders_and_refuses_new_ones(options):
    found = protect(options)
    protected, other = options.order(price="2000", mmp=True), options.order(price="2000")
    options.order(quantity="0.1", mmp=True)
    assert protected.is_open
    options.order(quantity="0.1", mmp=True)
    assert (protected.status, other.status) == ("CANCELED", "NEW")
    assert found.triggered == options.engine.now()
    refuses(lambda: options.order(price="2000", mmp=True), -6058)
    options.order(price="2000")
    options.engine.protection.reset(options.alice, "BTCUSDT")
    assert options.order(price="2000", mmp=True).is_open


def test_the_net_delta_counts_too(options):
    found = protect(options, quantity="100", delta="0.04")
    options.order(quantity="0.1", mmp=True)
    assert found.is_frozen(options.engine.now())


def test_a_frozen_time_ends_by_itself(options):
    protect(options, quantity="0.05", frozen=10_000)
    options.order(quantity="0.05", mmp=True)
    refuses(lambda: options.order(price="2000", mmp=True), -6058)
    options.clock.advance(10_000)
    assert options.order(price="2000", mmp=True).is_open


def test_fills_before_the_window_do_not_count(options):
    found = protect(options)
    options.order(quantity="0.1", mmp=True)
    options.clock.advance(3_000)
    options.order(quantity="0.1", mmp=True)
    assert not found.is_frozen(options.engine.now())


def test_a_countdown_cancels_the_orders_of_its_underlying(options):
    desk = options.engine.protection
    order = options.order(price="2000")
    desk.count_down(options.alice, BTC, 5_000)
    assert desk.countdowns(options.alice) == {"BTCUSDT": 5_000}
    options.pass_time(4_999)
    assert order.is_open
    options.pass_time(1)
    assert order.status == "CANCELED"
    assert desk.countdowns(options.alice) == {}
    assert options.order(price="2000").is_open


def test_a_heartbeat_starts_the_countdown_again(options):
    desk = options.engine.protection
    order = options.order(price="2000")
    desk.count_down(options.alice, BTC, 5_000)
    options.pass_time(4_000)
    assert desk.heartbeat(options.alice, ["BTCUSDT", "ETHUSDT"]) == ["BTCUSDT"]
    options.pass_time(4_000)
    assert order.is_open


def test_zero_turns_a_countdown_off(options):
    desk = options.engine.protection
    order = options.order(price="2000")
    desk.count_down(options.alice, BTC, 5_000)
    desk.count_down(options.alice, BTC, 0)
    options.pass_time(6_000)
    assert order.is_open
    refuses(lambda: desk.count_down(options.alice, BTC, 4_999), -6009)
    refuses(lambda: desk.count_down(options.alice, BTC, -1), -6009)
