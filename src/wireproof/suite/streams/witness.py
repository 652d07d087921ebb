"""Witnesses: what else shows that there was something to tell, for each market stream.

A stream on which nothing came is *dead* when an independent witness moved meanwhile, and *quiet* when none did. The
witness of a stream is a REST request about the same thing (trades of the symbol, its book, its mark price), read after
the stream was subscribed and again when its time is over; the same stream over another connection, or a stream that
tells of the same thing; and on the local venue its own record. Where none of these is possible, `UNWITNESSED` says why.

A witness is chosen so that it cannot move without the stream having something to say: trades of the order book for
what is made of trades, the shown levels of the book, the numbers of the stream itself.
"""

from __future__ import annotations

import asyncio
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.errors import BlockedError
from wireproof.wire.failures import TargetBlockedError, WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

#: Reads that are wanted within so many seconds are done once.
GATHERING_SECONDS = 0.05

#: What reading an answer of an unexpected form raises.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Witness:
    """A request, which part of its answer moves, and the words for it.

    `what` is a thing that happens and is counted by its ids (`trade`), or that changes (`the book`). Placeholders in
    `params` are parameters of the stream, or what the target's first symbol offers.
    """

    name: str  # below the product's root
    params: Mapping[str, str]
    read: Callable[[Any], Any]
    what: str
    counted: bool = False
    moves: Callable[[Any, Any], bool] = operator.ne  # whether anything happened between two readings

    def moved(self, asked: str, before: Any, after: Any) -> str:
        """Return in words what happened between two readings; empty when nothing did."""
        if not self.moves(before, after):
            return ""
        if not self.counted:
            return f"{self.what} changed ({asked})"
        number = after - before
        things = self.what if number == 1 else f"{self.what}s"
        return f"{number} {things} happened ({asked}, ids {before + 1}..{after})" if number > 0 else ""

    def still(self, asked: str) -> str:
        """Return in words that nothing happened."""
        return f"no {self.what} happened ({asked})" if self.counted else f"{self.what} did not change ({asked})"


def _last_id(answer: Any) -> int:
    number = answer[-1].get("tradeId", answer[-1]["id"])  # of options only the former counts up by one
    if type(number) is not int:
        raise TypeError("the id of a trade is no number")
    return number


def _levels(answer: Any) -> Any:
    return answer["bids"], answer["asks"]


def _touches(answer: Any) -> Any:
    rows = answer if isinstance(answer, list) else [answer]
    return [[row[name] for name in ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")] for row in rows]


def _whole(answer: Any) -> Any:
    if not answer:
        raise ValueError("it is empty")
    return answer


def _candle(answer: Any) -> tuple[int, int]:
    """Return when the last candle opened and of how many trades, or looks at a price, it is made."""
    row = answer[-1]
    if type(row[8]) is not int:
        raise TypeError("a candle does not say what it is made of")
    return row[0], row[8]


def _grew(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a candle got something new; that an empty one began is nothing."""
    return after != before and after[1] > 0


def _contracts(answer: Any) -> Any:
    statuses = ("status", "contractStatus", "contractType", "deliveryDate", "expiryDate")
    rows = [*answer.get("symbols", ()), *answer.get("optionSymbols", ())]
    return sorted((row["symbol"], *(row.get(name) for name in statuses)) for row in rows)


def _trades() -> Witness:
    return Witness("trades", {"symbol": "{symbol}", "limit": "1"}, _last_id, "trade", counted=True)


def _klines(name: str, what: str, **named: str) -> Witness:
    return Witness(name, {**named, "interval": "{interval}", "limit": "1"}, _candle, what, moves=_grew)


_BOOK = Witness("depth", {"symbol": "{symbol}", "limit": "20"}, _levels, "the book")
_SHOWN_LEVELS = Witness("depth", {"symbol": "{symbol}", "limit": "{levels}"}, _levels, "the best levels of the book")
_TOUCH = Witness("ticker/bookTicker", {"symbol": "{symbol}"}, _touches, "the best bid and ask")
_TOUCHES = Witness("ticker/bookTicker", {}, _touches, "the best bids and asks")
_MARK = Witness("premiumIndex", {"symbol": "{symbol}"}, _whole, "the mark price")
_PAIR_MARK = Witness("premiumIndex", {"pair": "{pair}"}, _whole, "the mark prices of the pair")
_CONTRACTS = Witness("exchangeInfo", {}, _contracts, "the list of contracts")

#: Of each stream what witnesses for it: by product and last part of the contract's id.
WITNESSES: dict[str, dict[str, Witness]] = {
    "usdm": {
        "aggTrade": _trades(),
        "kline": _trades(),
        "continuousKline": _klines("continuousKlines", "the candle", pair="{pair}", contractType="{contractType}"),
        "ticker": _trades(),
        "miniTicker": _trades(),
        "allTicker": _trades(),
        "allMiniTicker": _trades(),
        "bookTicker": _TOUCH,
        "allBookTicker": _TOUCHES,
        "depth": _BOOK,
        "partialDepth": _SHOWN_LEVELS,
        "rpiDepth": Witness("rpiDepth", {"symbol": "{symbol}", "limit": "1000"}, _levels, "the book"),
        "markPrice": _MARK,
        "allMarkPrice": _MARK,
        "compositeIndex": Witness("indexInfo", {"symbol": "{symbol}"}, _whole, "the composite index"),
        "allAssetIndex": Witness("assetIndex", {}, _whole, "the asset index"),
        "allContractInfo": _CONTRACTS,
    },
    "coinm": {
        "aggTrade": _trades(),
        "kline": _trades(),
        "continuousKline": _klines("continuousKlines", "the candle", pair="{pair}", contractType="{contractType}"),
        "markPriceKline": _klines("markPriceKlines", "the candle of the mark price", symbol="{symbol}"),
        "pairIndexPriceKline": _klines("indexPriceKlines", "the candle of the index price", pair="{pair}"),
        "ticker": _trades(),
        "miniTicker": _trades(),
        "allTicker": _trades(),
        "allMiniTicker": _trades(),
        "bookTicker": _TOUCH,
        "allBookTicker": _TOUCHES,
        "depth": _BOOK,
        "partialDepth": _SHOWN_LEVELS,
        "markPrice": _MARK,
        "pairMarkPrice": _PAIR_MARK,
        "pairIndexPrice": _PAIR_MARK,
        "allContractInfo": _CONTRACTS,
    },
    "options": {
        "optionTrade": _trades(),
        "kline": _trades(),
        "optionTicker": Witness("ticker", {"symbol": "{symbol}"}, _whole, "the ticker"),
        "bookTicker": Witness("depth", {"symbol": "{symbol}", "limit": "10"}, _levels, "the book"),
        "depth": Witness("depth", {"symbol": "{symbol}", "limit": "100"}, _levels, "the book"),
        "partialDepth": Witness("depth", {"symbol": "{symbol}", "limit": "{level}"}, _levels, "the book"),
        "allIndex": Witness("index", {"underlying": "{pair}"}, _whole, "the index price"),
        "optionMarkPrice": Witness("mark", {}, _whole, "the mark prices"),
        "openInterest": Witness(
            "openInterest",
            {"underlyingAsset": "{base_asset}", "expiration": "{expirationDate}"},
            _whole,
            "the open interest",
        ),
        "allOptionSymbol": _CONTRACTS,
    },
}

#: Streams that nothing else tells of, and why.
NO_LIQUIDATIONS = "no public request lists liquidations"
UNWITNESSED: dict[str, dict[str, str]] = {
    "usdm": {
        "forceOrder": NO_LIQUIDATIONS,
        "allForceOrder": NO_LIQUIDATIONS,
        "tradingSession": "a timetable of sessions does not move while one goes on",
    },
    "coinm": {"forceOrder": NO_LIQUIDATIONS, "allForceOrder": NO_LIQUIDATIONS},
    "options": {},
}

#: Streams whose every message shows that something happened of which others must tell: by last part of the contract's
#: id, the last parts of those others' ids. They are of the same symbol. A best bid that changes is not among them: it
#: may be as before when a book that is told of every half second is looked at.
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
        return UNWITNESSED.get(self._product, {}).get(
            contract.rpartition("/")[2], "nothing else is known to tell of it"
        )

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
