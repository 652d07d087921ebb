"""What both products of futures answer alike."""

from __future__ import annotations

from wireproof.venue.products.coinm.coin_product import COINM
from wireproof.venue.products.futures.futures_routes import futures_routes
from wireproof.venue.products.usdm.usdm_product import USDM


def test_both_products_answer_all_of_it():
    """Below their own roots, none of it twice; what differs stands with each product."""
    for product, root in ((USDM, "/fapi"), (COINM, "/dapi")):
        shared = [one.name for one in futures_routes(root, ["TRANSFER"], income_weight=1, link_weight=1)]
        assert len(set(shared)) == len(shared) > 40
        assert set(shared) < {one.name for one in product.routes}
