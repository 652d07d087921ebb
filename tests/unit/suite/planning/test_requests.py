"""Which requests are sent again after a drop, and how."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Request
from wireproof.suite.judging.statements import may_repeat, may_repeat_after_drop
from wireproof.suite.planning.requests import resend_of
from wireproof.suite.vocabulary.marks import why_sent_once
from wireproof.wire.reply import Resend

pytestmark = pytest.mark.asyncio(loop_scope="session")


#: Requests that change something on the exchange and are sent again all the same: the second changes nothing more.
HARMLESS = {
    "userDataStream.start",
    "userDataStream.ping",
    "POST /fapi/v1/listenKey",
    "PUT /fapi/v1/listenKey",
    "POST /dapi/v1/listenKey",
    "PUT /dapi/v1/listenKey",
    "POST /eapi/v1/listenKey",
    "PUT /eapi/v1/listenKey",
    "POST /papi/v1/listenKey",
    "PUT /papi/v1/listenKey",
    "POST /fapi/v1/order/test",
}


@pytest.fixture
def exercises(planned):
    """Return every case that sends a request of its own."""
    return [case for case in planned.values() if isinstance(case.contract.subject, Request)]


async def test_what_is_to_be_refused_is_sent_again(exercises):
    """Of every request, orders included: a refusal changes nothing."""
    refused = [case for case in exercises if case.expect is not None and not why_sent_once(case.own_marks)]
    assert {case.contract.of(Request).method for case in refused} >= {"order.place", "order.cancel", "POST", "DELETE"}
    assert all(may_repeat_after_drop(case) for case in refused)


async def test_what_changes_something_is_never_sent_again_unseen(exercises):
    changing = {
        case.contract.name
        for case in exercises
        if case.expect is None
        and case.contract.of(Request).method not in {"GET", "depth"}
        and not may_repeat_after_drop(case)
    }
    again = {case.contract.name for case in exercises if case.expect is None and may_repeat_after_drop(case)}
    assert {"order.place", "order.cancel", "order.modify", "algoOrder.place", "userDataStream.stop"} <= changing
    assert not changing & HARMLESS
    writes = {subject for subject in again if subject.startswith(("POST ", "PUT ", "DELETE "))}
    assert writes <= HARMLESS


async def test_requests_of_a_session_are_sent_again(planned):
    """The connection that replaces another is as good as that: logged on again, or new."""
    names = ("session.logon/ed25519", "session.logon/again", "session.status/logged-on", "session.logout/logged-on")
    assert {resend_of(planned[f"usdm/ws-api/{name}"]) for name in names} == {Resend.SAFE}


async def test_what_cannot_be_taken_back_is_never_sent_again(exercises):
    marked = [case for case in exercises if why_sent_once(case.own_marks)]
    assert marked
    assert not any(may_repeat_after_drop(case) or may_repeat(case) for case in marked)


async def test_an_expected_refusal_is_not_sent_again_while_the_service_is_in_trouble(exercises):
    """An answer with trouble leaves open what became of an order; what became of it is looked up instead."""
    orders = [case for case in exercises if case.contract.name == "order.place" and case.expect is not None]
    assert orders
    assert not any(may_repeat(case) for case in orders)
