"""What leaves the judge leaves it without secrets: every text of a finding, a result and a run.

Whatever is added to those later is redacted as well: what is left out is named here, not what is redacted.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.paths import child, element
from wireproof.drift.finding import VALUE_KINDS, Finding, fingerprint
from wireproof.drift.value_paths import ANY_ELEMENT, ANY_KEY, steps
from wireproof.suite.judging.message_batches import counted_together
from wireproof.wire.secrets.pieces import is_random

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.store import Store
    from wireproof.results.model import CaseResult, RunResult
    from wireproof.wire.secrets.redact import Redactor

S = TypeVar("S", bound=Struct)
T = TypeVar("T")

#: Fields that hold nothing but what is in the contracts or made by wireproof itself.
OWN = frozenset(
    {
        *("id", "run", "case", "contract", "contracts", "product", "surface", "subject", "title", "example", "kind"),
        *("docs_url", "documented", "documented_when", "fingerprint", "coverage", "strength", "sights", "unseen"),
    }
)


def ordinary_words(store: Store) -> Iterator[str]:
    """Yield the names of fields, the words and the subjects that contracts document, some more than once."""
    for contract in store.contracts.values():
        yield contract.name
        for example in contract.examples:
            yield from _words(example.response)
    for product in store.products.values():
        for words in product.enums.values():
            yield from words


def _words(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from _words(value)
    elif isinstance(document, list):
        for value in document:
            yield from _words(value)
    elif isinstance(document, str) and not is_random(document):
        yield document


def clean_run(run: RunResult, redactor: Redactor) -> None:
    """Redact everything of a run that reports may show, in place."""
    for case in run.cases:
        clean_result(case, redactor)
    _clean_fields(run, redactor, except_for=OWN | {"cases"})


def clean_result(result: CaseResult, redactor: Redactor) -> None:
    """Redact everything of a result that reports may show, in place."""
    _clean_fields(result, redactor, except_for=OWN)


def clean_findings(findings: Iterable[Finding], redactor: Redactor) -> list[Finding]:
    """Return the findings without secrets; those that do not differ any more are one.

    Their fingerprints are those of what is shown: they would be others tomorrow, when the signature is another one.
    """
    findings = list(findings)
    cleaned = [clean_finding(finding, redactor) for finding in findings]
    if all(one is other for one, other in zip(cleaned, findings, strict=True)):
        return findings
    return counted_together([cleaned], max(finding.of for finding in cleaned))


def clean_finding(finding: Finding, redactor: Redactor) -> Finding:
    """Return a finding without secrets; the same one when it holds none."""
    cleaned = _of_struct(finding, redactor, except_for=OWN | {"path"})
    path = _path(finding.path, redactor)
    if path == finding.path and cleaned.value == finding.value:
        return cleaned
    value = cleaned.value if finding.kind in VALUE_KINDS else ""
    known_as = fingerprint(finding.contract, path, finding.kind, value)
    return replace(cleaned, path=path, fingerprint=known_as)


def _path(path: str, redactor: Redactor) -> str:
    """Return a path in which names of fields hold no secret, written like that of a document without it."""
    if redactor.text(path) == path:
        return path
    shown = ""
    for step in steps(path):
        if step is ANY_ELEMENT:
            shown = element(shown)
        elif step is ANY_KEY:
            shown = f"{shown}.*" if shown else "*"
        else:
            shown = f"{shown}[{step}]" if isinstance(step, int) else child(shown, redactor.text(step))
    return redactor.text(shown)


def _clean_fields(value: Struct, redactor: Redactor, *, except_for: frozenset[str]) -> None:
    for name, cleaned in _changed(value, redactor, except_for=except_for).items():
        setattr(value, name, cleaned)


def _clean(value: Any, redactor: Redactor) -> Any:
    """Return a value without secrets in any of its texts, names of fields included; the same one if it holds none."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return _same(value, redactor.text(value))
    if isinstance(value, Finding):
        return clean_finding(value, redactor)
    if isinstance(value, Struct):
        return _of_struct(value, redactor, except_for=OWN)
    if isinstance(value, dict):
        return _same(value, {_clean(name, redactor): _clean(item, redactor) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return _same(value, type(value)(_clean(item, redactor) for item in value))
    return value


def _of_struct(value: S, redactor: Redactor, *, except_for: frozenset[str]) -> S:
    changed = _changed(value, redactor, except_for=except_for)
    return replace(value, **changed) if changed else value


def _changed(value: Struct, redactor: Redactor, *, except_for: frozenset[str]) -> dict[str, Any]:
    """Return the fields that hold a secret, without it."""
    changed = {}
    for name in value.__struct_fields__:
        if name not in except_for:
            before = getattr(value, name)
            after = _clean(before, redactor)
            if after is not before:
                changed[name] = after
    return changed


def _same(before: T, after: T) -> T:
    return before if before == after else after
