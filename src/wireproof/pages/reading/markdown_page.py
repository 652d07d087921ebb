"""Reads a page that a page saver turned into Markdown: CommonMark with tables, rendered, then read as HTML is.

Two things depart from CommonMark, because page savers do: a tag that HTML does not know (`<symbol>`) is text, and the
escapes of a saver are undone inside code spans as well.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.common.html_blocks import block_names

from wireproof.pages.reading.html_page import Html
from wireproof.pages.reading.markdown_dialects import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from wireproof.pages.reading.blocks import Block

MAX_NESTING = 100

_SOURCE = re.compile(
    r"^\s*(?:URL Source|Source|url|source|canonical)\s*:\s*[\"']?(https?://\S+?)[\"']?\s*$", re.MULTILINE
)
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)", re.DOTALL)
_TAG = re.compile(r"</?([A-Za-z][\w-]*)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>|~@^$%&-])")
_CLOSING_FENCE = re.compile(r"(?:[ >\t]|[*+-] |\d+[.)] )*(`{3,}|~{3,})[ \t]*$")
# Inline tags of HTML, without those that are placeholders here as well (data, time).
_INLINE_TAGS = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "del", "dfn", "em", "font", "i", "img", "input",
     "ins", "kbd", "label", "mark", "pre", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike",
     "strong", "style", "sub", "sup", "svg", "tt", "u", "var", "wbr"}
)  # fmt: skip
_KNOWN_TAGS = _INLINE_TAGS | frozenset(block_names)


class Markdown:
    """A page in Markdown: its blocks in order, and the address it was saved from."""

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._tokens = _PARSER.parse(plain(_without_front_matter(self._text)))
        self.open_fence = _open_fence(self._tokens, self._text)  # line of a code block that nothing closes; 0: none

    def blocks(self) -> list[Block]:
        """Return the blocks of the page."""
        rendered = _PARSER.renderer.render(self._tokens, _PARSER.options, {})
        return Html(f"<body>{rendered}</body>").blocks()

    @property
    def url(self) -> str:
        """The address that the saver noted, or that the anchors of the headings point to; empty when there is none."""
        named = _SOURCE.search(self._text[:4000])
        if named:
            return named[1]
        anchors: Counter[str] = Counter()
        for before, token in zip(self._tokens, self._tokens[1:], strict=False):
            if before.type == "heading_open":
                links = (str(part.attrs.get("href", "")) for part in token.children or () if part.type == "link_open")
                anchors.update(link.partition("#")[0] for link in links if link.startswith("http"))
        return anchors.most_common(1)[0][0] if anchors else ""


def _without_front_matter(text: str) -> str:
    """Return a text without the saver's notes at its head; lines keep their numbers."""
    found = _FRONT_MATTER.match(text)
    return text if found is None else "\n" * found[0].count("\n") + text[found.end() :]


def _open_fence(tokens: Sequence[Token], text: str) -> int:
    """Return the line of a fence that runs to the end of the text without being closed; 0 for none."""
    fence = next((token for token in reversed(tokens) if token.type == "fence"), None)
    lines = text.rstrip().split("\n")
    if fence is None or fence.map is None or fence.map[1] < len(lines):
        return 0
    start, end = fence.map
    closing = _CLOSING_FENCE.fullmatch(lines[min(end, len(lines)) - 1]) if end - start > 1 else None
    closed = closing is not None and closing[1].startswith(fence.markup)
    return 0 if closed else start + 1


# -- what is rendered otherwise than CommonMark says -------------------------------------------------------------------


def _code_inline(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return "<code>" + escape(_ESCAPE.sub(r"\1", tokens[index].content)) + "</code>"


def _html_inline(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return _known_html(tokens[index].content)


def _html_block(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return _known_html(tokens[index].content)


def _known_html(text: str) -> str:
    """Return HTML as it stands, with tags that HTML does not know as text."""
    return re.sub(r"<[^<>]*>", lambda found: found[0] if _is_known(found[0]) else escape(found[0]), text)


def _is_known(tag: str) -> bool:
    named = _TAG.match(tag)
    return named is None or named[1].lower() in _KNOWN_TAGS


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    for name, rule in (("code_inline", _code_inline), ("html_inline", _html_inline), ("html_block", _html_block)):
        parser.add_render_rule(name, rule)
    return parser


_PARSER = _parser()
