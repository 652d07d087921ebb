"""Products by address and path."""

from __future__ import annotations

import pytest
from checkout import CONTRACTS
from msgspec.structs import replace

from wireproof.contract.model import Request
from wireproof.contract.store import load_store, read_products
from wireproof.pages.extracting.page_products import page_problem, products_of

PRODUCTS = read_products(CONTRACTS)
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
    assert products_of(PRODUCTS, url, path) == products


def test_the_stored_contracts_are_of_their_products_by_address_and_by_path():
    for contract in load_store(CONTRACTS).contracts.values():
        if "/derivatives/change-log#" not in contract.docs_url:  # that of all products
            assert products_of(PRODUCTS, contract.docs_url) == {contract.product}, contract.id
        if isinstance(contract.subject, Request) and contract.subject.path:
            assert contract.product in products_of(PRODUCTS, "", contract.subject.path), contract.id


@pytest.mark.parametrize(
    ("url", "path", "problem"),
    [
        (f"{DOCS}/coin-margined-futures/x", "", "is a page of coinm ("),
        ("", "/futures/data/basis", ""),
        ("", "/api/v3/order", "is about /api/v3/order; paths of usdm begin with /fapi/, /futures/data/."),
        ("https://example.org/spot", "", "is a page of no known product (https://example.org/spot); "),
        ("https://example.org/fapi", "/fapi/v1/x", ""),
        ("https://example.org/changes", None, ""),  # describes nothing
        ("", "", ""),
    ],
)
def test_a_page_that_describes_something_is_of_a_product_that_lists_it(url, path, problem):
    said = page_problem(PRODUCTS, "usdm", url, path)
    assert said.startswith(problem)
    assert bool(said) == bool(problem)


def test_a_product_that_lists_nothing_takes_what_no_other_lists():
    mini = replace(PRODUCTS["usdm"], product="mini", page_addresses=(), path_roots=())
    products = {**PRODUCTS, "mini": mini}
    assert page_problem(products, "mini", "https://example.org/time", "/mapi/v1/time") == ""
    assert "is a page of usdm (/fapi/v1/time)" in page_problem(products, "mini", "", "/fapi/v1/time")
