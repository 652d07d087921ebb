"""Portfolio margin pro as a whole: where it is asked, and where its streams are."""

from __future__ import annotations

from wireproof.venue.products.portfolio_margin_pro.portfolio_margin_pro_product import PORTFOLIO_MARGIN_PRO
from wireproof.venue.products.registry import product_at


async def test_its_addresses_are_known_before_anything_is_served(rest):
    assert product_at("/sapi/v1/portfolio/account") is PORTFOLIO_MARGIN_PRO
    assert await rest.refused("GET", "/sapi/v1/portfolio/account") == -5000
    assert rest.venue.urls[PORTFOLIO_MARGIN_PRO.name]["stream"] == rest.venue.stream_url + "/pm-classic"
