"""Portfolio margin: the product as a whole. Its addresses are known; none of its requests is answered yet."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.streams.named_streams import StreamRoot

PORTFOLIO_MARGIN = VenueProduct(
    name="portfolio-margin",
    roots=("/papi/",),
    stream_root="/pm",
    stream_roots=lambda _profile: (StreamRoot("/pm", private=True),),  # docs/exchange.md#portfolio-margin-events
)
