"""Portfolio margin pro: the product as a whole. Its addresses are known; none of its requests is answered yet."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.base.rate_limits import LimitRules
from wireproof.venue.streams.named_streams import StreamRoot

PORTFOLIO_MARGIN_PRO = VenueProduct(
    name="portfolio-margin-pro",
    roots=("/sapi/",),
    limits=LimitRules(  # docs/exchange.md#portfolio-margin-pro-limits
        weight=12_000,
        account_weight=180_000,
        header="X-SAPI-USED-IP-WEIGHT-1M",
        account_header="X-SAPI-USED-UID-WEIGHT-1M",
    ),
    stream_root="/pm-classic",
    stream_roots=lambda _profile: (StreamRoot("/pm-classic", private=True),),
    listen_keys_of="usdm",  # docs/exchange.md#portfolio-margin-pro-streams
)
