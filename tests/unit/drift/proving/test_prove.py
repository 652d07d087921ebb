"""The proof by mutation is complete and would notice a comparison that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from made_contracts import PRODUCT as USDM
from made_contracts import made_contract
from msgspec.structs import replace

from wireproof.contract.model import Contract, Refinement, Surface, When
from wireproof.drift import deviations
from wireproof.drift.compare import Comparer
from wireproof.drift.explain import new_finding
from wireproof.drift.finding import Kind
from wireproof.drift.proving.prove import ProofResult, prove

if TYPE_CHECKING:
    import pytest

ENVELOPE = replace(
    USDM.envelopes[Surface.WS_API],
    success={"id": "1", "status": 200, "result": {}, "rateLimits": [{"interval": "MINUTE", "limit": 2400}]},
)
PRODUCT = replace(USDM, envelopes={Surface.WS_API: ENVELOPE})
RESULT = {
    "price": "1.50",
    "time": 1700000000000,
    "orderId": 12,
    "ratio": 0.5,
    "active": True,
    "side": "BUY",
    "note": None,
    "extra": [],
    "bids": [["1.0", "2.0"], ["3.0", "4.0"]],
    "rows": [[1700000000000, "1.0", 3]],
    "filters": [{"filterType": "PRICE", "tickSize": "0.1"}, {"filterType": "LOT", "stepSize": "1"}],
    "batch": [{"orderId": 1, "price": "1"}, {"code": -1, "msg": "no"}],
    "perSymbol": {"BTCUSDT": {"x": "1"}, "ETHUSDT": {"x": "2"}},
    "assets": [{"asset": "USDT", "free": "1"}, {"asset": "BTC", "free": "1", "lent": "1"}],
}
REFINEMENTS = (
    Refinement(path="result.side", enum=("BUY", "SELL"), source=""),
    Refinement(path="result.stop", kind="decimal", when=When(field="side", one_of=("SELL",)), source=""),
    Refinement(path="result.orderId", nullable=True, source=""),
    Refinement(path="result.batch[].price", optional=True, source=""),
    Refinement(path="result.batch[].fresh", optional=True, kind="integer", source=""),
    Refinement(path="result.filters[].stepSize", nullable=True, source=""),
    Refinement(path="result.perSymbol.*.x", optional=True, source=""),
)


def contract(response: Any, *refinements: Refinement, surface: Surface = Surface.WS_API) -> Contract:
    return made_contract(response, surface=surface, refinements=refinements)


def proof_of(*contracts: Contract, sample: int | None = None) -> ProofResult:
    return prove(contracts, lambda _: Comparer(PRODUCT), sample=sample, seed=1)


def test_every_mutation_of_every_kind_of_shape_is_caught() -> None:
    result = proof_of(contract({"id": "1", "status": 200, "result": RESULT}, *REFINEMENTS))
    [proof] = result.contracts
    assert (proof.missed, proof.caught_wrongly, proof.false_alarms) == ([], [], [])
    assert result.holds
    assert proof.mutations == proof.caught > 400
    assert set(result.impossible) > {"keys are free here", "an empty array is an array"}
    assert "catches 100 % of" in result.sentence


def test_bare_payloads_are_proven_as_well() -> None:
    assert proof_of(contract([RESULT], surface=Surface.STREAM)).holds


def test_a_sample_is_smaller_and_repeats() -> None:
    stored = contract({"result": RESULT}, surface=Surface.EVENT)
    first, again = proof_of(stored, sample=50), proof_of(stored, sample=50)
    assert first.total("mutations") + first.impossible.total() == 50 + 1  # an error in its place is always tried
    assert first.contracts[0].caught == again.contracts[0].caught


def test_a_comparison_that_overlooks_something_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deviations._Walk, "_unknown", lambda *_: None)
    monkeypatch.setattr("wireproof.drift.compare.PayloadJudge.__call__", lambda judge, body: judge.explain(body))
    result = proof_of(contract({"result": {"a": 1}}, surface=Surface.EVENT))
    assert not result.holds
    assert any("an added field" in sentence for sentence in result.contracts[0].missed)


def test_a_comparison_that_cries_wolf_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deviations, "is_decimal", lambda _: False)
    monkeypatch.setattr(deviations, "all_decimals", lambda _: False)
    monkeypatch.setattr("wireproof.drift.compare.PayloadJudge.__call__", lambda judge, body: judge.explain(body))
    result = proof_of(contract({"a": "1.0"}, surface=Surface.EVENT))
    assert result.total("alarms") > 0
    assert result.contracts[0].false_alarms


def test_an_error_in_place_of_an_answer_is_one_of_the_mutations(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that mistakes it for a success, or for a wall of missing fields, does not pass."""
    stored = contract({"id": "1", "status": 200, "result": {"a": 1}})
    assert proof_of(stored).holds
    monkeypatch.setattr(Comparer, "response", lambda *_, **__: [])
    assert proof_of(stored).contracts[0].missed == ["e0: an error as the answer"]
    wall = [new_finding("c", name, Kind.MISSING_FIELD, "x", "nothing") for name in "ab"]
    monkeypatch.setattr(Comparer, "response", lambda *_, **__: wall)
    assert any("an error as the answer" in sentence for sentence in proof_of(stored).contracts[0].caught_wrongly)
