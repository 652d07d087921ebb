"""How testnet and live differ: limits and filters (docs/exchange.md#two-hosts), roots of streams, unknown paths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from wireproof.venue.exchange.instruments import CM

if TYPE_CHECKING:
    from wireproof.venue.exchange.instruments import Symbol

NOT_FOUND_PAGE = (
    b'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>404 Not Found</title></head>'
    b"<body><h1>404</h1><p>This page could not be found.</p></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One of the two hosts.

    `html_not_found`: an unknown path or a wrong verb answers one generic HTML page, not JSON. `whole_old_roots`: `/ws`
    and `/stream` without a root carry all market data, not books only. `keys_in_paths`: `/private/ws/<listen key>` is
    a stream with events, not a silent one.
    """

    name: str
    weight_limit: int
    html_not_found: bool
    whole_old_roots: bool
    keys_in_paths: bool

    def adapt(self, symbol: Symbol) -> Symbol:
        """Return `symbol` with the filters of this host; the table of symbols has the testnet's.

        On live fewer orders may be open, an order may be modified more often, market orders reach less far, and
        BTCUSDT, dated contracts too, comes in coarser steps.
        """
        if not self.html_not_found or symbol.unit == CM:
            return symbol
        found = replace(symbol, max_open_orders=200, max_modifications=10_000, take_bound="0.05")
        return replace(found, step=Decimal("0.001"), qty_digits=3) if symbol.pair == "BTCUSDT" else found


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("testnet", weight_limit=6_000, html_not_found=False, whole_old_roots=True, keys_in_paths=True),
        Profile("live", weight_limit=2_400, html_not_found=True, whole_old_roots=False, keys_in_paths=False),
    )
}
TESTNET = PROFILES["testnet"]
