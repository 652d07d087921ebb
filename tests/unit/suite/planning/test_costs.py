"""Costs are those of the documentation, and never nothing."""

from __future__ import annotations

import pytest

from wireproof.contract.model import Request
from wireproof.suite.planning.costs import UNKNOWN_COST, Costs, cost_of, limits_of
from wireproof.wire.limits import FREE, Limits


def test_no_request_is_counted_as_free(store):
    """Where the documentation says 0 it counts 1: users were banned for asking for /futures/data/basis too often."""
    for contract in store.contracts.values():
        if isinstance(contract.subject, Request):
            documented = contract.subject.weight.of({})
            cost = cost_of(contract, {})
            assert cost != FREE, contract.id
            assert cost.weight == documented or (documented, cost.weight) == (0, 1), contract.id
    assert cost_of(store.contracts["usdm/rest/GET.futures.data.basis"], {}).weight == 1
    assert cost_of(store.contracts["usdm/rest/POST.fapi.v1.order"], {}).weight == 0  # it counts as an order


def test_a_request_without_a_contract_has_a_cost(store):
    """As much as most requests cost, so that a run without some contract files stays within the limits."""
    costs = Costs(store.contracts, store.products["usdm"])
    assert costs.rest("GET", "/fapi/v1/depth", {"limit": 1000}).weight == 20
    assert costs.ws("no.such.method", {}) == UNKNOWN_COST


@pytest.mark.parametrize(
    ("names", "target", "limits"),
    [
        (["usdm", "coinm"], "live", Limits(weight_1m=2400, orders_10s=300, orders_1m=1200)),
        (["usdm", "coinm"], "testnet", Limits(weight_1m=6000, orders_10s=300, orders_1m=1200)),
        (["options"], "live", Limits(weight_1m=400, orders_10s=30, orders_1m=100)),
        (["portfolio-margin"], "live", Limits(weight_1m=6000, orders_10s=0, orders_1m=1200)),
        (["portfolio-margin-pro"], "live", Limits(12_000, orders_10s=0, orders_1m=0, uid_weight_1m=180_000)),
    ],
)
def test_a_pool_has_the_lowest_limits_that_its_products_document(store, names, target, limits):
    assert limits_of([store.products[name] for name in names], target) == limits


def test_of_two_products_that_share_a_pool_the_stricter_one_counts(store):
    pro, options = store.products["portfolio-margin-pro"], store.products["options"]
    assert limits_of([pro, options], "live") == limits_of([options, pro], "live") == Limits(400, 30, 100, 180_000)


def test_weight_of_the_account_is_a_cost_of_its_own(store):
    cost = cost_of(store.contracts["portfolio-margin-pro/rest/POST.sapi.v1.portfolio.repay"], {})
    assert (cost.weight, cost.uid_weight) == (0, 3_000)
