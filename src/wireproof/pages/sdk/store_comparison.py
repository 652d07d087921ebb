"""How an SDK differs from the store's contracts, and the contracts as they would be with what it says.

An SDK says less than a page. Its models make every field optional, cut examples short, merge the variants of an
answer, write whole numbers for decimals and leave words and ranges out. So what it does not say is no difference:

* a parameter without words, default or range keeps the contract's; an ENUM may be a STRING, an INT a LONG;
* an empty model, `Any` and a map say nothing of what is in them, an example without elements neither;
* a field that is only observed, or in an object with free keys, is compared by its shape or not at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from wireproof.contract.model import Event, Param, Request, Stream, Surface
from wireproof.contract.paths import is_below
from wireproof.pages.changes import RISKY, Change, by_severity, parameter_changes, subject_changes
from wireproof.pages.outline import outline
from wireproof.pages.same import same_speed, same_values, same_weight, values_of
from wireproof.pages.sdk.described import Described, wire_key
from wireproof.pages.sdk.sdk_changes import field_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.contract.model import Contract, ParamType, Weight
    from wireproof.pages.sdk.client_code import SdkContents

_ALIKE: tuple[frozenset[ParamType], ...] = (
    frozenset({"STRING", "ENUM"}),
    frozenset({"INT", "LONG"}),
    # Of a number with a fraction an SDK says float, or int where the example has none.
    frozenset({"INT", "LONG", "DECIMAL"}),
)


class ComparedContract(Struct, kw_only=True):
    """A contract of the store beside what an SDK says of it: the differences, and the contract with the SDK's words."""

    old: Contract
    new: Contract
    entry: Described
    changes: list[Change]


class StoreComparison(Struct):
    """Contracts in both, entries that the store lacks, and contracts that the SDK lacks."""

    both: list[ComparedContract]
    new: list[Described]
    gone: list[Contract]


def compare_with_store(
    contents: SdkContents, contracts: Iterable[Contract], enums: Mapping[str, tuple[str, ...]]
) -> StoreComparison:
    """Compare an SDK with the contracts of a product. Control commands and retired contracts are in no SDK."""
    out = StoreComparison([], [], [])
    by_key = {contract_key(one): one for one in contracts if not one.is_command}
    surfaces = {surface for surface, _ in contents.entries}
    for key, contract in by_key.items():
        entry = contents.entries.get(key)
        if entry is not None:
            if not contract.retired:
                out.both.append(_compared(contract, entry, enums))
        elif contract.surface.value in surfaces and not contract.retired:
            out.gone.append(contract)
    out.new = [entry for key, entry in contents.entries.items() if key not in by_key]
    return out


def contract_key(contract: Contract) -> tuple[str, str]:
    """Return what an SDK's entry of the same request, stream or event has as its key."""
    match contract.subject:
        case Request(method=method, path=path):
            return contract.surface.value, wire_key(contract.surface, method, path)
        case Stream(name=name) | Event(name=name):
            return contract.surface.value, wire_key(contract.surface, name)
    return contract.surface.value, contract.id


def _compared(contract: Contract, entry: Described, enums: Mapping[str, tuple[str, ...]]) -> ComparedContract:
    new = _told(contract, entry, enums)
    changes = subject_changes(contract, new)
    changes += parameter_changes(contract.id, contract.params, new.params, enums)
    if new.deprecated and not contract.deprecated:
        changes.append(Change(contract=contract.id, what="deprecated", kind="undocumented-value", severity=RISKY))
    refined = {refinement.path for refinement in contract.refinements}
    changes += [
        change
        for change in field_changes(contract.id, _as_entry(contract), _comparable(contract, entry))
        # A conditional field that only a refinement names is one that no example shows, the SDK's neither.
        if not (change.what == "field gone" and change.detail == "any" and change.where in refined)
    ]
    return ComparedContract(old=contract, new=new, entry=entry, changes=by_severity(dict.fromkeys(changes)))


def _told(contract: Contract, entry: Described, enums: Mapping[str, tuple[str, ...]]) -> Contract:
    """Return a contract with what an SDK says of its request or stream, fields apart."""
    match contract.subject:
        case Request() as subject:
            weight = subject.weight
            charged = _weight(weight, entry)
            if not same_weight(weight, charged, subject.params):
                weight = charged
            params = _params(subject.params, entry.params, enums)
            told: Request | Stream | Event = replace(
                subject, security=entry.security or subject.security, weight=weight, params=params
            )
        case Stream() as subject:
            speed = entry.speed if entry.speed and not same_speed(subject.update_speed, entry.speed) else ""
            known = {param.name for param in subject.params}
            # Which of its placeholders may be left out is in the pattern; the SDK's names of them are its own.
            said = tuple(one for one in entry.params if one.name in known)
            params = tuple(
                replace(_param(old, new, enums), required=old.required)
                for old in subject.params
                for new in (next((one for one in said if one.name == old.name), old),)
            )
            told = replace(subject, update_speed=speed or subject.update_speed, params=params)
        case _:
            return contract
    return replace(contract, subject=told, deprecated=contract.deprecated or entry.deprecated)


def _weight(old: Weight, entry: Described) -> Weight:
    """Return a weight with what an SDK says of it: one that it gives for the IP says nothing of orders."""
    said = entry.weight
    if said is None:
        return old
    counts = {str(count) for count in (old.orders_1m, old.orders_10s, old.uid) if count}
    if not old.ip and entry.weight_words in counts:
        return old  # it leaves out what the number is counted for
    if not (said.orders_10s or said.orders_1m):
        said = replace(said, orders_10s=old.orders_10s, orders_1m=old.orders_1m)
    if not said.uid:
        said = replace(said, uid=old.uid)
    ruled = {rule.param for rule in said.rules} - {rule.param for rule in said.rules if rule.given is False}
    said = replace(said, rules=(*said.rules, *(one for one in old.rules if one.given is False and one.param in ruled)))
    return old if said.rules and _charges_the_same(old, said) else said


def _charges_the_same(old: Weight, said: Weight) -> bool:
    """Whether two weights agree on each value that an SDK names; what lies between them it leaves out."""
    if (old.uid, old.orders_10s, old.orders_1m) != (said.uid, said.orders_10s, said.orders_1m):
        return False
    for rule in said.rules:
        values = [*rule.one_of, *([rule.at_most] if rule.at_most is not None else [])]
        values += ["x"] if rule.given else []
        if any(old.of({rule.param: value}) != said.of({rule.param: value}) for value in values):
            return False
    return all(rule.given is None for rule in said.rules) or old.of({}) == said.of({})


def _params(old: tuple[Param, ...], new: tuple[Param, ...], enums: Mapping[str, tuple[str, ...]]) -> tuple[Param, ...]:
    known = {param.name: param for param in old}
    said = {param.name: param for param in new}
    # Whoever signs adds these, whether a signature's table shows them or not.
    kept = [p for p in old if p.name in said or p.name in {"timestamp", "recvWindow", "signature", "apiKey"}]
    out = [_param(param, said[param.name], enums) if param.name in said else param for param in kept]
    return (*out, *(param for param in new if param.name not in known and param.name != "timestamp"))


def _param(old: Param, new: Param, enums: Mapping[str, tuple[str, ...]]) -> Param:
    return replace(
        old,
        type=old.type if _alike(old, new, enums) else new.type,
        required=new.required,
        enum=old.enum if not new.enum or same_values(old.enum, new.enum, enums) else new.enum,
        items=_items(old.items, new.items, enums) if new.items else old.items,
        default=old.default if new.default is None else new.default,
        minimum=old.minimum if new.minimum is None else new.minimum,
        maximum=old.maximum if new.maximum is None else new.maximum,
        unstated="" if new.enum and not old.enum else old.unstated,
    )


def _items(old: tuple[Param, ...], new: tuple[Param, ...], enums: Mapping[str, tuple[str, ...]]) -> tuple[Param, ...]:
    """Compare the fields of a list's elements; a model has all of them optional, which says nothing."""
    if not old:
        return ()
    known = {param.name: param for param in old}
    said = tuple(replace(one, required=known[one.name].required) if one.name in known else one for one in new)
    return _params(old, said, enums)


def _alike(old: Param, new: Param, enums: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a type is the same as far as an SDK says; a string is what one says of anything that is written out."""
    if old.type == new.type or any({old.type, new.type} <= family for family in _ALIKE):
        return True
    truth = {word.casefold() for word in values_of(old.enum, enums)} == {"true", "false"}
    return {old.type, new.type} <= {"STRING", "ENUM", "BOOLEAN"} and (truth or "BOOLEAN" in {old.type, new.type})


def _as_entry(contract: Contract) -> Described:
    """Return the fields that a contract documents as an SDK would say them."""
    observed = {one.path for example in contract.examples for one in example.observed}
    fields: dict[str, set[str]] = {}
    empty: set[str] = set()
    for example in contract.examples:
        if _is_refusal(example.response):
            continue  # models describe what succeeds
        shown = outline(example.response)
        for path, kinds in shown.items():
            if path in observed:
                continue
            fields.setdefault(_starred(contract, path), set()).update(_coarse(kind) for kind in kinds)
            if kinds <= {"null"} or (kinds == {"array"} and f"{path}[]" not in shown) or _is_bare(path, kinds, shown):
                empty.add(_starred(contract, path))
    for refinement in contract.refinements:
        if refinement.kind == "any":
            empty.add(refinement.path)
        # What no example shows is documented all the same where a refinement speaks of it: conditional fields.
        if refinement.path not in fields or refinement.kind == "any":
            fields.setdefault(refinement.path, set()).add("any")
    if not fields:
        empty.add("")
    told = {path: tuple(kind for kind in kinds if kind != "null") or ("any",) for path, kinds in fields.items()}
    still = {path for path in empty if not any(is_below(one, path) for one in told)}
    positional = {path.removesuffix("[]") for path in told if _is_tuple(contract, path.removesuffix("[]"))}
    return Described(
        surface=contract.surface, name=contract.name, fields=told, open_paths=frozenset(still | positional)
    )


def _is_refusal(response: Any) -> bool:
    code = response.get("code") if isinstance(response, dict) else None
    return isinstance(code, int) and code < 0 and response.keys() <= {"code", "msg"}


def _is_bare(path: str, kinds: set[str], shown: Mapping[str, set[str]]) -> bool:
    return kinds == {"object"} and not any(one.startswith(f"{path}." if path else "") and one != path for one in shown)


def _is_tuple(contract: Contract, path: str) -> bool:
    """Whether an array is read by position: an SDK knows lists of one kind only."""
    return any(one.positional and one.path == path for one in contract.refinements)


def _comparable(contract: Contract, entry: Described) -> Described:
    """Return an SDK's entry with paths as the contract has them, and without what is no statement about it."""
    fields: dict[str, set[str]] = {}
    for path, kinds in entry.fields.items():
        fields.setdefault(_starred(contract, path), set()).update(kinds)
    opened = {_starred(contract, path) for path in entry.open_paths}
    if entry.surface is Surface.EVENT:
        # Older generators take the field that tells events apart out of their models.
        fields.setdefault("e", {"any"})
        if not _top(contract) & {"e"}:
            fields.pop("e")
    return replace(entry, fields={path: tuple(kinds) for path, kinds in fields.items()}, open_paths=frozenset(opened))


def _top(contract: Contract) -> set[str]:
    return {key for one in contract.examples if isinstance(one.response, dict) for key in one.response}


def _starred(contract: Contract, path: str) -> str:
    """Return a path with `*` for keys of objects whose keys are free."""
    for refinement in contract.refinements:
        if refinement.free_keys:
            above = refinement.path
            pattern = (re.escape(above).replace(r"\*", r"[^.\[\]]+") + r"\.") if above else ""
            found = re.match(rf"({pattern})([^.\[\]]+)", path)
            if found:
                path = f"{found[1]}*{path[found.end() :]}"
    return path


def _coarse(kind: str) -> str:
    return "string" if kind == "decimal" else kind
