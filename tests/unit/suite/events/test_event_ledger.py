"""Which events and frames a cause may claim."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from wireproof.suite.events.cause import Cause
from wireproof.suite.events.event_ledger import EventLedger, other_than_done, repeats, shows
from wireproof.wire.websocket.user_stream import StreamEvent, decoded


def frame(raw):
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return StreamEvent(raw, decoded(raw), 0.0)


OTU = {"e": "ORDER_TRADE_UPDATE", "E": 1, "o": {"s": "BTCUSDT", "c": "wp-1", "S": "BUY", "x": "NEW", "i": 7}}


@pytest.fixture
def ledger(shapes):
    return EventLedger(SimpleNamespace(received=[]), shapes, frozenset({"ORDER"}))


def provoked_by(ledger, planned, case="usdm/event/ORDER_TRADE_UPDATE/new", **named):
    cause = Cause(symbol="BTCUSDT", side="BUY", **named)
    return ledger.begin(planned[case], cause)


def arrive(ledger, *documents):
    events = [frame(one if isinstance(one, str) else json.dumps(one)) for one in documents]
    ledger.stream.received += events
    return events


def order(client_id, number, **fields):
    body = OTU["o"] | {"X": "NEW", "c": client_id, "i": number, **fields}
    return {"e": "ORDER_TRADE_UPDATE", "E": number, "T": number, "o": body}


def test_a_spoiled_frame_stands_in_only_for_an_event_that_did_not_come(ledger, planned):
    """One that comes beside the event is no event of the cause, and accuses nobody of a difference."""
    one = provoked_by(ledger, planned, client_ids={"wp-1"}, order_ids={7})
    beside, plain = arrive(ledger, [order("wp-1", 7)], order("wp-1", 7))
    assert ledger.claim(one) == [plain]
    ledger.stream.received.remove(plain)
    assert ledger.claim(one) == [beside]


def test_an_event_of_nobody_stands_in_and_one_of_another_cause_does_not(ledger, planned):
    """Its id is none of wireproof's."""
    one = provoked_by(ledger, planned, client_ids={"wp-1"}, order_ids={7})
    other = provoked_by(ledger, planned, client_ids={"wp-2"}, order_ids={8})
    foreign, of_other = arrive(ledger, order("x", 1), order("wp-2", 8))
    assert ledger.claim(other) == [of_other]
    assert ledger.claim(one) == []
    assert ledger.claim(one, stand_ins=True) == [foreign]
    assert [one.path for one in other_than_done(one, ledger.documents([foreign]))] == ["o.c", "o.i"]


def test_an_event_on_another_symbol_that_is_known_is_of_something_else(ledger, planned):
    """A position of another case; an unknown symbol is a wrong one."""
    ledger.symbols = {"BTCUSDT", "ETHUSDT"}
    one = provoked_by(ledger, planned, "usdm/event/ACCOUNT_UPDATE/order", reason="ORDER")
    update = {"e": "ACCOUNT_UPDATE", "E": 1, "T": 1, "a": {"m": "ORDER", "B": [], "P": [{"s": "ETHUSDT"}]}}
    arrive(ledger, update)
    assert ledger.claim(one, stand_ins=True) == []
    update["a"]["P"][0]["s"] = "NOBODYS"
    (wrong,) = arrive(ledger, update)
    assert ledger.claim(one, stand_ins=True) == [wrong]


def test_no_frame_is_claimed_twice(ledger, planned):
    first = provoked_by(ledger, planned, client_ids={"wp-1"}, order_ids={7})
    second = provoked_by(ledger, planned, client_ids={"wp-2"}, order_ids={8})
    (foreign,) = arrive(ledger, order("x", 1))
    assert ledger.claim(first, stand_ins=True) == [foreign]
    assert ledger.claim(second, stand_ins=True) == []


def test_an_event_that_comes_again_later_is_told_apart_from_what_was_judged(ledger, planned):
    one = provoked_by(ledger, planned, client_ids={"wp-1"}, order_ids={7})
    arrive(ledger, order("wp-1", 7))
    one.repeats = repeats(ledger.documents(ledger.claim(one)))
    arrive(ledger, order("wp-1", 7) | {"E": 9})
    assert repeats(ledger.documents(ledger.late(one))) == 1 + one.repeats


FILLED = {"e": "ORDER_TRADE_UPDATE", "o": {"c": "wp-1", "i": 7, "x": "TRADE"}}


async def test_fields_of_a_sequence_are_looked_up_by_path():
    await asyncio.sleep(0)
    assert shows(FILLED, {"o.x": "TRADE", "o.i": 7})
    assert not shows(FILLED, {"o.x": "NEW"})
    assert shows(FILLED, {})
