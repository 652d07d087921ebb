"""State of what the engine does not model: convert, downloads, agreements; and what watches its markets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.venue.services.convert import ConvertDesk
from wireproof.venue.services.downloads import Downloads

if TYPE_CHECKING:
    from wireproof.venue.market_data.feeds import MarketData


@dataclass(slots=True)
class Extras:
    """The small models of one venue."""

    convert: ConvertDesk = field(default_factory=ConvertDesk)
    downloads: Downloads = field(default_factory=Downloads)
    tradfi_agreed: set[str] = field(default_factory=set)  # accounts that signed the TradFi-Perps agreement
    market_data: MarketData = field(init=False)  # the venue puts it here, as it watches the engine's markets
