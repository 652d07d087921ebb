"""What tables of parameters leave open, though the documentation names it there or in another table of the product.

A parameter that limits a list has a largest value, and a default where it may be left out. One whose type is ENUM has
words. Where one table of a product names an enumeration or a largest value of a parameter, the others of its name do so
too. Where the page names none, the parameter says so in `unstated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.contract.tables import named_params

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract, Param

#: Parameters that say how many rows come at most.
LIMITS = frozenset({"limit", "size", "rows"})
_NUMBERS = frozenset({"INT", "LONG", "DECIMAL"})
_WORDS_OR_CODES = frozenset({"STRING", "INT"})


def left_open(contracts: Iterable[Contract]) -> Iterator[str]:
    """Yield a sentence for each parameter of a product's contracts that leaves open what it should not."""
    tables = [(contract, path, param) for contract in contracts for path, param in named_params(contract)]
    words = {param.name for _, _, param in tables if param.enum and isinstance(param.enum, str)}
    bounded = {param.name for _, _, param in tables if param.maximum is not None}
    for contract, path, param in tables:
        if contract.retired:
            continue
        missing = list(_missing(param, words, bounded))
        if missing and not param.unstated:
            what = " and ".join(missing)
            yield f"{contract.id}: parameter {path} has no {what}. Add it, or say in 'unstated' that the page has none."
        elif param.unstated and not missing:
            yield f"{contract.id}: parameter {path} leaves nothing open. Delete 'unstated'."


def _missing(param: Param, words: set[str], bounded: set[str]) -> Iterator[str]:
    is_number = param.type in _NUMBERS
    if not param.enum:
        if param.type == "ENUM" or (param.name in words and param.type in _WORDS_OR_CODES):
            yield "words"
        elif is_number and param.maximum is None and (param.name in LIMITS or param.name in bounded):
            yield "largest value"
    if param.name in LIMITS and not param.required and param.default is None:
        yield "default"
