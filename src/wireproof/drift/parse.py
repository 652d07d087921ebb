"""Bytes from the wire -> document, or a sentence that says why they are none."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from wireproof.drift.deviations import RepeatedKeys
from wireproof.drift.unreadable import describe

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Unparseable(Exception):  # noqa: N818  # an answer's state, not a failure of wireproof
    """The bytes are no JSON document that can be read; the message says what they are, `path` where, if known."""

    def __init__(self, said: str, path: str = "") -> None:
        super().__init__(said)
        self.path = path


def parse(body: bytes) -> Any:
    """Return the document. The parser is the fast path's own, so that both read the same language.

    Raises Unparseable.
    """
    try:
        return _decode(body)
    except RecursionError:
        raise nested_too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unparseable(*describe(body, str(error))) from None


def nested_too_deep() -> Unparseable:
    """Return what is said of a document that no reader can follow."""
    return Unparseable("JSON nested deeper than can be read")


def may_repeat_keys(document: Any, body: bytes) -> bool:
    """Whether the text of a parsed document may name a key twice: it has other colons than the document needs."""
    return b"\\" in body or _encode(document).count(b":") != body.count(b":")


def parse_with_repeats(body: bytes) -> Any:
    """Return a document that `parse` accepts, its repeated keys in `RepeatedKeys`; None when no key is repeated."""
    repeated = False

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        repeated = True
        result = RepeatedKeys(plain)
        last = {name: i for i, (name, _) in enumerate(pairs)}
        result.earlier = [pair for i, pair in enumerate(pairs) if last[pair[0]] != i]
        return result

    try:
        document = json.loads(body.decode(), object_pairs_hook=to_object)
    except (ValueError, RecursionError):
        return None
    return document if repeated else None
