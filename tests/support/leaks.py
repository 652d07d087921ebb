"""Searches what a run leaves for pieces of secrets, in every encoding that programs use.

It shares nothing with wireproof's own redaction, whose mistakes it would repeat.
"""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LEAST = 8
#: By chance, eight characters of hundreds of signatures are soon those of some fingerprint or UUID in it, and any
#: eight those of some code in a page of megabytes.
MANY_LEAST = 12
LARGE, LARGE_LEAST = 500_000, 10

_RUNS = re.compile(r"[A-Za-z0-9+/=_-]{8,}")
_CODED = re.compile(r"[A-Za-z0-9+/_-]{11,}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")
_TEXT = re.compile(rb"[A-Za-z0-9+/=_-]{8,}")
_BLANKS = re.compile("[\\s\\u00ad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2064\\ufeff]+")


class Leak(NamedTuple):
    """A piece of a secret, where it stands and what had to be undone to see it."""

    where: str
    secret: str
    piece: str
    how: str


class Leaks:
    """Looks for secrets, by name; `found` says what leaked."""

    def __init__(self, secrets: dict[str, Iterable[str]]) -> None:
        self._pieces: dict[int, dict[str, str]] = {LEAST: {}, MANY_LEAST: {}, LARGE_LEAST: {}}
        for name, values in secrets.items():
            for value in values:
                folded = value.lower()
                for least in (MANY_LEAST,) if name == "signature" else (LEAST, LARGE_LEAST):
                    for at in range(len(folded) - least + 1):
                        piece = folded[at : at + least]
                        if not piece.isdigit():  # prices, times and ids are digits, too
                            self._pieces[least][piece] = name

    def in_text(self, text: str, where: str = "") -> list[Leak]:
        """Return the leaks of a text, one for each way to see it and kind of secret."""
        found = {}
        for how, view in self._views(text):
            for piece, name in self._in_view(view, LEAST if len(text) < LARGE else LARGE_LEAST):
                found.setdefault((name, how), Leak(where, name, piece, how))
        return [*found.values()]

    def in_folder(self, folder: Path) -> list[Leak]:
        """Return the leaks of all files of a folder: of what is in them, and of their names."""
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        assert files, f"{folder} holds no file to search"
        leaks = [leak for file in files for leak in self.in_text(str(file.relative_to(folder)), f"name of {file}")]
        for file in files:
            leaks += self.in_text(file.read_bytes().decode("utf-8", "replace"), str(file))
        return leaks

    def _in_view(self, view: str, shortest: int) -> Iterator[tuple[str, str]]:
        for run in set(_RUNS.findall(view)):
            folded = run.lower()
            for least in (shortest, MANY_LEAST):
                pieces = self._pieces[least]
                for at in range(len(folded) - least + 1 if pieces else 0):
                    piece = folded[at : at + least]
                    if piece in pieces:
                        yield piece, pieces[piece]

    def _views(self, text: str) -> Iterator[tuple[str, str]]:
        plain = [("plain", text)]
        undone = _json(html.unescape(unquote(text)))
        if undone != text:
            plain.append(("escaped", undone))
        joined = _BLANKS.sub("", undone)
        if joined != undone:
            plain.append(("broken", joined))
        for how, view in plain:
            yield how, view
            yield f"{how}, base64", "\n".join(_base64(view))
            yield f"{how}, hex", "\n".join(_hex(view))
        yield "backwards", text[::-1]


def _json(text: str) -> str:
    r"""Undo the escapes of JSON and Python, also those of JSON inside a string: \\u0061."""
    text = re.sub(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))", lambda m: chr(int(m[1] or m[2], 16)), text)
    return re.sub(r"\\+[nrt]", "\n", text).replace("\\/", "/")


def _base64(text: str) -> Iterator[str]:
    for token in set(_CODED.findall(text)):
        coded = token.translate(str.maketrans("-_", "+/"))
        for offset in range(4):
            cut = coded[offset : offset + (len(coded) - offset) // 4 * 4]
            rest = coded[offset + len(cut) :]
            raw = base64.b64decode(cut) + (base64.b64decode(rest + "=" * (4 - len(rest))) if len(rest) > 1 else b"")
            yield from (one.decode() for one in _TEXT.findall(raw))


def _hex(text: str) -> Iterator[str]:
    for token in set(_HEX.findall(text)):
        for offset in range(2):
            digits = token[offset:]
            yield from (one.decode() for one in _TEXT.findall(bytes.fromhex(digits[: len(digits) // 2 * 2])))


def _piece(secret: str) -> str:
    """Return eight characters from the middle of a secret, not only digits."""
    middle = len(secret) // 2
    return next(secret[at : at + 8] for at in range(middle, len(secret)) if not secret[at : at + 8].isdigit())


#: How a server may write a secret; each takes it and returns what is sent, as text.
CODES = {
    "plain": lambda secret: secret,
    "half": lambda secret: secret[: len(secret) // 2],
    "eight": _piece,
    "upper": str.upper,
    "lower": str.lower,
    "backwards": lambda secret: secret[::-1],
    "percent": lambda secret: "".join(f"%{ord(char):02X}" for char in secret),
    "json": lambda secret: "".join(f"\\u{ord(char):04x}" for char in secret),
    "html": lambda secret: "".join(f"&#{ord(char)};" for char in secret),
    "html hex": lambda secret: "".join(f"&#x{ord(char):x};" for char in secret),
    "hex": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(f"u:{secret}".encode()).decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(f"us:{secret}:x".encode()).decode(),
    "base64 of eight": lambda secret: base64.b64encode(_piece(secret).encode()).decode(),
    "lines": lambda secret: "\n".join(secret[at : at + 8] for at in range(0, len(secret), 8)),
    "spaces": lambda secret: " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    "no width": "\u200b".join,
    "mixed": lambda secret: "".join(char if at % 3 else f"%{ord(char):02x}" for at, char in enumerate(secret)),
}
