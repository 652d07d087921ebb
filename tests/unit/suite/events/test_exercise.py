"""User-data events: provoked on the venue, through a proxy on the private stream that makes them wrong."""

import asyncio
import itertools
import json
import time

import pytest

from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import BlockedError
from wireproof.suite.events import actions
from wireproof.suite.events.exercise import PROVOCATIONS, EventFeed
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.state.own_answers import Answer, itself
from wireproof.wire.venue_control import VenueControl
from wireproof.wire.websocket.user_stream import StreamEvent

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDER, ACCOUNT, LITE = "usdm/event/ORDER_TRADE_UPDATE", "usdm/event/ACCOUNT_UPDATE", "usdm/event/TRADE_LITE"


def violations(conductor, case):
    return " ".join(f.actual for f in conductor.results[case].findings if f.kind is Kind.PROTOCOL_VIOLATION)


async def test_every_event_case_conforms_on_the_venue(provoked, planned):
    """Structure, number and order; and everything is undone."""
    ids = [name for name, case in planned.items() if case.kind == "event" and case.contract.product == "usdm"]
    conductor = await provoked(*ids)

    verdicts = {name: (result.verdict, result.reason, result.findings) for name, result in conductor.results.items()}
    assert verdicts == dict.fromkeys(ids, (Verdict.CONFORMS, "", []))


async def test_an_observation_says_what_was_done_and_what_came(provoked):
    conductor = await provoked(f"{ORDER}/cancelled")

    observation = conductor.results[f"{ORDER}/cancelled"].observation
    assert observation.request.startswith("order.place of wp-")
    assert observation.request.endswith(", then order.cancel of it")
    assert [json.loads(message)["o"]["x"] for message in observation.messages] == ["NEW", "CANCELED"]


async def test_a_changed_field_is_found_and_counted(provoked):
    def alter(event, _):
        if event["e"] == "ORDER_TRADE_UPDATE":
            event["o"]["p"] = float(event["o"]["p"])
        return [event]

    conductor = await provoked(f"{ORDER}/cancelled", alter=alter)

    (finding,) = conductor.results[f"{ORDER}/cancelled"].findings
    assert (finding.path, finding.kind, finding.occurrences, finding.of) == ("o.p", Kind.TYPE_CHANGED, 2, 2)


def _drop(event):
    del event["E"]
    return ("E", Kind.MISSING_FIELD)


def _number_to_string(event):
    event["E"] = str(event["E"])
    return ("E", Kind.TYPE_CHANGED)


def _null(event):
    event["E"] = None
    return ("E", Kind.NULL_VALUE)


def _add(event):
    event["wireproofAdded"] = 1
    return ("wireproofAdded", Kind.UNDOCUMENTED_FIELD)


@pytest.mark.parametrize("mutate", [_drop, _number_to_string, _null, _add])
async def test_every_event_tells_that_it_was_altered(provoked, planned, mutate):
    """Each case of each event, with path and kind; nothing else is accused."""
    ids = [name for name, case in planned.items() if case.kind == "event" and case.contract.product == "usdm"]
    ids = [name for name in ids if "refused" not in name]
    expected = set()

    def alter(event, _):
        expected.add(mutate(event))
        return [event]

    conductor = await provoked(*ids, alter=alter)

    found = {name: {(f.path, f.kind) for f in result.findings} for name, result in conductor.results.items()}
    assert found == dict.fromkeys(ids, expected)


def _inner(event):
    """Return the object in an event, and its name."""
    return next(((name, value) for name, value in event.items() if isinstance(value, dict)), (None, None))


SPOILED = {
    "another type": (lambda event: {**event, "e": "WIREPROOF"}, "e", Kind.VALUE_CHANGED),
    "no type": (lambda event: {name: value for name, value in event.items() if name != "e"}, "e", Kind.MISSING_FIELD),
    "type null": (lambda event: {**event, "e": None}, "e", Kind.NULL_VALUE),
    "type a number": (lambda event: {**event, "e": 7}, "e", Kind.TYPE_CHANGED),
    "in an array": (lambda event: [event], "", Kind.TYPE_CHANGED),
    "cut off": (lambda event: json.dumps(event)[:-3], "", Kind.UNPARSEABLE),
    "binary": (lambda event: json.dumps(event).encode(), "", Kind.PROTOCOL_VIOLATION),
}


@pytest.mark.parametrize("how", SPOILED)
async def test_an_event_that_comes_spoiled_is_judged_as_what_it_must_be(provoked, planned, how):
    """With path and kind, and nobody is accused of what is another event's."""
    spoil, path, kind = SPOILED[how]
    ids = [name for name, case in planned.items() if case.kind == "event" and case.contract.product == "usdm"]
    ids = [name for name in ids if "refused" not in name]
    conductor = await provoked(*ids, alter=lambda event, _: [spoil(event)], seconds=1.0)

    found = {name: {(f.path, f.kind) for f in conductor.results[name].findings} for name in ids}
    assert {name: findings for name, findings in found.items() if (path, kind) not in findings} == {}
    asides = [result.contract for result in conductor.results.values() if result.aside and result.findings]
    assert "usdm/event/connection" not in asides


async def test_an_object_of_an_event_that_became_an_array_is_found_where_it_is(provoked, planned):
    """What says whose the event is lies in it."""
    ids = [f"{ORDER}/new", f"{ORDER}/cancelled", "usdm/event/ALGO_UPDATE/new", f"{ACCOUNT}/order"]

    def alter(event, _):
        name, value = _inner(event)
        return [{**event, name: [value]} if name else event]

    conductor = await provoked(*ids, alter=alter, seconds=1.0)
    for contract in {name.rpartition("/")[0] for name in ids}:
        said = [result for result in conductor.results.values() if result.contract == contract]
        places = {(f.path, f.kind) for result in said for f in result.findings}
        assert ("a" if "ACCOUNT" in contract else "o", Kind.TYPE_CHANGED) in places, contract


async def test_a_missing_event_says_what_came_instead(provoked):
    """With what was done before."""

    def alter(event, _):
        return [] if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "TRADE" else [event]

    conductor = await provoked(f"{ORDER}/filled", alter=alter, seconds=0.3)

    said = violations(conductor, f"{ORDER}/filled")
    assert "order.place of wp-" in said
    assert "no ORDER_TRADE_UPDATE with o.x TRADE, o.X FILLED came within 0.3 s" in said
    assert "What came instead: TRADE_LITE, ORDER_TRADE_UPDATE NEW, ACCOUNT_UPDATE ORDER." in said


async def test_a_missing_event_beside_others_that_come_is_a_violation(provoked):
    """The stream lives: another case's events came on it."""

    def alter(event, _):
        return [] if event["e"] == "ORDER_TRADE_UPDATE" else [event]

    conductor = await provoked(f"{ORDER}/new", f"{ACCOUNT}/order", alter=alter, seconds=0.5)

    assert "no ORDER_TRADE_UPDATE with o.x NEW, o.X NEW came within 0.5 s" in violations(conductor, f"{ORDER}/new")
    assert conductor.results[f"{ACCOUNT}/order"].verdict is Verdict.CONFORMS


DEAD = f"{ORDER}/private-stream"
WAITS = "waits on: the private stream delivered nothing"


@pytest.fixture
def muted(venue):
    """Let private streams connect and deliver nothing."""
    fault = venue.faults.add("mute", method="private")
    yield
    venue.faults.remove(fault)


@pytest.mark.usefixtures("muted")
async def test_a_private_stream_that_delivers_nothing_is_one_finding_and_its_cases_wait(provoked, planned, monkeypatch):
    """Also those for which no event is documented: their silence would prove nothing."""
    monkeypatch.setattr("wireproof.suite.events.exercise.LIFE_SECONDS", 0.3)
    ids = [name for name, case in planned.items() if case.kind == "event" and case.contract.product == "usdm"]
    conductor = await provoked(*ids, seconds=0.3)

    aside = conductor.results.pop(DEAD)
    (finding,) = aside.findings
    assert (aside.verdict, aside.aside, finding.kind) == (Verdict.BREAKING, True, Kind.SILENT_STREAM)
    assert (finding.contract, finding.path) == (ORDER, "")
    assert finding.actual.startswith("connected, the listen key is active, and nothing at all came although ")
    told = {name: (result.verdict, result.reason) for name, result in conductor.results.items()}
    assert told == dict.fromkeys(ids, (Verdict.BLOCKED, WAITS))


@pytest.mark.usefixtures("muted")
@pytest.mark.parametrize("case", ["new", "refused-fok"])
async def test_a_dead_private_stream_is_witnessed_by_the_order_that_it_did_not_tell_of(provoked, case, monkeypatch):
    """The case of a refused order has to cause one for it."""
    monkeypatch.setattr("wireproof.suite.events.exercise.LIFE_SECONDS", 0.3)
    conductor = await provoked(f"{ORDER}/{case}", seconds=0.3)

    actual = conductor.results[DEAD].findings[0].actual
    assert "although order.place of wp-" in actual
    assert actual.endswith("was acknowledged (GET /fapi/v1/order shows it NEW)")


async def test_a_case_without_events_conforms_alone_once_its_stream_shows_life(provoked):
    """Nothing of its own comes, and an order that is placed for it does."""
    conductor = await provoked(f"{ORDER}/refused-fok", seconds=0.3)

    result = conductor.results[f"{ORDER}/refused-fok"]
    assert (result.verdict, result.findings) == (Verdict.CONFORMS, [])
    assert result.observation.messages == ()


@pytest.mark.usefixtures("muted")
async def test_a_listen_key_that_ended_unheard_is_no_dead_stream(provoked, venue, monkeypatch):
    """Nobody is accused of what could not come."""
    real = PROVOCATIONS["resting_order"]

    async def and_end(scene, cause):
        await real(scene, cause)
        venue.faults.add("expire-listen-key", account="*")

    monkeypatch.setitem(PROVOCATIONS, "resting_order", and_end)
    conductor = await provoked(f"{ORDER}/new", seconds=0.3)

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("Nothing came on the private stream, and its listen key is not active: ")
    assert DEAD not in conductor.results


@pytest.mark.usefixtures("muted")
async def test_a_stream_that_had_nothing_to_tell_of_is_not_dead(provoked, monkeypatch):
    """The order that was said to be placed is not there."""

    async def pretended(_scene, cause):
        cause.client_ids.add("wp-never-placed")
        cause.done.append("order.place of wp-never-placed")

    monkeypatch.setitem(PROVOCATIONS, "resting_order", pretended)
    conductor = await provoked(f"{ORDER}/new", seconds=0.3)

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith(
        "No order happened, so nothing came: GET /fapi/v1/order was answered with status 400"
    )
    assert DEAD not in conductor.results


async def test_a_private_stream_that_answers_no_ping_is_no_statement(provoked, monkeypatch):
    async def no_pong(*_args, **_named):
        await asyncio.sleep(0)
        return False

    monkeypatch.setattr("wireproof.wire.websocket.user_stream.UserStream.barrier", no_pong)
    conductor = await provoked(f"{ORDER}/new", alter=lambda *_: [], seconds=0.3)

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("The private stream answers no ping")


async def test_an_event_that_is_read_late_came_in_time(provoked, monkeypatch):
    """The process stood still while it was there; a ping and its pong show that."""
    real = PROVOCATIONS["resting_order"]

    async def and_stand_still(scene, cause):
        await real(scene, cause)
        time.sleep(0.3)  # noqa: ASYNC251

    monkeypatch.setitem(PROVOCATIONS, "resting_order", and_stand_still)
    conductor = await provoked(f"{ORDER}/new", seconds=0.0)

    assert conductor.results[f"{ORDER}/new"].verdict is Verdict.CONFORMS


async def test_an_event_that_comes_twice_is_a_violation(provoked):
    """Somebody would book a fill twice."""
    conductor = await provoked(f"{LITE}/filled", alter=lambda event, _: [event, {**event, "E": 5}], settle=0.1)

    assert "1 of 2 TRADE_LITE events came twice" in violations(conductor, f"{LITE}/filled")


async def test_the_number_of_an_order_that_another_request_does_not_confirm_accuses_no_event(provoked, monkeypatch):
    """Its own answer may have told it wrongly."""
    placed = actions.place_order

    async def another_number(*order):
        status, number = await placed(*order)
        return status, number + 1

    monkeypatch.setattr(actions, "place_order", another_number)
    conductor = await provoked(f"{ORDER}/new")
    assert conductor.results[f"{ORDER}/new"].findings == []


async def test_the_end_of_a_listen_key_may_be_told_twice(provoked):
    """Measured on the testnet."""
    name = "usdm/event/listenKeyExpired/stopped"
    conductor = await provoked(name, alter=lambda event, _: [event, event], settle=0.1)

    assert conductor.results[name].verdict is Verdict.CONFORMS


async def test_events_of_one_cause_that_change_places_are_a_violation(provoked):
    held = []

    def alter(event, _):
        if event["e"] == "ORDER_TRADE_UPDATE":
            held.append(event)
            return held[::-1] if len(held) == 2 else []
        return [event]

    conductor = await provoked(f"{ORDER}/cancelled", alter=alter)

    said = violations(conductor, f"{ORDER}/cancelled")
    assert "ORDER_TRADE_UPDATE with o.x CANCELED, o.X CANCELED came before the event that it must follow." in said


async def test_events_of_foreign_orders_are_passed_over(provoked):
    """Also when they are malformed."""
    numbers = itertools.count(1)

    def alter(event, _):
        foreign = json.loads(json.dumps(event))
        if event["e"] == "ORDER_TRADE_UPDATE":
            foreign["o"] |= {"c": "somebody", "i": 1, "p": None}
            malformed = {"e": "ORDER_TRADE_UPDATE", "E": event["E"], "o": [next(numbers)]}
            return [foreign, malformed, event]
        return [{"e": event["e"], "E": event["E"], "number": next(numbers)}, event]

    conductor = await provoked(f"{ORDER}/cancelled", f"{ORDER}/new", alter=alter)

    said = {name: [f.actual for f in result.findings] for name, result in conductor.results.items()}
    assert said == {f"{ORDER}/cancelled": [], f"{ORDER}/new": []}


async def test_a_stream_that_drops_between_cause_and_event_is_no_statement(provoked):
    """The case is blocked with the reason; what it did is undone."""
    conductor = await provoked(f"{ORDER}/new", alter=lambda *_: None, seconds=2)

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("The private stream ended between cause and event")


async def test_a_listen_key_that_ends_in_between_is_no_statement(provoked):
    """Its event is told apart from the events of the case."""
    keys = []

    def alter(event, number):
        return [{"e": "listenKeyExpired", "E": 1, "listenKey": keys[0]}] if number else [event]

    real = PROVOCATIONS["resting_order"]

    async def with_key(scene, cause):
        keys.append(await scene.account.ask_keyed("userDataStream.ping", lambda answer: answer.text("listenKey")))
        await real(scene, cause)

    PROVOCATIONS["resting_order"] = with_key
    try:
        conductor = await provoked(f"{ORDER}/new", alter=alter, seconds=0.3)
    finally:
        PROVOCATIONS["resting_order"] = real

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("The listen key ended between cause and event")


async def test_a_refused_cause_blocks_its_case(provoked, monkeypatch):
    """It says which request was refused."""

    async def refused(scene, _cause):
        await scene.account.ask("order.cancel", {"symbol": scene.symbol, "orderId": 1})

    monkeypatch.setitem(PROVOCATIONS, "resting_order", refused)
    conductor = await provoked(f"{ORDER}/new")

    result = conductor.results[f"{ORDER}/new"]
    assert result.verdict is Verdict.BLOCKED
    assert "order.cancel was answered with status 400, error -2011" in result.reason


async def test_an_event_where_none_is_documented_is_a_violation(provoked, monkeypatch):
    """A refused order has none."""
    monkeypatch.setitem(PROVOCATIONS, "refused_order", PROVOCATIONS["resting_order"])
    monkeypatch.setattr("wireproof.suite.events.actions.resolve", lambda _params, _state: {})
    conductor = await provoked(f"{ORDER}/refused-fok", seconds=0.3)

    assert "1 ORDER_TRADE_UPDATE came where none is documented." in violations(conductor, f"{ORDER}/refused-fok")


async def test_the_feed_is_opened_anew_when_it_ended():
    """After a drop, and after its listen key ended; at last it gives the key back."""
    opened, asked = [], []

    class Stream:
        def __init__(self, key):
            self.key, self.closed, self.received = key, "", []

        async def __aenter__(self):
            opened.append(self)
            return self

        async def __aexit__(self, *_):
            self.closed = "closed"

    class Account:
        foreign_listen_key, has_changed = False, False
        listen_key, unknown = asyncio.Lock(), {}
        listen_key_requests = DRIVERS["usdm"].listen_key

        async def ask_keyed(self, method, read=itself):
            asked.append(method)
            return read(Answer(method, {"listenKey": f"key{len(opened)}"}))

    account = Account()
    feed = EventFeed(account, Stream, lambda _key: None)
    first, _ = await feed.open()
    assert (await feed.open())[0] is first
    first.closed = "it dropped"
    second, key = await feed.open()
    second.received.append(StreamEvent(b"", {"e": "listenKeyExpired", "listenKey": key}, 0.0))
    third, _ = await feed.open()
    assert [first, second, third] == opened
    assert account.listen_key.locked()
    await feed.close()
    assert not account.listen_key.locked()
    assert asked == ["userDataStream.start", "userDataStream.ping"] * 3 + ["userDataStream.stop"]


@pytest.mark.parametrize("event", ["MARGIN_CALL/isolated", "MARGIN_CALL/cross", "ORDER_TRADE_UPDATE/liquidated"])
async def test_a_price_that_was_moved_for_an_event_is_moved_back(provoked, venue, event):
    """To the tick or two; and the observation says how far it was moved."""
    before = {name: market.mid for name, market in venue.engine.markets.items()}
    conductor = await provoked(f"usdm/event/{event}")

    result = conductor.results[f"usdm/event/{event}"]
    assert (result.verdict, result.findings) == (Verdict.CONFORMS, [])
    assert "fell to" in result.observation.request
    moved = {name: abs(market.mid - before[name]) / market.symbol.tick for name, market in venue.engine.markets.items()}
    assert max(moved.values()) <= 3  # a heavy order leaves the book a little lopsided


async def test_a_venue_whose_market_cannot_be_moved_blocks_the_case(provoked, monkeypatch):
    """Such as another program that answers as the local target; nothing is left behind there either."""

    async def refuse(_control, _what):
        await asyncio.sleep(0)
        raise BlockedError("127.0.0.1 does not let its market be moved.")

    monkeypatch.setattr(VenueControl, "_tell", refuse)
    conductor = await provoked("usdm/event/MARGIN_CALL/isolated", moves_back=False)
    result = conductor.results["usdm/event/MARGIN_CALL/isolated"]
    assert (result.verdict, result.reason) == (Verdict.BLOCKED, "127.0.0.1 does not let its market be moved.")
