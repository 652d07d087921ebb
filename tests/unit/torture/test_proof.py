"""Which runs are tried again, and what they are compared with."""

from __future__ import annotations

import pytest
from judged_outcomes import ALTERATION, DEPTH, TICKER, case, fate, outcome
from msgspec.structs import replace as but

from wireproof.contract.store import load_store
from wireproof.torture.alteration import Alteration
from wireproof.torture.proof import Prover, _regrouped, _settled, deviating_contracts
from wireproof.torture.suite_runs import Setting
from wireproof.torture.verdicts import AlterationVerdict, Detection


@pytest.fixture(scope="module")
def store():
    return load_store()


def test_nothing_that_came_to_be_altered_is_tried_again(store):
    """An alteration that met no message in its run says nothing of the suite."""
    others = Alteration(index=8, contract=DEPTH, bucket="rest success", kind="null", path=("bids",))
    found = fate(store, case(), alterations=(ALTERATION, others), applied={})
    assert found.verdicts[0].fate is Detection.HIDDEN
    assert _settled(found.verdicts[0]).fate is Detection.EXPLAINED
    assert (
        _settled(AlterationVerdict(alteration=ALTERATION, fate=Detection.HIDDEN, words="", altered=2)).fate
        is Detection.MISSED
    )


def test_hidden_alterations_get_runs_that_hide_nothing():
    """What others depend on runs alone, the rest together, each contract once."""
    one, other = ALTERATION, but(ALTERATION, index=8, contract=DEPTH)
    runs = _regrouped([one, but(one, index=9), other, but(other, index=10)], [DEPTH])
    assert [[each.index for each in run] for run in runs] == [[7], [9], [8], [10]]
    together = _regrouped([one, other], [])
    assert [[each.index for each in run] for run in together] == [[7, 8]]


def test_a_run_has_the_cases_of_its_products_only(store):
    """What was hidden runs again with the cases of its contracts; a selection that was asked for stays."""
    one, other = ALTERATION, but(ALTERATION, index=8, contract=DEPTH)

    def options(*group, foundations=(), products=("coinm", "usdm"), asked=(), is_again=False):
        prover = Prover(Setting("local", products, options=asked), store, {})
        return prover._options(group, foundations, is_again=is_again)

    assert options(one, other) == ["-k", "coinm/ or usdm/"]
    assert options(one, other, products=sorted(store.products)) == []
    assert options(one, foundations=[one.contract]) == ["--product=usdm"]
    assert options(one, other, is_again=True) == ["-k", f"{DEPTH}/ or {one.contract}/"]
    assert options(one, other, is_again=True, asked=("-k", "price")) == []


def test_contracts_that_deviate_unaltered_are_left_out():
    """Nothing can be proven of them."""
    assert deviating_contracts(outcome(case(DEPTH, "breaking"), case(TICKER, "risky"))) == {DEPTH}
