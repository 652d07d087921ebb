"""State that trades is ready when the case begins, also where the exchange takes a while."""

from __future__ import annotations

import pytest

from wireproof.drift.finding import Verdict
from wireproof.venue.serving.server import Venue

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOUND = "usdm/rest/GET.fapi.v1.algoOrder/by-algo-id"


async def test_a_conditional_order_is_asked_about_once_it_can_be_found(planned, target_of, conduct_cases):
    """The testnet says for a second that it does not exist; that is no difference of the answer."""
    async with Venue(seed=7, market_moves=False, algo_lag_ms=600) as venue:
        conductor = await conduct_cases(target_of(venue), planned[FOUND])
        asked = venue.services.requests["GET /fapi/v1/algoOrder"]
    assert conductor.results[FOUND].verdict is Verdict.CONFORMS
    assert asked > 2
