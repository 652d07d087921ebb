"""What housekeeping knows of each product, checked against the stored contracts."""

from __future__ import annotations

import pytest

from wireproof.suite.products.base import ends, starts_listen_key
from wireproof.suite.products.registry import DRIVERS
from wireproof.suite.vocabulary.causes import CAUSES
from wireproof.suite.vocabulary.needs import NEEDS


@pytest.mark.parametrize("name", DRIVERS)
def test_every_request_of_the_housekeeping_is_documented(name, store):
    """Its cost is then known from its contract, and a request that went away is noticed here."""
    terms = DRIVERS[name]
    subjects = {c.name for c in store.contracts.values() if c.product == name}
    paths = ["exchangeInfo", "ticker/bookTicker", "openOrders", "allOrders", "time"]
    paths += ["openAlgoOrders"] if terms.algo_orders else []
    wanted = {f"GET {terms.path(path)}" for path in paths} | {f"GET {path}" for path, _ in terms.modes.values()}
    wanted |= {f"POST {path}" for path, _ in terms.modes.values()} | {terms.positions, "order.place", "order.cancel"}
    assert wanted - subjects == set()


def test_every_request_that_prepares_state_is_documented(store):
    """Of USDⓈ-M; COIN-M has fewer kinds of state."""
    subjects = {c.name for c in store.contracts.values() if c.product == "usdm"}
    named = {request for row in (*NEEDS.values(), *CAUSES.values()) for request in row.requests}
    paths = {r.replace(" ", " /fapi/v1/") if " " in r else r for r in named}
    assert paths - subjects == set()


@pytest.mark.parametrize(
    ("contract", "what", "expected"),
    [
        ("usdm/ws-api/order.cancel", "order", True),
        ("usdm/rest/DELETE.fapi.v1.order", "order", True),
        ("coinm/rest/DELETE.dapi.v1.batchOrders", "order", True),
        ("usdm/rest/GET.fapi.v1.order", "order", False),
        ("usdm/rest/DELETE.fapi.v1.algoOrder", "algo_order", True),
        ("usdm/rest/DELETE.fapi.v1.algoOrder", "order", False),
        ("coinm/rest/DELETE.dapi.v1.listenKey", "listen_key", True),
        ("usdm/rest/PUT.fapi.v1.listenKey", "listen_key", False),
        ("usdm/stream/aggTrade", "order", False),
    ],
)
def test_what_a_request_ends_need_not_be_taken_back(contract, what, expected, store):
    assert ends(store.contracts[contract], what) is expected


def test_both_surfaces_start_listen_keys(store):
    starting = {name for name, contract in store.contracts.items() if starts_listen_key(contract)}
    assert {name for name in starting if name.startswith(("usdm", "coinm"))} == {
        "usdm/ws-api/userDataStream.start",
        "usdm/rest/POST.fapi.v1.listenKey",
        "coinm/ws-api/userDataStream.start",
        "coinm/rest/POST.dapi.v1.listenKey",
    }
