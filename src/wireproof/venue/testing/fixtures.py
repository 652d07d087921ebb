"""pytest's fixtures: a venue that serves all tests, and the same one begun anew for each test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from wireproof.venue.testing.hosting import VenueSettings, start_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.venue.testing.running_venue import RunningVenue


MARK = "venue(as_of=DATE, incident=NAME): begin the venue on a day, or in an incident"


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


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", MARK)


@pytest.fixture
def venue(venue_server: RunningVenue, request: pytest.FixtureRequest) -> Iterator[RunningVenue]:
    """Return a venue that begins anew for each test, on the day or in the incident that the test's mark names."""
    mark = request.node.get_closest_marker("venue")
    venue_server.reset(**({} if mark is None else mark.kwargs))
    yield venue_server
    for sentence in venue_server.fault_reports:
        warnings.warn(FaultWarning(sentence), stacklevel=1)
