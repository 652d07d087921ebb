"""Bytes from the wire -> document, or a sentence that says why they are none."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import msgspec

from wireproof.contract.shape_paths import child, element
from wireproof.drift.observe import Repeated, shorten

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_HALF = re.compile("[\ud800-\udfff]")  # pairs of surrogates are one character after decoding; what is left are halves
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)

# What bytes that are no UTF-8 text begin with, the longer before the shorter.
_MAGIC = (
    (b"\x1f\x8b", "compressed by gzip, without a Content-Encoding that says so"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd, without a Content-Encoding that says so"),
    (codecs.BOM_UTF32_LE, "UTF-32, where JSON is UTF-8"),
    (codecs.BOM_UTF32_BE, "UTF-32, where JSON is UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16, where JSON is UTF-8"),
    (codecs.BOM_UTF16_BE, "UTF-16, where JSON is UTF-8"),
)


class Unparseable(Exception):  # noqa: N818  # an answer's state, not a failure of ours
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
    except UnicodeDecodeError as error:
        raise Unparseable(f"invalid UTF-8 ({error.reason})") from None
    except msgspec.DecodeError as error:
        said = _describe(body, str(error))
        path, odd = _odd_value(body)
        raise Unparseable(f"no JSON: {odd}" if odd else said, path) from None


def nested_too_deep() -> Unparseable:
    """Return what is said of a document that no reader can follow."""
    return Unparseable("JSON nested deeper than can be read")


def may_repeat_keys(document: Any, body: bytes) -> bool:
    """Say whether the text of a parsed document may name a key twice: it has other colons than the document needs."""
    return b"\\" in body or _encode(document).count(b":") != body.count(b":")


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


class _Odd(str):
    """A number of the text that no JSON reader has to understand."""

    __slots__ = ()


def _odd_value(body: bytes) -> tuple[str, str]:
    """Return where the first value stands that makes a text unreadable, and what it is; nothing if none does.

    That is a number that no reader has to understand, or text with half of a pair of surrogates.
    """

    def number(text: str) -> Any:
        # A value with a point or an exponent is a double; msgspec reads integers of any size that Python prints.
        return _Odd(text) if math.isinf(float(text)) else 0

    try:
        document = json.loads(body.decode(), parse_float=number, parse_int=number, parse_constant=_Odd)
    except (ValueError, RecursionError):
        return "", ""
    rest: list[tuple[Any, str]] = [(document, "")]
    while rest:
        value, path = rest.pop()
        if isinstance(value, _Odd):
            word = f"the number {shorten(value)} is larger than a double holds"
            return path, word if value.lstrip("-")[:1].isdigit() else f"{value} is no number of JSON"
        if isinstance(value, str) and _HALF.search(value):
            return path, f'the text "{shorten(value)}" holds half of a pair of surrogates'
        if isinstance(value, list):
            rest += [(inner, element(path)) for inner in reversed(value)]
        elif isinstance(value, dict):
            for name, inner in reversed(value.items()):
                below = child(path, name)
                rest.append((name if _HALF.search(name) else inner, below))
    return "", ""


def _describe(body: bytes, problem: str) -> str:
    for magic, said in _MAGIC:
        if body.startswith(magic):
            return said
    if b"\0" in body[:4]:
        return "UTF-16 or UTF-32, where JSON is UTF-8"
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
