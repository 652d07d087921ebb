"""Witnesses: what else shows that there was something to tell, for each market stream.

A stream on which nothing came is *dead* when an independent witness moved meanwhile, and *quiet* when none did. The
witness of a stream is a REST request about the same thing (trades of the symbol, its book, its mark price), read after
the stream was subscribed and again when its time is over; the same stream over another connection, or a stream that
reports the same thing; and on the local venue its own record. Where none of these is possible, the product
says why (`suite.products`).

A witness is chosen so that it cannot move without the stream having something to say: trades of the order book for
what is made of trades, the shown levels of the book, the numbers of the stream itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.suite.products.registry import UNWITNESSED, WITNESSES
from wireproof.wire.failures import TargetBlockedError, WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wireproof.suite.products.witness_requests import Witness

#: Reads that are wanted within so many seconds are done once.
GATHERING_SECONDS = 0.05

#: What reading an answer of an unexpected form raises.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


#: Streams whose every message shows that something happened of which others must tell: by last part of the contract's
#: id, the last parts of those others' ids. They are of the same symbol. A best bid that changes is not among them: it
#: may be as before when a book that is reported every half second is looked at.
TELLS: dict[str, frozenset[str]] = {
    "aggTrade": frozenset({"aggTrade", "kline", "ticker", "miniTicker"}),
    "markPrice": frozenset({"markPrice"}),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a witness showed at one moment; `problem` is why it could not be read."""

    value: Any = None
    problem: str = ""


@dataclass(slots=True)
class Evidence:
    """What witnesses say of a span of time: what moved, what did not, and who could not be asked."""

    moved: list[str] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Witnesses:
    """Reads the witnesses of one product's streams; reads that are wanted at once are done once.

    `ask` sends a REST request, by its name below the product's root; `offers` is what placeholders may name beside the
    parameters of the stream; `root` is what paths begin with, for the words.
    """

    def __init__(
        self,
        product: str,
        root: str,
        ask: Callable[[str, Mapping[str, str]], Awaitable[Any]],
        offers: Mapping[str, Any],
    ) -> None:
        self._product, self._root, self._ask, self._offers = product, root, ask, offers
        self._wanted: dict[str, asyncio.Task[Reading]] = {}

    def of(self, contract: str) -> Witness | None:
        """Return the witness of a stream; None when it has none."""
        return WITNESSES.get(self._product, {}).get(contract.rpartition("/")[2])

    def why_none(self, contract: str) -> str:
        """Return why a stream has no witness."""
        return UNWITNESSED.get(self._product, {}).get(contract.rpartition("/")[2], "nothing else is known to report it")

    async def read(self, contract: str, params: Mapping[str, Any]) -> Reading:
        """Ask the witness of a stream, later than now; a witness that cannot be read says why."""
        witness = self.of(contract)
        if witness is None:
            return Reading(problem=self.why_none(contract))
        try:
            filled = self._filled(witness, params)
        except KeyError as error:
            return Reading(problem=f"its witness needs {error}, which is not known here")
        key = f"{witness.name} {sorted(filled.items())}"
        if key not in self._wanted:
            self._wanted[key] = asyncio.create_task(self._read(key, witness, filled), name="wireproof-witness")
        return await asyncio.shield(self._wanted[key])

    async def _read(self, key: str, witness: Witness, params: Mapping[str, str]) -> Reading:
        await asyncio.sleep(GATHERING_SECONDS)
        del self._wanted[key]  # who asks from now on needs a later answer
        try:
            return Reading(witness.read(await self._ask(witness.name, params)))
        except MALFORMED as error:
            return Reading(problem=f"GET {self._root}/{witness.name}: the answer cannot be used ({error})")
        except (BlockedError, WireError, TargetBlockedError) as error:
            return Reading(problem=str(error))

    def testimony(self, contract: str, params: Mapping[str, Any], before: Reading, after: Reading) -> Evidence:
        """Return what the witness of a stream says of the time between two readings."""
        witness, found = self.of(contract), Evidence()
        problem = before.problem or after.problem
        if witness is None or problem:
            found.problems.append(problem or self.why_none(contract))
            return found
        asked = self.words(witness, params)
        moved = witness.moved(asked, before.value, after.value)
        (found.moved if moved else found.still).append(moved or witness.still(asked))
        return found

    def words(self, witness: Witness, params: Mapping[str, Any]) -> str:
        """Return the request of a witness in words: `GET /fapi/v1/trades, BTCUSDT`."""
        named = [value for name, value in self._filled(witness, params).items() if name != "limit"]
        return ", ".join([f"GET {self._root}/{witness.name}", *named])

    def _filled(self, witness: Witness, params: Mapping[str, Any]) -> dict[str, str]:
        known = {**self._offers, **params}
        filled = {name: value.format_map(known) for name, value in witness.params.items()}
        if "contractType" in filled:
            filled["contractType"] = filled["contractType"].upper()
        return filled
