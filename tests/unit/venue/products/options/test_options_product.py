"""European options as a whole: where it is asked, and where its streams are."""

from __future__ import annotations

from wireproof.venue.products.options.options_product import OPTIONS
from wireproof.venue.products.registry import product_at


async def test_its_addresses_are_known_before_anything_is_served(rest):
    assert product_at("/eapi/v1/time") is OPTIONS
    assert await rest.refused("GET", "/eapi/v1/time") == -5000
    assert rest.venue.urls[OPTIONS.name]["stream"] == rest.venue.stream_url + ""
