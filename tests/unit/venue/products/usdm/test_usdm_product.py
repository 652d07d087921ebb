"""USDⓈ-M as a whole."""

from __future__ import annotations

from wireproof.venue.products.coinm.coin_product import COINM
from wireproof.venue.products.usdm.usdm_product import INCOME_TYPES, USDM


def test_both_futures_products_answer_the_same_trading_requests():
    """Whatever COIN-M trades with, USDⓈ-M has as well."""
    paths = {one.name.replace("/dapi/", "/fapi/") for one in COINM.routes if "rder" in one.name}
    assert paths < {one.name for one in USDM.routes}


def test_types_of_income_are_distinct():
    assert len(set(INCOME_TYPES)) == len(INCOME_TYPES) == 22
