"""Refinements that refine nothing: a path that no example shows, mostly a slip of typing or a field that went away."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from wireproof.contract.paths import child
from wireproof.contract.shape import ShapeBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wireproof.contract.model import Contract, Refinement
    from wireproof.contract.shape import Fields

WHAT_TO_DO = (
    "Correct the path, delete the refinement, add an example that shows the field, or give a field that is documented"
    ' without being shown its "kind".'
)


class _Looking(ShapeBuilder):
    """Remembers at which paths it looked for refinements, and which fields it added because of one alone."""

    def __init__(self, refinements: Sequence[Refinement], enums: Mapping[str, Sequence[str]]) -> None:
        super().__init__(refinements, enums)
        self.seen: set[str] = set()
        self.added: set[str] = set()

    def _at(self, path: str) -> list[Refinement]:
        self.seen.add(path)
        return super()._at(path)

    def _add_fields_not_shown(self, result: Fields, path: str, shown: set[str]) -> None:
        before = set(result.fields)
        super()._add_fields_not_shown(result, path, shown)
        self.added |= {child(path, name) for name in result.fields.keys() - before}


def without_effect(contract: Contract, enums: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a sentence for each refinement whose path none of its examples shows, with the contract and what to do.

    A field that no example shows may be added by a refinement that says of what kind it is, or when it is there; its
    object must be shown. Raises UsageError for a kind or an enumeration that does not exist.
    """
    seen: dict[str, set[str]] = {}
    added: dict[str, set[str]] = {}
    for when in dict.fromkeys(example.when for example in contract.examples):
        group = [example for example in contract.examples if example.when == when]
        names = {example.name for example in group}
        refinements = [one for one in contract.refinements if not one.examples or names & set(one.examples)]
        if refinements:
            builder = _Looking(refinements, enums)
            builder.build([example.response for example in group])
            seen.update(dict.fromkeys(names, builder.seen))
            added.update(dict.fromkeys(names, builder.added))
    for one in contract.refinements:
        examples = [name for name in (one.examples or seen) if name in seen]
        paths = set().union(*(seen[name] for name in examples))
        adds = bool(one.kind or one.enum or one.constant or one.text or one.when) and any(
            one.path in added[name] for name in examples
        )
        if one.path not in paths and not adds:
            where = f"example {', '.join(one.examples)}" if one.examples else "any example"
            near = get_close_matches(one.path, sorted(paths), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            yield f"refinement of {one.path!r} matches nothing in {where} of {contract.id}.{hint} {WHAT_TO_DO}"
