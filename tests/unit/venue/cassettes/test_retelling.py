"""Answers are told as of now: times, ids, what was redacted; streams go on at their pace."""

from __future__ import annotations

import itertools
import json

from wireproof.venue.cassettes.retelling import Loop, filled, made_up, shifted

THEN, NOW = 1_795_000_000_000, 1_795_090_000_000


def test_times_of_the_recording_move_and_others_stay():
    """A delivery in a year, a decimal, an id, a text."""
    text = '{"E":1795000000100,"d":1830000000000,"id":17950000001001,"s":"1795000000100","f":1795000000100.5}'
    moved = json.loads(shifted(text, THEN, NOW))
    assert moved["E"] == NOW + 100
    before = json.loads(text)
    assert {name: value for name, value in moved.items() if name != "E"} == {
        name: value for name, value in before.items() if name != "E"
    }


def test_the_clients_own_ids_stand_where_the_recorded_ones_did():
    """Of a text the whole text, of a number the whole number."""
    text = '{"clientOrderId":"wp-1","orderId":123,"other":1234,"note":"a wp-1 b"}'
    recorded, given = (
        {"newClientOrderId": "wp-1", "orderId": "123", "x": "1"},
        {"newClientOrderId": 'm"e', "orderId": "9"},
    )
    answer = json.loads(filled(text, recorded, given, listen_key="k"))
    assert answer == {"clientOrderId": 'm"e', "orderId": 9, "other": 1234, "note": "a wp-1 b"}


def test_what_was_redacted_is_the_clients_or_made_up_and_always_the_same():
    text = '{"listenKey":"<redacted listen key>","apiKey":"<redacted api key>","c":"<redacted secret>"}'
    first = json.loads(filled(text, {}, {}, listen_key="k" * 64))
    assert first == {"listenKey": "k" * 64, "apiKey": made_up("api key"), "c": made_up("secret")}
    assert json.loads(filled(text, {}, {"listenKey": "mine"}, listen_key="k"))["listenKey"] == "mine"
    recorded = {"apiKey": "<redacted api key>"}
    assert json.loads(filled(text, recorded, {"apiKey": "sent"}, listen_key="k"))["apiKey"] == "sent"


def played(messages, until=20_000, shift=True):
    loop = Loop([json.dumps(one) for one in messages], THEN, THEN + 3_000, shift=shift)
    found = []
    for now in range(NOW, NOW + until, 50):
        found += [(now, json.loads(raw)) for raw in loop.due(now)]
    return found


def test_messages_come_at_their_pace_and_of_now():
    rows = played([{"E": THEN, "a": 5}, {"E": THEN + 1_000, "a": 6}, {"E": THEN + 3_000, "a": 9}])
    times = [at - NOW for at, _ in rows][:5]
    assert times == [0, 1_000, 3_000, 4_500, 5_500]
    assert all(abs(one["E"] - at) < 100 for at, one in rows)
    numbers = [one["a"] for _, one in rows]
    assert numbers == sorted(set(numbers))


def test_updates_of_a_book_join_on_from_round_to_round():
    rows = played(
        [{"E": THEN, "U": 10_001, "u": 10_004, "pu": 10_000}, {"E": THEN + 500, "U": 10_005, "u": 10_009, "pu": 10_004}]
    )
    documents = [one for _, one in rows]
    assert len(documents) > 6
    assert all(after["pu"] == before["u"] for before, after in itertools.pairwise(documents))


def test_times_may_stay_and_arrays_are_played():
    assert played([{"E": THEN}], shift=False)[0][1] == {"E": THEN}
    assert [one for _, one in played([[{"E": THEN}], [{"E": THEN + 1_000}]], 1_100)] == [
        [{"E": NOW}],
        [{"E": NOW + 1_000}],
    ]


def test_a_pause_is_not_caught_up_with():
    loop = Loop(['{"E":1795000000000}', '{"E":1795000001000}'], THEN, THEN + 1_000, shift=True)
    assert len(loop.due(NOW)) == 1
    assert len(loop.due(NOW + 3_600_000)) == 1
