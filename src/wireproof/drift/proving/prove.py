"""Proves the comparison by mutation.

Every stored example is changed at every path in every way that an exchange changes its answers, and each change must
be named at the right path, with the right kind and severity. Unchanged examples, and examples with other values of the
same kinds, must give no finding. What should be said of a mutation comes from `oracle`, which shares no code with the
comparison.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from wireproof.contract.model import Surface
from wireproof.counts import counted
from wireproof.drift.documented_shape import is_enveloped
from wireproof.drift.explain import SEVERITIES
from wireproof.drift.finding import Kind
from wireproof.drift.proving.mutations import Mutation, mutations, other_values
from wireproof.drift.proving.oracle import expected, expected_of_text
from wireproof.recognition import error_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wireproof.contract.model import Contract, Example
    from wireproof.drift.compare import Comparer, PayloadJudge
    from wireproof.drift.finding import Finding

_CODE = "-1000"
_ERROR = {"code": int(_CODE), "msg": "An unknown error occurred while processing the request."}

KEPT = 20  # examples of each kind of mistake, per contract


class ContractProof(Struct, kw_only=True):
    """What became of the mutations of one contract."""

    contract: str
    mutations: int = 0
    caught: int = 0  # right path, kind and severity
    caught_wrongly: list[str] = field(default_factory=list)  # noticed, but named otherwise; a sentence each
    missed: list[str] = field(default_factory=list)  # not noticed; a sentence each
    false_alarms: list[str] = field(default_factory=list)  # a finding where nothing changed
    impossible: Counter[str] = field(default_factory=Counter)  # cause -> mutations that no comparison could notice
    wrongly: int = 0
    misses: int = 0
    alarms: int = 0
    unchanged: int = 0  # documents that had to conform


class ProofResult(Struct, kw_only=True):
    """The score over all contracts."""

    contracts: list[ContractProof]

    def total(self, name: str) -> int:
        """Return the sum of a count: mutations, caught, wrongly, misses, alarms, unchanged."""
        return sum(getattr(proof, name) for proof in self.contracts)

    @property
    def impossible(self) -> Counter[str]:
        """Return how many mutations no comparison could notice, by cause."""
        return sum((proof.impossible for proof in self.contracts), Counter())

    @property
    def holds(self) -> bool:
        """Whether nothing was missed or named wrongly, and nothing raised without cause."""
        return not (self.total("misses") or self.total("wrongly") or self.total("alarms"))

    @property
    def sentence(self) -> str:
        """Return the score in one sentence."""
        judged, caught = self.total("mutations"), self.total("caught")
        share = f"{100 * caught / judged:.2f}".rstrip("0").rstrip(".") if judged else "0"
        return (
            f"The comparison catches {share} % of {counted(judged, 'mutation')} ({self.total('wrongly'):,} named "
            f"wrongly, {self.total('misses'):,} missed) and raises {counted(self.total('alarms'), 'false alarm')} on "
            f"{counted(self.total('unchanged'), 'sound document')}; {counted(self.impossible.total(), 'more change')} "
            "cannot be noticed."
        )


def prove(
    contracts: Iterable[Contract],
    comparer: Callable[[Contract], Comparer],
    sample: int | None = None,
    seed: int = 0,
) -> ProofResult:
    """Mutate every example of the contracts and count what the comparison reports.

    `comparer` returns the comparer of a contract's product. With `sample`, only so many mutations of each example are
    tried, drawn with `seed`.
    """
    return ProofResult(contracts=[_prove(contract, comparer(contract), sample, seed) for contract in contracts])


def _prove(contract: Contract, comparer: Comparer, sample: int | None, seed: int) -> ContractProof:
    proof = ContractProof(contract=contract.id)
    for example in contract.examples:
        draw = random.Random(f"{seed}/{contract.id}/{example.name}")  # noqa: S311  # a sample, no secret
        _prove_example(proof, contract, example, comparer, draw=draw, sample=sample)
    return proof


def _prove_example(
    proof: ContractProof,
    contract: Contract,
    example: Example,
    comparer: Comparer,
    *,
    draw: random.Random,
    sample: int | None,
) -> None:
    judge = comparer.response_judge(contract, example.name)
    document = example.response
    if contract.surface is Surface.WS_API and not is_enveloped(example):
        document = {"id": "1", "status": 200, "result": document}
    document = msgspec.json.decode(msgspec.json.encode(document))
    for sound in (document, *(other_values(judge.node, document, draw) for _ in range(3))):
        proof.unchanged += 1
        if findings := judge(msgspec.json.encode(sound)):
            proof.alarms += 1
            _keep(proof.false_alarms, f"{example.name}: {_said(findings)}")
    _try_error(proof, contract, example, comparer)
    root = [document]
    found = list(mutations(judge.node, root))
    if sample is not None and len(found) > sample:
        found = draw.sample(found, sample)
    for mutation in found:
        undo = mutation.apply()
        _try(proof, mutation, f"{example.name}: {mutation.what}", judge, root[0])
        undo()


def _try_error(proof: ContractProof, contract: Contract, example: Example, comparer: Comparer) -> None:
    """Put an error in the place of a documented success, under a status that says success: one finding names it."""
    if error_in(example.response) is not None:
        return  # an error is what is documented
    answer: dict[str, Any] = dict(_ERROR)
    if contract.surface is Surface.WS_API:
        answer = {"id": "1", "status": 200, "error": answer}
    findings = comparer.response(contract, example.name, msgspec.json.encode(answer), status=200)
    right = [(finding.path, finding.kind, finding.value) for finding in findings] == [("", Kind.ERROR_ANSWER, _CODE)]
    _score(proof, f"{example.name}: an error as the answer", findings, right=right)


def _try(proof: ContractProof, mutation: Mutation, what: str, judge: PayloadJudge, document: Any) -> None:
    body = mutation.body(document)
    wanted = expected_of_text(judge.node, body) if mutation.twice else expected(judge.node, document)
    findings = judge(body)
    if not (wanted or findings) and mutation.cause:
        proof.impossible[mutation.cause] += 1
        return
    said = {(finding.path, finding.kind) for finding in findings}
    graded = all(finding.severity is SEVERITIES[finding.kind] for finding in findings)
    _score(proof, f"{what}: expected {_named(wanted)}", findings, right=bool(wanted) and said == wanted and graded)


def _score(proof: ContractProof, what: str, findings: list[Finding], *, right: bool) -> None:
    """Count a mutation as caught, as named wrongly, or as missed; `what` is its sentence."""
    proof.mutations += 1
    if right:
        proof.caught += 1
    elif findings:
        proof.wrongly += 1
        _keep(proof.caught_wrongly, f"{what}, got {_said(findings)}")
    else:
        proof.misses += 1
        _keep(proof.missed, what)


def _keep(sentences: list[str], sentence: str) -> None:
    if len(sentences) < KEPT:
        sentences.append(sentence)


def _named(wanted: set[tuple[str, Kind]]) -> str:
    return ", ".join(sorted(f"{kind} at {path or 'the document'}" for path, kind in wanted)) or "some finding"


def _said(findings: list[Finding]) -> str:
    return ", ".join(f"{finding.kind} at {finding.path or 'the document'}" for finding in findings[:5])
