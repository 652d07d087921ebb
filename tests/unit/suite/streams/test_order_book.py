"""The order book's chain of update ids, and how a snapshot joins it."""

from wireproof.suite.streams.order_book import chain_violations, join_violations, reaches


def depth(first, last, before):
    return {"e": "depthUpdate", "U": first, "u": last, "pu": before}


def test_each_event_continues_the_one_before_it():
    assert chain_violations([depth(5, 8, 4), depth(9, 12, 8), depth(20, 21, 12)]) == []
    assert chain_violations([depth(5, 8, 4), depth(9, 12, 7), depth(20, 21, 12)]) == [
        "The chain of update ids breaks 1 time in 3 events; first: pu 7 does not continue u 8 of the event before it."
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
