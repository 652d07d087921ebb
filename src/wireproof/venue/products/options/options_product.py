"""European options: the product as a whole. Its addresses are known; none of its requests is answered yet."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.base.rate_limits import LimitRules
from wireproof.venue.products.futures.stream_catalogue import fstream_roots

LIMITS = LimitRules(weight=400, ten_seconds=30, minute=100)  # docs/exchange.md#options-limits
OPTIONS = VenueProduct(name="options", roots=("/eapi/",), stream_roots=fstream_roots, limits=LIMITS)
