"""How much the contracts of a run can prove: computed in each run from a sample of mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.contract.audit.lint import lint
from wireproof.drift.compare import Comparer
from wireproof.drift.proving.prove import prove
from wireproof.results.model import Strength

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store

#: Mutations of each example; `wireproof prove` tries them all.
SAMPLE = 10


def strength_of(store: Store, contracts: Iterable[Contract]) -> list[Strength]:
    """Return the strength of each contract: mutations of its examples that are caught, and what the examples hide."""
    contracts = list(contracts)
    comparers = {name: Comparer(product) for name, product in store.products.items()}
    proofs = {p.contract: p for p in prove(contracts, lambda c: comparers[c.product], SAMPLE).contracts}
    scores = {score.contract: score for score in lint(contracts, store.products)}
    return [
        Strength(
            contract=contract.id,
            mutations=proofs[contract.id].mutations,
            caught=proofs[contract.id].caught,
            score=scores[contract.id].score,
            hidden=tuple(f"{cause.kind} at {cause.path or 'the document'}" for cause in scores[contract.id].causes),
        )
        for contract in contracts
    ]
