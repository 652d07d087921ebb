"""A venue in a process of its own, begun anew for each test, for clients that `make test` does without."""

from __future__ import annotations

import pytest

from wireproof.venue.testing import VenueSettings, start_venue


@pytest.fixture(scope="session")
def venue_server():
    """Start a venue that all clients share; its limits are wide, since each test begins anew anyhow."""
    with start_venue(VenueSettings(own_process=True, weight_limit=60_000)) as started:
        yield started


@pytest.fixture
def venue(venue_server):
    """Return it, begun anew."""
    venue_server.reset()
    return venue_server
