"""Which product a page or path belongs to."""

from __future__ import annotations

PRODUCTS = ("usdm", "coinm", "options", "portfolio-margin", "portfolio-margin-pro")

# The addresses' words for the products: the older site's, then the newer one's; the longest match holds.
_ADDRESSES = {
    "/derivatives/usds-margined-futures": {"usdm"},
    "/derivatives/coin-margined-futures": {"coinm"},
    "/derivatives/option": {"options"},
    "/derivatives/options-trading": {"options"},
    "/derivatives/portfolio-margin": {"portfolio-margin"},
    "/derivatives/portfolio-margin-pro": {"portfolio-margin-pro"},
    "derivatives-trading-usd-s-m-futures": {"usdm"},
    "derivatives-trading-usds-futures": {"usdm"},
    "derivatives-trading-coin-m-futures": {"coinm"},
    "derivatives-trading-coin-futures": {"coinm"},
    "derivatives-trading-options": {"options"},
    "derivatives-trading-portfolio-margin": {"portfolio-margin"},
    "derivatives-trading-portfolio-margin-pro": {"portfolio-margin-pro"},
    "binance-spot-api-docs": {"spot"},
    "core-trading-spot-trading": {"spot"},
    "/binance_link/link-and-trade/futures": {"usdm", "coinm", "portfolio-margin"},
    "/docs/margin_trading": {"margin"},
    "/docs/wallet": {"wallet"},
}

_PATHS = {
    "/fapi/": {"usdm"},
    "/dapi/": {"coinm"},
    "/eapi/": {"options"},
    "/papi/": {"portfolio-margin"},
    "/sapi/": {"portfolio-margin-pro"},
    "/futures/data/": {"usdm", "coinm"},
    "/api/": {"spot"},
}


def product_of(url: str, path: str = "") -> set[str]:
    """Return the products that a page's address, or else its path, can belong to; empty when neither says."""
    matches = [word for word in _ADDRESSES if word in url]
    if matches:
        return set(_ADDRESSES[max(matches, key=len)])
    return next((set(products) for prefix, products in _PATHS.items() if path.startswith(prefix)), set())
