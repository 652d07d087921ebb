"""REST: market data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.venue.operations import Operation

MARKET_ROUTES: tuple[Operation, ...] = ()
