"""Costs are those of the documentation, and never nothing."""

from __future__ import annotations

from wireproof.suite.planning.costs import UNKNOWN_COST, Costs, cost_of
from wireproof.wire.limits import FREE


def test_no_request_is_counted_as_free(store):
    """Where the documentation says 0 it counts 1: users were banned for asking for /futures/data/basis too often."""
    for contract in store.contracts.values():
        if contract.request is not None:
            documented = contract.request.weight.of({})
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
