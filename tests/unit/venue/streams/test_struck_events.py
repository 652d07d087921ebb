"""What faults do to events of streams and of user data."""

from __future__ import annotations

import json

import pytest

from wireproof.venue.base.faults import Faults
from wireproof.venue.streams.struck_events import StruckEvents

NAME = "ORDER_TRADE_UPDATE"


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("silent", {}, [2, 3]),
        ("twice", {"nth": 2}, [1, 2, 2, 3]),
        ("reorder", {"times": 2}, [2, 1, 3]),
        ("drift", {"set": {"a": 9}}, [9, 2, 3]),
        ("not-json", {}, ["<", 2, 3]),
    ],
)
def test_the_named_events_are_struck(kind, more, expected):
    faults = Faults()
    struck = StruckEvents(faults)
    faults.add(kind, method=NAME, **more)
    sent = [raw for a in (1, 2, 3) for raw in struck.of(NAME, b'{"a":%d}' % a, list)]
    assert [json.loads(raw)["a"] if raw[:1] == b"{" else raw[:1].decode() for raw in sent] == expected
    assert struck.of("ACCOUNT_UPDATE", b"{}", list) == [b"{}"]


def test_a_drop_cuts_the_readers():
    faults, cut = Faults(), []
    faults.add("drop-before", method="btcusdt@aggTrade")
    assert StruckEvents(faults).of("btcusdt@aggTrade", b"{}", lambda: cut.append(1)) == []
    assert cut == [1]


def test_a_fault_of_all_requests_strikes_no_event():
    faults = Faults()
    faults.add("silent", times=None)
    assert StruckEvents(faults).of(NAME, b"{}", list) == [b"{}"]
