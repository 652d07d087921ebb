"""What housekeeping knows of each product, checked against the stored contracts."""

from __future__ import annotations

import dataclasses

import pytest

from wireproof.errors import ConfigurationError
from wireproof.suite.products.base import OF_ACCOUNT, OF_BOOK, ProductDriver
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.vocabulary.causes import CAUSES
from wireproof.suite.vocabulary.needs import NEEDS

#: What a driver asks although no page of its product has it: docs/exchange.md#portfolio-margin-time
UNDOCUMENTED = {"GET /papi/v1/time", "GET /api/v3/time"}


@pytest.mark.parametrize("name", DRIVERS)
def test_every_request_of_a_driver_is_documented(name, store):
    """Its cost is then known from its contract, and a request that went away is noticed here."""
    assert set(requests_of(DRIVERS[name])) - documented(store, name) == UNDOCUMENTED & {DRIVERS[name].time}


def requests_of(driver):
    """Return whatever a driver may send on its own account, over all surfaces that it has."""
    asked = [driver.time, driver.balance]
    asked += [f"{verb} {path}" for verb in ("GET", "POST") for path, _ in driver.modes.values()]
    keys = driver.listen_key
    asked += [keys.start, keys.extend, keys.close] if keys is not None and not keys.source else []
    for book in driver.books:
        asked += [] if book.source else [book.symbols, book.quotes, book.price]
        asked += [] if book.positions is None else [book.positions.held, book.positions.settings]
        blocks = book.blocks
        asked += [] if blocks is None else [blocks.offer, blocks.withdraw, blocks.accept, blocks.offers, blocks.fills]
        for kind in book.kinds:
            asked += [kind.place, kind.look_up, kind.cancel, kind.modify, kind.listed, kind.history]
            asked += [*kind.changing, *kind.tests]
    asked += [twin for request, twin in driver.over_rest.items()] + list(driver.over_rest)
    asked += [*driver.over_ws, *driver.over_ws.values()]
    return filter(None, asked if driver.ws_api else (one for one in asked if " " in one))


def documented(store, product):
    return {contract.name for contract in store.contracts.values() if contract.product == product}


def test_every_operation_that_prepares_state_is_documented(store):
    """Of one product at least, below the root of one of its books: each has state that others have not."""
    named = {request for row in (*NEEDS.values(), *CAUSES.values()) for request in row.requests}
    found = {
        one
        for one in named
        for name, driver in DRIVERS.items()
        for book in driver.books or [None]
        if (driver.books or " /" in one) and driver.request_for(one, book) in documented(store, name)
    }
    assert named - found == set()


@pytest.mark.parametrize("source", ["usdm", "coinm"])
def test_what_is_asked_of_another_product_is_documented_there(source, store):
    books = [book for driver in DRIVERS.values() for book in driver.books if book.source == source]
    assert books
    for book in books:
        assert {book.symbols, book.quotes, book.price, f"GET {book.mark}"} <= documented(store, source)
    for keys in (driver.listen_key for driver in DRIVERS.values()):
        assert keys.source != source or {keys.start, keys.extend, keys.close} <= documented(store, source)


def test_a_need_names_the_book_where_the_path_does_not():
    driver = DRIVERS["portfolio-margin"]
    assert driver.book_of("executionReport", ["cross_margin", "symbol"]).root == "/papi/v1/margin"
    assert driver.book_of("ORDER_TRADE_UPDATE", ["coin_margined"]).root == "/papi/v1/cm"
    assert driver.book_of("ORDER_TRADE_UPDATE", ["symbol"]).root == "/papi/v1/um"


@pytest.mark.parametrize("name", ["usdm", "coinm"])
def test_every_operation_has_a_request(name):
    """Options have neither modifications nor algo orders."""
    for operation in (*OF_ACCOUNT, *OF_BOOK):
        assert DRIVERS[name].request_for(operation), operation


def test_a_product_without_a_book_has_requests_that_need_none():
    driver = DRIVERS["portfolio-margin-pro"]
    assert driver.request_for("start a listen key") == "POST /fapi/v1/listenKey"
    assert driver.request_for("GET /sapi/v1/portfolio/delta-mode") == "GET /sapi/v1/portfolio/delta-mode"
    for operation in (*OF_BOOK, "POST leverage"):
        with pytest.raises(ConfigurationError, match="portfolio-margin-pro has no orders"):
            driver.request_for(operation)


@pytest.mark.parametrize(
    ("contract", "kind", "expected"),
    [
        ("usdm/ws-api/order.cancel", "orders", True),
        ("usdm/rest/DELETE.fapi.v1.order", "orders", True),
        ("coinm/rest/DELETE.dapi.v1.batchOrders", "orders", True),
        ("usdm/rest/GET.fapi.v1.order", "orders", False),
        ("usdm/rest/POST.fapi.v1.batchOrders", "orders", False),
        ("usdm/rest/DELETE.fapi.v1.algoOrder", "algo_orders", True),
        ("usdm/rest/DELETE.fapi.v1.algoOrder", "orders", False),
        ("usdm/rest/DELETE.fapi.v1.algoOpenOrders", "algo_orders", True),
        ("usdm/stream/aggTrade", "orders", False),
    ],
)
def test_what_a_request_ends_need_not_be_undone(contract, kind, expected, store):
    driver = DRIVERS[contract.partition("/")[0]]
    kind = getattr(driver.books[0], kind)
    assert driver.ends_orders(store.contracts[contract].name, kind) is expected


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ("order.place", "order"),
        ("order.modify", "order"),
        ("POST /fapi/v1/batchOrders", "order"),
        ("DELETE /fapi/v1/allOpenOrders", "order"),
        ("POST /fapi/v1/algoOrder", "algo order"),
        ("algoOrder.cancel", "algo order"),
        ("DELETE /fapi/v1/algoOpenOrders", "algo order"),
        ("GET /fapi/v1/order", None),
        ("POST /fapi/v1/order/test", None),
        ("order.status", None),
        ("POST /fapi/v1/leverage", None),
    ],
)
def test_it_is_known_which_orders_a_request_changes(request_, kind):
    found = DRIVERS["usdm"].kind_of(request_)
    assert (found.word if found is not None else None) == kind


@pytest.mark.parametrize("name", ["usdm", "coinm"])
def test_both_surfaces_start_and_close_listen_keys(name, store):
    driver, root = DRIVERS[name], DRIVERS[name].books[0].root
    about = {subject for subject in documented(store, name) if driver.is_about_listen_key(subject)}
    assert {one for one in about if driver.starts_listen_key(one)} == {"userDataStream.start", f"POST {root}/listenKey"}
    assert {one for one in about if driver.closes_listen_key(one)} == {
        "userDataStream.stop",
        f"DELETE {root}/listenKey",
    }
    assert len(about) == 6


def test_a_request_belongs_to_the_book_with_the_longest_root():
    """Portfolio margin has three, all below one root."""
    futures = DRIVERS["usdm"].books[0]
    driver = dataclasses.replace(
        DRIVERS["usdm"],
        books=tuple(dataclasses.replace(futures, root=root) for root in ("/papi/v1", "/papi/v1/um", "/papi/v1/cm")),
    )
    assert [
        driver.book_of(f"GET /papi/v1/{name}").root for name in ("um/order", "cm/order", "balance", "umx/order")
    ] == [
        "/papi/v1/um",
        "/papi/v1/cm",
        "/papi/v1",
        "/papi/v1",
    ]
    assert driver.book_of("order.place").root == "/papi/v1"


def test_a_product_without_orders_says_so_when_state_of_orders_is_needed():
    driver = ProductDriver(product="mini", limit_pool="mini", time="GET /mapi/v1/time")
    with pytest.raises(ConfigurationError, match="mini has no orders"):
        driver.book_of("GET /mapi/v1/account")
