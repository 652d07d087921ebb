"""Portfolio margin as a whole: where it is asked, and where its streams are."""

from __future__ import annotations

from wireproof.venue.products.portfolio_margin.portfolio_margin_product import PORTFOLIO_MARGIN
from wireproof.venue.products.registry import product_at


async def test_its_addresses_are_known_before_anything_is_served(rest):
    assert product_at("/papi/v1/time") is PORTFOLIO_MARGIN
    assert await rest.refused("GET", "/papi/v1/time") == -5000
    assert rest.venue.urls[PORTFOLIO_MARGIN.name]["stream"] == rest.venue.stream_url + "/pm"
