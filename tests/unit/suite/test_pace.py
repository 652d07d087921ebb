"""Update speeds of streams: which distances between messages keep a promise, and which break it."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Watch
from wireproof.suite.pace import pace_violations


def at(*times):
    return [{"E": time} for time in times]


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
    assert pace_violations(watch, at(0, 0, 0, 1000)) != []


def test_each_type_of_event_has_its_own_pace():
    """Trading sessions of several markets come on one stream."""
    watch = Watch(every_ms=1000, tolerance_ms=300)
    both = [{"e": kind, "E": time} for time in (0, 1000, 2000, 3000) for kind in ("EquityUpdate", "CommodityUpdate")]

    assert pace_violations(watch, both) == []


def test_without_a_promise_or_enough_event_times_nothing_is_said():
    assert pace_violations(Watch(), at(0, 0, 0, 0)) == []
    assert pace_violations(Watch(every_ms=100), at(0, 0, 0)) == []
    assert pace_violations(Watch(every_ms=100), [None, [], {"E": "0"}, [1], *at(0, 0, 0)]) == []


SYMBOLS = [f"S{number}USDT" for number in range(30)]
ALL_TOUCHES = Watch(every_ms=5000, tolerance_ms=1500)


def touches(*times, symbols=SYMBOLS):
    """Return what `!bookTicker` sends: at each time one message per symbol."""
    return [{"e": "bookTicker", "s": symbol, "E": time} for time in times for symbol in symbols]


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


#: Streams whose documented speed is no distance between messages: trades of several prices share a moment, and
#: liquidations come when they happen.
NO_PACE = {"aggTrade", "forceOrder", "allForceOrder"}


def watched(store):
    return [
        (contract, case)
        for contract in store.contracts.values()
        if contract.product in {"usdm", "coinm"} and contract.stream is not None
        for case in contract.cases
        if case.watch is not None
    ]


def test_every_documented_speed_is_judged(store):
    judged = {contract.id for contract, case in watched(store) if case.watch.every_ms}
    promised = {contract.id for contract, _ in watched(store) if contract.stream.update_speed[:1].isdigit()}

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
