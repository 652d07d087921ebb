"""The cases of a contract as of another day: those that send or expect what did not exist then are left out."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wireproof.contract.fields import words_of
from wireproof.contract.paths import walk
from wireproof.contract.tables import named_params
from wireproof.contract.undoing import RETIRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wireproof.contract.dated_changes import DatedChange
    from wireproof.contract.model import Case, Contract, Param, Product


def cases_then(
    now: Contract, then: Contract, undone: Iterable[DatedChange], product: Product
) -> tuple[Contract, dict[str, str]]:
    """Return the contract of then with the cases that it can have, and why the others are left out, by their id.

    `now` is the contract with its cases of today; `undone` are the changes of it that came later.
    """
    undone = list(undone)
    before, since = dict(named_params(then)), dict(named_params(now))
    left: dict[str, str] = {}
    kept: list[Case] = []
    for case in then.cases:
        sends = _sent_later(case, before, since, product)
        why = next(chain(_expected_later(case, then, undone), sends, _watched(case, now, then)), "")
        if why:
            left[case.id] = why
        else:
            kept.append(case)
    base = {name: value for name, value in then.base.items() if name in before or name not in since}
    changed = replace(then, cases=tuple(kept), base=base)
    if left and not kept and not then.no_case:
        changed = replace(changed, no_case="none of its cases could be sent then")
    if then.retired != now.retired and not kept and not changed.no_case:
        changed = replace(changed, no_case="its cases went with it when it was retired")
    return changed, left


def _expected_later(case: Case, then: Contract, undone: list[DatedChange]) -> Iterator[str]:
    for change in undone:
        if change.kind in RETIRED and case.expect is not None:
            yield f"it sees that the request is gone, since {change.date}"
        if case.expect is not None and change.path.startswith("error.") and _expects(case, str(change.after)):
            yield f"it expects what is answered since {change.date}"
        if change.kind == "behaviour" and case.expect is not None and _expects(case, str(change.after)):
            yield f"it expects what is answered since {change.date}"
    if case.example and case.example not in {one.name for one in then.examples}:
        yield f"its example {case.example!r} was not there"


def _sent_later(case: Case, before: Mapping[str, Param], since: Mapping[str, Param], product: Product) -> Iterator[str]:
    sent = dict(_sent(case.params))
    for name, value in sent.items():
        if name in since and name not in before:
            yield f"it sends {name}, which came later"
        elif name in since:
            yield from _value(name, value, before[name], since[name], product)
    if case.expect is None:
        yield from (
            f"it does not send {name}, which was mandatory"
            for name, param in before.items()
            if param.required and name in since and not since[name].required and "[]" not in name and name not in sent
        )


def _expects(case: Case, after: str) -> bool:
    """Whether a case expects nothing but refusals that a change brought, by their codes."""
    codes = {int(code) for code in re.findall(r"-\d{4}\b", after)}
    return case.expect is not None and bool(case.expect.codes) and set(case.expect.codes) <= codes


def _sent(params: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        yield before + name, value
        for element in value if isinstance(value, list) else ():
            if isinstance(element, dict):
                yield from _sent(element, f"{before}{name}[].")


def _value(name: str, value: Any, before: Param, since: Param, product: Product) -> Iterator[str]:
    words, later = words_of(before.enum, product), words_of(since.enum, product)
    values = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str | int)]
    for one in values:
        if words and str(one) in later and str(one) not in words:
            yield f"it sends {name} {one}, which came later"
    if before.maximum is not None and isinstance(value, int) and value > before.maximum != since.maximum:
        yield f"it sends {name} {value}, and at most {before.maximum} were allowed"


def _watched(case: Case, now: Contract, then: Contract) -> Iterator[str]:
    """Yield the fields by which a case tells its messages, and which were not there yet."""
    if case.watch is None or not case.watch.sequence:
        return
    had = {path for example in then.examples for path, _ in walk(example.response)}
    has = {path for example in now.examples for path, _ in walk(example.response)}
    for one in case.watch.sequence:
        for path in one:
            if path in has and path not in had:
                yield f"it waits for {path}, which came later"
