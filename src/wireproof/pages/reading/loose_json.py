"""Reads the JSON of documentation examples as a person would.

Examples on documentation pages carry comments, lose commas, gain commas, cut lists short with an ellipsis, use odd
quotes, and sometimes hold two documents in one block. All of that is read, and each repair is noted with its line.
What cannot be read without guessing is refused with its line and the reason.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from wireproof.counts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 64
MAX_NUMBER = 40  # characters; the longest number of the exchange has fewer than 25

_SPACE = " \t\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_CLOSING_QUOTE = {
    '"': '"\u201c\u201d\uff02',
    "'": "'",
    "\u201c": '"\u201d',
    "\u201d": '"\u201c\u201d',
    "\u2018": "\u2019",
}
_PUNCTUATION = {"\uff0c": ",", "\uff1a": ":", "\uff1b": ";", "\u3010": "[", "\u3011": "]", "\uff5b": "{", "\uff5d": "}"}
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?=[\s,\]}:;/#\uff0c]|$)")
_WORD = re.compile(r"[^\s,\[\]{}:;\"'\u201c\u201d\uff0c\uff1a]+")
_ELLIPSIS = re.compile(r"(?:\.\s*){2,}\.?|\u2026+")
_CLOSED_LATER = re.compile(r"[^\"\n]*\"\s*(?:[,:}\]]|//|$)")  # a quotation inside a string that closes properly
_LITERALS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
             "null": None, "None": None, "NULL": None}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'"}


class UnreadableJson(ValueError):  # noqa: N818  # reads as what it says of the example
    """An example that cannot be read without guessing."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line, self.reason = line, reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Comment(Struct, frozen=True):
    """A comment and the generalised path of the field on its line; empty `path` on a line of its own."""

    path: str
    text: str
    line: int
    on_field: bool  # false: on a line of its own, or before the first field


class Repair(Struct, frozen=True):
    """Something that strict JSON does not allow and that was read nevertheless."""

    line: int
    what: str


class Document(Struct):
    """One JSON document of a block: its value, the words in front of it, its comments."""

    value: Any
    caption: str = ""
    comments: list[Comment] = field(default_factory=list)


class LooseDocuments(Struct):
    """What a block holds: documents in order, and what was repaired to read them."""

    documents: list[Document] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    trailer: str = ""  # words after the last document


class _Token(Struct):
    kind: str  # one of {}[]:, or string, number, word, comment, ellipsis, end
    text: str
    line: int
    value: Any = None


def read(text: str) -> LooseDocuments:
    """Read a block of documentation JSON. Raises `UnreadableJson` with the line (1-based) and the reason."""
    return _Reader(text).read()


class _Lexer:
    def __init__(self, text: str, repairs: list[Repair]) -> None:
        self.text, self.repairs = text, repairs
        self.at, self.line = 0, 1

    def tokens(self) -> Iterator[_Token]:
        odd_space = False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\n":
                self.line += 1
                self.at += 1
            elif char in _SPACE or char in _INVISIBLE:
                if char not in " \t\r" and not odd_space:
                    odd_space = True
                    self.repairs.append(Repair(self.line, "a space that JSON does not know"))
                self.at += 1
            elif self.text.startswith(("//", "/*"), self.at) or char == "#":
                yield self._comment()
            elif char in "{}[]:,":
                self.at += 1
                yield _Token(char, char, self.line)
            elif char in _PUNCTUATION:
                self.at += 1
                self.repairs.append(Repair(self.line, f"{char} read as {_PUNCTUATION[char]}"))
                if _PUNCTUATION[char] != ";":
                    yield _Token(_PUNCTUATION[char], char, self.line)
            elif char in _CLOSING_QUOTE:
                yield self._string(char)
            elif match := _ELLIPSIS.match(self.text, self.at):
                self.at = match.end()
                line = self.line
                self.line += match[0].count("\n")
                yield _Token("ellipsis", match[0].strip(), line)
            elif match := _NUMBER.match(self.text, self.at):
                self.at = match.end()
                yield _Token("number", match[0], self.line, _number(match[0], self.line))
            elif char == ";":
                self.at += 1
            else:
                yield self._word()
        yield _Token("end", "", self.line)

    def _comment(self) -> _Token:
        line, start = self.line, self.at
        if self.text.startswith("/*", start):
            end = self.text.find("*/", start)
            end = len(self.text) if end < 0 else end + 2
            body = self.text[start + 2 : end].removesuffix("*/")
            self.line += body.count("\n")
        else:
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            body = self.text[start:end].lstrip("/#")
        self.at = end
        return _Token("comment", " ".join(body.split()), line)

    def _string(self, quote: str) -> _Token:
        if quote != '"':
            self.repairs.append(Repair(self.line, f"quote {quote} read as a double quote"))
        closing, start = _CLOSING_QUOTE[quote], self.at
        out: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in closing and not (char != quote == '"' and _CLOSED_LATER.match(self.text, self.at)):
                self.at += 1
                if char != '"' and quote == '"':
                    self.repairs.append(Repair(self.line, f"quote {char} read as a double quote"))
                return self._finished("".join(out))
            if char == "\n":
                break
            if char == "\\":
                char = self._escape()
            elif char == "\t":
                self.repairs.append(Repair(self.line, "a tab in a string, left out"))
                char = ""
            self.at += 1
            out.append(char)
        return self._unclosed(start)

    def _finished(self, value: str) -> _Token:
        if "\u00a0" in value:
            self.repairs.append(Repair(self.line, "a no-break space in a string, read as a space"))
        return _Token("string", value, self.line, value.replace("\u00a0", " "))

    def _escape(self) -> str:
        """Return the escaped character at the cursor and leave the cursor on its last character."""
        follow = self.text[self.at + 1 : self.at + 2]
        if follow == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", self.text[self.at + 2 : self.at + 6]):
            return self._code_point()
        if follow in _ESCAPES and follow:
            self.at += 1
            return _ESCAPES[follow]
        self.repairs.append(Repair(self.line, "a backslash that escapes nothing, kept as it is"))
        return "\\"

    def _code_point(self) -> str:
        r"""Return the character of `\uXXXX`, or of the two that stand for one beyond the basic plane."""
        pair = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(self.text, self.at)
        if pair:
            self.at += 11
            return chr(0x10000 + ((int(pair[1], 16) - 0xD800) << 10) + int(pair[2], 16) - 0xDC00)
        code = int(self.text[self.at + 2 : self.at + 6], 16)
        if 0xD800 <= code <= 0xDFFF:
            raise UnreadableJson(self.line, "an escape stands for half a character")
        self.at += 5
        return chr(code)

    def _unclosed(self, start: int) -> _Token:
        """Close a string that nothing closes at the end of its line, where its comma or bracket stands."""
        rest = self.text[start + 1 : self.at].rstrip()
        if not re.fullmatch(r"[\w.+\- ]*[,}\]]*", rest):
            raise UnreadableJson(self.line, f"a string opens with {self.text[start]} and is not closed on its line")
        value = rest.rstrip(",]} ")
        self.at = start + 1 + len(value)
        self.repairs.append(Repair(self.line, "a string without its closing quote, closed before the comma"))
        return self._finished(value)

    def _word(self) -> _Token:
        match = _WORD.match(self.text, self.at)
        word = match[0] if match else self.text[self.at]
        for mark in ("//", "/*"):
            if mark in word[1:] and not word.startswith(("http", "ws")):
                word = word[: word.index(mark, 1)]
        self.at += len(word)
        rest = self.text[self.at : self.at + 2]
        if rest[:1] == '"' and re.match(r'"\s*:', self.text[self.at : self.at + 20]):
            self.at += 1
            self.repairs.append(Repair(self.line, f"field {word} without its opening quote"))
            return _Token("string", word, self.line, word)
        return _Token("word", word, self.line, word)


def _number(text: str, line: int) -> int | float:
    if len(text) > MAX_NUMBER:
        raise UnreadableJson(line, f"a number of {counted(len(text), 'digit')}")
    value: int | float = float(text) if re.search(r"[.eE]", text) else int(text)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise UnreadableJson(line, f"the number {text} is larger than JSON readers take")
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        raise UnreadableJson(line, f"the number {text} is larger than JSON readers take")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.repairs: list[Repair] = []
        self.tokens = list(_Lexer(text, self.repairs).tokens())
        self.at = 0
        self.comments: list[Comment] = []
        self.last: tuple[int, str] = (0, "")  # line and path of the last field or element

    def read(self) -> LooseDocuments:
        reading = LooseDocuments(repairs=self.repairs)
        words: list[str] = []
        while (token := self.tokens[self.at]).kind != "end":
            if token.kind in "{[":
                self.comments, self.last = [], (0, "")
                value = self._value("", 0)
                self._comments_on(self.tokens[self.at - 1].line)
                reading.documents.append(Document(value, " ".join(words).strip(), self.comments))
                words = []
                continue
            self.at += 1
            if token.kind in "}]":
                if not reading.documents:
                    raise UnreadableJson(token.line, f"{token.text} closes what was never opened")
                self._note(token.line, "one closing bracket too many")
            elif token.kind not in {",", "ellipsis"}:
                words.append(token.text)
        reading.trailer = " ".join(words).strip()
        self.repairs.sort(key=lambda repair: repair.line)
        return reading

    def _note(self, line: int, what: str) -> None:
        self.repairs.append(Repair(line, what))

    def _comments_on(self, line: int) -> None:
        """Take the comments that still stand on the line of the last bracket."""
        while (token := self.tokens[self.at]).kind == "comment" and token.line == line:
            self._comment(token)
            self.at += 1

    def _comment(self, token: _Token) -> None:
        line, path = self.last
        on_field = line == token.line
        self.comments.append(Comment(path if on_field else "", token.text, token.line, on_field))

    def _peek(self) -> _Token:
        """Return the next token that is no comment, noting comments on the way."""
        while (token := self.tokens[self.at]).kind == "comment":
            self._comment(token)
            self.at += 1
        return token

    def _value(self, path: str, depth: int) -> Any:
        token = self._peek()
        if depth > MAX_DEPTH:
            raise UnreadableJson(token.line, f"brackets nested deeper than {MAX_DEPTH}")
        self.at += 1
        match token.kind:
            case "{":
                return self._object(token, path, depth)
            case "[":
                return self._array(token, path, depth)
            case "string" | "number":
                return token.value
            case "word":
                return self._word(token)
            case "end":
                raise UnreadableJson(token.line, f"the block ends where the value of {_name(path)} is due")
        raise UnreadableJson(token.line, f"{token.text} stands where the value of {_name(path)} is due")

    def _word(self, token: _Token) -> Any:
        if token.text in _LITERALS:
            if token.text not in {"true", "false", "null"}:
                self._note(token.line, f"{token.text} read as {json.dumps(_LITERALS[token.text])}")
            return _LITERALS[token.text]
        words = [token.text]
        while (more := self.tokens[self.at]).kind in {"word", "number"} and more.line == token.line:
            words.append(more.text)
            self.at += 1
        if (more := self.tokens[self.at]).kind in {":", "{", "["} or not re.fullmatch(
            r"[\w<>.+%@\- ]+", " ".join(words)
        ):
            raise UnreadableJson(token.line, f"{more.text if more.kind in ':{[' else token.text} is not JSON here")
        self._note(token.line, f"bare word {' '.join(words)} read as a string")
        return " ".join(words)

    def _object(self, opening: _Token, path: str, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while (token := self._member(opening, "object", "}")) is not None:
            key = self._key(token)
            here = f"{path}.{key}" if path else key
            self.last = (token.line, here)
            value = self._value(here, depth + 1)
            if key in out:
                self._note(token.line, f"field {key} given twice, the later one kept")
            out[key] = value
            self._separator("}")
        return out

    def _member(self, opening: _Token, container: str, closing: str) -> _Token | None:
        """Return the token that the next member begins with; None once the container is closed."""
        while True:
            token = self._peek()
            if token.kind == closing:
                self.at += 1
                return None
            if token.kind in {"end", "}", "]"}:
                raise UnreadableJson(token.line, f"the {container} opened on line {opening.line} is not closed")
            if token.kind == "ellipsis":
                self._ellipsis(token)
            elif token.kind == ",":
                self.at += 1
                self._note(token.line, "a comma with nothing before it")
            else:
                return token

    def _key(self, token: _Token) -> str:
        if token.kind not in {"string", "word", "number"}:
            raise UnreadableJson(token.line, f"{token.text} stands where a field name is due")
        self.at += 1
        if (colon := self._peek()).kind != ":":
            raise UnreadableJson(
                token.line, f"field {token.text} has no colon after its name, but {colon.text or 'nothing'}"
            )
        self.at += 1
        if token.kind != "string":
            self._note(token.line, f"field {token.text} without quotes")
        return str(token.value) if token.kind == "string" else token.text

    def _array(self, opening: _Token, path: str, depth: int) -> list[Any]:
        out: list[Any] = []
        here = f"{path}[]"
        while (token := self._member(opening, "list", "]")) is not None:
            if token.kind not in "{[":
                self.last = (token.line, here)
            out.append(self._value(here, depth + 1))
            self._separator("]")
        return out

    def _ellipsis(self, token: _Token) -> None:
        self.at += 1
        self._note(token.line, "an ellipsis: the page leaves more of the same out")
        if self._peek().kind == ",":
            self.at += 1

    def _separator(self, closing: str) -> None:
        """Take the comma before the next field or element; note one that is missing or stands before the bracket."""
        line = self.tokens[self.at - 1].line
        token = self._peek()
        if token.kind == ",":
            self.at += 1
            while self.tokens[self.at].kind == "comment" and self.tokens[self.at].line == token.line:
                self._comment(self.tokens[self.at])
                self.at += 1
            if self._peek().kind == closing:
                self._note(token.line, "a comma before a closing bracket")
        elif token.kind not in {closing, "end", "]", "}"}:
            if token.kind == ":":
                raise UnreadableJson(token.line, "a second colon in one field")
            self._note(line, "a missing comma")


def _name(path: str) -> str:
    return path or "the document"
