"""Reads a page that a page saver turned into Markdown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from wireproof.pages.blocks import Block, Code, Heading, Listing, Paragraph, clean, clean_lines, pipe_table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)$")
_ITEM = re.compile(r"^\s*(?:[*+-]|\d+[.)])\s+(.*)$")
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+[\"'][^\"']*[\"'])?\)")
_SOURCE = re.compile(
    r"^\s*(?:URL Source|Source|url|source|canonical)\s*:\s*[\"']?(https?://\S+?)[\"']?\s*$", re.MULTILINE
)


class Markdown:
    """A page in Markdown: its blocks in order, and the address it was saved from."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.open_fence = 0  # line of a code block that nothing closes; 0: none

    def blocks(self) -> list[Block]:
        """Return the blocks of the page."""
        return list(self._read())

    @property
    def url(self) -> str:
        """The address that the saver noted, or that the anchors of the headings point to; empty when there is none."""
        named = _SOURCE.search(self._text[:4000])
        if named:
            return named[1]
        anchors: Counter[str] = Counter()
        for line in self._text.split("\n"):
            if _HEADING.match(line):
                anchors.update(url.partition("#")[0] for _, url in _LINK.findall(line) if url.startswith("http"))
        return anchors.most_common(1)[0][0] if anchors else ""

    def _read(self) -> Iterator[Block]:
        lines = self._text.split("\n")
        at = 0
        while at < len(lines):
            line = lines[at]
            if not line.strip():
                at += 1
            elif fence := _FENCE.match(line):
                at, code = self._fenced(lines, at, fence[1])
                yield code
            elif heading := _HEADING.match(line):
                yield Heading(len(heading[1]), plain(heading[2]))
                at += 1
            else:
                end = self._end_of_text(lines, at)
                yield from _text_blocks(lines[at:end])
                at = end

    def _fenced(self, lines: list[str], at: int, mark: str) -> tuple[int, Code]:
        body: list[str] = []
        for end in range(at + 1, len(lines)):
            if lines[end].strip().startswith(mark) and not lines[end].strip().strip(mark[0]):
                return end + 1, Code("\n".join(body))
            body.append(lines[end])
        self.open_fence = at + 1
        return len(lines), Code("\n".join(body))

    @staticmethod
    def _end_of_text(lines: list[str], at: int) -> int:
        end = at
        while (
            end < len(lines) and lines[end].strip() and not _FENCE.match(lines[end]) and not _HEADING.match(lines[end])
        ):
            end += 1
        return max(end, at + 1)


def _text_blocks(lines: list[str]) -> Iterator[Block]:
    """Yield the blocks of lines that no empty line parts: a table, a list, a quote or a paragraph."""
    quoted = [re.sub(r"^\s*>\s?", "", line) for line in lines]
    table = pipe_table("\n".join(quoted))
    if table is not None:
        yield type(table)(tuple(map(plain, table.header)), tuple(tuple(map(plain, row)) for row in table.rows))
        return
    if all(_ITEM.match(line) for line in quoted):
        yield Listing(tuple(text for line in quoted if (match := _ITEM.match(line)) and (text := plain(match[1]))))
        return
    raw = "\n".join(_ITEM.sub(r"\1", line) for line in quoted)
    text = clean_lines("\n".join(map(plain, raw.split("\n"))))
    if text:
        bold = re.fullmatch(r"\s*(?:\*\*|__)([^*]+)(?:\*\*|__)\s*(?::|\uff1a)?\s*", raw) is not None
        yield Paragraph(text, bold=bold)


def plain(text: str) -> str:
    """Return Markdown without its marks: links as their words, code and emphasis as their text, escapes undone."""
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w`])`([^`]+)`", r"\1", text).replace("`", "")
    text = re.sub(r"<br\s*/?>", "\n", text)
    return clean(re.sub(r"\\([\\`*_{}\[\]()#+.!<>|~@^$%&-])", r"\1", text))
