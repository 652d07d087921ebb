"""User-data events: provoked on the venue, through a proxy on the private stream that makes them wrong."""

import asyncio
import itertools
import json
import time

import pytest

from wireproof.drift.finding import Kind, Verdict
from wireproof.errors import BlockedError
from wireproof.suite.events import actions
from wireproof.suite.events.stream_life import PROVOCATIONS
from wireproof.wire.venue_control import VenueControl

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


async def test_an_event_that_is_read_late_came_in_time(provoked, monkeypatch):
    """The process stood still while it was there; a ping and its pong show that."""
    real = PROVOCATIONS["resting_order"]

    async def and_stand_still(scene, cause):
        await real(scene, cause)
        time.sleep(0.3)  # noqa: ASYNC251

    monkeypatch.setitem(PROVOCATIONS, "resting_order", and_stand_still)
    conductor = await provoked(f"{ORDER}/new", seconds=0.0)

    assert conductor.results[f"{ORDER}/new"].verdict is Verdict.CONFORMS


async def test_the_number_of_an_order_that_another_request_does_not_confirm_accuses_no_event(provoked, monkeypatch):
    """Its own answer may have told it wrongly."""
    placed = actions.place_order

    async def another_number(*order):
        status, number = await placed(*order)
        return status, number + 1

    monkeypatch.setattr(actions, "place_order", another_number)
    conductor = await provoked(f"{ORDER}/new")
    assert conductor.results[f"{ORDER}/new"].findings == []


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
