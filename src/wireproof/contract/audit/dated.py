"""Whether the store says what the dated changes say: the last change of each part decides."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from wireproof.contract.dated_changes import in_order, part
from wireproof.contract.fields import path_pattern, rules_of, words_of
from wireproof.contract.model import Event, Request, Stream
from wireproof.contract.paths import walk
from wireproof.contract.tables import named_params
from wireproof.contract.undoing import stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wireproof.contract.dated_changes import Changes, DatedChange
    from wireproof.contract.model import Contract, Product


def contradictions(changes: Changes, contracts: Mapping[str, Contract], product: Product) -> Iterator[str]:
    """Yield a sentence for each part of a contract that is not as its last documented change left it.

    What only the wire shows is documented nowhere, so it decides nothing. Changes of behaviour, weights and limits in
    words (`20 or 40`), and limits of anything but a parameter, are said by no contract, so they are not compared.
    """
    last: dict[tuple[str, ...], DatedChange] = {}
    newest: dict[str, str] = {}
    for change in in_order(changes.changes):
        if not change.documented or change.environment or change.pending:
            continue
        for contract_id in change.contracts:
            if contract_id in contracts:
                last[(contract_id, *part(change))] = change
                newest[contract_id] = max(newest.get(contract_id, ""), change.documented)
    for (contract_id, *_), change in last.items():
        if not change.kept and (problem := _problem(change, contracts[contract_id], product)):
            told = f"{_told(contract_id, change)}: {problem}"
            yield f"{told} Follow {change.links[0]}, list the later change, or say in 'kept' why not."
    for (contract_id, *_), change in last.items():
        if change.kept and _is_compared(change) and not _problem(change, contracts[contract_id], product):
            yield f"{_told(contract_id, change)} is 'kept', and the store says it. Delete 'kept'."
    for change in changes.changes:
        for contract_id in change.contracts if change.pending and _is_compared(change) else ():
            if contract_id in contracts and not _problem(change, contracts[contract_id], product):
                told = _told(contract_id, change)
                yield f"{told} is 'pending', and the store says it. Delete 'pending' and its patch."
    for contract_id, day in newest.items():
        if (revised := contracts[contract_id].revised) < day:
            yield f"{contract_id}: revised {revised}, and a change of {day} is listed. Set 'revised' to that day."
    retired = {key[0] for key, change in last.items() if change.kind.endswith("-retired")}
    for contract_id, contract in contracts.items():
        if contract.retired and contract_id not in retired:
            yield f"{contract_id}: retired {contract.retired}, and no change says so."


def anachronisms(changes: Changes, contracts: Mapping[str, Contract], product: Product, day: str) -> Iterator[str]:
    """Yield a sentence for each part of a contract as of a day that is as a later change made it.

    A part that changed before as well is not compared, nor one of which nobody knows what it was.
    """
    met: set[tuple[str, ...]] = set()
    for change in in_order(changes.changes):
        if not change.documented or change.environment or change.kept:
            continue
        for contract_id in change.contracts:
            key = (contract_id, *part(change))
            is_first, contract = key not in met, contracts.get(contract_id)
            met.add(key)
            if change.date <= day or contract is None or not is_first or not _is_compared(change):
                continue
            edits = stated(change, contract_id)
            is_known = not any(one.unknown or one.already for one in edits) and (
                bool(edits) or change.kind != "param-removed"
            )
            if is_known and _speaks_of(contract, change) and not _problem(change, contract, product):
                yield f"{_told(contract_id, change)} is there on {day} already."


def _told(contract_id: str, change: DatedChange) -> str:
    return f"{contract_id}: {change.kind} {change.path} of {change.date}"


#: Kinds whose effect a contract shows, so that it can be looked for.
_COMPARED = frozenset(
    {"field-added", "field-removed", "field-type-changed", "param-added", "param-removed", "param-mandatory"}
    | {"enum-value-added", "enum-value-removed"}
)


def _is_compared(change: DatedChange) -> bool:
    return change.kind in _COMPARED or change.kind.endswith("-retired")


def _speaks_of(contract: Contract, change: DatedChange) -> bool:
    """Whether a contract can say anything of what a change is about: the object of a field is shown, a row is there."""
    if change.kind == "field-removed":
        above = change.path.rpartition(".")[0]
        return not above or _shows(contract, above)
    if change.kind == "field-added":
        return not _is_free(contract, change.path)
    if change.kind in {"param-mandatory", "enum-value-added", "enum-value-removed", "field-type-changed"}:
        names = change.path.split(", ")
        return all(name in dict(named_params(contract)) or _shows(contract, name) for name in names)
    return True


def _is_free(contract: Contract, path: str) -> bool:
    """Whether a path is a key of a map, whose keys no contract names."""
    maps = [f"{one.path}.*".removeprefix(".") for one in contract.refinements if one.free_keys]
    return any(path_pattern(place).fullmatch(path) is not None for place in maps)


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
        case "enum-value-added" | "enum-value-removed" if not _names(contract, change.path):
            return "no parameter has that path, and no example shows such a field."
        case "enum-value-added" if str(change.after) not in (words := _words(contract, product, change.path)):
            return f"{change.after} is not among its words ({', '.join(words) or 'none'})."
        case "enum-value-removed" if str(change.before) in _words(contract, product, change.path):
            return f"{change.before} is still among its words."
        case "limit-changed":
            param = dict(named_params(contract)).get(change.path)
            if param is not None and isinstance(change.after, int) and param.maximum != change.after:
                return f"the largest value is {param.maximum}, not {change.after}."
        case "field-type-changed":
            return _wrong_kind(change, contract)
        case "weight-changed" if isinstance(contract.subject, Request) and change.path in {"", "weight"}:
            ip = contract.subject.weight.ip
            if str(change.after).isdigit() and str(ip) != str(change.after):
                return f"the weight is {ip}, not {change.after}."
        case "host-moved" if (
            isinstance(contract.subject, Stream | Event)
            and f"/{contract.subject.route}/"
            not in (str(change.after).replace("?", "/?").replace("{", "/").replace("}", "/").replace(",", "/"))
            and contract.subject.route
        ):
            return f"the route is {contract.subject.route}, not one of {change.after}."
        case "request-retired" | "stream-retired" | "event-retired" if contract.retired != change.date:
            return f"'retired' is {contract.retired or 'not set'}."
        case "request-added" | "stream-added" | "event-added" if contract.retired:
            return f"it is retired since {contract.retired}."
    return ""


def _names(contract: Contract, path: str) -> bool:
    return path in dict(named_params(contract)) or not contract.examples or _shows(contract, path)


_JSON_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def _wrong_kind(change: DatedChange, contract: Contract) -> str:
    """Return a sentence when an example shows another JSON type than a change left at its path."""
    names = str(change.after).split(" or ")
    if any(name not in _JSON_KINDS for name in names):
        return ""  # a kind of text, which is a string to JSON
    allowed = [kind for name in names for kind in _JSON_KINDS[name]]
    shown = {type(value) for one in contract.examples for path, value in walk(one.response) if path == change.path}
    if wrong := shown - set(allowed):
        return f"an example shows {', '.join(sorted(kind.__name__ for kind in wrong))}, not {change.after}."
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
        if rule is not None and not any(named):  # what the contract says itself comes first
            named = [rule.enum or tuple(map(str, rule.constant))]
    above, _, key = path.rpartition(".")
    if any(one.path == above and one.variants_by == key for one in contract.refinements):
        named.append(tuple(str(value) for one in contract.examples for at, value in walk(one.response) if at == path))
    return tuple(chain.from_iterable(words_of(words, product) for words in named))
