"""Of a target that serves a product in part, what answers is exercised, and what does not is said with its host."""

from __future__ import annotations

from dataclasses import replace

import pytest
from relays import altered_rest

from wireproof.drift.finding import Verdict

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUBLIC, STREAM = "options/rest/GET.eapi.v1.time/default", "options/stream/allIndex/default"
SIGNED, EVENT = "options/rest/GET.eapi.v1.marginAccount/default", "options/event/ORDER_TRADE_UPDATE/new"
CASES = (PUBLIC, STREAM, SIGNED, EVENT)


@pytest.fixture
def exercise(venue, planned, target_of, conduct_cases):
    """Return what runs cases of options on testnet, of which some addresses are others; gives blocked ones' reasons."""

    async def run(**addresses):
        target = target_of(venue, name="testnet")
        target.accounts = target.accounts[:1]
        target.endpoints = replace(target.endpoints, ws_api="", product="options", target="testnet", **addresses)
        results = (await conduct_cases(target, *(planned[name] for name in CASES))).results
        assert {one.verdict for one in results.values()} <= {Verdict.CONFORMS, Verdict.BLOCKED}
        return {name: one.reason for name, one in results.items() if one.verdict is Verdict.BLOCKED}

    return run


@pytest.mark.parametrize(
    ("dead", "blocked"),
    [
        (("stream", "user_stream"), {STREAM, EVENT}),
        (("user_stream",), {EVENT}),
        (("rest",), {PUBLIC, SIGNED, EVENT}),
    ],
)
async def test_what_does_not_answer_blocks_its_own_cases(exercise, unused_tcp_port, dead, blocked):
    host = f"127.0.0.1:{unused_tcp_port}"
    found = await exercise(**{name: f"{'http' if name == 'rest' else 'ws'}://{host}" for name in dead})
    assert found == dict.fromkeys(blocked, f"{host} refused the connection.")


async def test_a_host_without_the_product_is_said_once_for_all_its_requests(exercise, venue):
    """Its streams may be served all the same."""
    async with altered_rest(venue.rest_url, lambda *_: (404, b'{"code":-5000,"msg":"Path is invalid"}')) as url:
        found = await exercise(rest=url)
    assert found.keys() == {PUBLIC, SIGNED, EVENT}
    [reason] = set(found.values())
    assert reason.endswith(
        "does not serve this product: it knows neither GET /eapi/v1/time nor GET /eapi/v1/ping (404)."
    )
