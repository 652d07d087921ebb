"""How strong the contracts of a run are: what a comparison with their examples catches, and what examples hide."""

from __future__ import annotations

from wireproof.suite.running.strength import strength_of


def test_each_contract_has_its_share_of_mutations_caught_and_its_score(store):
    contracts = [store.contract("usdm/rest/GET.fapi.v1.time"), store.contract("usdm/ws-api/ticker.price")]
    found = strength_of(store, contracts)
    assert [one.contract for one in found] == [contract.id for contract in contracts]
    for one in found:
        assert 0 < one.caught <= one.mutations
        assert 0 < one.score <= 100
