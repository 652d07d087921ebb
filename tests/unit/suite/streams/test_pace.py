"""Update speeds of streams: which distances between messages keep a promise, and which break it."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Stream, Watch
from wireproof.suite.stalls import Stalls, Together
from wireproof.suite.streams.pace import pace_breaks

NOW = 1_700_000_000_000


def pace_violations(watch, documents):
    return [broken.sentence for broken in pace_breaks(watch, documents)]


def at(*times):
    return [{"E": NOW + time} for time in times]


def test_messages_may_not_come_sooner_than_the_documented_pace():
    watch = Watch(every_ms=100, tolerance_ms=20)

    assert pace_violations(watch, at(0, 100, 185, 900)) == []
    assert pace_violations(watch, at(0, 100, 110, 120)) == [
        "Messages came every 10 ms, the median of 3 gaps; documented is every 100 ms (80 ms is tolerated)."
    ]


def test_messages_of_a_steady_stream_may_not_come_later_either():
    watch, rare = Watch(every_ms=1000, tolerance_ms=300, steady=True), at(0, 3000, 6000, 9000)

    assert pace_violations(watch, rare) == [
        "Messages came every 3000 ms, the median of 3 gaps; documented is every 1000 ms (1300 ms is tolerated)."
    ]
    assert pace_violations(Watch(every_ms=1000, tolerance_ms=300), rare) == []


def test_messages_that_catch_up_after_stalls_are_no_faster_pace():
    """Seen under load: two late messages of four make two short gaps, though the whole keeps the documented pace."""
    watch = Watch(every_ms=3000, tolerance_ms=1000, steady=True)
    assert pace_violations(watch, at(1281, 3000, 7281, 9000)) == []


def test_a_single_stall_is_no_pace():
    """Nor is a first message that comes out of turn."""
    watch = Watch(every_ms=1000, tolerance_ms=300, steady=True)

    assert pace_violations(watch, at(0, 1000, 2892, 3271, 4271)) == []
    assert pace_violations(watch, at(0, 10, 1010, 2010)) == []


def test_a_pace_twice_as_fast_is_never_tolerated():
    """Not even where half of the documented distance is; messages that come late in their turn and then early are."""
    watch = Watch(every_ms=1000, tolerance_ms=500)

    assert pace_violations(watch, at(0, 501, 1001, 1502)) != []
    assert pace_violations(watch, at(999, 1700, 2350, 3000)) == []


def test_frames_of_one_array_are_one_message():
    watch = Watch(every_ms=1000, tolerance_ms=300)

    assert pace_violations(watch, [at(time) for time in (0, 0, 1000, 1000, 2000, 3000)]) == []


def test_messages_of_one_moment_are_one_message():
    """A candle that closes as the next one opens; what was held back and came at once."""
    watch = Watch(every_ms=250, tolerance_ms=125)

    assert pace_violations(watch, at(0, 250, 250, 500, 500, 500, 500, 750)) == []
    assert pace_violations(watch, at(0, 0, 0, 0, 0)) == []


def test_event_times_out_of_order_are_put_in_order():
    watch = Watch(every_ms=250, tolerance_ms=125, steady=True)

    assert pace_violations(watch, at(0, 500, 250, 750, 1000)) == []


@pytest.mark.parametrize(
    "unit",
    [lambda ms: ms // 1000, lambda ms: ms * 1000, lambda ms: ms - NOW, float, str],
    ids=["seconds", "microseconds", "small", "float", "text"],
)
def test_what_is_no_time_in_milliseconds_says_nothing_of_the_pace(unit):
    """Seconds, microseconds, small numbers: their format is a finding, and there is no second one."""
    watch = Watch(every_ms=1000, tolerance_ms=300, steady=True)
    sent = [{"E": unit(NOW + time)} for time in range(0, 40_000, 10)]

    assert pace_violations(watch, sent) == []


def test_each_type_of_event_has_its_own_pace():
    """Trading sessions of several markets come on one stream."""
    watch = Watch(every_ms=1000, tolerance_ms=300)
    both = [
        {"e": kind, "E": NOW + time} for time in (0, 1000, 2000, 3000) for kind in ("EquityUpdate", "CommodityUpdate")
    ]

    assert pace_violations(watch, both) == []


def test_without_a_promise_or_enough_event_times_nothing_is_said():
    assert pace_violations(Watch(), at(0, 1, 2, 3)) == []
    assert pace_violations(Watch(every_ms=100), at(0, 1, 2)) == []
    assert pace_violations(Watch(every_ms=100), [None, [], {"E": "0"}, [1], *at(0, 1, 2)]) == []


SYMBOLS = [f"S{number}USDT" for number in range(30)]
ALL_TOUCHES = Watch(every_ms=5000, tolerance_ms=1500)


def touches(*times, symbols=SYMBOLS):
    """Return what `!bookTicker` sends: at each time one message per symbol."""
    return [{"e": "bookTicker", "s": symbol, "E": NOW + time} for time in times for symbol in symbols]


def test_each_symbol_of_an_all_market_stream_has_its_own_pace():
    """Thirty messages at once keep a promise of one in five seconds."""
    assert pace_violations(ALL_TOUCHES, touches(0, 5000, 10_000)) == []


def test_an_all_market_stream_twice_as_fast_is_said_with_its_symbols():
    (sentence,) = pace_violations(ALL_TOUCHES, touches(0, 2500, 5000, 7500, 10_000))

    assert sentence.startswith("Messages of each of 30 symbols came every 2500 ms, the median of 90 gaps; ")
    assert sentence.endswith("documented is every 5000 ms (3500 ms is tolerated).")


@pytest.mark.parametrize("first", [10, 2500, 4990])
def test_messages_out_of_turn_when_an_all_market_stream_is_subscribed_are_no_pace(first):
    """All symbols come at once on subscribing, and then when it is their turn."""
    assert pace_violations(ALL_TOUCHES, touches(0, first, first + 5000)) == []


def test_symbols_that_did_not_change_stay_out_without_harm():
    sent = touches(0, 5000, 10_000, symbols=SYMBOLS[:5]) + touches(0, 10_000, symbols=SYMBOLS[5:])

    assert pace_violations(ALL_TOUCHES, sent) == []


def test_two_messages_of_each_symbol_say_nothing_of_the_pace():
    """The first may have come out of turn."""
    assert pace_violations(ALL_TOUCHES, touches(0, 100)) == []


def test_gaps_of_several_symbols_are_not_put_together_to_be_enough():
    """Seen on busy machines: 35 gaps of 35 symbols, one of each, every 2,177 ms."""
    assert pace_violations(ALL_TOUCHES, touches(0, 3000, 5177)) == []
    assert pace_violations(ALL_TOUCHES, touches(0, 1000, 2000, 3000)) == []  # two gaps of each that count
    assert pace_violations(ALL_TOUCHES, touches(0, 1000, 2000, 3000, 4000)) != []


def test_a_symbol_with_enough_gaps_is_judged_beside_those_with_too_few():
    sent = touches(0, 1000, 2000, 3000, 4000, symbols=SYMBOLS[:1]) + touches(0, 5000, symbols=SYMBOLS[1:])

    (sentence,) = pace_violations(ALL_TOUCHES, sent)
    assert sentence.startswith("Messages came every 1000 ms, the median of 3 gaps; ")


def test_lateness_of_a_sender_whose_machine_stood_still_is_excused():
    watch = Watch(every_ms=1000, tolerance_ms=300, steady=True)
    (late,) = pace_breaks(watch, at(0, 3000, 6000, 9000))

    assert late.excused_by(Stalls([(NOW + 2900, 1900)]), 300)
    assert not late.excused_by(Stalls([(NOW + 2900, 200), (NOW + 20_000, 9000)]), 300)
    assert not late.excused_by(Stalls([]), 300)


def test_messages_too_soon_are_never_excused():
    (soon,) = pace_breaks(Watch(every_ms=1000, tolerance_ms=300), at(0, 100, 200, 300))

    assert not soon.excused_by(Stalls([(NOW + 250, 60_000)]), 300)


def test_of_several_measurements_the_slowest_machine_counts():
    both = Together([Stalls([(NOW, 5)]), Stalls([(NOW + 10, 70), (NOW + 900, 800)])])

    assert both.worst_between(NOW - 1, NOW + 20) == 70
    assert both.worst_between(NOW + 11, NOW + 20) == 0
    assert both.worst_between(NOW + 11, NOW + 200) == 800  # it stood still from 100 on
    assert Together([]).worst_between(0, NOW) == 0


#: Streams whose documented speed is no distance between messages: trades of several prices share a moment, and
#: liquidations come when they happen.
NO_PACE = {"aggTrade", "forceOrder", "allForceOrder"}


def watched(store):
    return [
        (contract, case)
        for contract in store.contracts.values()
        if contract.product in {"usdm", "coinm"} and isinstance(contract.subject, Stream)
        for case in contract.cases
        if case.watch is not None
    ]


def test_every_documented_speed_is_judged(store):
    judged = {contract.id for contract, case in watched(store) if case.watch.every_ms}
    promised = {contract.id for contract, _ in watched(store) if contract.of(Stream).update_speed[:1].isdigit()}

    assert {name for name in promised - judged if name.rpartition("/")[2] not in NO_PACE} == set()


def test_every_judged_stream_is_watched_long_enough_for_a_pace_twice_as_fast_to_be_seen(store):
    """And not longer than a run may take."""
    unseen = []
    for contract, case in watched(store):
        watch, symbols = case.watch, SYMBOLS if contract.id.endswith("allBookTicker") else SYMBOLS[:1]
        if watch.every_ms:
            times = range(0, int(watch.seconds * 1000), watch.every_ms // 2)
            if not pace_violations(watch, touches(*times, symbols=symbols)[: watch.events]):
                unseen.append((contract.id, case.id))
    assert unseen == []
    assert max(case.watch.seconds for _, case in watched(store)) <= 15
