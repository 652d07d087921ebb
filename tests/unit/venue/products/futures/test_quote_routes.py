"""REST: ping and time."""

from __future__ import annotations


async def test_nothing_and_the_time(rest):
    """Ping and time, for either product."""
    for root in ("/fapi", "/dapi"):
        assert await rest.get(f"{root}/v1/ping") == {}
        assert await rest.get(f"{root}/v1/time") == {"serverTime": rest.venue.clock.now_ms()}
