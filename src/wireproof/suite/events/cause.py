"""What was done to cause user-data events, and how an event is recognised as caused by it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.suite.state.account import OURS

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


#: Fields of an ACCOUNT_UPDATE of options, which is about the account as a whole.
OF_WHOLE_ACCOUNT = frozenset({"eq", "aeq", "b"})

#: Events of both kinds of portfolio margin that name neither an order nor a symbol.
OF_PORTFOLIO = frozenset({"outboundAccountPosition", "openOrderLoss", "riskLevelChange", "PM_PRO_ACCOUNT_UPDATE"})


@dataclass
class Cause:
    """What was done, and the names that its events carry."""

    done: list[str] = field(default_factory=list)  # each request and its answer, for findings
    symbol: str = ""
    reason: str = ""  # of ACCOUNT_UPDATE
    client_ids: set[str] = field(default_factory=set)
    client_prefix: str = ""  # of orders that the exchange places itself
    order_ids: set[int] = field(default_factory=set)
    algo_ids: set[int] = field(default_factory=set)
    side: str = ""
    leverage: int | None = None
    multi_assets: bool | None = None
    listen_key: str = ""
    transaction: int = 0  # of a loan
    moved: str = ""  # the asset that a transfer moved
    awaited: str = ""  # the event that the case is about

    @property
    def words(self) -> str:
        """What was done, as text."""
        return ", then ".join(self.done) or "nothing"

    def is_of(self, event: Any) -> bool:
        """Whether an event belongs to this cause: by order id, algo id, symbol or the field that was changed."""
        if not isinstance(event, dict):
            return False
        match event.get("e"):
            case "ORDER_TRADE_UPDATE":
                return self._names_order(event.get("o"), "c", "i")
            case "TRADE_LITE" | "executionReport":
                return self._names_order(event, "c", "i")
            case "ALGO_UPDATE":
                return self._has_id(event.get("ao", event.get("o")), "caid", "aid", self.algo_ids)
            case "CONDITIONAL_ORDER_TRADE_UPDATE":
                return self._has_id(event.get("so"), "c", "si", self.algo_ids)
            case "liabilityChange":
                return self.transaction > 0 and event.get("T") == self.transaction
            case "balanceUpdate":
                return bool(self.moved) and event.get("a") == self.moved
            case name if name in OF_PORTFOLIO:
                return self.awaited == str(name)
            case "ACCOUNT_UPDATE" if not OF_WHOLE_ACCOUNT & event.keys():
                return self._is_account_update(event.get("a"))
            case "RISK_LEVEL_CHANGE":
                return bool(self.reason) and event.get("s") == self.reason
            case "ACCOUNT_UPDATE" | "GREEK_UPDATE":  # of options: they name neither order nor symbol
                return bool(self.reason) and self.awaited == event["e"]
            case "BALANCE_POSITION_UPDATE":
                return bool(self.reason) and event.get("m") == self.reason and self._names_symbol(event.get("P"))
            case "ACCOUNT_CONFIG_UPDATE":
                return self._is_config_update(event)
            case "MARGIN_CALL":
                return self._names_symbol(event.get("p"))
            case "listenKeyExpired":
                return bool(self.listen_key) and event.get("listenKey", self.listen_key) == self.listen_key
            case _:
                return False

    def is_named_in(self, raw: bytes, *, numbers: bool) -> bool:
        """Whether a frame, however spoiled, holds an id of this cause's orders, or its listen key.

        Without `numbers`, which may be of something else, only texts count.
        """
        texts = [*self.client_ids, *([self.listen_key] if self.listen_key else [])]
        if any(f'"{text}'.encode() in raw for text in texts):
            return True
        if not numbers:
            return False
        return any(re.search(rb'[:"\s]%d(?!\d)' % number, raw) for number in self.order_ids | self.algo_ids)

    def resembles(self, event: Any, symbols: Container[str], reasons: Container[str]) -> bool:
        """Whether an event may be of this cause, though it does not say so: what says whose it is was nobody's.

        `symbols` and `reasons` are those that are known: an event of another symbol is of something else.
        """
        order = event.get("o")
        match event.get("e"):
            case "ORDER_TRADE_UPDATE":
                return bool(self.order_ids) and self._is_like(order, "c")
            case "TRADE_LITE":
                return bool(self.order_ids) and self._is_like(event, "c")
            case "executionReport":
                return bool(self.order_ids) and self._is_like(event, "c")
            case "ALGO_UPDATE":
                return bool(self.algo_ids) and self._is_like(event.get("ao", order), "caid")
            case "CONDITIONAL_ORDER_TRADE_UPDATE":
                return bool(self.algo_ids) and self._is_like(event.get("so"), "c")
            case "ACCOUNT_UPDATE":
                return self._is_like_account_update(event.get("a"), symbols, reasons)
            case "ACCOUNT_CONFIG_UPDATE":
                if self.leverage is not None:
                    return "ai" not in event and not _names_one_of(event.get("ac"), symbols)
                return self.multi_assets is not None and "ac" not in event
            case "MARGIN_CALL":
                rows = event.get("p")
                return not isinstance(rows, list) or not any(_names_one_of(row, symbols) for row in rows)
            case "listenKeyExpired":
                return bool(self.listen_key)
            case _:
                return False

    def others(self, event: Any) -> Iterator[tuple[str, str, str]]:
        """Yield what an event of this cause says otherwise than it was done: path, what was wanted, what came."""
        order, update, config = event.get("o"), event.get("a"), event.get("ac")
        match event.get("e"):
            case "ORDER_TRADE_UPDATE":
                yield from self._other_order("o.", order, {"c": self.client_ids, "i": self.order_ids})
            case "TRADE_LITE":
                yield from self._other_order("", event, {"c": self.client_ids, "i": self.order_ids})
            case "executionReport":
                given = "c" if event.get("C") in (None, "") else "C"  # `c` is the id of a cancellation then
                yield from self._other_order("", event, {given: self.client_ids, "i": self.order_ids})
            case "ALGO_UPDATE":
                base = "ao" if "ao" in event else "o"
                ids: dict[str, set[Any]] = {"caid": self.client_ids, "aid": self.algo_ids}
                yield from self._other_order(f"{base}.", event.get(base), ids)
            case "CONDITIONAL_ORDER_TRADE_UPDATE":
                yield from self._other_order("so.", event.get("so"), {"c": self.client_ids, "si": self.algo_ids})
            case "ACCOUNT_UPDATE" if isinstance(update, dict):
                yield from _other("a.m", {self.reason}, update.get("m"))
                for row in _rows(update.get("P")):
                    yield from _other("a.P[].s", {self.symbol}, row.get("s"))
            case "ACCOUNT_CONFIG_UPDATE" if isinstance(config, dict):
                yield from _other("ac.s", {self.symbol}, config.get("s"))
                yield from _other("ac.l", {self.leverage}, config.get("l"))
            case "MARGIN_CALL" if isinstance(rows := event.get("p"), list) and not self._names_symbol(rows):
                for row in _rows(rows)[:1]:
                    yield from _other("p[].s", {self.symbol}, row.get("s"))
            case "listenKeyExpired" if (
                isinstance(event.get("listenKey"), str) and event["listenKey"] != self.listen_key
            ):
                yield "listenKey", "the listen key that ended", "another one"

    def _other_order(self, base: str, order: Any, ids: dict[str, set[Any]]) -> Iterator[tuple[str, str, str]]:
        if not isinstance(order, dict):
            return
        for name, known in ids.items():
            if known:
                yield from _other(f"{base}{name}", known, order.get(name))
        yield from _other(f"{base}s", {self.symbol}, order.get("s"))
        if self.side:
            yield from _other(f"{base}S", {self.side}, order.get("S"))

    def _is_like(self, order: Any, client_id: str) -> bool:
        """Whether an order is on the same symbol and side, under an id that is not wireproof's, or no order at all."""
        if not isinstance(order, dict):
            return True  # nothing is left that would say whose it is
        name = order.get(client_id)
        foreign = not (isinstance(name, str) and name.startswith(OURS))
        return foreign and order.get("s") == self.symbol and order.get("S") == self.side

    def _is_like_account_update(self, update: Any, symbols: Container[str], reasons: Container[str]) -> bool:
        if not self.reason:
            return False
        if not isinstance(update, dict):
            return True  # nothing is left that would say whose it is
        rows, reason = update.get("P"), update.get("m")
        if self._names_symbol(rows):
            return not (isinstance(reason, str) and reason in reasons)
        if reason != self.reason:
            return False
        return not isinstance(rows, list) or not any(_names_one_of(row, symbols) for row in rows)

    def _names_order(self, order: Any, client_id: str, order_id: str) -> bool:
        if self._has_id(order, client_id, order_id, self.order_ids):
            return True
        if not isinstance(order, dict):
            return False
        name = order.get(client_id)
        placed_by_exchange = bool(self.client_prefix) and isinstance(name, str) and name.startswith(self.client_prefix)
        return placed_by_exchange and order.get("s") == self.symbol

    def _has_id(self, order: Any, client_id: str, number: str, numbers: set[int]) -> bool:
        """Whether an order has a client id of the cause, or its number and no other client id of wireproof's.

        Another client id of wireproof's is the better witness: the number may have been misread from an answer.
        """
        if not isinstance(order, dict):
            return False
        if _one_of(name := order.get(client_id), self.client_ids):
            return True
        return _one_of(order.get(number), numbers) and not (isinstance(name, str) and name.startswith(OURS))

    def _names_symbol(self, rows: Any) -> bool:
        """Whether one of the rows of an event is of the cause's symbol."""
        return any(row.get("s") == self.symbol for row in _rows(rows))

    def _is_account_update(self, update: Any) -> bool:
        if not isinstance(update, dict) or not self.reason or update.get("m") != self.reason:
            return False
        if self.reason == "FUNDING_FEE" and not update.get("P"):
            return True  # that of a cross position names no symbol, as documented
        return self._names_symbol(update.get("P"))

    def _is_config_update(self, event: dict[str, Any]) -> bool:
        leverage, assets = event.get("ac"), event.get("ai")
        if isinstance(leverage, dict):
            return self.leverage is not None and leverage.get("s") == self.symbol
        return isinstance(assets, dict) and self.multi_assets is not None


def _names_one_of(row: Any, symbols: Container[str]) -> bool:
    """Whether a row names a known symbol."""
    name = row.get("s") if isinstance(row, dict) else None
    return isinstance(name, str) and name in symbols


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _other(path: str, wanted: set[Any], came: Any) -> Iterator[tuple[str, str, str]]:
    """Yield a value that is none of those wanted. One of another type is another finding."""
    if isinstance(came, str | int) and not isinstance(came, bool) and str(came) not in map(str, wanted):
        yield path, " or ".join(sorted(map(str, wanted))), str(came)


def _one_of(value: Any, known: set[Any]) -> bool:
    return isinstance(value, int | str) and value in known
