"""The products that wireproof knows: a new one has its module, and its lines here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.errors import ConfigurationError
from wireproof.suite.products import coinm, options, portfolio_margin, portfolio_margin_pro, usdm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.suite.products.base import ProductDriver
    from wireproof.suite.products.witness_requests import Witness

#: In the order in which they run.
_MODULES = {module.DRIVER.product: module for module in (usdm, coinm, options, portfolio_margin, portfolio_margin_pro)}
DRIVERS: dict[str, ProductDriver] = {name: module.DRIVER for name, module in _MODULES.items()}

#: The product of files that were written when there was only one.
FIRST_PRODUCT = next(iter(DRIVERS))

WITNESSES: dict[str, Mapping[str, Witness]] = {name: module.WITNESSES for name, module in _MODULES.items()}
UNWITNESSED: dict[str, Mapping[str, str]] = {name: module.UNWITNESSED for name, module in _MODULES.items()}


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


def pool_of(product: str) -> str:
    """Return the pool of rate limits that a product draws on; one without a driver has its own."""
    return DRIVERS[product].limit_pool if product in DRIVERS else product


def sources_of(products: Iterable[str]) -> set[str]:
    """Return the products on whose hosts these products ask for symbols, prices and listen keys."""
    drivers = [DRIVERS[name] for name in products if name in DRIVERS]
    keys = {driver.listen_key.source for driver in drivers if driver.listen_key is not None}
    return (keys | {book.source for driver in drivers for book in driver.books}) - {""}


def in_order(products: Iterable[str]) -> list[str]:
    """Return products, each once, in the order in which they run; those without a driver come last."""
    return sorted(
        dict.fromkeys(products), key=lambda name: list(DRIVERS).index(name) if name in DRIVERS else len(DRIVERS)
    )
