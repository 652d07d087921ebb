"""The products that wireproof knows: a new one has its module, and its lines here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.errors import ConfigurationError
from wireproof.suite.products import coinm, options, usdm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.suite.products.base import ProductDriver

#: In the order in which they run.
DRIVERS: dict[str, ProductDriver] = {"usdm": usdm.DRIVER, "coinm": coinm.DRIVER, "options": options.DRIVER}

#: The product of files that were written when there was only one.
FIRST_PRODUCT = next(iter(DRIVERS))

WITNESSES = {"usdm": usdm.WITNESSES, "coinm": coinm.WITNESSES, "options": options.WITNESSES}
UNWITNESSED = {"usdm": usdm.UNWITNESSED, "coinm": coinm.UNWITNESSED, "options": options.UNWITNESSED}


def driver_of(product: str) -> ProductDriver:
    """Return the driver of a product; ConfigurationError when there is none."""
    if product not in DRIVERS:
        known = ", ".join(DRIVERS)
        raise ConfigurationError(f"wireproof cannot send to {product} yet: it has no driver. Known: {known}.")
    return DRIVERS[product]


def by_pool(products: Iterable[str]) -> dict[str, list[str]]:
    """Return products by the pool of rate limits that they share; those without a driver have none."""
    pools: dict[str, list[str]] = {}
    for product in products:
        if product in DRIVERS:
            pools.setdefault(DRIVERS[product].limit_pool, []).append(product)
    return pools


def in_order(products: Iterable[str]) -> list[str]:
    """Return products, each once, in the order in which they run; those without a driver come last."""
    return sorted(
        dict.fromkeys(products), key=lambda name: list(DRIVERS).index(name) if name in DRIVERS else len(DRIVERS)
    )
