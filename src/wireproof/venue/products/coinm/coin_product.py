"""COIN-M futures: the product as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.api.call import VenueProduct
from wireproof.venue.exchange.instruments import CM
from wireproof.venue.products.coinm.coin_operations import COIN_METHODS
from wireproof.venue.products.coinm.coin_routes import COIN_ROUTES
from wireproof.venue.products.futures import income_routes
from wireproof.venue.products.futures.futures_routes import futures_routes
from wireproof.venue.products.futures.stream_catalogue import (
    FUTURES_EVENTS,
    FUTURES_STREAMS,
    FuturesStreams,
    fstream_roots,
)
from wireproof.venue.streams.named_streams import StreamRoot

if TYPE_CHECKING:
    from wireproof.venue.base.eras import Era
    from wireproof.venue.exchange.profile import Profile

# What COIN-M numbers otherwise than USDⓈ-M; its own page of error codes has no others for these.
CODES = {
    -4118: -4112,  # reduce-only orders beyond the position
    -4131: -4113,  # PERCENT_PRICE of a market order
    -4161: -4150,  # lower leverage of an isolated position
    -4164: -4178,  # notional
    -4165: -4088,  # period of a search
    -5025: -4196,  # modification: of a limit order only
    -5027: -4197,  # of something
    -5026: -4198,  # not too often
    -5024: -4199,  # while the symbol trades
    -5028: -4188,  # time as the matching engine sees it
}


def _roots(profile: Profile, era: Era) -> tuple[StreamRoot, ...]:
    """Return the roots of its streams: those that it shares, and one for its own host, which carries everything."""
    return (*fstream_roots(profile, era), StreamRoot("/dstream", public=True, market=True, private=True))


COINM = VenueProduct(
    name="coinm",
    roots=("/dapi/",),
    routes=(
        *futures_routes("/dapi", income_routes.INCOME_TYPES, income_weight=20, link_weight=5),
        *COIN_ROUTES,
    ),
    methods=COIN_METHODS,
    websocket_path="/ws-dapi/v1",
    engine=FuturesStreams,
    streams=FUTURES_STREAMS,
    events=FUTURES_EVENTS,
    stream_root="/dstream",
    stream_roots=_roots,
    unit=CM,
    codes=CODES,
    counted={"/dapi/v1/fundingInfo": "funding"},
    static=frozenset({"GET /dapi/v1/ping"}),
    modelled=frozenset({"GET /dapi/v1/constituents"}),
)
