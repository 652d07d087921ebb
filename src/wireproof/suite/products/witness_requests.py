"""What witnesses for a market stream: a REST request about the same thing, and which part of its answer moves."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping  # noqa: TC003  # a dataclass's fields
from dataclasses import dataclass
from typing import Any


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


def last_id(answer: Any) -> int:
    """Return the id of the last trade."""
    number = answer[-1].get("tradeId", answer[-1]["id"])  # of options only the former counts up by one
    if type(number) is not int:
        raise TypeError("the id of a trade is no number")
    return number


def levels(answer: Any) -> Any:
    """Return the levels of a book."""
    return answer["bids"], answer["asks"]


def touches(answer: Any) -> Any:
    """Return the best bids and asks by symbol."""
    rows = answer if isinstance(answer, list) else [answer]
    return [[row[name] for name in ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")] for row in rows]


def whole(answer: Any) -> Any:
    """Return the whole answer; ValueError when it is empty."""
    if not answer:
        raise ValueError("it is empty")
    return answer


def candle(answer: Any) -> tuple[int, int]:
    """Return when the last candle opened and of how many trades, or looks at a price, it is made."""
    row = answer[-1]
    if type(row[8]) is not int:
        raise TypeError("a candle does not say what it is made of")
    return row[0], row[8]


def grew(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a candle got something new; that an empty one began is nothing."""
    return after != before and after[1] > 0


def contracts(answer: Any) -> Any:
    """Return each symbol with its status and dates."""
    statuses = ("status", "contractStatus", "contractType", "deliveryDate", "expiryDate")
    rows = [*answer.get("symbols", ()), *answer.get("optionSymbols", ())]
    return sorted((row["symbol"], *(row.get(name) for name in statuses)) for row in rows)


def gained(before: list[Any], after: list[Any]) -> bool:
    """Whether a symbol is listed that was not before; that one is gone is nothing."""
    return not {row[0] for row in after} <= {row[0] for row in before}


def trades() -> Witness:
    """Return the witness that counts the trades of the symbol."""
    return Witness("trades", {"symbol": "{symbol}", "limit": "1"}, last_id, "trade", counted=True)


def klines(name: str, what: str, **named: str) -> Witness:
    """Return the witness that reads the last candle of a request."""
    return Witness(name, {**named, "interval": "{interval}", "limit": "1"}, candle, what, moves=grew)


BOOK = Witness("depth", {"symbol": "{symbol}", "limit": "20"}, levels, "the book")
SHOWN_LEVELS = Witness("depth", {"symbol": "{symbol}", "limit": "{levels}"}, levels, "the best levels of the book")
TOUCH = Witness("ticker/bookTicker", {"symbol": "{symbol}"}, touches, "the best bid and ask")
TOUCHES = Witness("ticker/bookTicker", {}, touches, "the best bids and asks")
MARK = Witness("premiumIndex", {"symbol": "{symbol}"}, whole, "the mark price")
PAIR_MARK = Witness("premiumIndex", {"pair": "{pair}"}, whole, "the mark prices of the pair")
CONTRACTS = Witness("exchangeInfo", {}, contracts, "the list of contracts")

#: Why streams of liquidations have no witness.
NO_LIQUIDATIONS = "no public request lists liquidations"

#: Streams that USDⓈ-M and COIN-M have both: what witnesses for each, and why there is nothing for others.
OF_FUTURES: dict[str, Witness] = {
    "aggTrade": trades(),
    "kline": trades(),
    "continuousKline": klines("continuousKlines", "the candle", pair="{pair}", contractType="{contractType}"),
    "ticker": trades(),
    "miniTicker": trades(),
    "allTicker": trades(),
    "allMiniTicker": trades(),
    "bookTicker": TOUCH,
    "allBookTicker": TOUCHES,
    "depth": BOOK,
    "partialDepth": SHOWN_LEVELS,
    "markPrice": MARK,
    "allContractInfo": CONTRACTS,
}
UNWITNESSED_OF_FUTURES: dict[str, str] = {"forceOrder": NO_LIQUIDATIONS, "allForceOrder": NO_LIQUIDATIONS}
