"""Every product that the venue serves: one line each. The first one answers for addresses of none."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from wireproof.venue.products.coinm.coin_product import COINM
from wireproof.venue.products.options.options_product import OPTIONS
from wireproof.venue.products.portfolio_margin.portfolio_margin_product import PORTFOLIO_MARGIN
from wireproof.venue.products.portfolio_margin_pro.portfolio_margin_pro_product import PORTFOLIO_MARGIN_PRO
from wireproof.venue.products.usdm.usdm_product import USDM

if TYPE_CHECKING:
    from wireproof.venue.api.call import Operation, VenueProduct

PRODUCTS: tuple[VenueProduct, ...] = (
    USDM,
    COINM,
    OPTIONS,
    PORTFOLIO_MARGIN,
    PORTFOLIO_MARGIN_PRO,
)
ROUTES: dict[str, Operation] = {route.name: route for product in PRODUCTS for route in product.routes}


@lru_cache(maxsize=1_000)
def product_at(path: str) -> VenueProduct:
    """Return the product that the path of a REST request is about: the one with the longest root of it."""
    return max(
        PRODUCTS, key=lambda product: max((len(root) for root in product.roots if path.startswith(root)), default=0)
    )
