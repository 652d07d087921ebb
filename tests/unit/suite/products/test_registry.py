"""Each product has its driver, and those without one are refused in words."""

from __future__ import annotations

import pytest

from wireproof.errors import ConfigurationError
from wireproof.suite.products.registry import DRIVERS, UNWITNESSED, WITNESSES, driver_of, in_order, pool_of, sources_of


def test_each_driver_stands_under_its_own_name(store):
    assert {name: driver.product for name, driver in DRIVERS.items()} == {name: name for name in DRIVERS}
    assert set(DRIVERS) <= set(WITNESSES) == set(UNWITNESSED) <= set(store.products)


def test_a_product_without_a_driver_is_refused():
    with pytest.raises(
        ConfigurationError, match=r"to mini yet.*Known: usdm, coinm, options, portfolio-margin, portfolio-margin-pro\."
    ):
        driver_of("mini")


def test_products_run_in_the_order_of_the_registry():
    assert in_order(["mini", "coinm", "usdm", "coinm"]) == ["usdm", "coinm", "mini"]


def test_symbols_and_prices_of_portfolio_margin_come_from_other_products():
    assert sources_of(["portfolio-margin", "usdm", "mini"]) == {"usdm", "coinm", "portfolio-margin-pro"}
    assert sources_of(["usdm", "options"]) == set()


def test_the_listen_key_of_portfolio_margin_pro_is_that_of_futures():
    assert sources_of(["portfolio-margin-pro"]) == {"usdm"}


def test_a_product_without_a_driver_has_a_pool_of_its_own():
    assert [pool_of(one) for one in ("coinm", "portfolio-margin", "portfolio-margin-pro", "mini")] == [
        *("futures", "papi", "sapi", "mini")
    ]
