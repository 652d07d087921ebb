"""Compares payloads without a run: two documents, a document with a stored contract, or a stream of such pairs."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from wireproof.bounds import MIB, MOST_LEVELS, MOST_OF_A_LINE, bounded, is_deeper
from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.model import Contract, Surface
from wireproof.contract.shape import Node, ShapeBuilder
from wireproof.drift.compare import Comparer, PayloadJudge, verdict_of
from wireproof.drift.finding import Finding, Verdict
from wireproof.drift.parse import Unparseable, parse
from wireproof.drift.rules.instead import error_instead
from wireproof.errors import BlockedError, UsageError, WireproofError
from wireproof.recognition import LONGEST_ERROR, may_hold_error, recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wireproof.recognition import Concern, Recognition

_REMEMBERED = 1000  # documented examples of a batch that are kept compiled
_SHORT = 65_536  # bytes of a documented example that is kept


class ReportedFinding(Struct, frozen=True, kw_only=True):
    """A finding as `wireproof compare` prints it."""

    path: str
    kind: str
    severity: str
    expected: str
    actual: str
    occurrences: int
    of: int
    fingerprint: str


class Compared(Struct, kw_only=True):
    """What `wireproof compare --json` prints."""

    verdict: Verdict
    findings: list[ReportedFinding]


class Comparison(Struct, kw_only=True, omit_defaults=True):
    """One line of a batch's output; `reason` is why an answer says nothing of its contract (verdict `blocked`)."""

    id: Any
    verdict: Verdict
    findings: list[ReportedFinding]
    reason: str = ""


class BatchError(Struct, kw_only=True):
    """The line of a batch's output for an input line that cannot be compared."""

    id: Any
    error: str


class _BatchLine(Struct, forbid_unknown_fields=True):
    actual: Raw
    id: Any = None
    documented: Raw | UnsetType = UNSET
    contract: str | UnsetType = UNSET
    example: str = ""


class Offline:
    """Compares payloads; keeps the examples and contracts that it compiled.

    `contract_of` finds a stored contract and the comparer of its product by id; it raises WireproofError for an
    unknown id. Without it, only documented examples can be compared with. `clean` and `clean_text` take secrets out of
    the findings and sentences of a batch.
    """

    def __init__(
        self,
        contract_of: Callable[[str], tuple[Contract, Comparer]] | None = None,
        *,
        clean: Callable[[list[Finding]], list[Finding]] = list,
        clean_text: Callable[[str], str] = str,
    ) -> None:
        self._contract_of, self._clean, self._clean_text = contract_of, clean, clean_text
        self._judges: OrderedDict[bytes, PayloadJudge] = OrderedDict()
        self._known: dict[str, tuple[Contract, Comparer]] = {}
        self.failed = 0  # lines of batches that were answered with an error
        self.blocked = 0  # lines of batches whose answer says nothing of its contract
        self.worst = -1  # rank of the worst finding in batches; -1 without any

    def payloads(self, documented: bytes, actual: bytes, *, name: str = "") -> list[Finding]:
        """Return how `actual` differs from the example `documented`, both JSON.

        `name` stands for the contract in fingerprints. Raises UsageError when `documented` is no JSON; an `actual`
        that is none gives an `unparseable` finding.
        """
        return self._against(documented, name, bounded(actual))

    def with_contract(self, contract_id: str, actual: bytes, *, example: str = "") -> list[Finding]:
        """Return how `actual` differs from a stored contract.

        `actual` is what the contract's examples show: a whole envelope for the WebSocket API, a payload otherwise.
        Without an example's name, the alternative that differs least is taken. Raises BlockedError for an envelope that
        is about something other than the request, such as trouble of the service: it accuses nobody.
        """
        if contract_id not in self._known:
            if self._contract_of is None:
                raise UsageError(f"There are no stored contracts to look up {contract_id!r} in.")
            self._known[contract_id] = self._contract_of(contract_id)
        contract, comparer = self._known[contract_id]
        actual = bounded(actual)
        if not contract.examples:
            raise UsageError(f"{contract_id} has no example to compare with.")
        names = [example] if example else [shown.name for shown in contract.examples]
        if contract.surface is not Surface.WS_API:
            return comparer.payload(contract, example, actual)
        _refuse_trouble(contract, names, actual)
        found = [comparer.response(contract, name, actual) for name in names]
        return min(found, key=lambda findings: (list(Verdict).index(verdict_of(findings)), len(findings)))

    def batch(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield one line of JSON, with its line feed, for each line read, in order and as they come.

        Input: `{"id", "documented", "actual"}` or `{"id", "contract", "actual"}`, the latter optionally with "example".
        Output: `{"id", "verdict", "findings"}`, with "reason" where the verdict is `blocked`, or `{"id", "error"}` for
        a line that cannot be compared; `failed` counts the latter, `blocked` the former, and `worst` is the rank of the
        worst finding. Blank lines are answered, too.
        """
        encode = msgspec.json.Encoder().encode
        decode = msgspec.json.Decoder(_BatchLine).decode
        for number, line in enumerate(lines, 1):
            yield encode(self._answer(decode, line, number)) + b"\n"

    def _answer(self, decode: Callable[[bytes], _BatchLine], line: bytes, number: int) -> Comparison | BatchError:
        request_id: Any = None
        if len(line) > MOST_OF_A_LINE:
            self.failed += 1
            return BatchError(id=None, error=f"Line {number} cannot be read: more than {MOST_OF_A_LINE // MIB} MiB.")
        try:
            read = decode(line)
            request_id = read.id
            findings = self._of_line(read)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.failed += 1
            return BatchError(
                id=_id_of(line), error=self._clean_text(f"Line {number} cannot be read: {_problem(line, error)}")
            )
        except BlockedError as error:
            self.blocked += 1
            return Comparison(id=request_id, verdict=Verdict.BLOCKED, findings=[], reason=self._clean_text(str(error)))
        except WireproofError as error:
            self.failed += 1
            return BatchError(id=request_id, error=self._clean_text(f"Line {number}: {error}"))
        findings = self._clean(findings) if findings else findings
        self.worst = max(self.worst, *(finding.severity.rank for finding in findings), -1)
        return Comparison(id=read.id, verdict=verdict_of(findings), findings=[reported(f) for f in findings])

    def _of_line(self, line: _BatchLine) -> list[Finding]:
        if isinstance(line.contract, str):
            if line.documented is not UNSET:
                raise UsageError("it names a contract and gives a documented example; only one of them is allowed.")
            return self.with_contract(line.contract, bytes(line.actual), example=line.example)
        if not isinstance(line.documented, Raw):
            raise UsageError("it has neither 'documented' nor 'contract' to compare with.")
        if line.example:
            raise UsageError("it names an example, but no contract that has it; only a stored contract has several.")
        return self.payloads(bytes(line.documented), bytes(line.actual))

    def _against(self, documented: bytes, name: str, actual: bytes) -> list[Finding]:
        """Compare with an example. Only one that is seen again is compiled; compiling costs more than explaining."""
        key = name.encode() + b"\n" + documented
        judge = self._judges.get(key)
        if judge is None:
            judge = PayloadJudge(contract=name, node=_shape_of(documented), schema=None)
            if len(documented) <= _SHORT:
                self._judges[key] = judge
                if len(self._judges) > _REMEMBERED:
                    self._judges.popitem(last=False)
            compare = judge.explain
        else:
            judge.schema = judge.schema or Schema(judge.node)
            compare = judge
        found = compare(actual)
        if not judge.may_look_documented and not (found and may_hold_error(actual)):
            return found
        instead = error_instead(name, [parse(documented)], [judge.node], compare, actual)
        return found if instead is None else instead


def _refuse_trouble(contract: Contract, examples: list[str], envelope: bytes) -> None:
    """Raise BlockedError for an envelope that says nothing of its contract, unless an example documents such a one."""
    told = _recognised(envelope)
    if told is None or told.concern is None:
        return
    documented = (shown.response for shown in contract.examples if shown.name in examples)
    if any(_concern_of(response) is told.concern for response in documented):
        return
    raise BlockedError(
        f"{contract.id} was answered with {told.words}, which says nothing of the contract: it is about the"
        f" {told.concern}."
    )


def _recognised(envelope: bytes) -> Recognition | None:
    """Return what an envelope of the WebSocket API is; None where there is no envelope to tell."""
    if len(envelope) > LONGEST_ERROR:
        return None  # no error is this long
    try:
        document = parse(envelope)
    except Unparseable:
        return None
    return _of_document(document, envelope)


def _of_document(document: Any, envelope: bytes) -> Recognition | None:
    status = document.get("status") if isinstance(document, dict) else None
    return recognise(status, envelope) if type(status) is int else None


def _concern_of(response: Any) -> Concern | None:
    told = _of_document(response, msgspec.json.encode(response))
    return told.concern if told is not None else None


def _shape_of(documented: bytes) -> Node:
    try:
        document = parse(bounded(documented))
    except Unparseable as problem:
        raise UsageError(f"the documented example is no JSON document: {problem}.") from None
    if is_deeper(document, MOST_LEVELS):
        raise UsageError(f"the documented example is nested more than {MOST_LEVELS} levels deep.")
    return ShapeBuilder().build([document])


def reported(finding: Finding) -> ReportedFinding:
    """Return what the command prints of a finding."""
    return ReportedFinding(
        path=finding.path,
        kind=str(finding.kind),
        severity=str(finding.severity),
        expected=finding.expected,
        actual=finding.actual,
        occurrences=finding.occurrences,
        of=finding.of,
        fingerprint=finding.fingerprint,
    )


def _id_of(line: bytes) -> Any:
    """Return the id of a line that is JSON but not a comparison; None when there is none."""
    try:
        document = parse(line)
    except Unparseable:
        return None
    return document.get("id") if isinstance(document, dict) else None


def _problem(line: bytes, error: Exception) -> str:
    if not line.strip():
        return "it is empty."
    try:
        parse(line)
    except Unparseable as problem:
        return f"{problem}."
    return f"{error}. Allowed are id, actual, and documented or contract (with example)."
