"""Statistics of a market: ratios, volumes, basis, interest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.market_data.candles import DAY, HOUR


def refused(ask, path: str, **params: Any) -> int:
    with pytest.raises(Refusal) as refusal:
        ask(path, **params)
    return refusal.value.code


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("openInterestHist", {"symbol": "BTCUSDT", "period": "7m"}, -1130),
        ("openInterestHist", {"symbol": "BTCUSDT", "period": "5m", "limit": 501}, -1130),
        ("openInterestHist", {"symbol": "BTCUSDT", "period": "5m", "startTime": 1}, -1130),
        ("openInterestHist", {"period": "5m"}, -1102),
        ("basis", {"pair": "NOPE", "contractType": "PERPETUAL", "period": "5m"}, -4144),
        ("basis", {"pair": "BNBUSDT", "contractType": "NEXT_QUARTER", "period": "5m"}, -4104),
        ("takerBuySellVol", {"pair": "BTCUSD", "contractType": "WEEKLY", "period": "5m"}, -4104),
    ],
)
def test_statistics_that_are_refused(ask, path, params, code):
    """Periods, limits, and more than thirty days ago."""
    assert refused(ask, f"/futures/data/{path}", **params) == code


def test_ratios_are_those_of_their_shares(ask):
    """Two shares that add up to one, and the ratio between them; the same when asked again."""
    for path in ("topLongShortAccountRatio", "topLongShortPositionRatio", "globalLongShortAccountRatio"):
        rows = ask(f"/futures/data/{path}", symbol="BTCUSDT", period="1h")
        assert len(rows) == 30
        for row in rows:
            long, short = Decimal(row["longAccount"]), Decimal(row["shortAccount"])
            assert long + short == 1
            assert Decimal(row["longShortRatio"]) == pytest.approx(long / short, abs=Decimal("0.0001"))
        assert rows == ask(f"/futures/data/{path}", symbol="BTCUSDT", period="1h")
    assert "longPosition" in ask("/futures/data/topLongShortPositionRatio", pair="BTCUSD", period="1h")[0]


def test_taker_volumes_are_those_of_the_candles(ask):
    """Of the hour that ends at the timestamp."""
    (row,) = ask("/futures/data/takerlongshortRatio", symbol="BTCUSDT", period="1h", limit=1)
    (candle,) = ask("/fapi/v1/klines", symbol="BTCUSDT", interval="1h", startTime=row["timestamp"] - HOUR, limit=1)

    assert Decimal(row["buyVol"]) == Decimal(candle[9])
    assert Decimal(row["buyVol"]) + Decimal(row["sellVol"]) == Decimal(candle[5])
    (coin,) = ask("/futures/data/takerBuySellVol", pair="BTCUSD", contractType="PERPETUAL", period="1h", limit=1)
    assert {"takerBuyVol", "takerSellVolValue"} <= set(coin)


def test_basis_is_the_distance_of_price_and_index(ask):
    """Annualised only for what is delivered."""
    pair = {"pair": "BTCUSD", "period": "1d", "limit": 2}
    perpetual = ask("/futures/data/basis", contractType="PERPETUAL", **pair)[0]
    quarterly = ask("/futures/data/basis", contractType="NEXT_QUARTER", **pair)[0]

    for row in (perpetual, quarterly):
        assert Decimal(row["basis"]) == Decimal(row["futuresPrice"]) - Decimal(row["indexPrice"])
    assert perpetual["annualizedBasisRate"] == ""
    assert quarterly["annualizedBasisRate"] != ""


def test_interest_held_is_worth_its_price(ask):
    """In quote for USDⓈ-M, in coin for COIN-M."""
    row = ask("/futures/data/openInterestHist", symbol="BTCUSDT", period="1d", limit=1)[0]
    coin = ask("/futures/data/openInterestHist", pair="BTCUSD", contractType="ALL", period="1d", limit=1)[0]

    assert 70_000 < Decimal(row["sumOpenInterestValue"]) / Decimal(row["sumOpenInterest"]) < 100_000
    assert 0.0005 < Decimal(coin["sumOpenInterestValue"]) / Decimal(coin["sumOpenInterest"]) < 0.002
    assert coin["contractType"] == "ALL"


def test_quarters_were_delivered_on_fridays(ask):
    """At eight, the latest first, with a price as a number."""
    rows = ask("/futures/data/delivery-price", pair="BTCUSDT")

    assert len(rows) == 8
    assert {row["deliveryTime"] % DAY for row in rows} == {8 * HOUR}
    assert {(row["deliveryTime"] // DAY + 3) % 7 for row in rows} == {4}
    assert all(isinstance(row["deliveryPrice"], float) for row in rows)
