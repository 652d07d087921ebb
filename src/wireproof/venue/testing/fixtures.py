"""pytest's fixtures: a venue that serves all tests, and the same one begun anew for each test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from wireproof.venue.testing.hosting import VenueSettings, start_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.testing.running_venue import RunningVenue


class FaultWarning(UserWarning):
    """A fault of the test that ended never struck, or a drift changed nothing: the test did not test what it says."""


@pytest.fixture(scope="session")
def venue_settings() -> VenueSettings:
    """Return how the venue is started; override it in `conftest.py`."""
    return VenueSettings()


@pytest.fixture(scope="session")
def venue_server(venue_settings: VenueSettings) -> Iterator[RunningVenue]:
    """Start a venue with the first test that wants it, and stop it after the last."""
    with start_venue(venue_settings) as server:
        yield server


@pytest.fixture
def venue(venue_server: RunningVenue) -> Iterator[RunningVenue]:
    """Return a venue that begins anew for each test."""
    venue_server.reset()
    yield venue_server
    for sentence in venue_server.fault_reports:
        warnings.warn(FaultWarning(sentence), stacklevel=1)
