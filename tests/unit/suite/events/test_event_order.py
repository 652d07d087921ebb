"""Events of one cause come in their order, once each, and where one is documented."""

import pytest

from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.events.stream_life import PROVOCATIONS

pytestmark = pytest.mark.asyncio(loop_scope="session")


ORDER, ACCOUNT, LITE = "usdm/event/ORDER_TRADE_UPDATE", "usdm/event/ACCOUNT_UPDATE", "usdm/event/TRADE_LITE"


def violations(conductor, case):
    return " ".join(f.actual for f in conductor.results[case].findings if f.kind is Kind.PROTOCOL_VIOLATION)


async def test_an_event_that_comes_twice_is_a_violation(provoked):
    """Somebody would book a fill twice."""
    conductor = await provoked(f"{LITE}/filled", alter=lambda event, _: [event, {**event, "E": 5}], settle=0.1)

    assert "1 of 2 TRADE_LITE events came twice" in violations(conductor, f"{LITE}/filled")


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


async def test_an_event_where_none_is_documented_is_a_violation(provoked, monkeypatch):
    """A refused order has none."""
    monkeypatch.setitem(PROVOCATIONS, "refused_order", PROVOCATIONS["resting_order"])
    monkeypatch.setattr("wireproof.suite.events.actions.resolve", lambda _params, _state: {})
    conductor = await provoked(f"{ORDER}/refused-fok", seconds=0.3)

    assert "1 ORDER_TRADE_UPDATE came where none is documented." in violations(conductor, f"{ORDER}/refused-fok")
