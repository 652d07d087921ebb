"""REST: everything that USDⓈ-M and COIN-M answer alike, each below its own root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.venue.products.futures import (
    account_routes,
    algo_routes,
    batch_routes,
    kline_routes,
    market_routes,
    quote_routes,
    service_routes,
    trade_routes,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from wireproof.venue.api.call import Operation


def futures_routes(
    root: str, income_types: Collection[str], *, income_weight: int, link_weight: int
) -> Iterator[Operation]:
    """Yield the requests below `root`; the two weights are of income and of download links."""
    for module in (quote_routes, trade_routes, batch_routes, algo_routes, account_routes, market_routes, kline_routes):
        yield from module.routes(root)
    yield from service_routes.routes(root, income_types, income_weight=income_weight, link_weight=link_weight)
