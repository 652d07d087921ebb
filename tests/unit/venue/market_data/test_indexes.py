"""Indexes: assets in dollars, the composite index, constituents, sessions."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from wireproof.venue.market_data.candles import DAY, HOUR, open_time
from wireproof.venue.market_data.indexes import Indexes, schedule, session_events

MONDAY = open_time("1w", 1_790_000_040_000)


@pytest.fixture
def indexes(exchange):
    return Indexes(exchange.venue.market_data)


def test_an_assets_rates_are_its_index_less_or_more_the_buffer(indexes):
    """Bid below, ask above; the stream's letters are the same values."""
    row = indexes.asset("BTCUSD", 5)
    event = indexes.asset_event("BTCUSD", 5)

    assert Decimal(row["bidRate"]) == pytest.approx(Decimal(row["index"]) * (1 - Decimal(row["bidBuffer"])))
    assert Decimal(row["askRate"]) > Decimal(row["autoExchangeAskRate"]) > Decimal(row["index"])
    letters = {"index": "i", "bidBuffer": "b", "askBuffer": "a", "bidRate": "B", "askRate": "A"}
    letters |= {"autoExchangeBidBuffer": "q", "autoExchangeAskBuffer": "g"}
    letters |= {"autoExchangeBidRate": "Q", "autoExchangeAskRate": "G"}
    assert {name: event[letter] for name, letter in letters.items()} == {name: row[name] for name in letters}


def test_the_composite_index_is_the_sum_of_its_parts(indexes):
    """Weight times price, over all parts; the shares add up to one."""
    event = indexes.composite_event(5)

    assert sum(Decimal(part["w"]) * Decimal(part["i"]) for part in event["c"]) == pytest.approx(
        Decimal(event["p"]), rel=Decimal("0.0001")
    )
    assert sum(Decimal(part["W"]) for part in event["c"]) == pytest.approx(Decimal(1), abs=Decimal("0.00001"))
    assert [part["baseAsset"] for part in indexes.composite(5)["baseAssetList"]] == [part["b"] for part in event["c"]]


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSD"])
def test_weights_of_constituents_add_up_to_one(indexes, symbol):
    """For a symbol of USDⓈ-M and a pair of COIN-M."""
    rows = indexes.constituents(symbol, 5)["constituents"]

    assert sum(Decimal(row["weight"]) for row in rows) == 1


def test_sessions_follow_each_other_through_the_week():
    """Without a gap from Monday to Sunday; equities rest at the weekend."""
    for kind, shown in schedule(MONDAY + DAY)["marketSchedules"].items():
        sessions = shown["sessions"]
        assert sessions[0]["startTime"] == MONDAY
        assert all(one["endTime"] == two["startTime"] for one, two in pairwise(sessions))
        assert sessions[-1]["type"] == "NO_TRADING", kind


@pytest.mark.parametrize(
    ("hour", "session"), [(3, "OVERNIGHT"), (9, "PRE_MARKET"), (14, "REGULAR"), (22, "AFTER_MARKET")]
)
def test_the_session_event_is_that_of_the_hour(hour, session):
    """On a Monday; on Saturday nothing trades."""
    equity, commodity = session_events(MONDAY + hour * HOUR)

    assert (equity["S"], equity["e"], commodity["e"]) == (session, "EquityUpdate", "CommodityUpdate")
    assert equity["t"] <= MONDAY + hour * HOUR < equity["T"]
    assert session_events(MONDAY + 5 * DAY + hour * HOUR)[0]["S"] == "NO_TRADING"
