"""Streams reach their readers, when they are due, and nobody else."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest

from wireproof.venue.base.faults import NOT_JSON, Faults
from wireproof.venue.streams.hub import MOST_BEHIND, TEXT, TURNS_A_BEAT, Hub, Reader, framed
from wireproof.venue.streams.named_streams import AT_ONCE, NamedStream, StreamRoot


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_states_its_length_as_the_protocol_says(size):
    """In one, three or nine bytes."""
    frame = framed(b"x" * size)

    assert frame[0] == TEXT
    assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


def test_the_envelope_depends_on_the_connection(stage):
    """The same event bare and wrapped."""
    bare, wrapped = stage.reader("btcusdt@markPrice@1s"), stage.reader("btcusdt@markPrice@1s", combined=True)
    stage.run(1_000)

    event = bare.events()[0]
    assert wrapped.events()[0] == {"stream": "btcusdt@markPrice@1s", "data": event}
    assert event["e"] == "markPriceUpdate"


@pytest.mark.parametrize(
    ("name", "milliseconds"),
    [
        ("btcusdt@markPrice", 3_000),
        ("btcusdt@markPrice@1s", 1_000),
        ("btcusdt@depth", 250),
        ("btcusdt@depth@500ms", 500),
        ("btcusdt@ticker", 2_000),
        ("btcusd_perp@ticker", 500),
        ("!miniTicker@arr", 1_000),
        ("btcusd@indexPrice", 3_000),
        ("defiusdt@compositeIndex", 1_000),
        ("btcusdt@rpiDepth@500ms", 500),
    ],
)
def test_streams_keep_their_cadence(stage, name, milliseconds):
    """Over twelve seconds each comes as often as documented."""
    stage.run(3_000 - stage.data.now() % 3_000)
    wire = stage.reader(name)
    stage.run(12_000)
    times = [event[0]["E"] if isinstance(event, list) else event["E"] for event in wire.events()]

    slots = [time // milliseconds for time in times]
    assert slots == sorted(set(slots))
    assert len(times) >= 0.8 * 12_000 / milliseconds


def test_the_book_ticker_tells_at_once(stage):
    """When the best bid or ask changes, in the same moment; not when something else does."""
    wire = stage.reader("btcusdt@bookTicker")
    stage.hub.beat()
    first = wire.events()
    exchange = stage.exchange
    exchange.order(exchange.alice, "BUY", "0.0020", "80000.0")
    for act in stage.soon:
        act()
    unchanged = wire.events()
    exchange.order(exchange.alice, "BUY", "0.0020")
    stage.soon[-1]()

    assert len(first) == 1
    assert unchanged == []
    (event,) = wire.events()
    assert event["A"] < first[0]["A"]
    assert event["u"] > first[0]["u"]


def test_changes_of_the_book_come_at_once_to_who_wants_them_so(stage):
    """Each joins the one before."""
    wire = stage.reader("btcusdt@depth@0ms")
    stage.hub.beat()
    wire.events()
    for price in ("80000.0", "80001.0"):
        stage.exchange.order(stage.exchange.alice, "BUY", "0.0020", price)
        stage.soon.pop()()
    first, second = wire.events()
    assert [event["b"] for event in (first, second)] == [[["80000.00", "0.0020"]], [["80001.00", "0.0020"]]]
    assert second["pu"] == first["u"]


def test_a_wrong_root_is_silent(stage):
    """/public carries no trades, /market no books; both are listed as subscribed."""
    public = stage.reader("btcusdt@aggTrade", "btcusdt@depth@100ms", public=True, market=False)
    market = stage.reader("btcusdt@aggTrade", "btcusdt@depth@100ms", public=False, market=True)
    stage.run(2_000)

    assert {event["e"] for event in public.events()} == {"depthUpdate"}
    assert {event["e"] for event in market.events()} == {"aggTrade"}


def test_a_slow_reader_is_cut_and_others_go_on(stage):
    """It neither holds others up nor is its backlog kept."""
    slow, quick = stage.reader("btcusdt@depth@100ms"), stage.reader("btcusdt@depth@100ms")
    slow.unread = MOST_BEHIND
    stage.run(1_000)

    assert slow.cut
    assert slow.data == b""
    assert not quick.cut
    assert quick.events()


def test_leaving_takes_everything_back(stage):
    """A stream that nobody reads is not produced any more."""
    reader = Reader(stage.reader(), StreamRoot("", public=True, market=True), [stage.streams], combined=False)
    stage.hub.subscribe(reader, "btcusdt@aggTrade")
    stage.hub.subscribe(reader, "btcusdt@bookTicker")
    stage.hub.subscribe(reader, "btcusdt@bookTicker")
    assert stage.hub.active == 2

    stage.hub.leave(reader)
    assert stage.hub.active == 0
    assert not reader.names


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("silent", {}, [2, 3, 4, 5]),
        ("silent", {"nth": 3}, [1, 2, 4, 5]),
        ("twice", {"nth": 2}, [1, 2, 2, 3, 4, 5]),
        ("reorder", {"times": 2}, [2, 1, 3, 4, 5]),
        ("drift", {"set": {"a": 99}}, [99, 2, 3, 4, 5]),
    ],
)
def test_faults_strike_the_events_of_the_stream_that_they_name(stage, kind, more, expected):
    """Left out, sent twice, in another order, altered; other streams go on as they were."""
    faults = Faults()
    stage.hub = Hub(stage.data.now, faults=faults)
    struck, sound = stage.reader("btcusdt@aggTrade"), stage.reader("ethusdt@aggTrade")
    faults.add(kind, method="btcusdt@aggTrade", **more)
    first = stage.data.feed("BTCUSDT").tape.aggregates[-1].id
    while stage.data.feed("BTCUSDT").tape.aggregates[-1].id < first + 5:
        stage.run(50)
    numbers = [event["a"] - first if event["a"] != 99 else 99 for event in struck.events()]

    assert numbers == expected
    assert all(two["a"] == one["a"] + 1 for one, two in pairwise(sound.events()))


def test_faults_break_connections_and_send_what_is_no_json(stage):
    """`drop-before` and `not-json`; a fault for every request is not one for streams."""
    faults = Faults()
    stage.hub = Hub(stage.data.now, faults=faults)
    wire = stage.reader("btcusdt@markPrice@1s")
    faults.add("silent", method="*", times=None)
    faults.add("not-json", method="btcusdt@markPrice@1s")
    stage.run(1_000)
    assert NOT_JSON in wire.data
    assert not wire.cut

    faults.add("drop-before", method="btcusdt@markPrice@1s")
    stage.run(1_000)
    assert wire.cut


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        ("btcusdt@markPrice@1s", {"ethusdt@markPrice@1s", "btcusdt@ticker"}),
        ("*@markPrice*", {"btcusdt@ticker"}),
        ("btcusdt@*", {"ethusdt@markPrice@1s"}),
        ("*", set()),
        ("private", {"btcusdt@markPrice@1s", "ethusdt@markPrice@1s", "btcusdt@ticker"}),
    ],
)
def test_muted_streams_are_subscribed_and_say_nothing(stage, pattern, heard):
    """By a pattern of names, until the fault is undone; the record says that there was something to say."""
    faults = Faults()
    stage.hub = Hub(stage.data.now, faults=faults)
    names = ("btcusdt@markPrice@1s", "ethusdt@markPrice@1s", "btcusdt@ticker")
    wires = {name: stage.reader(name) for name in names}
    fault = faults.add("mute", method=pattern)
    stage.run(4_000)

    assert {name for name, wire in wires.items() if wire.data} == heard
    assert set(stage.hub.record.published) == set(names)

    faults.remove(fault)
    stage.run(4_000)
    assert all(wire.data for wire in wires.values())


def test_the_record_counts_events_and_late_beats(stage):
    """A beat that is late by less than a beat is none."""
    stage.reader("btcusdt@markPrice@1s")
    stage.run(2_000)
    assert stage.hub.record.view() == {"beats": 40, "late": [], "published": {"btcusdt@markPrice@1s": 3}}

    stage.run(1_000, step=500)
    late = stage.hub.record.view()["late"]
    assert [one["ms"] for one in late] == [450, 450]
    assert late[-1]["at"] == stage.data.now()


class Source:
    """Knows one name, of a subject that is hurried for."""

    def stream(self, name):
        """Return what `mine` stands for."""
        return NamedStream(AT_ONCE, public=True, produce=lambda now: [now], subject=self) if name == "mine" else None


def test_a_reader_has_the_streams_of_its_sources_only(stage):
    """Also when somebody else reads the name already."""
    source, wires = Source(), (stage.reader(), stage.reader())
    readers = [
        Reader(wire, StreamRoot("", public=True), sources, combined=False)
        for wire, sources in zip(wires, ([source], [stage.streams]), strict=True)
    ]
    for reader in readers:
        stage.hub.subscribe(reader, "mine")
    stage.hub.hurry(source)
    stage.soon.pop()()
    assert [wire.events() for wire in wires] == [[stage.data.now()], []]


def test_what_a_stream_needs_first_is_done_in_turns_that_all_share():
    """A subscription works nothing through, and a beat does no more turns for many streams than for one."""
    done = []

    def work(name):
        for _ in range(TURNS_A_BEAT):
            done.append(name)
            yield

    class Past:
        def stream(self, name):
            return NamedStream(50, public=False, produce=lambda _now: [{"e": name}], before=work(name))

    now = [1_000]
    hub = Hub(lambda: now[0])
    reader = Reader(SimpleNamespace(is_closing=lambda: True), StreamRoot("", market=True), [Past()], combined=False)
    hub.subscribe(reader, "a")
    hub.subscribe(reader, "b")
    assert done == []
    hub.beat()
    assert (len(done), set(done)) == (TURNS_A_BEAT, {"a", "b"})
    assert hub.sent == 0
    for _ in range(2):
        now[0] += 50
        hub.beat()
    assert hub.sent == 2
