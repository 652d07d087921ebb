"""The parameter table of a contract, with the fields of its parameters' elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wireproof.contract.model import Contract, Param


def named_params(contract: Contract) -> Iterator[tuple[str, Param]]:
    """Yield every parameter of a request or stream with its path: `symbol`, `batchOrders`, `batchOrders[].side`."""
    yield from _named(contract.params, "")


def _named(params: Iterable[Param], before: str) -> Iterator[tuple[str, Param]]:
    for param in params:
        yield before + param.name, param
        yield from _named(param.items, f"{before}{param.name}[].")
