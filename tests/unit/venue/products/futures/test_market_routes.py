"""Market data over REST agrees with the engine, the tape and itself."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from wireproof.venue.base.refusals import Refusal
from wireproof.venue.exchange.funding import INTERVAL_MS
from wireproof.venue.market_data.candles import DAY
from wireproof.venue.products.registry import ROUTES

PRODUCTS = pytest.mark.parametrize(("root", "symbol"), [("/fapi", "BTCUSDT"), ("/dapi", "BTCUSD_PERP")])


def refused(ask, path: str, **params: Any) -> int:
    with pytest.raises(Refusal) as refusal:
        ask(path, **params)
    return refusal.value.code


@PRODUCTS
def test_recent_trades_end_with_the_last_one(exchange, ask, root, symbol):
    """Ids are consecutive; money is price times quantity, for an inverse contract in coin."""
    exchange.order(exchange.alice, "BUY", "0.0100")
    trades = ask(f"{root}/v1/trades", symbol=symbol, limit=50)
    market = exchange.engine.market(symbol)

    assert [two["id"] - one["id"] for one, two in pairwise(trades)] == [1] * 49
    assert trades[-1]["id"] == market.trade_id
    price, quantity = Decimal(trades[-1]["price"]), Decimal(trades[-1]["qty"])
    value = Decimal(trades[-1]["baseQty" if root == "/dapi" else "quoteQty"])
    assert value == pytest.approx(market.symbol.value(quantity, price), abs=Decimal("0.00000001"))


def test_older_trades_begin_where_they_are_told(ask):
    """The limit is 500 (measured)."""
    newest = ask("/fapi/v1/trades", symbol="BTCUSDT", limit=1)[0]["id"]

    assert [one["id"] for one in ask("/fapi/v1/historicalTrades", symbol="BTCUSDT", fromId=newest - 5, limit=3)] == [
        newest - 5,
        newest - 4,
        newest - 3,
    ]
    assert refused(ask, "/fapi/v1/historicalTrades", symbol="BTCUSDT", limit=501) == -1130


def test_old_trades_ask_for_a_key():
    """As documented: MARKET_DATA."""
    assert ROUTES["GET /fapi/v1/historicalTrades"].security.name == "KEY"


@PRODUCTS
def test_aggregates_join(ask, root, symbol):
    """Each begins with the trade after the last of the one before."""
    rows = ask(f"{root}/v1/aggTrades", symbol=symbol, limit=1000)

    assert all((two["a"], two["f"]) == (one["a"] + 1, one["l"] + 1) for one, two in pairwise(rows))
    assert ("nq" in rows[0]) == (root == "/fapi")
    chosen = ask(f"{root}/v1/aggTrades", symbol=symbol, fromId=rows[-9]["a"], limit=2)
    assert [one["a"] for one in chosen] == [rows[-9]["a"], rows[-8]["a"]]
    chosen = ask(f"{root}/v1/aggTrades", symbol=symbol, startTime=rows[-9]["T"], endTime=rows[-7]["T"])
    assert [one["a"] for one in chosen] == [one["a"] for one in rows if rows[-9]["T"] <= one["T"] <= rows[-7]["T"]]


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/fapi/v1/aggTrades", {"symbol": "BTCUSDT", "limit": 1001}, -1130),
        ("/fapi/v1/trades", {"symbol": "BTCUSDT", "limit": 0}, -1130),
        ("/fapi/v1/trades", {"symbol": "BTCUSD_PERP"}, -1121),
        ("/dapi/v1/trades", {"symbol": "BTCUSDT"}, -1121),
        ("/fapi/v1/trades", {}, -1102),
        ("/fapi/v1/aggTrades", {"symbol": "BTCUSDT", "startTime": 9, "endTime": 5}, -1023),
        ("/fapi/v1/rpiDepth", {"symbol": "BTCUSDT", "limit": 7}, -4021),
        ("/fapi/v1/rpiDepth", {"symbol": "BTCUSDT", "limit": 1500}, -1130),
        ("/fapi/v1/premiumIndex", {"symbol": "NOPE"}, -1121),
        ("/fapi/v1/premiumIndex", {"symbol": "btcusd_perp"}, -1121),
        ("/dapi/v1/ticker/24hr", {"symbol": "BTCUSD_PERP", "pair": "BTCUSD"}, -1128),
        ("/fapi/v1/assetIndex", {"symbol": "NOPE"}, -1121),
        ("/fapi/v1/indexInfo", {"symbol": "BTCUSDT"}, -1121),
        ("/fapi/v1/constituents", {"symbol": "NOPE"}, -1121),
        ("/fapi/v1/insuranceBalance", {"symbol": "NOPE"}, -1121),
    ],
)
def test_what_is_refused(ask, path, params, code):
    """Limits, symbols, and parameters that do not go together."""
    assert refused(ask, path, **params) == code


def test_aggregates_older_than_48_hours_are_refused(exchange, ask):
    """-4166 (measured)."""
    old = exchange.clock.now_ms() - 2 * DAY - 1
    assert refused(ask, "/fapi/v1/aggTrades", symbol="BTCUSDT", startTime=old) == -4166


@PRODUCTS
def test_a_days_ticker_agrees_with_the_days_candles(ask, root, symbol):
    """High, low, volume and trades of the minutes from openTime on."""
    found = ask(f"{root}/v1/ticker/24hr", symbol=symbol)
    row = found[0] if root == "/dapi" else found
    minutes = ask(f"{root}/v1/klines", symbol=symbol, interval="1m", startTime=row["openTime"], limit=1500)

    assert Decimal(row["highPrice"]) == max(Decimal(one[2]) for one in minutes)
    assert Decimal(row["volume"]) == sum(Decimal(one[5]) for one in minutes)
    assert row["count"] == sum(one[8] for one in minutes) == row["lastId"] - row["firstId"] + 1
    assert Decimal(row["priceChange"]) == Decimal(row["lastPrice"]) - Decimal(row["openPrice"])


def test_lists_of_usdm_have_only_its_own_symbols(ask):
    """One object with a symbol; COIN-M always answers lists."""
    assert not any("USD_" in row["symbol"] for row in ask("/fapi/v1/ticker/24hr"))
    assert {row["pair"] for row in ask("/dapi/v1/ticker/24hr", pair="BTCUSD")} == {"BTCUSD"}
    assert len(ask("/dapi/v1/premiumIndex", pair="BTCUSD")) == 3
    assert isinstance(ask("/dapi/v1/premiumIndex", symbol="BTCUSD_PERP"), list)
    assert isinstance(ask("/fapi/v1/premiumIndex"), list)


def test_fundings_come_every_eight_hours_and_dated_contracts_have_none(exchange, ask):
    """And the next one is due when premiumIndex says."""
    rows = ask("/fapi/v1/fundingRate", symbol="BTCUSDT", limit=5)
    dated = next(one for one in ask("/dapi/v1/premiumIndex") if one["nextFundingTime"] == 0)

    assert [two["fundingTime"] - one["fundingTime"] for one, two in pairwise(rows)] == [INTERVAL_MS] * 4
    assert ask("/fapi/v1/premiumIndex", symbol="BTCUSDT")["nextFundingTime"] == rows[-1]["fundingTime"] + INTERVAL_MS
    assert dated["lastFundingRate"] == dated["interestRate"] == ""
    assert ask("/dapi/v1/fundingRate", symbol=dated["symbol"]) == []
    assert {"markPrice", "rateType"} <= set(ask("/dapi/v1/fundingRate", symbol="BTCUSD_PERP")[0])
    times = [row["fundingTime"] for row in ask("/fapi/v1/fundingRate", limit=100)]
    assert times == sorted(times)


def test_funding_bounds_are_listed_for_perpetuals_of_both_products(ask):
    """Measured; updateTime may be null."""
    names = {row["symbol"] for row in ask("/fapi/v1/fundingInfo")}

    assert {"BTCUSDT", "BTCUSD_PERP"} <= names
    assert not any(name[-6:].isdigit() for name in names)


def test_open_interest_grows_with_users_positions(exchange, ask):
    """By what alice buys."""
    before = Decimal(ask("/fapi/v1/openInterest", symbol="BTCUSDT")["openInterest"])
    exchange.order(exchange.alice, "BUY", "0.5000")

    assert Decimal(ask("/fapi/v1/openInterest", symbol="BTCUSDT")["openInterest"]) - before == Decimal("0.5")
    assert ask("/dapi/v1/openInterest", symbol="BTCUSD_PERP")["contractType"] == "PERPETUAL"


# candles


# statistics
