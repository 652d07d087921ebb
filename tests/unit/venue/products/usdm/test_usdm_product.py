"""USDⓈ-M as a whole."""

from __future__ import annotations

from wireproof.venue.products.usdm.usdm_product import INCOME_TYPES


def test_types_of_income_are_distinct():
    assert len(set(INCOME_TYPES)) == len(INCOME_TYPES) == 22
