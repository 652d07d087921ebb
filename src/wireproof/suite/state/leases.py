"""Leases: cases share a target without disturbing each other.

A symbol is shared by cases whose orders only rest, and held alone by cases that trade or look at a position. A listen
key belongs to the whole account, so one case at a time holds it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from wireproof.errors import BlockedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Container, Sequence

#: How many cases may keep orders on one symbol at a time; live allows 200 open orders per symbol.
MOST_SHARED = 40


class SymbolLeases:
    """Hands out symbols of one account. A quarter of them is kept for sharing, so that lone cases do not wait.

    `why_none` is raised instead, where it is not known which symbols may be used.
    """

    def __init__(self, symbols: Sequence[str], why_none: BlockedError | None = None) -> None:
        self._why_none = why_none
        self._symbols = list(symbols)
        self._shared: dict[str, int] = dict.fromkeys(symbols, 0)
        self._alone: set[str] = set()
        self._changed = asyncio.Condition()
        kept = max(1, len(self._symbols) // 4)
        self._for_sharing, self._for_one = self._symbols[:kept], self._symbols[kept:] or self._symbols[:kept]

    @property
    def is_idle(self) -> bool:
        """Whether no case holds a symbol."""
        return not self._alone and not any(self._shared.values())

    @asynccontextmanager
    async def lease(self, *, alone: bool, only: str = "", avoid: Container[str] = frozenset()) -> AsyncIterator[str]:
        """Yield a symbol, waiting until one is free; BlockedError when the account has none that may be used.

        `only` names the one symbol that will do; one to `avoid` is taken when no other one is free.
        """
        if self._why_none is not None:
            raise self._why_none
        if not self._symbols:
            raise BlockedError("No symbol can be used: each has a position or orders that are not wireproof's.")
        if only and only not in self._symbols:
            raise BlockedError(f"{only} cannot be used: it has a position or orders that are not wireproof's.")
        async with self._changed:
            while (symbol := self._free(only, avoid, alone=alone)) is None:
                await self._changed.wait()
            if alone:
                self._alone.add(symbol)
            else:
                self._shared[symbol] += 1
        try:
            yield symbol
        finally:
            async with self._changed:
                if alone:
                    self._alone.discard(symbol)
                else:
                    self._shared[symbol] -= 1
                self._changed.notify_all()

    def _free(self, only: str, avoid: Container[str], *, alone: bool) -> str | None:
        if alone:
            wanted = [only] if only else self._for_one
            free = [s for s in wanted if s not in self._alone and not self._shared[s]]
            return next((s for s in free if s not in avoid), free[0] if free else None)
        free = [s for s in self._for_sharing if s not in self._alone and self._shared[s] < MOST_SHARED]
        return min(free, key=lambda s: (s in avoid, self._shared[s])) if free else None
