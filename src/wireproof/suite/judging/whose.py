"""Whose a frame is that fits nothing: of which subscription of its connection, where that can be told.

Told it is, in this order, by the name of a subscription somewhere in the frame (as a whole, in other letters, cut off),
and by the message in it: its event type, the fields that repeat a stream's name, whether it is an array, the update id
that it continues. Where several subscriptions remain, they are all named: of those the one on which nothing else came
is the one. A frame that cannot be told belongs to the connection; no two contracts are accused of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from wireproof.suite.judging.aside import event_types
from wireproof.suite.vocabulary.addressed import others
from wireproof.wire.websocket.user_stream import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wireproof.contract.model import Contract

#: Levels of a frame that are looked through for its message.
DEEPEST = 4

#: Of a frame that is no JSON so many bytes are looked through.
LONGEST = 65_536

_NAME = re.compile(rb'"stream"\s*:\s*"([^"\\]*)(")?')
_WORDS = {name: re.compile(rf'"{name}"\s*:\s*"([^"\\]+)"'.encode()) for name in ("e", "s", "ps", "i")}


@dataclass(frozen=True)
class Claim:
    """A subscription: its name, its contract, and what its messages must hold by path."""

    name: str
    contract: Contract
    wanted: Mapping[str, str]
    levels: int = 0  # of the book, where the name limits them

    @property
    def is_array(self) -> bool:
        """Whether its messages are arrays."""
        return any(isinstance(example.response, list) for example in self.contract.examples)


class Whose:
    """Tells which of these subscriptions a frame is of."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = list({claim.name: claim for claim in claims}.values())
        self._events = {claim.contract.id: event_types([claim.contract]) for claim in self.claims}

    def of(self, raw: bytes, newest: Callable[[str], Any]) -> list[str]:
        """Return the names of the subscriptions of which a frame can be, one where it can be told, none where not.

        `newest` gives the last message of a subscription.
        """
        named = self._named(raw)
        if len(named) == 1:
            return named
        claims = [claim for claim in self.claims if not named or claim.name in named]
        found = self._by_message(raw, claims)
        if len(found) > 1:
            found = _narrowed(found, [claim for claim in found if _subject(claim.name) == _subject(_stream_in(raw))])
            found = _narrowed(found, [claim for claim in found if _continues(newest(claim.name), decoded(raw))])
        return [claim.name for claim in found] or named

    def _named(self, raw: bytes) -> list[str]:
        names = [claim.name for claim in self.claims]
        found = [name for name in names if orjson.dumps(name) in raw]
        if found:
            return found
        shown = _NAME.search(raw[:LONGEST])
        if shown is None:
            return []
        name = shown[1].decode("utf-8", "replace")
        if shown[2] is None:  # cut off
            return [one for one in names if name and one.startswith(name)]
        return [one for one in names if one.lower() == name.strip().lower()]

    def _by_message(self, raw: bytes, claims: Sequence[Claim]) -> list[Claim]:
        message = message_in(decoded(raw)) or _scraped(raw)
        found = self._sending(message, claims)
        if not found and isinstance(message, list) and len(message) == 1:
            found = self._sending(message[0], claims)  # an array around a message
        return found

    def _sending(self, message: Any, claims: Sequence[Claim]) -> list[Claim]:
        """Return those of the subscriptions that may have sent a message."""
        if message is None:
            return []
        event = message[0] if isinstance(message, list) else message
        rows = max((len(event[side]) for side in "ba" if isinstance(event.get(side), list)), default=0)
        return [
            claim
            for claim in claims
            if event.get("e") in self._events[claim.contract.id]
            and claim.is_array is isinstance(message, list)
            and not any(True for _ in others(claim.wanted, message))
            and (not claim.levels or rows <= claim.levels)
        ]


def message_in(document: Any, deepest: int = DEEPEST) -> Any:
    """Return the message somewhere in a document: an object with `e`, or an array of such; None when there is none."""
    if isinstance(document, list):
        if document and all(isinstance(one, dict) and isinstance(one.get("e"), str) for one in document[:3]):
            return document
        inner: Iterable[Any] = document[:DEEPEST]
    elif isinstance(document, dict):
        if isinstance(document.get("e"), str):
            return document
        inner = list(document.values())[:DEEPEST]
    else:
        return None
    if deepest == 0:
        return None
    return next((found for one in inner if (found := message_in(one, deepest - 1)) is not None), None)


def _scraped(raw: bytes) -> dict[str, Any] | None:
    """Return what can be read of the message in a frame that is no JSON."""
    found = {name: match[1].decode("utf-8", "replace") for name, word in _WORDS.items() if (match := word.search(raw))}
    if "e" not in found:
        return None
    interval = {"i": found.pop("i")} if "i" in found else {}
    return {**found, "k": interval}


def _stream_in(raw: bytes) -> str:
    shown = _NAME.search(raw[:LONGEST])
    return shown[1].decode("utf-8", "replace") if shown else ""


def _subject(name: str) -> str:
    return name.partition("@")[0].lower()


def _narrowed(claims: list[Claim], fewer: list[Claim]) -> list[Claim]:
    return fewer or claims


def _continues(before: Any, document: Any) -> bool:
    """Whether a message of an order book begins where the last one of a subscription ended."""
    message = message_in(document)
    if not isinstance(before, dict) or not isinstance(message, dict):
        return False
    return type(message.get("pu")) is int and message["pu"] == before.get("u")
