"""How much each contract's examples can prove: the ceiling of what the suite can say about an answer."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.contract.model import Request, Surface
from wireproof.contract.paths import walk
from wireproof.contract.tables import named_params
from wireproof.counts import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wireproof.contract.model import Contract, Example, Param, Product, Refinement

# Points that a cause takes from a score of 100.
POINTS = {
    "example missing": 100,
    "empty list": 10,
    "empty object": 10,
    "only null": 5,
    "single element": 2,
    "contradicts parameters": 10,
    "number documented as STRING": 5,
    "unknown value": 10,
    "condition without refinement": 10,
    "refined in one answer only": 10,
}
_NUMERIC = {"INT", "LONG", "DECIMAL"}
_PLACEHOLDERS = {"apiKey", "signature"}  # the security type stands for them


class Weakness(Struct, frozen=True):
    """One reason why an example proves less than it could, and where."""

    kind: str
    path: str
    detail: str = ""


class Score(Struct, frozen=True):
    """A contract's score, 0 to 100, with the causes of what is missing to 100."""

    contract: str
    score: int
    causes: tuple[Weakness, ...] = ()


def lint(contracts: Iterable[Contract], products: Mapping[str, Product]) -> list[Score]:
    """Return the score of each contract, worst first."""
    everything = list(contracts)
    types = _usual_types(everything)
    scores = [_score(contract, products.get(contract.product), types) for contract in everything]
    return sorted(scores, key=lambda score: (score.score, score.contract))


def lines(scores: Iterable[Score], *, at_most: int = 99) -> list[str]:
    """Return scores as lines, those up to `at_most` with their causes, and the average."""
    everything = list(scores)
    out: list[str] = []
    for score in everything:
        if score.score <= at_most:
            out.append(f"{score.score:3}  {score.contract}")
            out += [
                f"     {c.kind}: {c.path or 'the document'}{' — ' + c.detail if c.detail else ''}" for c in score.causes
            ]
    perfect = sum(score.score == 100 for score in everything)
    mean = sum(score.score for score in everything) / len(everything) if everything else 100.0
    return [*out, f"{counted(len(everything), 'contract')}, {perfect} without a cause, {mean:.1f} of 100 on average."]


def _score(contract: Contract, product: Product | None, types: Mapping[tuple[str, str], Counter[str]]) -> Score:
    causes = tuple(dict.fromkeys(_causes(contract, product, types)))
    counted = Counter(cause.kind for cause in causes)
    lost = sum(POINTS[kind] * number for kind, number in counted.items())
    return Score(contract.id, max(0, 100 - lost), causes)


def _causes(
    contract: Contract, product: Product | None, types: Mapping[tuple[str, str], Counter[str]]
) -> Iterator[Weakness]:
    if not contract.examples:
        yield Weakness("example missing", "")
        return
    yield from _hidden(contract)
    yield from _unknown_values(contract, product)
    yield from _conditions(contract)
    yield from _one_sided(contract)
    if isinstance(contract.subject, Request):
        for example in contract.examples:
            if example.request is not None:
                yield from _contradictions(contract.params, example)
        yield from _numbers_as_strings(contract, types)


def _hidden(contract: Contract) -> Iterator[Weakness]:
    """Find what the examples of each condition do not show: contents of lists and objects, kinds of null."""
    refined = {refinement.path for refinement in contract.refinements}
    for group in _by_condition(contract.examples):
        for path, values in _by_path(*(_body(contract, example.response) for example in group)).items():
            yield from _hidden_at(path, values, refined)


def _by_condition(examples: tuple[Example, ...]) -> list[list[Example]]:
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(example.when, []).append(example)
    return list(groups.values())


def _body(contract: Contract, response: Any) -> Any:
    """Return the part that is the contract's own: of a WebSocket API answer the result, not the envelope."""
    if contract.surface is Surface.WS_API and isinstance(response, dict):
        return response.get("result", response.get("error"))
    return response


def _hidden_at(path: str, values: list[Any], refined: set[str]) -> Iterator[Weakness]:
    lists = [value for value in values if isinstance(value, list)]
    if lists and path not in refined:
        longest = max(len(value) for value in lists)
        if longest == 0:
            yield Weakness("empty list", path)
        elif longest == 1 and len(lists) == 1:
            yield Weakness("single element", path)
    objects = [value for value in values if isinstance(value, dict)]
    if path and objects and not any(objects) and path not in refined:
        yield Weakness("empty object", path)
    if all(value is None for value in values) and path not in refined:
        yield Weakness("only null", path)


def _by_path(*documents: Any) -> dict[str, list[Any]]:
    """Return the values of documents at each generalised path."""
    values: dict[str, list[Any]] = {}
    for path, value in chain.from_iterable(map(walk, documents)):
        values.setdefault(path, []).append(value)
    return values


def _unknown_values(contract: Contract, product: Product | None) -> Iterator[Weakness]:
    """Find example values outside their enumeration, and names of enumerations that the product does not have."""
    enums = product.enums if product is not None else {}
    for refinement in contract.refinements:
        if not refinement.enum:
            continue
        known = _values(refinement.enum, enums)
        if known is None:
            yield Weakness("unknown value", refinement.path, f"there is no enumeration {refinement.enum!r}")
            continue
        for example in contract.examples:
            if refinement.examples and example.name not in refinement.examples:
                continue
            for path, value in walk(example.response):
                if path == refinement.path and isinstance(value, str) and value not in known:
                    yield Weakness("unknown value", refinement.path, f"{value!r} is not one of {', '.join(known)}")
    for param in _all_params(contract):
        values = _values(param.enum, enums) if param.enum else ()
        if values is None:
            yield Weakness("unknown value", param.name, f"there is no enumeration {param.enum!r}")
        elif values and param.default is not None and str(param.default) not in values:
            yield Weakness("unknown value", param.name, f"default {param.default!r} is not one of {', '.join(values)}")


def _conditions(contract: Contract) -> Iterator[Weakness]:
    """Find fields that a comment of the page calls conditional and that nothing in the contract says so of."""
    for example in contract.examples:
        for path in example.conditional:
            said = any(
                one.path == path and (one.optional or one.when is not None)
                for one in contract.refinements
                if not one.examples or example.name in one.examples
            )
            if not said:
                detail = f"a comment of example {example.name} names a condition; optional or when is missing"
                yield Weakness("condition without refinement", path, detail)


def _one_sided(contract: Contract) -> Iterator[Weakness]:
    """Find refinements of one answer that another answer of the same fields lacks.

    A request may answer with one object, and with a list of such objects when it names no symbol. Whoever refines a
    field of the object means the field of the list's elements as well.
    """
    groups = [_paths_of_group(group) for group in _by_condition(contract.examples)]
    own = "result" if contract.surface is Surface.WS_API else ""
    for refinement in contract.refinements:
        for names, paths in groups:
            if refinement.path not in paths or (refinement.examples and not names & set(refinement.examples)):
                continue
            twin = _twin(refinement.path, own)
            for other_names, other_paths in groups:
                if twin not in other_paths or refinement.path in other_paths:
                    continue
                there = [
                    one
                    for one in contract.refinements
                    if one.path == twin and (not one.examples or other_names <= set(one.examples))
                ]
                missing = _respects(refinement) - {respect for one in there for respect in _respects(one)}
                missing -= {respect for respect in missing if _shows(respect, other_paths[twin])}
                if missing:
                    said = ", ".join(sorted(name for name, _ in missing))
                    yield Weakness("refined in one answer only", twin, f"{refinement.path} has {said}")


def _paths_of_group(group: list[Example]) -> tuple[set[str], dict[str, list[Any]]]:
    return {example.name for example in group}, _by_path(*(example.response for example in group))


def _shows(respect: tuple[str, object], values: list[Any]) -> bool:
    """Whether examples show a kind by themselves, so that nobody has to say it."""
    match respect:
        case ("kind", "number"):
            return any(isinstance(value, float) for value in values)
        case ("kind", "string" | "decimal"):
            return "" in values
        case ("nullable", _):
            return None in values
    return False


def _twin(path: str, own: str) -> str:
    """Return the path of the same field in the other form of an answer: of an object, or of a list of such."""
    rest = path.removeprefix(own)
    if rest.startswith("[]"):
        inner = rest[2:].removeprefix(".")
        return f"{own}.{inner}".strip(".") if inner else own
    inner = rest.removeprefix(".")
    return f"{own}[].{inner}" if inner else f"{own}[]"


def _respects(refinement: Refinement) -> set[tuple[str, object]]:
    """Return what a refinement says, apart from where."""
    said = {
        "optional": refinement.optional,
        "nullable": refinement.nullable,
        "kind": refinement.kind,
        "text": refinement.text,
        "constant": refinement.constant,
        "enum": refinement.enum,
        "free keys": refinement.free_keys,
        "positions": refinement.positional,
        "variants": refinement.variants_by,
        "when": refinement.when,
    }
    return {(name, value) for name, value in said.items() if value or (name == "positions" and value is False)}


def _values(enum: tuple[str, ...] | str, enums: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    return enums.get(enum) if isinstance(enum, str) else enum


def _all_params(contract: Contract) -> list[Param]:
    return [param for _, param in named_params(contract)]


def _contradictions(params: tuple[Param, ...], example: Example) -> Iterator[Weakness]:
    """Compare a request example with the parameter table."""
    sent = example.request.get("params") if example.request is not None else None
    sent = sent if isinstance(sent, dict) else {}
    known = {param.name: param for param in params}
    for name, value in sent.items():
        if name in _PLACEHOLDERS:
            continue
        if name not in known:
            yield Weakness("contradicts parameters", name, "sent by the example, not in the table")
        elif wrong := _wrong_type(known[name], value):
            yield Weakness("contradicts parameters", name, wrong)
    for param in params:
        if param.required and param.name not in sent:
            yield Weakness("contradicts parameters", param.name, "mandatory, not sent by the example")


def _wrong_type(param: Param, value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if param.type in {"INT", "LONG"} and not (is_number and isinstance(value, int)):
        return f"{param.type}, sent as {value!r}"
    if param.type == "DECIMAL" and is_number:
        return f"DECIMAL, sent as the JSON number {value!r}"
    if param.type in {"STRING", "ENUM"} and is_number:
        return f"{param.type}, sent as the number {value!r}"
    return ""


def _usual_types(contracts: list[Contract]) -> dict[tuple[str, str], Counter[str]]:
    """Count the types of equally named parameters of each product."""
    out: dict[tuple[str, str], Counter[str]] = {}
    for contract in contracts:
        for param in _all_params(contract):
            out.setdefault((contract.product, param.name), Counter())[param.type] += 1
    return out


def _numbers_as_strings(contract: Contract, types: Mapping[tuple[str, str], Counter[str]]) -> Iterator[Weakness]:
    for param in _all_params(contract):
        if param.type != "STRING":
            continue
        usual = types.get((contract.product, param.name), Counter())
        numeric = sum(number for kind, number in usual.items() if kind in _NUMERIC)
        if numeric > usual["STRING"]:
            kind = max((kind for kind in usual if kind in _NUMERIC), key=lambda name: usual[name])
            yield Weakness("number documented as STRING", param.name, f"{kind} in {usual[kind]} other tables")
        elif isinstance(param.default, int | float) and not isinstance(param.default, bool):
            yield Weakness("number documented as STRING", param.name, f"default {param.default}")
        elif param.enum and not isinstance(param.enum, str) and all(re.fullmatch(r"\d+", v) for v in param.enum):
            yield Weakness("number documented as STRING", param.name, f"values {', '.join(param.enum)}")
