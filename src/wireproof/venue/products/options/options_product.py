"""European options: the product as a whole."""

from __future__ import annotations

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.products.futures.stream_catalogue import fstream_roots
from wireproof.venue.products.options.option_account_routes import OPTION_ACCOUNT_ROUTES
from wireproof.venue.products.options.option_events import OPTION_EVENTS, option_listen_key_expired
from wireproof.venue.products.options.option_maker_routes import OPTION_MAKER_ROUTES
from wireproof.venue.products.options.option_market_routes import OPTION_LIMITS, OPTION_MARKET_ROUTES
from wireproof.venue.products.options.option_streams import EO, OPTION_STREAMS, OptionStreams
from wireproof.venue.products.options.option_trade_routes import OPTION_TRADE_ROUTES

OPTIONS = VenueProduct(
    name="options",
    roots=("/eapi/",),
    routes=(*OPTION_MARKET_ROUTES, *OPTION_TRADE_ROUTES, *OPTION_ACCOUNT_ROUTES, *OPTION_MAKER_ROUTES),
    engine=OptionStreams,
    streams=OPTION_STREAMS,
    stream_roots=fstream_roots,
    unit=EO,
    events=dict.fromkeys(OPTION_EVENTS, True),
    key_expired=option_listen_key_expired,
    limits=OPTION_LIMITS,
    static=frozenset({"GET /eapi/v1/ping", "GET /eapi/v1/commission"}),
)
