"""Connections that drop: no case is lost to one, nothing is sent twice that must not be, and nothing is left behind."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.suite.events import exercise
from wireproof.suite.products.base import GONE
from wireproof.suite.state.account import RefusedError
from wireproof.suite.state.drops import BEGINNINGS, StreamEndedError, over_drops, stop_listen_key
from wireproof.suite.vocabulary.marks import MARKS
from wireproof.wire.failures import AnswerLostError, ConnectionLostError, NoAnswerError, TargetBlockedError
from wireproof.wire.reply import Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOST = ConnectionLostError("order.cancel", "1", "it ended")
FOUND = AnswerLostError("order.place", "1", "it ended", Reply("1", "", b"{}", 200, 0.0, 0.0))
ENDED = StreamEndedError("The private stream ended between cause and event.")


# -- which request is sent again ---------------------------------------------------------------------------------------


# -- which case begins again -------------------------------------------------------------------------------------------


def beginnings(*errors):
    """Return what begins a case, and meets these errors in turn."""
    left, begun = list(errors), []

    async def begin():
        begun.append(1)
        if left:
            raise left.pop(0)

    return begin, begun


def case_of(*marks):
    return SimpleNamespace(own_marks=marks)


@pytest.mark.parametrize("error", [LOST, FOUND, ENDED], ids=["unknown fate", "answer lost", "stream ended"])
async def test_a_case_begins_again_after_a_drop(error):
    begin, begun = beginnings(error)
    await over_drops(case_of(), begin)
    assert len(begun) == 2


async def test_three_drops_in_a_row_cost_no_case():
    begin, begun = beginnings(LOST, FOUND, ENDED)
    await over_drops(case_of(), begin)
    assert len(begun) == BEGINNINGS == 4


async def test_a_case_does_not_begin_for_ever():
    begin, begun = beginnings(*[LOST] * 10)
    with pytest.raises(ConnectionLostError):
        await over_drops(case_of(), begin)
    assert len(begun) == BEGINNINGS


@pytest.mark.parametrize("mark", sorted(name for name, mark in MARKS.items() if mark.sent_once))
async def test_what_is_sent_once_does_not_begin_again(mark):
    begin, begun = beginnings(LOST)
    with pytest.raises(ConnectionLostError):
        await over_drops(case_of(mark), begin)
    assert len(begun) == 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectionLostError("depth", "1", "it ended", sends=4),
        NoAnswerError("depth", "1", 10.0),
        TargetBlockedError("h", "h is gone."),
        BlockedError("no symbol"),
        RuntimeError("a bug"),
    ],
    ids=["sent four times", "silent", "blocked", "another reason", "a bug"],
)
async def test_nothing_else_begins_a_case_again(error):
    """A request under which the connection drops every time is given up; silence is no drop."""
    begin, begun = beginnings(error)
    with pytest.raises(type(error)):
        await over_drops(case_of(), begin)
    assert len(begun) == 1


async def test_a_listen_key_that_is_gone_already_is_stopped():
    """The first stop took effect, its answer was lost, and the second found nothing."""

    class Stub:
        listen_key_requests = SimpleNamespace(close="userDataStream.stop")

        def __init__(self, code):
            self.error = SimpleNamespace(number=code)

        async def ask_keyed(self, method):
            assert method == "userDataStream.stop"
            raise RefusedError(method, SimpleNamespace(error=self.error, words="an error"))

    for code in GONE:
        await stop_listen_key(Stub(code))
    with pytest.raises(RefusedError):
        await stop_listen_key(Stub(-2015))


# -- cases against the venue -------------------------------------------------------------------------------------------


@pytest.fixture
def faults(venue):
    """Return the venue's faults; they end with the test."""
    yield venue.faults
    venue.faults.clear()


def standing(venue):
    """Return what stands on the accounts."""
    accounts = venue.control.state()["accounts"].values()
    return [a for a in accounts if a["open_orders"] or a["algo_orders"] or a["positions"] or a["listen_key"]["active"]]


SESSION_CASES = (
    *("session.logon/ed25519", "session.logon/again", "session.logon/rejects/hmac"),
    *("session.status/logged-on", "session.status/not-logged-on"),
    *("session.logout/logged-on", "session.logout/not-logged-on"),
    *("account.status/signed-by/session", "account.balance/signed-by/session", "order.status/signed-by/session"),
)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
async def test_a_session_logs_on_again_before_anything_relies_on_it(conduct, target_of, venue, faults, kind):
    """Whatever was under way when the connection dropped: a log-on, a status, or a request without a key."""
    for method in ("session.logon", "session.status", "session.logout", "account.status", "order.status"):
        faults.add(kind, method=method, nth=2)
        faults.add(kind, method=method, nth=5)
    conductor = await conduct(target_of(venue), *SESSION_CASES)
    assert {name: one.reason for name, one in conductor.results.items() if one.verdict is not Verdict.CONFORMS} == {}


CHANGING_CASES = (
    *("order.cancel/by-order-id", "order.cancel/by-client-order-id", "order.modify/by-order-id"),
    *("order.modify/by-client-order-id", "algoOrder.place/stop", "algoOrder.cancel/by-algo-id"),
    *("userDataStream.stop/active", "order.place/limit-gtc"),
)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
async def test_a_case_whose_change_met_a_drop_is_exercised_all_the_same(conduct, target_of, venue, faults, kind):
    """What became of the first request is looked up and undone; nothing stands at the end."""
    for method in ("order.cancel", "order.modify", "algoOrder.place", "algoOrder.cancel", "userDataStream.stop"):
        faults.add(kind, method=method)
    if kind == "drop-after":
        faults.add(kind, method="order.place", nth=2)
    conductor = await conduct(target_of(venue), *CHANGING_CASES)
    assert {name: one.reason for name, one in conductor.results.items() if one.verdict is not Verdict.CONFORMS} == {}
    assert standing(venue) == []
    assert conductor.not_cleaned == []


async def test_a_request_under_which_every_connection_drops_blocks_its_case(conduct, target_of, venue, faults):
    """One sentence says so; nobody is accused, and the others are exercised."""
    faults.add("drop-before", method="account.balance", times=None)
    names = "account.balance/default", "ticker.price/symbol-sent"
    conductor = await conduct(target_of(venue), *names)
    lost, other = (conductor.results[f"usdm/ws-api/{name}"] for name in names)
    assert (lost.verdict, other.verdict) == (Verdict.BLOCKED, Verdict.CONFORMS)
    assert "It was sent 4 times, and each time the connection dropped." in lost.reason


async def test_an_event_whose_stream_ended_is_provoked_again_on_a_new_one(
    conduct_cases, target_of, venue, planned, monkeypatch
):
    original, cut = exercise._await_sequence, []

    async def cut_once(ledger, *arguments):
        if not cut:
            cut.append(ledger.stream)
            ledger.stream._connection.transport.abort()
            ledger.stream.received.clear()
        return await original(ledger, *arguments)

    monkeypatch.setattr(exercise, "_await_sequence", cut_once)
    case = planned["usdm/event/ORDER_TRADE_UPDATE/new"]
    conductor = await conduct_cases(target_of(venue), case)
    result = conductor.results[case.id]
    assert (result.verdict, result.reason, len(cut)) == (Verdict.CONFORMS, "", 1)
    assert standing(venue) == []


# -- the session that cases share --------------------------------------------------------------------------------------
