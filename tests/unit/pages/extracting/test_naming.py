"""Names that follow from the wire."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Surface
from wireproof.pages.extracting.naming import (
    contract_id,
    event_name,
    example_names,
    merged_pattern,
    request_name,
    stream_name,
)


def test_requests_are_named_by_verb_and_path_or_method():
    assert request_name("GET", "/fapi/v1/order/asyn") == "GET.fapi.v1.order.asyn"
    assert request_name("order.place") == "order.place"
    assert request_name("v2/account.status") == "v2.account.status"
    assert contract_id("usdm", Surface.REST, "GET.fapi.v1.order") == "usdm/rest/GET.fapi.v1.order"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("<symbol>@aggTrade", "aggTrade"),
        ("{symbol}@aggTrade", "aggTrade"),
        ("<symbol>@kline_<interval>", "kline"),
        ("<pair>_<contractType>@continuousKline_<interval>", "continuousKline"),
        ("<symbol>@markPrice@<updateSpeed>", "markPrice"),
        ("<pair>@markPrice@<updateSpeed>", "pairMarkPrice"),
        ("!markPrice@arr@<updateSpeed>", "allMarkPrice"),
        ("!bookTicker", "allBookTicker"),
        ("<symbol>@depth@<updateSpeed>", "depth"),
        ("<symbol>@depth<levels>@<updateSpeed>", "partialDepth"),
        ("<symbol>@rpiDepth@500ms", "rpiDepth"),
        ("<underlying>@openInterest@<expirationDate>", "openInterest"),
        ("<symbol>@optionTicker<expirationDate>", "optionTicker"),
        ("tradingSession", "tradingSession"),
    ],
)
def test_streams_are_named_by_kind(pattern, name):
    assert stream_name(pattern) == name


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("<symbol>@aggTrade", ("<symbol>@aggTrade", (), False)),
        ("<symbol>@markPrice or <symbol>@markPrice@1s", ("<symbol>@markPrice@<updateSpeed>", ("1s",), True)),
        ("<symbol>@depth@100ms or <symbol>@depth@500ms", ("<symbol>@depth@<updateSpeed>", ("100ms", "500ms"), False)),
        ("!assetIndex@arr OR <assetSymbol>@assetIndex", ("!assetIndex@arr", (), False)),
        ("{symbol}@aggTrade", ("<symbol>@aggTrade", (), False)),
        ("no stream at all", ("", (), False)),
    ],
)
def test_alternatives_of_a_stream_name_make_one_pattern(text, merged):
    assert merged_pattern(text) == merged


def test_events_keep_their_name_where_a_file_can_have_it():
    assert event_name("ORDER_TRADE_UPDATE") == "ORDER_TRADE_UPDATE"
    assert event_name("a/b") == "a_b"


def test_examples_are_named_by_condition_without_repeating_a_name():
    assert example_names(["", "hedge position mode", "", "中"]) == [
        "default",
        "hedge-position-mode",
        "default-2",
        "variant",
    ]
