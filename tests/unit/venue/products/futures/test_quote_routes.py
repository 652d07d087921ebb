"""REST: ping and time."""

from __future__ import annotations


async def test_nothing_and_the_time(rest):
    """Ping and time, for either product, and as clients for all products ask."""
    for root in ("/fapi/v1", "/dapi/v1", "/api/v3"):
        assert await rest.get(f"{root}/ping") == {}
        assert await rest.get(f"{root}/time") == {"serverTime": rest.venue.clock.now_ms()}
