"""Compares answers with contracts.

Two steps: the bytes are decoded into the contract's compiled type, which is the verdict when it succeeds; only when it
fails is the answer explained. If the two steps disagree, a ComparisonError says so: never a pass.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Contract, Expectation, Product, Surface
from wireproof.contract.shape import Fields
from wireproof.drift.deviations import shorten
from wireproof.drift.documented_shape import group_of, groups, payload_shape, rejection_shape, response_shape
from wireproof.drift.explain import ComparisonError, explain, new_finding
from wireproof.drift.finding import Finding, Kind, Severity, Verdict
from wireproof.drift.parse import Unparseable, may_repeat_keys, nested_too_deep, parse, parse_with_repeats
from wireproof.drift.rules.instead import error_instead, may_look_documented
from wireproof.recognition import bare_error_in, error_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wireproof.contract.model import Example
    from wireproof.contract.shape import Node

_VERDICTS = {
    Severity.ADDITIVE: Verdict.ADDITIVE,
    Severity.RISKY: Verdict.RISKY,
    Severity.BREAKING: Verdict.BREAKING,
}


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict that the worst finding makes; CONFORMS when there is none."""
    worst = max((finding.severity for finding in findings), key=lambda severity: severity.rank, default=None)
    return Verdict.CONFORMS if worst is None else _VERDICTS[worst]


_BURST = 256  # payloads that are decoded together


class PayloadJudge(Struct, kw_only=True, eq=False):
    """One documented shape, compiled: the fast path and what the explanation needs."""

    contract: str
    node: Any  # contract.shape.Node
    schema: Any  # contract.schema.Schema
    status: int | None = None  # documented status of the envelope; None for bare payloads
    may_look_documented: bool = False  # whether an error in place of the documented answer may conform

    def __post_init__(self) -> None:
        self.may_look_documented = may_look_documented(self.payload_node)

    @property
    def payload_node(self) -> Node:
        """The shape of what the envelope holds; where there is no envelope, the whole shape."""
        node: Node = self.node
        result = (
            node.object.fields.get("result") if self.status is not None and isinstance(node.object, Fields) else None
        )
        return node if result is None else result.node

    def conforms(self, body: bytes) -> bool:
        """Whether an answer is as documented: the fast path alone."""
        try:
            return bool(self.schema.conforms(body))
        except RecursionError:
            return False

    def explain(self, body: bytes) -> list[Finding]:
        """Return how an answer differs from what is documented, without asking the fast path."""
        try:
            document = parse(body)
        except Unparseable as problem:
            return [self._unparseable(problem)]
        repeats = parse_with_repeats(body) if may_repeat_keys(document, body) else None
        return self._explain(document) if repeats is None else self._explain(repeats, repeated=True)

    def __call__(self, body: bytes) -> list[Finding]:
        """Return how an answer differs from what is documented; empty when it conforms.

        Raises ComparisonError when fast path and explanation disagree.
        """
        try:
            if self.schema.conforms(body):
                return []
        except RecursionError:
            # How deep is too deep depends on the stack: what one step cannot follow, the other is not asked about.
            return [self._unparseable(nested_too_deep())]
        findings = self.explain(body)
        if not findings and self.schema.compiled:
            raise ComparisonError(
                f"{self.contract}: the answer was refused by the compiled contract, but the explanation finds no "
                "difference. This is a fault of wireproof; please report it with the answer."
            )
        return findings

    def _unparseable(self, problem: Unparseable) -> Finding:
        return new_finding(self.contract, problem.path, Kind.UNPARSEABLE, self.node.word, str(problem))

    def _explain(self, document: Any, *, repeated: bool = False) -> list[Finding]:
        if self.status is None or not isinstance(document, dict) or document.get("status") == self.status:
            return explain(self.contract, self.node, document, repeated=repeated)
        status = document.get("status")
        if type(status) is not int:
            return explain(self.contract, self.node, document, repeated=repeated)
        changed = _status_changed(self.contract, self.status, status, document)
        if "error" not in self.node.object.fields or "error" not in document:
            return [changed]
        # Another refusal than the documented one: its status is named once, its code and envelope are judged as well.
        rest_of_it = copy(document)  # which may name keys twice
        rest_of_it["status"] = self.status
        rest = explain(self.contract, self.node, rest_of_it, repeated=repeated)
        return [changed, *rest]


class Comparer:
    """Compares the answers of one product with its contracts. Compiles lazily and keeps what it compiled."""

    def __init__(self, product: Product, *, formats: bool = True) -> None:
        """Without `formats`, decimals and timestamps are not looked into: structure and kinds only."""
        self._product = product
        self._formats = formats
        self._judges: dict[Any, PayloadJudge] = {}

    def response(self, contract: Contract, example: str, body: bytes, *, status: int | None = None) -> list[Finding]:
        """Return how a success differs from the documented example.

        WebSocket API: `body` is the whole envelope. REST: `body` is the payload and `status` the HTTP status; any
        status but 200 is one finding: no page documents another one for a success. An error in place of the success is
        one finding, whatever the status says.
        Raises UsageError for an unknown example, ComparisonError for a fault of the comparison.
        """
        if contract.surface is Surface.WS_API:
            return self._recognised(contract, example, self._judge(contract, example, enveloped=True), body)
        if status is not None and status != 200:
            return [_status_changed(contract.id, 200, status, _parsed(body))]
        return self.payload(contract, example, body, status=status)

    def rejection(
        self, contract: Contract, expectation: Expectation, body: bytes, *, status: int | None = None
    ) -> list[Finding]:
        """Return how a refusal differs from the error envelope with the documented status and codes.

        REST: `status` is the HTTP status.
        """
        judge = self.rejection_judge(contract, expectation)
        if judge.status is not None or status is None or status == expectation.status:
            return judge(body)
        changed = _status_changed(contract.id, expectation.status, status, document := _parsed(body))
        refused = error_in(document) is not None
        return [changed, *judge(body)] if refused and status >= 400 else [changed]

    def payload(self, contract: Contract, example: str, body: bytes, *, status: int | None = None) -> list[Finding]:
        """Return how a payload without envelope differs from the documented example: a stream message, an event.

        Without an example's name, the alternative is taken that documents the payload's JSON type; of several, the one
        that it differs least from. An error in place of what is documented is one finding, which names `status`, the
        HTTP status, when it is given.
        """
        if example or len(contract.examples) == 1:
            name = example or contract.examples[0].name
            return self._recognised(contract, name, self.judge(contract, name), body, status=status)
        judges = [self.judge(contract, group[0].name) for group in groups(contract)]

        def nearest(body: bytes) -> list[Finding]:
            if not judges or any(judge.conforms(body) for judge in judges):
                return []
            found = [judge(body) for judge in judges]
            kind = type(_parsed(body))
            return found[min(range(len(judges)), key=lambda i: _distance(judges[i].node, found[i], kind))]

        return _recognised(contract, contract.examples, judges, nearest, body, found=nearest(body), status=status)

    def burst(self, contract: Contract, example: str, bodies: Iterable[bytes]) -> Iterator[list[Finding]]:
        """Yield the findings of each of many payloads, in order; small ones are judged many at a time."""
        judge = self.judge(contract, example)
        bodies = iter(bodies)
        while part := list(islice(bodies, _BURST)):
            if not judge.may_look_documented and judge.schema.conform_all(part):
                yield from ([] for _ in part)
            else:
                yield from (self._recognised(contract, example, judge, body) for body in part)

    def judge(self, contract: Contract, example: str) -> PayloadJudge:
        """Return the compiled judge of bare payloads, for callers that judge many: `judge(body)`, `judge.schema`."""
        return self._judge(contract, example, enveloped=False)

    def response_judge(self, contract: Contract, example: str) -> PayloadJudge:
        """Return the compiled judge that `response` uses: with envelope for the WebSocket API, bare otherwise."""
        return self._judge(contract, example, enveloped=contract.surface is Surface.WS_API)

    def rejection_judge(self, contract: Contract, expectation: Expectation) -> PayloadJudge:
        """Return the compiled judge that `rejection` uses: of the error envelope with a status and codes."""
        key = (contract.id, expectation.status, expectation.codes)
        if key not in self._judges:
            node = rejection_shape(contract, expectation, self._product)
            expected = expectation.status if contract.surface is Surface.WS_API else None
            self._judges[key] = self._compile(contract, node, expected)
        return self._judges[key]

    def _recognised(
        self, contract: Contract, example: str, judge: PayloadJudge, body: bytes, *, status: int | None = None
    ) -> list[Finding]:
        found = judge(body)
        if not found and not judge.may_look_documented:
            return found  # the fast path
        return _recognised(contract, group_of(contract, example), [judge], judge, body, found=found, status=status)

    def _judge(self, contract: Contract, example: str, *, enveloped: bool) -> PayloadJudge:
        judge = self._judges.get((contract.id, example, enveloped))
        if judge is not None:
            return judge
        examples = group_of(contract, example)
        if enveloped:
            node, status = response_shape(contract, examples, self._product)
            judge = self._compile(contract, node, status)
        else:
            judge = self._compile(contract, payload_shape(contract, examples, self._product), None)
        for member in examples:
            self._judges[contract.id, member.name, enveloped] = judge
        return judge

    def _compile(self, contract: Contract, node: Node, status: int | None) -> PayloadJudge:
        return PayloadJudge(contract=contract.id, node=node, schema=Schema(node, formats=self._formats), status=status)


def _recognised(
    contract: Contract,
    examples: Sequence[Example],
    judges: Sequence[PayloadJudge],
    compare: Callable[[bytes], list[Finding]],
    body: bytes,
    *,
    found: list[Finding],
    status: int | None = None,
) -> list[Finding]:
    """Return what was found of an answer, or the one finding for an error in its place.

    Only where an error might conform is a conforming answer looked at again: the fast path stays fast.
    """
    if not found and not any(judge.may_look_documented for judge in judges):
        return found
    shown, nodes = [example.response for example in examples], [judge.payload_node for judge in judges]
    enveloped = contract.surface is Surface.WS_API
    instead = error_instead(contract.id, shown, nodes, compare, body, enveloped=enveloped, status=status)
    return found if instead is None else instead


def _distance(node: Node, findings: list[Finding], kind: type) -> tuple[bool, tuple[int, ...]]:
    """Return how far a payload of a JSON type is from an alternative: another type is farther than any difference."""
    fits = node.anything or (kind is dict and node.object is not None) or (kind is list and node.array is not None)
    counts = Counter(finding.severity for finding in findings)
    return not fits, tuple(counts[severity] for severity in reversed(Severity))


def _parsed(body: bytes) -> Any:
    try:
        return parse(body)
    except Unparseable:
        return None


def _status_changed(contract: str, expected: int, status: int, document: Any) -> Finding:
    """Return one finding that says which error came instead, so that no wall of missing fields has to."""
    said = value = str(status)
    error = error_in(document) or bare_error_in(document)
    if error is not None and error.code is not None:
        said = f"{status}, error {error.code} {shorten(error.text)}"
        value = f"{status} {error.code}"
    return new_finding(contract, "status", Kind.STATUS_CHANGED, str(expected), said, value=value)
