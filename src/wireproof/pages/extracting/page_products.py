"""Which product a page belongs to, by the addresses and roots of paths that `product.json` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Product


def products_of(products: Mapping[str, Product], url: str, path: str = "") -> set[str]:
    """Return the names of the products that a page's address, or else its path, can belong to; none when neither says.

    Of the listed parts of addresses the longest that occurs decides.
    """
    listed = [(part, name) for name, product in products.items() for part in product.page_addresses if part in url]
    if listed:
        longest = max(len(part) for part, _ in listed)
        return {name for part, name in listed if len(part) == longest}
    return {name for name, product in products.items() if path.startswith(product.path_roots)}


def page_problem(products: Mapping[str, Product], product: str, url: str, path: str | None = None) -> str:
    """Return why a page cannot be one of `product`; empty when it can.

    `path` is that of the request that it describes: empty for what has none, None for a page that describes nothing.
    Such a page may be of no product; any other is of one that lists its address or path, unless it says neither.
    """
    found = products_of(products, url, path or "")
    known = products[product]
    if product in found:
        return ""
    if found:
        return f"is a page of {' or '.join(sorted(found))} ({path or url}); expected one of {product}."
    if path and known.path_roots:
        return f"is about {path}; paths of {product} begin with {', '.join(known.path_roots)}."
    if path is not None and url and known.page_addresses:
        return f"is a page of no known product ({url}); page_addresses of {product} lists parts of addresses."
    return ""
