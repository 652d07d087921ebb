"""A product is a folder and a line: nothing else of the venue names one."""

from __future__ import annotations

import ast
import itertools
from datetime import date, timedelta

import pytest
from checkout import CONTRACTS, SRC

from wireproof.contract.model import Request
from wireproof.contract.store import load_store
from wireproof.venue.base.eras import TODAY
from wireproof.venue.exchange.profile import PROFILES
from wireproof.venue.products.dated_behaviours import BEHAVIOURS, era_of
from wireproof.venue.products.registry import PRODUCTS, ROUTES, product_at

VENUE = SRC / "venue"
NAMES = [product.name for product in PRODUCTS]


def strings(file):
    """Yield the texts of a module that are no docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_only_a_products_folder_and_the_registry_name_it():
    """Neither its name nor the root of its paths stands anywhere else, but in two places.

    Those are examples that people copy, and the table of days, whose rows are of one product or of several.
    """
    roots = {root.strip("/") for product in PRODUCTS for root in product.roots}
    streams = tuple(product.stream_root for product in PRODUCTS if product.stream_root)
    own = {VENUE / "products" / product.name.replace("-", "_") for product in PRODUCTS}
    naming = set()
    for file in VENUE.rglob("*.py"):
        if not own.isdisjoint(file.parents) or file == VENUE / "products/registry.py":
            continue
        texts = list(strings(file))
        words = {word for text in texts for word in (text, *text.replace("-", "/").split("/"))}
        if not words.isdisjoint({*roots, *NAMES}) or any(text.startswith(streams) for text in texts):
            naming.add(file.relative_to(VENUE).as_posix())
    assert naming == {"base/fault_kinds.py", "products/dated_behaviours.py"}


def test_each_request_is_of_one_product():
    assert len(ROUTES) == sum(len(product.routes) for product in PRODUCTS)
    for product in PRODUCTS:
        assert {product_at(route.name.split()[1]) for route in product.routes} <= {product}
        assert product.static | product.modelled <= {route.name for route in product.routes} | set(product.streams)
        assert {name.partition("/")[0] for name in product.methods} <= {"v1", "v2"}


@pytest.mark.parametrize("product", PRODUCTS, ids=NAMES)
def test_no_request_demands_what_the_documentation_calls_optional_or_was_retired(product):
    routes = {route.name: set(route.mandatory) for route in product.routes}
    for contract in load_store(CONTRACTS).select(product=product.name, surface="rest"):
        request = contract.of(Request)
        name = f"{request.method} {request.path}"
        assert not contract.retired or name not in routes
        assert routes.get(name, set()).isdisjoint({one.name for one in request.params if not one.required}), name


@pytest.mark.parametrize("path", ["/", "/nothing", "/venue/state"])
def test_the_first_product_answers_for_addresses_of_none(path):
    assert product_at(path) is PRODUCTS[0]


def test_no_two_products_have_the_same_address():
    for addresses in (
        [product.websocket_path for product in PRODUCTS if product.websocket_path],
        [root for product in PRODUCTS for root in product.roots],
        NAMES,
    ):
        assert len(set(addresses)) == len(addresses)


def test_a_root_of_streams_carries_the_same_for_all_products_that_share_it():
    days = [TODAY, *map(era_of, sorted({date.fromisoformat(one.since) - timedelta(days=1) for one in BEHAVIOURS}))]
    for profile, era in itertools.product(PROFILES.values(), days):
        roots = {root for product in PRODUCTS for root in product.stream_roots(profile, era)}
        assert len({root.path for root in roots}) == len(roots), (profile, era.day)


def test_the_engine_of_a_product_knows_the_streams_that_are_stated(exchange):
    """A name that fits each documented pattern."""
    engines = exchange.venue.services.engines
    for product in PRODUCTS:
        assert [name for name in product.streams.values() if engines[product.name].stream(name) is None] == []
