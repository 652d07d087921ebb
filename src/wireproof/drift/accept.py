"""Writes what was observed into a contract, for review in a diff: the deviation becomes what is documented.

Where an example can show it, the example is changed: a field that came, another type, an element of an array that was
shown empty. Where it cannot, a refinement is added: optional, nullable, one more enum value, several kinds, and for a
string of which nothing says what it is, that it holds words. Values that go into an example are neutral ones of the
observed kind, never the observed values themselves.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from wireproof.bounds import bounded
from wireproof.contract.contract_file import ContractFile
from wireproof.contract.decisions import Decision, decisions
from wireproof.contract.fields import rules_of
from wireproof.contract.leaves import (
    EARLIEST_MS,
    LATEST_MS,
    Scalar,
    fits_integer,
    is_decimal,
    is_plain_decimal,
    text_of,
)
from wireproof.contract.overlay import digest
from wireproof.contract.paths import child, element
from wireproof.contract.shape import ShapeBuilder
from wireproof.contract.store import read_contract
from wireproof.counts import counted
from wireproof.drift.documented_shape import group_of
from wireproof.drift.finding import Finding, Kind
from wireproof.drift.parse import Unparseable, parse
from wireproof.drift.value_paths import ANY_ELEMENT, ANY_KEY, parent_of, steps, values_at
from wireproof.drift.waivers import write_json
from wireproof.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wireproof.contract.model import Contract, Product

_NOT_ABOUT_THE_SHAPE = {
    Kind.STATUS_CHANGED,
    Kind.ERROR_CODE_CHANGED,
    Kind.UNPARSEABLE,
    Kind.PROTOCOL_VIOLATION,
    Kind.REPEATED_KEY,
    Kind.ERROR_ANSWER,
    Kind.SILENT_STREAM,
    Kind.WEIGHT_CHANGED,
    Kind.UNDOCUMENTED_EVENT,
    Kind.RETIRED_ANSWER,
}

REDACTED = "<redacted "  # begins what stands in the place of a secret, in observations

_MEANINGS = {"kind", "enum", "text", "constant"}


def accept(
    file: Path,
    findings: Iterable[Finding],
    observed: bytes,
    *,
    example: str,
    origin: Origin,
    product: Product,
    written: Path | None = None,
) -> list[str]:
    """Write what was observed into the contract `file`, or a copy of it at `written`, and return what was accepted.

    `observed` is the answer that the findings are about, `example` the name of the example it was compared with, and
    `origin` says where the observation comes from. What is written says so: it is not what the documentation says.
    Raises UsageError when a finding is not about the shape of the answer, or when the answer no longer shows it; then
    nothing is written.
    """
    contract = read_contract(file)
    findings = list(findings)
    if hidden := next((one for one in findings if REDACTED in one.path or REDACTED in one.value), None):
        raise UsageError(
            f"{hidden.kind} at {hidden.path or 'the document'} is about a secret that the answer repeated, and a"
            " contract documents none. Find out why the exchange sends it."
        )
    try:
        document = parse(bounded(observed))
    except Unparseable as problem:
        raise UsageError(f"There is nothing to accept: the answer is {problem}.") from None
    data = json.loads(file.read_text("utf-8"))
    editor = _Editor(contract, product, data, _Answer(document, example, origin))
    # A new variant first: the fields that come with it are then nothing of their own.
    ordered = sorted(findings, key=lambda finding: finding.kind is not Kind.UNDOCUMENTED_VALUE)
    sentences = [editor.accept(finding) for finding in ordered]
    if written is not None and written != file and not data.get("over"):
        data["over"] = digest(file)
    text = json.dumps(data, ensure_ascii=False).encode()
    msgspec.json.decode(text, type=ContractFile)  # what is written can be read again
    write_json(file if written is None else written, text)
    return sentences


class Origin(NamedTuple):
    """Where an answer comes from: the target, and the day on which it was received, ISO 8601."""

    target: str
    day: str


class _Answer(NamedTuple):
    """An answer, the example that it was compared with, and where it comes from."""

    document: Any
    example: str
    origin: Origin


class _Editor:
    """Edits the JSON of one contract file."""

    def __init__(self, contract: Contract, product: Product, data: dict[str, Any], answer: _Answer) -> None:
        self.contract, self.product, self.data, self.document = contract, product, data, answer.document
        self.origin, self.rules = answer.origin, rules_of(product, contract.id)
        self.fresh: dict[str, set[str]] = {}  # the objects of a path, and the fields of the variants that came there
        self.names = [member.name for member in group_of(contract, answer.example)]

    def accept(self, finding: Finding) -> str:
        path = finding.path
        if finding.kind in _NOT_ABOUT_THE_SHAPE:
            raise UsageError(
                f"{finding.kind} at {path or 'the document'} is not about the shape of an answer, so no example or "
                f"refinement can accept it. Change the case's 'expect' in {self.contract.id}, or waive it."
            )
        if finding.kind is Kind.MISSING_FIELD:
            return self._refine(path, optional=True)
        if finding.kind is Kind.NULL_VALUE:
            return self._refine(path, nullable=True)
        observed = self._observed(finding)
        if finding.kind is Kind.UNDOCUMENTED_VALUE:
            return self._enum(path, observed)
        if finding.kind is Kind.VALUE_CHANGED:
            shown = [v for example in self._examples() for v in values_at(example["response"], path)]
            return self._refine(path, constant=list(dict.fromkeys([*shown, *observed])))
        if finding.kind is Kind.UNDOCUMENTED_FORMAT:
            self._replace(path, neutral(next(v for v in observed if isinstance(v, str) and not is_plain_decimal(v))))
            return f"{self.contract.id}: {path} now shows another notation (changed example)."
        if finding.kind is Kind.LENGTH_CHANGED:
            return self._shorten(path, min(len(value) for value in observed))
        if finding.kind in {Kind.UNDOCUMENTED_FIELD, Kind.UNDOCUMENTED_ELEMENT}:
            return self._show(finding, observed)
        return self._kinds(finding, observed)

    def _observed(self, finding: Finding) -> list[Any]:
        found = list(values_at(self.document, finding.path))
        if not found:
            raise UsageError(f"The answer has nothing at {finding.path or 'the document'} that could be accepted.")
        return found

    def _refine(self, path: str, **changes: Any) -> str:
        refinements = self.data.setdefault("refinements", [])
        same = [r for r in refinements if r["path"] == path and "when" not in r and self._covers(r)]
        target = same[0] if same else {"path": path}
        target.update(changes)
        if not same:
            if len({e.when for e in self.contract.examples}) > 1:
                target["examples"] = self.names
            refinements.append(target)
        said = ", ".join(key if value is True else f"{key} {value}" for key, value in changes.items())
        observed = f"{said} observed on {self.origin.target}, {self.origin.day}"
        target["source"] = "; ".join(filter(None, [target.get("source", ""), observed]))
        return f"{self.contract.id}: {path or 'the document'} is now documented as {said} (refinement)."

    def _covers(self, refinement: dict[str, Any]) -> bool:
        return not refinement.get("examples") or set(refinement["examples"]) >= set(self.names)

    def _enum(self, path: str, observed: list[Any]) -> str:
        values = dict.fromkeys(value for value in observed if isinstance(value, str))
        for refinement in self.contract.refinements:
            if refinement.path == path and refinement.enum:
                if isinstance(refinement.enum, str):
                    raise UsageError(
                        f"{path} takes its values from the enumeration {refinement.enum!r} of the product. "
                        f"Add {', '.join(values)} to 'enums' in the product's product.json."
                    )
                return self._refine(path, enum=list(dict.fromkeys([*refinement.enum, *values])))
        rule = self.rules(path)
        if rule is not None and rule.enum:
            # The product's words stay as they are for every other place of the field.
            return self._refine(path, enum=list(dict.fromkeys([*self.product.enums.get(rule.enum, ()), *values])))
        shown = {value for example in self._examples() for value in values_at(example["response"], path)}
        builder = ShapeBuilder([r for r in self.contract.refinements if not r.enum])
        shape = builder.build([example["response"] for example in self._examples()])
        if (path, Decision.VARIANT) not in decisions(shape):
            # The text of a success, which is enumerated as it is shown: this contract gets an enumeration of its own.
            return self._refine(path, enum=[*sorted(filter(None, shown)), *(v for v in values if v not in shown)])
        # The value tells variants apart: the example gets an element of the new variant.
        objects = values_at(self.document, parent_of(path))
        key = steps(path)[-1]
        fresh = {o[key]: o for o in objects if isinstance(o, dict) and o.get(key) in values and o[key] not in shown}
        array = parent_of(parent_of(path))
        for example in self._changed(array):
            for target in values_at(example["response"], array):
                if isinstance(target, list):
                    target.extend({**neutral(o), key: tag} for tag, o in fresh.items())
        self.fresh[parent_of(path)] = {name for new in fresh.values() for name in new}
        return f"{self.contract.id}: {array} now shows {', '.join(map(str, fresh))} (changed example)."

    def _shorten(self, path: str, length: int) -> str:
        for example in self._changed(path):
            for row in values_at(example["response"], path):
                if isinstance(row, list):
                    del row[length:]
        return f"{self.contract.id}: {path} now shows {counted(length, 'element')} (changed example)."

    def _show(self, finding: Finding, observed: list[Any]) -> str:
        path, last = finding.path, steps(finding.path)[-1]
        if last in self.fresh.get(parent_of(path), ()):
            return f"{self.contract.id}: {path} is now shown by the new variant (changed example)."
        value = neutral(next((v for v in observed if v is not None), None))
        longer = max(
            (len(row) for row in values_at(self.document, parent_of(path)) if isinstance(row, list)), default=0
        )
        for example in self._changed(path):
            for target in values_at(example["response"], parent_of(path)):
                if isinstance(target, dict) and isinstance(last, str):
                    target[last] = value
                elif isinstance(target, list) and last is ANY_ELEMENT:
                    target.extend([value] * (longer - len(target) if target else 1))
                elif last is ANY_KEY:
                    raise UsageError(f"{path} has very many new fields. Write a refinement with free_keys by hand.")
        self._decide(path, value)
        if finding.kind is Kind.UNDOCUMENTED_FIELD and finding.occurrences < finding.of:
            self._refine(path, optional=True)
        if any(v is None for v in observed) and value is not None:
            self._refine(path, nullable=True)
        return f"{self.contract.id}: {path} is now shown (changed example)."

    def _kinds(self, finding: Finding, observed: list[Any]) -> str:
        path = finding.path
        value = next((v for v in observed if v is not None), None)
        if finding.kind is Kind.FORMAT_CHANGED and type(value) is int:
            whole = all(fits_integer(v) for v in observed if type(v) is int)
            return self._refine(path, kind="integer" if whole else "number")
        if finding.occurrences == finding.of or isinstance(value, (dict, list)):
            self._replace(path, neutral(value))
            self._decide(path, neutral(value))
            return f"{self.contract.id}: {path or 'the document'} now shows another kind (changed example)."
        shown = [v for example in self._examples() for v in values_at(example["response"], path)]
        name = next((step for step in reversed(steps(path)) if isinstance(step, str)), "")
        kinds = ShapeBuilder().build([*shown, *observed], path, name).scalars
        return self._refine(path, kind="|".join(kind for kind in Scalar if kind in kinds))

    def _decide(self, path: str, value: Any) -> None:
        """Say of each free string of a value that it holds words, unless its name or the product says what it is."""
        decided = {one["path"] for one in self.data.get("refinements", []) if one.keys() & _MEANINGS}
        for at, name in _free_strings(value, path):
            if self.rules(at) is None and not text_of(name) and at not in decided:
                self._refine(at, text="words")

    def _replace(self, path: str, value: Any) -> None:
        for example in self._changed(path):
            if not path:
                example["response"] = value
                continue
            last = steps(path)[-1]
            for target in values_at(example["response"], parent_of(path)):
                if isinstance(target, dict):
                    for key in target if last is ANY_KEY else [last] if last in target else []:
                        target[key] = value
                elif isinstance(target, list):
                    target[:] = [value] * len(target)

    def _changed(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield each example that is about to be changed at a path, and say in it that this was observed."""
        for example in self._examples():
            marks = [mark for mark in example.get("observed", ()) if mark["path"] != path]
            example["observed"] = [*marks, {"path": path, "target": self.origin.target, "date": self.origin.day}]
            yield example

    def _examples(self) -> list[dict[str, Any]]:
        return [example for example in self.data["examples"] if example["name"] in self.names]


def _free_strings(value: Any, path: str, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the generalised path and the name of each string of a neutral value that is no number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _free_strings(inner, child(path, key), key)
    elif isinstance(value, list):
        for inner in value:
            yield from _free_strings(inner, element(path), name)
    elif isinstance(value, str) and not is_decimal(value):
        yield path, name or path.rpartition(".")[2]


def neutral(value: Any) -> Any:
    """Return a value of the same kind that says nothing about the observed one; of an array, its first element."""
    if isinstance(value, dict):
        return {key: neutral(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [neutral(inner) for inner in value[:1]]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return 0.5
    if isinstance(value, int):
        return 1_700_000_000_000 if EARLIEST_MS <= value <= LATEST_MS else 1
    if is_plain_decimal(value) or not is_decimal(value):
        return "0.50" if is_decimal(value) else "text"
    return "5E-1" if "e" in value.lower() else "+0.50"
