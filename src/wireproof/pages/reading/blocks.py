"""What a documentation page consists of, whatever it was saved as."""

from __future__ import annotations

import re

from msgspec import Struct


class Heading(Struct, frozen=True):
    """A heading, 1 to 6; a bold line that serves as one has level 7."""

    level: int
    text: str


class Paragraph(Struct, frozen=True):
    """Running text with its line breaks; `bold` where all of it is."""

    text: str
    bold: bool = False


class Listing(Struct, frozen=True):
    """A bulleted or numbered list, nested items in line."""

    items: tuple[str, ...]


class Table(Struct, frozen=True):
    """A table: header cells (may be empty) and rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Code(Struct, frozen=True):
    """A code block as shown, line breaks kept."""

    text: str


Block = Heading | Paragraph | Listing | Table | Code

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII punctuation
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")


def clean(text: str) -> str:
    """Return text on one line, without invisible characters and doubled spaces, with punctuation of ordinary width."""
    return " ".join(half_width(_INVISIBLE.sub("", text)).split())


def half_width(text: str) -> str:
    """Return text with ASCII punctuation, letters and digits in place of their full-width forms."""
    return text.translate(_FULL_WIDTH)


def clean_lines(text: str) -> str:
    """Return text with its line breaks, each line cleaned, empty lines dropped."""
    return "\n".join(line for line in map(clean, text.split("\n")) if line)


def pipe_table(text: str) -> Table | None:
    """Return the table that lines with pipes stand for, or None: some tables of the site fail to render."""
    lines = [line for line in text.split("\n") if "|" in line]
    ruler = next((i for i, line in enumerate(lines) if re.fullmatch(r"[\s|:-]*-{2,}[\s|:-]*", line)), None)
    if ruler is None or ruler == 0:
        return None
    width = len(cells(lines[ruler - 1]))
    rows = tuple((*cells(line), *[""] * width)[:width] for line in lines[ruler + 1 :])
    return Table(cells(lines[ruler - 1]), rows)


def cells(line: str) -> tuple[str, ...]:
    r"""Split a line of a pipe table; `\|` is a pipe inside a cell."""
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(clean(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", inner))
