"""Portfolio margin pro: the product as a whole. Its addresses are known; none of its requests is answered yet."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct

PORTFOLIO_MARGIN_PRO = VenueProduct(name="portfolio-margin-pro", roots=("/sapi/",))
