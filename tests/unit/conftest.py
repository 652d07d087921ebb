"""A venue of a test's own, and the command pointed at it, for tests of whole runs."""

from __future__ import annotations

import dataclasses

import pytest
import pytest_asyncio
from wireproof_command import Suite

from wireproof.venue.base.auth import ApiKey
from wireproof.venue.serving.server import KEY_TYPES, Venue


@pytest.fixture(scope="session")
def keys():
    """Return one key of each kind, made once: an RSA key takes longer than the rest of a venue."""
    return [ApiKey.generate(kind) for kind in KEY_TYPES]


@pytest_asyncio.fixture(loop_scope="session")
async def venue(keys):
    """Serve a venue of the test's own."""
    own_keys = [dataclasses.replace(key) for key in keys]
    async with Venue(seed=3, weight_limit=1_000_000, keys=own_keys) as running:
        yield running


@pytest.fixture
def suite(venue, tmp_path):
    """Return the command, pointed at the venue."""
    return Suite(tmp_path, venue)
