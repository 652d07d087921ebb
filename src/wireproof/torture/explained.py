"""Alterations that cannot be noticed, each with its reason: what contracts leave open, and a list of the rest.

An entry of the list is as narrow as its reason. It names kinds and contracts and paths as globs; an alteration that is
found is never explained, so that an entry that explains nothing any more only stands there.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.contract.fields import path_pattern, rules_of
from wireproof.torture.documents import EACH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract, Product, Refinement
    from wireproof.torture.alteration import Alteration


class Unnoticeable(NamedTuple):
    """Alterations that nobody can notice: kinds, contracts and paths as globs, parted by spaces, and why.

    `bucket` is one glob of a bucket.
    """

    kinds: str
    contracts: str
    paths: str
    why: str
    bucket: str = "*"


EXCEPTIONS: tuple[Unnoticeable, ...] = (
    Unnoticeable("sign", "*", "*", "no documented example says which numbers are never negative"),
    Unnoticeable(
        "array-emptied",
        "*",
        "*",
        "an empty list is what the exchange sends where there is nothing; it shows as not seen",
    ),
    Unnoticeable(
        "dropped",
        "*/stream/[!d]* */stream/depth?*",
        "*",
        "the messages of this stream are not numbered, so that one that is missing leaves no gap",
    ),
    Unnoticeable(
        "command-*",
        "*/stream/control.stringId */stream/control.missingId",
        "*",
        "a refusal is documented and a success tolerated: a refusal is what is documented, and no success is",
    ),
)

#: Alterations after which a field is no longer where it was.
_GONE = frozenset({"removed", "renamed", "key-case"})


def explanation(alteration: Alteration, contract: Contract, product: Product) -> str:
    """Return why an alteration cannot be noticed; empty when it can."""
    return stated(alteration, contract, product) or listed(alteration)


def listed(alteration: Alteration) -> str:
    """Return the reason of the first exception of the list that fits."""
    for one in EXCEPTIONS:
        if (
            fnmatchcase(alteration.bucket, one.bucket)
            and _fits(one.kinds, alteration.kind)
            and _fits(one.contracts, alteration.contract)
            and _fits(one.paths, alteration.shown_path)
        ):
            return one.why
    return ""


def _fits(globs: str, text: str) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs.split())


def stated(alteration: Alteration, contract: Contract, product: Product) -> str:
    """Return what the contract itself says that leaves an alteration open; empty when it says nothing."""
    path = alteration.shown_path
    here = list(_refinements(contract, path))
    rule = rules_of(product, contract.id)(path)
    kind = alteration.kind
    if any(one.kind == "any" for one in here) or (rule is not None and rule.kind == "any"):
        return "the contract says that anything may stand here"
    if kind in _GONE:
        if any(one.optional or one.when is not None for one in here):
            return "the contract calls the field optional"
        if any(_is_without(example.response, (*alteration.root, *alteration.path)) for example in contract.examples):
            return "a documented example shows the object without the field"
    if kind == "null" and any(one.nullable for one in here):
        return "the contract says that the value may be null"
    if kind in {*_GONE, "extra"} and any(one.free_keys for one in _refinements(contract, _above(path, kind))):
        return "the keys of this object are free"
    if kind == "word":
        text = next((one.text for one in here if one.text), "") or (rule.text if rule is not None else "")
        if text:
            return f"a free text ({text}), of which no values are documented"
    return ""


def _refinements(contract: Contract, path: str) -> Iterator[Refinement]:
    return (one for one in contract.refinements if path_pattern(one.path).fullmatch(path))


def _above(path: str, kind: str) -> str:
    return path if kind == "extra" else path.rpartition(".")[0]


def _is_without(document: Any, path: Iterable[str]) -> bool:
    """Whether a document has an object where a path leads, which lacks the last key."""
    *above, last = path
    holders = [document]
    for step in above:
        holders = [
            value
            for holder in holders
            for value in (
                holder
                if step == EACH and isinstance(holder, list)
                else [holder[step]]
                if isinstance(holder, dict) and step in holder
                else []
            )
        ]
    return any(isinstance(holder, dict) and last not in holder for holder in holders)
