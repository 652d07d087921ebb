"""State that trades is ready when the case begins, also where the exchange takes a while."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Verdict
from wireproof.suite.conductor import Conductor
from wireproof.suite.journal import Journal
from wireproof.suite.judge import Judge
from wireproof.venue.server import Venue

from .conftest import TODAY

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOUND = "usdm/rest/GET.fapi.v1.algoOrder/by-algo-id"


async def test_a_conditional_order_is_asked_about_once_it_can_be_found(store, planned, target_of, tmp_path):
    """The testnet says for a second that it does not exist; that is no difference of the answer."""
    async with Venue(seed=7, market_moves=False, algo_lag_ms=600) as venue:
        conductor = Conductor(
            [planned[FOUND]],
            store=store,
            target=target_of(venue),
            judge=Judge(store, {}, target="local", today=TODAY),
            journal=Journal(tmp_path / "journal.json"),
            run="20261122T000000Z-abc123",
            second_answer_seconds=0,
        )
        conductor.start()
        result = await conductor.result(FOUND)
        await conductor.close()
        asked = venue.services.requests["GET /fapi/v1/algoOrder"]
    assert result.verdict is Verdict.CONFORMS
    assert asked > 2
