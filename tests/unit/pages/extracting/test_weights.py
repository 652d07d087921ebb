"""Weights in every form that the pages use."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Weight, WeightRule
from wireproof.pages.extracting.weights import weight_of
from wireproof.pages.reading.blocks import Table


def given(param, ip):
    return WeightRule(param=param, given=True, ip=ip)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("5", Weight(ip=5)),
        ("50(IP)", Weight(ip=50)),
        ("(UID) 1500", Weight(ip=0, uid=1500)),
        ("0 share 500/5min/IP rate limit with GET /fapi/v1/fundingInfo", Weight(ip=0)),
        ("share 500/5min/IP rate limit with GET /fapi/v1/fundingInfo", Weight(ip=0)),
        ("50(IP); 360/hour, 500/day", Weight(ip=50)),
        ("1 for a single symbol; 40 when the symbol parameter is omitted", Weight(ip=40, rules=(given("symbol", 1),))),
        ("1 for a single symbol, 40 for mutltiple symbols", Weight(ip=40, rules=(given("symbol", 1),))),
        ("20 with symbol\uff0c40 with pair", Weight(ip=40, rules=(given("symbol", 20), given("pair", 40)))),
        ("20 with symbol, 50 without symbol", Weight(ip=50, rules=(given("symbol", 20),))),
        ("1 if asset is sent; 50 if asset is not sent", Weight(ip=50, rules=(given("asset", 1),))),
        (
            "1 on 10s order rate limit(X-10S); 1 on 1min order rate limit(X-1M); 0 on IP rate limit(x-weight-1m)",
            Weight(ip=0, orders_10s=1, orders_1m=1),
        ),
        ("20 (after CM migration: 20 with symbol / 50 without symbol)", Weight(ip=50, rules=(given("symbol", 20),))),
        ("20 with symbol, 40 with pair (after CM migration: 5 flat)", Weight(ip=5)),
        ("", None),
        ("depends", None),
    ],
)
def test_weights_in_words(text, weight):
    assert weight_of(text) == weight


def test_orders_under_a_heading_of_their_own_cost_no_weight():
    assert weight_of("", orders="1") == Weight(ip=0, orders_1m=1)


def test_weight_of_the_account_under_a_heading_of_its_own():
    assert weight_of("", uid="3000") == Weight(ip=0, uid=3000)


BANDS = Table(("LIMIT", "weight"), (("[1,100)", "1"), ("[100, 500)", "2"), ("[500, 1000]", "5"), ("> 1000", "10")))


def test_a_table_of_bands_gives_a_rule_each_and_the_cost_without_limit():
    weight = weight_of("based on parameter LIMIT", (BANDS,), limit_default=500)
    assert weight is not None
    costs = [weight.of({"limit": n}) for n in (1, 99, 100, 499, 500, 1000, 1001)]
    assert costs == [1, 1, 2, 2, 5, 5, 10]
    assert weight.of({}) == 5


def test_a_table_of_values_gives_a_rule_each():
    table = Table(("Limit", "Weight"), (("5, 10, 20, 50", "2"), ("100", "5"), ("1000", "20")))
    weight = weight_of("Adjusted based on the limit:", (table,), limit_default=100)
    assert weight is not None
    assert [weight.of({"limit": n}) for n in (5, 50, 100, 1000)] == [2, 2, 5, 20]
    assert weight.of({}) == 5


def test_bands_in_words_are_read_like_their_table():
    text = "limit [1,100): 1; limit [100, 500): 2; limit [500, 1000]: 5; limit > 1000: 10"
    assert weight_of(text, limit_default=500) == weight_of("", (BANDS,), limit_default=500)


def test_a_table_about_something_else_gives_no_weight():
    assert weight_of("", (Table(("Type", "Additional mandatory parameters"), (("LIMIT", "price"),)),)) is None
