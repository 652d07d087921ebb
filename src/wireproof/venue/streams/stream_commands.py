"""Control frames of streams and their answers.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/Live-Subscribing-Unsubscribing-to-streams
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
MOST_STREAMS = 1_024
MOST_ID = 2**64


class Subscriber(Protocol):
    """The connection that a command is for."""

    combined: bool

    def listed(self) -> list[str]:
        """Return what is subscribed."""

    def subscribe(self, name: str) -> None:
        """Subscribe a name."""

    def unsubscribe(self, name: str) -> None:
        """Take a subscription back."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """The answer to a command; `close` is the reason with which the connection ends after it, empty when it stays."""

    data: bytes
    close: str = ""


def _error(code: int, msg: str, identity: Any = None, close: str = "") -> CommandReply:
    return CommandReply(orjson.dumps({"error": {"code": code, "msg": msg}, "id": identity}), close)


def _result(result: Any, identity: Any) -> CommandReply:
    return CommandReply(orjson.dumps({"result": result, "id": identity}))


def obey(subscriber: Subscriber, text: str) -> CommandReply:
    """Carry out a control frame. Every name is acknowledged: docs/exchange.md#stream-names."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _error(3, "Invalid JSON: expected value at line 1 column 1", close="Invalid request")
    where = f"at line 1 column {len(text)}"
    if not isinstance(document, dict) or "method" not in document:
        return _error(2, f"Invalid request: missing field `method` {where}")
    identity, method = document.get("id"), document["method"]
    # Documented as an unsigned integer; the official SDKs send UUIDs and are answered.
    if isinstance(identity, bool) or not (
        identity is None or isinstance(identity, str) or (isinstance(identity, int) and 0 <= identity < MOST_ID)
    ):
        return _error(2, "Invalid request: request ID must be an unsigned integer")
    if method not in METHODS:
        known = ", ".join(f"`{one}`" for one in METHODS)
        return _error(2, f"Invalid request: unknown variant {method}, expected one of {known} {where}", identity)
    params = document.get("params")
    if params is not None and not isinstance(params, list):
        # No public record of this text; it is how the same parser words the others.
        return _error(2, f"Invalid request: invalid type, expected a sequence {where}", identity)
    if method == "LIST_SUBSCRIPTIONS":
        return _result(subscriber.listed(), identity)
    if method.endswith("_PROPERTY"):
        return _property(subscriber, method, params or [], identity)
    return _change(subscriber, method, params or [], identity)


def _change(subscriber: Subscriber, method: str, params: Iterable[Any], identity: Any) -> CommandReply:
    names = list(params)
    if not all(isinstance(name, str) for name in names):
        return _error(2, "Invalid request: invalid type, expected a string", identity)
    for name in names:
        if method == "UNSUBSCRIBE":
            subscriber.unsubscribe(name)
            continue
        subscriber.subscribe(name)
        if len(subscriber.listed()) > MOST_STREAMS:
            return _error(4, "Too many subscriptions", identity, close="Invalid request")
    return _result(None, identity)


def _property(subscriber: Subscriber, method: str, params: list[Any], identity: Any) -> CommandReply:
    wanted = 2 if method == "SET_PROPERTY" else 1
    if len(params) > wanted:
        return _error(2, "Invalid request: too many parameters", identity)
    if not params or not isinstance(params[0], str):
        return _error(2, "Invalid request: property name must be a string", identity)
    if params[0] != "combined":
        return _error(0, "Unknown property", identity)
    if method == "GET_PROPERTY":
        return _result(subscriber.combined, identity)
    if len(params) < wanted or not isinstance(params[1], bool):
        return _error(1, "Invalid value type: expected Boolean", identity)
    subscriber.combined = params[1]
    return _result(None, identity)
