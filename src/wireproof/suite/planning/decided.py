"""Whether every string of every example is decided, and whether every rule of a product decides something.

`contracts check` asks both, so that no enumerated word stays unchecked because nobody looked at it, and no rule stays
that a renamed field left behind.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.contract.decisions import Decision, decisions
from wireproof.contract.fields import FREE_TEXTS, envelope_id, finder, path_pattern, rules_of
from wireproof.contract.fields import place as place_at
from wireproof.contract.model import Surface
from wireproof.contract.paths import child, element
from wireproof.contract.shape import KINDS, ShapeBuilder
from wireproof.contract.texts import TEXTS
from wireproof.counts import counted
from wireproof.drift.documented_shape import groups, payload_shape, response_shape
from wireproof.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract, Example, FieldRule, Product, Refinement
    from wireproof.contract.shape import Node

_MEANINGS = ("enum", "text", "constant", "kind")


class Leaf(NamedTuple):
    """A scalar of an example: its path with the keys as they are, the example's name, the value."""

    path: str
    example: str
    value: Any


def leaves(contract: Contract) -> Iterator[Leaf]:
    """Yield every scalar of every example of a contract."""
    for example in contract.examples:
        for path, value in _scalars(example.response, ""):
            yield Leaf(path, example.name, value)


def _scalars(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _scalars(inner, child(path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner, element(path))
    else:
        yield path, value


def rule_problems(product: Product) -> Iterator[tuple[FieldRule, str]]:
    """Yield what is wrong with a rule itself: it says nothing or too much, or names what does not exist."""
    for number, rule in enumerate(product.fields, start=1):
        name = f"rule {number} of 'fields' ({rule.where[0] if rule.where else 'without a place'})"
        for problem in _problems_of(rule, product):
            yield rule, f"{name} {problem}"


def _problems_of(rule: FieldRule, product: Product) -> Iterator[str]:
    said = [meaning for meaning in _MEANINGS if getattr(rule, meaning)]
    if len(said) != 1:
        yield f"says {' and '.join(said) or 'nothing'}. Exactly one of {', '.join(_MEANINGS)} is needed."
    if not rule.where:
        yield "has no place in 'where'. Write a contract id and a path: \"usdm/rest/* **.side\"."
    for place in (*rule.where, *rule.except_):
        if " " not in place:
            yield f'names a place without a path: {place!r}. Write a contract id and a path: "usdm/rest/* **.side".'
    if rule.enum and rule.enum not in product.enums:
        yield f"names an enumeration that is not in product.json: {rule.enum!r}. {_near(rule.enum, product.enums)}"
    if rule.text and rule.text not in TEXTS:
        yield f"names a text that does not exist: {rule.text!r}. {_near(rule.text, TEXTS)}"
    if unknown := [kind for kind in rule.kind.split("|") if rule.kind and kind not in KINDS]:
        yield f"names a kind that does not exist: {unknown[0]!r}. {_near(unknown[0], KINDS)}"
    if rule.text in FREE_TEXTS and not rule.why:
        yield f"leaves a place free ({rule.text}) without a reason. Write 'why' beside it."


def _near(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known)


def undecided_envelopes(product: Product) -> Iterator[str]:
    """Yield a sentence for each string of an envelope of which nothing says what it is."""
    for surface, envelope in product.envelopes.items():
        rules = rules_of(product, envelope_id(product.product, surface))
        for name, answer in (("success", envelope.success), ("error", envelope.error)):
            node = ShapeBuilder(envelope.refinements, product.enums, rules).build([answer])
            for path, decision in decisions(node):
                if decision is Decision.UNDECIDED:
                    yield (
                        f"nothing says what may stand at {path!r} of the envelope {name!r} of {surface}. Name a text "
                        f'for it under "fields": {{"where": ["{envelope_id(product.product, surface)} {path}"], '
                        '"text": "words", "why": "…"}}.'
                    )


def undecided(contract: Contract, product: Product) -> Iterator[str]:
    """Yield a sentence for each string of an example of which nothing says what it is, with what to write where."""
    seen: set[str] = set()
    for group in groups(contract):
        for path, decision in decisions(_shape(contract, group, product)):
            if decision is not Decision.UNDECIDED or path in seen:
                continue
            seen.add(path)
            names = {example.name for example in group}
            matches = path_pattern(path).fullmatch
            shown = next((leaf for leaf in leaves(contract) if leaf.example in names and matches(leaf.path)), None)
            said = f"example {shown.example!r} shows {shown.value!r}" if shown is not None else "no example shows it"
            yield (
                f"{contract.id}, {path or 'the document'}: {said}, and nothing says what may stand there. "
                f"Name an enumeration or a text for it: in contracts/{product.product}/product.json "
                f'under "fields", such as {{"where": ["{contract.id} {path}"], "text": "id"}}, or in this file as a '
                f"refinement of that path. Texts are {', '.join(TEXTS)}."
            )


def _shape(contract: Contract, group: tuple[Example, ...], product: Product) -> Node:
    if contract.surface is Surface.WS_API:
        return response_shape(contract, group, product)[0]
    return payload_shape(contract, group, product)


def outside(contract: Contract, product: Product) -> Iterator[str]:
    """Yield a sentence for each example value that its own enumeration does not have."""
    find = finder(product, contract.id)
    said: set[tuple[str, str]] = set()
    for leaf in leaves(contract):
        if not isinstance(leaf.value, str) or not leaf.value or (leaf.path, leaf.value) in said:
            continue
        own = _own(contract, leaf)
        entry = find(leaf.path).entry
        enum = own.enum if own is not None else entry.rule.enum if entry is not None else ()
        words = product.enums.get(enum, (leaf.value,)) if isinstance(enum, str) else enum
        if enum and leaf.value not in words:
            said.add((leaf.path, leaf.value))
            name = f"enumeration {enum}" if isinstance(enum, str) else "the enumeration of its refinement"
            yield (
                f"{contract.id}, {leaf.path}: example {leaf.example!r} shows {leaf.value!r}, which {name} does not "
                f"have ({', '.join(words)}). Either is wrong: correct the example, or the enumeration by its source, "
                "or give this path a refinement with the words that its own page documents."
            )


def _own(contract: Contract, leaf: Leaf) -> Refinement | None:
    """Return the contract's own refinement that says what a leaf is."""
    return next(
        (
            one
            for one in contract.refinements
            if (one.enum or one.text or one.constant or one.kind)
            and (not one.examples or leaf.example in one.examples)
            and path_pattern(one.path).fullmatch(leaf.path)
        ),
        None,
    )


class Uses:
    """What the rules and enumerations of a product decide in its contracts and envelopes."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._places: Counter[tuple[int, str]] = Counter()
        self._exceptions: set[tuple[int, str]] = set()
        self._enums: set[str] = set()
        self._paths: set[str] = set()
        self._free: list[str] = []
        self._unshown = {place_at(where) for one in product.unshown for where in one.where}  # that no example shows yet
        for surface, envelope in product.envelopes.items():
            for answer in (envelope.success, envelope.error):
                self._add(envelope_id(product.product, surface), {path for path, _ in _scalars(answer, "")})
            self._enums |= {one.enum for one in envelope.refinements if isinstance(one.enum, str)}

    def add(self, contract: Contract) -> None:
        """Count what decides the leaves of a contract's examples and its parameters."""
        for one in contract.refinements:
            if one.text in FREE_TEXTS:
                self._free.append(f"{contract.id}: {one.text} ({one.path}): {one.source}")
        shown = {leaf.path for leaf in leaves(contract)} | {one.path for one in contract.refinements}
        self._unshown -= {one for one in self._unshown if any(one.is_at(contract.id, path) for path in shown)}
        self._add(contract.id, {leaf.path for leaf in leaves(contract) if _own(contract, leaf) is None})
        self._enums |= {one.enum for one in contract.refinements if isinstance(one.enum, str)}
        params = [*contract.params, *(item for param in contract.params for item in param.items)]
        self._enums |= {param.enum for param in params if isinstance(param.enum, str)}

    def _add(self, contract_id: str, paths: set[str]) -> None:
        find = finder(self.product, contract_id)
        for path in paths:
            found = find(path)
            self._exceptions.update(found.exceptions)
            self._paths.add(f"{contract_id} {path}")
            if found.entry is not None:
                self._places[found.entry.order, found.entry.place.text] += 1
                self._enums.add(found.entry.rule.enum)

    def problems(self) -> Iterator[str]:
        """Yield the places and exceptions that match nothing, and the enumerations that nobody uses."""
        for order, rule in enumerate(self.product.fields):
            for place in dict.fromkeys(rule.where):
                if (order, place) not in self._places:
                    yield f"the place {place!r} in 'fields' decides nothing: {self._hint(place)}"
            for place in dict.fromkeys(rule.except_):
                if (order, place) not in self._exceptions:
                    yield f"the exception {place!r} in 'fields' excepts nothing. Correct it, or delete it."
        for one in sorted(self._unshown):
            yield f"the place {one.text!r} in 'unshown' is about no documented field. Correct it, or delete it."
        for name in self.product.enums:
            if name not in self._enums:
                yield f"enumeration {name!r} is used by no rule, refinement or parameter. Use it, or delete it."

    def _hint(self, place: str) -> str:
        contracts, _, path = place.partition(" ")
        near = get_close_matches(f"{contracts} {path.removeprefix('**.')}", self._paths, n=1)
        hint = f" The nearest place that an example shows is {near[0]!r}." if near else ""
        return (
            f"no example shows it, or an earlier rule or the contracts' own refinements decide it.{hint} Correct it, "
            "or delete it."
        )

    def free(self) -> Iterator[str]:
        """Yield one line for each rule or refinement that leaves places free: what they hold, how many, and why."""
        for order, rule in enumerate(self.product.fields):
            if rule.text in FREE_TEXTS:
                places = counted(sum(self._places[order, place] for place in rule.where), "place")
                yield f"{self.product.product}: {rule.text}, {places} ({', '.join(rule.where)}): {rule.why}"
        yield from self._free
