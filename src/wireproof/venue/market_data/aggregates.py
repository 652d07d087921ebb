"""How REST and streams show an aggregate trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireproof.venue.exchange.instruments import CM

if TYPE_CHECKING:
    from wireproof.venue.market_data.feed import Feed
    from wireproof.venue.market_data.tape import Aggregate

Json = dict[str, Any]


def aggregate(feed: Feed, one: Aggregate) -> Json:
    """Return an aggregate trade as REST and stream show it; `nq` leaves out what was filled of RPI orders."""
    view = {
        "a": one.id,
        "p": feed.units.price_text(one.price),
        "q": feed.units.quantity_text(one.quantity),
        "f": one.first,
        "l": one.last,
        "T": one.time,
        "m": one.maker,
    }
    return view if feed.symbol.unit == CM else view | {"nq": feed.units.quantity_text(one.normal)}
