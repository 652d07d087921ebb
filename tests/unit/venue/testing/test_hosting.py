"""A venue is started in a thread and in a process of its own, over TLS too; and says why it cannot be."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from wireproof.venue.__main__ import read_options
from wireproof.venue.testing.hosting import VenueSettings, start_venue


@pytest.mark.parametrize("own_process", [False, True])
def test_over_tls(own_process):
    """The authority's file is there as long as it runs; closing it twice is no error."""
    with start_venue(VenueSettings(own_process=own_process, tls=True)) as venue:
        assert venue.url.startswith("https://")
        assert venue.urls["usdm"].ws_api.startswith("wss://")
        assert "BEGIN CERTIFICATE" in Path(venue.ca_file).read_text("ascii")
        assert venue.ask("GET /fapi/v1/time", None)["serverTime"]
        venue.reset()
    assert not Path(venue.ca_file).exists()
    venue.close()
    with pytest.raises(OSError, match="refused"):
        venue.reset()
    assert "wireproof-venue" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("own_process", [False, True])
def test_a_port_that_is_taken(own_process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = VenueSettings(own_process=own_process, port=taken.getsockname()[1])
        with pytest.raises(RuntimeError, match=r"The venue did not start: .*is in use"):
            start_venue(settings)


def test_settings_are_the_commands_options():
    settings = VenueSettings(
        profile="live", seed=3, market_moves=False, latency_ms=5, weight_limit=7, algo_lag_ms=1200, tls=True, port=0
    )
    options = read_options(settings.arguments())
    assert (options.profile.name, options.seed, options.market_moves) == ("live", 3, False)
    assert (options.latency_ms, options.weight_limit, options.algo_lag_ms, options.tls) == (5, 7, 1200, True)
    assert read_options(replace(settings, weight_limit=None).arguments()).weight_limit is None
