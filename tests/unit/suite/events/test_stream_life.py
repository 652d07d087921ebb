"""Why nothing came on a private stream: it is dead, or had nothing to say, or nothing can be said."""

import asyncio

import pytest

from wireproof.drift.finding import Kind, Verdict
from wireproof.suite.events.stream_life import PROVOCATIONS

pytestmark = pytest.mark.asyncio(loop_scope="session")


ORDER, ACCOUNT, LITE = "usdm/event/ORDER_TRADE_UPDATE", "usdm/event/ACCOUNT_UPDATE", "usdm/event/TRADE_LITE"


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
    monkeypatch.setattr("wireproof.suite.events.stream_life.LIFE_SECONDS", 0.3)
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
    monkeypatch.setattr("wireproof.suite.events.stream_life.LIFE_SECONDS", 0.3)
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
