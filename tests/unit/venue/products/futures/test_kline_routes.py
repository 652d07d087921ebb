"""Candles of both futures products."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from wireproof.venue.base.params import Params
from wireproof.venue.base.refusals import Refusal
from wireproof.venue.market_data.candles import HOUR
from wireproof.venue.products.registry import ROUTES

PRODUCTS = pytest.mark.parametrize(("root", "symbol"), [("/fapi", "BTCUSDT"), ("/dapi", "BTCUSD_PERP")])


def refused(ask, path: str, **params: Any) -> int:
    with pytest.raises(Refusal) as refusal:
        ask(path, **params)
    return refusal.value.code


@pytest.mark.parametrize(
    ("limit", "weight"), [(None, 5), (1, 1), (100, 1), (101, 2), (500, 2), (501, 5), (1000, 5), (1001, 10), ("x", 5)]
)
def test_klines_weigh_what_was_measured(limit, weight):
    """Bands inclusive at the top, and five without a limit."""
    params = Params({} if limit is None else {"limit": str(limit)})

    assert ROUTES["GET /fapi/v1/klines"].weight(params) == weight


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"interval": "1s"}, -1120),
        ({"interval": "2m"}, -1120),
        ({"interval": "1m", "limit": 1501}, -1130),
        ({"interval": "1m", "startTime": 2, "endTime": 1}, -1023),
        ({"interval": "1m", "symbol": "NOPE"}, -1121),
        ({}, -1102),
    ],
)
def test_klines_that_are_refused(ask, params, code):
    """1s is documented, but refused (measured)."""
    assert refused(ask, "/fapi/v1/klines", **({"symbol": "BTCUSDT"} | params)) == code


@PRODUCTS
@pytest.mark.parametrize("kind", ["klines", "markPriceKlines", "premiumIndexKlines"])
def test_candles_follow_each_other(ask, root, symbol, kind):
    """In time, and for trades in price; twelve columns of the documented kinds."""
    rows = ask(f"{root}/v1/{kind}", symbol=symbol, interval="1h", limit=100)

    assert [two[0] - one[0] for one, two in pairwise(rows)] == [HOUR] * 99
    assert all(row[6] == row[0] + HOUR - 1 for row in rows)
    assert [type(one).__name__ for one in rows[0]] == ["int", *["str"] * 5, "int", "str", "int", *["str"] * 3]
    assert all(Decimal(row[3]) <= Decimal(row[1]) <= Decimal(row[2]) for row in rows)


def test_either_product_has_candles_of_both(ask):
    """By symbol or pair (documented since June 2026)."""
    of_fapi = ask("/fapi/v1/klines", symbol="BTCUSD_PERP", interval="1d", limit=5)

    assert of_fapi == ask("/dapi/v1/klines", symbol="BTCUSD_PERP", interval="1d", limit=5)
    assert of_fapi == ask("/fapi/v1/klines", symbol="BTCUSD", interval="1d", limit=5)
    pair = {"pair": "BTCUSD", "contractType": "PERPETUAL", "interval": "1d", "limit": 5}
    assert of_fapi == ask("/dapi/v1/continuousKlines", **pair)
    assert of_fapi != ask("/dapi/v1/continuousKlines", **(pair | {"contractType": "NEXT_QUARTER"}))


def test_continuous_candles_of_what_there_is_not(ask):
    """An unknown type is refused; a known one that is not listed has no candles."""
    pair = {"pair": "BNBUSDT", "interval": "1d"}

    assert refused(ask, "/fapi/v1/continuousKlines", contractType="WEEKLY", **pair) == -4104
    assert ask("/fapi/v1/continuousKlines", contractType="CURRENT_QUARTER", **pair) == []
    assert len(ask("/fapi/v1/indexPriceKlines", **pair)) == 500
