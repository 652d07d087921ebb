"""A plan names what is altered, decided by a seed."""

from __future__ import annotations

from altered_messages import MESSAGES, learned

from wireproof.torture.plan import choices, plan
from wireproof.torture.traffic import Place


def test_a_plan_is_decided_by_its_seed():
    """The same seed chooses the same, another one chooses otherwise; no contract is altered twice in a run."""
    traffic = {Place(f"usdm/{bucket.split()[0]}/{bucket.split()[1]}", bucket): learned(bucket) for bucket in MESSAGES}
    plans = [plan(traffic, seed=seed, count=60, foundations=["usdm/rest/success"]) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert len(plans[0]) == 60
    assert [one.index for one in plans[0]] == list(range(60))
    for run in {one.run for one in plans[0]}:
        contracts = [one.contract for one in plans[0] if one.run == run]
        assert len(contracts) == len(set(contracts))
        assert contracts == ["usdm/rest/success"] * len(contracts) or "usdm/rest/success" not in contracts


def test_all_means_each_kind_at_each_place():
    """Without a count every choice is planned once."""
    traffic = {Place("usdm/rest/success", "rest success"): learned("rest success")}
    kinds = [one.kind for one in plan(traffic, seed=0, count=None, foundations=())]
    assert sorted(kinds) == sorted(one.kind for one in choices(*next(iter(traffic.items()))))
