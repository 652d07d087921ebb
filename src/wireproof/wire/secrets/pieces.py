r"""Finds secrets in text: whole, or any eight characters of one that follow each other, as they may stand there.

A piece is found in upper and lower case; percent-encoded; with the escapes of JSON and of HTML; in hex and base64 at
any offset; broken by white space or characters without width; and (of what lives longer than a request) backwards.
Escapes and codes are undone in the text, not tried out on the secrets, so that mixtures of them are found as well.

Two things stay as they are. A piece of digits only: prices, times and ids would be destroyed. And a piece of a value
that is made of words, such as `test-secret`: that one is found whole. No key that an exchange issues is either.

Signatures come by the thousand, and eight hex digits of so many are soon those of some fingerprint: pieces of eight are
known of the latest (`RECENT` pieces in all, about a thousand signatures of 64 digits), halves of `OLDER` more.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from bisect import bisect_right
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHORTEST = 8  # shorter values are not registered, and shorter pieces not replaced: that would destroy text
LEAST_OF_MANY = 12  # so much of an older signature must stand there, of which there are many
LEARNED = 16  # what a server calls a listen key is registered from this length on
RECENT = 60_000
OLDER = 10_000
MOST_LEARNED = 500

_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{8,}")
_CODED = re.compile(r"[A-Za-z0-9+/_-]{11,}")  # what base64 makes of eight bytes
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")
_PRINTABLE = re.compile(rb"[A-Za-z0-9+/=_-]{8,}")
_BLANKS = r"\s\x00-\x1f\x7f\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2066-\u206f\ufeff"
_BLANK = re.compile(f"[{_BLANKS}]+")
_HIDING = re.compile(rf"[%&\\{_BLANKS}]")
_ESCAPE = re.compile(
    r"%[0-9A-Fa-f]{2}|\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8}|[\"'/bfnrtv])"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,10});"
)
_UNSEEN = re.compile(rf"{_ESCAPE.pattern}|[{_BLANKS}]+")
_SLICES = tuple(slice(at, at + SHORTEST) for at in range(4096))
_LONGEST_REMEMBERED = 300  # characters of a token of which it is remembered what it decodes to


class _KnownSecret(NamedTuple):
    """A registered value in lower case; `least` of its characters must stand in a row."""

    label: str
    text: str
    least: int = SHORTEST


class _Span(NamedTuple):
    start: int
    end: int
    label: str


class Pieces:
    """The registered values, and what of them stands in a text."""

    def __init__(self) -> None:
        self._index: dict[str, _KnownSecret] = {}  # eight characters -> the value that they are of
        self._whole: dict[str, list[_KnownSecret]] = {}  # the first eight -> the values that are found whole only
        self._literals: dict[str, str] = {}  # form -> label, of values with characters that no key has
        self._values: set[str] = set()
        self._lasting: dict[str, _KnownSecret] = {}  # piece -> value, of what is never forgotten
        self._learned: dict[str, _KnownSecret] = {}
        self._recent: dict[str, _KnownSecret] = {}  # signatures, the latest last
        self._older: dict[str, _KnownSecret] = {}
        self._quarters: dict[str, _KnownSecret] = {}  # piece -> older signature
        self._room = RECENT
        self._digits = False  # whether a value of digits is registered
        self._ordinary: Callable[[], Iterable[str]] = tuple
        self._spared: set[str] | None = None

    def __len__(self) -> int:
        return len(self._values) + len(self._learned) + len(self._recent) + len(self._older)

    def spare(self, words: Callable[[], Iterable[str]]) -> None:
        """Name the words that a server cannot make secrets by calling them a listen key; asked for when one comes."""
        self._ordinary, self._spared = words, None

    def register(self, value: str, label: str) -> None:
        """Find this secret from now on; nothing shorter than eight characters."""
        if len(value) < SHORTEST or value in self._values:
            return
        self._values.add(value)
        if _TOKEN.fullmatch(value):
            self._add(value, label)
            return
        self._literals |= dict.fromkeys(_forms(value), label)
        for part in _TOKEN.findall(value):
            if is_random(part):
                self._add(part, label)

    def learn(self, value: str, label: str) -> None:
        """Find a value that a server sent; not one that could be ordinary text, which the server would hide so."""
        if len(value) < LEARNED or not _TOKEN.fullmatch(value) or value in self._learned or value in self._values:
            return
        if self._spared is None:
            self._spared = {piece for word in self._ordinary() for piece in _pieces(word.lower())}
        if is_random(value):
            if len(self._learned) == MOST_LEARNED:
                self._learned = dict([*self._learned.items()][MOST_LEARNED // 2 :])
                self._rebuild()
            self._learned[value] = known = _KnownSecret(label, value.lower())
            self._index |= self._pieces_of(known)
        elif self._spared.isdisjoint(_pieces(value.lower())):
            self._values.add(value)
            self._add(value, label)

    def register_signature(self, value: str) -> None:
        """Find a signature from now on: its pieces while it is among the latest, halves after that."""
        folded = value.lower()
        if len(value) < SHORTEST or folded in self._recent:
            return
        self._recent[folded] = known = _KnownSecret("signature", folded)
        self._room -= len(folded)
        if self._room < 0:
            self._forget()
        self._index.update(zip(_pieces(folded), repeat(known)))

    def _forget(self) -> None:
        """Keep the earlier half of the signatures at their quarters only: each half of one holds such a piece."""
        for folded in [*self._recent][: len(self._recent) // 2]:
            del self._recent[folded]
            self._older[folded] = known = _KnownSecret("signature", folded, LEAST_OF_MANY)
            self._quarters.update(zip(_quarters(folded), repeat(known)))
        if len(self._older) > OLDER:
            self._older = dict([*self._older.items()][-OLDER // 2 :])
            self._quarters = {piece: known for folded, known in self._older.items() for piece in _quarters(folded)}
        self._room = RECENT - sum(map(len, self._recent))
        self._rebuild()

    def _rebuild(self) -> None:
        index = self._quarters.copy()
        for folded, known in self._recent.items():
            index.update(zip(_pieces(folded), repeat(known)))
        for known in self._learned.values():
            index |= self._pieces_of(known)
        self._index = index | self._lasting

    def _add(self, value: str, label: str) -> None:
        known = _KnownSecret(label, value.lower())
        if is_random(value):
            self._lasting |= self._pieces_of(known)
            self._index |= self._lasting
        else:
            self._whole.setdefault(known.text[:SHORTEST], []).append(known._replace(least=len(value)))
            self._digits = self._digits or known.text[:SHORTEST].isdigit()

    def _pieces_of(self, known: _KnownSecret) -> dict[str, _KnownSecret]:
        """Return the pieces of a value, forwards and backwards."""
        return {
            piece: known
            for text in (known.text, known.text[::-1])
            for piece in _pieces(text)
            if not piece.isdigit() and piece not in (self._spared or ())
        }

    def redacted(self, text: str, placeholder: Callable[[str], str]) -> str:
        """Return the text with everything found replaced."""
        if self._literals:
            for form in sorted((form for form in self._literals if form in text), key=len, reverse=True):
                text = text.replace(form, placeholder(self._literals[form]))
        if len(text) < SHORTEST or not (self._index or self._whole):
            return text
        plain = _undone(text) if _HIDING.search(text) else text
        if not (self._stands_in(text) or (plain is not text and self._stands_in(plain))):
            return text
        found = [*self._spans(text)]
        if plain is not text:
            view = _View(text)
            found += [_Span(*view.place(start, end), label) for start, end, label in self._spans(view.plain)]
        return _replaced(text, _merged(found), placeholder)

    def _stands_in(self, text: str) -> bool:
        """Whether anything may be found in a text. Most of it repeats few words, so each is looked at once."""
        for token in set(_TOKEN.findall(text)):
            if token.isdigit() and len(token) < 16 and not self._digits:
                continue
            if self._has_piece(token):
                return True
            if len(token) > 10 and any(self._has_piece(code.text) for code in _decoded(token)):
                return True
        return False

    def _has_piece(self, token: str) -> bool:
        folded = token.lower()
        if not self._index.keys().isdisjoint(_pieces(folded)):
            return True
        return bool(self._whole) and not self._whole.keys().isdisjoint(_pieces(folded))

    def _spans(self, text: str) -> Iterator[_Span]:
        """Yield what is found, plain and in hex or base64."""
        for match in _TOKEN.finditer(text):
            token = match[0]
            yield from (_Span(match.start() + a, match.start() + b, label) for a, b, label in self._plain(token))
            for code in _decoded(token):
                for start, end, label in self._plain(code.text):
                    yield _Span(match.start() + code.place(start), match.start() + code.place(end, up=True), label)

    def _plain(self, token: str) -> Iterator[_Span]:
        folded = token.lower()
        after = 0  # where what was found last ends, but for the seven characters that another may begin with
        for at, piece in enumerate(_pieces(folded)):
            if at < after:
                continue
            known = self._index.get(piece)
            alone = (known,) if known is not None and not piece.isdigit() else ()
            for one in (*alone, *self._whole.get(piece, ())):
                # As far as they agree: digits beside it are no piece alone, and part of the secret here.
                whole = _extended(folded, at, one.text if piece in one.text else one.text[::-1], piece)
                if whole.end - whole.start >= one.least:
                    yield whole._replace(label=one.label)
                    after = max(after, whole.end - SHORTEST + 1)


class _View:
    """A text with its escapes undone and its blanks left out, and where in the text each of its characters stands."""

    def __init__(self, text: str) -> None:
        parts: list[str] = []
        self._plain_at: list[int] = []  # where each part begins here
        self._text_at: list[tuple[int, int]] = []  # where it begins in the text, and the end of the one of an escape
        done = here = 0
        for match in _UNSEEN.finditer(text):
            for part, start, end in ((text[done : match.start()], done, 0), (_undo(match), match.start(), match.end())):
                if part:
                    parts.append(part)
                    self._plain_at.append(here)
                    self._text_at.append((start, end))
                    here += len(part)
            done = match.end()
        parts.append(text[done:])
        self._plain_at.append(here)
        self._text_at.append((done, 0))
        self.plain = "".join(parts)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text a stretch of the view stands."""
        return self._at(start)[0], self._at(end - 1)[1]

    def _at(self, position: int) -> tuple[int, int]:
        part = bisect_right(self._plain_at, position) - 1
        start, end = self._text_at[part]
        if end:
            return start, end
        start += position - self._plain_at[part]
        return start, start + 1


class _Code(NamedTuple):
    """What a stretch of a token is the code of; `bits` of each of its characters count."""

    text: str
    at: int
    skipped: int  # characters of the code before the text begins, in bytes of what is coded
    bits: int

    def place(self, position: int, *, up: bool = False) -> int:
        """Return where in the token a character's code begins, or (`up`) ends."""
        eighths = (self.skipped + position) * 8
        return self.at + (-(-eighths // self.bits) if up else eighths // self.bits)


def _decoded(token: str) -> tuple[_Code, ...]:
    return _decoded_once(token) if len(token) <= _LONGEST_REMEMBERED else _decode(token)


def _decode(token: str) -> tuple[_Code, ...]:
    """Return every text that a token may be the hex or base64 of, at any offset; few are of anything."""
    found: list[_Code] = []
    for match in _HEX.finditer(token):
        for at in range(2):
            digits = match[0][at:]
            found += _texts(bytes.fromhex(digits[: len(digits) // 2 * 2]), match.start() + at, 4)
    for match in _CODED.finditer(token):
        coded = match[0].replace("-", "+").replace("_", "/")
        for at in range(4):
            rest = coded[at:]
            rest = rest[:-1] if len(rest) % 4 == 1 else rest
            found += _texts(binascii.a2b_base64(rest + "=" * (-len(rest) % 4)), match.start() + at, 6)
    return tuple(found)


_decoded_once = lru_cache(maxsize=4096)(_decode)


def _texts(raw: bytes, at: int, bits: int) -> Iterator[_Code]:
    return (_Code(match[0].decode(), at, match.start(), bits) for match in _PRINTABLE.finditer(raw))


def is_random(value: str) -> bool:
    """Whether a value looks drawn rather than made of words, so that no piece of it is a word."""
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if len(set(value)) < 6:
        return False
    return (digits > 2 and letters > 2) or (len(value) >= 32 and len(set(value)) >= 12 and value.isalnum())


def _pieces(folded: str) -> Iterable[str]:
    """Return all eight characters of a text that follow each other."""
    many = len(folded) - SHORTEST + 1
    if many <= len(_SLICES):
        return map(folded.__getitem__, _SLICES[: max(many, 0)])
    return (folded[at : at + SHORTEST] for at in range(many))


def _quarters(folded: str) -> list[str]:
    step = max(len(folded) // 4, 1)
    return [folded[at : at + SHORTEST] for at in range(0, len(folded) - SHORTEST + 1, step)]


def _extended(text: str, at: int, known: str, piece: str) -> _Span:
    """Return how far text and known value agree around a piece of both."""
    there = known.find(piece)
    back = forth = 0
    while back < min(at, there) and text[at - back - 1] == known[there - back - 1]:
        back += 1
    end, known_end = at + len(piece), there + len(piece)
    while end + forth < len(text) and known_end + forth < len(known) and text[end + forth] == known[known_end + forth]:
        forth += 1
    return _Span(at - back, end + forth, "")


def _undone(text: str) -> str:
    if "%" in text or "\\" in text or "&" in text:
        text = _ESCAPE.sub(_undo, text)
    return _BLANK.sub("", text)


def _undo(match: re.Match[str]) -> str:
    """Return the character of an escape; nothing for a blank, escaped or not."""
    escape = match[0]
    if escape[0] == "%":
        char = chr(int(escape[1:], 16))
    elif escape[0] == "&":
        char = html.unescape(escape)
    elif escape[0] == "\\":
        name = escape.lstrip("\\")
        number = int(name[1:], 16) if len(name) > 1 else 0
        char = (chr(number) if number < 0x110000 else "") if len(name) > 1 else name if name in "\"'/" else ""
    else:
        return ""
    return "" if _BLANK.fullmatch(char) else char


def _merged(spans: list[_Span]) -> list[_Span]:
    """Return the spans in order, those that overlap as one."""
    merged: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _replaced(text: str, spans: list[_Span], placeholder: Callable[[str], str]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, label in spans:
        before = text[done:start]
        # What begins with the letter of an escape takes its backslash along: "\n" must not become "\<".
        slashes = len(before) - len(before.rstrip("\\"))
        parts += [before[: len(before) - slashes % 2], placeholder(label)]
        done = end
    return "".join([*parts, text[done:]])


def _forms(value: str) -> set[str]:
    """Return the ways a value with unusual characters may stand in text."""
    percent = {quote(value, safe=""), quote(value), quote_plus(value)}
    percent |= {re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), form) for form in percent}
    forms = {value, *percent, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {value.replace("/", "\\/"), html.escape(value)}
    raw = value.encode("utf-8", "surrogatepass")
    forms |= {raw.hex(), raw.hex().upper()}
    for shift in range(3):  # base64 looks different at each of three offsets
        for coded in (base64.b64encode(b"\0" * shift + raw), base64.urlsafe_b64encode(b"\0" * shift + raw)):
            # The outer characters also hold bits of the neighbours.
            core = coded.decode().rstrip("=")[-(-shift * 8 // 6) if shift else 0 :]
            forms.add(core if (shift + len(raw)) % 3 == 0 else core[:-1])
    return {form for form in forms if len(form) >= SHORTEST}
