"""A futures exchange for the tests of a client: one line in `conftest.py`, and each test has a venue of its own state.

    pytest_plugins = ["wireproof.venue.testing"]

    def test_an_order_rests(venue):
        client = MyClient(url=venue.urls["usdm"].rest, key=venue.hmac.api_key, secret=venue.hmac.api_secret)
        ...
        venue.move_price("BTCUSDT", 80_000)

`venue` runs beside the tests, in a thread or a process of its own: clients that block work as well as those that await.
It begins anew before each test. `venue_settings` may be overridden. Nothing here loads unless it is asked for.
PYTEST_DONT_REWRITE: pytest would warn in each conftest.py that also imports from here; nothing needs to be rewritten.
"""

from __future__ import annotations

from wireproof.venue.testing.fixtures import FaultWarning, venue, venue_server, venue_settings
from wireproof.venue.testing.fixtures import pytest_configure as pytest_configure  # for pytest alone
from wireproof.venue.testing.hosting import VenueSettings, start_venue
from wireproof.venue.testing.running_venue import (
    ActiveFault,
    ProductUrls,
    RunningVenue,
    VenueAccount,
    VenueRefusalError,
    connect_venue,
)

__all__ = [
    "ActiveFault",
    "FaultWarning",
    "ProductUrls",
    "RunningVenue",
    "VenueAccount",
    "VenueRefusalError",
    "VenueSettings",
    "connect_venue",
    "start_venue",
    "venue",
    "venue_server",
    "venue_settings",
]
