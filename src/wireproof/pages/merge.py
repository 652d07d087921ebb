"""Brings what a page says together with what the store holds; what people added stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from wireproof.contract.model import Event, Param, Request, Stream
from wireproof.pages.outline import outline, says_the_same
from wireproof.pages.same import same_default, same_speed, same_values, same_weight, same_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Contract, ContractSubject, Example, Refinement


def merged(
    old: Contract | None,
    new: Contract,
    *,
    today: str,
    enums: Mapping[str, tuple[str, ...]] | None = None,
    has_weight: bool = True,
    translated: bool = False,
) -> Contract:
    """Return the contract to keep.

    The page decides method, security, weight, parameters, examples, update speed and deprecation. Refinements, cases,
    base, rejections, waivers' subject (the id), retirement, note and the names of examples are people's and stay; a
    page that says nothing about the values, default or range of a parameter takes nothing away. `revised` moves only
    when something else did. `today` is ISO 8601; `translated` pages leave the title alone.
    """
    known: Mapping[str, tuple[str, ...]] = enums or {}
    if old is None:
        dated = tuple(replace(example, source=f"docs {today}") for example in new.examples)
        return replace(new, revised=today, examples=dated)
    result = replace(
        new,
        title=old.title if translated or not new.title or same_words(old.title, new.title) else new.title,
        docs_url=old.docs_url if old.docs_url.rstrip("/") == new.docs_url.rstrip("/") else new.docs_url or old.docs_url,
        revised=old.revised,
        subject=_subject(old.subject, new.subject, known, has_weight=has_weight),
        examples=_examples(old.examples, new.examples, today),
        refinements=_refinements(old.refinements, new.refinements),
        base=old.base,
        base_needs=old.base_needs,
        cases=old.cases,
        rejections=old.rejections,
        no_case=old.no_case,
        retired=old.retired,
        note=old.note,
    )
    return result if result == old else replace(result, revised=today)


def _subject(
    old: ContractSubject, new: ContractSubject, enums: Mapping[str, tuple[str, ...]], *, has_weight: bool
) -> ContractSubject:
    match old, new:
        case Request(), Request():
            return _request(old, new, enums, has_weight=has_weight)
        case Stream(), Stream():
            return _stream(old, new, enums)
        case Event(), Event():
            return replace(
                new,
                route=new.route or old.route,
                update_speed=_speed(old.update_speed, new.update_speed),
                monotonic=old.monotonic,
            )
    return new


def _request(old: Request, new: Request, enums: Mapping[str, tuple[str, ...]], *, has_weight: bool) -> Request:
    keeps_weight = not has_weight or same_weight(old.weight, new.weight, new.params)
    weight = old.weight if keeps_weight else new.weight
    # Signing adds a timestamp, whether the table shows it or not.
    names = {param.name for param in new.params}
    signing = [p for p in old.params if p.name == "timestamp" and p.name not in names and new.security.is_signed]
    return replace(new, weight=weight, params=_params(old.params, (*new.params, *signing), enums))


def _stream(old: Stream, new: Stream, enums: Mapping[str, tuple[str, ...]]) -> Stream:
    known = {param.name: param for param in old.params}
    # A placeholder of the pattern says that there is a parameter, and nothing about its values.
    said = tuple(known.get(param.name, param) if _is_bare(param) else param for param in new.params)
    return replace(
        new,
        route=new.route or old.route,
        update_speed=_speed(old.update_speed, new.update_speed),
        params=_params(old.params, said, enums),
        monotonic=old.monotonic,
        repeats=old.repeats,
    )


def _speed(old: str, new: str) -> str:
    return old if not new or same_speed(old, new) else new


def _is_bare(param: Param) -> bool:
    return param == Param(name=param.name, type="STRING", required=True)


def _params(old: tuple[Param, ...], new: tuple[Param, ...], enums: Mapping[str, tuple[str, ...]]) -> tuple[Param, ...]:
    known = {param.name: param for param in old}
    order = {name: index for index, name in enumerate(known)}
    merged_ = [_param(known.get(param.name), param, enums) for param in new]
    return tuple(sorted(merged_, key=lambda param: order.get(param.name, len(order))))


def _param(old: Param | None, new: Param, enums: Mapping[str, tuple[str, ...]]) -> Param:
    if old is None or old.type != new.type:
        return new
    return replace(
        new,
        enum=old.enum if not new.enum or same_values(old.enum, new.enum, enums) else new.enum,
        items=_params(old.items, new.items, enums) if new.items else old.items,
        default=old.default if new.default is None or same_default(old.default, new.default) else new.default,
        minimum=new.minimum if new.minimum is not None else old.minimum,
        maximum=new.maximum if new.maximum is not None else old.maximum,
        unstated=old.unstated,
    )


def matched(old: tuple[Example, ...], new: tuple[Example, ...]) -> list[tuple[Example | None, Example]]:
    """Pair each new example with the old one of the same condition, else of its structure, else the only one left."""
    left = list(old)
    pairs: dict[int, Example] = {}
    for same in (_same_words, _same_structure):
        for index, example in enumerate(new):
            if index not in pairs:
                found = next((candidate for candidate in left if same(candidate, example)), None)
                if found is not None:
                    pairs[index] = found
                    left.remove(found)
    open_ = [index for index in range(len(new)) if index not in pairs]
    if len(left) == 1 and len(open_) == 1:
        pairs[open_[0]] = left[0]
    return [(pairs.get(index), example) for index, example in enumerate(new)]


def _same_words(old: Example, new: Example) -> bool:
    return bool(new.when) and old.when == new.when


def _same_structure(old: Example, new: Example) -> bool:
    return outline(old.response) == outline(new.response)


def _examples(old: tuple[Example, ...], new: tuple[Example, ...], today: str) -> tuple[Example, ...]:
    """Keep examples that say the same; a changed one keeps the name that cases refer to."""
    out: list[Example] = []
    for before, example in matched(old, new):
        if before is None:
            out.append(replace(example, source=f"docs {today}"))
        elif says_the_same(before.response, example.response) and (
            example.request is None or says_the_same(before.request, example.request)
        ):
            said = (*before.conditional, *(path for path in example.conditional if path not in before.conditional))
            kept = before if said == before.conditional else replace(before, conditional=said)
            # What was only observed is documented now.
            out.append(replace(kept, observed=(), source=f"docs {today}") if before.observed else kept)
        else:
            when = before.when or example.when
            request = example.request if example.request is not None else before.request
            out.append(replace(example, name=before.name, when=when, request=request, source=f"docs {today}"))
    taken: set[str] = set()
    for index, example in enumerate(out):
        name, number = example.name, 2
        while name in taken:
            name, number = f"{example.name}-{number}", number + 1
        taken.add(name)
        out[index] = example if name == example.name else replace(example, name=name)
    order = {example.name: index for index, example in enumerate(old)}
    return tuple(sorted(out, key=lambda example: order.get(example.name, len(order))))


def _refinements(old: tuple[Refinement, ...], new: tuple[Refinement, ...]) -> tuple[Refinement, ...]:
    """Add what the page states at paths and in respects that nobody has refined yet."""
    said = {(refinement.path, respect) for refinement in old for respect in _respects(refinement)}
    return (*old, *(r for r in new if not all((r.path, respect) in said for respect in _respects(r))))


def _respects(refinement: Refinement) -> set[str]:
    """Return what a refinement speaks of; whether a field may be absent is one matter, with or without a condition."""
    out: set[str] = set()
    if refinement.optional or refinement.when is not None:
        out.add("presence")
    if refinement.nullable:
        out.add("null")
    if refinement.enum or refinement.kind:
        out.add("values")
    if refinement.free_keys:
        out.add("keys")
    if refinement.positional is not None:
        out.add("positions")
    if refinement.variants_by:
        out.add("variants")
    return out


def with_names(contract: Contract, enums: Mapping[str, tuple[str, ...]]) -> Contract:
    """Return the contract with the names of the product's enumerations in place of lists of the same values."""
    subject = contract.subject
    return replace(
        contract,
        subject=replace(subject, params=_named_params(subject.params, enums))
        if isinstance(subject, Request | Stream)
        else subject,
        refinements=tuple(replace(r, enum=_enum_name(r.enum, enums)) for r in contract.refinements),
    )


def _named_params(params: tuple[Param, ...], enums: Mapping[str, tuple[str, ...]]) -> tuple[Param, ...]:
    return tuple(
        replace(p, enum=_enum_name(p.enum, enums), items=_named_params(p.items, enums)) if p.enum or p.items else p
        for p in params
    )


def _enum_name(values: tuple[str, ...] | str, enums: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | str:
    if isinstance(values, str) or not values:
        return values
    wanted = {value.lower() for value in values} if set(values) == {"TRUE", "FALSE"} else set(values)
    return next((name for name, known in enums.items() if set(known) == wanted), values)
