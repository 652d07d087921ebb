"""Whether the store says what the dated changes say: the last change of each part decides."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from wireproof.contract.dated_changes import in_order
from wireproof.contract.fields import path_pattern, rules_of
from wireproof.contract.paths import walk
from wireproof.contract.tables import named_params

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.contract.dated_changes import Changes, DatedChange
    from wireproof.contract.model import Contract, Product


def contradictions(changes: Changes, contracts: Mapping[str, Contract], product: Product) -> Iterator[str]:
    """Yield a sentence for each part of a contract that is not as its last documented change left it.

    What only the wire shows is documented nowhere, so it decides nothing. Changes of behaviour, hosts, weights and
    types, and limits of anything but a parameter, are not compared.
    """
    last: dict[tuple[str, ...], DatedChange] = {}
    newest: dict[str, str] = {}
    for change in in_order(changes.changes):
        if not change.documented or change.environment:
            continue
        for contract_id in change.contracts:
            if contract_id in contracts:
                last[(contract_id, *_part(change))] = change
                newest[contract_id] = max(newest.get(contract_id, ""), change.documented)
    for (contract_id, *_), change in last.items():
        if not change.kept and (problem := _problem(change, contracts[contract_id], product)):
            told = f"{contract_id}: {change.kind} {change.path} of {change.date}: {problem}"
            yield f"{told} Follow {change.links[0]}, list the later change, or say in 'kept' why not."
    for contract_id, day in newest.items():
        if (revised := contracts[contract_id].revised) < day:
            yield f"{contract_id}: revised {revised}, and a change of {day} is listed. Set 'revised' to that day."
    retired = {key[0] for key, change in last.items() if change.kind.endswith("-retired")}
    for contract_id, contract in contracts.items():
        if contract.retired and contract_id not in retired:
            yield f"{contract_id}: retired {contract.retired}, and no change says so."


def _part(change: DatedChange) -> tuple[str, ...]:
    """Return what a change is about: of two changes of the same part, the later one holds."""
    subject, _, verb = change.kind.rpartition("-")
    if verb == "mandatory":
        subject = "mandatory"
    elif subject in {"request", "stream", "event"}:
        subject = "contract"
    value = str(change.after if verb == "added" else change.before) if subject == "enum-value" else ""
    return (subject, change.path, value)


def _problem(change: DatedChange, contract: Contract, product: Product) -> str:
    match change.kind:
        case "field-added" if not _shows(contract, change.path):
            return "no example shows the field and no refinement names it."
        case "field-removed" if _shows(contract, change.path):
            return "the field is still there."
        case "param-added" if change.path not in dict(named_params(contract)):
            return "the table has no such parameter."
        case "param-removed" if change.path in dict(named_params(contract)):
            return "the parameter is still in the table."
        case "param-mandatory":
            return _wrongly_mandatory(change, contract)
        case "enum-value-added" if str(change.after) not in (words := _words(contract, product, change.path)):
            return f"{change.after} is not among its words ({', '.join(words) or 'none'})."
        case "enum-value-removed" if str(change.before) in _words(contract, product, change.path):
            return f"{change.before} is still among its words."
        case "limit-changed":
            param = dict(named_params(contract)).get(change.path)
            if param is not None and isinstance(change.after, int) and param.maximum != change.after:
                return f"the largest value is {param.maximum}, not {change.after}."
        case "request-retired" | "stream-retired" | "event-retired" if contract.retired != change.date:
            return f"'retired' is {contract.retired or 'not set'}."
        case "request-added" | "stream-added" | "event-added" if contract.retired:
            return f"it is retired since {contract.retired}."
    return ""


def _wrongly_mandatory(change: DatedChange, contract: Contract) -> str:
    wanted = change.after == "mandatory"
    params = dict(named_params(contract))
    for name in change.path.split(", "):
        if name not in params:
            return f"the table has no parameter {name}."
        if params[name].required is not wanted:
            return f"{name} is {'mandatory' if params[name].required else 'optional'}."
    return ""


def _shows(contract: Contract, path: str) -> bool:
    shown = chain.from_iterable(walk(example.response) for example in contract.examples)
    if any(path == one for one, _ in shown):
        return True
    places = [f"{one.path}.*".removeprefix(".") if one.free_keys else one.path for one in contract.refinements]
    return any(path_pattern(place).fullmatch(path) is not None for place in places)


def _words(contract: Contract, product: Product, path: str) -> tuple[str, ...]:
    """Return the documented words of a parameter, or of a field where no parameter has that path."""
    if (param := dict(named_params(contract)).get(path)) is not None:
        named: list[tuple[str, ...] | str] = [param.enum]
    else:
        rule = rules_of(product, contract.id)(path)
        named = [one.enum or tuple(map(str, one.constant)) for one in contract.refinements if one.path == path]
        named += [rule.enum or tuple(map(str, rule.constant))] if rule is not None else []
    lists = (product.enums.get(words, ()) if isinstance(words, str) else words for words in named)
    return tuple(chain.from_iterable(lists))
