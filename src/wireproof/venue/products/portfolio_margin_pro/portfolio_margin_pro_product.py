"""Portfolio margin pro: the product as a whole."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.base.rate_limits import LimitRules
from wireproof.venue.products.portfolio_margin_pro.pro_engine import PortfolioMarginProEngine
from wireproof.venue.products.portfolio_margin_pro.pro_events import PRO_EVENTS, UNIT
from wireproof.venue.products.portfolio_margin_pro.pro_money_routes import PRO_MONEY_ROUTES
from wireproof.venue.products.portfolio_margin_pro.pro_routes import PRO_ROUTES
from wireproof.venue.streams.named_streams import StreamRoot

PORTFOLIO_MARGIN_PRO = VenueProduct(
    name="portfolio-margin-pro",
    roots=("/sapi/", "/papi/v1/unimmr/"),
    routes=(*PRO_ROUTES, *PRO_MONEY_ROUTES),
    engine=PortfolioMarginProEngine,
    limits=LimitRules(  # docs/exchange.md#portfolio-margin-pro-limits
        weight=12_000,
        account_weight=180_000,
        header="X-SAPI-USED-IP-WEIGHT-1M",
        account_header="X-SAPI-USED-UID-WEIGHT-1M",
    ),
    unit=UNIT,
    stream_root="/pm-classic",
    stream_roots=lambda _profile, _era: (StreamRoot("/pm-classic", private=True),),
    events=dict.fromkeys(PRO_EVENTS, True),
    listen_keys_of="usdm",  # docs/exchange.md#portfolio-margin-pro-streams
    static=frozenset({"GET /sapi/v1/portfolio/margin-asset-leverage"}),
    modelled=frozenset(one.name for one in (*PRO_ROUTES, *PRO_MONEY_ROUTES)),
)
