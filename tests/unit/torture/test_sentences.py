"""What is said of a proof."""

from __future__ import annotations

import pytest
from judged_outcomes import ALTERATION, DEPTH, TICKER, case, fate, finding

from wireproof.contract.store import load_store
from wireproof.torture.proof import Proof, ProofPlan
from wireproof.torture.sentences import lines


@pytest.fixture(scope="module")
def store():
    return load_store()


def test_the_words_count_and_say_how_to_repeat(store):
    """The table adds up, and each miss is a line with seed and index."""
    found = fate(store, case(), case(DEPTH, "broken", reason="KeyError"))
    made = ProofPlan(seed=5, alterations=[ALTERATION], foundations=[], stand_ins={}, again="--seed 5")
    proof = Proof(target="local", plan=made, verdicts=found.verdicts, accusations=found.accusations, runs=1)
    said = list(lines(proof))
    assert not proof.is_kept
    assert any(line.split() == ["ws-api", "number-to-string", "1", "0", "1", "0"] for line in said)
    assert any(line.startswith("missed  #7") and "--seed 5 --index 7" in line for line in said)
    assert any(line.startswith(f"wrongly accused  {DEPTH}/one is broken: KeyError") for line in said)
    assert said[-1].startswith("1 alteration in 1 run: 0 found, 1 missed, 0 explained; 1 case wrongly accused")
    kept = fate(store, case(TICKER, "breaking", finding()))
    assert Proof(target="local", plan=made, verdicts=kept.verdicts, accusations=kept.accusations).is_kept
