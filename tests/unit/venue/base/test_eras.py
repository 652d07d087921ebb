"""What holds on a day: days are read, and answers are those of then."""

from __future__ import annotations

import pytest

from wireproof.venue.base.eras import TODAY, read_day
from wireproof.venue.products.dated_behaviours import era_of

BEFORE, AFTER = era_of(read_day("2025-12-08")), era_of(read_day("2025-12-09"))


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-01", "20260501", "2026-5-1", "\u0662026-05-01", "2026-05-01T00:00"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match=r"A day such as 2026-05-01 was expected"):
        read_day(text)


def test_a_day_that_is_too_early_is_refused_not_guessed():
    with pytest.raises(ValueError, match=r"How the exchange behaved on 2025-07-01 is not known.*2025-07-02 or a later"):
        read_day("2025-07-01")
    assert read_day("2025-07-02").isoformat() == "2025-07-02"


def test_a_behaviour_holds_from_its_day_on_for_its_product():
    assert not BEFORE.has("algo-service", "usdm")
    assert AFTER.has("algo-service", "usdm")
    assert not AFTER.has("algo-service", "coinm")
    assert AFTER.has("algo-service", "um")


def test_a_request_is_there_from_its_day_on():
    assert not BEFORE.offers("POST /fapi/v1/algoOrder", "usdm")
    assert AFTER.offers("POST /fapi/v1/algoOrder", "usdm")
    assert not BEFORE.offers("ALGO_UPDATE", "usdm")
    assert BEFORE.offers("POST /fapi/v1/order", "usdm")
    assert not era_of(read_day("2025-11-24")).offers_stream("btcusdt@rpiDepth@500ms")


def test_a_later_day_is_like_the_last_known_one():
    later = era_of(read_day("2031-01-01"))
    assert later.is_newest
    assert TODAY.is_newest
    assert not BEFORE.is_newest


def test_fields_that_came_later_are_left_out_and_the_document_stays():
    row = {"symbol": "BTCUSDT", "cumBase": "1", "pair": "BTCUSDT"}
    shown = era_of(read_day("2026-08-04")).shown("GET /fapi/v1/allOrders", [row], "usdm")
    assert shown == [{"symbol": "BTCUSDT"}]
    assert row["pair"] == "BTCUSDT"
    assert era_of(read_day("2026-08-05")).shown("GET /fapi/v1/allOrders", [row], "usdm") == [row]
    assert TODAY.shown("GET /fapi/v1/allOrders", [row], "usdm") == [row]


def test_an_event_of_one_product_changes_on_another_day_than_that_of_the_other():
    event = {"o": {"er": "0", "X": "NEW"}}
    era = era_of(read_day("2025-11-01"))
    assert era.shown("ORDER_TRADE_UPDATE", event, "usdm") == event
    assert era.shown("ORDER_TRADE_UPDATE", event, "coinm") == {"o": {"X": "NEW"}}


def test_streams_of_options_keep_what_futures_got():
    era = era_of(read_day("2026-06-29"))
    ticker = {"s": "BTCUSDT", "st": 1, "ps": "BTCUSDT"}
    coin = {"s": "BTCUSD_PERP", "st": 2, "ps": "BTCUSD"}
    assert era.shown_on_stream("btcusdt@ticker", ticker) == {"s": "BTCUSDT"}
    assert era.shown_on_stream("!ticker@arr", [ticker, coin]) == [
        {"s": "BTCUSDT"},
        {"s": "BTCUSD_PERP", "ps": "BTCUSD"},
    ]
    assert era.shown_on_stream("btcusd_perp@ticker", coin) == {"s": "BTCUSD_PERP", "ps": "BTCUSD"}
    assert era.shown_on_stream("btc-261225-90000-c@bookTicker", {"st": 1}) == {"st": 1}


def test_weights_are_those_of_the_day():
    assert era_of(read_day("2026-07-28")).weight("GET /fapi/v1/historicalTrades", 200) == 20
    assert era_of(read_day("2026-07-29")).weight("GET /fapi/v1/historicalTrades", 200) == 200


def test_parameters_are_needed_as_on_the_day():
    era = era_of(read_day("2026-06-29"))
    assert era.needs("PUT /dapi/v1/order", ("symbol", "side", "quantity", "price")) == ["symbol", "side"]
    assert era.needs("GET /fapi/v1/allOrders", ()) == ["symbol"]
    assert TODAY.needs("GET /fapi/v1/allOrders", ()) == ()
