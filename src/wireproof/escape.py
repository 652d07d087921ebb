r"""Text that others wrote, made harmless for where it is shown: one function per kind of place.

What a target answers, what a page says and what a file is called is data. No place may take it for
markup, for a command or for something to hide.

| place | function |
|---|---|
| a terminal, a failure message of pytest (and with it junit.xml) | `terminal`, of finished lines; `say` prints |
| a log | `EscapingFilter` |
| one field of such a line | `one_line` |
| an annotation of GitHub's log | `annotation` |
| Markdown: running text, code, a table's cell, a link | `prose`, `code`, `cell`, `link` |
| HTML: text and attribute values | `html`; in templates, which escape by themselves, `one_line`, `web_address` |
| JSON | `json_bytes` of what was encoded, `json_text` of a string that goes into JSON; `say_json` prints |
"""

from __future__ import annotations

import html as standard
import json
import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

#: Characters of an error that is shown in one line.
SENTENCE = 4000

# Letters and marks that count as printable and show nothing: fillers, joiners, variation selectors.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_IS_BLANK = re.compile(f"[{_BLANK}]")
_SPACE = re.compile(r"(?:[ \t\n]|\r\n)+")

# A line of a log is a command of GitHub's runner when it begins with `::`, white space aside, or has `##[` anywhere:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs. A later reader may wrap lines
# elsewhere, so neither stands anywhere.
_COMMAND = re.compile(r":(?=:)|(?<=##)\[")

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&$])")
_MARKDOWN_START = re.compile(r"^(?:([-+=])|(\d{1,9})([.)])(?= |$))")
# What GitHub makes a link of although it is escaped: it looks at the text once more when the markup is gone. An
# invisible joiner after the first part ends that: mentions and mail addresses, numbers of issues, web addresses,
# names of pictures.
_REFERENCE = re.compile(
    r"@|#(?=\d)|GH-(?=\d)|www(?=\.)|:(?=//|[^\s:]*@|(?:100|1234|[\w+-]*[a-z+-][\w+-]*):)", re.IGNORECASE
)
_JOINER = "\u2060"
_URL = re.compile(r"https?://(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")

# Where in JSON a character may stand that a terminal, a log or an editor must not meet.
_IN_JSON = re.compile(r"(?<=##)\[|[^\n -~]")


def visible(text: str) -> str:
    r"""Return `text` with an escape (`\x1b`, `\u202e`) for every character that a reader does not see as itself.

    Those are control, format and direction characters, line and paragraph separators, spaces other than the usual one,
    half surrogates, and what Unicode has not assigned or keeps for private use.
    """
    if text.isprintable() and not _IS_BLANK.search(text):
        return text
    return "".join(char if char.isprintable() and not _IS_BLANK.match(char) else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    number = ord(char)
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def one_line(text: str, limit: int = 160) -> str:
    """Return `text` on one line, cut to `limit` characters: line ends and tabs are spaces, see `visible` for the rest.

    What begins a command of a log is no longer one, wherever the line is wrapped.
    """
    return _cut(_inert(_flat(text, limit)), limit)


def _flat(text: str, limit: int) -> str:
    """Return the beginning of `text` on one line: more than `limit` characters when there is more."""
    flat = _SPACE.sub(" ", text[: 2 * limit + 1000]).strip(" ")
    return visible(flat[: limit + 1])


def _cut(flat: str, limit: int) -> str:
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _inert(line: str) -> str:
    return _COMMAND.sub(lambda m: f"\\x{ord(m[0]):02x}", line)


def terminal(text: str) -> str:
    r"""Return finished lines as a terminal or a log may get them: no control character but the `\n` between them.

    No line is a command to the machine that runs the build.
    """
    return "\n".join(_inert(visible(line)) for line in text.split("\n"))


def say(*lines: str, stream: TextIO | None = None) -> None:
    """Print lines to standard output or `stream`, as `terminal` makes them."""
    for line in lines:
        (stream or sys.stdout).write(terminal(line) + "\n")


def say_json(encoded: bytes) -> None:
    """Print a JSON document to standard output, as `json_bytes` makes it."""
    sys.stdout.write(json_bytes(encoded).decode() + "\n")


class EscapingFilter(logging.Filter):
    """A logging filter that makes messages, exceptions and stack traces fit for a terminal; never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Escape the record in place."""
        record.msg, record.args = terminal(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        if record.exc_text:
            record.exc_text = terminal(record.exc_text)
        if record.stack_info:
            record.stack_info = terminal(record.stack_info)
        return True


# -- GitHub ------------------------------------------------------------------------------------------------------------


def annotation(level: str, title: str, text: str, *, file: str = "") -> str:
    """Return a command of GitHub's runner, everything escaped that would end it early."""
    place = f"file={_property(file, 500)}," if file else ""
    return f"::{level} {place}title={_property(title, 200)}::{_data(text, 500)}"


def _data(text: str, limit: int) -> str:
    # `_flat` left no line end to escape.
    return _cut(_flat(text, limit), limit).replace("%", "%25")


def _property(text: str, limit: int) -> str:
    return _data(text, limit).replace(":", "%3A").replace(",", "%2C")


# -- Markdown ----------------------------------------------------------------------------------------------------------


def code(text: str, limit: int = 160) -> str:
    """Return `text` as a Markdown code span whatever backticks it holds."""
    flat = one_line(text, limit)
    if not flat:
        return "`(empty)`"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def cell(text: str, limit: int = 160) -> str:
    """Return `text` as a code span for a table cell, in which a pipe must be escaped even inside code."""
    # Readers differ in what a backslash before an escaped pipe means, so none stands there.
    return re.sub(r"\\(?=\|)", r"\\x5c", code(text, limit)).replace("|", "\\|")


def prose(text: str, limit: int = 400) -> str:
    """Return `text` so that Markdown shows it as it is: nothing is linked, mentioned, formatted or begins a block."""
    marked = _REFERENCE.sub(lambda m: m[0] + _JOINER, one_line(text, limit))
    marked = _MARKDOWN.sub(r"\\\1", marked)
    return _MARKDOWN_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", marked)


def link(label: str, url: str) -> str:
    """Return a Markdown link; only the label when `url` is not a plain web address."""
    return f"[{prose(label)}](<{url}>)" if web_address(url) else prose(label)


def web_address(url: str) -> str:
    """Return `url` when it is a plain web address, else nothing: no script, no file, no markup."""
    return url if _URL.fullmatch(url) else ""


# -- HTML and JSON -----------------------------------------------------------------------------------------------------


def html(text: str, limit: int = 1000) -> str:
    """Return `text` on one line for HTML, as text or between the quotes of an attribute."""
    return standard.escape(one_line(text, limit), quote=True)


def json_text(text: str) -> str:
    """Return `text` as JSON can hold it: half surrogates, which are no characters, are escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def json_bytes(encoded: bytes) -> bytes:
    """Return a JSON document with escapes for what a terminal would obey or hide; it says the same."""
    if encoded.isascii() and b"\x7f" not in encoded and b"##[" not in encoded:
        return encoded
    return _IN_JSON.sub(_json_escape, encoded.decode("utf-8", "surrogatepass")).encode()


def _json_escape(found: re.Match[str]) -> str:
    char = found[0]
    if char != "[" and char.isprintable() and not _IS_BLANK.match(char):
        return char
    return json.dumps(char)[1:-1] if char not in "[\x7f" else f"\\u{ord(char):04x}"
