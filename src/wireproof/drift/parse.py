"""Bytes from the wire -> document, or a sentence that says why they are none."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from wireproof.drift.observe import Repeated, shorten

_decode = msgspec.json.Decoder().decode
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)


class Unparseable(Exception):  # noqa: N818  # an answer's state, not a failure of ours
    """The bytes are no JSON document that can be read; the message says what they are."""


def parse(body: bytes) -> Any:
    """Return the document. The parser is the fast path's own, so that both read the same language.

    Raises Unparseable.
    """
    try:
        return _decode(body)
    except RecursionError:
        raise Unparseable("JSON nested deeper than can be read") from None
    except UnicodeDecodeError as error:
        raise Unparseable(f"invalid UTF-8 ({error.reason})") from None
    except msgspec.DecodeError as error:
        raise Unparseable(_describe(body, str(error))) from None


def parse_with_repeats(body: bytes) -> Any:
    """Return a document that `parse` accepts, objects with repeated keys as Repeated; None when no key is repeated."""
    repeated = False

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        repeated = True
        result = Repeated(plain)
        last = {name: i for i, (name, _) in enumerate(pairs)}
        result.earlier = [pair for i, pair in enumerate(pairs) if last[pair[0]] != i]
        return result

    try:
        document = json.loads(body.decode(), object_pairs_hook=to_object)
    except (ValueError, RecursionError):
        return None
    return document if repeated else None


def _describe(body: bytes, problem: str) -> str:
    text = body[:4096].decode("utf-8", "replace").strip()
    if not text:
        return "an empty answer"
    if text.startswith("\ufeff"):
        return "a byte order mark before the JSON"
    if text[0] == "<":
        title = _TITLE.search(text)
        return "an HTML page" + (f" titled {shorten(' '.join(title[1].split()))!r}" if title else "")
    problem = problem.removeprefix("JSON is malformed: ")
    return f"no JSON: {problem}"
