"""Rules of market streams that no example shows: names, pace, and the order book's chain of update ids."""

import pytest

from wireproof.contract.model import Param, Stream, Watch
from wireproof.suite.order_book import chain_violations, join_violations, reaches
from wireproof.suite.pace import event_time, pace_violations
from wireproof.suite.stream_names import missing_params, stream_name


@pytest.mark.parametrize(
    ("pattern", "params", "name"),
    [
        ("<symbol>@aggTrade", {"symbol": "BTCUSDT"}, "btcusdt@aggTrade"),
        ("<symbol>@depth@<updateSpeed>", {"symbol": "BTCUSDT", "updateSpeed": "100ms"}, "btcusdt@depth@100ms"),
        ("<symbol>@depth@<updateSpeed>", {"symbol": "BTCUSDT"}, "btcusdt@depth"),
        ("<symbol>@depth<levels>@<updateSpeed>", {"symbol": "BTCUSDT", "levels": "5"}, "btcusdt@depth5"),
        ("<symbol>@kline_<interval>", {"symbol": "BTCUSDT", "interval": "1M"}, "btcusdt@kline_1M"),
        (
            "<pair>_<contractType>@continuousKline_<interval>",
            {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1m"},
            "btcusdt_perpetual@continuousKline_1m",
        ),
        ("!markPrice@arr@<updateSpeed>", {}, "!markPrice@arr"),
        ("tradingSession", {}, "tradingSession"),
    ],
)
def test_names_follow_the_documented_pattern(pattern, params, name):
    """Symbols in lower case; what is not given is left out."""
    assert stream_name(Stream(name=pattern), params) == name


def test_required_parameters_are_missed_by_name():
    params = [Param(name="symbol", type="STRING", required=True), Param(name="speed", type="STRING")]

    assert missing_params(params, {}) == ["symbol"]
    assert missing_params(params, {"symbol": "BTCUSDT"}) == []


def at(*times):
    return [{"E": time} for time in times]


def test_messages_may_not_come_sooner_than_the_documented_pace():
    watch = Watch(every_ms=100, tolerance_ms=20)

    assert pace_violations(watch, at(0, 100, 185, 900)) == []
    assert pace_violations(watch, at(0, 100, 110, 300)) == [
        "1 of 3 gaps between messages were shorter than the documented 100 ms (tolerance 20 ms): 10 ms."
    ]


def test_messages_of_a_steady_stream_may_not_come_later_either():
    watch = Watch(every_ms=1000, tolerance_ms=300, steady=True)

    assert pace_violations(watch, at(0, 1000, 2290)) == []
    assert pace_violations(watch, at(0, 1000, 2500)) == [
        "1 of 2 gaps between messages were longer than the documented 1000 ms (tolerance 300 ms): 1500 ms."
    ]


def test_frames_of_one_array_are_one_message():
    watch = Watch(every_ms=1000, tolerance_ms=300)

    assert pace_violations(watch, [at(0), at(0), at(1000), at(1000)]) == []
    assert pace_violations(watch, at(0, 0)) != []


def test_without_a_promise_or_event_times_nothing_is_said():
    assert pace_violations(Watch(), at(0, 0)) == []
    assert pace_violations(Watch(every_ms=100), [None, [], {"E": "0"}, {"E": 1}]) == []
    assert event_time([{"E": 5}, {"E": 9}]) == 5


def depth(first, last, before):
    return {"e": "depthUpdate", "U": first, "u": last, "pu": before}


def test_each_event_continues_the_one_before_it():
    assert chain_violations([depth(5, 8, 4), depth(9, 12, 8), depth(20, 21, 12)]) == []
    assert chain_violations([depth(5, 8, 4), depth(9, 12, 7), depth(20, 21, 12)]) == [
        "The chain of update ids breaks 1 times in 3 events; first: pu 7 does not continue u 8 of the event before it."
    ]
    assert "U 9 is above u 8" in chain_violations([depth(9, 8, 4)])[0]


def test_events_out_of_order_break_the_chain():
    assert chain_violations([depth(9, 12, 8), depth(5, 8, 4)]) != []


def test_a_snapshot_joins_the_first_event_that_reaches_it():
    events = [depth(5, 8, 4), depth(9, 12, 8), depth(13, 15, 12)]

    assert join_violations(events, {"lastUpdateId": 10}) == []
    assert join_violations(events, {"lastUpdateId": 12}) == []
    assert join_violations([depth(5, 8, 4), depth(12, 15, 11)], {"lastUpdateId": 10}) == [
        "The snapshot's lastUpdateId 10 joins no event: the first that reaches it has U 12, u 15, pu 11."
    ]
    assert join_violations(events, {}) == ["The snapshot has no lastUpdateId, so it joins nothing."]


def test_a_snapshot_that_no_event_reaches_says_nothing():
    events = [depth(5, 8, 4)]

    assert join_violations(events, {"lastUpdateId": 9}) == []
    assert join_violations(events, {"lastUpdateId": 3}) == []
    assert not reaches(events, {"lastUpdateId": 9})
    assert reaches(events, {"lastUpdateId": 8})


def test_events_without_ids_are_left_to_the_comparison():
    assert chain_violations([{"U": "5", "u": 8, "pu": 4}, [], depth(9, 12, 8)]) == []
