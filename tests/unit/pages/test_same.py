"""What a page says in other words, and what it says otherwise."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Weight, WeightRule
from wireproof.pages.same import same_default, same_speed, same_values, same_weight, same_words

ENUMS = {"Side": ("BUY", "SELL"), "Direction": ("SELL", "BUY"), "Boolean": ("true", "false")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("BUY", "SELL"), ("SELL", "BUY")),
        ("Side", ("SELL", "BUY")),
        ("Side", "Direction"),
        (("true", "false"), ("FALSE", "TRUE")),
        ("Boolean", ("TRUE", "FALSE")),
        ((), ()),
    ],
)
def test_enumerations_of_the_same_values_are_the_same(old, new):
    assert same_values(old, new, ENUMS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("BUY", "SELL"), ("BUY",)),
        (("BUY",), ("BUY", "SELL")),
        (("perpetual",), ("PERPETUAL",)),
        ("Side", ("BUY", "SELL", "BOTH")),
        ((), ("BUY",)),
        (("true",), ()),
        ("Unknown", "Side"),
    ],
)
def test_enumerations_with_another_value_are_not(old, new):
    """Letter case counts: the exchange tells `perpetual` from `PERPETUAL`."""
    assert not same_values(old, new, ENUMS)


@pytest.mark.parametrize(
    ("old", "new"),
    [("gtc", "GTC"), ("5000", 5000), (5000, 5000.0), (True, "TRUE"), ("false", False), (" 10 ", "10"), (None, None)],
)
def test_defaults_of_one_value_are_the_same(old, new):
    assert same_default(old, new)


@pytest.mark.parametrize(
    ("old", "new"), [(None, 500), (500, 1000), ("GTC", "IOC"), (True, False), (0, False), (1, True), ("", None)]
)
def test_defaults_of_two_values_are_not(old, new):
    assert not same_default(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3s or 1s", "3000ms or 1000ms"),
        ("250ms or 500ms or 100ms", "250ms, 500ms or 100ms"),
        ("Real-time", "realtime."),
        ("1 minute", "60s"),
        ("", ""),
    ],
)
def test_speeds_in_other_words_are_the_same(old, new):
    assert same_speed(old, new)


@pytest.mark.parametrize(
    ("old", "new"), [("3s", "1s"), ("100ms", "Real-time"), ("250ms or 500ms", "250ms"), ("", "1s"), ("1s", "1m")]
)
def test_other_speeds_are_not(old, new):
    assert not same_speed(old, new)


@pytest.mark.parametrize("new", ["order book", "Order  Book", "Order-Book", "Order Book."])
def test_titles_differ_in_words_only(new):
    assert same_words("Order Book", new)
    assert not same_words("Order Book", f"{new} (Deprecated)")


def weight(ip, *rules, **more):
    return Weight(ip=ip, rules=rules, **more)


SENT, OMITTED = WeightRule(param="symbol", given=True, ip=1), WeightRule(param="symbol", given=False, ip=40)
SMALL, LARGE = WeightRule(param="limit", at_most=100, ip=1), WeightRule(param="limit", at_most=1000, ip=5)
FIVE_OR_TEN, FIVE, TEN = (WeightRule(param="limit", one_of=values, ip=1) for values in ((5, 10), (5,), (10,)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (weight(40, SENT), weight(1, OMITTED)),
        (weight(40, SENT), weight(7, OMITTED, SENT)),
        (weight(1), weight(1, WeightRule(param="symbol", given=True, ip=1))),
        (weight(10, SMALL, LARGE), weight(10, SMALL, LARGE, SMALL)),
        (weight(2, FIVE_OR_TEN), weight(2, TEN, FIVE)),
    ],
)  # fmt: skip
def test_weights_that_charge_the_same_are_the_same(old, new):
    assert same_weight(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (weight(1), weight(2)),
        (weight(40, SENT), weight(40)),
        (weight(10, SMALL, LARGE), weight(10, LARGE, SMALL)),
        (weight(10, SMALL), weight(10, WeightRule(param="limit", at_most=99, ip=1))),
        (weight(1), weight(1, uid=1)),
        (weight(1), weight(1, orders_1m=1)),
    ],
)
def test_weights_that_charge_otherwise_for_some_request_are_not(old, new):
    assert not same_weight(old, new)
