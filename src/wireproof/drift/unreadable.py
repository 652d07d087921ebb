"""Why bytes are no JSON: what they are instead, or what is wrong with them and at which path."""

from __future__ import annotations

import codecs
import json
import math
import re
import zlib
from typing import Any

from wireproof.bounds import excess
from wireproof.contract.paths import child, element
from wireproof.counts import counted
from wireproof.drift.deviations import shorten

_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_UNSAID = ", without a Content-Encoding that says so"

# What bytes that are no UTF-8 text begin with, the longer before the shorter.
_MAGIC = (
    (b"\x1f\x8b", f"compressed by gzip{_UNSAID}"),
    (b"\x28\xb5\x2f\xfd", f"compressed by zstd{_UNSAID}"),
    (b"\x04\x22\x4d\x18", f"compressed by lz4{_UNSAID}"),
    (b"\xff\x06\0\0sNaPpY", f"compressed by snappy{_UNSAID}"),
    (b"\xfd7zXZ\0", f"compressed by xz{_UNSAID}"),
    (b"BZh", f"compressed by bzip2{_UNSAID}"),
    (b"\x1f\x9d", f"compressed by compress{_UNSAID}"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"%PDF-", "a PDF document"),
    (codecs.BOM_UTF32_LE, "UTF-32, where JSON is UTF-8"),
    (codecs.BOM_UTF32_BE, "UTF-32, where JSON is UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16, where JSON is UTF-8"),
    (codecs.BOM_UTF16_BE, "UTF-16, where JSON is UTF-8"),
)
_WIDE = (("utf-32-le", "UTF-32", 4), ("utf-32-be", "UTF-32", 4), ("utf-16-le", "UTF-16", 2), ("utf-16-be", "UTF-16", 2))
_JSON_STARTS = frozenset('{["-0123456789tfn')
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*"?'
_TOKEN = re.compile(_STRING + rb"|[{}\[\],]", re.DOTALL)
_WORD = re.compile(_STRING + rb"|(?<![\w.])[A-Za-z_$][\w$]*", re.DOTALL)
_LITERALS = frozenset({b"true", b"false", b"null"})
_POSITION = re.compile(r" \(byte (\d+)\)$")
_SHORT = 4096  # bytes that are looked at to tell what they are


def describe(body: bytes, problem: str) -> tuple[str, str]:
    """Return what bytes that are no JSON are, and the path of what is wrong with them ("" where it is the whole).

    `problem` is the sentence of the parser that refused them.
    """
    if over := excess(body):
        return f"{over}, of which none was compared", ""
    other = _something_else(body)
    if other:
        return other, ""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        said = f"invalid UTF-8 ({error.reason}: {_hex(body[error.start : error.start + 4])} at byte {error.start})"
        return said, path_at(body, error.start)
    odd, path = _odd_value(text)
    if odd:
        return f"no JSON: {odd}", path
    return _wrong_at(body, problem.removeprefix("JSON is malformed: "))


def _something_else(body: bytes) -> str:
    """Return what the bytes are, if they are no UTF-8 text that tries to be JSON."""
    for magic, said in _MAGIC:
        if body.startswith(magic):
            return said
    if wide := _wide(body):
        return wide
    start = body[:_SHORT]
    if not start.strip(b"\0"):
        return counted(len(body), "NUL byte") if body else "an empty answer"
    text = start.decode("utf-8", "replace").strip()
    if not text:
        return "an empty answer"
    if text.startswith("\ufeff"):
        return "a byte order mark before the JSON"
    if text[0] == "<":
        title = _TITLE.search(text)
        return "an HTML page" + (f" titled {shorten(' '.join(title[1].split()))!r}" if title else "")
    if text[0] in _JSON_STARTS:
        return ""
    if by := _inflated(body):
        return f"compressed by {by}{_UNSAID}"
    if not text[0].isprintable() or text[0] == "\ufffd":
        # Brotli has no mark of its own: that it is no text is all that can be said for sure.
        return f"binary data, no text (it begins with {_hex(start[:8])}); brotli{_UNSAID}, looks like this"
    return ""


def _wide(body: bytes) -> str:
    """Return which wider encoding of JSON the bytes are: the first character of JSON is ASCII, NULs stand beside it."""
    if b"\0" not in body[:4]:
        return ""
    for encoding, name, width in _WIDE:
        head = body[: 64 - 64 % width]
        head = head[: len(head) - len(head) % width]
        text = head.decode(encoding, "replace").lstrip()
        fits = bool(text) and (text[0] in _JSON_STARTS or text[0] == "<")
        if fits and head.count(0) * 4 >= len(head):
            return f"{name}, where JSON is UTF-8"
    return ""


def _inflated(body: bytes) -> str:
    """Return the name of the format of `deflate` that the bytes are, if what is in it begins like JSON or a page."""
    if body[:64].isascii() and body[:64].decode().isprintable():
        return ""
    for wbits, name in ((zlib.MAX_WBITS, "deflate (zlib)"), (-zlib.MAX_WBITS, "deflate")):
        try:
            inside = zlib.decompressobj(wbits).decompress(body[:_SHORT], 64)
        except zlib.error:
            continue
        if inside.lstrip()[:1].decode("ascii", "replace") in {*_JSON_STARTS, "<"}:
            return name
    return ""


def _hex(raw: bytes) -> str:
    return raw.hex(" ")


class _Odd(str):
    """What is wrong with a value, in words."""

    __slots__ = ()


def _number(text: str) -> Any:
    # A value with a point or an exponent is a double; msgspec reads integers of any size that Python prints.
    return _Odd(f"the number {shorten(text)} is larger than a double holds") if math.isinf(float(text)) else 0


def _constant(text: str) -> _Odd:
    return _Odd(f"{text} is no number of JSON")


def _odd_value(text: str) -> tuple[str, str]:
    """Return what is wrong with the first value that a lenient reader accepts and JSON does not, and its path."""
    try:
        document = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant, strict=False)
    except (ValueError, RecursionError):
        return "", ""
    rest: list[tuple[Any, str]] = [(document, "")]
    while rest:
        value, path = rest.pop()
        if isinstance(value, _Odd):
            return str(value), path
        if isinstance(value, str) and (odd := _odd_text(value)):
            return odd, path
        if isinstance(value, list):
            rest += [(inner, element(path)) for inner in reversed(value)]
        elif isinstance(value, dict):
            for name in value:
                if odd := _odd_text(name):
                    return f"in a key, {odd}", path
            rest += [(inner, child(path, name)) for name, inner in reversed(value.items())]
    return "", ""


def _odd_text(text: str) -> str:
    for char in text:
        if "\ud800" <= char <= "\udfff":
            return f"the lone surrogate \\u{ord(char):04x}, which is no character"
        if char < " ":
            # An escaped one is allowed; where the parser refuses a text, the bare one is what it met.
            return ""
    return ""


def _wrong_at(body: bytes, problem: str) -> tuple[str, str]:
    """Return the parser's sentence in plain words, with what stands there, and the path of its position."""
    found = _POSITION.search(problem)
    if found is None:
        if "truncated" in problem:
            # Where it was cut off is no place of the difference: the next one may be cut elsewhere.
            path = path_at(body, len(body))
            return f"no JSON: it ends too early, after {counted(len(body), 'byte')}{path and f' at {path}'}", ""
        return f"no JSON: {problem}", ""
    position = int(found[1])
    there = body[position : position + 80].decode("utf-8", "replace")
    path = path_at(body, position)
    if problem.startswith("trailing characters"):
        position -= 1  # the parser counts one too many here
        there = body[position : position + 80].decode("utf-8", "replace")
        return f"no JSON: trailing characters after it, {_shown(there)} (byte {position})", ""
    if problem.startswith("invalid character ("):
        word = next((m for m in _WORD.finditer(body) if m[0][:1] != b'"' and m[0] not in _LITERALS), None)
        if word is not None and word.start() <= position:
            said = f"no JSON: {shorten(word[0].decode())} is no value of JSON (byte {word.start()})"
            return said, path_at(body, word.start())
        if there:
            return f"no JSON: invalid character {_shown(there[0])} (byte {position})", path
    return f"no JSON: {problem}", path


def _shown(text: str) -> str:
    if not text[:1].isprintable():
        return f"U+{ord(text[0]):04X}"
    return repr(shorten(text))


def path_at(body: bytes, position: int) -> str:
    """Return the path of the value that stands at a position of a text that need not be JSON as a whole."""
    stack: list[list[Any]] = []  # of each open object its key and whether a key comes next; of each array None
    for token in _TOKEN.finditer(body):
        if token.start() >= position or (token.end() > position and token[0][:1] == b'"'):
            break
        mark = token[0][:1]
        if mark == b"{":
            stack.append(["", True])
        elif mark == b"[":
            stack.append([None, False])
        elif mark in b"}]":
            if stack:
                stack.pop()
        elif mark == b"," and stack:
            stack[-1][1] = stack[-1][0] is not None
            stack[-1][0] = stack[-1][0] and ""
        elif mark == b'"' and stack and stack[-1][1]:
            stack[-1] = [_key(token[0]), False]
    path = ""
    for key, key_next in stack:
        path = element(path) if key is None else path if key_next else child(path, key)
    return path


def _key(token: bytes) -> str:
    try:
        return str(json.loads(token.decode("utf-8", "replace"), strict=False))
    except ValueError:
        return token.decode("utf-8", "replace").strip('"')
