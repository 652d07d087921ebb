"""Bytes of a saved page to text: UTF-8, UTF-16 and UTF-32 by their byte order marks, and web archives (MHTML).

Everything else is refused by name: what the file is, and what to save instead.
"""

from __future__ import annotations

import codecs
import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage

EXPECTED = "a saved documentation page: HTML, Markdown or MHTML"

# UTF-32 before UTF-16: its mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"bplist00", "a Safari web archive"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a rich-text document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "a picture or a recording"),
    (b"BM", "a picture (BMP)"),
)
_ARCHIVE = re.compile(rb"\s*(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){1,40}\r?\n")
_MULTIPART = re.compile(rb"^content-type:\s*(?:multipart/|text/html)", re.IGNORECASE | re.MULTILINE)
_MIME = re.compile(rb"^mime-version:", re.IGNORECASE | re.MULTILINE)


class Undecodable(ValueError):  # noqa: N818  # reads as what it says of the bytes
    """Bytes that are no text of a page. The message goes on after the name of the file."""


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a page, and the address that a web archive names for it (empty for other files).

    Raises Undecodable with the words that follow the file's name: "is a PDF file; …".
    """
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _text(data[len(mark) :], codec, name), ""
    for signature, what in _SIGNATURES:
        if data.startswith(signature) and (len(signature) > 2 or b"\0" in data[:4096]):
            raise Undecodable(f"is {what}, not text; expected {EXPECTED}.")
    if b"\0" in data[:4096]:
        raise Undecodable(_about_zeros(data[:4096]))
    if _is_archive(data):
        return _from_archive(data)
    return _text(data, "utf-8", "UTF-8"), ""


def _text(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Undecodable(f"is not {name} text (byte {error.start}); save the page again as UTF-8.") from None


def _about_zeros(start: bytes) -> str:
    """Say what bytes with zeros are: text of two bytes a character has them in every other place only."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 4 and not min(even, odd):
        return "is UTF-16 text without a byte order mark; save the page again as UTF-8."
    return f"is not text; expected {EXPECTED}."


def _is_archive(data: bytes) -> bool:
    head = _ARCHIVE.match(data)
    return head is not None and bool(_MIME.search(head[0])) and bool(_MULTIPART.search(head[0]))


def _from_archive(data: bytes) -> tuple[str, str]:
    """Return the first HTML document of a web archive, and its address."""
    message: EmailMessage = message_from_bytes(data.lstrip(), policy=policy.default)
    boundary = message.get_boundary()
    if boundary and f"--{boundary}--".encode() not in data:
        raise Undecodable("is cut off: the web archive (MHTML) has no end; save the page again.")
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if part is None:
        raise Undecodable("is a web archive (MHTML) without an HTML page; save the page again.")
    body = part.get_payload(decode=True)
    body = body if isinstance(body, bytes) else b""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = body.decode(charset)
    except LookupError:
        raise Undecodable(f"is a web archive (MHTML) in the unknown encoding {charset!r}; save it as UTF-8.") from None
    except UnicodeDecodeError as error:
        raise Undecodable(f"is a web archive (MHTML) that is not {charset} text (byte {error.start}).") from None
    url = str(part["Content-Location"] or message["Snapshot-Content-Location"] or message["Content-Location"] or "")
    return text.removeprefix("\ufeff"), url if url.startswith(("http://", "https://")) else ""
