"""Every product that the venue serves: one line each. The first one answers for addresses of none."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from wireproof.venue.products.coinm.coin_product import COINM
from wireproof.venue.products.usdm.usdm_product import USDM

if TYPE_CHECKING:
    from wireproof.venue.api.call import Operation, VenueProduct

PRODUCTS: tuple[VenueProduct, ...] = (
    USDM,
    COINM,
)
#: Products that credentials name an address of, though the venue answers none of their requests yet.
NOT_SERVED = ("options", "portfolio-margin", "portfolio-margin-pro")
ROUTES: dict[str, Operation] = {route.name: route for product in PRODUCTS for route in product.routes}


@lru_cache(maxsize=1_000)
def product_at(path: str) -> VenueProduct:
    """Return the product that the path of a REST request is about."""
    return next((product for product in PRODUCTS if path.startswith(product.roots)), PRODUCTS[0])
