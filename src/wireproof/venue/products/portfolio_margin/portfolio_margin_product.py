"""Portfolio margin: the product as a whole."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.base.rate_limits import LimitRules
from wireproof.venue.products.portfolio_margin.cm_conditional_routes import CM_CONDITIONAL_ROUTES
from wireproof.venue.products.portfolio_margin.cm_routes import CM_ROUTES
from wireproof.venue.products.portfolio_margin.margin_order_routes import MARGIN_ORDER_ROUTES
from wireproof.venue.products.portfolio_margin.money_routes import MONEY_ROUTES
from wireproof.venue.products.portfolio_margin.portfolio_engine import PortfolioMarginEngine
from wireproof.venue.products.portfolio_margin.portfolio_events import EVENTS_OF_PORTFOLIO, UNIT, key_expired
from wireproof.venue.products.portfolio_margin.portfolio_routes import PORTFOLIO_ROUTES
from wireproof.venue.products.portfolio_margin.spot_host_routes import SPOT_HOST_ROUTES
from wireproof.venue.products.portfolio_margin.um_routes import UM_ROUTES
from wireproof.venue.streams.named_streams import StreamRoot

PORTFOLIO_MARGIN = VenueProduct(
    name="portfolio-margin",
    roots=("/papi/", "/api/v3/"),
    routes=(
        *PORTFOLIO_ROUTES,
        *UM_ROUTES,
        *CM_ROUTES,
        *CM_CONDITIONAL_ROUTES,
        *MARGIN_ORDER_ROUTES,
        *MONEY_ROUTES,
        *SPOT_HOST_ROUTES,
    ),
    engine=PortfolioMarginEngine,
    limits=LimitRules(weight=6_000, ten_seconds=0),  # docs/exchange.md#portfolio-margin-limits
    codes={-5037: -1130, -5039: -1130},  # docs/exchange.md#portfolio-margin-orders
    names_address=True,  # docs/exchange.md#portfolio-margin-keys
    unit=UNIT,
    stream_root="/pm",
    # docs/exchange.md#portfolio-margin-events
    stream_roots=lambda _profile, _era: (StreamRoot("/pm", private=True, event_filter=False),),
    key_expired=key_expired,
    events=EVENTS_OF_PORTFOLIO,
    static=frozenset({"GET /papi/v1/ping", "POST /papi/v1/um/stock/contract", "GET /papi/v1/um/apiTradingStatus"}),
    modelled=frozenset(one.name for one in (*MARGIN_ORDER_ROUTES, *MONEY_ROUTES, *SPOT_HOST_ROUTES)),
)
