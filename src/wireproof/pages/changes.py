"""How a contract on a page differs from the one in the store, in the words that findings use.

Kinds and severities are DESIGN.md's, applied to documentation: what drifts here is what the exchange promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.contract.model import Event, Request, Stream
from wireproof.contract.paths import is_below
from wireproof.pages.merge import matched
from wireproof.pages.outline import holds, outline, says_the_same
from wireproof.pages.same import same_default, same_speed, same_values, same_weight, same_words, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Contract, Example, Param, Weight, WeightRule

ADDITIVE, RISKY, BREAKING = "additive", "risky", "breaking"


class Change(Struct, frozen=True, kw_only=True):
    """One difference. `kind` is empty for what is told but judged nowhere: a title, an address."""

    contract: str
    what: str  # new contract, changed example, parameter added, field gone, ...
    where: str = ""  # generalised path, parameter, or name of an example
    detail: str = ""
    kind: str = ""
    severity: str = ""


def changes_of(old: Contract | None, new: Contract, enums: Mapping[str, tuple[str, ...]] | None = None) -> list[Change]:
    """Return the differences between the store's contract and the merged one, worst first.

    `enums` are the product's enumerations, which parameters name.
    """
    known: Mapping[str, tuple[str, ...]] = enums or {}
    if old is None:
        return [
            Change(contract=new.id, what="new contract", detail=new.name, kind="undocumented-field", severity=ADDITIVE)
        ]
    out = [
        *_facts(old, new),
        *subject_changes(old, new),
        *parameter_changes(new.id, old.params, new.params, known),
        *_examples(old, new),
        *_refinements(old, new, known),
    ]
    out = list(dict.fromkeys(out))
    if not out and old != new:
        out.append(Change(contract=new.id, what="other", detail="nothing that readers of answers notice"))
    return by_severity(out)


def by_severity(changes: Iterable[Change]) -> list[Change]:
    """Return changes worst first, those of one severity in their order."""
    return sorted(changes, key=lambda change: [BREAKING, RISKY, ADDITIVE, ""].index(change.severity))


def _changed(  # noqa: PLR0917  # one row of the table, in its order
    contract: str, what: str, before: object, after: object, kind: str, severity: str, where: str = ""
) -> list[Change]:
    if before == after:
        return []
    return [
        Change(contract=contract, what=what, where=where, detail=f"{before} → {after}", kind=kind, severity=severity)
    ]


def _facts(old: Contract, new: Contract) -> list[Change]:
    out = [] if same_words(old.title, new.title) else _changed(new.id, "title", old.title, new.title, "", "")
    out += _changed(new.id, "address", old.docs_url, new.docs_url, "", "")
    if new.deprecated and not old.deprecated:
        out.append(Change(contract=new.id, what="deprecated", kind="undocumented-value", severity=RISKY))
    elif old.deprecated and not new.deprecated:
        out.append(Change(contract=new.id, what="no longer deprecated", kind="undocumented-value", severity=ADDITIVE))
    return out


def subject_changes(old: Contract, new: Contract) -> list[Change]:
    """Return the differences in what a request must carry and costs, or in the name and pace of a stream or event."""
    out: list[Change] = []
    match old.subject, new.subject:
        case Request() as before, Request() as after:
            out += _changed(new.id, "security", before.security.value, after.security.value, "type-changed", BREAKING)
            if not same_weight(before.weight, after.weight, after.params):
                detail = f"{weight_in_words(before.weight)} → {weight_in_words(after.weight)}"
                out.append(
                    Change(contract=new.id, what="weight", detail=detail, kind="undocumented-value", severity=RISKY)
                )
        case (Stream() | Event()) as before, (Stream() | Event()) as after:
            out += _changed(new.id, "name", before.name, after.name, "type-changed", BREAKING)
            out += _changed(new.id, "route", before.route, after.route, "type-changed", BREAKING)
            if not same_speed(before.update_speed, after.update_speed):
                speeds = before.update_speed, after.update_speed
                out += _changed(new.id, "update speed", *speeds, "undocumented-value", RISKY)
    return out


def weight_in_words(weight: Weight) -> str:
    """Return a weight in a few words: `40, symbol given 1`, `0, orders 1 in 10 s`."""
    words = [str(weight.ip)]
    words += [f"{weight.uid} for the account"] if weight.uid else []
    words += [
        f"orders {count} in {span}" for count, span in ((weight.orders_10s, "10 s"), (weight.orders_1m, "1 m")) if count
    ]
    return ", ".join([*words, *map(_rule, weight.rules)])


def _rule(rule: WeightRule) -> str:
    if rule.given is not None:
        return f"{rule.param} {'given' if rule.given else 'omitted'} {rule.ip}"
    if rule.at_most is not None:
        return f"{rule.param} at most {rule.at_most} {rule.ip}"
    return f"{rule.param} {'/'.join(map(str, rule.one_of))} {rule.ip}"


def parameter_changes(
    contract: str,
    old: tuple[Param, ...],
    new: tuple[Param, ...],
    enums: Mapping[str, tuple[str, ...]] | None = None,
    within: str = "",
) -> list[Change]:
    """Return the differences of two tables of parameters; `within` is the path of the list that they describe."""
    enums = enums or {}
    before, after = {p.name: p for p in old}, {p.name: p for p in new}
    out: list[Change] = []
    for name, param in before.items():
        if name not in after:
            out.append(
                Change(contract=contract, what="parameter gone", where=within + name, detail=param.type,
                       kind="missing-field", severity=BREAKING)
            )  # fmt: skip
    for name, param in after.items():
        if name in before:
            out += _parameter(contract, before[name], param, enums, within)
        else:
            detail = f"{param.type}, {'mandatory' if param.required else 'optional'}"
            kind, severity = ("missing-field", BREAKING) if param.required else ("undocumented-field", ADDITIVE)
            out.append(
                Change(
                    contract=contract,
                    what="parameter added",
                    where=within + name,
                    detail=detail,
                    kind=kind,
                    severity=severity,
                )
            )
    return out


def _parameter(
    contract: str, old: Param, new: Param, enums: Mapping[str, tuple[str, ...]], within: str
) -> list[Change]:
    where = within + new.name
    out = _changed(contract, "parameter's type", old.type, new.type, "type-changed", BREAKING, where)
    if old.required != new.required:
        what, severity = ("parameter now mandatory", BREAKING) if new.required else ("parameter now optional", ADDITIVE)
        out.append(Change(contract=contract, what=what, where=where, kind="type-changed", severity=severity))
    if not same_values(old.enum, new.enum, enums):
        detail = _values_changed(values_of(old.enum, enums), values_of(new.enum, enums))
        what, kind = "parameter's values", "undocumented-value"
        out.append(Change(contract=contract, what=what, where=where, detail=detail, kind=kind, severity=RISKY))
    if not same_default(old.default, new.default):
        defaults = old.default, new.default
        out += _changed(contract, "parameter's default", *defaults, "undocumented-value", RISKY, where)
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        out += _changed(contract, "parameter's range", _span(old), _span(new), "undocumented-value", RISKY, where)
    return out + parameter_changes(contract, old.items, new.items, enums, f"{where}[].")


def _values_changed(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """Return which values came and went: `GTX came; GTD, RPI went`."""
    if not old or not new:
        return f"{', '.join(old) or 'any'} → {', '.join(new) or 'any'}"
    came, went = [value for value in new if value not in old], [value for value in old if value not in new]
    parts = [f"{', '.join(values)} {verb}" for values, verb in ((came, "came"), (went, "went")) if values]
    return "; ".join(parts)


def _span(param: Param) -> str:
    return f"{'' if param.minimum is None else param.minimum}..{'' if param.maximum is None else param.maximum}"


def _examples(old: Contract, new: Contract) -> list[Change]:
    out: list[Change] = []
    pairs = matched(old.examples, new.examples)
    used = [before for before, _ in pairs if before is not None]
    for before, after in pairs:
        if before is None:
            out.append(
                Change(
                    contract=new.id, what="new example", where=after.name, kind="undocumented-field", severity=ADDITIVE
                )
            )
        elif not (says_the_same(before.response, after.response) and says_the_same(before.request, after.request)):
            found = _fields(new.id, before, after)
            out += found
            if not found:
                out.append(Change(contract=new.id, what="changed example", where=after.name, detail="values only"))
    out += [
        Change(contract=new.id, what="called conditional", where=path, detail=f"by a comment of example {after.name}")
        for before, after in pairs
        for path in after.conditional
        if before is not None and path not in before.conditional
    ]
    out += [
        Change(contract=new.id, what="example gone", where=example.name, kind="missing-field", severity=RISKY)
        for example in old.examples
        if example not in used
    ]
    return out


def _fields(contract: str, old: Example, new: Example) -> list[Change]:
    """Return the fields that went, came and changed between two examples, the topmost of each branch only."""
    before, after = outline(old.response), outline(new.response)
    out: list[Change] = []

    def add(what: str, path: str, detail: str, kind: str, severity: str) -> None:
        out.append(Change(contract=contract, what=what, where=path, detail=detail, kind=kind, severity=severity))

    for path in sorted(before.keys() - after.keys()):
        if is_topmost(path, before.keys() - after.keys()):
            if path.endswith("[]"):
                add("element gone", path, "the list is empty now", "length-changed", RISKY)
            else:
                add("field gone", path, _kinds(before[path]), "missing-field", BREAKING)
    for path in sorted(after.keys() - before.keys()):
        if is_topmost(path, after.keys() - before.keys()):
            if path.endswith("[]"):
                add("element added", path, _kinds(after[path]), "undocumented-element", ADDITIVE)
            else:
                add("field added", path, _kinds(after[path]), "undocumented-field", ADDITIVE)
    for path in sorted(before.keys() & after.keys()):
        if kind := _kind_change(before[path], after[path]):
            add("type changed", path, f"{_kinds(before[path])} → {_kinds(after[path])}", kind, BREAKING)
    return out


def is_topmost(path: str, paths: set[str]) -> bool:
    """Whether none of the paths is above a path."""
    return not any(is_below(path, other) for other in paths if other)


def _kinds(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _kind_change(old: set[str], new: set[str]) -> str:
    """Return the kind of finding that a change of kinds is; empty for none that a reader of the field would notice."""
    gone, come = old - new, new - old
    if not come or (come == {"integer"} and "number" in old):
        return ""
    if come == {"null"}:
        return "null-value"
    if gone == {"decimal"} and come == {"string"}:
        return "format-changed"
    if come == {"decimal"} and "string" in old:
        return ""
    return "type-changed"


def _refinements(old: Contract, new: Contract, enums: Mapping[str, tuple[str, ...]]) -> list[Change]:
    """Report refinements added, and those whose path the examples no longer show though they did."""
    out = [
        Change(
            contract=new.id,
            what="refinement added",
            where=r.path,
            detail=_refined(r),
            kind="undocumented-value",
            severity=ADDITIVE,
        )
        for r in new.refinements
        if r not in old.refinements
    ]
    had_words = {r.path: values_of(r.enum, enums) for r in old.refinements}
    for r in new.refinements:
        before, after = had_words.get(r.path, ()), values_of(r.enum, enums)
        if before and after and set(before) != set(after):
            detail = _values_changed(before, after)
            what, kind = "field's values", "undocumented-value"
            out.append(Change(contract=new.id, what=what, where=r.path, detail=detail, kind=kind, severity=RISKY))
    names = {example.name for example in new.examples}
    out += [
        Change(
            contract=new.id, what="case without example", where=case.id, detail=f"no example {case.example!r} any more"
        )
        for case in new.cases
        if case.example and case.example not in names
    ]
    had = {path for example in old.examples for path in outline(example.response)}
    has = {path for example in new.examples for path in outline(example.response)}
    out += [
        Change(
            contract=new.id,
            what="refinement without path",
            where=r.path,
            detail="no example shows it any more; edit or delete it",
        )
        for r in new.refinements
        if holds(had, r.path) and not holds(has, r.path)
    ]
    return out


def _refined(refinement: object) -> str:
    fields = ("optional", "nullable", "kind", "enum", "when")
    said = [name for name in fields if getattr(refinement, name)]
    return ", ".join(said)
