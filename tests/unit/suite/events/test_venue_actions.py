"""Streams that say something only when the market is controlled: the venue triggers it, once they are subscribed to."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from wireproof.drift.finding import Verdict
from wireproof.errors import BlockedError
from wireproof.wire.venue_control import VenueControl

pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_SYMBOL, OF_ALL = "usdm/stream/forceOrder/symbol", "usdm/stream/allForceOrder/all"
CONTRACTS, NEW_OPTIONS = "usdm/stream/allContractInfo/all", "options/stream/allOptionSymbol/default"


@pytest.fixture
def run(planned, venue, target_of, conduct_cases):
    """Return what runs cases by id on the venue."""

    async def conduct(*ids, seconds=6.0):
        cases = [replace(case, watch=replace(case.watch, seconds=seconds)) for case in (planned[name] for name in ids)]
        return await conduct_cases(target_of(venue), *cases)

    return conduct


async def test_one_liquidation_serves_all_streams_that_tell_of_it(run, venue):
    """What was done stands in the observation; the position is gone and the price is back."""
    before, placed = venue.engine.markets["BTCUSDT"].mid, venue.services.requests.get("order.place", 0)
    conductor = await run(OF_SYMBOL, OF_ALL, CONTRACTS)

    assert {result.verdict for result in conductor.results.values()} == {Verdict.CONFORMS}
    for name in (OF_SYMBOL, OF_ALL):
        assert "; then the price of BTCUSDT fell to" in conductor.results[name].observation.request
    assert "the venue was told that BTCUSDT changed" in conductor.results[CONTRACTS].observation.request
    assert venue.services.requests["order.place"] - placed == 1
    assert conductor.requests > 6
    assert conductor.not_cleaned == []
    assert venue.engine.markets["BTCUSDT"].mid == before
    assert not any(any(account.open_positions()) for account in venue.accounts)


async def test_a_liquidation_that_cannot_be_brought_about_blocks_its_streams(run, venue, monkeypatch):
    """The others are triggered all the same."""
    move = VenueControl._tell

    async def refuse_prices(control, what):
        if "price" in what:
            await asyncio.sleep(0)
            raise BlockedError("The price stays.")
        await move(control, what)

    monkeypatch.setattr(VenueControl, "_tell", refuse_prices)
    conductor = await run(OF_ALL, CONTRACTS, seconds=0.5)

    result = conductor.results[OF_ALL]
    assert result.verdict is Verdict.BLOCKED
    assert result.reason == "what it reports could not be triggered: The price stays."
    assert "the venue was told" in conductor.results[CONTRACTS].observation.request
    assert not any(any(account.open_positions()) for account in venue.accounts)


async def test_contracts_are_listed_for_the_stream_of_new_ones(run, venue):
    listed = len(venue.services.engines["options"].contracts)
    conductor = await run(NEW_OPTIONS)

    result = conductor.results[NEW_OPTIONS]
    assert result.verdict is Verdict.CONFORMS
    assert "the venue listed contracts beside " in result.observation.request
    assert len(venue.services.engines["options"].contracts) == listed + 2
