"""Fixtures for the tests of the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from wireproof.contract.store import load_store
from wireproof.ledger.folding import fold
from wireproof.results.model import CaseResult, Observation, RunResult

if TYPE_CHECKING:
    from wireproof.contract.model import Contract

DAY = 86_400_000
BEGAN = 1_795_000_000_000.0  # 2026-11-18


class Nights:
    """Makes runs of the real contracts, night by night, of answers that a test gives."""

    def __init__(self) -> None:
        self.store = load_store()

    def observed(self, contract: str, document: Any, **more: Any) -> Observation:
        """Return one observation of a contract's first example."""
        known = self.store.contracts[contract]
        body = document if isinstance(document, str) else json.dumps(document)
        messages = (body,) if known.surface in {"stream", "event"} else ()
        given = {
            "case": f"{contract}/{more.pop('name', 'default')}",
            "contract": contract,
            "example": known.examples[0].name,
            "response": body,
            "status": 200,
            "messages": messages,
        }
        return Observation(**(given | more))

    def made(self, contract: Contract, body: str) -> Observation:
        """Return one observation of a contract of a test's own."""
        return Observation(case=f"{contract.id}/case", contract=contract.id, example="e0", response=body, status=200)

    def run(self, night: int = 0, name: str = "run", **more: Any) -> RunResult:
        """Return the run of a night, without cases."""
        began = BEGAN + night * DAY
        given = {"version": "0", "target": "testnet", "endpoints": {}, "started_at": began, "ended_at": began + 1000}
        return RunResult(run=f"{name}-{night}", **(given | more))

    def case(self, observation: Observation, verdict: str) -> CaseResult:
        """Return the result of an observation's case."""
        known = self.store.contracts[observation.contract]
        return CaseResult(
            id=observation.case,
            contract=known.id,
            product=known.product,
            surface=known.surface,
            subject="",
            title="",
            docs_url="",
            kind="documented",
            verdict=verdict,
        )

    def ledger(self, *observations: Observation, night: int = 0, name: str = "run", **more: Any) -> Any:
        """Return the ledger of one night."""
        return fold(self.run(night, name, **more), observations, self.store)


@pytest.fixture(scope="session")
def nights() -> Nights:
    """Return the maker of nights."""
    return Nights()
