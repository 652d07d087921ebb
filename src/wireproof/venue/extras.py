"""State of what the engine does not model: convert, downloads, agreements."""

from __future__ import annotations

from dataclasses import dataclass, field

from wireproof.venue.convert import ConvertDesk
from wireproof.venue.downloads import Downloads


@dataclass(slots=True)
class Extras:
    """The small models of one venue."""

    convert: ConvertDesk = field(default_factory=ConvertDesk)
    downloads: Downloads = field(default_factory=Downloads)
    tradfi_agreed: set[str] = field(default_factory=set)  # accounts that signed the TradFi-Perps agreement
