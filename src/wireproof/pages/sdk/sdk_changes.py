"""How two versions of an SDK differ: in requests, parameters, fields of answers, and words, as findings call it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from wireproof.contract.paths import is_below
from wireproof.pages.changes import (
    ADDITIVE,
    BREAKING,
    RISKY,
    Change,
    by_severity,
    is_topmost,
    parameter_changes,
    weight_in_words,
)
from wireproof.pages.same import same_speed, same_weight, same_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.pages.sdk.described import Described

#: What a report cites of a sentence.
_CITED = 160


def between(
    old: Mapping[tuple[str, str], Described], new: Mapping[tuple[str, str], Described], product: str
) -> list[Change]:
    """Return how the entries of one version differ from those of an older one, worst first."""
    out: list[Change] = []
    by_model = {entry.model: key for key, entry in new.items() if entry.model and key not in old}
    # An older generator names events after their classes.
    old = {by_model.get(entry.model, key) if key not in new else key: entry for key, entry in old.items()}
    for key, entry in old.items():
        if key not in new:
            out.append(gone_contract(f"{product}/{entry.id}", named(entry)))
    for key, entry in new.items():
        if key not in old:
            out.append(new_contract(entry, product))
        else:
            out += _entry(f"{product}/{entry.id}", old[key], entry)
    return by_severity(out)


def named(entry: Described) -> str:
    """Return what a person calls it: verb and path, method, pattern, event."""
    return f"{entry.name} {entry.path}".strip()


def new_contract(entry: Described, product: str) -> Change:
    """Return the change that an entry is which the older version, or the store, lacks."""
    return Change(
        contract=f"{product}/{entry.id}", what="new contract", detail=named(entry), kind="undocumented-field",
        severity=ADDITIVE,
    )  # fmt: skip


def gone_contract(contract: str, name: str) -> Change:
    """Return the change that a contract is, by its id and what a person calls it, which the newer version lacks."""
    return Change(contract=contract, what="contract gone", detail=name, kind="missing-field", severity=BREAKING)


def _entry(contract: str, old: Described, new: Described) -> list[Change]:
    out: list[Change] = []

    def add(what: str, detail: str, kind: str = "", severity: str = "", where: str = "") -> None:
        out.append(Change(contract=contract, what=what, where=where, detail=detail, kind=kind, severity=severity))

    if old.title and new.title and not same_words(old.title, new.title):
        add("title", f"{old.title} → {new.title}")
    if old.url and new.url and old.url != new.url:
        add("address", f"{old.url} → {new.url}")
    if old.security is not None and new.security is not None and old.security != new.security:
        add("security", f"{old.security.value} → {new.security.value}", "type-changed", BREAKING)
    if old.weight is not None and new.weight is not None:
        if not same_weight(old.weight, new.weight, new.params):
            add("weight", f"{weight_in_words(old.weight)} → {weight_in_words(new.weight)}", "undocumented-value", RISKY)
    elif old.weight_words and new.weight_words and not same_words(old.weight_words, new.weight_words):
        add("weight", _cited(f"{old.weight_words} → {new.weight_words}"), "undocumented-value", RISKY)
    if old.speed and new.speed and not same_speed(old.speed, new.speed):
        add("update speed", f"{old.speed} → {new.speed}", "undocumented-value", RISKY)
    if new.deprecated and not old.deprecated:
        add("deprecated", "", "undocumented-value", RISKY)
    out += parameter_changes(contract, old.params, new.params)
    out += field_changes(contract, old, new)
    for what, where, detail in _words(old, new):
        add(what, detail, where=where)
    return out


def field_changes(contract: str, old: Described, new: Described) -> list[Change]:
    """Return the fields that came, went and changed their kind, the topmost of each branch only.

    Where either side leaves open what stands below a path, nothing is said of what the other has there. A kind is
    compared only where both name one: what is anything is no change to what something is.
    """
    out: list[Change] = []
    before, after = old.fields, new.fields
    gone = {path for path in before.keys() - after.keys() if not _is_below(path, new.open_paths)}
    came = {path for path in after.keys() - before.keys() if not _is_below(path, old.open_paths)}
    for what, paths, kinds, kind, severity in (
        ("field gone", gone, before, "missing-field", BREAKING),
        ("field added", came, after, "undocumented-field", ADDITIVE),
    ):
        told = (path for path in sorted(paths) if path and not path.endswith("[]") and is_topmost(path, paths))
        out += [
            Change(contract=contract, what=what, where=path, detail=_kinds(kinds[path]), kind=kind, severity=severity)
            for path in told
        ]
    for path in sorted(before.keys() & after.keys()):
        if not same_kinds(before[path], after[path]):
            detail = f"{_kinds(before[path])} → {_kinds(after[path])}"
            out.append(
                Change(contract=contract, what="type changed", where=path, detail=detail, kind="type-changed",
                       severity=BREAKING)
            )  # fmt: skip
    return out


def same_kinds(old: Iterable[str], new: Iterable[str]) -> bool:
    """Whether a reader of a field notices nothing; a whole number where fractions were is none."""
    here, there = set(old), set(new)
    if "any" in here | there or not here or not there:
        return True
    come = there - here
    return not come or (come == {"integer"} and "number" in here)


def _is_below(path: str, open_paths: Iterable[str]) -> bool:
    return any(is_below(path, above) or (not above and path != above) for above in open_paths)


def _kinds(kinds: Iterable[str]) -> str:
    return " or ".join(sorted(kinds))


def _words(old: Described, new: Described) -> list[tuple[str, str, str]]:
    """Return the sentences that came and went, of the whole and of each parameter and field that both have."""
    out: list[tuple[str, str, str]] = []
    before, after = Counter(map(_plain, old.words)), Counter(map(_plain, new.words))
    out += [("words added", "", _cited(one)) for one in new.words if not before[_plain(one)]]
    out += [("words gone", "", _cited(one)) for one in old.words if not after[_plain(one)]]
    for where in sorted(old.field_words.keys() & new.field_words.keys()):
        here, there = old.field_words[where], new.field_words[where]
        if _plain(here) != _plain(there):
            out.append(("words changed", where.removeprefix("parameter "), f"{_cited(here)} → {_cited(there)}"))
    for where in sorted(new.field_words.keys() - old.field_words.keys()):
        name = where.removeprefix("parameter ")
        if name in old.fields or any(param.name == name for param in old.params):
            out.append(("words added", name, _cited(new.field_words[where])))
    return out


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _cited(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CITED else f"{line[: _CITED - 1]}…"
