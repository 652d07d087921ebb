"""Mutations change a document at one place and are undone without a trace."""

from __future__ import annotations

import json
from copy import deepcopy

from made_contracts import PRODUCT, made_contract

from wireproof.drift.compare import Comparer
from wireproof.drift.proving.mutations import mutations

EXAMPLE = {"symbol": "BTCUSDT", "count": 7, "rows": [["1.0", True]], "any": None}
NODE = Comparer(PRODUCT).response_judge(made_contract(EXAMPLE), "e0").node


def test_every_mutation_that_can_be_noticed_changes_the_document_and_is_undone():
    document, sound = [deepcopy(EXAMPLE)], json.dumps(EXAMPLE, separators=(",", ":")).encode()
    changed = []
    for mutation in mutations(NODE, document):
        undo = mutation.apply()
        changed += [] if mutation.cause else [mutation.body(document[0]) != sound]
        undo()
        assert document == [EXAMPLE], mutation.what
    assert len(changed) > 50
    assert all(changed)


def test_what_cannot_be_noticed_says_why():
    causes = {mutation.cause for mutation in mutations(NODE, [deepcopy(EXAMPLE)])}
    assert {"", "the example shows null, or a refinement allows anything"} <= causes
