"""Products by address and path."""

from __future__ import annotations

import pytest

from wireproof.pages.extracting.page_products import product_of

DOCS = "https://developers.binance.com/docs/derivatives"


@pytest.mark.parametrize(
    ("url", "path", "products"),
    [
        (f"{DOCS}/usds-margined-futures/x", "", {"usdm"}),
        (f"{DOCS}/portfolio-margin/x", "", {"portfolio-margin"}),
        (f"{DOCS}/portfolio-margin-pro/x", "", {"portfolio-margin-pro"}),
        (f"{DOCS}/option/x", "", {"options"}),
        (f"{DOCS}/coin-margined-futures/x", "/fapi/v1/x", {"coinm"}),
        ("", "/eapi/v1/x", {"options"}),
        ("", "/futures/data/basis", {"usdm", "coinm"}),
        ("", "", set()),
    ],
)
def test_the_address_decides_before_the_path(url, path, products):
    assert product_of(url, path) == products
