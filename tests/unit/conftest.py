"""A venue of a test's own, and the command pointed at it, for tests of whole runs."""

from __future__ import annotations

import pytest
import pytest_asyncio
from wireproof_command import Suite

from wireproof.venue.serving.server import Venue


@pytest_asyncio.fixture(loop_scope="session")
async def venue():
    """Serve a venue of the test's own."""
    async with Venue(seed=3, weight_limit=1_000_000) as running:
        yield running


@pytest.fixture
def suite(venue, tmp_path):
    """Return the command, pointed at the venue."""
    return Suite(tmp_path, venue)
